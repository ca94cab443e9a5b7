// add_subject.cc - a subject of whom nothing is archived yet.
#include <utility>

#include "archive/archive_tree.hpp"
#include "archive/operation_home.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "catalog/folder_places.hpp"
#include "engine/core.hpp"
#include "engine/hooks.hpp"
#include "xml/subject_xml.hpp"

namespace xnatarchive {
namespace {

/// The ID in the subject's document, which a call that died may have left; else a new one, and the
/// document, durable. The subject's lock is held.
Result<std::string> IdInTree(const ArchiveEngine::Core& core, SubjectRow subject) {
  const Directory& archive = core.trees.archive;
  const std::string path = SubjectDocumentPath(subject.project, subject.label);
  const Result<std::string> bytes = ReadSubjectXml(archive, subject.project, subject.label);
  if (bytes.ok()) {
    Result<SubjectDocument> document = ParseSubject(*bytes);
    if (!document.ok()) return std::move(document).status().WithPath(path);
    return document->id;
  }
  if (bytes.status().code() != Code::kNotFound) return bytes.status();
  // Taken for good before it is written anywhere, so that no ID is given twice.
  XNA_ASSIGN_OR_RETURN(subject.id, core.store.NextId(Sequence::kSubject));
  const std::string directory(ParentPath(path));
  XNA_RETURN_IF_ERROR(archive.MakeDirectories(directory));
  XNA_RETURN_IF_ERROR(archive.WriteAtomic(path, WriteSubjectDocument(subject)));
  XNA_RETURN_IF_ERROR(archive.SyncDirectory(ParentPath(directory)));
  XNA_RETURN_IF_ERROR(archive.SyncDirectory(subject.project));
  return subject.id;
}

}  // namespace

Result<AddedSubject> ArchiveEngine::Core::AddSubject(const std::string& project,
                                                     const std::string& label, Hooks& hooks) {
  SubjectRow subject;
  XNA_ASSIGN_OR_RETURN(subject.project, RequireProject(project, Permission::kEdit, hooks));
  XNA_ASSIGN_OR_RETURN(auto known, store.FindSubject(subject.project, label));
  if (known) return AddedSubject{known->id, false};
  if (!IsValidLabel(label)) {
    return Status(Code::kInvalidArgument, "subject.bad-label",
                  "a subject's label consists of letters, digits, '_' and '-'");
  }
  subject.label = label;
  const std::string key = ArchiveLockKey(subject.project, FolderLockLabel(label));
  XNA_ASSIGN_OR_RETURN(const FileLock lock, LockSession(trees, key));
  XNA_RETURN_IF_ERROR(FinishEarlier(trees, {key}, Acknowledger(hooks)));
  XNA_ASSIGN_OR_RETURN(known, store.FindSubject(subject.project, label));
  if (known) return AddedSubject{known->id, false};
  XNA_ASSIGN_OR_RETURN(subject.id, IdInTree(*this, subject));
  subject.inserted_ms = NowMs();
  XNA_RETURN_IF_ERROR(store.AddSubject(subject));
  return AddedSubject{subject.id, true};
}

}  // namespace xnatarchive
