#include "tls.hpp"

#include <utility>

namespace server {

using xnatarchive::Code;
using xnatarchive::Result;
using xnatarchive::Status;

Result<Tls> MakeTls(const std::string& certificate_path, const std::string& key_path) {
  Tls tls(SSL_CTX_new(TLS_server_method()));
  const bool made =
      tls != nullptr && SSL_CTX_set_min_proto_version(tls.get(), TLS1_2_VERSION) == 1 &&
      SSL_CTX_use_certificate_chain_file(tls.get(), certificate_path.c_str()) == 1 &&
      SSL_CTX_use_PrivateKey_file(tls.get(), key_path.c_str(), SSL_FILETYPE_PEM) == 1 &&
      SSL_CTX_check_private_key(tls.get()) == 1;
  if (!made) {
    return Status(Code::kInvalidArgument, "tls.bad-certificate",
                  "the certificate or its key can not be read, or they do not belong together");
  }
  // A write that has to wait is tried again with what is left of it.
  SSL_CTX_set_mode(tls.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(tls.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  return tls;
}

}  // namespace server
