#include "rest/session_parameters.hpp"

#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"

namespace xnatarchive {

bool IsFieldPath(std::string_view name) {
  const std::size_t colon = name.find(':');
  const std::size_t slash = name.find('/');
  return slash != std::string_view::npos && colon < slash;
}

Status ReadNames(const Parameters& parameters, std::map<std::string, std::string>* names) {
  const auto set = [&](const char* name, std::initializer_list<std::string_view> aliases) {
    Result<std::string> value = parameters.OneOf(aliases);
    if (!value.ok()) return std::move(value).status();
    if (!value->empty()) (*names)[name] = std::move(value).value();
    return Status();
  };
  XNA_RETURN_IF_ERROR(set("project", {"project", "PROJECT_ID"}));
  XNA_RETURN_IF_ERROR(set("subject", {"subject", "SUBJECT_ID"}));
  return set("session", {"session", "EXPT_LABEL", "label"});
}

Result<std::optional<Overwrite>> OverwriteOf(const Parameters& parameters) {
  const std::string value = AsciiLower(parameters.Get("overwrite"));
  if (value.empty()) return std::optional<Overwrite>();
  if (value == "none") return std::optional<Overwrite>(Overwrite::kNone);
  if (value == "append") return std::optional<Overwrite>(Overwrite::kAppend);
  if (value != "delete" && value != "override") {
    return Status(Code::kInvalidArgument, "rest.bad-value",
                  "expected overwrite=none, append or delete");
  }
  if (!parameters.Get("overwrite_files").empty() && !parameters.Flag("overwrite_files")) {
    return Status(Code::kInvalidArgument, "rest.contradiction",
                  "overwrite replaces files, and overwrite_files says that none may be replaced");
  }
  return std::optional<Overwrite>(Overwrite::kDelete);
}

Status ReadPolicy(const Parameters& parameters, ArchiveRequest* request) {
  XNA_ASSIGN_OR_RETURN(const std::optional<Overwrite> overwrite, OverwriteOf(parameters));
  if (overwrite) request->overwrite = *overwrite;
  if (parameters.Has("quarantine")) request->quarantine = parameters.Flag("quarantine");
  const std::string pipelines = AsciiLower(parameters.Get("triggerPipelines"));
  if (!pipelines.empty()) request->trigger_pipelines = pipelines != "false" && pipelines != "0";
  return Status();
}

}  // namespace xnatarchive
