#include "wording.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace page {
namespace {

struct FindingWords {
  std::int64_t code;
  std::string_view type;  // empty: any
  std::string_view sentence;
};

constexpr std::array<FindingWords, 25> kFindings = {{
    {1, "",
     "The project has a session of this label already: add to it, replace files in it, or "
     "archive this one under another label."},
    {2, "", "The archived session would get another label: archive under the label it has."},
    {3, "", "The archived session belongs to another project: archive into that one."},
    {4, "",
     "The archived session belongs to another subject: choose that subject, or another "
     "label for this session."},
    {5, "",
     "The archived session is of another study, so this may be the wrong session: replace "
     "only when you are sure, or archive under another label."},
    {6, "", "It is not known which project this belongs to: choose one that exists."},
    {7, "", "A value was given for a field that sessions do not have."},
    {8, "", "The session has no label that can be used: give it one."},
    {9, "", "No identifier could be made for the new session: ask whoever runs the archive."},
    {10, "", "Something else is being done with the archived session: wait until that is done."},
    {11, "", "It is not known which subject this belongs to: give a subject."},
    {12, "", "The subject could not be looked up just now; archiving will look again."},
    {13, "",
     "The session's own description, or a file it names, is damaged or missing: rebuild "
     "the session, or send it again."},
    {14, "",
     "The archive has other files of the same names or images: only \"replace\" would put "
     "these in their place."},
    {15, "", "It could not be worked out how the two sessions fit together."},
    {16, "CONFLICT",
     "This scan is archived already, with the same number: \"add\" brings only "
     "what is missing."},
    {16, "", "Somebody should know this before the session is archived."},
    {17, "FAIL", "A rule of this archive refuses the session."},
    {17, "", "The archive has another scan of this number: this one gets a new number."},
    {18, "", "This scan is archived under another number: \"replace\" puts it there."},
    {19, "FAIL",
     "The archived session is of another kind, such as MR and PET: archive under "
     "another label."},
    {19, "", "The archived session is of another study, which this project allows."},
    {20, "", "Some files are not listed, or are not images; they are archived as they are."},
    {21, "", "A list of files is missing; it is made anew from the files themselves."},
    {22, "FAIL", "The project does not take a series that is in this session."},
}};
constexpr std::string_view kRepeatedImage =
    "An image is listed twice; it is archived as it is listed.";

/// "_ARCHIVING" and "QUEUED_ARCHIVING" without what stands before.
std::string_view Operation(std::string_view state) {
  for (const std::string_view before : {"_", "QUEUED_"}) {
    if (state.substr(0, before.size()) == before) return state.substr(before.size());
  }
  return state;
}

std::string Capitalised(std::string_view upper) {
  std::string word;
  for (const char c : upper) {
    if (c == '_') {
      word += ' ';
    } else {
      word += word.empty() || c < 'A' || c > 'Z' ? c : static_cast<char>(c - 'A' + 'a');
    }
  }
  return word;
}

/// Days since the epoch of a date of the Gregorian calendar.
std::int64_t DaysOf(int year, int month, int day) {
  const int y = month <= 2 ? year - 1 : year;
  const int era = y / 400;
  const int year_of_era = y - era * 400;
  const int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return std::int64_t{era} * 146097 + day_of_era - 719468;
}

}  // namespace

StateWords WordsOfState(std::string_view state) {
  if (state == "READY") return {"ready", "Ready", "All of it is here, and it can be archived."};
  if (Operation(state) == "RECEIVING" || Operation(state) == "RECEIVING_INTERRUPT") {
    return {
        "receiving", "Receiving",
        "Files may still come in; it is built when none has come for a while, or when you rebuild "
        "it."};
  }
  if (Operation(state) == "CONFLICT") {
    return {"conflict", "Conflict",
            "It was not archived, because the archive has something in its place: check it to see "
            "what, and choose."};
  }
  if (state == "ERROR") {
    return {"error", "Error", "Building or archiving it failed; the log below says why."};
  }
  const std::string word = Capitalised(Operation(state));
  if (state.substr(0, 7) == "QUEUED_") return {"busy", word + ", waiting", "Its turn will come."};
  return {"busy", word, "This is being done now."};
}

const std::vector<StateKind>& StateKinds() {
  static const std::vector<StateKind> kinds = {{"ready", "Ready"},
                                               {"conflict", "Conflict"},
                                               {"error", "Error"},
                                               {"receiving", "Receiving"},
                                               {"busy", "Being worked on"}};
  return kinds;
}

std::string_view SentenceOfFinding(std::int64_t code, std::string_view type) {
  if (code == 22 && type != "FAIL") return kRepeatedImage;
  const auto* at = std::find_if(kFindings.begin(), kFindings.end(), [&](const FindingWords& words) {
    return words.code == code && (words.type.empty() || words.type == type);
  });
  return at == kFindings.end() ? std::string_view() : at->sentence;
}

std::string Size(std::uint64_t bytes) {
  constexpr std::array<const char*, 6> kUnits = {"kB", "MB", "GB", "TB", "PB", "EB"};
  if (bytes < 1000) return Count(bytes, "byte", "bytes");
  double value = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f %s", decimals, value, kUnits.at(unit));
  return text.data();
}

std::string Count(std::uint64_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

std::optional<std::int64_t> ParseTableTime(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  const std::string copy(text);
  if (std::sscanf(copy.c_str(), "%4d-%2d-%2d %2d:%2d:%2d", &year, &month, &day, &hour, &minute,
                  &second) != 6) {
    return std::nullopt;
  }
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31) return std::nullopt;
  return (((DaysOf(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1000;
}

std::string Age(std::int64_t then_ms, std::int64_t now_ms) {
  const std::int64_t seconds = (now_ms - then_ms) / 1000;
  if (seconds < 60) return "just now";
  const auto ago = [](std::int64_t count, const char* one, const char* many) {
    return Count(static_cast<std::uint64_t>(count), one, many) + " ago";
  };
  if (seconds < 3600) return ago(seconds / 60, "minute", "minutes");
  if (seconds < 86400) return ago(seconds / 3600, "hour", "hours");
  if (seconds < 60 * 86400) return ago(seconds / 86400, "day", "days");
  if (seconds < 730 * 86400) return ago(seconds / (30 * 86400), "month", "months");
  return ago(seconds / (365 * 86400), "year", "years");
}

}  // namespace page
