// build_fixture.hpp - sessions for build tests, made of headers rather than files.
#ifndef XNATARCHIVE_TESTS_UNIT_PREARCHIVE_BUILD_FIXTURE_HPP_
#define XNATARCHIVE_TESTS_UNIT_PREARCHIVE_BUILD_FIXTURE_HPP_

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "prearchive/build.hpp"

namespace xnatarchive {

inline constexpr const char* kMrImage = "1.2.840.10008.5.1.4.1.1.4";
inline constexpr const char* kEnhancedMrImage = "1.2.840.10008.5.1.4.1.1.4.1";
inline constexpr const char* kCtImage = "1.2.840.10008.5.1.4.1.1.2";
inline constexpr const char* kPetImage = "1.2.840.10008.5.1.4.1.1.128";
inline constexpr const char* kSecondaryCapture = "1.2.840.10008.5.1.4.1.1.7";
inline constexpr const char* kRawData = "1.2.840.10008.5.1.4.1.1.66";

using Elements = std::vector<std::pair<Tag, std::string>>;

/// Elements of `base`, those of `more` instead of or beside them.
inline DicomHeader MakeHeader(const Elements& base, const Elements& more = {}) {
  DicomHeader header;
  for (const auto& [tag, value] : base) header.Add(tag, value);
  for (const auto& [tag, value] : more) header.Remove(tag);
  for (const auto& [tag, value] : more) header.Add(tag, value);
  return header;
}

/// A session to be built. Files refer to headers by address, so it does not move.
class BuildFixture {
 public:
  BuildFixture() = default;
  BuildFixture(const BuildFixture&) = delete;
  BuildFixture& operator=(const BuildFixture&) = delete;

  const DicomHeader* Header(const Elements& base, const Elements& more = {}) {
    return &headers_.emplace_back(MakeHeader(base, more));
  }

  IndexedFile& Add(std::string path, const DicomHeader* header, std::string instance_uid,
                   std::string number = "") {
    IndexedFile& file = files_.emplace_back();
    file.path = std::move(path);
    file.size = 1000;
    file.sop_instance_uid = std::move(instance_uid);
    file.instance_number = std::move(number);
    input.files.push_back({&file, header});
    return file;
  }

  /// `count` files "<directory>/<first number..>.dcm".
  void AddMany(const std::string& directory, const DicomHeader* header, const std::string& uid,
               int count) {
    for (int i = 1; i <= count; ++i) {
      const std::string number = std::to_string(i);
      Add(directory + "/" + number + ".dcm", header, uid + "." + number, number);
    }
  }

  BuildInput input;

 private:
  std::deque<DicomHeader> headers_;
  std::deque<IndexedFile> files_;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_UNIT_PREARCHIVE_BUILD_FIXTURE_HPP_
