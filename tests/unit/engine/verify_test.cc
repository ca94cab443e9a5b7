// Verifying through the engine: each kind of damage is found, nothing else is; samples, rates,
// resuming, and others at work meanwhile.
#include <doctest/doctest.h>

#include <cerrno>
#include <functional>
#include <set>

#include "archive/operation.hpp"
#include "catalog/verify_session.hpp"
#include "fs/file_lock.hpp"
#include "unit/engine/verify_fixture.hpp"

namespace xnatarchive {
namespace {

/// Something that happened to an archive.
struct Damage {
  const char* kind;
  std::function<std::string(ExportFixture&)> make;  // and returns the path
};
std::vector<Damage> Damages() {
  return {
      {"changed",
       [](ExportFixture& f) {
         f.Rot(f.FirstFile());
         return f.FirstFile();
       }},
      {"wrong-size",
       [](ExportFixture& f) {
         f.tree.Write(f.FirstFile(), "short");
         return f.FirstFile();
       }},
      {"changed",  // by a program that keeps the size, and not the time
       [](ExportFixture& f) {
         f.tree.Write(f.FirstFile(), std::string(f.tree.Read(f.FirstFile()).size(), 'x'));
         return f.FirstFile();
       }},
      {"missing",
       [](ExportFixture& f) {
         const std::string path = f.FirstFile();
         f.tree.Remove(path);
         return path;
       }},
      {"missing",  // a link is no file
       [](ExportFixture& f) {
         const std::string path = f.FirstFile();
         f.tree.Write("elsewhere", f.tree.Read(path));
         f.tree.Remove(path);
         f.tree.Symlink(f.tree.path() + "/elsewhere", path);
         return path;
       }},
      {"unlisted",
       [](ExportFixture& f) {
         const std::string path = std::string(kArchivedSession) + "/SCANS/2/DICOM/sub/new";
         f.tree.Write(path, "new");
         return path;
       }},
      {"catalog-missing",
       [](ExportFixture& f) {
         f.tree.Remove(f.Catalog());
         return f.Catalog();
       }},
      {"catalog-unreadable",
       [](ExportFixture& f) {
         f.tree.Write(f.Catalog(), "<cat:Catalog");
         return f.Catalog();
       }},
      {"session-unreadable",
       [](ExportFixture& f) {
         f.tree.Write(std::string(kArchivedSession) + "/session.xml", "");
         return std::string(kArchivedSession) + "/session.xml";
       }},
      {"session-unreadable",
       [](ExportFixture& f) {
         f.tree.Remove(kArchivedSession);
         return std::string(kArchivedSession) + "/session.xml";
       }},
  };
}

/// Two archived sessions, and a request that keeps how far it is.
struct TwoSessions : ExportFixture {
  VerifyRequest request;

  TwoSessions() {
    WriteStudy("b", 2);
    Must(Archive(Import("b").uris[0]));
    request.resume_path = tree.path() + "/state";
    request.seed = 7;
  }
};

}  // namespace

TEST_SUITE("engine.verify") {
  TEST_CASE("a whole archive: every file is read, nothing is found, nothing is written") {
    ExportFixture fixture;
    fixture.WriteStudy("b", 2);
    Must(fixture.Archive(fixture.Import("b").uris[0]));
    const std::string before = fixture.Dump();
    for (const bool all_digests : {false, true}) {
      VerifyRequest request;
      request.all_digests = all_digests;
      const VerifyReport report = Verify(fixture, request);
      CHECK(Problems(report).empty());
      CHECK(report.busy.empty());
      CHECK(report.sessions == 2);
      CHECK(report.catalogs == 4);
      CHECK(report.files == 12);
      CHECK(report.files_read == 12);
      CHECK(report.bytes_read == report.bytes);
      CHECK(report.files_without_digest == 0);
      CHECK(report.seed != 0);
    }
    CHECK(fixture.Dump() == before);
  }

  TEST_CASE("each kind of damage is found, and nothing else") {
    for (const Damage& damage : Damages()) {
      ExportFixture fixture;
      fixture.WriteStudy("b", 2);
      Must(fixture.Archive(fixture.Import("b").uris[0]));
      const std::string path = damage.make(fixture);
      CAPTURE(damage.kind);
      CAPTURE(path);
      const VerifyReport report = Verify(fixture);
      CHECK(Problems(report) == std::string(damage.kind) + " " + InArchive(path) + "\n");
      CHECK(report.sessions == 2);
      CHECK(report.busy.empty());
    }
  }

  TEST_CASE("an entry that leads out, and one that names a file again, are bad entries") {
    ExportFixture fixture;
    const std::string catalog = fixture.tree.Read(fixture.Catalog());
    const std::size_t at = catalog.find("</cat:entries>");
    fixture.tree.Write(fixture.Catalog(),
                       std::string(catalog).insert(at, "<cat:entry URI=\"../../x\"/>"));
    VerifyReport report = Verify(fixture);
    REQUIRE(report.problems.size() == 1);
    CHECK(report.problems[0].kind == VerifyProblemKind::kBadEntry);
    const std::string first = fixture.FirstFile();
    const std::string name = first.substr(first.rfind('/') + 1);
    fixture.tree.Write(fixture.Catalog(),
                       std::string(catalog).insert(at, "<cat:entry URI=\"" + name + "\"/>"));
    report = Verify(fixture);
    CHECK(Problems(report) == "bad-entry " + InArchive(first) + "\n");
  }

  TEST_CASE("where MD5 is all there is it is compared; where there is nothing, that is told") {
    ExportFixture fixture;
    std::string text = fixture.tree.Read(fixture.Catalog());
    for (std::size_t at; (at = text.find("name=\"XXH3\"")) != std::string::npos;) {
      text.replace(at, 11, "name=\"OTHER\"");
    }
    fixture.tree.Write(fixture.Catalog(), text);
    CHECK(Verify(fixture).files_read == 6);
    fixture.Rot(fixture.FirstFile());
    CHECK(Problems(Verify(fixture)) == "changed " + InArchive(fixture.FirstFile()) + "\n");
    for (std::size_t at; (at = text.find(" digest=\"")) != std::string::npos;) {
      text.erase(at, text.find('"', at + 9) + 1 - at);
    }
    fixture.tree.Write(fixture.Catalog(), text);
    const VerifyReport report = Verify(fixture);
    CHECK(Problems(report).empty());
    CHECK(report.files_without_digest == 3);
    CHECK(report.files_read == 3);
  }

  TEST_CASE("all digests are compared when that is asked for") {
    ExportFixture fixture;
    const std::string old = Md5(fixture.tree.Read(fixture.FirstFile()));
    fixture.Replace(fixture.Catalog(), old, std::string(32, '0'));
    CHECK(Problems(Verify(fixture)).empty());
    VerifyRequest request;
    request.all_digests = true;
    CHECK(Problems(Verify(fixture, request)) == "changed " + InArchive(fixture.FirstFile()) + "\n");
  }

  TEST_CASE("a URI chooses: project, subject, session, scan, resource; and refuses") {
    ExportFixture fixture;
    fixture.WriteStudy("b", 2);
    Must(fixture.Archive(fixture.Import("b").uris[0]));
    const auto files = [&](const std::vector<std::string>& uris) {
      VerifyRequest request;
      request.uris = uris;
      return Verify(fixture, request).files_read;
    };
    const std::string session = "/experiments/XNAT_E00001";
    CHECK(files({"/projects/DEMO"}) == 12);
    CHECK(files({"/data/archive/projects/DEMO/subjects/Test_Subject2"}) == 6);
    CHECK(files({session}) == 6);
    CHECK(files({session + "/scans/1"}) == 3);
    CHECK(files({session + "/scans/1/resources/DICOM"}) == 3);
    CHECK(files({session + "/scans/1", session + "/scans/2"}) == 6);
    CHECK(files({session + "/scans/1", session}) == 6);
    CHECK(files({session, session + "/scans/1", "/projects/DEMO"}) == 12);
    const auto reason = [&](const std::string& uri) {
      VerifyRequest request;
      request.uris = {uri};
      return std::string(fixture.engine->Verify(request).status().reason());
    };
    CHECK(reason("/projects/NONE") == "uri.not-found");
    CHECK(reason(session + "/scans/9") == "uri.not-found");
    CHECK(reason(session + "/scans/1/resources/DICOM/files/x") == "uri.is-a-file");
    CHECK(reason("/prearchive") == "uri.not-in-archive");
    CHECK(reason("/projects/DEMO/resources/X") == "uri.not-found");
    CHECK(reason("nonsense") == "uri.malformed");
    VerifyRequest request;
    request.sample_percent = 0;
    CHECK(fixture.engine->Verify(request).status().reason() == "verify.bad-sample");
  }

  TEST_CASE("the resources of projects and subjects are verified, too") {
    ExportFixture fixture;
    const auto write = [&](const std::string& folder, const std::string& bytes) {
      fixture.tree.Write("root/archive/DEMO/" + folder + "/DOC/a.txt", bytes);
      fixture.tree.Write("root/archive/DEMO/" + folder + "/DOC/DOC_catalog.xml",
                         "<cat:Catalog xmlns:cat=\"http://nrg.wustl.edu/catalog\"><cat:entries>"
                         "<cat:entry URI=\"a.txt\" digest=\"" +
                             Md5("right") +
                             "\"/>"
                             "</cat:entries></cat:Catalog>");
    };
    write("resources", "right");
    write("subjects/Test_Subject1", "right");
    VerifyReport report = Verify(fixture);
    CHECK(Problems(report).empty());
    CHECK(report.files_read == 8);
    CHECK(report.sessions == 1);
    CHECK(report.catalogs == 4);
    write("resources", "wrong");
    write("subjects/Test_Subject1", "wrong");
    report = Must(fixture.engine->Verify({}));
    REQUIRE(report.problems.size() == 2);
    CHECK(report.problems[0].uri == "/data/archive/projects/DEMO/resources/DOC");
    CHECK(report.problems[0].path == "DEMO/resources/DOC/a.txt");
    CHECK(report.problems[1].uri ==
          "/data/archive/projects/DEMO/subjects/Test_Subject1/resources/DOC");
    VerifyRequest request;
    request.uris = {"/projects/DEMO/subjects/Test_Subject1/resources/DOC"};
    report = Must(fixture.engine->Verify(request));
    CHECK(report.problems.size() == 1);
    CHECK(report.files_read == 1);
  }

  TEST_CASE("a sample is the same for one seed, another for another, and of the size asked for") {
    int in_both = 0;
    int in_one = 0;
    for (int i = 0; i < 10'000; ++i) {
      const std::string path = "P/arc001/S/SCANS/1/DICOM/" + std::to_string(i) + ".dcm";
      const bool one = IsInSample(path, 10, 1);
      CHECK(one == IsInSample(path, 10, 1));
      in_one += one ? 1 : 0;
      in_both += one && IsInSample(path, 10, 2) ? 1 : 0;
    }
    CHECK(in_one > 800);
    CHECK(in_one < 1200);
    CHECK(in_both > 50);
    CHECK(in_both < 160);
    ExportFixture fixture;
    VerifyRequest request;
    request.sample_percent = 50;
    std::set<std::uint64_t> sizes;
    for (request.seed = 1; request.seed < 30; ++request.seed) {
      const VerifyReport report = Verify(fixture, request);
      CHECK(report.seed == request.seed);
      CHECK(report.files == 6);
      sizes.insert(report.files_read);
    }
    CHECK(sizes.size() > 2);
    fixture.tree.Remove(fixture.FirstFile());  // seen whether it is in the sample or not
    request.sample_percent = 0.0001;
    CHECK(Verify(fixture, request).problems.size() == 1);
  }

  TEST_CASE("a merge meanwhile is no damage") {
    ExportFixture fixture;
    // While the files are read, one is replaced, one added, one removed, as a merge does it: the
    // catalog last.
    const std::string file = fixture.FirstFile();
    const std::string catalog = fixture.tree.Read(fixture.Catalog());
    const std::string old = fixture.tree.Read(file);
    bool done = false;
    CallOptions call;
    call.progress = [&](const Progress& progress) {
      if (done || progress.phase != "verify") return true;
      done = true;
      std::string bytes = old;
      bytes.back() = static_cast<char>(bytes.back() ^ 1);
      fixture.tree.Write(file, bytes);
      std::string text = catalog;
      text.replace(text.find(Md5(old)), 32, Md5(bytes));
      fixture.tree.Write(fixture.Catalog(), text);
      return true;
    };
    const VerifyReport report = Must(fixture.engine->Verify({}, call));
    CHECK(done);
    CHECK(Problems(report).empty());
    CHECK(report.busy.empty());
    CHECK(report.sessions == 1);
  }

  TEST_CASE("verifying goes on where it was stopped, and knows what it had found") {
    ExportFixture fixture;
    for (int study = 2; study <= 4; ++study) {
      fixture.WriteStudy(std::to_string(study), study);
      Must(fixture.Archive(fixture.Import(std::to_string(study)).uris[0]));
    }
    fixture.Rot(fixture.FirstFile());
    const std::string damaged = InArchive(fixture.FirstFile());
    VerifyRequest request;
    request.resume_path = fixture.tree.path() + "/state";
    int calls = 0;
    CallOptions call;
    call.progress = [&](const Progress&) { return ++calls < 2; };
    request.bytes_per_second_max = 40'000;  // slow enough to be asked often
    CHECK(fixture.engine->Verify(request, call).status().reason() == "verify.cancelled");
    request.bytes_per_second_max = 0;
    // However often it is stopped, in the end every session was verified once.
    REQUIRE(fixture.tree.Exists("state"));
    const VerifyReport report = Must(fixture.engine->Verify(request));
    CHECK(Problems(report) == "changed " + damaged + "\n");
    CHECK(report.sessions == 4);
    CHECK(report.files == 24);
    CHECK(report.files_read == 24);
    CHECK_FALSE(fixture.tree.Exists("state"));
  }

  TEST_CASE("how far verifying is stands in the file while it goes on: a kill loses nothing") {
    TwoSessions fixture;
    VerifyRequest request = fixture.request;
    request.bytes_per_second_max = 20'000;  // slow enough to be asked often
    std::string kept;
    CallOptions call;
    call.progress = [&](const Progress& progress) {
      const bool second = progress.files_done > 6 && progress.files_done < 12;
      if (second && kept.empty()) {
        kept = fixture.tree.Exists("state") ? fixture.tree.Read("state") : "nothing";
      }
      return true;
    };
    Must(fixture.engine->Verify(request, call));
    CHECK(kept.find("sessions 1\n") != std::string::npos);
    CHECK(kept.find("last DEMO/arc001/S1\nend\n") != std::string::npos);
    CHECK_FALSE(fixture.tree.Exists("state"));
    fixture.tree.Write("state", kept);  // as after a kill
    request.bytes_per_second_max = 0;
    fixture.Rot(fixture.FirstFile());  // of the session that is done
    const VerifyReport report = Must(fixture.engine->Verify(request));
    CHECK(Problems(report).empty());
    CHECK(report.files_read == 12);
  }

  TEST_CASE("what is kept of the sessions that are done is not verified again") {
    TwoSessions fixture;
    VerifyRequest request = fixture.request;
    fixture.tree.Write("state",
                       "xnatarchive verify 1\nrequest 100.000000 one\nsessions 1\nseed 7\n"
                       "problem 0 /data/archive/projects/DEMO/subjects/x DEMO/a%20b lost\n"
                       "last DEMO/arc001/S1\nend\n");
    const VerifyReport report = Must(fixture.engine->Verify(request));
    CHECK(Problems(report) == "missing DEMO/a b\n");
    CHECK(report.sessions == 2);
    CHECK(report.files_read == 6);
    CHECK(report.seed == 7);
  }

  TEST_CASE("a state of another request, or a damaged one, is refused and kept") {
    ExportFixture fixture;
    VerifyRequest request;
    request.resume_path = fixture.tree.path() + "/state";
    const auto reason = [&](const std::string& bytes) {
      fixture.tree.Write("state", bytes);
      const Status status = fixture.engine->Verify(request).status();
      CHECK(fixture.tree.Read("state") == bytes);
      CHECK_FALSE(status.ok());
      return std::string(status.reason());
    };
    const std::string good = "xnatarchive verify 1\nrequest 100.000000 one\nseed 7\nlast x\nend\n";
    CHECK(reason("") == "verify.bad-state");
    CHECK(reason("my shopping list\n") == "verify.bad-state");
    CHECK(reason(good.substr(0, good.size() - 1)) == "verify.bad-state");
    CHECK(reason(good.substr(0, good.size() - 4)) == "verify.bad-state");
    CHECK(reason("xnatarchive verify 1\nrequest 100.000000 one\nproblem 9 a b c\nend\n") ==
          "verify.bad-state");
    CHECK(reason("xnatarchive verify 1\nrequest 10.000000 one\nlast x\nend\n") ==
          "verify.other-request");
    request.seed = 8;
    CHECK(reason(good) == "verify.other-request");
    request.resume_path = fixture.tree.path() + "/root/archive/state";
    CHECK(fixture.engine->Verify(request).status().reason() == "verify.inside-root");
    request.resume_path = fixture.tree.path() + "/nowhere/state";
    CHECK(fixture.engine->Verify(request).status().reason() == "verify.no-parent");
  }

  TEST_CASE("with a rate, reading waits, and can be cancelled meanwhile") {
    ExportFixture fixture;
    VerifyRequest request;
    request.bytes_per_second_max = 1;
    std::uint64_t waits = 0;
    Progress last;
    CallOptions call;
    call.progress = [&](const Progress& progress) {
      waits += progress.bytes_done > 0 && progress.bytes_done == last.bytes_done ? 1u : 0u;
      last = progress;
      return waits < 3;
    };
    CHECK(fixture.engine->Verify(request, call).status().reason() == "verify.cancelled");
    CHECK(last.bytes_done > 0);
    CHECK(last.bytes_done < last.bytes_total);
    CHECK(last.files_total == 6);
  }

  TEST_CASE("a file that can not be read is a problem of its own, the others are compared") {
    struct BadSector : ForwardingFileSystem {
      BadSector() : ForwardingFileSystem(PosixFileSystem()) {}
      int Open(int dirfd, const char* path, int flags, unsigned mode) noexcept override {
        const std::string_view name(path);
        if (!bad.empty() && name.size() >= bad.size() &&
            name.substr(name.size() - bad.size()) == bad) {
          return -EIO;
        }
        return ForwardingFileSystem::Open(dirfd, path, flags, mode);
      }
      std::string bad;
    } disk;
    ExportFixture fixture(&disk);
    const std::string first = fixture.FirstFile();
    const std::string other = std::string(kArchivedSession) + "/SCANS/2/DICOM/2.dcm";
    fixture.Rot(other);
    disk.bad = first.substr(first.rfind('/') + 1);
    const VerifyReport report = Must(fixture.engine->Verify({}));
    CHECK(Problems(report) == "unreadable " + InArchive(first) + "\nunreadable " +
                                  InArchive(fixture.FirstFile("2")) + "\nchanged " +
                                  InArchive(other) + "\n");
    CHECK(report.files_read == 4);
  }

  TEST_CASE("a session that looks damaged while somebody works on it is busy, and nothing worse") {
    ExportFixture fixture;
    fixture.Rot(fixture.FirstFile());
    {
      const Directory archive = Must(fixture.tree.dir().OpenSubdirectory("root/archive"));
      const FileLock lock =
          Must(FileLock::TryAcquire(archive, ".xa/locks/sessions", ArchiveLockKey("DEMO", "S1")));
      const VerifyReport report = Must(fixture.engine->Verify({}));
      CHECK(report.problems.empty());
      CHECK(report.sessions == 0);
      REQUIRE(report.busy.size() == 1);
    }
    CHECK(Verify(fixture).problems.size() == 1);
  }
}

}  // namespace xnatarchive
