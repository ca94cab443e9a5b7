// Files of sessions, archived and waiting, opened by their URIs; and what is listed of a session
// that waits.
#include <doctest/doctest.h>

#include "support/engine_fixture.hpp"
#include "support/test_hooks.hpp"

namespace xnatarchive {
namespace {

std::string ReadAll(const OpenedFile& file) {
  std::string bytes(static_cast<std::size_t>(file.size) + 1, '\0');
  bytes.resize(Must(file.read(0, bytes.data(), bytes.size())));
  return bytes;
}

std::string Column(const Table& table, const std::string& name) {
  std::string text;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i] != name) continue;
    for (const auto& row : table.rows) text += row[i] + " ";
  }
  return text;
}

}  // namespace

TEST_SUITE("engine.open_file") {
  TEST_CASE("each file that is listed can be opened by its URI, waiting and archived") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1);
    const std::string src = fixture.Import("a").uris.at(0);
    Must(fixture.engine->Build(src));
    std::size_t opened = 0;
    const auto check = [&](const std::string& session) {
      const Table scans = Must(fixture.engine->List(session + "/scans"));
      CHECK(Column(scans, "ID") == "1 2 ");
      for (const std::string scan : {"1", "2"}) {
        const std::string resources = session + "/scans/" + scan + "/resources";
        CHECK(Column(Must(fixture.engine->List(resources)), "label") == "DICOM ");
        const Table files = Must(fixture.engine->List(resources + "/DICOM/files"));
        CHECK(files.rows.size() == 3);
        for (const auto& row : files.rows) {
          const OpenedFile file = Must(fixture.engine->OpenFile(row.back()));
          CHECK(file.name == row.front());
          const std::string bytes = ReadAll(file);
          CHECK(std::to_string(bytes.size()) == row[1]);
          CHECK(bytes.substr(128, 4) == "DICM");
          ++opened;
        }
      }
    };
    check(src);
    check(Must(fixture.Archive(src)).uri);
    CHECK(opened == 12);
  }

  TEST_CASE("an open file stays what it was, and its successor has another version") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1, 1, 1);
    const std::string session = Must(fixture.Archive(fixture.Import("a").uris.at(0))).uri;
    const std::string uri =
        Must(fixture.engine->List(session + "/scans/1/resources/DICOM")).rows.at(0).back();
    const OpenedFile before = Must(fixture.engine->OpenFile(uri));
    const std::string bytes = ReadAll(before);
    CHECK(Must(fixture.engine->OpenFile(uri)).version == before.version);

    DicomSpec spec = EngineFixture::Spec(1);
    spec.values[0x00081030] = "another description";
    fixture.tree.Write("in/b/1.dcm", MakeDicom(spec));
    ArchiveRequest request;
    request.src = fixture.Import("b").uris.at(0);
    request.overwrite = Overwrite::kDelete;
    Must(fixture.engine->Archive(request));
    const OpenedFile after = Must(fixture.engine->OpenFile(uri));
    CHECK(after.version != before.version);
    CHECK(ReadAll(after) != bytes);
    fixture.engine.reset();
    CHECK(ReadAll(before) == bytes);
    CHECK(Must(before.read(before.size, nullptr, 0)) == 0);
  }

  TEST_CASE("what is no file, not there, not ours to give or not allowed is not opened") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1, 1, 1);
    const std::string src = fixture.Import("a").uris.at(0);
    const std::string archived = Must(fixture.Archive(src)).uri;
    const std::string files = archived + "/scans/1/resources/DICOM/files/";
    const std::string place = "root/archive/DEMO/arc001/S1/SCANS/1/DICOM/";
    fixture.tree.Write(place + ".xa-secret", "x");
    fixture.tree.Write(place + "folder/a", "x");
    fixture.tree.Write("outside", "x");
    fixture.tree.Symlink("../../../../../../../outside", place + "link");
    const struct {
      std::string uri;
      Code code;
      const char* reason;
    } cases[] = {
        {files + "none", Code::kNotFound, "uri.not-found"},
        {files + "folder", Code::kNotFound, "uri.not-found"},
        {files + ".xa-secret", Code::kNotFound, "uri.not-found"},
        {files + "../../../../session.xml", Code::kInvalidArgument, "uri.malformed"},
        {files + "%2e%2e/x", Code::kInvalidArgument, "uri.malformed"},
        {archived + "/scans/9/resources/DICOM/files/a", Code::kNotFound, "uri.not-found"},
        {archived + "/scans/1/resources/NONE/files/a", Code::kNotFound, "uri.not-found"},
        {archived + "/scans/1/resources/DICOM", Code::kInvalidArgument, "uri.not-a-file"},
        {archived, Code::kInvalidArgument, "uri.not-a-file"},
        {"/projects/DEMO/resources/R/files/a", Code::kInvalidArgument, "uri.not-a-file"},
        {src + "/scans/1/resources/DICOM/files/a", Code::kNotFound, "uri.not-found"},
        {src + "/scans/../x", Code::kInvalidArgument, "uri.malformed"},
        {"/experiments/NONE/resources/R/files/a", Code::kNotFound, "uri.not-found"},
    };
    for (const auto& row : cases) {
      CAPTURE(row.uri);
      const auto file = fixture.engine->OpenFile(row.uri);
      CHECK(file.status().code() == row.code);
      CHECK(file.status().reason() == row.reason);
    }
    CHECK_FALSE(fixture.engine->OpenFile(files + "link").ok());
    CHECK(Must(fixture.engine->OpenFile(files + "folder/a")).size == 1);

    fixture.options.access_policy = std::make_shared<TestPolicy>(
        [](const std::string&, Permission, const std::string&, const Cancelled&) {
          return Status(Code::kPermission, "host.no", "no");
        });
    fixture.Open();
    CHECK(fixture.engine->OpenFile(files + "folder/a").status().reason() == "access.denied");
    CHECK(fixture.engine->OpenFile(src + "/resources/R/files/a").status().reason() ==
          "access.denied");
  }

  TEST_CASE("a session that waits has no levels before it is built") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1, 1, 1);
    const std::string src = fixture.Import("a").uris.at(0);
    CHECK(fixture.engine->List(src + "/scans").status().code() == Code::kNotFound);
    RefreshRequest refresh;
    refresh.resources = {src + "/scans/1"};
    CHECK(Must(fixture.engine->Refresh(refresh)).catalogs.at(0).status.reason() == "uri.malformed");
  }

  TEST_CASE("an import that archives at once does it in quarantine when it says so") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1, 1, 1);
    ImportRequest request = fixture.Request("a");
    request.dest = "/archive/projects/DEMO";
    request.parameters["quarantine"] = "true";
    const std::string uri = Must(fixture.engine->Import(request)).uris.at(0);
    CHECK(Column(Must(fixture.engine->List("/projects/DEMO/experiments")), "status") ==
          "quarantine ");
    CHECK(uri == "/data/archive/projects/DEMO/subjects/Test_Subject1/experiments/S1");
  }
}

}  // namespace xnatarchive
