// Inputs and outputs that are a host's functions: the same bytes as with files, and a host that
// fails, throws or counts wrongly changes nothing.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "support/engine_fixture.hpp"

namespace xnatarchive {
namespace {

/// Gives `bytes` in pieces of at most `piece`; counts what it is asked for after the end.
struct Pieces {
  std::string bytes;
  std::size_t piece = 1 << 20;
  std::size_t given = 0;
  bool ended = false;
  int asked_after_end = 0;

  InputStream Stream() {
    return [this](void* buffer, std::size_t size) -> Result<std::size_t> {
      if (ended) ++asked_after_end;
      const std::size_t count = std::min({piece, size, bytes.size() - given});
      std::memcpy(buffer, bytes.data() + given, count);
      given += count;
      ended = count == 0;
      return count;
    };
  }
};

struct StreamFixture : EngineFixture {
  std::string uri;  // of an archived session

  StreamFixture() {
    WriteStudy("a", 1);
    uri = Must(Archive(Import("a").uris[0])).uri;
    Project other;
    other.id = "OTHER";
    Must(engine->AddProject(other));
  }

  std::string Zip() {
    std::string zip;
    ExportRequest request;
    request.uri = uri;
    request.output = [&](std::string_view bytes) {
      zip.append(bytes);
      return Status();
    };
    Must(engine->Export(request));
    return zip;
  }

  Result<ImportReport> ImportFrom(InputStream input) {
    ImportRequest request;
    request.path = "/nowhere";  // not looked at
    request.input = std::move(input);
    request.parameters["project"] = "OTHER";
    return engine->Import(request);
  }

  void CheckRefused(InputStream input, Code code, std::string_view reason) {
    IgnoreError(ImportFrom([](void*, std::size_t) { return std::size_t{0}; }).status(),
                "the first makes the directories every import needs");
    const std::string before = Dump();
    const Result<ImportReport> report = ImportFrom(std::move(input));
    CHECK(report.status().code() == code);
    CHECK(report.status().reason() == reason);
    CHECK(Dump() == before);
  }
};

}  // namespace

TEST_SUITE("engine.streams") {
  TEST_CASE("a zip that is exported to a function comes in again by one, whatever its pieces") {
    StreamFixture fixture;
    Pieces pieces{fixture.Zip()};
    for (const std::size_t piece : {std::size_t{1} << 20, std::size_t{4096}, std::size_t{7}}) {
      CAPTURE(piece);
      pieces = Pieces{pieces.bytes, piece};
      const ImportReport report = Must(fixture.ImportFrom(pieces.Stream()));
      CHECK(report.files_received + report.files_identical == 6);
      CHECK(report.uris.size() == 1);
      CHECK(pieces.asked_after_end == 0);
    }
  }

  TEST_CASE("a single DICOM file comes in as a stream, under the name that follows from it") {
    StreamFixture fixture;
    Pieces pieces{MakeDicom(EngineFixture::Spec(7))};
    CHECK(Must(fixture.ImportFrom(pieces.Stream())).files_received == 1);
    const std::string name = StudyUid(EngineFixture::Spec(7)) + "-1-1-";
    CHECK(fixture.tree.Dump("root/prearchive").find("/SCANS/1/DICOM/" + name) != std::string::npos);
  }

  TEST_CASE("an input that fails anywhere ends the import with its code, and nothing is received") {
    StreamFixture fixture;
    const std::string zip = fixture.Zip();
    for (const std::size_t good :
         {std::size_t{0}, std::size_t{1}, zip.size() / 2, zip.size() - 1}) {
      CAPTURE(good);
      Pieces pieces{zip.substr(0, good), 999};
      const InputStream stream = pieces.Stream();
      fixture.CheckRefused(
          [&](void* buffer, std::size_t size) -> Result<std::size_t> {
            if (pieces.given < good) return stream(buffer, size);
            return Status(Code::kCancelled, "upload.aborted", "the sender is gone");
          },
          Code::kCancelled, "upload.aborted");
    }
  }

  TEST_CASE(
      "an input that throws or counts wrongly is the host's failure, and nothing is received") {
    StreamFixture fixture;
    fixture.CheckRefused(
        [](void*, std::size_t) -> Result<std::size_t> { throw std::runtime_error("boom"); },
        Code::kHandlerFailed, "input.threw");
    fixture.CheckRefused([](void*, std::size_t size) -> Result<std::size_t> { return size + 1; },
                         Code::kHandlerFailed, "input.bad-count");
  }

  TEST_CASE("an output that fails or throws ends the export, and nothing in the archive changes") {
    StreamFixture fixture;
    const std::string before = fixture.Dump();
    ExportRequest request;
    request.uri = fixture.uri;
    request.output = [](std::string_view) { return Status(Code::kIo, "peer.gone", "closed"); };
    CHECK(fixture.engine->Export(request).status().reason() == "peer.gone");
    request.output = [](std::string_view) -> Status { throw 42; };
    CHECK(fixture.engine->Export(request).status().reason() == "output.threw");
    CHECK(fixture.Dump() == before);
  }
}

}  // namespace xnatarchive
