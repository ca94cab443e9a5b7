// findings_fixture.hpp - sessions that something is wrong with, validated and archived.
#ifndef XNATARCHIVE_TESTS_UNIT_ENGINE_FINDINGS_FIXTURE_HPP_
#define XNATARCHIVE_TESTS_UNIT_ENGINE_FINDINGS_FIXTURE_HPP_

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "support/engine_fixture.hpp"
#include "xml/catalog_xml.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {

/// A root where sessions of study 1, label "S1", are received, built and damaged.
struct FindingsFixture : EngineFixture {
  int imports = 0;

  static DicomSpec Object(int series = 1, int instance = 1, const std::string& number = "") {
    DicomSpec spec = Spec(1);
    spec.series = series;
    spec.instance = instance;
    if (!number.empty()) spec.values[0x00200011] = number;
    return spec;
  }

  /// Receives and builds one session; its URI.
  std::string Receive(const std::vector<DicomSpec>& objects = {Object()}) {
    const std::string folder = "f" + std::to_string(++imports);
    for (const DicomSpec& object : objects) {
      tree.Write("in/" + folder + "/" + InstanceUid(object) + ".dcm", MakeDicom(object));
    }
    const std::string src = Must(engine->Import(Request(folder))).uris.at(0);
    Must(engine->Build(src));
    return src;
  }

  void ArchiveNow(const std::vector<DicomSpec>& objects = {Object()}) {
    Must(Archive(Receive(objects)));
  }

  /// Where a prearchive session lies below the fixture's tree.
  static std::string DirectoryOf(std::string src) {
    const std::string head = "/data/prearchive/projects/";
    REQUIRE(StartsWith(src, head));
    return "root/prearchive/" + src.substr(head.size());
  }

  void ChangeDocument(const std::string& path,
                      const std::function<void(SessionDocument&)>& change) {
    SessionDocument document = Must(ParseSession(tree.Read(path)));
    change(document);
    tree.Write(path, WriteSession(document));
  }
  void ChangeCatalog(const std::string& path, const std::function<void(Catalog&)>& change) {
    Catalog catalog = Must(ParseCatalog(tree.Read(path)));
    change(catalog);
    tree.Write(path, WriteCatalog(catalog, CatalogStyle::kPlain));
  }

  /// Everything but the library's own, the store, and the logs of sessions.
  std::string Sessions() const {
    std::string text;
    for (const std::string& line : Split(tree.Dump("root"), '\n')) {
      const bool own = line.find("/.xa/") != std::string::npos || StartsWith(line, "store");
      if (!own && line.find("/logs") == std::string::npos) text += line + "\n";
    }
    return text;
  }

  static std::string Tell(const std::vector<Finding>& findings) {
    std::string text;
    for (const Finding& finding : findings) {
      if (!text.empty()) text += " ";
      text +=
          std::to_string(finding.code) + FindingTypeName(finding.type)[0] + "/" + finding.reason;
    }
    return text;
  }

  /// What validation finds, which writes nothing, and with which archiving agrees: it is refused
  /// for the first finding that blocks and changes nothing, or tells the same findings as warnings.
  std::string Findings(const ArchiveRequest& request) {
    const std::string before = Dump();
    const Result<ValidationReport> report = engine->Validate(request);
    CHECK(Dump() == before);
    const std::string sessions = Sessions();
    const Result<ArchiveReport> archived = engine->Archive(request);
    if (!report.ok()) {
      CHECK(archived.status().reason() == report.status().reason());
      CHECK(Sessions() == sessions);
      return "refused: " + std::string(report.status().reason());
    }
    CHECK(archived.ok() == !report->blocked);
    if (archived.ok()) {
      CHECK(Tell(archived->warnings) == Tell(report->findings));
    } else {
      const auto first =
          std::find_if(report->findings.begin(), report->findings.end(),
                       [](const Finding& finding) { return finding.type != FindingType::kWarn; });
      REQUIRE(first != report->findings.end());
      CHECK(archived.status().reason() == first->reason);
      CHECK(StartsWith(archived.status().message(), first->message));  // "(and n more ...)"
      CHECK(archived.status().disk_state() == DiskState::kUnchanged);
      const bool conflict = first->type == FindingType::kConflict ||
                            (first->code >= 2 && first->code <= 4) ||
                            first->reason == "archive.modality-differs";
      CHECK(archived.status().code() == (conflict ? Code::kConflict : Code::kInvalidArgument));
      const PrearchiveState state = Must(engine->FindPrearchiveSession(request.src)).state;
      CHECK((state == PrearchiveState::kConflict) == conflict);
      CHECK(Sessions() == sessions);
    }
    CHECK(Must(engine->Recover()).failed.empty());
    return Tell(report->findings);
  }
  std::string Findings(const std::string& src, Overwrite overwrite = Overwrite::kNone) {
    ArchiveRequest request;
    request.src = src;
    request.overwrite = overwrite;
    return Findings(request);
  }
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_UNIT_ENGINE_FINDINGS_FIXTURE_HPP_
