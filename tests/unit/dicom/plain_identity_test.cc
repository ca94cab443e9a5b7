#include "dicom/plain_identity.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "dicom/header.hpp"
#include "raw_dicom.hpp"
#include "support/dicom_generator.hpp"

namespace xnatarchive {
namespace {

constexpr std::uint32_t kUndefined = 0xFFFFFFFF;

/// What DCMTK says of the bytes: "uid/number", or the reason why it has no header.
std::string ByDcmtk(const std::string& bytes) {
  const Result<DicomHeader> header = ReadHeader(bytes, Completeness::kWholeFile);
  if (!header.ok()) return std::string(header.status().reason());
  return std::string(header->Get(kTagSOPInstanceUID)) + "/" +
         std::string(header->Get(kTagInstanceNumber));
}

std::string Text(const std::optional<DicomIdentity>& identity) {
  if (!identity) return "nothing";
  const auto& number = identity->instance_number;
  return identity->uid + "/" + (number ? std::to_string(*number) : "");
}

std::string Found(const std::string& bytes) { return Text(FindPlainIdentity(bytes)); }

/// The end of an object: Study Instance UID, the instance number, and an element more.
std::string End() {
  return StudyUidElement() + Element(0x00200013, "IS", "7") + Element(0x00280010, "US", "\1\1");
}

std::string Item(const std::string& content, bool defined) {
  const auto size = static_cast<std::uint32_t>(content.size());
  return RawTag(0xFFFEE000) + LittleEndian(defined ? size : kUndefined, 4) + content +
         (defined ? "" : RawTag(0xFFFEE00D) + LittleEndian(0, 4));
}

std::string Sequence(const std::string& items, bool defined) {
  const auto size = static_cast<std::uint32_t>(items.size());
  return LongElementHead(0x00081140, "SQ", defined ? size : kUndefined) + items +
         (defined ? "" : RawTag(0xFFFEE0DD) + LittleEndian(0, 4));
}

}  // namespace

TEST_SUITE("dicom.plain_identity") {
  TEST_CASE("an ordinary object's identity is found, any other is left to DCMTK") {
    for (const char* syntax : {"implicit", "explicit", "rle", "jpeg"}) {
      CAPTURE(syntax);
      DicomSpec spec;
      spec.transfer_syntax = syntax;
      spec.instance = 12;
      CHECK(Found(MakeDicom(spec)) == InstanceUid(spec) + "/12");
    }
    for (const char* syntax : {"big-endian", "deflated"}) {
      CAPTURE(syntax);
      DicomSpec spec;
      spec.transfer_syntax = syntax;
      CHECK(Found(MakeDicom(spec)) == "nothing");
    }
    for (const char* kind : {"empty", "text", "jpeg", "dicomdir", "truncated-preamble",
                             "truncated-header", "no-sop-uid", "no-preamble", "no-meta"}) {
      CAPTURE(kind);
      CHECK(Found(MakeBroken(kind)) == "nothing");
    }
  }

  TEST_CASE("sequences in front of the instance number are passed over, however they end") {
    const std::string begin = MetaHeader(kExplicitLittle) + SopUids();
    for (const bool sequence_defined : {true, false}) {
      for (const bool item_defined : {true, false}) {
        const std::string inner =
            Sequence(Item(Element(0x00081150, "UI", "1.9"), item_defined), sequence_defined);
        const std::string outer =
            Sequence(Item(inner, item_defined) + Item("", item_defined), sequence_defined);
        CHECK(Found(begin + outer + End()) == "1.3/7");
        CHECK(ByDcmtk(begin + outer + End()) == "1.3/7");
      }
    }
    std::string deep;
    for (int i = 0; i < 4; ++i) deep = Sequence(Item(deep, false), false);
    CHECK(Found(begin + deep + End()) == "1.3/7");
    for (int i = 0; i < 100; ++i) deep = Sequence(Item(deep, false), false);
    CHECK(Found(begin + deep + End()) == "nothing");
    CHECK(Found(begin + LongElementHead(0x00090010, "UN", kUndefined) + End()) == "nothing");
  }

  TEST_CASE("what is unusual about the identity itself is left to DCMTK") {
    const std::string begin = MetaHeader(kExplicitLittle);
    const std::string uid_class = Element(0x00080016, "UI", "1.2");
    const std::string uid = Element(0x00080018, "UI", "1.3");
    const auto number = [](const char* vr, const std::string& value) {
      return Element(0x00200013, vr, value);
    };
    const std::string seven = number("IS", "7");
    const std::string rows = Element(0x00280010, "US", "\1\1");
    CHECK(Found(begin + uid_class + uid + seven) == "1.3/7");
    CHECK(Found(begin + uid_class + uid + number("IS", "")) == "1.3/");
    CHECK(Found(begin + uid_class + uid + number("IS", " -5 ") + rows) == "1.3/-5");
    for (const std::string& other :
         {uid_class + uid, uid_class + uid + rows, uid_class + uid + rows + seven,
          uid_class + uid + number("IS", "7\\8"), uid_class + uid + number("IS", "x"),
          uid_class + uid + number("US", std::string("7\0", 2)), uid_class + seven, uid + seven,
          uid + uid_class + seven, uid_class + uid + uid + seven,
          uid_class + Element(0x00080018, "UI", "1.x") + seven,
          uid_class + Element(0x00080018, "UI", "1.3\\1.4") + seven,
          uid_class + Element(0x00080018, "LO", "1.3") + seven,
          Element(0x00041220, "UI", "") + uid_class + uid + seven}) {
      CHECK(Found(begin + other) == "nothing");
    }
    CHECK(Found(MetaHeader("1.2.840.10008.1.2.1.99") + uid_class + uid + seven) == "nothing");
    CHECK(Found(MetaHeader("1.2.3") + uid_class + uid + seven) == "nothing");
  }

  TEST_CASE("whatever is damaged: an identity that is found is the one that DCMTK finds") {
    std::uint64_t state = 20240318;
    const auto random = [&state](std::size_t below) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      return static_cast<std::size_t>(state >> 33) % below;
    };
    std::size_t both = 0;
    for (const char* syntax : {"implicit", "explicit", "jpeg"}) {
      DicomSpec spec;
      spec.modality = "PT";
      spec.transfer_syntax = syntax;
      spec.rows = 4;
      spec.columns = 4;
      const std::string original = MakeDicom(spec);
      for (int round = 0; round < 4000; ++round) {
        std::string bytes = original;
        for (std::size_t hits = 1 + random(4); hits > 0; --hits) {
          bytes[128 + random(bytes.size() - 128)] = static_cast<char>(random(256));
        }
        if (random(4) == 0) bytes.resize(random(bytes.size()));
        const std::optional<DicomIdentity> found = FindPlainIdentity(bytes);
        if (!found || !ReadHeader(bytes, Completeness::kWholeFile).ok()) continue;
        ++both;
        CAPTURE(round);
        CHECK(Text(found) == ByDcmtk(bytes));
      }
    }
    CHECK(both > 1000);
  }
}

}  // namespace xnatarchive
