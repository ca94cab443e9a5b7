#include "prearchive/build.hpp"

#include <set>
#include <string_view>

#include "base/status_macros.hpp"
#include "dicom/sop_class.hpp"
#include "prearchive/build_catalog.hpp"
#include "prearchive/build_places.hpp"
#include "prearchive/build_series.hpp"
#include "prearchive/field_source.hpp"
#include "prearchive/scan_fields.hpp"
#include "prearchive/session_fields.hpp"

namespace xnatarchive {
namespace {

// Study Instance UID of all series; an object without one does not contradict.
Result<std::string> FindStudy(const std::vector<Series>& all) {
  std::string study;
  for (const Series& series : all) {
    for (const SeriesPart* part : {&series.primary, &series.secondary}) {
      for (const DicomHeader* header : part->headers) {
        const std::string_view uid = header->Get(kTagStudyInstanceUID);
        if (uid.empty() || uid == study) continue;
        if (!study.empty()) {
          return Status(Code::kInvalidArgument, "build.several-studies",
                        "the files of the session belong to more than one study");
        }
        study = uid;
      }
    }
  }
  return study;
}

Result<std::string> FindSessionType(const std::vector<Series>& all) {
  std::vector<SeriesKind> kinds;
  for (const Series& series : all) kinds.push_back(series.kind);
  std::string type = SessionType(kinds);
  if (!type.empty()) return type;
  return Status(Code::kInvalidArgument, "build.no-type",
                "no session type fits the SOP classes and modalities of the files");
}

void SetSession(const BuildInput& input, const std::vector<Series>& all, SessionDocument& document,
                std::vector<std::string>* log) {
  std::vector<const DicomHeader*> headers;
  std::vector<std::string> modalities;
  for (const Series& series : all) {
    modalities.push_back(series.kind.modality);
    for (const SeriesPart* part : {&series.primary, &series.secondary}) {
      headers.insert(headers.end(), part->headers.begin(), part->headers.end());
    }
  }
  document.project = input.project;
  document.label = input.label;
  document.Set("subject_ID", input.subject);
  document.Set("@visit_id", input.visit);
  document.Set("@protocol", input.protocol);
  document.Set("@modality", LeadModality(modalities));
  document.Set("prearchivePath", input.prearchive_path);
  SetSessionFields(FieldSource("session", std::move(headers), log), document);
}

void AddResource(ResourceDraft resource, Scan& scan, SessionDraft& draft) {
  Resource& listed = scan.resources.emplace_back();
  listed.label = resource.label;
  listed.uri = resource.catalog_path;
  listed.format = resource.format;
  listed.content = resource.content;
  draft.resources.push_back(std::move(resource));
}

void AddScan(const Series& series, FilePlaces& places, BuiltSession& built) {
  Scan scan;
  scan.xsi_type = ScanType(series.kind);
  scan.id = series.id;
  scan.uid = series.uid;
  const FieldSource source("scan " + series.id, series.DescribingHeaders(), &built.log);
  const ScanGeometry geometry = ReadGeometry(source);
  SetScanFields(source, geometry, scan);
  scan.Set("frames", std::to_string(CountFrames(series)));
  if (!series.primary.files.empty()) {
    AddResource(BuildPrimaryResource(series, geometry, places), scan, built.draft);
  }
  if (!series.secondary.files.empty()) {
    AddResource(BuildSecondaryResource(series, places), scan, built.draft);
  }
  built.draft.document.scans.push_back(std::move(scan));
}

}  // namespace

Result<BuiltSession> BuildSession(const BuildInput& input) {
  if (input.files.empty()) {
    return Status(Code::kInvalidArgument, "build.no-dicom", "the session has no DICOM files");
  }
  BuiltSession built;
  const std::vector<Series> all = GroupSeries(input, &built.log);
  SessionDocument& document = built.draft.document;
  XNA_ASSIGN_OR_RETURN(document.uid, FindStudy(all));
  XNA_ASSIGN_OR_RETURN(document.xsi_type, FindSessionType(all));
  SetSession(input, all, document, &built.log);
  FilePlaces places(input.files);
  for (const Series& series : all) AddScan(series, places, built);
  built.moves = places.TakeMoves();
  built.draft.scan_date = document.Get("date");
  built.draft.scan_time = document.Get("time");
  return built;
}

}  // namespace xnatarchive
