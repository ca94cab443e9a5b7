// The calls about jobs that archive later.
#include "requests.hpp"
#include "tables.hpp"

namespace xnatarchive::capi {
namespace {

/// More sessions than a job can have.
constexpr std::size_t kRequestsMax = 1 << 20;

Status ReadRequests(const xna_archive_request* const* from, std::size_t count,
                    std::vector<ArchiveRequest>* to) {
  if (count > kRequestsMax) {
    return Status(Code::kInvalidArgument, "capi.too-many", "there are too many requests");
  }
  if (from == nullptr && count > 0) return NullArgument("requests");
  for (std::size_t i = 0; i < count; ++i) {
    ArchiveInput input(from[i]);
    if (!input.status.ok()) return input.status;
    to->push_back(std::move(input.request));
  }
  return Status();
}

/// The job's ID.
Status ReadId(const char* text, std::string* id) { return ReadRequiredName(text, "id", id); }

}  // namespace
}  // namespace xnatarchive::capi

using namespace xnatarchive;
using namespace xnatarchive::capi;

xna_status xna_engine_submit(xna_engine* engine, const xna_archive_request* const* requests,
                             size_t request_count, const xna_call_options* call, xna_text** out_id,
                             xna_error** out_error) {
  return CallEngine(engine, call, Access::kChanges, ClearOut(out_id), out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      std::vector<ArchiveRequest> made;
                      Status status = ReadRequests(requests, request_count, &made);
                      if (!status.ok()) return status;
                      return Store(archive.Submit(made, options), out_id);
                    });
}

xna_status xna_engine_job(xna_engine* engine, const char* id, const xna_call_options* call,
                          xna_report** out_report, xna_error** out_error) {
  ClearOut(out_report);
  return CallEngine(engine, call, Access::kReads, true, out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      std::string job;
                      Status status = ReadId(id, &job);
                      if (!status.ok()) return status;
                      return Store(archive.FindJob(job, options), out_report);
                    });
}

xna_status xna_engine_jobs(xna_engine* engine, const xna_call_options* call,
                           xna_listing** out_listing, xna_error** out_error) {
  return CallEngine(engine, call, Access::kReads, ClearOut(out_listing), out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      auto jobs = archive.Jobs(options);
                      if (!jobs.ok()) return std::move(jobs).status();
                      return Store(Result<Table>(JobTable(*jobs)), out_listing);
                    });
}

xna_status xna_engine_wait_for_job(xna_engine* engine, const char* id, int64_t timeout_ms,
                                   const xna_call_options* call, xna_report** out_report,
                                   xna_error** out_error) {
  ClearOut(out_report);
  return CallEngine(engine, call, Access::kReads, true, out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      std::string job;
                      Status status = ReadId(id, &job);
                      if (!status.ok()) return status;
                      return Store(archive.WaitForJob(job, timeout_ms, options), out_report);
                    });
}

xna_status xna_engine_cancel_job(xna_engine* engine, const char* id, const xna_call_options* call,
                                 xna_error** out_error) {
  return CallEngine(engine, call, Access::kChanges, true, out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      std::string job;
                      Status status = ReadId(id, &job);
                      return status.ok() ? archive.CancelJob(job, options) : status;
                    });
}

xna_status xna_engine_run_job(xna_engine* engine, const xna_call_options* call, int32_t* out_found,
                              xna_error** out_error) {
  if (out_found != nullptr) *out_found = 0;
  return CallEngine(engine, call, Access::kChanges, true, out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      const Result<bool> found = archive.RunOneJobItem(options);
                      if (!found.ok()) return found.status();
                      if (out_found != nullptr) *out_found = *found ? 1 : 0;
                      return Status();
                    });
}
