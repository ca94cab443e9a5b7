#include "prearchive/build_series.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/text.hpp"
#include "dicom/naming.hpp"

namespace xnatarchive {
namespace {

// Leaves room for the suffix and for the catalog's name around it.
constexpr std::size_t kScanNameBytesMax = 128;
constexpr std::size_t kModalityBytesMax = 16;

std::string ScanName(const DicomHeader& header) {
  return ScanDirectory(header).substr(0, kScanNameBytesMax);
}

// Series while their files are still coming in.
struct Growing {
  Series series;
  std::set<std::string> names;  // scan names its files claim
  std::set<std::string> sop_classes;
  std::set<std::string> modalities;
};

class Grouping {
 public:
  explicit Grouping(bool separate_secondary) : separate_secondary_(separate_secondary) {}

  void Add(const BuildFile& file) {
    const auto [at, added] = parts_.try_emplace(file.header);
    if (added) at->second = AddHeader(*file.header);
    Series& series = growing_[at->second.series].series;
    (at->second.primary ? series.primary : series.secondary).files.push_back(&file);
  }

  std::vector<Growing> Take() { return std::move(growing_); }

 private:
  struct Part {
    std::size_t series = 0;
    bool primary = true;
  };

  Part AddHeader(const DicomHeader& header) {
    const auto [at, added] = by_key_.emplace(SeriesKey(header), growing_.size());
    if (added) growing_.emplace_back().series.uid = header.Get(kTagSeriesInstanceUID);
    Growing& growing = growing_[at->second];
    const std::string sop_class(header.Get(kTagSOPClassUID));
    growing.names.insert(ScanName(header));
    growing.sop_classes.insert(sop_class);
    growing.modalities.emplace(header.Get(kTagModality));
    if (growing.series.kind.description.empty()) {
      growing.series.kind.description = header.Get(kTagSeriesDescription);
    }
    const Part part{at->second, !separate_secondary_ || IsPrimarySopClass(sop_class)};
    Series& series = growing.series;
    (part.primary ? series.primary : series.secondary).headers.push_back(&header);
    return part;
  }

  const bool separate_secondary_;
  std::vector<Growing> growing_;
  std::unordered_map<std::string, std::size_t> by_key_;
  std::unordered_map<const DicomHeader*, Part> parts_;
};

// "MR" of "3-MR1". The header's own text may become part of a path.
std::string ModalityName(const std::string& modality) {
  return modality.empty() ? "OT" : SanitiseLabel(modality).substr(0, kModalityBytesMax);
}

void AssignIds(std::vector<Series>& all, const std::vector<std::string>& names) {
  std::map<std::string, std::vector<Series*>> by_name;
  for (std::size_t i = 0; i < all.size(); ++i) by_name[names[i]].push_back(&all[i]);
  std::set<std::string> taken;
  for (const auto& [name, same_name] : by_name) {
    if (same_name.size() > 1) continue;
    same_name.front()->id = name;
    taken.insert(name);
  }
  for (auto& [name, same_name] : by_name) {
    if (same_name.size() == 1) continue;
    std::sort(same_name.begin(), same_name.end(),
              [](const Series* a, const Series* b) { return a->uid < b->uid; });
    std::map<std::string, int> count;
    for (Series* series : same_name) {
      const std::string stem = name + "-" + ModalityName(series->kind.modality);
      do {  // a series may have such a name as its number
        series->id = stem + std::to_string(++count[stem]);
      } while (!taken.insert(series->id).second);
    }
  }
}

}  // namespace

std::string SeriesKey(const DicomHeader& header) {
  const std::string_view uid = header.Get(kTagSeriesInstanceUID);
  return uid.empty() ? "/" + ScanName(header) : std::string(uid);  // no UID has a '/'
}

std::vector<Series> GroupSeries(const BuildInput& input, std::vector<std::string>* log) {
  Grouping grouping(input.separate_secondary);
  for (const BuildFile& file : input.files) grouping.Add(file);
  std::vector<Series> all;
  std::vector<std::string> names;
  std::size_t several_names = 0;
  for (Growing& growing : grouping.Take()) {
    if (growing.names.size() > 1) ++several_names;
    names.push_back(*std::min_element(growing.names.begin(), growing.names.end(), NaturalLess));
    Series& series = all.emplace_back(std::move(growing.series));
    series.kind.sop_classes.assign(growing.sop_classes.begin(), growing.sop_classes.end());
    series.kind.modality = LeadModality({growing.modalities.begin(), growing.modalities.end()});
  }
  AssignIds(all, names);
  if (several_names > 0) {
    log->push_back("session: SeriesNumber has several values in " + std::to_string(several_names) +
                   " series; the first is the scan's");
  }
  std::sort(all.begin(), all.end(),
            [](const Series& a, const Series& b) { return NaturalLess(a.id, b.id); });
  return all;
}

}  // namespace xnatarchive
