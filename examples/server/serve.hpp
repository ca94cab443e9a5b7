// serve.hpp - the server as a whole: opens, serves until it is told to stop, closes.
#ifndef XNATARCHIVE_SERVER_SERVE_HPP_
#define XNATARCHIVE_SERVER_SERVE_HPP_

#include "options.hpp"
#include "xnatarchive/status.hpp"

namespace server {

/// Opens the root (which recovers what died there), listens, prints where, and serves.
///
/// SIGTERM and SIGINT stop it: no new requests; those that are being answered are, for stop_wait
/// seconds or until a second signal, and are cancelled then; OK. SIGHUP reads the users file again,
/// keeping the users there were when it is bad, and opens the log anew. Blocks these signals in
/// every thread of the process, for good.
xnatarchive::Status Serve(const Options& options);

}  // namespace server

#endif  // XNATARCHIVE_SERVER_SERVE_HPP_
