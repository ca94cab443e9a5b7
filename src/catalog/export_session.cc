#include "catalog/export_session.hpp"

#include <cstdint>

#include "archive/archive_tree.hpp"
#include "archive/stage_session.hpp"
#include "base/status_macros.hpp"
#include "base/time.hpp"
#include "catalog/archived_session.hpp"
#include "container/bag_text.hpp"
#include "xnatarchive/version.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kDateBytes = 10;  // yyyy-MM-dd of a catalog's time

std::string Md5(std::string_view bytes) {
  return Hasher(Checksum::kMd5).Hash(bytes.data(), bytes.size()).md5;
}

/// One ExportSession call.
class Exporter {
 public:
  Exporter(const Trees& trees, const SessionExport& input, ExportTarget& target)
      : archive_(trees.archive), input_(input), target_(target), caller_(input.progress) {}

  Result<ExportReport> Run(const Trees& trees, const Acknowledge& acknowledge) {
    const std::string& path = input_.experiment.path;
    {
      XNA_ASSIGN_OR_RETURN(
          const auto lock,
          LockForReading(trees, ArchiveLockKey(input_.experiment.project, input_.experiment.label),
                         acknowledge));
      XNA_ASSIGN_OR_RETURN(session_, ReadArchivedSession(archive_, path, input_.threads));
    }
    XNA_ASSIGN_OR_RETURN(plan_,
                         PlanExport(session_, input_.experiment.label, input_.form, input_.part));
    XNA_ASSIGN_OR_RETURN(const Directory directory, archive_.OpenSubdirectory(path));
    Status written = Write(directory);
    if (written.code() == Code::kCancelled) return written;
    Status unchanged = CheckUnchanged(directory);
    if (!unchanged.ok()) {
      IgnoreError(written, "it may have failed because of that");
      return unchanged;
    }
    XNA_RETURN_IF_ERROR(std::move(written));
    XNA_RETURN_IF_ERROR(target_.Publish());
    return ExportReport{plan_.files.size(), plan_.bytes, plan_.unchecked, plan_.elsewhere};
  }

 private:
  Status Write(const Directory& directory) {
    return input_.form == ExportForm::kBag ? WriteBag(directory) : CopyAll(directory);
  }

  Status WriteBag(const Directory& directory) {
    XNA_ASSIGN_OR_RETURN(const std::string subject, SubjectDocument());
    XNA_RETURN_IF_ERROR(AddTag(std::string(kBagDeclaration), WriteBagDeclaration()));
    XNA_RETURN_IF_ERROR(AddTag(std::string(kBagInfo), BagInfo(subject.size())));
    const std::string subject_name = std::string(kBagPayload) + std::string(kSubjectDocument);
    XNA_RETURN_IF_ERROR(target_.AddText(subject_name, subject));
    XNA_RETURN_IF_ERROR(CopyAll(directory));
    std::string manifest = BagManifestLine(Md5(subject), subject_name);
    for (std::size_t i = 0; i < plan_.files.size(); ++i) {
      const ExportFile& file = plan_.files[i];
      // What XXH3 has proven to be the catalogued bytes has the catalogued MD5.
      const std::string& md5 = found_[i].md5.empty() ? file.expected.md5 : found_[i].md5;
      manifest += BagManifestLine(md5, file.name);
    }
    XNA_RETURN_IF_ERROR(AddTag("manifest-md5.txt", manifest));
    return target_.AddText("tagmanifest-md5.txt", tag_manifest_);
  }

  Status AddTag(const std::string& name, const std::string& text) {
    tag_manifest_ += BagManifestLine(Md5(text), name);
    return target_.AddText(name, text);
  }

  /// As the archive has it; of a subject that has none, the one it would have.
  Result<std::string> SubjectDocument() const {
    const SubjectRow& subject = input_.subject;
    Result<std::string> bytes = ReadSubjectXml(archive_, subject.project, subject.label);
    if (bytes.status().code() == Code::kNotFound) return WriteSubjectDocument(subject);
    return bytes;
  }

  std::string BagInfo(std::uint64_t subject_bytes) const {
    return WriteBagInfo({{"Source-Organization", input_.site_id},
                         {"External-Identifier", input_.experiment.id},
                         {"Bagging-Date", FormatCatalogTime(NowMs()).substr(0, kDateBytes)},
                         {"Payload-Oxum", std::to_string(plan_.bytes + subject_bytes) + "." +
                                              std::to_string(plan_.files.size() + 1)},
                         {"Bag-Software-Agent", "xnatarchive " + std::string(Version())}});
  }

  Status CopyAll(const Directory& directory) {
    return CopyPlanned(directory, plan_, input_.experiment.path, caller_, &target_, &found_);
  }

  Status CheckUnchanged(const Directory& directory) const {
    const Status status = CheckSourceUnchanged(directory, session_.described, input_.threads);
    if (status.ok() || status.reason() != "archive.source-changed") return status;
    return Status(Code::kConflict, "export.session-changed",
                  "the session was changed while it was exported; export it again");
  }

  const Directory& archive_;
  const SessionExport& input_;
  ExportTarget& target_;
  CallerProgress caller_;
  ArchivedSession session_;
  ExportPlan plan_;
  std::vector<Digests> found_;  // parallel to the plan's files
  std::string tag_manifest_;
};

}  // namespace

Result<ExportReport> ExportSession(const Trees& trees, const SessionExport& input,
                                   const Acknowledge& acknowledge, ExportTarget& target) {
  return Exporter(trees, input, target).Run(trees, acknowledge);
}

}  // namespace xnatarchive
