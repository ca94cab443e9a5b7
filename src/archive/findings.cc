#include "archive/findings.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <string>

namespace xnatarchive {
namespace {

/// The policies under which a rule counts.
enum class When {
  kAlways,
  kUnlessDelete,  // overwrite=delete overrides it
  kNoMerge,       // overwrite=none: what merging would settle
};

struct Rule {
  int code;
  FindingType type;
  std::string_view reason;
  std::string_view message;
  When when = When::kAlways;
  Code answer = Code::kInvalidArgument;  // to a request that a FAIL blocks
};

constexpr FindingType kFail = FindingType::kFail;
constexpr FindingType kConflict = FindingType::kConflict;
constexpr FindingType kWarn = FindingType::kWarn;

/// XNAT's codes, each with the cases it stands for.
constexpr Rule kRules[] = {
    {1, kConflict, "archive.session-exists", "Session already exists, retry with overwrite enabled",
     When::kNoMerge},
    {2, kFail, "archive.label-changes", "the label of the existing session would change",
     When::kAlways, Code::kConflict},
    {3, kFail, "archive.project-changes", "the project of the existing session would change",
     When::kAlways, Code::kConflict},
    {4, kFail, "archive.subject-changes", "Session already exists for another Subject",
     When::kAlways, Code::kConflict},
    {5, kConflict, "archive.uid-differs", "the Study Instance UIDs differ", When::kUnlessDelete},
    {6, kFail, "archive.no-project", "no destination project is known"},
    {6, kFail, "archive.unknown-project", "the destination project does not exist"},
    {7, kFail, "archive.bad-field", "a parameter is not a valid XML path"},
    {8, kFail, "archive.no-label", "no session label is known"},
    {8, kFail, "archive.bad-label", "the session label can not be used"},
    {9, kFail, "archive.no-id", "no new session ID can be made"},
    {10, kConflict, "archive.processing-open", "other processing of the existing session is open",
     When::kUnlessDelete},
    {11, kFail, "archive.no-subject", "no subject is known"},
    {11, kFail, "archive.bad-subject", "the subject label can not be used"},
    {12, kWarn, "archive.subject-unknown", "the subject could not be looked up now"},
    {13, kFail, "archive.bad-document", "the session document is invalid"},
    {13, kFail, "archive.bad-value",
     "values of the session document are missing or not of their types; set them, or build the "
     "session again"},
    {13, kFail, "archive.repeated-scan", "several scans have one ID"},
    {13, kFail, "archive.unsafe-name", "a name can not be a directory name"},
    {13, kFail, "archive.bad-resource", "a resource is not in its place in the session directory"},
    {13, kFail, "archive.bad-catalog", "a catalog can not be read"},
    {13, kFail, "archive.packed-catalog", "a catalog is packed; unpack its .gz first"},
    {13, kFail, "archive.bad-entry", "a catalog names what can not be a file of its resource"},
    {13, kFail, "archive.missing-file", "a catalog names files that are not there"},
    {13, kFail, "archive.other-object",
     "files are not the DICOM objects of their catalog entries any more; build the session again, "
     "or "
     "put back or remove what is none"},
    {13, kFail, "archive.not-a-file", "the session holds what is neither a file nor a directory"},
    {13, kFail, "archive.transform-emptied", "the host's transform left no file of the session"},
    {14, kConflict, "archive.merge-conflict",
     "an archived file of the same name or UID has other bytes", When::kUnlessDelete},
    {14, kConflict, "archive.identical-file", "a file is archived already, with the same bytes",
     When::kUnlessDelete},
    {14, kConflict, "archive.name-taken", "another archived object has the name or UID of a file"},
    {15, kFail, "archive.no-merge", "the merge could not be worked out"},
    {16, kConflict, "archive.scan-exists", "a scan of this number and UID is archived",
     When::kNoMerge},
    {16, kWarn, "archive.transform-not-run",
     "the host's transform is called when the session is built"},
    {17, kConflict, "archive.scan-renamed", "a scan of this number and another UID is archived",
     When::kNoMerge},
    {18, kConflict, "archive.scan-moved", "a scan of this UID and another number is archived",
     When::kUnlessDelete},
    {19, kConflict, "archive.uid-differs-allowed", "the Study Instance UIDs differ",
     When::kNoMerge},
    {19, kFail, "archive.modality-differs", "the existing session is of another type",
     When::kAlways, Code::kConflict},
    {20, kWarn, "archive.unlisted-files", "files are in no catalog", When::kUnlessDelete},
    {20, kWarn, "archive.not-dicom", "entries of a DICOM resource are not DICOM or have no UID",
     When::kUnlessDelete},
    {21, kWarn, "archive.no-catalog", "a catalog is missing; it is made from the files",
     When::kUnlessDelete},
    {22, kFail, "archive.filtered-series", "the series import filter does not take a scan"},
    {22, kWarn, "archive.repeated-uid", "a catalog names one SOP Instance UID twice",
     When::kUnlessDelete},
};

/// The rule of that reason, or nullptr.
const Rule* FindRule(std::string_view reason) {
  const Rule* rule = std::find_if(std::begin(kRules), std::end(kRules),
                                  [&](const Rule& r) { return r.reason == reason; });
  return rule == std::end(kRules) ? nullptr : rule;
}

}  // namespace

const char* FindingTypeName(FindingType type) noexcept {
  switch (type) {
    case FindingType::kFail:
      return "FAIL";
    case FindingType::kConflict:
      return "CONFLICT";
    case FindingType::kWarn:
      return "WARN";
  }
  return "FAIL";
}

bool CountsUnder(std::string_view reason, Overwrite overwrite) {
  const Rule* rule = FindRule(reason);
  switch (rule == nullptr ? When::kAlways : rule->when) {
    case When::kAlways:
      return true;
    case When::kUnlessDelete:
      return overwrite != Overwrite::kDelete;
    case When::kNoMerge:
      return overwrite == Overwrite::kNone;
  }
  return true;
}

Code AnswerTo(const Finding& finding) {
  if (finding.type == FindingType::kConflict) return Code::kConflict;
  const Rule* rule = FindRule(finding.reason);
  return rule == nullptr ? Code::kInvalidArgument : rule->answer;
}

Finding MakeFinding(std::string_view reason, std::string_view detail) {
  const Rule* rule = FindRule(reason);
  assert(rule != nullptr);
  Finding finding{13, FindingType::kFail, std::string(reason), {}};
  if (rule != nullptr) {
    finding.code = rule->code;
    finding.type = rule->type;
    finding.message = rule->message;
  }
  if (!detail.empty()) finding.message += ": " + std::string(detail);
  return finding;
}

}  // namespace xnatarchive
