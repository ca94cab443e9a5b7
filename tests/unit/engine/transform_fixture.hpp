// transform_fixture.hpp - a session that waits, and transforms for it.
#ifndef XNATARCHIVE_TESTS_UNIT_ENGINE_TRANSFORM_FIXTURE_HPP_
#define XNATARCHIVE_TESTS_UNIT_ENGINE_TRANSFORM_FIXTURE_HPP_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "dicom/header.hpp"
#include "support/engine_fixture.hpp"
#include "support/test_hooks.hpp"

namespace xnatarchive {

using Edit = std::function<Status(SessionFiles&, SessionDocument*)>;

inline constexpr const char* kScan1 = "SCANS/1/DICOM/";

/// The object a rewritten file is: without the patient's name, its UIDs those of another study.
inline std::string Rewritten(int study, int series, int instance) {
  DicomSpec spec = EngineFixture::Spec(study);
  spec.series = series;
  spec.instance = instance;
  spec.values[0x00100010] = "NOBODY";
  return MakeDicom(spec);
}

struct TransformFixture : EngineFixture {
  std::string src;

  explicit TransformFixture(int study = 1, int series = 2, int instances = 3) {
    src = Send("a", study, series, instances);
  }

  std::string Send(const std::string& folder, int study, int series, int instances) {
    WriteStudy(folder, study, series, instances);
    std::string uri = EngineFixture::Import(folder).uris[0];
    Must(engine->Build(uri));
    return uri;
  }

  void Use(Edit edit, const std::string& name = "test 1.0") {
    auto transform = std::make_shared<TestTransform>(
        [edit](const SessionCandidate&, SessionFiles& files, SessionDocument* document,
               const Cancelled&) { return edit(files, document); });
    transform->name = name;
    options.session_transform = transform;
    Open();
  }

  ArchiveRequest Request(Overwrite overwrite = Overwrite::kNone) const {
    ArchiveRequest request;
    request.src = src;
    request.overwrite = overwrite;
    return request;
  }

  /// The files of the archived session: path below it and bytes.
  std::map<std::string, std::string> Archived(const std::string& label = "S1") const {
    const std::string root = "root/archive/DEMO/arc001/" + label;
    std::map<std::string, std::string> files;
    if (!tree.Exists(root)) return files;
    for (const std::string& line : Split(tree.Dump(root), '\n')) {
      const std::string path(line.substr(0, line.find(' ')));
      if (EndsWith(path, ".dcm")) files[path] = tree.Read(root + "/" + path);
    }
    return files;
  }

  std::vector<std::string> LeftOvers() const {
    std::vector<std::string> names;
    for (const char* place : {"root/archive/.xa/ops", "root/archive/.xa/trash"}) {
      if (!tree.Exists(place)) continue;
      for (const std::string& line : Split(tree.Dump(place), '\n')) {
        if (!line.empty()) names.push_back(line);
      }
    }
    return names;
  }
};

/// Every DICOM file as Rewritten(study) has it.
inline Edit RewriteAll(int study) {
  return [study](SessionFiles& files, SessionDocument*) -> Status {
    for (const std::string& path : files.Paths()) {
      if (!EndsWith(path, ".dcm")) continue;
      const DicomHeader header = Must(ReadHeader(Must(files.Read(path)), Completeness::kWholeFile));
      const auto number = [&](Tag tag) {
        return static_cast<int>(ParseInt(header.Get(tag)).value_or(0));
      };
      const Status replaced = files.Replace(
          path, Rewritten(study, number(kTagSeriesNumber), number(kTagInstanceNumber)));
      if (!replaced.ok()) return replaced;
    }
    return Status();
  };
}

inline std::string First(SessionFiles& files, const std::string& below) {
  for (const std::string& path : files.Paths()) {
    if (StartsWith(path, below) && EndsWith(path, ".dcm")) return path;
  }
  return "";
}

inline Edit RejectBelow(const std::string& directory) {
  return [directory](SessionFiles& files, SessionDocument*) -> Status {
    for (const std::string& path : files.Paths()) {
      if (StartsWith(path, directory)) Must(files.Reject(path));
    }
    return Status();
  };
}

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_UNIT_ENGINE_TRANSFORM_FIXTURE_HPP_
