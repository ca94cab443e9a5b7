#include "engine/prepare_archive.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "archive/archive_tree.hpp"
#include "archive/findings.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "engine/in_place_drafts.hpp"
#include "prearchive/build_session.hpp"
#include "prearchive/import_source.hpp"
#include "prearchive/session_paths.hpp"
#include "xml/session_path.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

constexpr const char* kSessionHandler = "SI";
constexpr std::uint64_t kDocumentBytesMax = 256u << 20;

/// The document and resources of a session that was built, from the SI handler.
Result<SessionDraft> DraftInPlace(const ArchiveEngine::Core& core, const SessionPaths& paths,
                                  const PrearchiveSession& row) {
  const std::unique_ptr<ImportSource> source =
      PrearchiveSource(core.trees.prearchive, paths.timestamp_directory, row.folder);
  InPlaceDrafts drafts;
  XNA_RETURN_IF_ERROR(DescribeSafely(*core.FindHandler(kSessionHandler), *source, drafts));
  if (drafts.drafts().size() != 1) {
    return Status(Code::kInternal, "archive.no-draft", "a prearchive session is one session");
  }
  return std::move(drafts.drafts().front());
}

/// A session that was not built yet, as it will be once it is.
Result<DescribedSession> DescribeUnbuilt(const ArchiveEngine::Core& core,
                                         const PrearchiveSession& row) {
  XNA_ASSIGN_OR_RETURN(BuildPreview preview, PreviewBuild(core.trees, row));
  DescribedSession session;
  session.draft = std::move(preview.draft);
  std::unordered_map<std::string_view, std::size_t> resource_of;
  for (std::size_t i = 0; i < session.draft.resources.size(); ++i) {
    resource_of.emplace(session.draft.resources[i].directory, i);
  }
  session.inventory.resources.resize(session.draft.resources.size());
  for (const IndexedFile& file : preview.index.files) {
    const auto at = resource_of.find(ParentPath(file.path));
    SessionFile found{file.path, file.size, file.mtime_ns, 0, 0};
    if (at == resource_of.end()) {
      session.inventory.others.push_back(std::move(found));
    } else {
      found.path = BaseName(file.path);
      session.inventory.resources[at->second].push_back(std::move(found));
    }
  }
  for (std::size_t i = 0; i < session.draft.resources.size(); ++i) {
    auto& files = session.inventory.resources[i];
    std::sort(files.begin(), files.end(),
              [](const SessionFile& a, const SessionFile& b) { return a.path < b.path; });
    session.facts.push_back(CheckResource(session.draft.resources[i], files, core.checksum));
  }
  return session;
}

Result<DescribedSession> Describe(const ArchiveEngine::Core& core, const PrearchiveSession& row,
                                  bool unbuilt) {
  if (unbuilt) return DescribeUnbuilt(core, row);
  const SessionPaths paths(row.Id());
  XNA_ASSIGN_OR_RETURN(SessionDraft draft, DraftInPlace(core, paths, row));
  XNA_ASSIGN_OR_RETURN(const Directory directory,
                       core.trees.prearchive.OpenSubdirectory(paths.directory));
  return DescribeSession(directory, std::move(draft), core.checksum, core.threads);
}

/// XNAT's XML-path parameters. One that cannot be applied is a finding.
void ApplyFields(const ArchiveRequest& request, SessionDocument* document,
                 std::vector<Finding>* findings) {
  for (const auto& [path, value] : request.fields) {
    const Status set = SetByXmlPath(*document, path, value);
    if (!set.ok()) findings->push_back(MakeFinding("archive.bad-field", set.message()));
  }
}

Result<Destination> Resolve(Hooks& hooks, const ArchiveRequest& request,
                            const PrearchiveSession& row, const SessionDocument& document) {
  DestinationInput input;
  input.parameters = request.parameters;
  if (!request.dest.empty()) {
    XNA_ASSIGN_OR_RETURN(input.dest, ParseUri(request.dest));
  }
  input.prearchive_project = row.project;
  input.folder = row.folder;
  input.document = &document;
  input.find_project = [&](std::string_view id) { return hooks.FirstProject({std::string(id)}); };
  return ResolveDestination(input);
}

/// The archived session of that label, when there is one: in the store, or only in the tree.
Result<std::optional<ExistingSession>> FindExisting(const ArchiveEngine::Core& core,
                                                    const Destination& destination) {
  XNA_ASSIGN_OR_RETURN(const auto row,
                       core.store.FindExperimentByLabel(destination.project, destination.label));
  const std::string path =
      row ? row->path : SessionDirectory(destination.project, destination.label);
  const Result<std::string> bytes =
      core.trees.archive.ReadFile(JoinPath(path, "session.xml"), kDocumentBytesMax);
  ExistingSession existing;
  if (bytes.ok()) {
    Result<SessionDocument> document = ParseSession(*bytes);
    if (document.ok()) existing.document = std::move(document).value();
  } else if (bytes.status().code() != Code::kNotFound) {
    return bytes.status();
  }
  XNA_ASSIGN_OR_RETURN(const bool directory, core.trees.archive.Exists(path));
  if (!row && !directory) return std::optional<ExistingSession>();
  return std::optional<ExistingSession>(std::move(existing));
}

}  // namespace

std::string PreparedArchive::Uri() const {
  if (destination.project.empty() || destination.subject.empty() || destination.label.empty()) {
    return "";
  }
  return "/data/archive/projects/" + destination.project + "/subjects/" +
         (subject ? subject->label : destination.subject) + "/experiments/" + destination.label;
}

Result<PreparedArchive> PrepareArchive(const ArchiveEngine::Core& core, Hooks& hooks,
                                       const ArchiveRequest& request, const PrearchiveSession& row,
                                       bool unbuilt, const LockNames& lock_names) {
  PreparedArchive prepared;
  prepared.row = row;
  XNA_ASSIGN_OR_RETURN(prepared.session, Describe(core, row, unbuilt));
  SessionDocument& document = prepared.session.draft.document;
  ArchivePolicy policy;
  policy.overwrite = request.overwrite;
  ApplyFields(request, &document, &policy.earlier);
  XNA_ASSIGN_OR_RETURN(prepared.destination, Resolve(hooks, request, row, document));
  Destination& destination = prepared.destination;
  XNA_RETURN_IF_ERROR(hooks.AuthorizeDestination(destination.project, request.overwrite));
  for (const Finding& finding : destination.findings) policy.earlier.push_back(finding);

  std::optional<ExistingSession> existing;
  if (!destination.project.empty() && !destination.label.empty()) {
    if (lock_names) XNA_RETURN_IF_ERROR(lock_names(destination));
    XNA_ASSIGN_OR_RETURN(existing, FindExisting(core, destination));
  }
  if (!destination.project.empty() && !destination.subject.empty()) {
    XNA_ASSIGN_OR_RETURN(prepared.subject,
                         core.store.FindSubject(destination.project, destination.subject));
  }
  document.project = destination.project;
  document.label = destination.label;
  document.Set("subject_ID", prepared.subject ? prepared.subject->id : destination.subject);
  const SessionCandidate candidate{document,
                                   prepared.session.draft.resources,
                                   destination.project,
                                   prepared.subject ? prepared.subject->label : destination.subject,
                                   destination.label,
                                   existing.has_value()};
  XNA_RETURN_IF_ERROR(hooks.Validate(candidate, &policy.earlier));
  prepared.plan = PlanArchive(prepared.session, existing ? &*existing : nullptr, policy);
  return prepared;
}

}  // namespace xnatarchive
