#include "archive/destination.hpp"

#include <utility>

#include "archive/findings.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"

namespace xnatarchive {
namespace {

/// A place where a name may stand.
struct Source {
  std::string name;  // for messages
  std::string value;
};

std::string Parameter(const DestinationInput& input, const std::string& name) {
  const auto found = input.parameters.find(name);
  return found == input.parameters.end() ? std::string() : found->second;
}

Source FromParameter(const DestinationInput& input, std::string name) {
  std::string value = Parameter(input, name);
  return {"parameter " + std::move(name), std::move(value)};
}

/// What the request sets this field of the session to.
Source FromPath(const DestinationInput& input, std::string_view field) {
  for (const auto& [name, value] : input.parameters) {
    if (IsSessionField(name, field)) return {"parameter " + name, value};
  }
  return {"parameter <xsi:type>/" + std::string(field), ""};
}

std::string Names(const std::vector<Source>& sources) {
  std::vector<std::string> names;
  for (const Source& source : sources) names.push_back(source.name);
  return Join(names, ", ");
}

const Source* FirstFilled(const std::vector<Source>& sources) {
  for (const Source& source : sources) {
    if (!Trim(source.value).empty()) return &source;
  }
  return nullptr;
}

/// `dest` against every parameter of the same meaning.
template <typename Same>
Status CheckAgainstDest(const std::string& dest_value, const std::vector<Source>& sources,
                        const Same& same) {
  for (const Source& source : sources) {
    const std::string value(Trim(source.value));
    if (dest_value.empty() || value.empty() || same(dest_value, value)) continue;
    return Status(Code::kInvalidArgument, "archive.contradiction",
                  "dest and " + source.name + " name different things");
  }
  return Status();
}

Status CheckDest(const DestinationInput& input) {
  const ParsedUri& dest = *input.dest;
  if (dest.kind < UriKind::kProject || dest.kind > UriKind::kExperiment ||
      !dest.collection.empty() || dest.project.empty()) {
    return Status(Code::kInvalidArgument, "archive.bad-dest",
                  "dest must name a project, subject or experiment of the archive");
  }
  // Labels compare as they will be written, and two names of one project are the same.
  const auto same_label = [](const std::string& a, const std::string& b) {
    return SanitiseLabel(a) == SanitiseLabel(b);
  };
  const auto same_project = [&](const std::string& a, const std::string& b) {
    if (a == b) return true;
    const std::optional<std::string> project = input.find_project(a);
    return project.has_value() && project == input.find_project(b);
  };
  XNA_RETURN_IF_ERROR(
      CheckAgainstDest(dest.project,
                       {FromParameter(input, "project"), FromParameter(input, "PROJECT_ID"),
                        FromPath(input, "project")},
                       same_project));
  XNA_RETURN_IF_ERROR(
      CheckAgainstDest(dest.subject,
                       {FromParameter(input, "subject"), FromParameter(input, "SUBJECT_ID"),
                        FromPath(input, "subject_ID")},
                       same_label));
  return CheckAgainstDest(dest.experiment,
                          {FromParameter(input, "session"), FromPath(input, "label"),
                           FromParameter(input, "EXPT_LABEL"), FromParameter(input, "label")},
                          same_label);
}

void ResolveProject(const DestinationInput& input, const ParsedUri& dest, Destination* result) {
  const std::vector<Source> named = {{"dest", dest.project},
                                     FromParameter(input, "project"),
                                     FromParameter(input, "PROJECT_ID"),
                                     FromPath(input, "project"),
                                     {"the prearchive project", input.prearchive_project}};
  if (const Source* source = FirstFilled(named)) {
    const std::optional<std::string> project = input.find_project(Trim(source->value));
    if (project.has_value()) {
      result->project = *project;
    } else {
      result->findings.push_back(MakeFinding("archive.unknown-project", source->name));
    }
    return;
  }
  std::vector<Source> content = {{"the session document", input.document->project}};
  for (const std::string& candidate : input.project_candidates) {
    content.push_back({"the DICOM headers", candidate});
  }
  for (const Source& source : content) {
    if (Trim(source.value).empty()) continue;
    const std::optional<std::string> project = input.find_project(Trim(source.value));
    if (!project.has_value()) continue;
    result->project = *project;
    return;
  }
  result->findings.push_back(
      MakeFinding("archive.no-project",
                  "looked at " + Names(named) + ", the session document and the DICOM headers"));
}

/// The first filled source, sanitised; or a finding.
std::string ResolveName(const std::vector<Source>& sources, std::string_view none_reason,
                        std::string_view bad_reason, std::vector<Finding>* findings) {
  const Source* source = FirstFilled(sources);
  if (source == nullptr) {
    findings->push_back(MakeFinding(none_reason, "looked at " + Names(sources)));
    return std::string();
  }
  std::string name = SanitiseLabel(Trim(source->value));
  if (IsValidLabel(name)) return name;
  const std::string why = name.size() > kLabelBytesMax
                              ? "is longer than " + std::to_string(kLabelBytesMax) + " characters"
                              : "has no letter or digit";
  findings->push_back(MakeFinding(bad_reason, "what " + source->name + " says " + why));
  return std::string();
}

}  // namespace

bool IsSessionField(std::string_view xml_path, std::string_view field) {
  const std::size_t slash = xml_path.find('/');
  return slash != std::string_view::npos && EqualsIgnoreCase(xml_path.substr(slash + 1), field);
}

Result<Destination> ResolveDestination(const DestinationInput& input) {
  const SessionDocument& document = *input.document;
  if (input.dest.has_value()) XNA_RETURN_IF_ERROR(CheckDest(input));
  const ParsedUri dest = input.dest.value_or(ParsedUri());

  Destination result;
  ResolveProject(input, dest, &result);
  result.label = ResolveName({FromParameter(input, "session"),
                              FromPath(input, "label"),
                              {"dest", dest.experiment},
                              FromParameter(input, "EXPT_LABEL"),
                              FromParameter(input, "label"),
                              {"the session document's label", document.label},
                              {"the prearchive folder", input.folder},
                              {"the session document's ID", document.id}},
                             "archive.no-label", "archive.bad-label", &result.findings);
  result.subject =
      ResolveName({FromParameter(input, "subject"),
                   FromParameter(input, "SUBJECT_ID"),
                   {"dest", dest.subject},
                   {"the session document's subject_ID", document.Get("subject_ID")},
                   {"the session document's dcmPatientName", document.Get("dcmPatientName")}},
                  "archive.no-subject", "archive.bad-subject", &result.findings);
  return result;
}

}  // namespace xnatarchive
