// verify_fixture.hpp - what a verification of an archived session tells, in a form to compare.
#ifndef XNATARCHIVE_TESTS_UNIT_ENGINE_VERIFY_FIXTURE_HPP_
#define XNATARCHIVE_TESTS_UNIT_ENGINE_VERIFY_FIXTURE_HPP_

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

#include "digest/digest.hpp"
#include "unit/engine/export_fixture.hpp"

namespace xnatarchive {

/// "kind path" of every problem, a line each.
inline std::string Problems(const VerifyReport& report) {
  std::string text;
  for (const VerifyProblem& problem : report.problems) {
    CHECK_FALSE(problem.message.empty());
    CHECK(problem.uri.rfind("/data/archive/projects/DEMO/subjects/", 0) == 0);
    text += std::string(VerifyProblemName(problem.kind)) + " " + problem.path + "\n";
  }
  return text;
}

inline std::string InArchive(const std::string& path) {
  return path.substr(std::string("root/archive/").size());
}

inline VerifyReport Verify(ExportFixture& fixture, const VerifyRequest& request = {}) {
  const std::string before = fixture.tree.Dump("root/archive/DEMO");
  VerifyReport report = Must(fixture.engine->Verify(request));
  CHECK(fixture.tree.Dump("root/archive/DEMO") == before);
  return report;
}

inline std::string Md5(const std::string& bytes) {
  return Hasher(Checksum::kMd5).Hash(bytes.data(), bytes.size()).md5;
}

/// As one member that is not deflated; at most 65,535 bytes.
inline std::string Gzip(const std::string& bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320u : 0u);
  }
  const auto little = [](std::uint32_t value, int size) {
    std::string text;
    for (int i = 0; i < size; ++i) text += static_cast<char>(value >> (8 * i));
    return text;
  };
  const auto size = static_cast<std::uint32_t>(bytes.size());
  return std::string("\x1F\x8B\x08\0\0\0\0\0\0\xFF\x01", 11) + little(size, 2) + little(~size, 2) +
         bytes + little(~crc, 4) + little(size, 4);
}

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_UNIT_ENGINE_VERIFY_FIXTURE_HPP_
