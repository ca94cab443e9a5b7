// route.hpp - which function answers which path, as a table.
#ifndef XNATARCHIVE_REST_ROUTE_HPP_
#define XNATARCHIVE_REST_ROUTE_HPP_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rest/parameters.hpp"
#include "xnatarchive/rest_service.hpp"

namespace xnatarchive {

class UserCache;

/// One request on its way through a handler.
struct RestCall {
  ArchiveEngine& engine;
  const UserCache& user_cache;
  const RestOptions& options;
  const RestRequest& request;
  CallOptions call;  ///< Of every call of the engine.
  /// What stands where the pattern has {name}, decoded.
  std::map<std::string, std::string, std::less<>> path;
  /// A form's fields, when the route takes one, and after them the query's.
  Parameters parameters;

  /// The decoded value, or "" where an optional part of the pattern was left out.
  const std::string& Path(std::string_view name) const;
};

using RestHandler = Result<RestResponse> (*)(RestCall& call);

/// What a route takes as body. A form is read into the parameters before the handler is called;
/// everything else the handler reads.
enum class RouteBody { kNone, kForm, kFormOrFields, kUris, kUpload };

/// What a route answers when it succeeds; openapi.cc says what each is.
enum class RouteAnswer {
  kNothing,
  kGreeting,
  kText,
  kUriList,
  kJson,
  kXml,
  kItems,
  kScan,
  kTable,
  kArchived,
  kCommitted,
  kCreated,
  kPlan,
  kFile,
  kFiles,
  kSession,
  kWaitingSession,
};

/// Segments of a pattern are words, {name} for any value, and last {name...} for all that is left
/// ("a/b"). Parts in brackets may be left out: "data/[archive/]projects/{project}". "data" stands
/// for "REST" too.
struct Route {
  std::string_view method;
  std::string pattern;
  RestHandler handler;
  RouteAnswer answer;
  std::string_view summary;          ///< What it does, in one line.
  std::string_view parameters = "";  ///< Names, space separated, without those that the answer has.
  RouteBody body = RouteBody::kNone;
};

/// The decoded segments of a path as it was sent.
///
/// kInvalidArgument "rest.bad-path" for one that does not begin with '/', a broken escape, and a
/// segment that, decoded once or twice, holds a '/' or '\\', is ".", "..", or empty (but for the
/// last, which is left out), is not UTF-8 or has control characters: nothing that a later decoding
/// could make dangerous passes.
Result<std::vector<std::string>> SplitPath(std::string_view path);

/// The pattern with and without each of its optional parts, the longest first.
std::vector<std::string> WriteOut(const std::string& pattern);

/// All routes, with their optional parts written out.
class RouteTable {
 public:
  explicit RouteTable(const std::vector<Route>& routes);

  struct Match {
    const Route* route = nullptr;
    std::map<std::string, std::string, std::less<>> path;
  };
  /// A route with more words before its first value goes before one with fewer. kNotFound
  /// "rest.no-route"; kInvalidArgument "rest.bad-method" when only the method is another, which
  /// `allowed` then has, comma separated.
  Result<Match> Find(std::string_view method, const std::vector<std::string>& segments,
                     std::string* allowed) const;

 private:
  struct Compiled {
    Route route;
    std::vector<std::string> segments;
  };
  std::vector<Compiled> routes_;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_REST_ROUTE_HPP_
