// import_fixture.hpp - uploads for services/import.
#ifndef XNATARCHIVE_TESTS_UNIT_REST_IMPORT_FIXTURE_HPP_
#define XNATARCHIVE_TESTS_UNIT_REST_IMPORT_FIXTURE_HPP_

#include <stdexcept>
#include <string>

#include "rest_fixture.hpp"

namespace xnatarchive {

inline const std::string kImport = "/data/services/import";
inline const std::string kCached = "/data/user/cache/resources/up/files/d/x%20y.zip";

/// Project UP, and a zip of one session whose data names another one.
struct ImportFixture : RestFixture {
  std::string zip;

  ImportFixture() {
    WriteStudy("zipped", 1);
    ArchiveRequest request;
    request.src = Import("zipped").uris.at(0);
    ExportRequest exported;
    exported.uri = Must(engine->Archive(request)).uri;
    exported.output = [&](std::string_view bytes) {
      zip.append(bytes);
      return Status();
    };
    Must(engine->Export(exported));
    Project project;
    project.id = "UP";
    Must(engine->AddProject(project));
    // The first makes the directories every import needs.
    IgnoreError(engine->Import({"", -1, BodyOf(""), "", "", {}}).status(), "it is empty");
  }

  /// Gives the service a user cache, with the zip in it.
  void Cache() {
    rest_options.user_cache = tree.path() + "/cache";
    Serve();
    if (Brief(Send("PUT", kCached, zip)) != "200") throw std::runtime_error("it is not taken");
  }
  std::string CachedZip() { return Body(service->Handle(Ask("GET", kCached))); }

  std::string Multipart(const std::string& fields, const std::string& file,
                        const std::string& end = "\r\n--B--\r\n") const {
    return fields +
           "--B\r\nContent-Disposition: form-data; name=\"image_archive\"; filename=\"x.zip\"\r\n"
           "Content-Type: application/zip\r\n\r\n" +
           file + end;
  }
  static std::string Field(const std::string& name, const std::string& value) {
    return "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  }

  /// The only waiting session, without "/data"; its folder replaced in `pattern` where it has %s.
  std::string Waiting() {
    const auto rows = Must(engine->PrearchiveSessions("UP"));
    if (rows.size() != 1) return "not one session";
    return "/prearchive/projects/UP/" + rows[0].timestamp + "/" + rows[0].folder;
  }

  /// Names of the files in its scan 1, each with a blank behind it.
  std::string FileNames() {
    const Table table = Must(engine->List(Waiting() + "/scans/1/resources/DICOM"));
    const auto name = std::find(table.columns.begin(), table.columns.end(), "Name");
    std::string names;
    for (const auto& row : table.rows) {
      names += row.at(static_cast<std::size_t>(name - table.columns.begin())) + " ";
    }
    return names;
  }
};

inline constexpr const char* kMultipart = "multipart/form-data; boundary=B";

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_UNIT_REST_IMPORT_FIXTURE_HPP_
