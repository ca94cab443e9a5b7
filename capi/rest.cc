// What stands behind xna_rest and xna_response.
#include "xnatarchive/rest_service.hpp"

#include <algorithm>
#include <limits>
#include <type_traits>

#include "requests.hpp"

namespace xnatarchive::capi {

/// A service, and the engine it answers from.
class Rest {
 public:
  Rest(std::shared_ptr<const Engine> its_engine, RestOptions options)
      : engine(std::move(its_engine)), service(engine->archive(), std::move(options)) {}

  const std::shared_ptr<const Engine> engine;
  const RestService service;
};

/// A response, and the service it came from.
class Response : public Scoped {
 public:
  Response(std::shared_ptr<const Rest> its_rest, RestResponse response)
      : Scoped(std::make_shared<Scope>()), rest(std::move(its_rest)), answer(std::move(response)) {}

  const std::shared_ptr<const Rest> rest;  // behind the answer's stream
  const RestResponse answer;
  bool written = false;
};

namespace {

/// xna_rest_request; the callbacks are taken over.
struct RestInput {
  explicit RestInput(const xna_rest_request* given) : status(Read(given)) {
    IgnoreError(status, kToldLater);
  }

  RestRequest For(const std::shared_ptr<const Engine>& engine, const CallOptions& call) const;

  RestRequest request;
  BytesInput body;
  Status status;

 private:
  Status Read(const xna_rest_request* given);
};

Status ReadHeaders(const xna_rest_request& given,
                   std::vector<std::pair<std::string, std::string>>* headers) {
  constexpr std::size_t kHeadersMax = 10000;
  if (given.header_count > kHeadersMax) {
    return Status(Code::kInvalidArgument, "capi.too-many", "there are too many headers");
  }
  if (given.headers == nullptr && given.header_count > 0) return NullArgument("headers");
  for (std::size_t i = 0; i < given.header_count; ++i) {
    headers->emplace_back(TextOr(given.headers[2 * i], ""), TextOr(given.headers[2 * i + 1], ""));
  }
  return Status();
}

Status RestInput::Read(const xna_rest_request* from) {
  if (from == nullptr) return NullArgument("request");
  xna_rest_request given;
  Status read = ReadStruct(from, 0, &given);
  if (!read.ok()) return read;
  read = body.Take(given.body, given.body_size, given.input);
  if (read.ok()) read = ReadRequiredName(given.method, "method", &request.method);
  if (read.ok()) read = ReadRequiredName(given.path, "path", &request.path);
  if (read.ok()) read = ReadName(given.query, "query", &request.query);
  if (read.ok()) read = ReadHeaders(given, &request.headers);
  if (read.ok() && body.count() > 1) {
    return Status(Code::kInvalidArgument, "capi.one-input", "expected one of body and input");
  }
  return read;
}

RestRequest RestInput::For(const std::shared_ptr<const Engine>& engine,
                           const CallOptions& call) const {
  RestRequest made = request;
  made.body = body.Stream(engine);
  made.user = call.user;
  made.origin = call.origin;
  made.progress = call.progress;
  return made;
}

/// What the host has set of the limits.
void ReadLimits(const xna_rest_options& given, RestLimits* limits) {
  const auto set = [](std::uint64_t value, auto* limit) {
    using Limit = std::remove_pointer_t<decltype(limit)>;
    constexpr std::uint64_t kMax = std::numeric_limits<Limit>::max();
    if (value != 0) *limit = static_cast<Limit>(std::min(value, kMax));
  };
  set(given.target_bytes_max, &limits->target_bytes_max);
  set(given.header_bytes_max, &limits->header_bytes_max);
  set(given.form_bytes_max, &limits->form_bytes_max);
  set(given.parameters_max, &limits->parameters_max);
  set(given.part_header_bytes_max, &limits->part_header_bytes_max);
  set(given.cached_file_bytes_max, &limits->cached_file_bytes_max);
}

Table RouteTable(const std::vector<RestRoute>& routes) {
  Table table;
  table.columns = {"method", "path"};
  for (const RestRoute& route : routes) table.rows.push_back({route.method, route.path});
  return table;
}

Status WriteBody(const Response& response, const SharedCallbacks<xna_output>& output) {
  const OutputStream to = OutputTo(output, response.rest->engine);
  const RestResponse& answer = response.answer;
  if (answer.stream) return answer.stream(to);
  return answer.text.empty() ? Status() : to(answer.text);
}

}  // namespace
}  // namespace xnatarchive::capi

using namespace xnatarchive;
using namespace xnatarchive::capi;

xna_status xna_rest_create(xna_engine* engine, const xna_rest_options* options, xna_rest** out_rest,
                           xna_error** out_error) {
  const bool complete = ClearOut(out_rest);
  return Guard(out_error, [&] {
    if (!complete) return NullArgument("out_rest");
    std::shared_ptr<const Engine> found = Find(engine);
    if (found == nullptr) return BadHandle("engine");
    xna_rest_options given;
    RestOptions made;
    Status status = ReadStruct(options, 0, &given);
    if (status.ok()) status = ReadName(given.site_url, "site_url", &made.site_url);
    if (status.ok()) status = ReadName(given.user_cache, "user_cache", &made.user_cache);
    if (!status.ok()) return status;
    made.wait_ms = given.wait_ms;
    ReadLimits(given, &made.limits);
    *out_rest = Add<xna_rest>(std::make_shared<Rest>(std::move(found), std::move(made)));
    return status;
  });
}

xna_status xna_rest_routes(xna_listing** out_listing, xna_error** out_error) {
  const bool complete = ClearOut(out_listing);
  return Guard(out_error, [&]() -> Status {
    if (!complete) return NullArgument("out_listing");
    return Store(Result<Table>(RouteTable(RestService::Routes())), out_listing);
  });
}

void xna_rest_free(xna_rest* rest) { Take(rest); }

xna_status xna_rest_handle(xna_rest* rest, const xna_rest_request* request,
                           const xna_call_options* call, xna_response** out_response,
                           xna_error** out_error) {
  const bool complete = ClearOut(out_response);
  return Guard(out_error, [&] {
    Frame::SetHostStatus(0);
    const RestInput input(request);
    const Call caller(call);
    if (!complete) return NullArgument("out_response");
    const std::shared_ptr<const Rest> found = Find(rest);
    if (found == nullptr) return BadHandle("REST service");
    if (!input.status.ok()) return input.status;
    if (!caller.status().ok()) return caller.status();
    Status status = Frame::CheckMayCall(*found->engine, Access::kChanges);
    if (!status.ok()) return status;
    RestResponse answer =
        found->service.Handle(input.For(found->engine, caller.For(found->engine)));
    *out_response = Add<xna_response>(std::make_shared<Response>(found, std::move(answer)));
    return status;
  });
}

void xna_response_free(xna_response* response) { Take(response); }

int32_t xna_response_status(const xna_response* response) {
  const Using found(response);
  return found ? found->answer.status : 0;
}

size_t xna_response_header_count(const xna_response* response) {
  const Using found(response);
  return found ? found->answer.headers.size() : 0;
}

const char* xna_response_header_name(const xna_response* response, size_t index) {
  const Using found(response);
  if (!found || index >= found->answer.headers.size()) return nullptr;
  return found->answer.headers[index].first.c_str();
}

const char* xna_response_header_value(const xna_response* response, size_t index) {
  const Using found(response);
  if (!found || index >= found->answer.headers.size()) return nullptr;
  return found->answer.headers[index].second.c_str();
}

int64_t xna_response_body_size(const xna_response* response) {
  const Using found(response);
  if (!found) return -1;
  const RestResponse& answer = found->answer;
  if (!answer.stream) return static_cast<int64_t>(answer.text.size());
  return answer.stream_bytes ? static_cast<int64_t>(*answer.stream_bytes) : -1;
}

xna_status xna_response_write(xna_response* response, const xna_output* output,
                              xna_error** out_error) {
  return Guard(out_error, [&] {
    SharedCallbacks<xna_output> taken;
    Status status = TakeOver(output, &xna_output::write, "output", &taken);
    std::shared_ptr<const Response> found;  // whose lock is let go while the host's function runs
    {
      const Using use(response);
      if (!use) return BadHandle("response");
      if (!status.ok()) return status;
      if (taken == nullptr) return NullArgument("output");
      if (use->written) {
        return Status(Code::kUnsupported, "response.written", "the body was written already");
      }
      use->written = true;
      found = use.shared();
    }
    return WriteBody(*found, taken);
  });
}
