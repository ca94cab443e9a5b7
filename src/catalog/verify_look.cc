#include "catalog/verify_look.hpp"

#include <set>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "catalog/expected_digests.hpp"
#include "fs/lexical_path.hpp"

namespace xnatarchive {
namespace {

class Looker {
 public:
  Looker(const SessionToVerify& target, const ArchivedSession& session)
      : target_(target), session_(session.described), places_(session.places) {}

  SessionLook Run(const std::set<std::size_t>& chosen,
                  const std::vector<ResourcePlace>& uncatalogued) {
    for (const ResourcePlace& place : uncatalogued) {
      if (!place.is_catalog || chosen.count(place.number) == 0) continue;
      Add(VerifyProblemKind::kCatalogMissing, PlaceUri(target_.uri, place), "",
          "the document's path of the catalog is not below the session");
    }
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (chosen.count(places_[i].number) > 0) AddResource(i);
    }
    return std::move(look_);
  }

 private:
  void Add(VerifyProblemKind kind, const std::string& uri, const std::string& path,
           std::string message) {
    look_.problems.push_back(
        {kind, uri, PrintablePath(JoinPath(target_.path, path)), std::move(message)});
  }

  void AddResource(std::size_t index) {
    const ResourceDraft& resource = session_.draft.resources[index];
    const ResourceFacts& facts = session_.facts[index];
    const std::string uri = PlaceUri(target_.uri, places_[index]);
    if (facts.catalog_missing) {
      return Add(VerifyProblemKind::kCatalogMissing, uri, resource.catalog_path,
                 "the catalog is not there");
    }
    if (!facts.unreadable.empty()) {
      return Add(VerifyProblemKind::kCatalogUnreadable, uri, resource.catalog_path,
                 "the catalog can not be read: " + facts.unreadable);
    }
    ++look_.counts.catalogs;
    const std::vector<SessionFile>& files = session_.inventory.resources[index];
    std::vector<bool> named(files.size(), false);
    const SharedText shared_uri(uri);  // one for all files
    std::vector<bool> packed(files.size(), false);
    std::size_t next = 0;
    ForEachEntry(resource.catalog, [&](const CatalogEntry& entry) {
      const auto as_packed = facts.packed_of_entry.find(next);
      const std::uint32_t at = facts.file_of_entry[next++];
      const std::string path = JoinPath(resource.directory, entry.RelativePath());
      if (as_packed != facts.packed_of_entry.end()) {
        packed[as_packed->second] = true;
        ++look_.counts.files_elsewhere;
      } else if (at == ResourceFacts::kRemote) {
        AddAbsent(uri, path, entry);
      } else if (named[at] ||
                 !CanBeOfEntry(resource, JoinPath(resource.directory, files[at].path))) {
        Add(VerifyProblemKind::kBadEntry, uri, path,
            "the entry can not be a file's, or names one a second time");
      } else {
        named[at] = true;
        AddFile(shared_uri, path, entry, files[at]);
      }
    });
    for (std::size_t i = 0; i < files.size(); ++i) {
      const std::string path = JoinPath(resource.directory, files[i].path);
      const bool own = path == resource.catalog_path || path == resource.catalog_path + ".gz";
      if (named[i] || packed[i] || own || !IsToBeListed(path)) continue;
      Add(VerifyProblemKind::kUnlisted, uri, path, "no catalog names the file");
    }
  }

  void AddAbsent(const std::string& uri, const std::string& path, const CatalogEntry& entry) {
    if (entry.uri.view().find("://") != std::string_view::npos) {
      ++look_.counts.files_elsewhere;
    } else if (CheckRelativePath(entry.RelativePath()).ok()) {
      Add(VerifyProblemKind::kMissing, uri, path, "the file is not there");
    } else {
      Add(VerifyProblemKind::kBadEntry, uri, path, "the entry's path can not be a file's");
    }
  }

  void AddFile(const SharedText& uri, const std::string& path, const CatalogEntry& entry,
               const SessionFile& file) {
    ++look_.counts.files;
    look_.counts.bytes += file.size;
    const std::string_view size = entry.Meta("SIZE");
    if (!size.empty() && ParseInt(size) != static_cast<std::int64_t>(file.size)) {
      return Add(VerifyProblemKind::kWrongSize, uri, path,
                 "the file has " + std::to_string(file.size) + " bytes, its catalog says " +
                     std::string(size));
    }
    Digests expected = ExpectedDigests(entry, file);
    if (expected == Digests()) {
      ++look_.counts.files_without_digest;
      return;
    }
    look_.files[path] = {file, std::move(expected), uri};
  }

  const SessionToVerify& target_;
  const DescribedSession& session_;
  const std::vector<ResourcePlace>& places_;
  SessionLook look_;
};

/// The numbers of the resources that are asked for.
Result<std::set<std::size_t>> Choose(const SessionToVerify& target,
                                     const ArchivedSession& session) {
  std::vector<ResourcePlace> places = session.places;
  places.insert(places.end(), session.others.begin(), session.others.end());
  std::set<std::size_t> chosen;
  if (target.parts.empty()) {
    for (const ResourcePlace& place : places) chosen.insert(place.number);
  }
  for (const ParsedUri& part : target.parts) {
    XNA_ASSIGN_OR_RETURN(
        const std::vector<ResourcePlace> named,
        PlacesNamed(session.described.draft.document, places, part, Cascade::kEverything));
    for (const ResourcePlace& place : named) chosen.insert(place.number);
  }
  return chosen;
}

}  // namespace

Result<SessionLook> LookAtSession(const Directory& archive, const SessionToVerify& target,
                                  unsigned threads) {
  const Result<ArchivedSession> session = target.is_folder
                                              ? ReadResourceFolder(archive, target.path, threads)
                                              : ReadArchivedSession(archive, target.path, threads);
  if (!session.ok()) {
    SessionLook look;
    const Status& why = session.status();
    look.problems.push_back(
        {VerifyProblemKind::kSessionUnreadable, target.uri,
         target.is_folder ? target.path : JoinPath(target.path, kSessionDocument),
         std::string(why.message()) + " [" + std::string(why.reason()) + "]"});
    return look;
  }
  XNA_ASSIGN_OR_RETURN(const std::set<std::size_t> chosen, Choose(target, *session));
  return Looker(target, *session).Run(chosen, session->others);
}

}  // namespace xnatarchive
