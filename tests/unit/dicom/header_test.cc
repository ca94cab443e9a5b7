#include "dicom/header.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <doctest/doctest.h>

#include <utility>

#include "raw_dicom.hpp"
#include "support/dicom_generator.hpp"

namespace xnatarchive {
namespace {

DicomHeader ReadWhole(const std::string& bytes, const std::vector<Tag>& extra = {}) {
  Result<DicomHeader> header = ReadHeader(bytes, Completeness::kWholeFile, extra);
  REQUIRE_MESSAGE(header.ok(), header.status().ToString());
  return std::move(header).value();
}

DicomHeader MakeHeader(const std::vector<std::pair<Tag, std::string>>& values) {
  DicomHeader header;
  for (const auto& [tag, value] : values) header.Add(tag, value);
  return header;
}

/// The header of an object whose Patient's Name and comments are these bytes in that character set.
DicomHeader WithNames(const std::string& character_set, const std::string& name,
                      const std::string& comments = "") {
  return ReadWhole(MetaHeader(kExplicitLittle) +
                   (character_set.empty() ? "" : Element(0x00080005, "CS", character_set)) +
                   SopUids() + Element(kTagPatientName, "PN", name) +
                   Element(kTagPatientComments, "LT", comments) + StudyUidElement());
}

}  // namespace

TEST_SUITE("dicom.header") {
  TEST_CASE("every kept element is in DCMTK's dictionary under the same name and VR, in order") {
    Tag previous = 0;
    for (const KeptTag& kept : KeptTags()) {
      CAPTURE(kept.keyword);
      CHECK(kept.tag > previous);
      previous = kept.tag;
      CHECK(FindKeptTag(kept.tag) == &kept);
      DcmTag tag(static_cast<Uint16>(kept.tag >> 16), static_cast<Uint16>(kept.tag));
      const std::string name(tag.getTagName());
      CHECK((name == kept.keyword || name == "RETIRED_" + std::string(kept.keyword)));
      CHECK(std::string(tag.getVRName()) == kept.vr);
    }
    CHECK(FindKeptTag(0x7FE00010) == nullptr);
    CHECK(FindKeptTag(0) == nullptr);
  }

  TEST_CASE("a report's header is exactly its kept elements") {
    DicomSpec spec;
    spec.modality = "SR";
    spec.seed = 7;
    spec.series = 3;
    CHECK(ReadWhole(MakeDicom(spec)) ==
          MakeHeader({{kTagTransferSyntaxUID, kExplicitLittle},
                      {kTagImageType, "ORIGINAL\\PRIMARY\\M\\ND\\NORM"},
                      {kTagSOPClassUID, "1.2.840.10008.5.1.4.1.1.88.11"},
                      {kTagSOPInstanceUID, InstanceUid(spec)},
                      {kTagStudyDate, "20240318"},
                      {kTagSeriesDate, "20240318"},
                      {kTagAcquisitionDate, "20240318"},
                      {kTagStudyTime, "140537.125000"},
                      {kTagSeriesTime, "140503.250000"},
                      {kTagAcquisitionTime, "140537.250000"},
                      {kTagAccessionNumber, "RIC24-1"},
                      {kTagModality, "SR"},
                      {kTagManufacturer, "SIEMENS"},
                      {kTagInstitutionName, "Riverside Imaging Centre"},
                      {kTagStationName, "RIC-MR2"},
                      {kTagStudyDescription, "Brain^Research"},
                      {kTagSeriesDescription, "Report_3"},
                      {kTagOperatorsName, "KT"},
                      {kTagManufacturerModelName, "Prisma"},
                      {kTagPatientName, "Test^Subject1"},
                      {kTagPatientID, "SUBJ1"},
                      {kTagPatientBirthDate, "19870602"},
                      {kTagPatientSex, "F"},
                      {kTagPatientAge, "036Y"},
                      {kTagPatientSize, "1.70"},
                      {kTagPatientWeight, "71.5"},
                      {kTagBodyPartExamined, "HEAD"},
                      {kTagDeviceSerialNumber, "66000"},
                      {kTagSoftwareVersions, "syngo MR E11"},
                      {kTagProtocolName, "Report"},
                      {kTagPatientPosition, "HFS"},
                      {kTagStudyInstanceUID, StudyUid(spec)},
                      {kTagSeriesInstanceUID, SeriesUid(spec)},
                      {kTagStudyID, "7731"},
                      {kTagSeriesNumber, "3"},
                      {kTagAcquisitionNumber, "1"},
                      {kTagInstanceNumber, "1"},
                      {kTagRequestedProcedureDescription, "RESEARCH"},
                      {kTagPerformedProcedureStepDescription, "Brain^Research"}}));
  }

  TEST_CASE("the transfer syntax changes nothing but its own value") {
    DicomSpec spec;
    spec.private_bytes = 3000;
    DicomHeader expected = ReadWhole(MakeDicom(spec));
    CHECK(expected.Get(kTagTransferSyntaxUID) == kExplicitLittle);
    CHECK(expected.Get(kTagAcquisitionMatrix) == "0\\256\\240\\0");
    CHECK(expected.Get(kTagRows) == "64");
    expected.Remove(kTagTransferSyntaxUID);

    const std::pair<const char*, const char*> cases[] = {
        {"implicit", kImplicitLittle},         {"explicit", kExplicitLittle},
        {"big-endian", "1.2.840.10008.1.2.2"}, {"deflated", "1.2.840.10008.1.2.1.99"},
        {"rle", "1.2.840.10008.1.2.5"},        {"jpeg", "1.2.840.10008.1.2.4.50"}};
    for (const auto& [name, uid] : cases) {
      CAPTURE(name);
      spec.transfer_syntax = name;
      const std::string bytes = MakeDicom(spec);
      DicomHeader header = ReadWhole(bytes);
      CHECK(header.Get(kTagTransferSyntaxUID) == uid);
      header.Remove(kTagTransferSyntaxUID);
      CHECK(header == expected);
      const bool native = name == std::string("implicit") || name == std::string("explicit") ||
                          name == std::string("big-endian");
      if (native) CHECK(header.least_file_size() == bytes.size());
      if (name == std::string("deflated")) CHECK(header.least_file_size() == 0);
    }
  }

  TEST_CASE("without preamble, and without meta header in any encoding, it reads the same") {
    for (const char* syntax : {"implicit", "explicit", "big-endian"}) {
      CAPTURE(syntax);
      DicomSpec spec;
      spec.transfer_syntax = syntax;
      const DicomHeader expected = ReadWhole(MakeDicom(spec));
      CHECK(ReadWhole(MakeBroken("no-preamble", spec)) == expected);
      CHECK(ReadWhole(MakeBroken("no-meta", spec)) == expected);
    }
  }

  TEST_CASE("a wrong or unknown transfer syntax is found out from the first element") {
    const std::string dataset = SopUids() + StudyUidElement();
    for (const char* named : {kImplicitLittle, "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.4.203",
                              "1.2.840.113619.5.2"}) {
      CAPTURE(named);
      CHECK(ReadWhole(MetaHeader(named) + dataset) == MakeHeader({{kTagTransferSyntaxUID, named},
                                                                  {kTagSOPClassUID, "1.2"},
                                                                  {kTagSOPInstanceUID, "1.3"},
                                                                  {kTagStudyInstanceUID, "1.4"}}));
    }
    const std::string implicit =
        ImplicitElement(0x00080016, "1.2") + ImplicitElement(0x00080018, "1.3") +
        ImplicitElement(kTagRows, LittleEndian(512, 2)) + ImplicitElement(0x0020000D, "1.4");
    CHECK(ReadWhole(MetaHeader("1.2.840.10008.1.2.4.50") + implicit).Get(kTagRows) == "512");
  }

  TEST_CASE("an enhanced object: functional groups give what the top level lacks, frame by frame") {
    DicomSpec spec;
    spec.frames = 7;
    for (const char* syntax : {"implicit", "explicit"}) {
      spec.transfer_syntax = syntax;
      const DicomHeader header = ReadWhole(MakeDicom(spec));
      CHECK(header.Get(kTagSOPClassUID) == "1.2.840.10008.5.1.4.1.1.4.1");
      CHECK(header.Get(kTagNumberOfFrames) == "7");
      CHECK(header.Get(kTagRepetitionTime) == "2300");
      CHECK(header.Get(kTagFlipAngle) == "9");
      CHECK(header.Get(kTagPixelBandwidth) == "240");
      CHECK(header.Get(kTagReceiveCoilName) == "HeadNeck_64");
      CHECK(header.Get(kTagPixelSpacing) == "0.9375\\0.9375");
      CHECK(header.Get(kTagImageOrientationPatient) == "1\\0\\0\\0\\1\\0");
      CHECK(header.Get(kTagEffectiveEchoTime) == "10");
      CHECK(header.GetAll(kTagEffectiveEchoTime) == std::vector<std::string_view>{"10", "20"});
      CHECK(header.GetAll(kTagFlipAngle) == std::vector<std::string_view>{"9"});
    }
    spec.values[kTagRepetitionTime] = "1800";
    CHECK(ReadWhole(MakeDicom(spec)).GetAll(kTagRepetitionTime) ==
          std::vector<std::string_view>{"1800"});
  }

  TEST_CASE("PET: the radiopharmaceutical and code sequences have values") {
    DicomSpec spec;
    spec.modality = "PT";
    const DicomHeader header = ReadWhole(MakeDicom(spec));
    CHECK(header.Get(kTagRadiopharmaceutical) == "Fluorodeoxyglucose");
    CHECK(header.Get(kTagRadiopharmaceuticalStartTime) == "130000.000000");
    CHECK(header.Get(kTagRadionuclideTotalDose) == "370000000");
    CHECK(header.Get(kTagRadionuclideHalfLife) == "6586.2");
    CHECK(header.Get(kTagRadionuclidePositronFraction) == "0.967");
    CHECK(header.Get(kTagRadionuclideCodeSequence) == "^18^Fluorine");
    CHECK(header.Get(kTagPatientOrientationCodeSequence) == "recumbent");
    CHECK(header.Get(kTagAxialMash) == "5\\6");
    CHECK_FALSE(header.Has(kTagRadiopharmaceuticalCodeSequence));
  }

  TEST_CASE("numbers: binary values become the shortest decimal text") {
    const double dose = 0.1;
    std::string bytes(reinterpret_cast<const char*>(&dose), sizeof dose);
    const DicomHeader header = ReadWhole(
        MetaHeader(kExplicitLittle) + SopUids() + Element(kTagCTDIvol, "FD", bytes + bytes) +
        StudyUidElement() + Element(kTagRows, "US", LittleEndian(65535, 2)));
    CHECK(header.Get(kTagCTDIvol) == "0.1\\0.1");
    CHECK(header.Get(kTagRows) == "65535");
  }

  TEST_CASE("padding is trimmed from every value, control characters become spaces") {
    const DicomHeader header =
        ReadWhole(MetaHeader(kExplicitLittle) +
                  Element(kTagImageType, "CS", "DERIVED \\SECONDARY\\ A ") + SopUids() +
                  Element(kTagStudyDescription, "LO",
                          std::string("a\x01"
                                      "b\0\0",
                                      5)) +
                  Element(kTagPatientComments, "LT", " x\r\ny \\ z  ") +
                  Element(kTagStudyComments, "LT", "   ") + StudyUidElement());
    CHECK(header.Get(kTagImageType) == "DERIVED\\SECONDARY\\A");
    CHECK(header.Get(kTagStudyDescription) == "a b");
    CHECK(header.Get(kTagPatientComments) == "x\r\ny \\ z");
    CHECK_FALSE(header.Has(kTagStudyComments));
  }

  TEST_CASE("character sets become UTF-8") {
    CHECK(WithNames("ISO_IR 100", "O'Brien^Zo\xEB").Get(kTagPatientName) == "O'Brien^Zo\xC3\xAB");
    CHECK(WithNames("ISO_IR 192", "O'Brien^Zo\xC3\xAB").Get(kTagPatientName) ==
          "O'Brien^Zo\xC3\xAB");
    CHECK(WithNames("ISO_IR 144", "\xBB\xEE\xDA\x63\x65").Get(kTagPatientName) ==
          "\xD0\x9B\xD1\x8E\xD0\xBA"
          "ce");
    CHECK(WithNames("ISO_IR 100", "",
                    "Gr\xFC\xDF"
                    "e\r\nZo\xEB")
              .Get(kTagPatientComments) ==
          "Gr\xC3\xBC\xC3\x9F"
          "e\r\nZo\xC3\xAB");
    // The standard's example of half-width katakana, kanji and hiragana in one name.
    CHECK(WithNames("ISO 2022 IR 13\\ISO 2022 IR 87",
                    "\xD4\xCF\xC0\xDE^\xC0\xDB\xB3=\x1B$B;3ED\x1B(J^\x1B$BB@O:\x1B(J="
                    "\x1B$B$d$^$@\x1B(J^\x1B$B$?$m$&\x1B(J")
              .Get(kTagPatientName) ==
          "\xEF\xBE\x94\xEF\xBE\x8F\xEF\xBE\x80\xEF\xBE\x9E^\xEF\xBE\x80\xEF\xBE\x9B\xEF\xBD\xB3="
          "\xE5\xB1\xB1\xE7\x94\xB0^\xE5\xA4\xAA\xE9\x83\x8E="
          "\xE3\x82\x84\xE3\x81\xBE\xE3\x81\xA0^\xE3\x81\x9F\xE3\x82\x8D\xE3\x81\x86");
  }

  TEST_CASE("text that is not in its character set is kept as far as it can be") {
    CHECK(WithNames("", "Zo\xC3\xAB").Get(kTagPatientName) == "Zo\xC3\xAB");
    CHECK(WithNames("", "Zo\xEB").Get(kTagPatientName) == "Zo\xEF\xBF\xBD");
    CHECK(WithNames("NO SUCH SET", "Zo\xEB").Get(kTagPatientName) == "Zo\xEF\xBF\xBD");
    CHECK(WithNames("ISO_IR 192", "Zo\xEB").Get(kTagPatientName) == "Zo\xEF\xBF\xBD");
  }

  TEST_CASE("elements outside the list are kept on request, also where the VR is unknown") {
    const std::string bytes =
        MetaHeader(kExplicitLittle) + SopUids() + Element(0x00091001, "UN", "").substr(0, 4) +
        "UN" + std::string(2, '\0') + LittleEndian(4, 4) + "ab  " +
        Element(0x00100032, "TM", "1200") + LongElement(kTagStudyComments, "UN", "Session:S1") +
        StudyUidElement();
    // Study Comments is in group 0x32, behind the study UID's group in a sorted data set.
    const DicomHeader header = ReadWhole(bytes, {0x00091001, 0x00100032, 0x00100033});
    CHECK(header.Get(0x00091001) == "ab");
    CHECK(header.Get(0x00100032) == "1200");
    CHECK_FALSE(header.Has(0x00100033));
    CHECK(header.Get(kTagStudyComments) == "Session:S1");
    CHECK_FALSE(ReadWhole(bytes).Has(0x00100032));
  }

  TEST_CASE("a value too long to keep is left out, what follows it is read") {
    const std::string text(kHeaderValueBytesMax + 2, 'x');
    const DicomHeader header = ReadWhole(
        MetaHeader(kExplicitLittle) + SopUids() + LongElement(kTagStudyDescription, "UT", text) +
        LongElement(kTagPatientComments, "UT", text.substr(2)) + StudyUidElement());
    CHECK_FALSE(header.Has(kTagStudyDescription));
    CHECK(header.Get(kTagPatientComments).size() == kHeaderValueBytesMax);
    CHECK(header.Get(kTagStudyInstanceUID) == "1.4");
  }

  TEST_CASE("values: distinct, in order, bounded; equality does not depend on history") {
    DicomHeader header;
    CHECK_FALSE(header.Has(kTagRows));
    CHECK(header.GetAll(kTagRows).empty());
    header.Add(kTagRows, "64");
    header.Add(kTagEchoTime, "20");
    header.Add(kTagEchoTime, "10");
    header.Add(kTagEchoTime, "20");
    header.Add(kTagModality, "");
    CHECK(header.GetAll(kTagEchoTime) == std::vector<std::string_view>{"20", "10"});
    CHECK_FALSE(header.Has(kTagModality));
    header.Remove(kTagEchoTime);
    CHECK(header == MakeHeader({{kTagRows, "64"}}));
    CHECK(header != MakeHeader({{kTagRows, "65"}}));
    CHECK(header != MakeHeader({{kTagColumns, "64"}}));
    for (std::size_t i = 0; i < kFrameValuesMax + 10; ++i) {
      header.Add(kTagDiffusionBValue, std::to_string(i));
    }
    CHECK(header.GetAll(kTagDiffusionBValue).size() == kFrameValuesMax);
  }

  TEST_CASE("encode and decode: an equal header, anything else is refused") {
    DicomSpec spec;
    spec.frames = 4;
    spec.values[kTagPatientComments] = "two\nlines, 100%\tand a tab";
    const DicomHeader header = ReadWhole(MakeDicom(spec));
    const std::string text = header.Encode();
    Result<DicomHeader> decoded = DicomHeader::Decode(text);
    REQUIRE(decoded.ok());
    CHECK(*decoded == header);
    CHECK(DicomHeader::Decode("").ok());
    for (const char* bad :
         {"x", "00100010Doe", "0010001\n", "0010001gDoe\n", "00100010%4\n", "00100010Doe\n\n"}) {
      CAPTURE(bad);
      CHECK(DicomHeader::Decode(bad).status().reason() == "dicom.bad-note");
    }
  }

  TEST_CASE("UIDs: digits and dots, at most 64") {
    CHECK(IsValidUid("1.2.840"));
    CHECK(IsValidUid(std::string(64, '1')));
    CHECK_FALSE(IsValidUid(std::string(65, '1')));
    CHECK_FALSE(IsValidUid(""));
    CHECK_FALSE(IsValidUid("1.2/3"));
    CHECK_FALSE(IsValidUid("1.2\\1.3"));
  }

  TEST_CASE("generated series: patched instances are what full ones would be") {
    for (const char* syntax : {"implicit", "explicit", "big-endian", "deflated", "rle", "jpeg"}) {
      CAPTURE(syntax);
      DicomSpec spec;
      spec.transfer_syntax = syntax;
      spec.modality = "CT";
      DicomSeries series(spec);
      for (const int instance : {1, 2, 123456}) {
        DicomHeader patched = ReadWhole(series.Instance(instance));
        spec.instance = instance;
        DicomHeader full = ReadWhole(MakeDicom(spec));
        patched.Remove(kTagAcquisitionTime);
        full.Remove(kTagAcquisitionTime);
        CHECK(patched == full);
      }
    }
  }
}

}  // namespace xnatarchive
