#include "prearchive/header_note.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "build_fixture.hpp"
#include "support/dicom_generator.hpp"

namespace xnatarchive {
namespace {

std::string NoteOf(const DicomSpec& spec) {
  Result<DicomHeader> header = ReadHeader(MakeDicom(spec), Completeness::kWholeFile);
  REQUIRE(header.ok());
  return WriteHeaderNote(*header);
}

}  // namespace

TEST_SUITE("prearchive.header_note") {
  TEST_CASE("the images of a series give one note, those of another series another") {
    for (const char* modality : {"MR", "CT", "PT", "US"}) {
      std::set<std::string> notes;
      DicomSpec spec;
      spec.modality = modality;
      for (spec.series = 1; spec.series <= 2; ++spec.series) {
        for (spec.instance = 1; spec.instance <= 5; ++spec.instance) notes.insert(NoteOf(spec));
      }
      CAPTURE(modality);
      CHECK(notes.size() == 2);
    }
  }

  TEST_CASE("a note has what a build reads, without what tells images apart") {
    const Elements elements = {{kTagSOPClassUID, kMrImage},
                               {kTagSOPInstanceUID, "1.2.3"},
                               {kTagStudyInstanceUID, "1"},
                               {kTagModality, "MR"},
                               {kTagInstanceNumber, "7"},
                               {kTagAcquisitionTime, "101010"},
                               {kTagAcquisitionNumber, "3"},
                               {kTagRescaleSlope, "1.5"},
                               {kTagPatientName, "Zo\xC3\xAB\nDoe%"},
                               {kTagEchoTime, "3"},
                               {kTagSAR, "0.1"}};
    const Result<DicomHeader> note = ParseHeaderNote(WriteHeaderNote(MakeHeader(elements)));
    REQUIRE(note.ok());
    CHECK(*note == MakeHeader({{kTagSOPClassUID, kMrImage},
                               {kTagStudyInstanceUID, "1"},
                               {kTagModality, "MR"},
                               {kTagPatientName, "Zo\xC3\xAB\nDoe%"},
                               {kTagEchoTime, "3"}}));
  }

  TEST_CASE("values of all frames are kept") {
    DicomHeader header = MakeHeader({{kTagSOPClassUID, kEnhancedMrImage}, {kTagModality, "MR"}});
    header.Add(kTagEffectiveEchoTime, "1");
    header.Add(kTagEffectiveEchoTime, "2");
    const Result<DicomHeader> note = ParseHeaderNote(WriteHeaderNote(header));
    REQUIRE(note.ok());
    CHECK(*note == header);
  }

  TEST_CASE("exposure is kept for CT, frame times for dynamic PET only") {
    const Elements more = {{kTagXRayTubeCurrent, "5"},
                           {kTagFrameReferenceTime, "1"},
                           {kTagAcquisitionTime, "10"},
                           {kTagActualFrameDuration, "2"}};
    const auto kept = [&](const char* sop_class, const char* series_type) {
      DicomHeader header =
          MakeHeader({{kTagSOPClassUID, sop_class}, {kTagSeriesType, series_type}}, more);
      Result<DicomHeader> note = ParseHeaderNote(WriteHeaderNote(header));
      REQUIRE(note.ok());
      return std::move(note).value();
    };
    CHECK(kept(kCtImage, "") ==
          MakeHeader({{kTagSOPClassUID, kCtImage}, {kTagXRayTubeCurrent, "5"}}));
    CHECK(kept(kPetImage, "STATIC") ==
          MakeHeader({{kTagSOPClassUID, kPetImage}, {kTagSeriesType, "STATIC"}}));
    CHECK(kept(kPetImage, "DYNAMIC\\IMAGE") == MakeHeader({{kTagSOPClassUID, kPetImage},
                                                           {kTagSeriesType, "DYNAMIC\\IMAGE"},
                                                           {kTagFrameReferenceTime, "1"},
                                                           {kTagAcquisitionTime, "10"},
                                                           {kTagActualFrameDuration, "2"}}));
  }

  TEST_CASE("what is no note is refused") {
    const Result<DicomHeader> note = ParseHeaderNote("not a note");
    REQUIRE_FALSE(note.ok());
    CHECK(note.status().code() == Code::kCorruption);
  }
}

}  // namespace xnatarchive
