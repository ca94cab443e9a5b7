// The engine with its store, stopped at every call that changes the disk: after Recover the trees
// and the store must agree on "before" or "after", and what was reported must be true.
#include <doctest/doctest.h>

#include <cerrno>
#include <functional>
#include <set>

#include "base/text.hpp"
#include "support/engine_fixture.hpp"
#include "support/fault_file_system.hpp"
#include "support/test_hooks.hpp"
#include "unit/engine/check_catalogs.hpp"

namespace xnatarchive {
namespace {

/// What readers of a root can see: sessions, their files and the rows, without names that depend on
/// the time of day.
struct View {
  std::size_t waiting_rows = 0;
  std::size_t waiting_files = 0;
  std::size_t archived_rows = 0;
  std::size_t archived_files = 0;  // in sessions
  std::size_t replaced_files = 0;  // in the history
  std::string archived;            // scans, files and bytes, as the index tells them
  std::set<std::string> history;   // IDs of records
  std::size_t leftovers = 0;       // unfinished operations and trash
  std::size_t locked_rows = 0;
  std::size_t quarantined_rows = 0;
  std::string audit;  // types of the records that are complete
};

std::size_t Count(const std::string& text, const std::string& word) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    ++count;
  }
  return count;
}

View Look(const EngineFixture& fixture) {
  View view;
  for (const auto& row : Must(fixture.engine->PrearchiveSessions())) {
    ++view.waiting_rows;
    if (IsLocked(row.state)) ++view.locked_rows;
  }
  const Table experiments = Must(fixture.engine->List("/projects/DEMO/experiments"));
  view.archived_rows = experiments.rows.size();
  for (const auto& row : experiments.rows) {
    view.archived += row[0] + " " + row[6] + " scans " + row[7] + " files\n";
  }
  for (const HistoryEntry& entry : Must(fixture.engine->History())) view.history.insert(entry.id);
  for (const auto& row : experiments.rows) view.quarantined_rows += row[5] == "quarantine" ? 1 : 0;
  for (const auto& row : Must(fixture.engine->Audit()).rows) {
    if (row[4] == "Complete") view.audit += row[3] + " ";
  }
  for (const char* tree : {"root/prearchive", "root/archive"}) {
    for (const char* place : {"/.xa/ops", "/.xa/trash"}) {
      const std::string path = std::string(tree) + place;
      if (fixture.tree.Exists(path)) view.leftovers += Count(fixture.tree.Dump(path), "\n");
    }
  }
  view.waiting_files = Count(fixture.tree.Dump("root/prearchive"), ".dcm ");
  for (const char* place : {"root/archive/DEMO", "root/archive/.xa/history"}) {
    if (!fixture.tree.Exists(place)) continue;
    (EndsWith(place, "DEMO") ? view.archived_files : view.replaced_files) =
        Count(fixture.tree.Dump(place), ".dcm ");
  }
  return view;
}

/// Runs `work` on an engine whose disk stops at changing call n, for every n, and hands the state
/// after recovery to `check`.
void AtEveryCall(const std::function<void(EngineFixture&)>& prepare,
                 const std::function<Status(EngineFixture&)>& work,
                 const std::function<void(const Status&, const View&)>& check) {
  std::uint64_t runs = 0;
  for (const FaultMode& mode : kFaultModes) {
    for (std::uint64_t n = 1;; n += kFaultStep) {
      CAPTURE(mode.name);
      CAPTURE(n);
      EngineFixture fixture;
      fixture.options.threads = 1;
      prepare(fixture);
      FaultFileSystem disk;
      fixture.Open(&disk);
      disk.Reset();
      mode.Arm(n, &disk);
      const Status status = work(fixture);
      const bool triggered = disk.triggered();
      CAPTURE(disk.fault_call());
      CAPTURE(status.ToString());
      fixture.Open();  // a healthy disk; recovers
      const RecoverySummary left = Must(fixture.engine->Recover());
      CHECK(left.finished.empty());
      CHECK(left.failed.empty());
      const View view = Look(fixture);
      CHECK(view.leftovers == 0);
      CHECK(view.locked_rows == 0);
      if (view.archived_rows > 0) CheckCatalogs(fixture, "XNAT_E00001", view.archived_files);
      check(status, view);
      ++runs;
      if (!triggered) {
        CHECK(n > 1);
        break;
      }
    }
  }
  MESSAGE(runs << " runs");
}

/// Archives two objects of one series, and receives what is to be merged with them: another object
/// of the series, one of another series, and, when `changed`, the first one with other bytes.
std::string PrepareMerge(EngineFixture& fixture, bool changed) {
  fixture.WriteStudy("a", 1, 1, 2);
  Must(fixture.Archive(fixture.Import("a").uris[0]));
  const auto write = [&](int series, int instance, const char* comment) {
    DicomSpec spec = EngineFixture::Spec(1);
    spec.series = series;
    spec.instance = instance;
    if (*comment != '\0') spec.values[0x00204000] = comment;
    fixture.tree.Write("in/b/s" + std::to_string(series) + "/" + std::to_string(instance) + ".dcm",
                       MakeDicom(spec));
  };
  write(1, 3, "");
  write(2, 1, "");
  if (changed) write(1, 1, "changed");
  const std::string src = fixture.Import("b").uris[0];
  Must(fixture.engine->Build(src));
  return src;
}

Status Merge(EngineFixture& fixture, const std::string& src, Overwrite overwrite) {
  ArchiveRequest request;
  request.src = src;
  request.overwrite = overwrite;
  return fixture.engine->Archive(request).status();
}

/// Rewrites the first file of scan 1, leaves out its second one, and amends the document.
void UseTransform(EngineFixture& fixture) {
  fixture.options.session_transform =
      std::make_shared<TestTransform>([](const SessionCandidate&, SessionFiles& files,
                                         SessionDocument* document, const Cancelled&) -> Status {
        std::vector<std::string> scan;
        for (const std::string& path : files.Paths()) {
          if (StartsWith(path, "SCANS/1/") && EndsWith(path, ".dcm")) scan.push_back(path);
        }
        DicomSpec spec = EngineFixture::Spec(1);
        spec.values[0x00204000] = "rewritten";
        document->Set("note", "transformed");
        const Status replaced = files.Replace(scan.at(0), MakeDicom(spec));
        return replaced.ok() ? files.Reject(scan.at(1)) : replaced;
      });
}

/// What must be true whatever happened to a merge of `sent` files: the archived session, its index,
/// the history and the prearchive are all as before, or all as after.
void CheckMerge(const Status& status, const View& view, std::size_t sent, std::size_t replaced) {
  const bool after = view.waiting_rows == 0;
  CHECK(view.archived == (after ? "S1 2 scans 4 files\n" : "S1 1 scans 2 files\n"));
  CHECK(view.archived_files == (after ? 4 : 2));
  CHECK(view.replaced_files == (after ? replaced : 0));
  CHECK(view.waiting_files == (after ? 0 : sent));
  if (status.ok()) CHECK(after);
  if (!status.ok() && status.disk_state() == DiskState::kUnchanged) CHECK_FALSE(after);
}

}  // namespace

TEST_SUITE("engine.fault") {
  TEST_CASE("import: a session is in the prearchive whole, with its row, or not at all") {
    AtEveryCall([](EngineFixture& fixture) { fixture.WriteStudy("a", 1, 2, 2); },
                [](EngineFixture& fixture) {
                  return fixture.engine->Import(fixture.Request("a")).status();
                },
                [](const Status& status, const View& view) {
                  const bool after = view.waiting_rows == 1;
                  CHECK(view.waiting_files == (after ? 4 : 0));
                  CHECK(view.archived_files == 0);
                  CHECK(view.audit == (after ? "Received " : ""));
                  if (status.ok()) CHECK(after);
                  if (!status.ok() && status.disk_state() == DiskState::kUnchanged) {
                    CHECK_FALSE(after);
                  }
                });
  }

  TEST_CASE("build and archive: a session is in one place, whole, and its row in one table") {
    std::string src;
    AtEveryCall(
        [&](EngineFixture& fixture) {
          fixture.WriteStudy("a", 1, 2, 2);
          src = fixture.Import("a").uris[0];
        },
        [&](EngineFixture& fixture) { return fixture.Archive(src).status(); },
        [](const Status& status, const View& view) {
          const bool after = view.archived_rows == 1;
          CHECK(view.archived_files == (after ? 4 : 0));
          CHECK(view.waiting_files == (after ? 0 : 4));
          CHECK(view.waiting_rows == (after ? 0 : 1));
          CHECK(Count(view.audit, "Received") == 1);
          CHECK(Count(view.audit, "Built") <= 1);
          CHECK(Count(view.audit, "Transferred") == (after ? 1 : 0));
          if (status.ok()) CHECK(after);
          if (!status.ok() && status.disk_state() == DiskState::kUnchanged) CHECK_FALSE(after);
        });
  }

  TEST_CASE("build again: document and catalogs are all those of before, or all the new ones") {
    std::string src;
    std::string document;  // its place
    std::string old_document;
    std::string new_document;
    std::string seen_document;  // before anything is recovered
    std::string old_ones;
    std::string new_ones;
    std::string seen;
    AtEveryCall(
        [&](EngineFixture& fixture) {
          fixture.WriteStudy("a", 1, 1, 2);
          src = fixture.Import("a").uris[0];
          Must(fixture.engine->Build(src));
          document =
              "root/prearchive/" + Must(fixture.engine->FindPrearchiveSession(src)).url + ".xml";
          old_document = fixture.tree.Read(document);
          old_ones = fixture.WaitingDocuments();
          fixture.WriteStudy("b", 1, 2, 3);
          fixture.Import("b");
          CHECK(fixture.WaitingDocuments() == old_ones);
        },
        [&](EngineFixture& fixture) {
          const Status status = fixture.engine->Build(src);
          seen_document = fixture.tree.Read(document);
          fixture.Open();  // a healthy disk; recovers
          seen = fixture.WaitingDocuments();
          Must(fixture.engine->Build(src));
          new_document = fixture.tree.Read(document);
          new_ones = fixture.WaitingDocuments();
          return status;
        },
        [&](const Status& status, const View& view) {
          CHECK(old_ones != new_ones);
          const bool after = seen == new_ones;
          if (!after) CHECK(seen == old_ones);
          CHECK((seen_document == old_document || seen_document == new_document));
          CHECK(view.waiting_files == 6);
          CHECK(view.waiting_rows == 1);
          if (status.ok()) CHECK(after);
          if (!status.ok() && status.disk_state() == DiskState::kUnchanged) CHECK_FALSE(after);
        });
  }

  TEST_CASE("archive with a transform: the original waits, whole, or the result is archived") {
    std::string src;
    std::string original;
    std::string waiting;
    AtEveryCall(
        [&](EngineFixture& fixture) {
          fixture.WriteStudy("a", 1, 2, 2);
          src = fixture.Import("a").uris[0];
          Must(fixture.engine->Build(src));
          UseTransform(fixture);
          original = fixture.tree.Dump("root/prearchive/DEMO");
        },
        [&](EngineFixture& fixture) {
          const Status status = fixture.Archive(src).status();
          fixture.Open();
          const bool waits = fixture.tree.Exists("root/prearchive/DEMO");
          waiting = waits ? fixture.tree.Dump("root/prearchive/DEMO") : "";
          return status;
        },
        [&](const Status& status, const View& view) {
          const bool after = view.archived_rows == 1;
          CHECK(view.archived_files == (after ? 3 : 0));
          CHECK(view.waiting_rows == (after ? 0 : 1));
          if (after) CHECK(waiting.empty());
          if (!after) CHECK(waiting == original);
          if (status.ok()) CHECK(after);
          if (!status.ok() && status.disk_state() == DiskState::kUnchanged) CHECK_FALSE(after);
        });
  }

  TEST_CASE("delete with a transform: the archived file is replaced by the rewritten one, or not") {
    std::string src;
    AtEveryCall(
        [&](EngineFixture& fixture) {
          fixture.WriteStudy("a", 1, 1, 2);
          Must(fixture.Archive(fixture.Import("a").uris[0]));
          src = fixture.Import("a").uris[0];
          Must(fixture.engine->Build(src));
          UseTransform(fixture);
        },
        [&](EngineFixture& fixture) { return Merge(fixture, src, Overwrite::kDelete); },
        [](const Status& status, const View& view) {
          const bool after = view.waiting_rows == 0;
          CHECK(view.archived == "S1 1 scans 2 files\n");
          CHECK(view.archived_files == 2);
          CHECK(view.replaced_files == (after ? 1 : 0));
          CHECK(view.waiting_files == (after ? 0 : 2));
          if (status.ok()) CHECK(after);
          if (!status.ok() && status.disk_state() == DiskState::kUnchanged) CHECK_FALSE(after);
        });
  }

  TEST_CASE("append: all of the new files are in the archived session and its index, or none") {
    std::string src;
    AtEveryCall([&](EngineFixture& fixture) { src = PrepareMerge(fixture, false); },
                [&](EngineFixture& fixture) { return Merge(fixture, src, Overwrite::kAppend); },
                [](const Status& status, const View& view) { CheckMerge(status, view, 2, 0); });
  }

  TEST_CASE("delete: a file is replaced and in the history, or not and not") {
    std::string src;
    AtEveryCall([&](EngineFixture& fixture) { src = PrepareMerge(fixture, true); },
                [&](EngineFixture& fixture) { return Merge(fixture, src, Overwrite::kDelete); },
                [](const Status& status, const View& view) { CheckMerge(status, view, 3, 1); });
  }

  TEST_CASE("an upload that is archived already goes away, and nothing else changes") {
    std::string src;
    AtEveryCall(
        [&](EngineFixture& fixture) {
          fixture.WriteStudy("a", 1, 2, 2);
          Must(fixture.Archive(fixture.Import("a").uris[0]));
          src = fixture.Import("a").uris[0];
          Must(fixture.engine->Build(src));
        },
        [&](EngineFixture& fixture) { return Merge(fixture, src, Overwrite::kAppend); },
        [](const Status& status, const View& view) {
          const bool after = view.waiting_rows == 0;
          CHECK(view.archived == "S1 2 scans 4 files\n");
          CHECK(view.archived_files == 4);
          CHECK(view.replaced_files == 0);
          CHECK(view.waiting_files == (after ? 0 : 4));
          if (status.ok()) CHECK(after);
        });
  }

  TEST_CASE("restoring: what was replaced comes back and what replaced it goes, or neither") {
    std::string record;
    AtEveryCall(
        [&](EngineFixture& fixture) {
          Must(Merge(fixture, PrepareMerge(fixture, true), Overwrite::kDelete));
          record = Must(fixture.engine->History()).at(0).id;
        },
        [&](EngineFixture& fixture) { return fixture.engine->RestoreHistory(record).status(); },
        [&](const Status& status, const View& view) {
          CHECK(view.archived == "S1 2 scans 4 files\n");
          CHECK(view.archived_files == 4);
          CHECK(view.replaced_files == 1);
          const bool after = !view.history.count(record);
          CHECK(view.history.size() == 1);
          if (status.ok()) CHECK(after);
          if (!status.ok() && status.disk_state() == DiskState::kUnchanged) CHECK_FALSE(after);
        });
  }

  TEST_CASE("delete: a session and its row are there or not, and the record says so") {
    std::string src;
    AtEveryCall(
        [&](EngineFixture& fixture) {
          fixture.WriteStudy("a", 1, 1, 2);
          src = fixture.Import("a").uris[0];
        },
        [&](EngineFixture& fixture) { return fixture.engine->DeletePrearchiveSession(src); },
        [](const Status& status, const View& view) {
          const bool after = view.waiting_rows == 0;
          CHECK(view.waiting_files == (after ? 0 : 2));
          CHECK(view.audit == (after ? "Received Deleted " : "Received "));
          if (status.ok()) CHECK(after);
          if (!status.ok() && status.disk_state() == DiskState::kUnchanged) CHECK_FALSE(after);
        });
  }

  TEST_CASE("archive into quarantine: no session is ever archived without its mark") {
    std::string src;
    AtEveryCall(
        [&](EngineFixture& fixture) {
          fixture.WriteStudy("a", 1, 1, 2);
          src = fixture.Import("a").uris[0];
          Must(fixture.engine->Build(src));
        },
        [&](EngineFixture& fixture) {
          ArchiveRequest request;
          request.src = src;
          request.quarantine = true;
          const Status status = fixture.engine->Archive(request).status();
          fixture.LoseStore();  // what the tree says is what is looked at
          fixture.options.file_system = nullptr;
          Must(ArchiveEngine::Init(fixture.options, InitOptions{}));
          fixture.Open();
          Must(fixture.engine->Reindex());
          return status;
        },
        [](const Status& status, const View& view) {
          CHECK(view.quarantined_rows == view.archived_rows);
          if (status.ok()) CHECK(view.archived_rows == 1);
        });
  }

  TEST_CASE("activate: a session is listed as quarantined until its release is recorded") {
    std::string uri;
    AtEveryCall(
        [&](EngineFixture& fixture) {
          fixture.WriteStudy("a", 1, 1, 1);
          ArchiveRequest request;
          request.src = fixture.Import("a").uris[0];
          request.quarantine = true;
          uri = Must(fixture.engine->Archive(request)).uri;
        },
        [&](EngineFixture& fixture) { return fixture.engine->Activate(uri).status(); },
        [](const Status& status, const View& view) {
          CHECK(view.archived_rows == 1);
          CHECK(view.quarantined_rows + Count(view.audit, "Activated") == 1);
          CHECK(status.ok() == (view.quarantined_rows == 0));
        });
  }

  TEST_CASE("what a fault left is archived by simply trying again") {
    std::string src;
    for (std::uint64_t n = 1; n < 60; n += 3) {
      CAPTURE(n);
      EngineFixture fixture;
      fixture.WriteStudy("a", 1, 2, 2);
      src = fixture.Import("a").uris[0];
      FaultFileSystem disk;
      fixture.Open(&disk);
      disk.Reset();
      disk.FailAt(n, ENOSPC, FaultFileSystem::Duration::kPersistent);
      const Status first = fixture.Archive(src).status();
      IgnoreError(first, "the second try is what is tested");
      fixture.Open();
      if (Must(fixture.engine->PrearchiveSessions()).empty()) continue;  // recovery finished it
      CHECK(Must(fixture.Archive(src)).files == 4);
    }
  }
}

}  // namespace xnatarchive
