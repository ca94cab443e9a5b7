// progress.cc - how far a job is, in the two forms XNAT has for that.
#include <string>
#include <utility>

#include "base/status_macros.hpp"
#include "rest/json.hpp"
#include "rest/response.hpp"
#include "rest/routes.hpp"

namespace xnatarchive {
namespace {

/// XNAT's two words for where one session of a job stands.
struct Words {
  const char* status;  ///< Of status/{id}.
  const char* event;   ///< Of event_tracking.
};

Words WordsOf(JobState state) {
  switch (state) {
    case JobState::kQueued:
      return {"QUEUED", "Waiting"};
    case JobState::kRunning:
      return {"PROCESSING", "InProgress"};
    case JobState::kDone:
      return {"COMPLETED", "Completed"};
    case JobState::kFailed:
    case JobState::kCancelled:
      break;
  }
  return {"FAILED", "Failed"};
}

std::string MessageOf(const JobItem& item) {
  if (item.state == JobState::kDone) return "Archive:" + item.uri;
  if (item.status.ok()) return item.src;
  return item.src + ": " + std::string(item.status.reason()) + ": " +
         std::string(item.status.message());
}

/// "Archive:URI;URI" of those that were archived.
std::string FinalMessage(const Job& job) {
  std::string uris;
  for (const JobItem& item : job.items) {
    if (item.state == JobState::kDone) uris += (uris.empty() ? "Archive:" : ";") + item.uri;
  }
  return uris;
}

std::int64_t TimeOf(const Job& job, const JobItem& item) {
  if (item.ended_ms != 0) return item.ended_ms;
  return item.started_ms != 0 ? item.started_ms : job.created_ms;
}

/// {"entryList":[{"status":...,"eventTime":...,"message":...}]}, one entry for each session.
Json PayloadOf(const Job& job) {
  Json entries = Json::array();
  for (const JobItem& item : job.items) {
    entries.push_back({{"status", WordsOf(item.state).event},
                       {"eventTime", TimeOf(job, item)},
                       {"message", MessageOf(item)}});
  }
  return {{"entryList", std::move(entries)}};
}

Result<RestResponse> GetStatus(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(const Job job, call.engine.FindJob(call.Path("job"), call.call));
  Json messages = Json::array();
  for (const JobItem& item : job.items) {
    messages.push_back({{"status", WordsOf(item.state).status}, {"msg", MessageOf(item)}});
  }
  return TextResponse(kJsonType, JsonText({{"msgs", Json::array({std::move(messages)})}}));
}

Result<RestResponse> GetEvents(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(const Job job, call.engine.FindJob(call.Path("job"), call.call));
  Json json = {{"key", job.id},          {"payload", JsonText(PayloadOf(job))},
               {"succeeded", nullptr},   {"finalMessage", nullptr},
               {"done", job.items_done}, {"total", job.items_total}};
  // Of the sessions that are being archived now.
  std::uint64_t files_done = 0;
  std::uint64_t files_total = 0;
  for (const JobItem& item : job.items) {
    if (item.state != JobState::kRunning) continue;
    files_done += item.files_done;
    files_total += item.files_total;
  }
  json["filesDone"] = files_done;
  json["filesTotal"] = files_total;
  if (HasEnded(job.state)) {
    json["succeeded"] = job.state == JobState::kDone;
    json["finalMessage"] = FinalMessage(job);
  }
  return TextResponse(kJsonType, JsonText(json));
}

Result<RestResponse> GetPayload(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(const Job job, call.engine.FindJob(call.Path("job"), call.call));
  return TextResponse(kJsonType, JsonText(PayloadOf(job)));
}

}  // namespace

std::vector<Route> ProgressRoutes() {
  return {
      {"GET", "data/status/{job}", GetStatus, RouteAnswer::kJson,
       "Says how far each session of a job is."},
      {"GET", "xapi/event_tracking/{job}", GetEvents, RouteAnswer::kJson,
       "Says how far a job is, and how it ended."},
      {"GET", "xapi/event_tracking/{job}/payload", GetPayload, RouteAnswer::kJson,
       "Gives the messages of a job."},
  };
}

}  // namespace xnatarchive
