#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>

#include "base/parallel.hpp"
#include "dicom/header.hpp"
#include "raw_dicom.hpp"
#include "support/captured_output.hpp"
#include "support/dicom_generator.hpp"

namespace xnatarchive {
namespace {

std::string ReasonOf(const std::string& bytes,
                     Completeness completeness = Completeness::kWholeFile) {
  Result<DicomHeader> header = ReadHeader(bytes, completeness);
  if (header.ok()) return "ok";
  CHECK(header.status().code() == Code::kCorruption);
  CHECK(header.status().message().find('\n') == std::string_view::npos);
  return std::string(header.status().reason());
}

const std::set<std::string> kReasons = {"ok",
                                        "dicom.not-dicom",
                                        "dicom.dicomdir",
                                        "dicom.truncated",
                                        "dicom.bad-header",
                                        "dicom.too-complex",
                                        "dicom.no-sop-uid",
                                        "dicom.no-study-uid"};

/// `depth` sequences inside each other, of undefined length.
std::string Nested(int depth) {
  std::string bytes = MetaHeader(kExplicitLittle) + SopUids();
  for (int i = 0; i < depth; ++i) {
    bytes += LongElementHead(0x00081140, "SQ", 0xFFFFFFFF) + RawTag(0xFFFEE000) +
             LittleEndian(0xFFFFFFFF, 4);
  }
  for (int i = 0; i < depth; ++i) {
    bytes += RawTag(0xFFFEE00D) + LittleEndian(0, 4) + RawTag(0xFFFEE0DD) + LittleEndian(0, 4);
  }
  return bytes + StudyUidElement();
}

}  // namespace

TEST_SUITE("dicom.header_bad") {
  TEST_CASE("each kind of broken input has its reason") {
    const std::pair<const char*, const char*> cases[] = {{"empty", "dicom.truncated"},
                                                         {"text", "dicom.not-dicom"},
                                                         {"jpeg", "dicom.not-dicom"},
                                                         {"appledouble", "dicom.not-dicom"},
                                                         {"dicomdir", "dicom.dicomdir"},
                                                         {"truncated-preamble", "dicom.truncated"},
                                                         {"truncated-header", "dicom.truncated"},
                                                         {"truncated-pixels", "dicom.truncated"},
                                                         {"no-sop-uid", "dicom.no-sop-uid"},
                                                         {"no-study-uid", "dicom.no-study-uid"},
                                                         {"no-preamble", "ok"},
                                                         {"no-meta", "ok"}};
    CHECK(std::size(cases) == BrokenKinds().size());
    for (const auto& [kind, reason] : cases) {
      CAPTURE(kind);
      CHECK(ReasonOf(MakeBroken(kind)) == reason);
    }
  }

  TEST_CASE("what is not DICOM is named in the message") {
    const auto message = [](const char* kind) {
      return std::string(ReadHeader(MakeBroken(kind), Completeness::kWholeFile).status().message());
    };
    CHECK(message("jpeg") == "expected DICOM, found a JPEG file");
    CHECK(message("appledouble") == "expected DICOM, found an AppleDouble file");
    CHECK(message("text") ==
          "expected DICOM, found a file with neither DICOM preamble nor data elements");
  }

  TEST_CASE("first bytes: LooksLikeDicom agrees with the reader") {
    CHECK(LooksLikeDicom(MakeDicom({}).substr(0, 140)));
    CHECK(LooksLikeDicom(MakeBroken("no-preamble").substr(0, 140)));
    CHECK(LooksLikeDicom(MakeBroken("no-meta").substr(0, 140)));
    CHECK_FALSE(LooksLikeDicom(MakeBroken("text")));
    CHECK_FALSE(LooksLikeDicom(MakeBroken("appledouble")));
    CHECK_FALSE(LooksLikeDicom(""));
    CHECK_FALSE(LooksLikeDicom(std::string(200, '\0')));
  }

  TEST_CASE("pixel data cut short is found out in every syntax that tells") {
    for (const char* syntax : {"implicit", "explicit", "big-endian", "rle", "jpeg"}) {
      CAPTURE(syntax);
      DicomSpec spec;
      spec.transfer_syntax = syntax;
      const std::string bytes = MakeDicom(spec);
      CHECK(ReasonOf(bytes) == "ok");
      CHECK(ReasonOf(bytes + "padding") == "ok");
      CHECK(ReasonOf(bytes.substr(0, bytes.size() - 1)) == "dicom.truncated");
      CHECK(ReasonOf(bytes.substr(0, bytes.size() - 4000)) == "dicom.truncated");
      // As a prefix it is all that is needed.
      CHECK(ReasonOf(bytes.substr(0, bytes.size() - 4000), Completeness::kPrefix) == "ok");
    }
    const std::string claim = MetaHeader(kExplicitLittle) + SopUids() + StudyUidElement() +
                              LongElementHead(0x7FE00010, "OW", 0xFFFFFFF0);
    CHECK(ReasonOf(claim + "xx") == "dicom.truncated");
  }

  TEST_CASE("a prefix is enough or it is truncated, at every length") {
    for (const char* syntax : {"implicit", "explicit", "big-endian", "deflated", "jpeg"}) {
      DicomSpec spec;
      spec.transfer_syntax = syntax;
      spec.rows = 8;
      spec.columns = 8;
      const std::string bytes = MakeDicom(spec);
      std::size_t enough = 0;
      for (std::size_t size = 0; size <= bytes.size(); ++size) {
        const std::string reason = ReasonOf(bytes.substr(0, size), Completeness::kPrefix);
        if (reason == "ok" && enough == 0) enough = size;
        CAPTURE(syntax);
        CAPTURE(size);
        CHECK(reason == (enough != 0 ? "ok" : "dicom.truncated"));
      }
      CHECK(enough > 1000);
    }
  }

  TEST_CASE("missing or malformed UIDs") {
    const auto with = [](const std::string& sop_class, const std::string& study) {
      return MetaHeader(kExplicitLittle) + Element(0x00080016, "UI", sop_class) +
             Element(0x00080018, "UI", "1.3") + Element(0x0020000D, "UI", study);
    };
    CHECK(ReasonOf(with("1.2", "1.4")) == "ok");
    CHECK(ReasonOf(with("", "1.4")) == "dicom.no-sop-uid");
    CHECK(ReasonOf(with("1.2.x", "1.4")) == "dicom.no-sop-uid");
    CHECK(ReasonOf(with("1.2", "../../etc")) == "dicom.no-study-uid");
    CHECK(ReasonOf(with("1.2", "1.4\\1.5")) == "dicom.no-study-uid");
    CHECK(ReasonOf(with("1.2", std::string(66, '1'))) == "dicom.no-study-uid");
  }

  TEST_CASE("nesting: deeper than any real object is refused, not followed") {
    CHECK(ReasonOf(Nested(50)) == "ok");
    CHECK(ReasonOf(Nested(2000)) == "dicom.too-complex");
    CHECK(ReasonOf(Nested(100'000)) == "dicom.too-complex");
  }

  TEST_CASE("lengths that lie cost nothing") {
    const std::string begin = MetaHeader(kExplicitLittle) + SopUids();
    CHECK(ReasonOf(begin + LongElementHead(0x00420011, "OB", 0xFFFFFFF0) + "x") ==
          "dicom.truncated");
    CHECK(ReasonOf(begin + LongElementHead(0x00081140, "SQ", 0x7FFFFFF0) + RawTag(0xFFFEE000) +
                   LittleEndian(0x7FFFFF00, 4)) == "dicom.truncated");
  }

  TEST_CASE("damaged deflated data is refused") {
    DicomSpec spec;
    spec.transfer_syntax = "deflated";
    const std::string bytes = MakeDicom(spec);
    CHECK(ReasonOf(bytes.substr(0, 500)) == "dicom.truncated");
    std::string damaged = bytes;
    for (std::size_t i = 400; i < 600; ++i) damaged[i] = 'x';
    const std::string reason = ReasonOf(damaged);
    CHECK_MESSAGE((reason == "dicom.bad-header" || reason == "dicom.truncated"), reason);
  }

  TEST_CASE("messages have no patient data") {
    DicomSpec spec;
    spec.values = {
        {kTagPatientName, "Secret^Name"}, {kTagPatientID, "SECRETID"}, {kTagStudyInstanceUID, ""}};
    const std::string bytes = MakeDicom(spec);
    for (const std::size_t size : {bytes.size(), bytes.size() - 9000, std::size_t{1000}}) {
      const Result<DicomHeader> header =
          ReadHeader(bytes.substr(0, size), Completeness::kWholeFile);
      REQUIRE_FALSE(header.ok());
      CHECK(header.status().ToString().find("ecret") == std::string::npos);
      CHECK(header.status().ToString().find("SECRET") == std::string::npos);
    }
  }

  TEST_CASE("random damage: any result but a crash, and nothing is printed") {
    CapturedOutput captured;
    std::uint64_t state = 20240318;
    const auto random = [&state](std::size_t below) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      return static_cast<std::size_t>(state >> 33) % below;
    };
    std::set<std::string> seen;
    for (const char* syntax : {"implicit", "explicit", "big-endian", "deflated", "jpeg"}) {
      DicomSpec spec;
      spec.modality = "PT";
      spec.transfer_syntax = syntax;
      spec.rows = 4;
      spec.columns = 4;
      const std::string original = MakeDicom(spec);
      for (int round = 0; round < 1500; ++round) {
        std::string bytes = original;
        for (std::size_t hits = 1 + random(6); hits > 0; --hits) {
          bytes[random(bytes.size())] = static_cast<char>(random(256));
        }
        if (random(4) == 0) bytes.resize(random(bytes.size()));
        seen.insert(ReasonOf(bytes));
      }
    }
    CHECK(captured.End() == "");
    for (const std::string& reason : seen) CHECK(kReasons.count(reason) == 1);
    CHECK(seen.count("ok") == 1);
    CHECK(seen.count("dicom.truncated") == 1);
  }

  TEST_CASE("threads: parses at once give what one gives") {
    DicomSpec spec;
    spec.frames = 5;
    spec.values = {{0x00080005, "ISO_IR 100"}, {kTagPatientName, "Zo\xEB"}};
    const std::string bytes = MakeDicom(spec);
    const Result<DicomHeader> expected = ReadHeader(bytes, Completeness::kWholeFile);
    REQUIRE(expected.ok());
    const Status status = ParallelFor(400, 4, [&](std::size_t) {
      const Result<DicomHeader> header = ReadHeader(bytes, Completeness::kWholeFile);
      if (header.ok() && *header == *expected) return Status();
      return Status(Code::kInternal, "test.differs", "another header");
    });
    CHECK(status.ok());
  }
}

}  // namespace xnatarchive
