// series_filter.hpp - which series a site or a project takes: XNAT's series import filter.
//
// The text is a mode, "whitelist" or "blacklist", on its first line, and lines of a list:
//
//   [Element]   the lines below are about this element, given by its DICOM keyword or its number
//               ("0028,0301", "00280301"); about SeriesDescription when there is none
//   EXISTS      the element is present, with a value
//   !EXISTS     it is absent, or has none
//   # ...       a comment
//   REGEX       it matches anywhere in the first 300 characters of the value, in any case
//
// A whitelist takes what one of its lines matches, a blacklist all the rest. Lines end with a line
// break or, as in XNAT, with the two characters "\n". Keywords are those of dicom/tags.hpp, any
// other element is given by its number. Regular expressions are ECMAScript's without references to
// groups, of at most 1,000 bytes and 50 groups, or 3,000 bytes with all that is counted ("{3,5}")
// written out, so that any is matched soon. XNAT's third mode, modalityMap, holds JavaScript and is
// refused.
#ifndef XNATARCHIVE_PREARCHIVE_SERIES_FILTER_HPP_
#define XNATARCHIVE_PREARCHIVE_SERIES_FILTER_HPP_

#include <functional>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "dicom/header.hpp"
#include "xnatarchive/session_document.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// The reason a file is skipped with when the filter does not take its series.
inline constexpr std::string_view kFilteredSeries = "import.filtered-series";

/// A plain value; any number of threads may use one. A new one takes everything.
class SeriesFilter {
 public:
  /// An empty text takes everything. kInvalidArgument "filter.malformed" says which line is wrong
  /// and what was expected.
  static Result<SeriesFilter> Parse(std::string_view text);

  /// From here on takes only what `other` takes, too.
  void Restrict(const SeriesFilter& other);

  bool TakesEverything() const { return lists_.empty(); }
  /// The elements it looks at, sorted: for ReadHeader's `extra`.
  std::vector<Tag> Tags() const;
  bool Takes(const DicomHeader& header) const;

  /// The value of an element: empty when the object has none, nullopt when that is not known.
  using ValueOf = std::function<std::optional<std::string>(Tag)>;
  /// False only if, whatever the unknown values are, the series is not taken.
  bool MayTake(const ValueOf& value_of) const;

 private:
  enum class Mode { kWhitelist, kBlacklist };
  enum class Test { kMatches, kExists, kAbsent };
  struct Line {
    Tag tag = kTagSeriesDescription;
    Test test = Test::kMatches;
    std::regex pattern;
  };
  struct List {
    Mode mode = Mode::kBlacklist;
    std::vector<Line> lines;
  };
  static Result<List> ParseList(std::string_view text);
  static bool Matches(const Line& line, const std::string& value);
  static bool MayTake(const List& list, const ValueOf& value_of);

  std::vector<List> lists_;
};

/// IDs of the scans whose fields in the document show that the filter does not take them. An
/// element that the document has no value of is not known: files may differ in it.
std::vector<std::string> FilteredScans(const SeriesFilter& filter, const SessionDocument& document);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PREARCHIVE_SERIES_FILTER_HPP_
