#include "candidate.hpp"

#include "strategies.hpp"
#include "to_json.hpp"

namespace xnatarchive::capi {
namespace {

constexpr int kWarnCode = 16;
constexpr int kFailCode = 17;

class HostValidator : public SessionValidator {
 public:
  HostValidator(SharedCallbacks<xna_session_validator> callbacks,
                std::weak_ptr<const Engine> engine)
      : callbacks_(std::move(callbacks)), engine_(std::move(engine)) {}

  Status Validate(const SessionCandidate& session, const Cancelled& cancelled,
                  std::vector<Finding>* findings) override {
    return RunCallback("validator", engine_.lock(), Forbids::kChanges, &cancelled,
                       [&](const Frame& frame, xna_callback* callback) {
                         const ScopedHandle<xna_candidate> candidate(
                             std::make_shared<Candidate>(frame.scope(), session, findings));
                         const xna_status result =
                             (*callbacks_)->validate((*callbacks_)->ctx, candidate.get(), callback);
                         return result == XNA_PASSTHROUGH ? XNA_OK : result;
                       });
  }

 private:
  const SharedCallbacks<xna_session_validator> callbacks_;
  const std::weak_ptr<const Engine> engine_;
};

class HostTransform : public SessionTransform {
 public:
  HostTransform(std::string name, SharedCallbacks<xna_session_transform> callbacks,
                std::weak_ptr<const Engine> engine)
      : name_(std::move(name)), callbacks_(std::move(callbacks)), engine_(std::move(engine)) {}

  std::string Name() const override { return name_; }

  Status Transform(const SessionCandidate& session, SessionFiles& files, SessionDocument* document,
                   const Cancelled& cancelled) override {
    return RunCallback("transform", engine_.lock(), Forbids::kChanges, &cancelled,
                       [&](const Frame& frame, xna_callback* callback) {
                         const ScopedHandle<xna_candidate> candidate(
                             std::make_shared<Candidate>(frame.scope(), session, nullptr));
                         const ScopedHandle<xna_session_files> c_files(
                             std::make_shared<TransformedFiles>(frame.scope(), files));
                         const ScopedHandle<xna_document> c_document(
                             std::make_shared<Document>(frame.scope(), document));
                         const xna_status result =
                             (*callbacks_)
                                 ->transform((*callbacks_)->ctx, candidate.get(), c_files.get(),
                                             c_document.get(), callback);
                         return result == XNA_PASSTHROUGH ? XNA_OK : result;
                       });
  }

 private:
  const std::string name_;
  const SharedCallbacks<xna_session_transform> callbacks_;
  const std::weak_ptr<const Engine> engine_;
};

Json FilesOf(const ResourceDraft& resource) {
  Json files = Json::array();
  for (const CatalogEntry& entry : resource.catalog.entries) {
    files.push_back({{"uri", std::string_view(entry.uri)},
                     {"size", entry.Meta("SIZE")},
                     {"digest", std::string_view(entry.digest)},
                     {"uid", std::string_view(entry.uid)},
                     {"format", std::string_view(entry.format)}});
  }
  return files;
}

Json ToJson(const SessionCandidate& session) {
  Json resources = Json::array();
  for (const ResourceDraft& resource : session.resources) {
    resources.push_back({{"scan_id", resource.scan_id},
                         {"label", resource.label},
                         {"format", resource.format},
                         {"content", resource.content},
                         {"files", FilesOf(resource)}});
  }
  return {{"project", session.project},
          {"subject", session.subject},
          {"label", session.label},
          {"exists", session.exists},
          {"resources", std::move(resources)}};
}

}  // namespace

std::shared_ptr<SessionValidator> MakeValidator(SharedCallbacks<xna_session_validator> callbacks,
                                                std::weak_ptr<const Engine> engine) {
  return std::make_shared<HostValidator>(std::move(callbacks), std::move(engine));
}

std::shared_ptr<SessionTransform> MakeTransform(std::string name,
                                                SharedCallbacks<xna_session_transform> callbacks,
                                                std::weak_ptr<const Engine> engine) {
  return std::make_shared<HostTransform>(std::move(name), std::move(callbacks), std::move(engine));
}

}  // namespace xnatarchive::capi

using namespace xnatarchive;
using namespace xnatarchive::capi;

xna_document* xna_candidate_document(const xna_candidate* candidate) {
  const Using found(candidate);
  return found ? found->document.get() : nullptr;
}

xna_status xna_candidate_json(const xna_candidate* candidate, xna_text** out_text,
                              xna_error** out_error) {
  return GuardScoped(candidate, "candidate", out_error, ClearOut(out_text), [&](Candidate& found) {
    return StoreText(DumpJson(capi::ToJson(found.session), JsonLayout::kOneLine), out_text);
  });
}

void xna_candidate_find(xna_candidate* candidate, int32_t type, const char* reason,
                        const char* message) {
  Quietly([&] {
    const Using found(candidate);
    if (!found || found->findings == nullptr) return;
    if (type != XNA_FINDING_FAIL && type != XNA_FINDING_WARN) return;
    const bool fail = type == XNA_FINDING_FAIL;
    found->findings->push_back({fail ? kFailCode : kWarnCode,
                                fail ? FindingType::kFail : FindingType::kWarn,
                                std::string(TextOr(reason, "")), std::string(TextOr(message, ""))});
  });
}

size_t xna_session_files_count(const xna_session_files* files) {
  const Using found(files);
  return found ? found->files.Paths().size() : 0;
}

const char* xna_session_files_path(const xna_session_files* files, size_t index) {
  const Using found(files);
  if (!found || index >= found->files.Paths().size()) return nullptr;
  return found->files.Paths()[index].c_str();
}

xna_status xna_session_files_read(xna_session_files* files, const char* path, xna_text** out_bytes,
                                  xna_error** out_error) {
  return GuardScoped(files, "set of files", out_error, ClearOut(out_bytes),
                     [&](TransformedFiles& found) {
                       if (path == nullptr) return NullArgument("path");
                       return Store(found.files.Read(path), out_bytes);
                     });
}

xna_status xna_session_files_replace(xna_session_files* files, const char* path, const void* data,
                                     size_t size, xna_error** out_error) {
  return GuardScoped(files, "set of files", out_error, true, [&](TransformedFiles& found) {
    if (path == nullptr) return NullArgument("path");
    Status status = CheckBytes(data, size);
    if (!status.ok()) return status;
    return found.files.Replace(path, std::string_view(static_cast<const char*>(data), size));
  });
}

xna_status xna_session_files_reject(xna_session_files* files, const char* path,
                                    xna_error** out_error) {
  return GuardScoped(files, "set of files", out_error, true, [&](TransformedFiles& found) {
    if (path == nullptr) return NullArgument("path");
    return found.files.Reject(path);
  });
}
