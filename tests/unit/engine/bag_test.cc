// Importing bags: folders, zips and streams of them, valid ones and all kinds of others.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "container/bag_text.hpp"
#include "digest/message_digest.hpp"
#include "unit/engine/check_catalogs.hpp"
#include "unit/engine/export_fixture.hpp"

namespace xnatarchive {
namespace {

using Files = std::vector<std::pair<std::string, std::string>>;  // path and bytes, in order

std::string DigestOf(DigestAlgorithm algorithm, const std::string& bytes) {
  MessageDigest digest(algorithm);
  digest.Update(bytes.data(), bytes.size());
  return digest.Finish();
}

const std::map<std::string, DigestAlgorithm>& Algorithms() {
  static const std::map<std::string, DigestAlgorithm> algorithms = {
      {"md5", DigestAlgorithm::kMd5},
      {"sha1", DigestAlgorithm::kSha1},
      {"sha256", DigestAlgorithm::kSha256},
      {"sha512", DigestAlgorithm::kSha512}};
  return algorithms;
}

/// A root, and bags of two DICOM files to import into it.
struct BagFixture : EngineFixture {
  static std::string Dicom(int instance) {
    DicomSpec spec = Spec(1);
    spec.instance = instance;
    return MakeDicom(spec);
  }

  /// Declaration, payload, manifests.
  static Files Bag(const std::vector<std::string>& algorithms) {
    Files files = {{"bagit.txt", WriteBagDeclaration()},
                   {"bag-info.txt", "Contact-Name: Nobody\n"},
                   {"data/a/1.dcm", Dicom(1)},
                   {"data/a/2.dcm", Dicom(2)}};
    for (const std::string& algorithm : algorithms) {
      std::string manifest;
      for (std::size_t i = 2; i < 4; ++i) {
        manifest +=
            BagManifestLine(DigestOf(Algorithms().at(algorithm), files[i].second), files[i].first);
      }
      files.emplace_back("manifest-" + algorithm + ".txt", manifest);
    }
    return files;
  }
  static std::string& Find(Files* files, const std::string& path) {
    for (auto& [name, bytes] : *files) {
      if (name == path) return bytes;
    }
    throw std::runtime_error("no " + path);
  }

  void WriteFolder(const std::string& folder, const Files& files) {
    tree.Remove(folder);
    for (const auto& [path, bytes] : files) tree.Write(folder + "/" + path, bytes);
  }
  void WriteZip(const std::string& name, const std::string& root, const Files& files) {
    Files below;
    for (const auto& [path, bytes] : files) below.emplace_back(root + path, bytes);
    tree.Write(name, MakeZip(below));
  }

  ImportRequest At(const std::string& path) const {
    ImportRequest request;
    request.path = tree.path() + "/" + path;
    request.parameters["project"] = "DEMO";
    return request;
  }
  Result<ImportReport> ImportAt(const std::string& path) { return engine->Import(At(path)); }
  Result<ImportReport> ImportStream(const std::string& path) {
    ImportRequest request = At("");
    request.input_fd = open((tree.path() + "/" + path).c_str(), O_RDONLY);
    Result<ImportReport> report = engine->Import(request);
    close(request.input_fd);
    return report;
  }

  /// Imports the files as a folder, a zip and a stream: each time the same failure, and nothing
  /// received.
  void CheckRefused(const Files& files, const std::string& reason, const std::string& path) {
    WriteFolder("bag", files);
    WriteZip("bag.zip", "", files);
    IgnoreError(ImportAt("bag").status(), "the first makes the directories every import needs");
    const std::string before = Dump();
    for (int way = 0; way < 3; ++way) {
      CAPTURE(way);
      const Result<ImportReport> report = way == 0   ? ImportAt("bag")
                                          : way == 1 ? ImportAt("bag.zip")
                                                     : ImportStream("bag.zip");
      REQUIRE_FALSE(report.ok());
      CHECK(report.status().reason() == reason);
      CHECK(report.status().path() == path);
      CHECK(Dump() == before);
    }
  }

  /// Receives it, archives it, and removes it again.
  void CheckReceived(const Result<ImportReport>& report) {
    REQUIRE_MESSAGE(report.ok(), report.status().ToString());
    REQUIRE(report->uris.size() == 1);
    CHECK(report->files_received == 2);
    CHECK(report->files_skipped == 0);
    Must(engine->DeletePrearchiveSession(report->uris[0]));
  }
};

}  // namespace

TEST_SUITE("engine.bag") {
  TEST_CASE(
      "archive, export as a bag, import elsewhere, archive: same files, digests and subject") {
    ExportFixture from;
    from.tree.Write(std::string(kArchivedSession) + "/SCANS/1/DICOM/notes.zip", "no zip at all");
    from.Export("bag", ExportForm::kBag);
    from.Export("bag.zip", ExportForm::kBag);
    const std::vector<std::string> expected =
        from.Files(std::string(kArchivedSession) + "/SCANS/2/DICOM");
    const std::string subject = Must(from.engine->List("/projects/DEMO")).rows[0][0];
    REQUIRE(subject != "XNAT_S00001");
    for (int way = 0; way < 3; ++way) {
      CAPTURE(way);
      EngineFixture to;
      ImportRequest request = to.Request("");
      request.path = from.tree.path() + (way == 0 ? "/bag" : "/bag.zip");
      if (way == 2) request.input_fd = open(request.path.c_str(), O_RDONLY);
      const ImportReport received = Must(to.engine->Import(request));
      if (way == 2) close(request.input_fd);
      REQUIRE(received.uris.size() == 1);
      const ArchiveReport archived = Must(to.Archive(received.uris[0]));
      CHECK(archived.files == 7);
      CHECK(archived.files_hashed == 0);
      CHECK(archived.label == "S1");
      CHECK(archived.subject == subject);
      CheckCatalogs(to, "XNAT_E00001", 7);
      std::string dump = to.tree.Dump(std::string(kArchivedSession) + "/SCANS/2/DICOM");
      for (const std::string& line : expected) {
        if (line.find("_catalog.xml") != std::string::npos) continue;
        CAPTURE(line);
        CHECK(dump.find(line) != std::string::npos);
      }
      CHECK(to.tree.Read(std::string(kArchivedSession) + "/SCANS/1/DICOM/notes.zip") ==
            "no zip at all");
    }
  }

  TEST_CASE("a bag of DICOM is received like its payload, with any manifest, from anywhere") {
    BagFixture fixture;
    for (const auto& [algorithm, digest] : Algorithms()) {
      CAPTURE(algorithm);
      const Files files = BagFixture::Bag({algorithm});
      fixture.WriteFolder("bag", files);
      fixture.CheckReceived(fixture.ImportAt("bag"));
      fixture.WriteFolder("outer/inner", files);
      fixture.CheckReceived(fixture.ImportAt("outer"));
      fixture.WriteZip("bag.zip", "", files);
      fixture.CheckReceived(fixture.ImportAt("bag.zip"));
      fixture.CheckReceived(fixture.ImportStream("bag.zip"));
      fixture.WriteZip("bag.zip", "some bag/", files);
      fixture.CheckReceived(fixture.ImportAt("bag.zip"));
      fixture.CheckReceived(fixture.ImportStream("bag.zip"));
    }
    const Files all = BagFixture::Bag({"md5", "sha1", "sha256", "sha512"});
    fixture.WriteFolder("bag", all);
    fixture.CheckReceived(fixture.ImportAt("bag"));
  }

  TEST_CASE("in a container the files of a bag may be in any order") {
    BagFixture fixture;
    Files files = BagFixture::Bag({"md5", "sha256"});
    std::sort(files.begin(), files.end());
    do {
      fixture.WriteZip("bag.zip", "b/", files);
      fixture.CheckReceived(fixture.ImportAt("bag.zip"));
    } while (std::next_permutation(files.begin(), files.begin() + 3));
    std::reverse(files.begin(), files.end());
    fixture.WriteZip("bag.zip", "b/", files);
    fixture.CheckReceived(fixture.ImportAt("bag.zip"));
    fixture.CheckReceived(fixture.ImportStream("bag.zip"));
  }

  TEST_CASE("a stream that shows too late that it is a bag is refused, a file is read again") {
    BagFixture fixture;
    Files files = BagFixture::Bag({});
    std::string noise;
    for (std::uint32_t x = 1; noise.size() < 200'000; x = x * 1664525 + 1013904223) {
      noise += static_cast<char>(x >> 24);
    }
    files.insert(files.begin(), {"data/noise", noise});
    std::string manifest;
    for (const auto& [path, bytes] : files) {
      if (path.rfind("data/", 0) != 0) continue;
      manifest += BagManifestLine(DigestOf(DigestAlgorithm::kSha1, bytes), path);
    }
    files.emplace_back("manifest-sha1.txt", manifest);
    fixture.WriteZip("bag.zip", "b/", files);
    ImportRequest request = fixture.At("bag.zip");
    request.parameters["Ignore-Unparsable"] = "true";
    const ImportReport received = Must(fixture.engine->Import(request));
    CHECK(received.files_received == 2);
    CHECK(received.files_skipped == 1);
    Must(fixture.engine->DeletePrearchiveSession(received.uris[0]));
    request.input_fd = open(request.path.c_str(), O_RDONLY);
    const Status refused = fixture.engine->Import(request).status();
    close(request.input_fd);
    CHECK(refused.code() == Code::kUnsupported);
    CHECK(refused.reason() == "bag.not-first");
    CHECK(Must(fixture.engine->PrearchiveSessions()).empty());
  }

  TEST_CASE("a bag that is not what it says is refused, and nothing of it is received") {
    BagFixture fixture;
    const Files good = BagFixture::Bag({"md5", "sha512"});
    const auto with = [&](const std::string& path, const std::string& bytes) {
      Files files = good;
      files.emplace_back(path, bytes);
      return files;
    };
    const auto changed = [&](const std::string& path, const std::string& bytes) {
      Files files = good;
      BagFixture::Find(&files, path) = bytes;
      return files;
    };
    const auto without = [&](const std::string& path) {
      Files files = good;
      files.erase(std::remove_if(files.begin(), files.end(),
                                 [&](const auto& file) { return file.first == path; }),
                  files.end());
      return files;
    };
    fixture.CheckRefused(changed("data/a/2.dcm", BagFixture::Dicom(3)), "bag.digest-differs",
                         "data/a/2.dcm");
    fixture.CheckRefused(without("data/a/2.dcm"), "bag.file-missing", "data/a/2.dcm");
    fixture.CheckRefused(with("data/a/3.dcm", BagFixture::Dicom(3)), "bag.file-not-listed",
                         "data/a/3.dcm");
    Files one = good;  // only one of the two manifests is wrong
    std::string& manifest = BagFixture::Find(&one, "manifest-sha512.txt");
    manifest[0] = manifest[0] == '0' ? '1' : '0';
    fixture.CheckRefused(one, "bag.digest-differs", "data/a/1.dcm");
    fixture.CheckRefused(with("fetch.txt", "http://example.com/x 1 data/x\n"), "bag.fetch",
                         "fetch.txt");
    fixture.CheckRefused(
        changed("bagit.txt", "BagIt-Version: 2.0\nTag-File-Character-Encoding: UTF-8\n"),
        "bag.unsupported-version", "bagit.txt");
    fixture.CheckRefused(changed("bagit.txt", "hello"), "bag.bad-declaration", "bagit.txt");
    fixture.CheckRefused(changed("manifest-md5.txt", "hello"), "bag.bad-manifest",
                         "manifest-md5.txt");
    Files none = BagFixture::Bag({});
    none.emplace_back("manifest-blake3.txt", "00 data/a/1.dcm\n");
    fixture.CheckRefused(none, "bag.no-manifest", "");
    fixture.CheckRefused(with("tagmanifest-sha1.txt", "00 bag-info.txt\n"), "bag.digest-differs",
                         "bag-info.txt");
    fixture.CheckRefused(with("tagmanifest-md5.txt", "00 about.txt\n"), "bag.file-missing",
                         "about.txt");
  }

  TEST_CASE("files beside a bag are not received unchecked") {
    BagFixture fixture;
    Files files;
    for (auto& [path, bytes] : BagFixture::Bag({"md5"})) files.emplace_back("b/" + path, bytes);
    files.emplace_back("other/1.dcm", BagFixture::Dicom(1));
    fixture.WriteFolder("bag", files);
    CHECK(fixture.ImportAt("bag").status().reason() == "bag.among-others");
    fixture.WriteZip("bag.zip", "", files);
    CHECK(fixture.ImportAt("bag.zip").status().reason() == "bag.among-others");
    ImportRequest request = fixture.At("bag");
    request.parameters["Ignore-Unparsable"] = "true";
    CHECK(fixture.engine->Import(request).status().reason() == "bag.among-others");
  }

  TEST_CASE("what a handler leaves out is checked all the same") {
    BagFixture fixture;
    Files files = BagFixture::Bag({});
    files.insert(files.begin() + 2, {"data/readme.txt", std::string(1 << 20, 'x')});
    std::string manifest;
    for (std::size_t i = 2; i < 5; ++i) {
      manifest += BagManifestLine(DigestOf(DigestAlgorithm::kMd5, files[i].second), files[i].first);
    }
    files.emplace_back("manifest-md5.txt", manifest);
    fixture.WriteFolder("bag", files);
    ImportRequest request = fixture.At("bag");
    CHECK_FALSE(fixture.engine->Import(request).ok());
    request.parameters["Ignore-Unparsable"] = "true";
    CHECK(Must(fixture.engine->Import(request)).files_skipped == 1);
    BagFixture::Find(&files, "data/readme.txt").back() = 'y';
    fixture.WriteFolder("bag", files);
    CHECK(fixture.engine->Import(request).status().reason() == "bag.digest-differs");
  }
}

}  // namespace xnatarchive
