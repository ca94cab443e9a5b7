#include "prearchive/session_fields.hpp"

#include "base/text.hpp"

namespace xnatarchive {
namespace {

const std::vector<FieldRow>& SharedRows() {
  static const std::vector<FieldRow> rows = {
      {"@session_type", kTagStudyDescription},
      {"@study_id", kTagStudyID},
      {"date", kTagStudyDate, FieldForm::kDate},
      {"time", kTagStudyTime, FieldForm::kTime},
      {"fields/field[name=studyComments]", kTagStudyComments},
      {"acquisition_site", kTagInstitutionName},
      {"scanner/@manufacturer", kTagManufacturer},
      {"scanner/@model", kTagManufacturerModelName},
      {"operator", kTagOperatorsName},
      {"dcmAccessionNumber", kTagAccessionNumber},
      {"dcmPatientId", kTagPatientID},
      {"dcmPatientName", kTagPatientName},
      {"dcmPatientBirthDate", kTagPatientBirthDate, FieldForm::kDate},
      {"dcmPatientWeight", kTagPatientWeight, FieldForm::kReal},
  };
  return rows;
}

const std::vector<FieldRow>& MrRows() {
  static const std::vector<FieldRow> rows = {
      {"fieldStrength", kTagMagneticFieldStrength, FieldForm::kTesla},
  };
  return rows;
}

const std::vector<FieldRow>& TracerRows() {
  static const std::vector<FieldRow> rows = {
      {"tracer/@name", kTagRadiopharmaceutical},
      {"tracer/@name", kTagRadiopharmaceuticalCodeSequence},
      {"tracer/@startTime", kTagRadiopharmaceuticalStartDateTime, FieldForm::kDateTime},
      {"tracer/dose", kTagRadionuclideTotalDose, FieldForm::kReal},
      {"tracer/isotope", kTagRadionuclideCodeSequence},
      {"tracer/isotope/@half-life", kTagRadionuclideHalfLife, FieldForm::kReal},
  };
  return rows;
}

}  // namespace

void SetSessionFields(const FieldSource& source, SessionDocument& session) {
  SetRows(source, SharedRows(), session);
  // A study may use several scanners; the session names them all.
  session.Set("scanner", Join(source.Distinct(kTagStationName), ","));
  const bool mr = session.xsi_type == "xnat:mrSessionData";
  const bool pet = session.xsi_type == "xnat:petSessionData";
  const bool both = session.xsi_type == "xnat:petmrSessionData";
  if (mr || both) SetRows(source, MrRows(), session);
  if (pet || both) {
    SetRows(source, TracerRows(), session);
    if (!session.Get("tracer/dose").empty()) session.Set("tracer/dose/@units", "Bq");
  }
}

std::vector<Tag> SessionTags() {
  std::vector<Tag> tags = {kTagStationName};
  for (const auto* rows : {&SharedRows(), &MrRows(), &TracerRows()}) {
    for (const FieldRow& row : *rows) tags.push_back(row.tag);
  }
  return tags;
}

}  // namespace xnatarchive
