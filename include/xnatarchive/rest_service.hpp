// rest_service.hpp - XNAT's REST interface as values: a request in, a response out.
//
// What XNAT's clients send and expect (xnatpy, pyxnat, xnatctl, XNAT's own pages, curl) is answered
// from an ArchiveEngine. There are no sockets and no threads here: a host that has an HTTP server
// gives each request to Handle and sends what it returns. Whoever asks was authenticated by the
// host; what they may do, the engine's AccessPolicy says. Sign-in, sessions, cookies and
// cross-site tokens are the host's, and so are the routes for them (/data/JSESSION,
// /data/services/auth).
//
// Where XNAT answers wrongly, the right status is given: a conflict is 409, not 500; what is locked
// is 423, not 200 or 403.
#ifndef XNATARCHIVE_REST_SERVICE_HPP_
#define XNATARCHIVE_REST_SERVICE_HPP_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "xnatarchive/archive_engine.hpp"
#include "xnatarchive/byte_stream.hpp"
#include "xnatarchive/file_system.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// One HTTP request, as it came in.
struct RestRequest {
  std::string method;  ///< "GET", in capitals. HEAD is answered as GET, without the body.
  std::string path;    ///< As it was sent, percent-encoded, without query: "/data/projects/P".
  std::string query;   ///< As it was sent, without '?'.
  std::vector<std::pair<std::string, std::string>> headers;  ///< Names in any case.
  /// The body's bytes, without transfer encoding; empty when there is none. It is read at most
  /// once, on the thread that called Handle, and not at all when the request is refused. A sender
  /// that is gone is a failure of it (kCancelled is answered as 499): nothing is received then.
  InputStream body;
  std::string user;    ///< Who asks, authenticated by the host; empty: nobody in particular.
  std::string origin;  ///< From where, for the audit trail.
  /// As CallOptions::progress: how far an import or archiving is; false cancels it.
  std::function<bool(const Progress&)> progress;
};

/// What is sent back.
struct RestResponse {
  int status = 200;
  /// Among them Content-Type when there is a body; never Content-Length.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string text;  ///< The body, unless `stream` is there.
  /// Writes the body, on the calling thread, once. A failure means that it is not whole: end the
  /// connection without its last chunk. It holds on to nothing of the request, and is called, or
  /// dropped, before the service is destroyed.
  std::function<Status(const OutputStream&)> stream;
  /// Bytes that `stream` will write, if that is known.
  std::optional<std::uint64_t> stream_bytes;
};

/// One method of one path that is served.
struct RestRoute {
  std::string method;  ///< GET stands for HEAD too.
  /// "/data/projects/{project}": {name} is any value, a last {name...} all that is left ("a/b").
  /// Below /data is the same as below /REST.
  std::string path;
};

/// How much of a request is held in memory. Uploads are streamed; an import is limited by
/// EngineOptions::container_limits alone.
struct RestLimits {
  std::size_t target_bytes_max = 64u << 10;       ///< Path and query; above: 414.
  std::size_t header_bytes_max = 64u << 10;       ///< All names and values; above: 431.
  std::size_t form_bytes_max = 4u << 20;          ///< A form or JSON body, or a field; above: 413.
  std::size_t parameters_max = 10000;             ///< Above: 400 "rest.too-many-parameters".
  std::size_t part_header_bytes_max = 16u << 10;  ///< Headers of one part; above: 400.
  /// A file of the user cache; above: 413. It is on disk, not in memory.
  std::uint64_t cached_file_bytes_max = std::uint64_t{1} << 40;
};

/// How the service names itself, and the most it takes of one request.
struct RestOptions {
  /// Begins the Location of a redirect, such as "https://archive.example.org". Empty: Locations are
  /// paths, which is right for whoever reaches the host under any name.
  std::string site_url;
  /// How long a call waits for whoever works on the same session; after that 423.
  std::int64_t wait_ms = 0;
  RestLimits limits;
  /// Directory of XNAT's user cache (/data/user/cache): what users upload first, and then name as
  /// src of an import, as XNAT's upload pages do. It is made when somebody first writes, its parent
  /// has to be there, and nothing else may be in it; processes may share it. Each user reaches only
  /// what is his own. What has been in it for seven days is removed when somebody next writes, at
  /// most once an hour.
  /// Empty: there is none, and 501 "rest.no-user-cache".
  std::string user_cache;
  FileSystem* file_system = nullptr;  ///< What it is on. Not owned; null: PosixFileSystem().
};

/// Answers XNAT's REST requests from one engine.
///
/// What fails is answered with a status of 400 or above, the reason slug of the Status in the
/// header X-Reason, and as body one line of text, "REASON: MESSAGE", or an object of "code",
/// "reason", "message", "path" and "diskState" when format=json, in query or form, or else the
/// first type of Accept asks for JSON.
///
/// A request that fails has changed nothing, but for what a session's state and log tell of it,
/// unless the header X-Disk-State says otherwise: with a word of DiskState (status.hpp), or
/// "partial": a part of what was asked for is done and durable. The message says which, and in JSON
/// "done" has the URIs: of an upload that was received and then could not be archived or built, of
/// waiting sessions that were deleted, built or moved before another could not be, of catalogs that
/// were refreshed. What can be refused is refused before the first of several is touched: for each
/// it is looked whether it is there, may be treated so (403) and is in nobody's hands (423).
///
///   400  the request is malformed, or the upload can not be read as what it claims to be
///   403  access.denied
///   404  what the URI names is not there; rest.no-route
///   405  rest.bad-method, with Allow
///   409  conflict, or the name is taken
///   413, 414, 415, 431  a body, target, content type or header that is not taken
///   416  rest.bad-range
///   423  somebody else works on the session
///   499  cancelled by the host or its sender
///   500  the disk or a strategy of the host failed, or what is archived is damaged
///   501  valid, and not done by this version or host: XNAT's user cache, without
///        RestOptions::user_cache; an XML path of a subject that is not its label
///   503  recovery is needed first, or memory ran out
///   507  the disk is full
///
/// Threads:   as ArchiveEngine: Handle may be called from any thread at any time.
/// Ownership: the engine outlives the service.
class RestService {
 public:
  /// Serves what `engine` has; does nothing else yet.
  RestService(ArchiveEngine& engine, RestOptions options);
  ~RestService();
  RestService(const RestService&) = delete;
  RestService& operator=(const RestService&) = delete;

  /// All that is served, every form of a path by itself: what a host has to think of when it says
  /// who may do what. GET /xapi/openapi.json describes the same in OpenAPI 3.0.
  static std::vector<RestRoute> Routes();

  /// Answers one request. Throws nothing. Blocks until the work is done, except that archiving
  /// several sessions at once is a job: the answer, with its ID in the header X-Job, comes at once,
  /// and the engine's job workers do it. An import of what is in the user cache blocks, too, with
  /// XNAT's http-session-listener as well, where XNAT answers at once: nothing here has a thread.
  RestResponse Handle(const RestRequest& request) const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_REST_SERVICE_HPP_
