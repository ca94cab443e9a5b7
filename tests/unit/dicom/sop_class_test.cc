#include "dicom/sop_class.hpp"

#include <doctest/doctest.h>

namespace xnatarchive {
namespace {

std::string Storage(const std::string& below) { return "1.2.840.10008.5.1.4.1.1." + below; }

SeriesKind Kind(const std::string& modality, const std::vector<std::string>& below,
                const std::string& description = "") {
  SeriesKind kind{{}, modality, description};
  for (const std::string& uid : below) kind.sop_classes.push_back(Storage(uid));
  return kind;
}

const SeriesKind kMr = Kind("MR", {"4"}, "t1");
const SeriesKind kCt = Kind("CT", {"2"});
const SeriesKind kPet = Kind("PT", {"128"});
const SeriesKind kSc = Kind("SC", {"7"});
const SeriesKind kSr = Kind("SR", {"88.11"});
const SeriesKind kSeg = Kind("SEG", {"66.4"});

}  // namespace

TEST_SUITE("dicom.sop_class") {
  TEST_CASE("primary: images and what stands for them; captures, segmentations, plans are not") {
    for (const char* uid : {"1",     "1.1",   "1.2",   "1.3",   "2",    "2.1",    "3.1",  "4",
                            "4.1",   "6.1",   "9.7.2", "9.7.3", "12.1", "13.1.3", "20",   "77.1.6",
                            "88.11", "88.22", "104.4", "128",   "130",  "481.1",  "481.2"}) {
      CAPTURE(uid);
      CHECK(IsPrimarySopClass(Storage(uid)));
    }
    for (const char* uid : {"4.2", "4.3", "4.4", "7", "7.4", "9.7.1", "11.1", "66.4", "88.33",
                            "88.59", "104.1", "128.1", "481.3", "481.5", "", "4.", "40"}) {
      CAPTURE(uid);
      CHECK_FALSE(IsPrimarySopClass(Storage(uid)));
    }
    CHECK_FALSE(IsPrimarySopClass(""));
    CHECK_FALSE(IsPrimarySopClass("4"));
    CHECK_FALSE(IsPrimarySopClass("1.3.12.2.1107.5.9.1"));
  }

  TEST_CASE("one kind of series: its session and its scan") {
    struct Case {
      const char* modality;
      const char* sop_class;
      const char* session;
      const char* scan;
    };
    const Case cases[] = {{"MR", "4", "mr", "mr"},
                          {"MR", "4.1", "mr", "mr"},
                          {"MR", "4.3", "mr", "mr"},
                          {"MR", "4.2", "mr", "mr"},
                          {"CT", "2", "ct", "ct"},
                          {"CT", "2.2", "ct", "ct"},
                          {"PT", "128", "pet", "pet"},
                          {"PT", "128.1", "pet", "pet"},
                          {"XA", "12.1", "xa", "xa"},
                          {"XA", "13.1.1", "xa", "xa"},
                          {"US", "6.1", "us", "us"},
                          {"US", "6", "us", "us"},
                          {"IVUS", "6.1", "us", "us"},
                          {"IVUS", "6.9", "us", "us"},
                          {"RTIMAGE", "481.1", "rt", "rtImage"},
                          {"RTSTRUCT", "481.3", "rt", "rtImage"},
                          {"RTDOSE", "481.2", "rt", "rtImage"},
                          {"CR", "1", "cr", "cr"},
                          {"DX", "1.1", "dx", "dx"},
                          {"MG", "1.2", "mg", "mg"},
                          {"MG", "13.1.3", "mg", "mg"},
                          {"NM", "20", "nm", "nm"},
                          {"OPT", "77.1.5.4", "opt", "opt"},
                          {"RF", "12.2", "rf", "rf"},
                          {"ES", "77.1.1", "es", "es"},
                          {"SM", "77.1.6", "sm", "sm"},
                          {"GM", "77.1.2", "gm", "gm"},
                          {"XC", "77.1.4", "xc", "xc"},
                          {"RG", "99", "rg", "rg"},
                          {"SR", "88.11", "sr", "sr"},
                          {"SR", "88.33", "sr", "sr"},
                          {"ECG", "9.1.1", "ecg", "ecg"},
                          {"EEG", "9.7.1", "eeg", "eeg"},
                          {"EMG", "9.7.2", "emg", "emg"},
                          {"EMG", "99", "emg", "emg"},
                          {"EOG", "9.7.3", "eog", "eog"},
                          {"EOG", "99", "eog", "eog"},
                          {"SEG", "66.4", "otherDicom", "seg"},
                          {"SC", "7", "otherDicom", "sc"},
                          {"SC", "7.2", "otherDicom", "sc"},
                          {"MR", "7", "mr", "sc"},
                          {"OT", "7", "otherDicom", "sc"},
                          {"OT", "99", "otherDicom", "otherDicom"},
                          {"ANN", "91.1", "otherDicom", "ann"},
                          {"IO", "1.3", "otherDicom", "otherDicom"},
                          {"OP", "77.1.5.1", "otherDicom", "otherDicom"}};
    for (const Case& c : cases) {
      CAPTURE(c.modality);
      CAPTURE(c.sop_class);
      const SeriesKind kind = Kind(c.modality, {c.sop_class});
      CHECK(SessionType({kind}) == "xnat:" + std::string(c.session) + "SessionData");
      CHECK(ScanType(kind) == "xnat:" + std::string(c.scan) + "ScanData");
    }
  }

  TEST_CASE("several kinds: one leads") {
    CHECK(SessionType({kSc, kSr, kMr}) == "xnat:mrSessionData");
    CHECK(SessionType({kCt, kPet}) == "xnat:petSessionData");
    CHECK(SessionType({kSeg, kCt}) == "xnat:ctSessionData");
    CHECK(SessionType({kSc, kSr}) == "xnat:srSessionData");
    CHECK(SessionType({kSc, kSeg}) == "xnat:otherDicomSessionData");
    CHECK(ScanType(Kind("PT", {"2", "128"})) == "xnat:petScanData");
    CHECK(ScanType(Kind("CT", {"7", "2"})) == "xnat:ctScanData");
    CHECK(ScanType(Kind("SR", {"66.4", "88.11"})) == "xnat:srScanData");
  }

  TEST_CASE("nothing known has no session type, and the catch-all scan type") {
    CHECK(SessionType({}) == "");
    CHECK(SessionType({Kind("KO", {"88.59"})}) == "");
    CHECK(SessionType({Kind("", {"99"})}) == "");
    CHECK(ScanType(Kind("KO", {"88.59"})) == "xnat:otherDicomScanData");
    CHECK(ScanType({}) == "xnat:otherDicomScanData");
    SeriesKind csa{{"1.3.12.2.1107.5.9.1"}, "MR", ""};
    CHECK(ScanType(csa) == "xnat:otherDicomScanData");
    CHECK(SessionType({csa, kMr}) == "xnat:mrSessionData");
    // A vendor's UID is not one of the standard's however it ends.
    CHECK(ScanType({{"4"}, "", ""}) == "xnat:otherDicomScanData");
    CHECK(ScanType({{Storage("1.3.12.2.1107.5.9.1")}, "CT", ""}) == "xnat:ctScanData");
  }

  TEST_CASE("PET and MR in one study: by the site's mode") {
    const SeriesKind map = Kind("MR", {"4"}, "Head_MRAC_Dixon");
    const std::vector<SeriesKind> both = {kPet, kMr, map};
    const std::vector<SeriesKind> only_maps = {kPet, map};
    CHECK(SessionType(both) == "xnat:petmrSessionData");
    CHECK(SessionType(only_maps) == "xnat:petmrSessionData");
    CHECK(SessionType(both, PetMrMode::kPetMr) == "xnat:petmrSessionData");
    CHECK(SessionType(both, PetMrMode::kPet) == "xnat:petSessionData");
    CHECK(SessionType(both, PetMrMode::kSeparate) == "xnat:petmrSessionData");
    CHECK(SessionType(only_maps, PetMrMode::kSeparate) == "xnat:petSessionData");
    CHECK(SessionType({kMr}, PetMrMode::kPet) == "xnat:mrSessionData");
  }

  TEST_CASE("lead modality") {
    CHECK(LeadModality({"MR", "SC", "OT"}) == "MR");
    CHECK(LeadModality({"MR", "PT"}) == "PT");
    CHECK(LeadModality({"SR", "OT"}) == "OT");
    CHECK(LeadModality({"RTSTRUCT", "RTPLAN", "CR"}) == "RTPLAN");
    CHECK(LeadModality({"", "PR", "KO"}) == "KO");
    CHECK(LeadModality({"SEG", "CT"}) == "CT");
    CHECK(LeadModality({""}) == "");
    CHECK(LeadModality({}) == "");
  }
}

}  // namespace xnatarchive
