#include "handlers/session_handler.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "fs/directory.hpp"
#include "xml/catalog_xml.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kXmlBytesMax = 512u << 20;
constexpr const char* kDocumentRead = "session.document-read";

/// A path of the input, taken apart: "ROOT/SCANS/3/DICOM/a/b.dcm".
struct PlacedPath {
  std::string root;      // "ROOT"; empty when the input is the session directory itself
  std::string inside;    // "SCANS/3/DICOM/a/b.dcm"
  std::string scan_id;   // "3"; empty for RESOURCES
  std::string label;     // "DICOM"; empty when the file is in no resource
  std::string in_label;  // "a/b.dcm"
};

PlacedPath Place(const std::string& path) {
  const std::vector<std::string> parts = Split(path, '/');
  PlacedPath placed;
  std::size_t i = 0;
  while (i < parts.size() && parts[i] != "SCANS" && parts[i] != "RESOURCES") ++i;
  const auto join = [&](std::size_t begin, std::size_t end) {
    return Join(std::vector<std::string>(parts.begin() + static_cast<std::ptrdiff_t>(begin),
                                         parts.begin() + static_cast<std::ptrdiff_t>(end)),
                "/");
  };
  if (i == parts.size()) {
    placed.root = parts.size() > 1 ? parts[0] : "";
    placed.inside = path.substr(placed.root.empty() ? 0 : placed.root.size() + 1);
    return placed;
  }
  placed.root = join(0, i);
  placed.inside = join(i, parts.size());
  const std::size_t label_at = i + (parts[i] == "SCANS" ? 2 : 1);
  if (label_at + 1 >= parts.size()) return placed;
  if (parts[i] == "SCANS") placed.scan_id = parts[i + 1];
  placed.label = parts[label_at];
  placed.in_label = join(label_at + 1, parts.size());
  return placed;
}

/// What was found of one session directory.
struct FoundSession {
  SessionDraft* draft = nullptr;
  std::map<std::string, std::string> catalogs;  // path in the session -> XML
};

/// Moves `catalog` into `resource`, whose entries so far are the files that were found. Entries
/// come in the catalog's order and with all it says; files it does not name are left to `others`.
void ApplyCatalog(Catalog catalog, ResourceDraft* resource, std::vector<std::string>* others) {
  std::unordered_map<std::string, bool> named;
  for (const CatalogEntry& entry : catalog.entries) named.emplace(entry.RelativePath(), true);
  for (const CatalogEntry& file : resource->catalog.entries) {
    if (named.count(file.uri) == 0) others->push_back(JoinPath(resource->directory, file.uri));
  }
  resource->catalog = std::move(catalog);
}

class SessionReader {
 public:
  SessionReader(ImportSource& source, SessionDrafts& drafts) : source_(source), drafts_(drafts) {}

  Status Run() {
    if (source_.Kind() == SourceKind::kPrearchiveSession) return ReadInPlace();
    XNA_RETURN_IF_ERROR(source_.ForEachFile([&](SourceFile& file) { return Visit(file); }));
    for (auto& [root, session] : sessions_) XNA_RETURN_IF_ERROR(Finish(root, session));
    return Status();
  }

 private:
  /// A session of the prearchive stays where it is: its document says where its catalogs are, and
  /// the engine holds those against the files. So only the document, which comes first, is read.
  Status ReadInPlace() {
    const Status found = source_.ForEachFile([&](SourceFile& file) -> Status {
      if (file.path() == source_.Name() + ".xml") {
        XNA_ASSIGN_OR_RETURN(const std::string_view bytes, file.Head(kXmlBytesMax));
        documents_[file.path()] = bytes;
      }
      return Status(Code::kCancelled, kDocumentRead, "the rest is not needed");
    });
    if (!found.ok() && found.reason() != kDocumentRead) return found;
    return Finish(source_.Name(), Session(source_.Name()));
  }

  FoundSession& Session(const std::string& root) {
    FoundSession& session = sessions_[root];
    if (session.draft == nullptr) session.draft = &drafts_.Add();
    return session;
  }

  Status Visit(SourceFile& file) {
    if (drafts_.Cancelled()) return Status(Code::kCancelled, "import.cancelled", "cancelled");
    const std::string& path = file.path();
    if (StartsWith(BaseName(path), ".xa")) return Status();  // this library's own side-cars
    const PlacedPath placed = Place(path);
    const bool top_level = placed.inside.find('/') == std::string::npos;
    if (top_level && EndsWith(path, ".xml")) {
      XNA_ASSIGN_OR_RETURN(const std::string_view bytes, file.Head(kXmlBytesMax));
      documents_[path] = bytes;
      return Status();
    }
    if (placed.label.empty()) {
      drafts_.Skip(file, Status(Code::kInvalidArgument, "session.no-resource",
                                "the file lies in no scan's or session's resource"));
      return Status();
    }
    FoundSession& session = Session(placed.root);
    if (EndsWith(placed.in_label, "_catalog.xml")) {
      XNA_ASSIGN_OR_RETURN(const std::string_view bytes, file.Head(kXmlBytesMax));
      session.catalogs[placed.inside] = bytes;
      return Status();
    }
    CatalogEntry entry;
    entry.uri = placed.in_label;
    return drafts_.Keep(file, *session.draft, placed.scan_id, placed.label, std::move(entry));
  }

  const std::string* FindDocument(const std::string& root) const {
    for (const std::string& path : {root + ".xml", JoinPath(root, "session.xml")}) {
      const auto at = documents_.find(path);
      if (at != documents_.end()) return &at->second;
    }
    return nullptr;
  }

  Status Finish(const std::string& root, FoundSession& session) {
    const std::string* bytes = FindDocument(root);
    if (bytes == nullptr) {
      return Status(Code::kCorruption, "session.no-document",
                    "the session has no document; build it, or give one beside its directory")
          .WithPath(root + ".xml");
    }
    Result<SessionDocument> document = ParseSession(*bytes);
    if (!document.ok()) return std::move(document).status().WithPath(root + ".xml");
    session.draft->document = std::move(document).value();
    SessionDocument& parsed = session.draft->document;
    if (source_.Kind() == SourceKind::kPrearchiveSession) return Status();
    XNA_RETURN_IF_ERROR(ApplyResources("", parsed.resources, session));
    for (const Scan& scan : parsed.scans) {
      XNA_RETURN_IF_ERROR(ApplyResources(scan.id, scan.resources, session));
    }
    return MoveUnlisted(session);
  }

  /// Describes the document's resources: which of the found directories each one is.
  Status ApplyResources(const std::string& scan_id, const std::vector<Resource>& resources,
                        FoundSession& session) {
    for (const Resource& resource : resources) {
      const std::string directory(ParentPath(resource.uri));
      auto& drafts = session.draft->resources;
      auto at = std::find_if(drafts.begin(), drafts.end(), [&](const ResourceDraft& draft) {
        return draft.directory == directory;
      });
      ResourceDraft& draft = at != drafts.end() ? *at : drafts.emplace_back();
      draft.scan_id = scan_id;
      draft.label = resource.label;
      draft.format = resource.format;
      draft.content = resource.content;
      draft.description = resource.description;
      draft.directory = directory;
      draft.catalog_path = resource.uri;
      const auto bytes = session.catalogs.find(resource.uri);
      if (bytes == session.catalogs.end()) continue;
      Result<Catalog> catalog = ParseCatalog(bytes->second);
      if (!catalog.ok()) return std::move(catalog).status().WithPath(resource.uri);
      session.catalogs.erase(bytes);
      ApplyCatalog(std::move(catalog).value(), &draft, &session.draft->other_files);
    }
    return Status();
  }

  /// Files of directories that no resource of the document names travel along, uncatalogued.
  static Status MoveUnlisted(FoundSession& session) {
    auto& drafts = session.draft->resources;
    for (const ResourceDraft& draft : drafts) {
      if (!draft.catalog_path.empty()) continue;
      for (const CatalogEntry& entry : draft.catalog.entries) {
        session.draft->other_files.push_back(JoinPath(draft.directory, entry.uri));
      }
    }
    drafts.erase(
        std::remove_if(drafts.begin(), drafts.end(),
                       [](const ResourceDraft& draft) { return draft.catalog_path.empty(); }),
        drafts.end());
    for (const auto& [path, bytes] : session.catalogs) session.draft->other_files.push_back(path);
    return Status();
  }

  ImportSource& source_;
  SessionDrafts& drafts_;
  std::map<std::string, FoundSession> sessions_;
  std::map<std::string, std::string> documents_;
};

}  // namespace

bool SessionHandler::Accepts(const ImportSource& source) const {
  return source.Kind() == SourceKind::kPrearchiveSession;
}

Status SessionHandler::Describe(ImportSource& source, SessionDrafts& drafts) {
  return SessionReader(source, drafts).Run();
}

}  // namespace xnatarchive
