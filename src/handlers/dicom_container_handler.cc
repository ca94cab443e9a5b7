#include "handlers/dicom_container_handler.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "dicom/header.hpp"
#include "dicom/identify.hpp"
#include "dicom/naming.hpp"
#include "fs/directory.hpp"
#include "prearchive/header_note.hpp"

namespace xnatarchive {
namespace {

/// First bytes tried for a header; private elements in front of the pixels can make it larger.
constexpr std::size_t kHeadBytes = 64u << 10;
constexpr std::size_t kHeadBytesMax = 64u << 20;
constexpr const char* kResourceLabel = "DICOM";

/// Reads the header from as few of the file's first bytes as will do.
Result<DicomHeader> ReadFileHeader(SourceFile& file, const std::vector<Tag>& extra) {
  for (std::size_t size = kHeadBytes;; size *= 8) {
    XNA_ASSIGN_OR_RETURN(const std::string_view head, file.Head(size));
    const bool whole = head.size() < size;
    Result<DicomHeader> header =
        ReadHeader(head, whole ? Completeness::kWholeFile : Completeness::kPrefix, extra);
    if (header.ok()) {
      const std::uint64_t least = header->least_file_size();
      const std::uint64_t actual = whole ? head.size() : file.size().value_or(least);
      if (actual >= least) return header;
      return Status(Code::kCorruption, "dicom.truncated",
                    "the file has " + std::to_string(actual) + " bytes, its header claims " +
                        std::to_string(least));
    }
    if (whole || size >= kHeadBytesMax || header.status().reason() != "dicom.truncated") {
      return header;
    }
  }
}

/// "yyyyMMdd" -> "yyyy-MM-dd"; empty for anything else.
std::string IsoDate(std::string_view date) {
  if (date.size() != 8 || !ParseInt(date)) return "";
  return std::string(date.substr(0, 4)) + "-" + std::string(date.substr(4, 2)) + "-" +
         std::string(date.substr(6, 2));
}

/// "HHmmss.f" -> "HH:mm:ss"; empty for anything else.
std::string IsoTime(std::string_view time) {
  time = time.substr(0, 6);
  if (time.size() != 6 || !ParseInt(time)) return "";
  return std::string(time.substr(0, 2)) + ":" + std::string(time.substr(2, 2)) + ":" +
         std::string(time.substr(4, 2));
}

struct OpenSession {
  SessionDraft* draft = nullptr;
  std::unordered_set<std::string> names;  // "scan/name"
};

/// A project's filter, and its answers so far: the files of a series mostly have the same values.
class CachedFilter {
 public:
  explicit CachedFilter(SeriesFilter filter) : filter_(std::move(filter)), tags_(filter_.Tags()) {}

  const std::vector<Tag>& tags() const { return tags_; }
  bool Takes(const DicomHeader& header) {
    if (filter_.TakesEverything()) return true;
    std::string values;
    for (const Tag tag : tags_) values.append(header.Get(tag)).append(1, '\0');
    const auto [at, is_new] = answers_.emplace(std::move(values), false);
    if (is_new) at->second = filter_.Takes(header);
    return at->second;
  }

 private:
  SeriesFilter filter_;
  std::vector<Tag> tags_;
  std::unordered_map<std::string, bool> answers_;
};

class DicomSorter {
 public:
  /// `has_names`: whether files have names of the client's choice.
  DicomSorter(SessionDrafts& drafts, const RoutingRules& rules,
              const DicomContainerHandler::FilterOf& filter_of, bool has_names)
      : drafts_(drafts), rules_(rules), filter_of_(filter_of) {
    rename_ = !has_names || Parameter("rename") == "true";
    ignore_unparsable_ = Parameter("Ignore-Unparsable") == "true";
  }

  Status Visit(SourceFile& file) {
    if (drafts_.Cancelled()) return Status(Code::kCancelled, "import.cancelled", "cancelled");
    const std::size_t tags_read = extra_tags_.size();
    Result<DicomHeader> header = ReadFileHeader(file, extra_tags_);
    if (!header.ok()) {
      Status status = std::move(header).status();
      // Only what can be read and is no DICOM is skipped: damage to the input itself is not.
      if (!StartsWith(status.reason(), "dicom.") || !ignore_unparsable_) {
        return std::move(status).WithPath(file.path());
      }
      drafts_.Skip(file, std::move(status));
      return Status();
    }
    XNA_ASSIGN_OR_RETURN(const Identity identity, Identify(*header, rules_));
    const std::string project = ProjectOf(identity);
    XNA_ASSIGN_OR_RETURN(CachedFilter* const filter, FilterFor(project));
    if (extra_tags_.size() > tags_read) {  // once for each project: the filter looks at more
      XNA_ASSIGN_OR_RETURN(header, ReadFileHeader(file, extra_tags_));
    }
    if (!filter->Takes(*header)) {
      drafts_.Skip(file, Status(Code::kInvalidArgument, std::string(kFilteredSeries),
                                "the series import filter does not take its series"));
      return Status();
    }
    return Keep(file, *header, SessionOf(*header, identity, project));
  }

 private:
  std::string Parameter(const std::string& name) const {
    const auto at = drafts_.Parameters().find(name);
    return at == drafts_.Parameters().end() ? std::string() : at->second;
  }

  std::string ProjectOf(const Identity& identity) {
    const std::string parameter = Parameter("project");
    return parameter.empty() ? FindProject(identity.project_candidates) : parameter;
  }

  Result<CachedFilter*> FilterFor(const std::string& project) {
    const auto known = filters_.find(project);
    if (known != filters_.end()) return &known->second;
    XNA_ASSIGN_OR_RETURN(SeriesFilter filter, filter_of_(project));
    const auto at = filters_.emplace(project, CachedFilter(std::move(filter))).first;
    for (const Tag tag : at->second.tags()) {
      const bool read = FindKeptTag(tag) != nullptr ||
                        std::find(extra_tags_.begin(), extra_tags_.end(), tag) != extra_tags_.end();
      if (!read) extra_tags_.push_back(tag);
    }
    return &at->second;
  }

  OpenSession* SessionOf(const DicomHeader& header, const Identity& identity,
                         const std::string& project) {
    const std::string session_parameter = Parameter("session");
    const std::string& label = session_parameter.empty() ? identity.session : session_parameter;
    const std::string study_uid(header.Get(kTagStudyInstanceUID));
    OpenSession& session = sessions_[{project, study_uid, label}];
    if (session.draft != nullptr) return &session;

    session.draft = &drafts_.Add();
    session.draft->needs_build = true;
    session.draft->auto_archive = identity.auto_archive;
    session.draft->document.project = project;
    session.draft->document.label = label;
    session.draft->document.uid = study_uid;
    session.draft->document.Set("subject_ID", identity.subject);
    session.draft->scan_date = IsoDate(header.Get(kTagStudyDate));
    session.draft->scan_time = IsoTime(header.Get(kTagStudyTime));
    return &session;
  }

  /// Looks each list of candidates up once, not once per file.
  std::string FindProject(const std::vector<std::string>& candidates) {
    const auto [at, unknown] = projects_.emplace(candidates, std::string());
    if (unknown) at->second = drafts_.FindProject(candidates).value_or("");
    return at->second;
  }

  /// XNAT's choice of a file name: the client's, made safe; the template's when that is taken, or
  /// wanted by the request. Unlike XNAT's, no name is given twice within an upload, not to two
  /// objects of one UID either: copies are dropped later, when their bytes are known.
  std::string ChooseName(const SourceFile& file, const DicomHeader& header, const std::string& scan,
                         OpenSession* session) const {
    const auto is_free = [&](const std::string& name) {
      return session->names.insert(scan + "/" + name).second;
    };
    if (!rename_) {
      const std::string client = SafeClientName(BaseName(file.path()), header);
      if (is_free(client)) return client;
    }
    const std::string safe = FileName(header);
    std::string name = safe;
    for (int n = 2; !is_free(name); ++n) name = std::to_string(n) + "-" + safe;
    return name;
  }

  Status Keep(SourceFile& file, const DicomHeader& header, OpenSession* session) {
    const std::string scan = ScanDirectory(header);
    CatalogEntry entry;
    entry.dicom = true;
    entry.uri = ChooseName(file, header, scan, session);
    entry.uid = header.Get(kTagSOPInstanceUID);
    entry.instance_number = ParseInt(header.Get(kTagInstanceNumber));
    entry.format = "DICOM";
    return drafts_.Keep(file, *session->draft, scan, kResourceLabel, std::move(entry),
                        WriteHeaderNote(header));
  }

  SessionDrafts& drafts_;
  const RoutingRules& rules_;
  const DicomContainerHandler::FilterOf& filter_of_;
  std::vector<Tag> extra_tags_ = RoutingTags(rules_);  // beyond those every header is read for
  bool rename_ = false;
  bool ignore_unparsable_ = false;
  std::map<std::tuple<std::string, std::string, std::string>, OpenSession> sessions_;
  std::map<std::vector<std::string>, std::string> projects_;
  std::map<std::string, CachedFilter> filters_;
};

}  // namespace

bool DicomContainerHandler::Accepts(const ImportSource& source) const {
  return source.Kind() != SourceKind::kPrearchiveSession &&
         source.Kind() != SourceKind::kSessionBag;
}

Status DicomContainerHandler::Describe(ImportSource& source, SessionDrafts& drafts) {
  const bool nameless_stream = source.Kind() == SourceKind::kFile && source.Name() == "-";
  DicomSorter sorter(drafts, rules_, filter_of_, !nameless_stream);
  return source.ForEachFile([&](SourceFile& file) { return sorter.Visit(file); });
}

}  // namespace xnatarchive
