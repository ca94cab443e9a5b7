#include <doctest/doctest.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "store/connection.hpp"
#include "store/schema.hpp"
#include "support/small_disk.hpp"
#include "unit/store/store_testing.hpp"

namespace xnatarchive {
namespace {

std::string OpenOutcome(const std::string& url, int busy_timeout_ms = 100) {
  return Outcome(Store::Open(url, {busy_timeout_ms}));
}

void RunSql(const TempTree& tree, const std::string& statement) {
  soci::session sql(soci::sqlite3, "db=\"" + tree.path() + "/store.sqlite3\"");
  sql << statement;
}

/// Every table and index with its definition.
std::string SchemaOf(const TempTree& tree) {
  soci::session sql(soci::sqlite3, "db=\"" + tree.path() + "/store.sqlite3\"");
  soci::rowset<std::string> statements =
      (sql.prepare << "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name");
  std::string schema;
  for (const std::string& statement : statements) schema += statement + "\n";
  return schema;
}

/// Fills a disk of its own with a store until it is full. The result is WithOwnMounts'.
int FillDisk(const TempTree& tree) {
  if (!MountSmallDisk(tree.path(), "size=300k")) return kNoMount;
  Result<Store> store = Store::Open(StoreUrl(tree));
  if (!store.ok()) return Failed(__LINE__);
  int added = 0;
  Status status;
  while (status.ok()) {
    status = store->AddProject(
        {"P" + std::to_string(added), PrearchiveCode::kManual, false, std::string(1000, 'x')});
    if (status.ok()) ++added;
  }
  if (Outcome(status) != "no_space/store.full") return Failed(__LINE__);
  const Result<std::vector<ProjectRow>> projects = store->ListProjects();
  if (!projects.ok() || static_cast<int>(projects->size()) != added || added == 0)
    return Failed(__LINE__);
  // Room again: the same call succeeds.
  if (!ResizeSmallDisk(tree.path(), "size=4m")) return Failed(__LINE__);
  if (!store->AddProject(Project("P" + std::to_string(added))).ok()) return Failed(__LINE__);
  return 0;
}

/// By its path: the tree itself was opened before there was a file system on it.
bool HasReserve(const TempTree& tree) {
  return access((tree.path() + "/store.sqlite3-reserve").c_str(), F_OK) == 0;
}

/// What is opened, changed and removed on a disk that became full behind the store's back. As
/// FillDisk.
int OpenOnFullDisk(const TempTree& tree) {
  if (!MountSmallDisk(tree.path(), "size=12m")) return kNoMount;
  const std::string filler = tree.path() + "/filler";
  if (OpenOutcome(StoreUrl(tree)) != "ok" || !HasReserve(tree)) return Failed(__LINE__);
  if (!FillUp(filler)) return Failed(__LINE__);
  {
    Result<Store> store = Store::Open(StoreUrl(tree));
    if (!store.ok() || !store->AddProject(Project("P1")).ok()) return Failed(__LINE__);
    if (HasReserve(tree)) return Failed(__LINE__);  // there is no room for it
  }
  // Used up, too: now it can not be opened any more, which costs nothing.
  std::remove(filler.c_str());
  if (!FillUp(filler)) return Failed(__LINE__);
  if (OpenOutcome(StoreUrl(tree)) != "no_space/store.full") return Failed(__LINE__);
  std::remove(filler.c_str());
  Result<Store> store = Store::Open(StoreUrl(tree));
  if (!store.ok() || !HasReserve(tree)) return Failed(__LINE__);
  // While it is open, whoever is about to remove something makes room; and so does opening again.
  for (const bool opened_again : {false, true}) {
    if (!FillUp(filler) || !HasReserve(tree)) return Failed(__LINE__);
    if (opened_again && OpenOutcome(StoreUrl(tree)) != "ok") return Failed(__LINE__);
    if (!opened_again) store->MakeRoom();
    if (HasReserve(tree)) return Failed(__LINE__);
    const std::string id = opened_again ? "P3" : "P2";
    if (!store->AddProject(Project(id)).ok()) return Failed(__LINE__);
    std::remove(filler.c_str());
    if (OpenOutcome(StoreUrl(tree)) != "ok" || !HasReserve(tree)) return Failed(__LINE__);
  }
  const Result<std::vector<ProjectRow>> projects = store->ListProjects();
  return projects.ok() && projects->size() == 3 ? 0 : Failed(__LINE__);
}

}  // namespace

TEST_SUITE("store.open") {
  TEST_CASE("a URL names a file, absolute or relative, whatever characters it holds") {
    const TempTree tree;
    for (const char* name :
         {"store.sqlite3", "a b  c.db", "x=y.db", "o'b;.db", "Zo\xC3\xAB%41.db"}) {
      CAPTURE(name);
      CHECK(OpenOutcome("sqlite3://" + tree.path() + "/" + name) == "ok");
      CHECK(tree.Exists(name));
      CHECK(OpenOutcome("sqlite3:" + tree.path() + "/" + name) == "ok");
    }
    CHECK(RunInChild([&] {
            if (chdir(tree.path().c_str()) != 0) return 1;
            return OpenOutcome("sqlite3::memory:") == "ok" && tree.Exists(":memory:") ? 0 : 2;
          }) == 0);
  }

  TEST_CASE("a URL that names no file, or another kind of database, is refused") {
    for (const char* url : {"sqlite3:", "sqlite3://", "sqlite3://host/file", "sqlite3:///tmp/",
                            "sqlite3:///tmp/a\"b"}) {
      CAPTURE(url);
      CHECK(OpenOutcome(url) == "invalid_argument/store.bad-url");
    }
    for (const char* url :
         {"", "store.sqlite3", "/abs/path", "postgresql://db/xnat", "SQLITE3:x"}) {
      CAPTURE(url);
      CHECK(OpenOutcome(url) == "unsupported/store.unknown-scheme");
    }
  }

  TEST_CASE(
      "a directory that is not there, or a directory for a file, is refused; nothing is made") {
    TempTree tree;
    CHECK(OpenOutcome("sqlite3://" + tree.path() + "/none/store.sqlite3") == "not_found/fs.open");
    tree.MakeDirectories("dir");
    const Result<Store> store = Store::Open("sqlite3://" + tree.path() + "/dir");
    CHECK_FALSE(store.ok());
    CHECK(tree.Dump() == "dir/\n");
  }

  TEST_CASE("reopening changes nothing") {
    const TempTree tree;
    { const Store store = OpenStore(tree); }
    const std::string schema = SchemaOf(tree);
    const std::string bytes = tree.Read("store.sqlite3");
    CHECK(schema.find("CREATE TABLE prearchive") != std::string::npos);
    { const Store store = OpenStore(tree); }
    CHECK(SchemaOf(tree) == schema);
    CHECK(tree.Read("store.sqlite3") == bytes);
  }

  TEST_CASE(
      "commits are durable: a write-ahead log that is synced at each, in a new store and an old") {
    const TempTree tree;
    for (int opened = 0; opened < 2; ++opened) {
      const auto connection = Store::Connection::Open(StoreUrl(tree), {});
      REQUIRE(connection.ok());
      std::string journal;
      int synchronous = 0;
      CHECK((*connection)
                ->Read([&](soci::session& sql) {
                  sql << "PRAGMA journal_mode", soci::into(journal);
                  sql << "PRAGMA synchronous", soci::into(synchronous);
                  return Status();
                })
                .ok());
      CHECK(journal == "wal");
      CHECK(synchronous == 2);  // FULL
    }
  }

  TEST_CASE("a store that a newer library has been at is refused and left alone") {
    const TempTree tree;
    { const Store store = OpenStore(tree); }
    RunSql(tree, "UPDATE schema_version SET version = 99");
    const std::string bytes = tree.Read("store.sqlite3");
    CHECK(OpenOutcome(StoreUrl(tree)) == "unsupported/store.newer");
    CHECK(tree.Read("store.sqlite3") == bytes);
  }

  TEST_CASE("migration takes the steps that are missing, and only those") {
    const TempTree tree;
    {
      Store store = OpenStore(tree);
      REQUIRE(store.AddProject(Project("P1")).ok());
    }
    std::vector<Migration> migrations = Migrations();
    const std::size_t known = migrations.size();
    migrations.push_back(
        {"CREATE TABLE extra (a TEXT NOT NULL)", "INSERT INTO extra VALUES ('1')"});
    migrations.push_back({"INSERT INTO extra VALUES ('2')"});

    soci::session sql(soci::sqlite3, "db=\"" + tree.path() + "/store.sqlite3\"");
    CHECK(SchemaVersion(sql) == known);
    for (int round = 0; round < 2; ++round) {
      sql << "BEGIN";
      CHECK(Migrate(sql, migrations).ok());
      sql << "COMMIT";
      CHECK(SchemaVersion(sql) == known + 2);
      int rows = 0;
      sql << "SELECT count(*) FROM extra", soci::into(rows);
      CHECK(rows == 2);
    }
    std::string project;
    sql << "SELECT id FROM projects", soci::into(project);
    CHECK(project == "P1");
    CHECK(OpenOutcome(StoreUrl(tree)) == "unsupported/store.newer");
  }

  TEST_CASE("a file that is not a database, and a damaged one, are reported and left alone") {
    TempTree tree;
    tree.Write("store.sqlite3", std::string(10'000, '\x5A'));
    CHECK(OpenOutcome(StoreUrl(tree)) == "corruption/store.corrupt");
    CHECK(tree.Read("store.sqlite3") == std::string(10'000, '\x5A'));

    tree.Remove("store.sqlite3");
    {
      Store store = OpenStore(tree);
      REQUIRE(store.AddProject(Project("P1")).ok());
    }
    const std::string whole = tree.Read("store.sqlite3");
    for (const std::size_t size : {std::size_t{50}, std::size_t{5000}, whole.size() - 4096}) {
      CAPTURE(size);
      tree.Write("store.sqlite3", whole.substr(0, size));
      CHECK(OpenOutcome(StoreUrl(tree)) == "corruption/store.corrupt");
    }
    // The first page is whole, everything behind it is not.
    tree.Write("store.sqlite3", whole.substr(0, 4096) + std::string(whole.size() - 4096, '\x5A'));
    CHECK(OpenOutcome(StoreUrl(tree)) == "corruption/store.corrupt");
  }

  TEST_CASE("tables that are not ours, or hold what we never write, are reported as damaged") {
    const TempTree tree;
    Store store = OpenStore(tree);
    PrearchiveSession session;
    session.folder = "S";
    REQUIRE(store.InsertPrearchive(session).ok());
    RunSql(tree, "UPDATE prearchive SET status = 'SLEEPING'");
    CHECK(Outcome(store.ListPrearchive()) == "corruption/store.corrupt");
    RunSql(tree, "DROP TABLE audit");
    CHECK(Outcome(store.ListOpenAudit()) == "corruption/store.corrupt");
    RunSql(tree, "DELETE FROM sequences");
    CHECK(Outcome(store.NextId(Sequence::kSubject)) == "corruption/store.corrupt");
    RunSql(tree, "DELETE FROM schema_version");
    CHECK(OpenOutcome(StoreUrl(tree)) == "corruption/store.corrupt");
  }

  TEST_CASE("an empty file is a new store") {
    TempTree tree;
    tree.Write("store.sqlite3", "");
    CHECK(OpenOutcome(StoreUrl(tree)) == "ok");
  }

  TEST_CASE("a user who may not write gets a refusal, and the store stays as it is") {
    const TempTree tree;
    {
      Store store = OpenStore(tree);
      REQUIRE(store.AddProject(Project("P1")).ok());
    }
    const std::string file = tree.path() + "/store.sqlite3";
    const std::string bytes = tree.Read("store.sqlite3");
    REQUIRE(chmod(tree.path().c_str(), 0755) == 0);
    const auto as_nobody = [&](const std::function<bool()>& body) {
      return RunInChild([&] {
        if (getuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) return 1;
        return body() ? 0 : 2;
      });
    };
    SUBCASE("neither the file nor the directory") {
      REQUIRE(chmod(file.c_str(), 0444) == 0);
      if (getuid() != 0) REQUIRE(chmod(tree.path().c_str(), 0555) == 0);
      CHECK(as_nobody([&] {
              return Store::Open(StoreUrl(tree)).status().code() == Code::kPermission;
            }) == 0);
    }
    SUBCASE("the file can not even be read") {
      REQUIRE(chmod(file.c_str(), 0) == 0);
      if (getuid() != 0) REQUIRE(chmod(tree.path().c_str(), 0555) == 0);
      CHECK(as_nobody([&] {
              return Store::Open(StoreUrl(tree)).status().code() == Code::kPermission;
            }) == 0);
    }
    SUBCASE("the directory can be written, the file only read: reading works") {
      REQUIRE(chmod(file.c_str(), 0444) == 0);
      REQUIRE(chmod(tree.path().c_str(), 0777) == 0);
      CHECK(as_nobody([&] {
              Result<Store> store = Store::Open(StoreUrl(tree));
              return store.ok()
                         ? Outcome(store->AddProject(Project("P2"))) == "permission/store.read-only"
                         : store.status().code() == Code::kPermission;
            }) == 0);
    }
    REQUIRE(chmod(tree.path().c_str(), 0755) == 0);
    REQUIRE(chmod(file.c_str(), 0644) == 0);
    CHECK(tree.Read("store.sqlite3") == bytes);
  }

  TEST_CASE("a full disk is reported as such; what was committed stays; with room it works again") {
    const TempTree tree;
    WithOwnMounts([&] { return FillDisk(tree); });
  }

  TEST_CASE("a store is opened on a disk that has no byte left: some are kept in reserve") {
    const TempTree tree;
    WithOwnMounts([&] { return OpenOnFullDisk(tree); });
  }

  TEST_CASE("the reserve is whole, and room is made only on a disk that is full") {
    TempTree tree;
    const std::string name = "store.sqlite3-reserve";
    { Store store = OpenStore(tree); }
    const std::string whole = tree.Read(name);
    CHECK(whole.size() == 512 * 1024);
    tree.Write(name, whole.substr(0, 1000));  // whoever wrote it died
    { Store store = OpenStore(tree); }
    CHECK(tree.Read(name) == whole);
    {
      Store store = OpenStore(tree);
      store.MakeRoom();
    }
    CHECK(tree.Exists(name));
    tree.Remove(name);
    tree.MakeDirectories(name);  // not ours
    { Store store = OpenStore(tree); }
    CHECK(tree.Dump(name).empty());
  }

  TEST_CASE("a disk that is full from the start is reported as such") {
    const TempTree tree;
    WithOwnMounts([&] {
      for (const char* size : {"size=4k", "size=16k", "size=40k", "size=64k", "nr_inodes=1",
                               "nr_inodes=2", "nr_inodes=3"}) {
        if (!MountSmallDisk(tree.path(), size)) return kNoMount;
        const Result<Store> store = Store::Open(StoreUrl(tree), {100});
        if (Outcome(store) != "no_space/store.full") return Failed(__LINE__);
      }
      return 0;
    });
  }
}

}  // namespace xnatarchive
