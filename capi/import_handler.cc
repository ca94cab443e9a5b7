#include <deque>
#include <optional>

#include "document.hpp"
#include "strategies.hpp"

namespace xnatarchive::capi {

/// One session of an import, during the handler's callback.
class DraftedSession : public Scoped {
 public:
  DraftedSession(std::shared_ptr<Scope> scope, SessionDraft& its_draft)
      : Scoped(std::move(scope)),
        draft(its_draft),
        document(std::make_shared<Document>(shared_scope(), &its_draft.document)) {}

  SessionDraft& draft;
  const ScopedHandle<xna_document> document;
};

/// One file, during its visit.
class VisitedFile : public Scoped {
 public:
  VisitedFile(std::shared_ptr<Scope> scope, SourceFile& its_file)
      : Scoped(std::move(scope)), file(&its_file), path(its_file.path()) {}

  SourceFile* file;  ///< Null when the visit is over.
  const std::string path;
};

/// An import, during the handler's callback.
class Import : public Scoped {
 public:
  Import(std::shared_ptr<Scope> scope, ImportSource& its_source, SessionDrafts& its_drafts)
      : Scoped(std::move(scope)), source(its_source), drafts(its_drafts) {}

  ImportSource& source;
  SessionDrafts& drafts;
  std::deque<ScopedHandle<xna_session>> sessions;
  std::deque<std::string> texts;  ///< What was returned as borrowed.
};

namespace {

class HostHandler : public ImportHandler {
 public:
  HostHandler(std::string name, SharedCallbacks<xna_import_handler> callbacks,
              std::weak_ptr<const Engine> engine)
      : name_(std::move(name)), callbacks_(std::move(callbacks)), engine_(std::move(engine)) {}

  std::string_view Name() const noexcept override { return name_; }

  bool Accepts(const ImportSource& source) const override {
    if ((*callbacks_)->accepts == nullptr) return false;
    const Frame frame(engine_.lock(), Forbids::kChanges);
    return (*callbacks_)
               ->accepts((*callbacks_)->ctx, source.Name().c_str(),
                         static_cast<std::int32_t>(source.Kind())) == 1;
  }

  Status Describe(ImportSource& source, SessionDrafts& drafts) override {
    const Cancelled cancelled = [&] { return drafts.Cancelled(); };
    return RunCallback("handler", engine_.lock(), Forbids::kChanges, &cancelled,
                       [&](const Frame& frame, xna_callback* callback) {
                         const ScopedHandle<xna_import> import(
                             std::make_shared<Import>(frame.scope(), source, drafts));
                         const xna_status result =
                             (*callbacks_)->describe((*callbacks_)->ctx, import.get(), callback);
                         return result == XNA_PASSTHROUGH ? XNA_E_UNSUPPORTED : result;
                       });
  }

 private:
  const std::string name_;
  const SharedCallbacks<xna_import_handler> callbacks_;
  const std::weak_ptr<const Engine> engine_;
};

/// What the handle stands for in the scope, whose lock is held; null for one of another scope.
template <typename Handle>
std::shared_ptr<ObjectOf<Handle>> FindIn(const Scope& scope, const Handle* handle) {
  auto object = Find(handle);
  return object == nullptr || &object->scope() != &scope ? nullptr : object;
}

/// A visit, as long as this object.
class OpenVisit {
 public:
  explicit OpenVisit(std::shared_ptr<VisitedFile> visited)
      : visited_(std::move(visited)), handle_(visited_) {}
  ~OpenVisit() {
    const std::lock_guard<std::recursive_mutex> lock(visited_->scope().mutex);
    visited_->file = nullptr;
  }
  OpenVisit(const OpenVisit&) = delete;
  OpenVisit& operator=(const OpenVisit&) = delete;

  xna_file* handle() const { return handle_.get(); }

 private:
  const std::shared_ptr<VisitedFile> visited_;
  const ScopedHandle<xna_file> handle_;
};

/// The host's visit of one file.
Status Visit(Import& import, SourceFile& file, xna_status (*visit)(void*, xna_file*), void* ctx) {
  const OpenVisit visited(std::make_shared<VisitedFile>(import.shared_scope(), file));
  return import.scope().frame->OutcomeOf("handler", [&] { return visit(ctx, visited.handle()); });
}

/// The entry of a file that is kept.
Status ReadEntry(const xna_entry* from, const VisitedFile& file, CatalogEntry* entry) {
  xna_entry given;
  Status status = ReadStruct(from, XNA_ENTRY_DICOM, &given);
  if (!status.ok()) return status;
  std::string uri, format, content, uid;
  status = ReadName(given.uri, "the entry's uri", &uri);
  if (status.ok()) status = ReadName(given.format, "the entry's format", &format);
  if (status.ok()) status = ReadName(given.content, "the entry's content", &content);
  if (status.ok()) status = ReadName(given.uid, "the entry's uid", &uid);
  if (!status.ok()) return status;
  entry->dicom = (given.flags & XNA_ENTRY_DICOM) != 0;
  entry->uri = uri.empty() ? file.path : std::move(uri);
  entry->format = std::move(format);
  entry->content = std::move(content);
  entry->uid = std::move(uid);
  if (given.instance_number >= 0) entry->instance_number = given.instance_number;
  return status;
}

Status Keep(Import& import, xna_file* file, xna_session* session, const char* scan_id,
            const char* resource_label, const xna_entry* entry) {
  const auto found_file = FindIn(import.scope(), file);
  const auto found_session = FindIn(import.scope(), session);
  if (found_file == nullptr || found_file->file == nullptr) return BadHandle("file of this import");
  if (found_session == nullptr) return BadHandle("session of this import");
  std::string scan, label;
  Status status = ReadName(scan_id, "the scan's ID", &scan);
  if (status.ok()) status = ReadRequiredName(resource_label, "the resource's label", &label);
  CatalogEntry catalog_entry;
  if (status.ok()) status = ReadEntry(entry, *found_file, &catalog_entry);
  if (!status.ok()) return status;
  return import.drafts.Keep(*found_file->file, found_session->draft, scan, label,
                            std::move(catalog_entry));
}

}  // namespace

std::unique_ptr<ImportHandler> MakeImportHandler(std::string name,
                                                 SharedCallbacks<xna_import_handler> callbacks,
                                                 std::weak_ptr<const Engine> engine) {
  return std::make_unique<HostHandler>(std::move(name), std::move(callbacks), std::move(engine));
}

}  // namespace xnatarchive::capi

using namespace xnatarchive;
using namespace xnatarchive::capi;

const char* xna_import_name(const xna_import* import) {
  const Using found(import);
  return found ? found->source.Name().c_str() : nullptr;
}

int32_t xna_import_kind(const xna_import* import) {
  const Using found(import);
  return found ? static_cast<int32_t>(found->source.Kind()) : -1;
}

const char* xna_import_parameter(const xna_import* import, const char* name) {
  const char* value = nullptr;
  Quietly([&] {
    const Using found(import);
    if (!found || name == nullptr) return;
    const auto at = found->drafts.Parameters().find(name);
    if (at != found->drafts.Parameters().end()) value = at->second.c_str();
  });
  return value;
}

const char* xna_import_find_project(const xna_import* import, const char* name) {
  const char* project = nullptr;
  Quietly([&] {
    const Using found(import);
    if (!found || name == nullptr) return;
    auto id = found->drafts.FindProject({name});
    if (id) project = found->texts.emplace_back(std::move(*id)).c_str();
  });
  return project;
}

xna_status xna_import_each_file(xna_import* import, xna_status (*visit)(void*, xna_file*),
                                void* ctx, xna_error** out_error) {
  return Guard(out_error, [&] {
    if (visit == nullptr) return NullArgument("visit");
    std::shared_ptr<Import> found;
    std::unique_ptr<VisitedScope> visiting;  // let go before the import
    {
      const Using use(import);
      if (!use) return BadHandle("import");
      found = use.shared();
      visiting = std::make_unique<VisitedScope>(found->scope());
    }
    Status status = found->source.ForEachFile(
        [&](SourceFile& file) { return Visit(*found, file, visit, ctx); });
    const std::lock_guard<std::recursive_mutex> lock(found->scope().mutex);
    if (!status.ok()) found->scope().frame->NoteFailure(status);
    return status;
  });
}

const char* xna_file_path(const xna_file* file) {
  const Using found(file);
  return found ? found->path.c_str() : nullptr;
}

int64_t xna_file_size(const xna_file* file) {
  const Using found(file);
  if (!found || found->file == nullptr || !found->file->size()) return -1;
  return static_cast<int64_t>(*found->file->size());
}

const void* xna_file_head(xna_file* file, size_t size_max, size_t* out_size,
                          xna_error** out_error) {
  if (out_size != nullptr) *out_size = 0;
  const void* head = nullptr;
  const xna_status status =
      GuardScoped(file, "file", out_error, out_size != nullptr, [&](VisitedFile& found) {
        if (found.file == nullptr) return BadHandle("file");
        const Result<std::string_view> bytes = found.file->Head(size_max);
        if (!bytes.ok()) return bytes.status();
        head = bytes->empty() ? "" : bytes->data();
        *out_size = bytes->size();
        return Status();
      });
  return status == XNA_OK ? head : nullptr;
}

xna_session* xna_import_add_session(xna_import* import) {
  xna_session* session = nullptr;
  Quietly([&] {
    const Using found(import);
    if (!found) return;
    session = found->sessions
                  .emplace_back(
                      std::make_shared<DraftedSession>(found->shared_scope(), found->drafts.Add()))
                  .get();
  });
  return session;
}

xna_document* xna_session_document(const xna_session* session) {
  const Using found(session);
  return found ? found->document.get() : nullptr;
}

xna_status xna_session_describe(xna_session* session, uint32_t flags, const char* scan_date,
                                const char* scan_time, xna_error** out_error) {
  return GuardScoped(session, "session", out_error, true, [&](DraftedSession& found) {
    constexpr uint32_t kArchive = XNA_SESSION_AUTO_ARCHIVE;
    constexpr uint32_t kWait = XNA_SESSION_WAIT_FOR_USER;
    if ((flags & ~(XNA_SESSION_NEEDS_BUILD | kArchive | kWait)) != 0) {
      return Status(Code::kUnsupported, "capi.unknown-flag", "a flag of the session is unknown");
    }
    if ((flags & kArchive) != 0 && (flags & kWait) != 0) {
      return Status(Code::kInvalidArgument, "capi.contradiction",
                    "a session can not wait and be archived at once");
    }
    std::string date, time;
    Status status = ReadName(scan_date, "the scan's date", &date);
    if (status.ok()) status = ReadName(scan_time, "the scan's time", &time);
    if (!status.ok()) return status;
    found.draft.needs_build = (flags & XNA_SESSION_NEEDS_BUILD) != 0;
    found.draft.auto_archive.reset();
    if ((flags & (kArchive | kWait)) != 0) found.draft.auto_archive = (flags & kArchive) != 0;
    found.draft.scan_date = std::move(date);
    found.draft.scan_time = std::move(time);
    return status;
  });
}

xna_status xna_import_keep(xna_import* import, xna_file* file, xna_session* session,
                           const char* scan_id, const char* resource_label, const xna_entry* entry,
                           xna_error** out_error) {
  return GuardScoped(import, "import", out_error, true, [&](Import& found) {
    return Keep(found, file, session, scan_id, resource_label, entry);
  });
}

void xna_import_skip(xna_import* import, xna_file* file, const char* reason, const char* message) {
  Quietly([&] {
    const Using found(import);
    if (!found) return;
    const auto found_file = FindIn(found->scope(), file);
    if (found_file == nullptr || found_file->file == nullptr) return;
    const std::string_view slug = TextOr(reason, "");
    found->drafts.Skip(*found_file->file,
                       Status(Code::kUnsupported, slug.empty() ? "handler.skipped" : slug,
                              std::string(TextOr(message, "the handler left it out"))));
  });
}
