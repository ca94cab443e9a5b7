// tls.hpp - a certificate and its key, ready for connections.
#ifndef XNATARCHIVE_SERVER_TLS_HPP_
#define XNATARCHIVE_SERVER_TLS_HPP_

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "xnatarchive/status.hpp"

namespace server {

struct FreeTls {
  void operator()(SSL_CTX* tls) const { SSL_CTX_free(tls); }
};
using Tls = std::unique_ptr<SSL_CTX, FreeTls>;

/// TLS 1.2 and later, with a PEM certificate, or chain of them, and its PEM key. kInvalidArgument
/// "tls.bad-certificate" when one of them can not be read or they do not belong together.
xnatarchive::Result<Tls> MakeTls(const std::string& certificate_path, const std::string& key_path);

}  // namespace server

#endif  // XNATARCHIVE_SERVER_TLS_HPP_
