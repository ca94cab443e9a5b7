#include "engine/changed_objects.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "archive/archived_form.hpp"
#include "archive/merge_files.hpp"
#include "base/parallel.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "dicom/header.hpp"

namespace xnatarchive {
namespace {

struct ChangedObject {
  std::size_t resource = 0;
  const CatalogEntry* entry = nullptr;
  bool is_other = false;
};

std::vector<ChangedObject> ChangedObjects(const DescribedSession& session) {
  std::vector<ChangedObject> changed;
  for (std::size_t r = 0; r < session.draft.resources.size(); ++r) {
    auto file = session.facts[r].file_of_entry.begin();
    for (const CatalogEntry* entry : EntriesOf(session.draft.resources[r].catalog)) {
      const std::uint32_t index = *file++;
      const bool has_file = index != ResourceFacts::kRemote && CanBeEntry(entry->RelativePath());
      if (!has_file || !entry->dicom || entry->uid.empty()) continue;
      if (IsStale(*entry, session.inventory.resources[r][index])) changed.push_back({r, entry});
    }
  }
  return changed;
}

/// Whether the file is not the object of the entry, in its scan's series and its session's study.
bool IsOther(const DicomHeader& header, const DescribedSession& session,
             const ChangedObject& object) {
  const auto differs = [&](Tag tag, std::string_view known) {
    return !known.empty() && header.Has(tag) && header.Get(tag) != known;
  };
  const SessionDocument& document = session.draft.document;
  const std::string& scan_id = session.draft.resources[object.resource].scan_id;
  const auto scan = std::find_if(document.scans.begin(), document.scans.end(),
                                 [&](const Scan& one) { return one.id == scan_id; });
  return header.Get(kTagSOPInstanceUID) != object.entry->uid ||
         differs(kTagStudyInstanceUID, document.uid) ||
         (scan != document.scans.end() && differs(kTagSeriesInstanceUID, scan->uid));
}

}  // namespace

Status CheckChangedObjects(const Directory& session, unsigned threads,
                           DescribedSession* described) {
  std::vector<ChangedObject> changed = ChangedObjects(*described);
  XNA_RETURN_IF_ERROR(ParallelFor(changed.size(), threads, [&](std::size_t i) -> Status {
    ChangedObject& object = changed[i];
    const std::string& directory = described->draft.resources[object.resource].directory;
    const Result<DicomHeader> header =
        ReadHeader(session, described->PlaceNow(JoinPath(directory, object.entry->RelativePath())));
    if (!header.ok() && header.status().code() != Code::kCorruption) return header.status();
    object.is_other = !header.ok() || IsOther(*header, *described, object);
    return Status();
  }));
  for (const ChangedObject& object : changed) {
    if (!object.is_other) continue;
    ResourceFacts& facts = described->facts[object.resource];
    if (++facts.other_objects == 1) facts.first_other = object.entry->RelativePath();
  }
  return Status();
}

}  // namespace xnatarchive
