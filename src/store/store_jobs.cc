// store_jobs.cc - Store: the job queue.
#include <utility>

#include "base/time.hpp"
#include "store/connection.hpp"
#include "store/next_number.hpp"

namespace xnatarchive {
namespace {

const std::string& SelectJobs() {
  static const std::string query = "SELECT " + ColumnList<JobRow>() + " FROM jobs ";
  return query;
}

const std::string& SelectItems() {
  static const std::string query = "SELECT " + ColumnList<JobItemRow>() + " FROM job_items ";
  return query;
}

Status Changed() {
  return Status(Code::kConflict, "job.changed",
                "the item of the job is no longer in the hands of this worker");
}

/// Writes the whole row over a running one of the same owner.
Status Replace(soci::session& sql, JobItemRow row, const std::string& owner) {
  static const std::string query = "UPDATE job_items SET " + AssignmentList<JobItemRow>() +
                                   " WHERE job_id = :same_job AND item = :same_item AND "
                                   "status = 'running' AND owner = :same_owner";
  return Execute(sql, query, row, row.job, row.number, owner) == 1 ? Status() : Changed();
}

}  // namespace

Result<std::int64_t> Store::AddJob(const JobRow& job, const std::vector<JobItemRow>& items) {
  static const std::string insert_job =
      "INSERT INTO jobs (" + ColumnList<JobRow>() + ") VALUES (" + ColumnList<JobRow>(":") + ")";
  static const std::string insert_item = "INSERT INTO job_items (" + ColumnList<JobItemRow>() +
                                         ") VALUES (" + ColumnList<JobItemRow>(":") + ")";
  return connection_->Write([&](soci::session& sql) -> Result<std::int64_t> {
    JobRow row = job;
    row.id = NextNumber(sql, "job");
    row.created_ms = NowMs();
    Execute(sql, insert_job, row);
    std::int64_t number = 0;
    for (JobItemRow item : items) {
      item.job = row.id;
      item.number = ++number;
      Execute(sql, insert_item, item);
    }
    return row.id;
  });
}

Result<std::optional<JobRow>> Store::FindJob(std::int64_t id) {
  return connection_->Read([&](soci::session& sql) -> Result<std::optional<JobRow>> {
    return SelectOne<JobRow>(sql, SelectJobs() + "WHERE id = :id", id);
  });
}

Result<std::vector<JobRow>> Store::ListJobs() {
  return connection_->Read([&](soci::session& sql) -> Result<std::vector<JobRow>> {
    return Select<JobRow>(sql, SelectJobs() + "ORDER BY id DESC");
  });
}

Result<std::vector<JobItemRow>> Store::ListJobItems(const std::optional<std::int64_t>& job) {
  return connection_->Read([&](soci::session& sql) -> Result<std::vector<JobItemRow>> {
    if (!job) return Select<JobItemRow>(sql, SelectItems() + "ORDER BY job_id, item");
    return Select<JobItemRow>(sql, SelectItems() + "WHERE job_id = :job ORDER BY item", *job);
  });
}

Result<std::vector<JobItemRow>> Store::ListRunningJobItems() {
  return connection_->Read([&](soci::session& sql) -> Result<std::vector<JobItemRow>> {
    return Select<JobItemRow>(sql,
                              SelectItems() + "WHERE status = 'running' ORDER BY job_id, item");
  });
}

namespace {

bool HasQueued(soci::session& sql) {
  return SelectOne<std::int64_t>(sql,
                                 "SELECT job_id FROM job_items WHERE status = 'queued' LIMIT 1")
      .has_value();
}

}  // namespace

Result<bool> Store::HasQueuedJobItem() {
  return connection_->Read([&](soci::session& sql) -> Result<bool> { return HasQueued(sql); });
}

Result<std::vector<QueuedSource>> Store::ListQueuedSources(const std::string& part) {
  static const std::string query =
      "SELECT job_items.src, jobs.created FROM job_items JOIN jobs ON jobs.id = job_items.job_id "
      "WHERE job_items.status = 'queued' AND jobs.cancel_requested = '0' AND "
      "job_items.src LIKE '%' || :part || '%' ORDER BY jobs.id";
  return connection_->Read([&](soci::session& sql) -> Result<std::vector<QueuedSource>> {
    if (!HasQueued(sql)) return std::vector<QueuedSource>();  // asked by every listing
    return Select<QueuedSource>(sql, query, part);
  });
}

Result<std::optional<JobItemRow>> Store::TakeJobItem(const std::string& owner) {
  return connection_->Write([&](soci::session& sql) -> Result<std::optional<JobItemRow>> {
    for (;;) {
      auto item = SelectOne<JobItemRow>(
          sql, SelectItems() + "WHERE status = 'queued' ORDER BY job_id, item LIMIT 1");
      if (!item) return item;
      item->state = JobState::kRunning;
      item->owner = owner;
      if (item->started_ms == 0) {
        item->started_ms = NowMs();
        item->audit_mark =
            SelectOne<std::int64_t>(sql, "SELECT last_number FROM sequences WHERE name = 'audit'")
                .value_or(0);
      }
      // No change: another process was faster. There is a next one, or none.
      if (Execute(sql,
                  "UPDATE job_items SET status = :status, owner = :owner, started = :started, "
                  "audit_mark = :mark WHERE job_id = :job AND item = :item AND status = 'queued'",
                  item->state, item->owner, item->started_ms, item->audit_mark, item->job,
                  item->number) == 1) {
        return item;
      }
    }
  });
}

Result<bool> Store::NoteJobProgress(const JobItemRow& item) {
  return connection_->Write([&](soci::session& sql) -> Result<bool> {
    Execute(sql,
            "UPDATE job_items SET files_done = :done, files_total = :total WHERE job_id = :job AND "
            "item = :item AND status = 'running' AND owner = :owner AND "
            "(files_done <> :other_done OR files_total <> :other_total)",  // else no disk is needed
            item.files_done, item.files_total, item.job, item.number, item.owner, item.files_done,
            item.files_total);
    return SelectOne<bool>(sql, "SELECT cancel_requested FROM jobs WHERE id = :id", item.job)
        .value_or(false);
  });
}

Status Store::EndJobItem(const JobItemRow& item) {
  return connection_->Write([&](soci::session& sql) {
    JobItemRow row = item;
    row.owner.clear();
    row.ended_ms = NowMs();
    return Replace(sql, std::move(row), item.owner);
  });
}

Status Store::RequeueJobItem(const JobItemRow& item) {
  return connection_->Write([&](soci::session& sql) {
    JobItemRow row = item;
    row.state = JobState::kQueued;
    row.owner.clear();
    row.files_done = row.files_total = 0;
    return Replace(sql, std::move(row), item.owner);
  });
}

Status Store::CancelJob(std::int64_t id, const JobItemRow& cancelled) {
  return connection_->Write([&](soci::session& sql) {
    if (!SelectOne<std::int64_t>(sql, "SELECT id FROM jobs WHERE id = :id", id)) {
      return Status(Code::kNotFound, "job.not-found", "there is no such job");
    }
    if (!SelectOne<std::int64_t>(sql,
                                 "SELECT item FROM job_items WHERE job_id = :id AND "
                                 "(status = 'queued' OR status = 'running') LIMIT 1",
                                 id)) {
      return Status();
    }
    const std::int64_t now = NowMs();
    Execute(sql, "UPDATE jobs SET cancel_requested = '1' WHERE id = :id", id);
    Execute(sql,
            "UPDATE job_items SET status = 'cancelled', ended = :ended, code = :code, "
            "reason = :reason, message = :message WHERE job_id = :id AND status = 'queued' AND "
            "deaths = 0",
            now, cancelled.code, cancelled.reason, cancelled.message, id);
    return Status();
  });
}

}  // namespace xnatarchive
