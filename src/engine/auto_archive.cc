#include "engine/auto_archive.hpp"

#include <algorithm>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "engine/core.hpp"
#include "prearchive/build_session.hpp"
#include "xnatarchive/auto_archive.hpp"

namespace xnatarchive {
namespace {

constexpr const char* kAutoArchive = "AA";
constexpr const char* kOverwrite = "overwrite";
constexpr const char* kQuarantine = "quarantine";
constexpr const char* kPipelines = "triggerPipelines";
constexpr const char* kCode = "prearchive_code";  // of an upload: "1", archive it

bool IsTrue(std::string_view value) {
  return EqualsIgnoreCase(value, "true") || EqualsIgnoreCase(value, "t") || value == "1";
}

/// "true", "false", or empty when an import says nothing.
std::string AtOnce(const std::map<std::string, std::string>& parameters, bool to_archive) {
  const auto code = parameters.find(kCode);
  if (to_archive || (code != parameters.end() && code->second == "1")) return "true";
  for (const char* name : {kAutoArchive, "auto-archive"}) {
    const auto at = parameters.find(name);
    if (at != parameters.end() && !at->second.empty()) return IsTrue(at->second) ? "true" : "false";
  }
  return "";
}

Overwrite OverwriteOf(const PrearchiveSession& row, PrearchiveCode project_code) {
  const std::string value = AsciiLower(row.Parameter(kOverwrite));
  if (value == "delete" || value == "override") return Overwrite::kDelete;
  if (value == "append") return Overwrite::kAppend;
  if (!value.empty()) return Overwrite::kNone;
  PrearchiveCode code = row.auto_archive.value_or(PrearchiveCode::kManual);
  if (code == PrearchiveCode::kManual) code = project_code;
  if (code == PrearchiveCode::kManual) {
    return row.Parameter(kCode) == "1" ? Overwrite::kAppend : Overwrite::kNone;
  }
  return code == PrearchiveCode::kAutoArchive ? Overwrite::kAppend : Overwrite::kDelete;
}

}  // namespace

Status CheckKept(const NamedValues& parameters) {
  const auto is_text = [](const std::string& text) {
    return IsValidUtf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
             return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F;
           });
  };
  for (const auto& [name, value] : parameters) {
    const bool kept = IsXmlPath(name) || name == "SOURCE" || name == "VISIT" || name == "SUBTYPE" ||
                      name == "TIMEZONE";
    if (!kept || (is_text(name) && is_text(value))) continue;
    return Status(Code::kInvalidArgument, "import.bad-value",
                  "a value for the session is not text, or holds control characters");
  }
  return Status();
}

NamedValues KeptParameters(const std::map<std::string, std::string>& parameters, bool to_archive) {
  NamedValues kept;
  for (const char* name : {kOverwrite, kQuarantine, kPipelines, kCode}) {
    const auto at = parameters.find(name);
    if (at != parameters.end() && !at->second.empty()) kept.emplace(name, at->second);
  }
  for (const auto& [name, value] : parameters) {
    if (IsXmlPath(name)) kept.emplace(name, value);
  }
  std::string at_once = AtOnce(parameters, to_archive);
  const auto named = parameters.find("autoArchive");
  const auto code = named == parameters.end() ? std::nullopt : ParsePrearchiveCode(named->second);
  if (at_once.empty() && code) {
    at_once = *code == PrearchiveCode::kManual ? "false" : "true";
    if (*code == PrearchiveCode::kAutoArchiveOverwrite) kept.emplace(kOverwrite, "delete");
  }
  if (!at_once.empty()) kept.emplace(kAutoArchive, at_once);
  return kept;
}

bool WantsArchive(const std::map<std::string, std::string>& parameters, bool to_archive) {
  return AtOnce(parameters, to_archive) == "true";
}

bool WaitsForSender(const PrearchiveSession& row) {
  return row.prevent_auto_commit || row.source == "uploader";
}

Result<std::optional<ArchiveRequest>> RequestUnlessItWaits(Store& store,
                                                           const PrearchiveSession& row) {
  XNA_ASSIGN_OR_RETURN(const auto project, store.FindProject(row.project));
  const PrearchiveCode code = project ? project->prearchive_code : PrearchiveCode::kManual;
  if (!IsAutoArchived(row, code)) return std::optional<ArchiveRequest>();
  return std::optional<ArchiveRequest>(AutoArchiveRequest(row, code));
}

bool IsAutoArchived(const PrearchiveSession& session, PrearchiveCode project_code) {
  if (session.project.empty()) return false;
  if (session.auto_archive && *session.auto_archive != PrearchiveCode::kManual) return true;
  const std::string wanted = session.Parameter(kAutoArchive);
  if (!wanted.empty()) return wanted == "true";
  return !session.auto_archive && project_code != PrearchiveCode::kManual;
}

ArchiveRequest AutoArchiveRequest(const PrearchiveSession& session, PrearchiveCode project_code) {
  ArchiveRequest request;
  request.src = PrearchiveUri(session);
  request.overwrite = OverwriteOf(session, project_code);
  request.quarantine = EqualsIgnoreCase(session.Parameter(kQuarantine), "true");
  request.trigger_pipelines = !EqualsIgnoreCase(session.Parameter(kPipelines), "false");
  request.parameters["event_reason"] = "auto-archive";
  return request;
}

}  // namespace xnatarchive
