#include "monitor.hpp"

#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "failure.hpp"

namespace server {
namespace {

using xnatarchive::CallOptions;
using xnatarchive::Code;
using xnatarchive::RestResponse;
using xnatarchive::Status;

CallOptions Asking() {
  CallOptions call;
  call.user = kServerUser;
  call.origin = "monitor";
  return call;
}

std::uint64_t DiskFree(const std::string& root) {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(root, error);
  return error ? 0 : space.available;
}

RestResponse Plain(std::string text) {
  RestResponse response;
  response.headers = {{"Content-Type", "text/plain;charset=UTF-8"}};
  response.text = std::move(text);
  return response;
}

void AddByState(const char* name, const std::map<std::string, std::int64_t>& counts, Gauges* to) {
  for (const auto& [state, count] : counts) {
    to->push_back({{name, "state=\"" + state + "\""}, count});
  }
}

}  // namespace

RestResponse Monitor::Health() const {
  const auto setting = engine_.Setting("site_id", {}, Asking());
  if (!setting.ok()) {
    return Failure(503, Status(Code::kIo, "health.engine", "the archive does not answer"));
  }
  if (DiskFree(root_) < disk_free_min_) {
    return Failure(503, Status(Code::kNoSpace, "health.disk", "the disk is almost full"));
  }
  return Plain("ok\n");
}

RestResponse Monitor::Measure() const {
  Gauges gauges = {
      {{"process_resident_memory_bytes", ""}, static_cast<std::int64_t>(ResidentBytes())},
      {{"xnatarchive_disk_free_bytes", ""}, static_cast<std::int64_t>(DiskFree(root_))},
      {{"xnatarchive_http_connections", ""}, static_cast<std::int64_t>(connections())},
      {{"xnatarchive_signed_in", ""},
       static_cast<std::int64_t>(sessions_.Count(std::chrono::steady_clock::now()))},
  };
  std::map<std::string, std::int64_t> waiting;
  const auto sessions = engine_.PrearchiveSessions({}, Asking());
  if (sessions.ok()) {
    for (const auto& session : *sessions) {
      ++waiting[std::string(xnatarchive::PrearchiveStateName(session.state))];
    }
  }
  AddByState("xnatarchive_prearchive_sessions", waiting, &gauges);
  std::map<std::string, std::int64_t> jobs;
  const auto all = engine_.Jobs(Asking());
  if (all.ok()) {
    for (const auto& job : *all) ++jobs[std::string(xnatarchive::JobStateName(job.state))];
  }
  AddByState("xnatarchive_jobs", jobs, &gauges);
  RestResponse response = Plain(metrics_.Text(gauges));
  response.headers[0].second = "text/plain; version=0.0.4; charset=utf-8";
  return response;
}

}  // namespace server
