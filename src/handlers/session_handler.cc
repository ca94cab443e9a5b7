#include "handlers/session_handler.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>

#include "archive/archive_tree.hpp"
#include "archive/session_inventory.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "fs/directory.hpp"
#include "xml/catalog_xml.hpp"
#include "xml/session_xml.hpp"
#include "xml/subject_xml.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kDocumentBytesMax = 64u << 20;
constexpr std::size_t kCatalogBytesMax = 256u << 20;
constexpr std::size_t kXmlBytesTotalMax = 512u << 20;
constexpr const char* kArchivedDocument = "session.xml";
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
  std::map<std::string, Catalog> catalogs;  // by path in the session
  std::set<std::string> directories;        // of resources the document names
};

/// Puts `catalog` in the place of the entries that were made of the files found: in the catalog's
/// order, with all it says. Files it does not name keep the entries that were made of them.
void ApplyCatalog(Catalog catalog, ResourceDraft* resource) {
  std::unordered_set<std::string> named;
  for (const CatalogEntry& entry : catalog.entries) named.insert(entry.RelativePath());
  for (CatalogEntry& file : resource->catalog.entries) {
    if (named.count(file.uri) == 0) catalog.entries.push_back(std::move(file));
  }
  resource->catalog = std::move(catalog);
}

class SessionReader {
 public:
  SessionReader(ImportSource& source, SessionDrafts& drafts) : source_(source), drafts_(drafts) {
    const auto ignore = drafts.Parameters().find("Ignore-Unparsable");
    skip_others_ = ignore != drafts.Parameters().end() && ignore->second == "true";
  }

  Status Run() {
    if (source_.Kind() == SourceKind::kPrearchiveSession) return ReadInPlace();
    XNA_RETURN_IF_ERROR(source_.ForEachFile([&](SourceFile& file) { return Visit(file); }));
    for (auto& [root, session] : sessions_) XNA_RETURN_IF_ERROR(Finish(root, session));
    if (documents_.empty()) return Status();
    return Status(Code::kInvalidArgument, "session.no-files",
                  "the input has a session document without any file of its session")
        .WithPath(documents_.begin()->first);
  }

 private:
  /// A session of the prearchive stays where it is: its document says where its catalogs are, and
  /// the engine holds those against the files. So only the document, which comes first, is read.
  Status ReadInPlace() {
    const std::string name = source_.Name() + ".xml";
    const Status found = source_.ForEachFile([&](SourceFile& file) -> Status {
      if (file.path() == name) XNA_RETURN_IF_ERROR(ReadDocument(file));
      return Status(Code::kCancelled, kDocumentRead, "the rest is not needed");
    });
    if (!found.ok() && found.reason() != kDocumentRead) return found;
    const auto unreadable = unreadable_.find(name);
    if (unreadable != unreadable_.end()) return unreadable->second;
    return TakeDocument(source_.Name(), Session(source_.Name()));
  }

  FoundSession& Session(const std::string& root) {
    FoundSession& session = sessions_[root];
    if (session.draft == nullptr) session.draft = &drafts_.Add();
    return session;
  }

  /// All of a small file; the XML of one upload together is bounded, too.
  Result<std::string_view> ReadXml(SourceFile& file, std::size_t size_max) {
    XNA_ASSIGN_OR_RETURN(const std::string_view bytes, file.Head(size_max + 1));
    xml_bytes_ += bytes.size();
    if (bytes.size() <= size_max && xml_bytes_ <= kXmlBytesTotalMax) return bytes;
    return Status(Code::kInvalidArgument, "session.too-large",
                  "a document of more than " + std::to_string(size_max >> 20) +
                      " MiB, or more than " + std::to_string(kXmlBytesTotalMax >> 20) +
                      " MiB of them in one upload")
        .WithPath(file.path());
  }

  Status ReadDocument(SourceFile& file) {
    XNA_ASSIGN_OR_RETURN(const std::string_view bytes, ReadXml(file, kDocumentBytesMax));
    Result<SessionDocument> document = ParseSession(bytes);
    if (document.ok()) {
      documents_[file.path()] = std::move(document).value();
    } else {
      unreadable_[file.path()] = std::move(document).status().WithPath(file.path());
    }
    return Status();
  }

  /// The document of a subject, whose ID sessions name.
  Status ReadSubject(SourceFile& file) {
    XNA_ASSIGN_OR_RETURN(const std::string_view bytes, ReadXml(file, kDocumentBytesMax));
    Result<SubjectDocument> subject = ParseSubject(bytes);
    if (!subject.ok()) return LeaveOut(file, std::move(subject).status(), true);
    if (!subject->label.empty()) subject_labels_[subject->id] = subject->label;
    return Status();
  }

  /// Reports a file that belongs to no session, or ends the import with it.
  Status LeaveOut(SourceFile& file, Status why, bool allowed) {
    if (!allowed && !skip_others_) return std::move(why).WithPath(file.path());
    drafts_.Skip(file, std::move(why));
    return Status();
  }

  Status Visit(SourceFile& file) {
    if (drafts_.Cancelled()) return Status(Code::kCancelled, "import.cancelled", "cancelled");
    const std::string& path = file.path();
    if (StartsWith(BaseName(path), ".xa")) return Status();  // this library's own side-cars
    const PlacedPath placed = Place(path);
    const bool top_level = placed.inside.find('/') == std::string::npos;
    if (top_level && BaseName(path) == kSubjectDocument) return ReadSubject(file);
    if (top_level && EndsWith(path, ".xml")) {
      XNA_RETURN_IF_ERROR(ReadDocument(file));
      const auto unreadable = unreadable_.find(path);
      // What looks like the document and can not be read is told of when its session is finished.
      if (unreadable == unreadable_.end() || BaseName(path) == kArchivedDocument) return Status();
      return LeaveOut(file, unreadable->second, true);
    }
    if (placed.label.empty()) {
      return LeaveOut(file,
                      Status(Code::kInvalidArgument, "session.no-resource",
                             "the file lies in no scan's or session's resource"),
                      IsSessionLog(placed.inside));
    }
    FoundSession& session = Session(placed.root);
    if (EndsWith(placed.in_label, "_catalog.xml")) {
      XNA_ASSIGN_OR_RETURN(const std::string_view bytes, ReadXml(file, kCatalogBytesMax));
      Result<Catalog> catalog = ParseCatalog(bytes);
      if (!catalog.ok()) return std::move(catalog).status().WithPath(path);
      session.catalogs[placed.inside] = std::move(catalog).value();
      return Status();
    }
    CatalogEntry entry;
    entry.uri = placed.in_label;
    return drafts_.Keep(file, *session.draft, placed.scan_id, placed.label, std::move(entry));
  }

  /// Moves the document of a session directory into its draft.
  Status TakeDocument(const std::string& root, FoundSession& session) {
    for (const std::string& path : {root + ".xml", JoinPath(root, kArchivedDocument)}) {
      const auto unreadable = unreadable_.find(path);
      if (unreadable != unreadable_.end()) return unreadable->second;
      const auto at = documents_.find(path);
      if (at == documents_.end()) continue;
      session.draft->document = std::move(at->second);
      documents_.erase(at);
      return Status();
    }
    return Status(Code::kCorruption, "session.no-document",
                  "the session has no document; build it, or give one beside its directory")
        .WithPath(root + ".xml");
  }

  Status Finish(const std::string& root, FoundSession& session) {
    XNA_RETURN_IF_ERROR(TakeDocument(root, session));
    SessionDocument& document = session.draft->document;
    // IDs are those of the archive it comes from, where they may be somebody else's here.
    const auto subject = subject_labels_.find(document.Get("subject_ID"));
    if (subject != subject_labels_.end()) document.Set("subject_ID", subject->second);
    XNA_RETURN_IF_ERROR(ApplyResources("", document.resources, session));
    for (const Scan& scan : document.scans) {
      XNA_RETURN_IF_ERROR(ApplyResources(scan.id, scan.resources, session));
    }
    LeaveUnlisted(session);
    return Status();
  }

  /// Describes the document's resources: which of the found directories each one is.
  Status ApplyResources(const std::string& scan_id, const std::vector<Resource>& resources,
                        FoundSession& session) {
    for (const Resource& resource : resources) {
      const std::string directory(ParentPath(resource.uri));
      if (!session.directories.insert(directory).second) {
        return Status(Code::kCorruption, "session.shared-directory",
                      "two resources of the document lie in one directory")
            .WithPath(resource.uri);
      }
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
      const auto catalog = session.catalogs.find(resource.uri);
      if (catalog == session.catalogs.end()) continue;
      ApplyCatalog(std::move(catalog->second), &draft);
      session.catalogs.erase(catalog);
    }
    return Status();
  }

  /// Files of directories that no resource of the document names travel along, uncatalogued.
  static void LeaveUnlisted(FoundSession& session) {
    auto& drafts = session.draft->resources;
    const auto unlisted = [](const ResourceDraft& draft) { return draft.catalog_path.empty(); };
    for (const ResourceDraft& draft : drafts) {
      if (!unlisted(draft)) continue;
      for (const CatalogEntry& entry : draft.catalog.entries) {
        session.draft->other_files.push_back(JoinPath(draft.directory, entry.uri));
      }
    }
    drafts.erase(std::remove_if(drafts.begin(), drafts.end(), unlisted), drafts.end());
  }

  ImportSource& source_;
  SessionDrafts& drafts_;
  bool skip_others_ = false;
  std::size_t xml_bytes_ = 0;
  std::map<std::string, FoundSession> sessions_;       // by root
  std::map<std::string, SessionDocument> documents_;   // by path, until a session takes them
  std::map<std::string, Status> unreadable_;           // by path
  std::map<std::string, std::string> subject_labels_;  // by ID
};

}  // namespace

bool SessionHandler::Accepts(const ImportSource& source) const {
  return source.Kind() == SourceKind::kPrearchiveSession ||
         source.Kind() == SourceKind::kSessionBag;
}

Status SessionHandler::Describe(ImportSource& source, SessionDrafts& drafts) {
  return SessionReader(source, drafts).Run();
}

}  // namespace xnatarchive
