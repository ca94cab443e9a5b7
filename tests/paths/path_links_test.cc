// What is no plain file or directory, in every place of both trees where one is expected: no
// operation follows it, and nothing outside is touched (I8).
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <map>

#include "paths/path_fixture.hpp"

namespace xnatarchive {
namespace {

void Require(bool made) {
  if (!made) throw std::runtime_error("a special file could not be made");
}

void MakeSocket(const std::string& path) {
  // A socket's address is short: its directory is named by its descriptor.
  const std::string parent(ParentPath(path));
  const int directory = open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  const std::string address =
      "/proc/self/fd/" + std::to_string(directory) + "/" + std::string(BaseName(path));
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::strncpy(name.sun_path, address.c_str(), sizeof name.sun_path - 1);
  Require(fd >= 0 && bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0);
  close(fd);
  close(directory);
}

constexpr const char* kKinds[] = {
    "link to a file", "link to a directory", "link to its like", "loop",
    "dangling link",  "magic link",          "absolute link",    "FIFO",
    "socket",         "directory",           "hard link"};

/// Puts a thing of that kind in the place of what is at `path`, below the fixture's tree.
void Put(PathFixture& fixture, const std::string& kind, const std::string& path) {
  TempTree& tree = fixture.tree;
  const std::string full = tree.path() + "/" + path;
  if (kind == "link to its like") {  // what was there is outside now
    if (tree.Exists(path)) {
      Require(rename(full.c_str(), (tree.path() + "/outside/like").c_str()) == 0);
    }
    tree.Symlink(PathFixture::WayOut(std::string(ParentPath(path)), "like"), path);
    fixture.RememberOutside();
    return;
  }
  tree.Remove(path);
  if (kind == "link to a file") {
    const char* name = EndsWith(path, ".xml") ? "secret.xml" : "secret.dcm";
    tree.Symlink(PathFixture::WayOut(std::string(ParentPath(path)), name), path);
  } else if (kind == "link to a directory") {
    tree.Symlink(PathFixture::WayOut(std::string(ParentPath(path)), "dir"), path);
  } else if (kind == "loop") {
    tree.Symlink(std::string(BaseName(path)), path);
  } else if (kind == "dangling link") {
    tree.Symlink(PathFixture::WayOut(std::string(ParentPath(path)), "none"), path);
  } else if (kind == "magic link") {
    tree.Symlink("/proc/self/root" + tree.path() + "/outside/dir", path);
  } else if (kind == "absolute link") {
    tree.Symlink(tree.path() + "/outside/secret.dcm", path);
  } else if (kind == "FIFO") {
    Require(mkfifo(full.c_str(), 0600) == 0);
  } else if (kind == "socket") {
    MakeSocket(full);
  } else if (kind == "directory") {
    tree.MakeDirectories(path);
  } else {
    Require(link((tree.path() + "/outside/harmless.dcm").c_str(), full.c_str()) == 0);
  }
}

/// Opens and looks at what a link leads to, as a program does that does not think of it.
class FollowingFileSystem : public ForwardingFileSystem {
 public:
  FollowingFileSystem() : ForwardingFileSystem(PosixFileSystem()) {}
  int Open(int dirfd, const char* path, int flags, unsigned mode) noexcept override {
    const int fd = openat(dirfd, path, (flags & ~O_NOFOLLOW) | O_CLOEXEC, mode);
    return fd < 0 ? -errno : fd;
  }
  int Stat(int fd, const char* path, FileInfo* info) noexcept override {
    if (*path == '\0') return ForwardingFileSystem::Stat(fd, path, info);
    const int found = openat(fd, path, O_PATH | O_CLOEXEC);
    if (found < 0) return -errno;
    const int result = ForwardingFileSystem::Stat(found, "", info);
    close(found);
    return result;
  }
};

using Operations = std::vector<std::pair<std::string, std::function<Status(PathFixture&)>>>;

Status ArchiveInto(PathFixture& fixture, Overwrite overwrite) {
  ArchiveRequest request;
  request.src = fixture.src;
  request.overwrite = overwrite;
  return fixture.engine->Archive(request).status();
}

Status Reindex(PathFixture& fixture) {
  const auto report = fixture.engine->Reindex();
  if (!report.ok()) return report.status();
  for (const auto& [path, why] : report->unreadable) IgnoreError(why, "reported");
  return Status();
}

Status Validate(PathFixture& fixture) {
  ArchiveRequest request;
  request.src = fixture.src;
  const auto report = fixture.engine->Validate(request);
  if (!report.ok()) return report.status();
  return report->blocked ? Status(Code::kConflict, report->findings.at(0).reason, "blocked")
                         : Status();
}

/// All that is done with a session that waits.
Operations OfWaitingSession() {
  return {{"show", [](PathFixture& f) { return f.engine->DocumentXml(f.src).status(); }},
          {"log", [](PathFixture& f) { return f.engine->PrearchiveLog(f.src).status(); }},
          {"reindex", Reindex},
          {"validate", Validate},
          {"archive", [](PathFixture& f) { return ArchiveInto(f, Overwrite::kNone); }},
          {"build", [](PathFixture& f) { return f.engine->Build(f.src); }},
          {"archive", [](PathFixture& f) { return ArchiveInto(f, Overwrite::kNone); }},
          {"recover", [](PathFixture& f) { return f.engine->Recover().status(); }},
          {"delete", [](PathFixture& f) { return f.engine->DeletePrearchiveSession(f.src); }}};
}

/// All that is done with an archived one.
Operations OfArchivedSession() {
  const std::string uri = "/projects/DEMO/experiments/S1";
  return {{"show", [=](PathFixture& f) { return f.engine->DocumentXml(uri).status(); }},
          {"list",
           [=](PathFixture& f) {
             return f.engine->List(uri + "/scans/1/resources/DICOM/files").status();
           }},
          {"validate", Validate},
          {"append", [](PathFixture& f) { return ArchiveInto(f, Overwrite::kAppend); }},
          {"replace", [](PathFixture& f) { return ArchiveInto(f, Overwrite::kDelete); }},
          {"restore", [](PathFixture& f) { return f.engine->RestoreHistory(f.record).status(); }},
          {"activate", [=](PathFixture& f) { return f.engine->Activate(uri).status(); }},
          {"reindex", Reindex},
          {"recover", [](PathFixture& f) { return f.engine->Recover().status(); }},
          {"prune", [](PathFixture& f) { return f.engine->PruneHistory(f.record); }}};
}

/// The path of the first DICOM file in `directory`.
std::string FirstFile(PathFixture& fixture, const std::string& directory) {
  for (const std::string& line : Split(fixture.tree.Dump(directory), '\n')) {
    const std::string name = line.substr(0, line.find(' '));
    if (EndsWith(name, ".dcm")) return JoinPath(directory, name);
  }
  throw std::runtime_error("no file in " + directory);
}

/// A place where something is put, relative to `directory`; "/FILE": its first DICOM file.
std::string PathOf(PathFixture& fixture, const std::string& directory, const std::string& place) {
  const std::string path = directory + place;
  return EndsWith(path, "/FILE") ? FirstFile(fixture, std::string(ParentPath(path))) : path;
}

/// Runs every operation. "reason" of the first one of the name `telling`, and what was touched by
/// which of them.
std::string RunAll(PathFixture& fixture, const Operations& operations, const std::string& telling) {
  std::string reason;
  std::string touched;
  for (const auto& [name, run] : operations) {
    const Status status = run(fixture);
    IgnoreError(status, "most of them are refused");
    if (name == telling && reason.empty()) reason = status.ok() ? "ok" : status.reason();
    if (!fixture.Touched().empty() && touched.empty()) touched = " " + name + fixture.Touched();
  }
  return reason + touched;
}

/// A session that waits, with every kind of thing at `place`.
std::string InWaiting(const std::string& place, FileSystem* fs = nullptr) {
  OutcomeTable table;
  for (const char* kind : kKinds) {
    PathFixture fixture(fs);
    Put(fixture, kind, PathOf(fixture, PathFixture::DirectoryOf(fixture.src), place));
    table.Add(RunAll(fixture, OfWaitingSession(), "archive"), kind);
  }
  return table.Text();
}

/// An archived session that another one is merged into, with a record in the history; the same.
std::string InArchived(const std::string& place, const std::string& telling,
                       FileSystem* fs = nullptr) {
  OutcomeTable table;
  for (const char* kind : kKinds) {
    PathFixture fixture(fs);
    fixture.ReceiveForMerging();
    const std::string directory = StartsWith(place, "/history")
                                      ? "root/archive/.xa/history/" + fixture.record
                                      : std::string("root/archive/DEMO/arc001/S1");
    const std::string below = StartsWith(place, "/history") ? place.substr(8) : place;
    Put(fixture, kind, PathOf(fixture, directory, below));
    table.Add(RunAll(fixture, OfArchivedSession(), telling), kind);
  }
  return table.Text();
}

const std::string kLinks =
    "link to a file, link to a directory, link to its like, loop, dangling link, magic link, "
    "absolute link";

}  // namespace

TEST_SUITE("paths.links") {
  TEST_CASE("in a session that waits they are refused, whatever is done with it") {
    const std::string special = "archive.not-a-file: " + kLinks + ", FIFO, socket\n";
    CHECK(InWaiting("/SCANS/1/DICOM/scan_1_catalog.xml") ==
          special + "archive.bad-catalog: directory, hard link\n");
    CHECK(InWaiting("/SCANS/1/DICOM/FILE") ==
          special + "archive.missing-file: directory\narchive.other-object: hard link\n");
    CHECK(InWaiting("/SCANS/1/DICOM/new.dcm") == special + "ok: directory, hard link\n");
    CHECK(InWaiting("/new.dcm") == special + "ok: directory, hard link\n");
    for (const char* place : {"/SCANS/1/DICOM", "/SCANS/1"}) {
      CHECK(InWaiting(place) == "fs.unsafe-path: " + kLinks +
                                    "\narchive.not-a-file: FIFO, socket\n"
                                    "archive.missing-file: directory, hard link\n");
    }
    CHECK(InWaiting("") == "prearchive.not-found: " + kLinks +
                               ", FIFO, socket, hard link\narchive.missing-file: directory\n");
    CHECK(InWaiting(".xml") ==
          "archive.bad-document: " + kLinks + ", FIFO, socket, directory, hard link\n");
  }

  TEST_CASE("in an archived session they are refused, whatever is done with it") {
    const std::string unsafe = "fs.unsafe-path: " + kLinks;
    for (const char* place : {"/SCANS/1/DICOM/scan_1_catalog.xml", "/SCANS/1/DICOM"}) {
      CHECK(InArchived(place, "replace") ==
            "archive.no-merge: " + kLinks + ", FIFO, socket, directory, hard link\n");
    }
    CHECK(InArchived("/SCANS/1/DICOM/FILE", "replace") ==
          "archive.name-taken: " + kLinks + ", FIFO, socket, directory\nok: hard link\n");
    for (const char* place : {"/SCANS/1", "/SCANS", ""}) {
      CHECK(InArchived(place, "replace") ==
            unsafe + "\narchive.no-merge: FIFO, socket, directory, hard link\n");
    }
    CHECK(InArchived("/session.xml", "replace") ==
          unsafe + "\nfs.not-a-file: FIFO, socket, directory\narchive.no-merge: hard link\n");
  }

  TEST_CASE("in the history they are refused") {
    const std::string unsafe = "fs.unsafe-path: " + kLinks;
    CHECK(InArchived("/history", "restore") ==
          unsafe + "\nhistory.not-found: FIFO, socket, directory, hard link\n");
    CHECK(InArchived("/history/SCANS", "restore") ==
          unsafe +
              "\narchive.not-a-file: FIFO, socket\narchive.missing-file: directory, hard link\n");
    CHECK(InArchived("/history/SCANS/1/DICOM/FILE", "restore") ==
          "archive.not-a-file: " + kLinks +
              ", FIFO, socket\narchive.missing-file: directory\nhistory.damaged: hard link\n");
  }

  TEST_CASE("in a folder that is imported they end the import, whatever is to be ignored") {
    const auto import = [](const char* ignore) {
      OutcomeTable table;
      for (const char* kind : kKinds) {
        PathFixture fixture;
        fixture.tree.Write("in/x/1.dcm", MakeDicom(PathFixture::Object(3, 1)));
        Put(fixture, kind, "in/x/2.dcm");
        ImportRequest request = fixture.Request("x");
        request.parameters["Ignore-Unparsable"] = ignore;
        const auto report = fixture.engine->Import(request);
        table.Add(Outcome(report.status(), fixture), kind);
        if (!report.ok()) continue;
        for (const auto& [path, why] : report->skipped) IgnoreError(why, "reported");
      }
      return table.Text();
    };
    const std::string expected =
        "import.unsafe-entry: " + kLinks + ", FIFO, socket\nok: directory, hard link\n";
    CHECK(import("false") == expected);
    CHECK(import("true") == expected);
  }

  TEST_CASE("whoever follows links escapes in each of the trees") {
    FollowingFileSystem following;
    const auto escapes = [](const std::string& outcomes) {
      return outcomes.find("CHANGED") != std::string::npos;
    };
    CHECK(escapes(InWaiting("/SCANS/1", &following)));
    CHECK(escapes(InArchived("/SCANS/1/DICOM", "replace", &following)));
    CHECK(escapes(InArchived("/history", "restore", &following)));
  }
}

}  // namespace xnatarchive
