// merge_fixture.hpp - a root where objects made to order are archived, and merged.
#ifndef XNATARCHIVE_TESTS_UNIT_ENGINE_MERGE_FIXTURE_HPP_
#define XNATARCHIVE_TESTS_UNIT_ENGINE_MERGE_FIXTURE_HPP_

#include <string>
#include <vector>

#include "support/engine_fixture.hpp"

namespace xnatarchive {

/// A root where objects of one study, made to order, are imported and archived.
struct MergeFixture : EngineFixture {
  int imports = 0;

  /// An object of series `series`, all of which have the number 1 unless told otherwise.
  static DicomSpec Object(int series, int instance, const std::string& number = "1") {
    DicomSpec spec = Spec(1);
    spec.series = series;
    spec.instance = instance;
    spec.values[0x00200011] = number;
    return spec;
  }

  /// The same object with other pixels.
  static DicomSpec Changed(DicomSpec spec) {
    spec.values[0x00204000] = "changed";  // ImageComments
    return spec;
  }

  std::string Receive(const std::vector<DicomSpec>& objects) {
    const std::string folder = "m" + std::to_string(++imports);
    for (std::size_t i = 0; i < objects.size(); ++i) {
      tree.Write("in/" + folder + "/" + std::to_string(i) + ".dcm", MakeDicom(objects[i]));
    }
    ImportRequest request = Request(folder);
    request.parameters["rename"] = "true";  // objects of all uploads have names of their own
    const ImportReport report = Must(engine->Import(request));
    REQUIRE(report.uris.size() == 1);
    return report.uris[0];
  }

  /// Where the session waits, below the tree.
  static std::string WaitingDirectory(const std::string& src) {
    std::string directory = "root" + src.substr(sizeof("/data") - 1);
    return directory.erase(directory.find("/projects"), sizeof("/projects") - 1);
  }

  Result<ArchiveReport> Archive(const std::string& src, Overwrite overwrite) {
    ArchiveRequest request;
    request.src = src;
    request.overwrite = overwrite;
    return engine->Archive(request);
  }

  ArchiveReport Merge(const std::vector<DicomSpec>& objects, Overwrite overwrite) {
    return Must(Archive(Receive(objects), overwrite));
  }

  /// "1:3 1-MR1:2", scans and their files, in the document's order.
  std::string Scans() const {
    std::string text;
    for (const Scan& scan : Must(engine->Document("/experiments/XNAT_E00001")).scans) {
      if (!text.empty()) text += " ";
      text += scan.id + ":";
      for (const Resource& resource : scan.resources) {
        text += std::to_string(resource.file_count.value_or(-1));
      }
    }
    return text;
  }

  std::string Archived() const { return tree.Dump("root/archive/DEMO/arc001"); }
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_UNIT_ENGINE_MERGE_FIXTURE_HPP_
