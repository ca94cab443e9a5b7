#include "engine/prepare_archive.hpp"

#include <algorithm>
#include <utility>

#include "archive/archive_tree.hpp"
#include "archive/findings.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "catalog/resource_places.hpp"
#include "dicom/identify.hpp"
#include "engine/archive_settings.hpp"
#include "engine/changed_objects.hpp"
#include "engine/in_place_drafts.hpp"
#include "prearchive/build_session.hpp"
#include "prearchive/import_source.hpp"
#include "prearchive/session_paths.hpp"
#include "xml/session_path.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

constexpr const char* kSessionHandler = "SI";

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

/// Whether a draft's failure says that the document is none; else nobody could tell.
bool IsBadDocument(const Status& failure) {
  return failure.code() == Code::kCorruption || failure.code() == Code::kInvalidArgument;
}

/// The session as it is, or when it was not built yet as it will be. Without a document nothing can
/// be said of it but that: a finding.
Status Describe(const ArchiveEngine::Core& core, bool unbuilt, PreparedArchive* prepared) {
  const PrearchiveSession& row = prepared->row;
  const SessionPaths paths(row.Id());
  BuildPreview preview;
  if (unbuilt) {
    XNA_ASSIGN_OR_RETURN(preview, PreviewBuild(core.trees, row));
  } else {
    Result<SessionDraft> draft = DraftInPlace(core, paths, row);
    if (IsBadDocument(draft.status())) {
      prepared->plan.findings = {MakeFinding("archive.bad-document", draft.status().message())};
      return Status();
    }
    XNA_ASSIGN_OR_RETURN(preview.draft, std::move(draft));
  }
  XNA_ASSIGN_OR_RETURN(const Directory directory,
                       core.trees.prearchive.OpenSubdirectory(paths.directory));
  Result<DescribedSession> described =
      unbuilt ? DescribeFiles(directory, paths.directory, std::move(preview.draft),
                              std::move(preview.inventory), core.checksum, core.threads)
              : DescribeSession(directory, paths.directory, std::move(preview.draft), core.checksum,
                                core.threads);
  XNA_ASSIGN_OR_RETURN(prepared->session, std::move(described));
  prepared->session.received_at = std::move(preview.received_at);
  return CheckChangedObjects(directory, core.threads, &prepared->session);
}

/// XNAT's XML-path parameters. One that cannot be applied is a finding.
void ApplyFields(const ArchiveRequest& request, SessionDocument* document,
                 std::vector<Finding>* findings) {
  for (const auto& [path, value] : request.fields) {
    const Status set = SetByXmlPath(*document, path, value);
    if (!set.ok()) findings->push_back(MakeFinding("archive.bad-field", set.message()));
  }
}

/// What an Unassigned session's first DICOM object says about its project, by the rules that routed
/// it when it came: the project may have been made since, or the rules changed.
std::vector<std::string> ProjectsOfContent(const ArchiveEngine::Core& core,
                                           const PrearchiveSession& row,
                                           const DescribedSession& session) {
  if (!row.project.empty()) return {};
  const RoutingRules& rules = core.options.routing_rules;
  for (const ResourceDraft& resource : session.draft.resources) {
    for (const CatalogEntry* entry : EntriesOf(resource.catalog)) {
      if (!entry->dicom) continue;
      const std::string path =
          JoinPath(SessionPaths(row.Id()).directory,
                   session.PlaceNow(JoinPath(resource.directory, entry->RelativePath())));
      const Result<DicomHeader> header =
          ReadHeader(core.trees.prearchive, path, RoutingTags(rules));
      const Result<Identity> identity =
          header.ok() ? Identify(*header, rules) : Result<Identity>(header.status());
      return identity.ok() ? identity->project_candidates : std::vector<std::string>();
    }
  }
  return {};
}

Result<Destination> Resolve(const ArchiveEngine::Core& core, Hooks& hooks,
                            const ArchiveRequest& request, const PrearchiveSession& row,
                            const DescribedSession& session) {
  const SessionDocument& document = session.draft.document;
  DestinationInput input;
  input.parameters = request.parameters;
  for (const auto& [path, value] : request.fields) input.parameters[path] = value;
  if (!request.dest.empty()) {
    XNA_ASSIGN_OR_RETURN(input.dest, ParseUri(request.dest));
  }
  input.prearchive_project = row.project;
  input.folder = row.folder;
  input.document = &document;
  input.project_candidates = ProjectsOfContent(core, row, session);
  input.find_project = [&](std::string_view id) { return hooks.FirstProject({std::string(id)}); };
  return ResolveDestination(input);
}

/// The experiment a session is to become: the one whose ID its document has, else the one of its
/// project and label. One of another project counts only for who may read there: what is found
/// against the session would tell of it.
Result<std::optional<ExperimentRow>> FindExperiment(const ArchiveEngine::Core& core, Hooks& hooks,
                                                    const Destination& destination,
                                                    const std::string& id) {
  if (!id.empty()) {
    XNA_ASSIGN_OR_RETURN(const auto row, core.store.FindExperiment(id));
    if (row && row->project == destination.project) return row;
    const Status readable = row ? hooks.Authorize(Permission::kRead, row->project) : Status();
    if (row && readable.ok()) return row;
    if (readable.code() != Code::kOk && readable.code() != Code::kPermission) return readable;
  }
  return core.store.FindExperimentByLabel(destination.project, destination.label);
}

/// Whether other work on the experiment, such as a pipeline, is in progress.
Result<bool> ProcessingIsOpen(Store& store, const std::string& experiment_id) {
  XNA_ASSIGN_OR_RETURN(const std::vector<AuditRow> open, store.ListOpenAudit());
  return std::any_of(open.begin(), open.end(), [&](const AuditRow& record) {
    return record.experiment_id == experiment_id && record.type == kPipelineRecord;
  });
}

/// Why the index and the document of the archived session contradict each other: what is merged
/// into it would end up under the ID of another one. Empty when they agree.
Result<std::string> Contradiction(Store& store, const std::optional<ExperimentRow>& row,
                                  const SessionDocument& document) {
  if (row) {
    return std::string(row->id == document.id
                           ? ""
                           : "the archived session's document has another ID than the index");
  }
  XNA_ASSIGN_OR_RETURN(const auto elsewhere, store.FindExperiment(document.id));
  return std::string(elsewhere ? "the index has the archived session's ID at another place" : "");
}

/// Finds the archived session, in the store or only in the tree, with its document.
Status FindExisting(const ArchiveEngine::Core& core, Hooks& hooks, PreparedArchive* prepared) {
  const Destination& destination = prepared->destination;
  XNA_ASSIGN_OR_RETURN(const auto row, FindExperiment(core, hooks, destination,
                                                      prepared->session.draft.document.id));
  ExistingSession existing;
  existing.directory = row ? row->path : SessionDirectory(destination.project, destination.label);
  XNA_ASSIGN_OR_RETURN(const bool directory, core.trees.archive.Exists(existing.directory));
  if (!row && !directory) return Status();
  XNA_RETURN_IF_ERROR(ReadExisting(core, &existing));
  if (existing.unreadable.empty()) {
    XNA_ASSIGN_OR_RETURN(existing.unreadable, Contradiction(core.store, row, existing.document));
  }
  if (row) {
    prepared->existing_status = row->status;
    XNA_ASSIGN_OR_RETURN(existing.processing_open, ProcessingIsOpen(core.store, row->id));
  }
  prepared->existing = std::move(existing);
  return Status();
}

/// Holds the session against the archived one, file by file.
Status CompareFiles(const ArchiveEngine::Core& core, const ArchivePolicy& policy,
                    PreparedArchive* prepared) {
  ExistingSession& existing = *prepared->existing;
  if (!existing.unreadable.empty()) return Status();
  XNA_ASSIGN_OR_RETURN(const Directory archived,
                       core.trees.archive.OpenSubdirectory(existing.directory));
  XNA_ASSIGN_OR_RETURN(const Directory source, core.trees.prearchive.OpenSubdirectory(
                                                   SessionPaths(prepared->row.Id()).directory));
  const CompareOptions options{policy.merge.identity, core.checksum, core.threads};
  return CompareWithExisting(source, archived, options, &prepared->session, &existing);
}

Result<bool> IdsAvailable(const ArchiveEngine::Core& core, const PreparedArchive& prepared) {
  XNA_ASSIGN_OR_RETURN(const bool session, core.store.HasNextId(Sequence::kExperiment));
  if (!session || prepared.subject) return session;
  return core.store.HasNextId(Sequence::kSubject);
}

/// The policy that request, site and project make together.
Status SetPolicy(const ArchiveEngine::Core& core, const ArchiveRequest& request,
                 const PreparedArchive& prepared, ArchivePolicy* policy) {
  XNA_ASSIGN_OR_RETURN(const ArchiveSettings settings,
                       LoadArchiveSettings(core.store, prepared.destination.project));
  policy->merge.overwrite = request.overwrite;
  policy->merge.identity =
      settings.use_sop_instance_uid ? ObjectIdentity::kSopInstanceUid : ObjectIdentity::kFileName;
  policy->merge.conflict_on_identical = settings.conflict_on_identical;
  policy->prevent_cross_modality_merge = settings.prevent_cross_modality_merge;
  policy->allow_uid_mismatch = settings.allow_uid_mismatch;
  XNA_ASSIGN_OR_RETURN(policy->ids_available, IdsAvailable(core, prepared));
  for (const std::string& scan : FilteredScans(settings.filter, prepared.session.draft.document)) {
    policy->earlier.push_back(MakeFinding("archive.filtered-series", scan));
  }
  return Status();
}

/// The session as it would be archived; refers to `prepared`.
SessionCandidate CandidateOf(const PreparedArchive& prepared) {
  const Destination& destination = prepared.destination;
  return {prepared.session.draft.document,
          prepared.session.draft.resources,
          destination.project,
          prepared.subject ? prepared.subject->label : destination.subject,
          destination.label,
          prepared.existing.has_value()};
}

/// Has the host's transform, if there is one, change the session.
Status Transform(const ArchiveEngine::Core& core, Hooks& hooks, bool unbuilt,
                 const std::string& stage, PreparedArchive* prepared,
                 std::vector<Finding>* findings) {
  if (core.options.session_transform == nullptr) return Status();
  if (unbuilt) {  // its files are not where they will be
    findings->push_back(MakeFinding("archive.transform-not-run"));
    return Status();
  }
  const std::uint64_t files = prepared->session.Files();
  XNA_ASSIGN_OR_RETURN(
      prepared->transformed,
      TransformSession(core, hooks, CandidateOf(*prepared),
                       SessionPaths(prepared->row.Id()).directory, stage, &prepared->session));
  if (files > 0 && prepared->session.Files() == 0) {
    findings->push_back(MakeFinding("archive.transform-emptied"));
  }
  return Status();
}

}  // namespace

std::string PreparedArchive::Uri() const {
  if (destination.project.empty() || destination.subject.empty() || destination.label.empty()) {
    return "";
  }
  return "/data/archive/projects/" + destination.project + "/subjects/" +
         (subject ? subject->label : destination.subject) + "/experiments/" + destination.label;
}

Status ReadExisting(const ArchiveEngine::Core& core, ExistingSession* existing) {
  const Result<std::string> bytes = ReadSessionXml(core.trees.archive, existing->directory);
  if (!bytes.ok() && bytes.status().code() != Code::kNotFound) return bytes.status();
  Result<SessionDocument> document = bytes.ok() ? ParseSession(*bytes) : bytes.status();
  if (document.ok() && !document->id.empty()) {
    existing->document = std::move(document).value();
    MakeCatalogPaths(existing->directory, &existing->document);
  } else if (bytes.ok()) {
    existing->unreadable = "the archived session's document can not be read";
    IgnoreError(document.status(), "the finding says it");
  } else {
    XNA_ASSIGN_OR_RETURN(const bool directory, core.trees.archive.Exists(existing->directory));
    existing->unreadable = directory ? "the archived session's directory has no session.xml"
                                     : "the archived session's directory is gone";
  }
  return Status();
}

/// Puts the subject's ID into the document, or a new subject's label. Where it can not be looked up
/// validation says so and goes on; archiving fails.
Status FindSubject(const ArchiveEngine::Core& core, bool validating, PreparedArchive* prepared,
                   std::vector<Finding>* findings) {
  const Destination& destination = prepared->destination;
  SessionDocument& document = prepared->session.draft.document;
  document.Set("subject_ID", destination.subject);
  if (destination.project.empty() || destination.subject.empty()) return Status();
  auto subject = core.store.FindSubject(destination.project, destination.subject);
  if (subject.ok()) {
    prepared->subject = std::move(subject).value();
    if (prepared->subject) document.Set("subject_ID", prepared->subject->id);
    return Status();
  }
  if (!validating) return subject.status();
  findings->push_back(MakeFinding("archive.subject-unknown", subject.status().reason()));
  // Nobody can say that it would be another one than the archived session's.
  const std::string archived =
      prepared->existing ? std::string(prepared->existing->document.Get("subject_ID")) : "";
  if (!archived.empty()) document.Set("subject_ID", archived);
  return Status();
}

Result<PreparedArchive> PrepareArchive(const ArchiveEngine::Core& core, Hooks& hooks,
                                       const ArchiveRequest& request, const PrearchiveSession& row,
                                       bool unbuilt, const LockNames& lock_names,
                                       const std::string& stage) {
  PreparedArchive prepared;
  prepared.row = row;
  XNA_RETURN_IF_ERROR(Describe(core, unbuilt, &prepared));
  if (prepared.plan.Blocked()) return prepared;
  SessionDocument& document = prepared.session.draft.document;
  ArchivePolicy policy;
  ApplyFields(request, &document, &policy.earlier);
  XNA_ASSIGN_OR_RETURN(prepared.destination, Resolve(core, hooks, request, row, prepared.session));
  Destination& destination = prepared.destination;
  XNA_RETURN_IF_ERROR(hooks.AuthorizeDestination(destination.project, request.overwrite));
  for (const Finding& finding : destination.findings) policy.earlier.push_back(finding);

  if (!destination.project.empty() && !destination.label.empty()) {
    if (lock_names) XNA_RETURN_IF_ERROR(lock_names(destination));
    XNA_RETURN_IF_ERROR(FindExisting(core, hooks, &prepared));
  }
  document.project = destination.project;
  document.label = destination.label;
  XNA_RETURN_IF_ERROR(FindSubject(core, !lock_names, &prepared, &policy.earlier));
  XNA_RETURN_IF_ERROR(Transform(core, hooks, unbuilt, stage, &prepared, &policy.earlier));
  XNA_RETURN_IF_ERROR(SetPolicy(core, request, prepared, &policy));
  XNA_RETURN_IF_ERROR(hooks.Validate(CandidateOf(prepared), &policy.earlier));
  if (prepared.existing) XNA_RETURN_IF_ERROR(CompareFiles(core, policy, &prepared));
  prepared.plan =
      PlanArchive(prepared.session, prepared.existing ? &*prepared.existing : nullptr, policy);
  return prepared;
}

}  // namespace xnatarchive
