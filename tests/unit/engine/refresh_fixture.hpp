// refresh_fixture.hpp - an archived session whose files change without the library.
#ifndef XNATARCHIVE_TESTS_UNIT_ENGINE_REFRESH_FIXTURE_HPP_
#define XNATARCHIVE_TESTS_UNIT_ENGINE_REFRESH_FIXTURE_HPP_

#include <functional>
#include <string>
#include <vector>

#include "support/engine_fixture.hpp"
#include "xml/catalog_xml.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {

/// RefreshFixture::Tell when there was nothing to do.
inline constexpr const char* kAllUnchanged =
    "/resources/NOTES: unchanged\n/scans/1/resources/DICOM: unchanged\n"
    "/scans/2/resources/DICOM: unchanged\n";

/// DEMO/S1: scans 1 and 2 of three objects each, session resource NOTES of one text file.
struct RefreshFixture : EngineFixture {
  static constexpr const char* kSession = "/archive/projects/DEMO/experiments/S1";
  const std::string session = "root/archive/DEMO/arc001/S1/";
  const std::string scan1 = session + "SCANS/1/DICOM/";
  const std::string catalog1 = scan1 + "scan_1_catalog.xml";
  const std::string notes = session + "RESOURCES/NOTES/";

  explicit RefreshFixture(FileSystem* fs = nullptr) : EngineFixture(fs) {
    WriteStudy("a", 1);
    Must(Archive(Import("a").uris[0]));
    tree.Write(notes + "note.txt", "note");
    tree.Write(notes + "NOTES_catalog.xml", WriteCatalog(Catalog(), CatalogStyle::kPlain));
    EditDocument([](SessionDocument& document) {
      Resource resource;
      resource.label = "NOTES";
      resource.uri = "RESOURCES/NOTES/NOTES_catalog.xml";
      document.resources.push_back(resource);
    });
    Must(Refresh());
  }

  void EditDocument(const std::function<void(SessionDocument&)>& edit) {
    SessionDocument document = Must(ParseSession(tree.Read(session + "session.xml")));
    edit(document);
    tree.Write(session + "session.xml", WriteSession(document));
  }

  Catalog CatalogAt(const std::string& path) const { return Must(ParseCatalog(tree.Read(path))); }

  void EditCatalog(const std::string& path, const std::function<void(Catalog&)>& edit) {
    Catalog catalog = CatalogAt(path);
    edit(catalog);
    tree.Write(path, WriteCatalog(catalog, CatalogStyle::kPlain));
  }

  /// Another object of scan 1, as somebody would copy it there.
  std::string CopyIn(int instance) {
    DicomSpec spec = Spec(1);
    spec.instance = instance;
    const std::string name = "copied-" + std::to_string(instance) + ".dcm";
    tree.Write(scan1 + name, MakeDicom(spec));
    return name;
  }

  static RefreshRequest Request(const std::string& words = "all",
                                const std::vector<std::string>& uris = {kSession}) {
    RefreshRequest request;
    request.resources = uris;
    if (words != "all") request.options = ParseRefreshOptions(words).value();
    return request;
  }

  Result<RefreshReport> Refresh(const std::string& words = "all",
                                const std::vector<std::string>& uris = {kSession}) {
    CallOptions call;
    call.user = "bob";
    return engine->Refresh(Request(words, uris), call);
  }

  /// "URI below the session: outcome +added -removed ~modified" of each catalog.
  static std::string Tell(const Result<RefreshReport>& report) {
    if (!report.ok()) return std::string(report.status().reason());
    std::string text;
    for (const CatalogOutcome& one : report->catalogs) {
      const std::size_t at = one.uri.find("/S1");
      text += (at == std::string::npos ? one.uri : one.uri.substr(at + 3)) + ": ";
      if (one.outcome == RefreshOutcome::kFailed) text += one.status.reason();
      if (one.outcome == RefreshOutcome::kUnchanged) text += "unchanged";
      if (one.outcome == RefreshOutcome::kUpdated) {
        text += "+" + std::to_string(one.added) + " -" + std::to_string(one.removed) + " ~" +
                std::to_string(one.modified);
      }
      text += "\n";
    }
    return text;
  }

  /// The archive without what nobody sees.
  std::string Archived() const { return tree.Dump("root/archive/DEMO"); }

  /// "files bytes" of the index, and of the document.
  std::string Counts() const {
    std::int64_t files = 0;
    std::int64_t bytes = 0;
    const SessionDocument document = Must(engine->Document(kSession));
    const auto add = [&](const std::vector<Resource>& resources) {
      for (const Resource& resource : resources) {
        files += resource.file_count.value_or(0);
        bytes += resource.file_size.value_or(0);
      }
    };
    add(document.resources);
    for (const Scan& scan : document.scans) add(scan.resources);
    const Table table = Must(engine->List("/projects/DEMO/experiments"));
    return table.rows[0][7] + " = " + std::to_string(files) + ", " + std::to_string(bytes);
  }
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_UNIT_ENGINE_REFRESH_FIXTURE_HPP_
