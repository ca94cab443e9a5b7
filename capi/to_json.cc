#include "to_json.hpp"

using xnatarchive::Finding;
using xnatarchive::Resource;
using xnatarchive::Scan;
using xnatarchive::SessionDocument;
using xnatarchive::Status;
using xnatarchive::XmlElement;

namespace {

Json ToJson(const std::vector<Finding>& findings) {
  Json array = Json::array();
  for (const Finding& finding : findings) {
    array.push_back({{"code", finding.code},
                     {"type", FindingTypeName(finding.type)},
                     {"reason", finding.reason},
                     {"message", finding.message}});
  }
  return array;
}

Json ToJson(const std::vector<std::pair<std::string, std::string>>& attributes) {
  Json object = Json::object();
  for (const auto& [name, value] : attributes) object[name] = value;
  return object;
}

Json ToJson(const std::vector<XmlElement>& elements) {
  Json array = Json::array();
  for (const XmlElement& element : elements) {
    Json object = {{"name", element.name}};
    if (!element.attributes.empty()) object["attributes"] = ToJson(element.attributes);
    if (!element.text.empty()) object["text"] = element.text;
    if (!element.children.empty()) object["children"] = ToJson(element.children);
    array.push_back(std::move(object));
  }
  return array;
}

Json ToJson(const std::vector<Resource>& resources) {
  Json array = Json::array();
  for (const Resource& resource : resources) {
    Json object = {{"label", resource.label},     {"xsi_type", resource.xsi_type},
                   {"uri", resource.uri},         {"format", resource.format},
                   {"content", resource.content}, {"description", resource.description}};
    if (resource.file_count) object["file_count"] = *resource.file_count;
    if (resource.file_size) object["file_size"] = *resource.file_size;
    object["attributes"] = ToJson(resource.attributes);
    object["elements"] = ToJson(resource.elements);
    array.push_back(std::move(object));
  }
  return array;
}

Json ToJson(const Scan& scan) {
  return {{"id", scan.id},
          {"xsi_type", scan.xsi_type},
          {"uid", scan.uid},
          {"type", scan.type},
          {"attributes", ToJson(scan.attributes)},
          {"elements", ToJson(scan.elements)},
          {"resources", ToJson(scan.resources)}};
}

Json ToJson(const xnatarchive::FileCounts& counts) {
  return {{"added", counts.added},
          {"identical", counts.identical},
          {"replaced", counts.replaced},
          {"conflicting", counts.conflicting},
          {"bytes_added", counts.bytes_added},
          {"bytes_replaced", counts.bytes_replaced}};
}

Json ToJson(const std::vector<xnatarchive::PlannedScan>& scans) {
  Json array = Json::array();
  for (const auto& scan : scans) {
    array.push_back({{"id", scan.id},
                     {"target_id", scan.target_id},
                     {"fate", xnatarchive::ScanFateName(scan.fate)}});
  }
  return array;
}

Json ToJson(const std::vector<xnatarchive::PlannedResource>& resources) {
  Json array = Json::array();
  for (const auto& resource : resources) {
    Json files = Json::array();
    for (const auto& file : resource.files) {
      files.push_back({{"path", file.path},
                       {"action", xnatarchive::FileActionName(file.action)},
                       {"size", file.size},
                       {"replaces", file.replaces}});
    }
    array.push_back({{"scan_id", resource.scan_id},
                     {"label", resource.label},
                     {"whole", resource.whole},
                     {"file_count", resource.file_count},
                     {"bytes", resource.bytes},
                     {"files", std::move(files)}});
  }
  return array;
}

/// Null for OK.
Json OutcomeToJson(const Status& status) {
  return status.ok() ? Json(nullptr) : StatusToJson(status, "");
}

}  // namespace

std::string DumpJson(const Json& json, JsonLayout layout) {
  return json.dump(layout == JsonLayout::kIndented ? 2 : -1, ' ', false,
                   Json::error_handler_t::replace);
}

Json StatusToJson(const Status& status, std::string_view path) {
  return {{"code", CodeName(status.code())},
          {"reason", status.reason()},
          {"message", status.message()},
          {"path", status.path().empty() ? path : status.path()},
          {"disk_state", DiskStateName(status.disk_state())}};
}

Json FailuresToJson(const std::vector<std::pair<std::string, Status>>& failures) {
  Json array = Json::array();
  for (const auto& [path, status] : failures) array.push_back(StatusToJson(status, path));
  return array;
}

Json ToJson(const xnatarchive::ImportReport& report) {
  return {{"uris", report.uris},
          {"files_received", report.files_received},
          {"files_identical", report.files_identical},
          {"files_skipped", report.files_skipped},
          {"files_filtered", report.files_filtered},
          {"bytes_received", report.bytes_received},
          {"skipped", FailuresToJson(report.skipped)},
          {"not_archived", FailuresToJson(report.not_archived)},
          {"failed_pipelines", FailuresToJson(report.failed_pipelines)},
          {"events", OutcomeToJson(report.events)}};
}

Json ToJson(const xnatarchive::IdleReport& report) {
  return {{"built", report.built},
          {"archived", report.archived},
          {"failed", FailuresToJson(report.failed)},
          {"failed_pipelines", FailuresToJson(report.failed_pipelines)},
          {"next_ms", report.next_ms},
          {"events", OutcomeToJson(report.events)}};
}

Json ToJson(const xnatarchive::ArchiveReport& report) {
  return {{"uri", report.uri},
          {"experiment_id", report.experiment_id},
          {"project", report.project},
          {"subject", report.subject},
          {"label", report.label},
          {"status", report.status},
          {"scans", report.scans},
          {"files", report.files},
          {"bytes", report.bytes},
          {"files_hashed", report.files_hashed},
          {"merged", report.merged},
          {"counts", ToJson(report.counts)},
          {"scan_plan", ToJson(report.scan_plan)},
          {"warnings", ToJson(report.warnings)},
          {"pipeline", OutcomeToJson(report.pipeline)},
          {"events", OutcomeToJson(report.events)}};
}

Json ToJson(const xnatarchive::ValidationReport& report) {
  return {{"uri", report.uri},
          {"blocked", report.blocked},
          {"scans", report.scans},
          {"files", report.files},
          {"bytes", report.bytes},
          {"files_to_hash", report.files_to_hash},
          {"merges", report.merges},
          {"counts", ToJson(report.counts)},
          {"findings", ToJson(report.findings)},
          {"plan", {{"scans", ToJson(report.scan_plan)}, {"resources", ToJson(report.resources)}}}};
}

Json ToJson(const xnatarchive::ExportReport& report) {
  return {{"files", report.files},
          {"bytes", report.bytes},
          {"files_unchecked", report.files_unchecked},
          {"files_elsewhere", report.files_elsewhere}};
}

Json ToJson(const xnatarchive::VerifyReport& report) {
  Json problems = Json::array();
  for (const auto& problem : report.problems) problems.push_back(ToJson(problem));
  return {{"sessions", report.sessions},
          {"catalogs", report.catalogs},
          {"files", report.files},
          {"bytes", report.bytes},
          {"files_read", report.files_read},
          {"bytes_read", report.bytes_read},
          {"files_without_digest", report.files_without_digest},
          {"files_elsewhere", report.files_elsewhere},
          {"seed", report.seed},
          {"problems", std::move(problems)},
          {"busy", report.busy}};
}

Json ToJson(const xnatarchive::VerifyProblem& problem) {
  return {{"problem", VerifyProblemName(problem.kind)},
          {"uri", problem.uri},
          {"path", problem.path},
          {"message", problem.message}};
}

Json ToJson(const xnatarchive::RefreshReport& report) {
  Json catalogs = Json::array();
  for (const auto& one : report.catalogs) {
    Json object = {{"uri", one.uri},
                   {"catalog", one.catalog},
                   {"outcome", xnatarchive::RefreshOutcomeName(one.outcome)},
                   {"added", one.added},
                   {"removed", one.removed},
                   {"modified", one.modified},
                   {"checksummed", one.checksummed},
                   {"rebuilt", one.rebuilt},
                   {"entries", one.entries},
                   {"missing", one.missing},
                   {"unlisted", one.unlisted},
                   {"changed", one.changed},
                   {"ignored", one.ignored},
                   {"ignored_example", one.ignored_example},
                   {"files", one.files},
                   {"bytes", one.bytes}};
    if (!one.status.ok()) object["status"] = StatusToJson(one.status, one.uri);
    catalogs.push_back(std::move(object));
  }
  return {{"catalogs", std::move(catalogs)}, {"events", OutcomeToJson(report.events)}};
}

Json ToJson(const xnatarchive::Job& job) {
  Json items = Json::array();
  for (const auto& item : job.items) {
    Json object = {{"src", item.src}, {"state", JobStateName(item.state)}, {"uri", item.uri}};
    if (!item.status.ok()) object["status"] = StatusToJson(item.status, item.src);
    if (item.counts) object["counts"] = ToJson(*item.counts);
    object["started_ms"] = item.started_ms;
    object["ended_ms"] = item.ended_ms;
    object["files_done"] = item.files_done;
    object["files_total"] = item.files_total;
    items.push_back(std::move(object));
  }
  return {{"id", job.id},
          {"kind", job.kind},
          {"user", job.user},
          {"origin", job.origin},
          {"state", JobStateName(job.state)},
          {"cancel_requested", job.cancel_requested},
          {"created_ms", job.created_ms},
          {"started_ms", job.started_ms},
          {"ended_ms", job.ended_ms},
          {"items_done", job.items_done},
          {"items_total", job.items_total},
          {"items", std::move(items)}};
}

Json ToJson(const xnatarchive::RecoverySummary& summary) {
  return {{"finished", summary.finished},
          {"discarded", summary.discarded},
          {"busy", summary.busy},
          {"failed", summary.failed}};
}

Json ToJson(const xnatarchive::ReindexReport& report) {
  Json differences = Json::array();
  for (const xnatarchive::IndexDifference& difference : report.differences) {
    differences.push_back({{"kind", IndexRowKindName(difference.kind)},
                           {"change", IndexChangeName(difference.change)},
                           {"project", difference.project},
                           {"id", difference.id},
                           {"field", difference.field},
                           {"before", difference.before},
                           {"after", difference.after}});
  }
  return {
      {"projects", report.projects},           {"subjects", report.subjects},
      {"experiments", report.experiments},     {"prearchive_sessions", report.prearchive_sessions},
      {"differences", std::move(differences)}, {"unreadable", FailuresToJson(report.unreadable)}};
}

Json ToJson(const SessionDocument& document) {
  Json scans = Json::array();
  for (const Scan& scan : document.scans) scans.push_back(ToJson(scan));
  return {{"xsi_type", document.xsi_type},
          {"id", document.id},
          {"uid", document.uid},
          {"project", document.project},
          {"label", document.label},
          {"attributes", ToJson(document.attributes)},
          {"elements", ToJson(document.elements)},
          {"resources", ToJson(document.resources)},
          {"scans", std::move(scans)}};
}

std::string UriOf(const xnatarchive::PrearchiveSession& session) {
  const std::string project =
      session.project.empty() ? std::string(xnatarchive::kUnassigned) : session.project;
  return "/data/prearchive/projects/" + project + "/" + session.timestamp + "/" + session.folder;
}

Json ToJson(const xnatarchive::PrearchiveSession& session) {
  Json auto_archive(nullptr);
  if (session.auto_archive) auto_archive = PrearchiveCodeName(*session.auto_archive);
  return {{"uri", UriOf(session)},
          {"project", session.project},
          {"timestamp", session.timestamp},
          {"last_modified_ms", session.last_modified_ms},
          {"uploaded_ms", session.uploaded_ms},
          {"scan_date", session.scan_date},
          {"scan_time", session.scan_time},
          {"subject", session.subject},
          {"folder", session.folder},
          {"label", session.label},
          {"study_uid", session.study_uid},
          {"state", PrearchiveStateName(session.state)},
          {"url", session.url},
          {"auto_archive", std::move(auto_archive)},
          {"prevent_anon", session.prevent_anon},
          {"prevent_auto_commit", session.prevent_auto_commit},
          {"source", session.source},
          {"visit", session.visit},
          {"protocol", session.protocol},
          {"time_zone", session.time_zone},
          {"parameters", session.parameters},
          {"archive_pending", session.archive_pending}};
}
