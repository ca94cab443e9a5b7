// An attacker swaps directories of the trees with links to the outside while operations run:
// nothing outside is read into the trees, changed or removed (I8).
#include <doctest/doctest.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/text.hpp"
#include "paths/canonical_file_system.hpp"
#include "support/engine_fixture.hpp"
#include "support/processes.hpp"
#include "support/test_hooks.hpp"

namespace xnatarchive {
namespace {

constexpr char kSecret[] = "OUTSIDE";

/// Prearchive and archive as if they were on two file systems.
class TwoFileSystems : public ForwardingFileSystem {
 public:
  explicit TwoFileSystems(FileSystem& target) : ForwardingFileSystem(target) {}
  int Rename(int from_dirfd, const char* from, int to_dirfd, const char* to,
             unsigned flags) noexcept override {
    if (InPrearchive(from_dirfd) != InPrearchive(to_dirfd)) return -EXDEV;
    return ForwardingFileSystem::Rename(from_dirfd, from, to_dirfd, to, flags);
  }

 private:
  static bool InPrearchive(int fd) {
    char path[4096];
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    const ssize_t size = readlink(link.c_str(), path, sizeof path);
    return std::string(path, size < 0 ? 0 : static_cast<std::size_t>(size)).find("/prearchive") !=
           std::string::npos;
  }
};

/// Exchanges a directory with a link: as often as a thread of its own can, and now and then at
/// the very moment when Perhaps is called.
class Attacker {
 public:
  explicit Attacker(unsigned seed) : random_(seed) {}

  /// Attacks while `body` runs; afterwards the directory is back.
  template <typename Body>
  void During(const std::string& directory, const std::string& link, const Body& body) {
    directory_ = directory;
    link_ = link;
    stop_ = false;
    std::thread thread([this] {
      while (!stop_) {
        Swap();
        for (int i = 0; i < 20 && !stop_; ++i) std::this_thread::yield();
      }
    });
    attacking_ = true;
    body();
    attacking_ = false;
    stop_ = true;
    thread.join();
    if (swapped_) Swap();
  }

  void Perhaps() {
    if (!attacking_) return;
    const bool now = [&] {
      const std::lock_guard<std::mutex> lock(mutex_);
      return random_() % 8 == 0;
    }();
    if (now) Swap();
  }

  long swaps() const { return swaps_; }

 private:
  void Swap() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (renameat2(AT_FDCWD, directory_.c_str(), AT_FDCWD, link_.c_str(), RENAME_EXCHANGE) != 0) {
      return;
    }
    swapped_ = !swapped_;
    ++swaps_;
  }

  std::mutex mutex_;
  std::mt19937 random_;
  std::string directory_;
  std::string link_;
  bool swapped_ = false;
  long swaps_ = 0;
  std::atomic<bool> attacking_{false};
  std::atomic<bool> stop_{false};
};

/// The real table; the attacker may come before any call.
class AttackedFileSystem : public ForwardingFileSystem {
 public:
  explicit AttackedFileSystem(Attacker& attacker)
      : ForwardingFileSystem(PosixFileSystem()), attacker_(attacker) {}

  int Open(int dirfd, const char* path, int flags, unsigned mode) noexcept override {
    attacker_.Perhaps();
    return ForwardingFileSystem::Open(dirfd, path, flags, mode);
  }
  int Stat(int fd, const char* path, FileInfo* info) noexcept override {
    attacker_.Perhaps();
    return ForwardingFileSystem::Stat(fd, path, info);
  }
  int MkDir(int dirfd, const char* path, unsigned mode) noexcept override {
    attacker_.Perhaps();
    return ForwardingFileSystem::MkDir(dirfd, path, mode);
  }
  int Rename(int from_dirfd, const char* from, int to_dirfd, const char* to,
             unsigned flags) noexcept override {
    attacker_.Perhaps();
    return ForwardingFileSystem::Rename(from_dirfd, from, to_dirfd, to, flags);
  }
  int Link(int from_dirfd, const char* from, int to_dirfd, const char* to) noexcept override {
    attacker_.Perhaps();
    return ForwardingFileSystem::Link(from_dirfd, from, to_dirfd, to);
  }
  int Unlink(int dirfd, const char* path, int flags) noexcept override {
    attacker_.Perhaps();
    return ForwardingFileSystem::Unlink(dirfd, path, flags);
  }

 private:
  Attacker& attacker_;
};

/// Rewrites the first file to what it is, so that the session is archived as a copy with links.
std::shared_ptr<SessionTransform> RewritesOne() {
  return std::make_shared<TestTransform>([](const SessionCandidate&, SessionFiles& files,
                                            SessionDocument*, const Cancelled&) -> Status {
    for (const std::string& path : files.Paths()) {
      if (!EndsWith(path, ".dcm")) continue;
      const Result<std::string> bytes = files.Read(path);
      return bytes.ok() ? files.Replace(path, *bytes) : bytes.status();
    }
    return Status();
  });
}

/// A root with an archived session, a record of what a merge replaced in it, and two that wait: one
/// that is new, one to be merged into the archived one. And an outside that has everything the root
/// has, at the same relative paths, with contents of its own.
class Battlefield {
 public:
  Battlefield(FileSystem& fs, unsigned seed) : random_(seed) {
    fixture.options.threads = 1;
    Import("archived", 1, 1);
    Must(fixture.Archive(src_));
    SendMore("changed");
    Must(Merge(Overwrite::kDelete));
    SendMore(seed % 2 == 0 ? "changed again" : "");
    record_ = Must(fixture.engine->History()).at(0).id;
    Import("more", 2, 1);
    fixture.WriteStudy("more", 2, 2, 2);
    CopyOutside();
    fixture.tree.MakeDirectories("attack");
    if (seed % 3 == 0) fixture.options.session_transform = RewritesOne();
    fixture.Open(&fs);
  }

  EngineFixture fixture;

  /// Runs one operation under attack: any, or the one of that name. Returns what it touched
  /// outside; empty when nothing.
  std::string Operate(Attacker& attacker, const std::string& only,
                      std::map<std::string, int>* succeeded) {
    const std::vector<std::string> targets = Targets();
    const std::string target = targets[random_() % targets.size()];
    const auto& operations = Operations();
    auto at = operations.begin() + static_cast<std::ptrdiff_t>(random_() % operations.size());
    while (!only.empty() && at->name != only) {
      at = at + 1 == operations.end() ? operations.begin() : at + 1;
    }
    const Operation& operation = *at;
    fixture.tree.Remove("attack/link");
    fixture.tree.Symlink(fixture.tree.path() + "/outside/" + target, "attack/link");
    attacker.During(fixture.tree.path() + "/root/" + target, fixture.tree.path() + "/attack/link",
                    [&] {
                      for (int i = 0; i < 3; ++i) {
                        (*succeeded)[operation.name] += operation.run(*this).ok() ? 1 : 0;
                      }
                    });
    std::string touched;
    if (fixture.tree.Dump("outside") != outside_) touched = "changed";
    if (ReadIntoRoot()) touched += " read";
    return touched.empty() ? touched : std::string(operation.name) + ", " + target + ": " + touched;
  }

 private:
  struct Operation {
    const char* name;
    std::function<Status(Battlefield&)> run;
  };

  /// A new operation is a line here.
  static const std::vector<Operation>& Operations() {
    static const std::vector<Operation> operations = {
        {"import",
         [](Battlefield& b) {
           return b.fixture.engine->Import(b.fixture.Request("more")).status();
         }},
        {"build", [](Battlefield& b) { return b.fixture.engine->Build(b.src_); }},
        {"archive", [](Battlefield& b) { return b.fixture.Archive(b.src_).status(); }},
        {"append", [](Battlefield& b) { return b.Merge(Overwrite::kAppend); }},
        {"replace", [](Battlefield& b) { return b.Merge(Overwrite::kDelete); }},
        {"restore",
         [](Battlefield& b) { return b.fixture.engine->RestoreHistory(b.record_).status(); }},
        {"delete",
         [](Battlefield& b) { return b.fixture.engine->DeletePrearchiveSession(b.src_); }},
        {"validate",
         [](Battlefield& b) {
           ArchiveRequest request;
           request.src = b.src_;
           return b.fixture.engine->Validate(request).status();
         }},
        {"show", [](Battlefield& b) { return b.fixture.engine->DocumentXml(b.src_).status(); }},
        {"show",
         [](Battlefield& b) {
           return b.fixture.engine->DocumentXml("/projects/DEMO/experiments/S1").status();
         }},
        {"list",
         [](Battlefield& b) {
           return b.fixture.engine
               ->List("/projects/DEMO/experiments/S1/scans/1/resources/DICOM/files")
               .status();
         }},
        {"recover", [](Battlefield& b) { return b.fixture.engine->Recover().status(); }},
        {"reindex",
         [](Battlefield& b) {
           const auto report = b.fixture.engine->Reindex();
           if (!report.ok()) return report.status();
           for (const auto& [path, why] : report->unreadable) IgnoreError(why, "the attacker's");
           return Status();
         }},
    };
    return operations;
  }

  void Import(const std::string& folder, int study, int series) {
    fixture.WriteStudy(folder, study, series, 2);
    src_ = fixture.Import(folder).uris[0];
    Must(fixture.engine->Build(src_));
  }

  /// Receives for the archived session: a new object of its scan, a new scan, and, when a comment
  /// is given, its first object with other bytes.
  void SendMore(const std::string& comment) {
    const std::string folder = "in/merged" + comment + "/";
    const auto write = [&](int series, int instance, const std::string& text) {
      DicomSpec spec = EngineFixture::Spec(1);
      spec.series = series;
      spec.instance = instance;
      if (!text.empty()) spec.values[0x00204000] = text;
      fixture.tree.Write(folder + std::to_string(series) + "-" + std::to_string(instance) + ".dcm",
                         MakeDicom(spec));
    };
    write(1, 3 + static_cast<int>(comment.size()), "");
    write(2 + static_cast<int>(comment.size()), 1, "");
    if (!comment.empty()) write(1, 1, comment);
    merged_ = fixture.Import("merged" + comment).uris.at(0);
    Must(fixture.engine->Build(merged_));
  }

  Status Merge(Overwrite overwrite) {
    ArchiveRequest request;
    request.src = merged_;
    request.overwrite = overwrite;
    return fixture.engine->Archive(request).status();
  }

  /// The same names, other contents; what of it gets into the root can be told.
  void CopyOutside() {
    for (const std::string& line : Split(fixture.tree.Dump("root"), '\n')) {
      const std::string name = line.substr(0, line.find(' '));
      if (EndsWith(name, "/"))
        fixture.tree.MakeDirectories("outside/" + name.substr(0, name.size() - 1));
      if (name.empty() || EndsWith(name, "/") || StartsWith(name, "store.")) continue;
      std::string bytes = fixture.tree.Read("root/" + name);
      if (EndsWith(name, ".dcm")) {
        DicomSpec spec = EngineFixture::Spec(9);
        spec.values[0x0008103e] = kSecret;  // the series description, which documents repeat
        bytes = MakeDicom(spec);
      } else if (EndsWith(name, ".xml")) {
        bytes += std::string("<!-- ") + kSecret + " -->";
      }
      fixture.tree.Write("outside/" + name, bytes);
    }
    outside_ = fixture.tree.Dump("outside");
  }

  /// Directories of both trees, relative to the root. The trees themselves are opened once.
  std::vector<std::string> Targets() const {
    std::vector<std::string> targets;
    for (const std::string& line : Split(fixture.tree.Dump("root"), '\n')) {
      if (EndsWith(line, "/") && line != "archive/" && line != "prearchive/") {
        targets.push_back(line.substr(0, line.size() - 1));
      }
    }
    return targets;
  }

  bool ReadIntoRoot() const {
    for (const std::string& line : Split(fixture.tree.Dump("root"), '\n')) {
      const std::string name = line.substr(0, line.find(' '));
      const bool mine =
          EndsWith(name, ".dcm") || EndsWith(name, ".xml") || StartsWith(BaseName(name), ".xa-");
      if (!mine || line.find(" -> ") != std::string::npos) continue;
      if (fixture.tree.Read("root/" + name).find(kSecret) != std::string::npos) return true;
    }
    return false;
  }

  std::mt19937 random_;
  std::string src_;
  std::string merged_;  // what waits to be merged
  std::string record_;  // of the history
  std::string outside_;
};

struct Report {
  int operations = 0;
  std::map<std::string, int> succeeded;  // by operation
  std::vector<std::string> escapes;

  int Succeeded(const std::string& only = "") const {
    int sum = 0;
    for (const auto& [name, count] : succeeded) sum += only.empty() || name == only ? count : 0;
    return sum;
  }
};

/// Operations under attack, any or those of one name, until there were enough of them or of
/// escapes.
Report Attack(FileSystem& fs, Attacker& attacker, int operations, std::size_t escapes_max,
              unsigned seed, const std::string& only = "") {
  std::mt19937 random(seed);
  TwoFileSystems two(fs);
  Report report;
  while (report.operations < operations && report.escapes.size() < escapes_max) {
    FileSystem& chosen = random() % 2 == 0 ? static_cast<FileSystem&>(two) : fs;
    Battlefield battlefield(chosen, static_cast<unsigned>(random()));
    for (int i = 0; i < 6; ++i) {
      report.operations += 3;
      std::string touched = battlefield.Operate(attacker, only, &report.succeeded);
      if (touched.empty()) continue;
      report.escapes.push_back(std::move(touched));
      break;
    }
  }
  return report;
}

}  // namespace

TEST_SUITE("paths.swap") {
  TEST_CASE("whoever swaps directories with links meanwhile, nothing outside is touched") {
    const unsigned seed = Seed();
    Attacker attacker(seed);
    AttackedFileSystem fs(attacker);
    const Report report = Attack(fs, attacker, Times(1000, 10000), 3, seed);
    MESSAGE("swaps: " << report.operations << " operations under " << attacker.swaps() << " swaps, "
                      << report.Succeeded() << " succeeded, " << report.escapes.size()
                      << " escapes");
    for (const std::string& escape : report.escapes) FAIL_CHECK(escape);
    CHECK(report.Succeeded("append") + report.Succeeded("replace") > 0);
    CHECK(report.Succeeded("restore") > 0);
    CHECK(report.Succeeded() < report.operations);
  }

  TEST_CASE("a check of the canonical path before its use does not keep the attacker out") {
    const unsigned seed = Seed();
    Attacker attacker(seed);
    CanonicalFileSystem fs([&] { attacker.Perhaps(); });
    const Report report = Attack(fs, attacker, 5000, 1, seed);
    REQUIRE_FALSE(report.escapes.empty());
    MESSAGE("swaps, canonical paths: escaped after " << report.operations
                                                     << " operations: " << report.escapes[0]);
  }

  TEST_CASE("nor out of a merge or a restoration") {
    for (const char* operation : {"append", "replace", "restore"}) {
      CAPTURE(std::string(operation));
      const unsigned seed = Seed();
      Attacker attacker(seed);
      CanonicalFileSystem fs([&] { attacker.Perhaps(); });
      const Report report = Attack(fs, attacker, 5000, 1, seed, operation);
      REQUIRE_FALSE(report.escapes.empty());
      MESSAGE("swaps, canonical paths: escaped after " << report.operations
                                                       << " operations: " << report.escapes[0]);
    }
  }
}

}  // namespace xnatarchive
