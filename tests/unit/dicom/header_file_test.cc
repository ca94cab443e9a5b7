#include <doctest/doctest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "dicom/header.hpp"
#include "support/dicom_generator.hpp"
#include "support/temp_tree.hpp"

namespace xnatarchive {
namespace {

/// Counts what is read, and fails the Nth read.
class ReadCounter : public ForwardingFileSystem {
 public:
  ReadCounter() : ForwardingFileSystem(PosixFileSystem()) {}
  std::int64_t PRead(int fd, void* buffer, std::size_t size,
                     std::uint64_t offset) noexcept override {
    if (++reads_ == fail_at_) return -EIO;
    const std::int64_t got = ForwardingFileSystem::PRead(fd, buffer, size, offset);
    if (got > 0) bytes_ += got;
    return got;
  }
  std::int64_t reads_ = 0;
  std::int64_t bytes_ = 0;
  std::int64_t fail_at_ = -1;
};

std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

TEST_SUITE("dicom.header_file") {
  TEST_CASE("a file reads as its bytes do, in every syntax") {
    TempTree tree;
    for (const char* syntax : {"implicit", "explicit", "big-endian", "deflated", "rle", "jpeg"}) {
      CAPTURE(syntax);
      DicomSpec spec;
      spec.transfer_syntax = syntax;
      spec.rows = 256;
      spec.columns = 256;
      const std::string bytes = MakeDicom(spec);
      tree.Write("a.dcm", bytes);
      const Result<DicomHeader> from_file = ReadHeader(tree.dir(), "a.dcm");
      const Result<DicomHeader> from_memory = ReadHeader(bytes, Completeness::kWholeFile);
      REQUIRE(from_file.ok());
      REQUIRE(from_memory.ok());
      CHECK(*from_file == *from_memory);
      CHECK(from_file->least_file_size() == from_memory->least_file_size());
    }
  }

  TEST_CASE("the identity of an object is what its header says, in every syntax") {
    TempTree tree;
    for (const char* syntax : {"implicit", "explicit", "big-endian", "deflated", "rle", "jpeg"}) {
      CAPTURE(syntax);
      DicomSpec spec;
      spec.transfer_syntax = syntax;
      tree.Write("a.dcm", MakeDicom(spec));
      const Result<DicomHeader> header = ReadHeader(tree.dir(), "a.dcm");
      const Result<DicomIdentity> identity = ReadIdentity(tree.dir(), "a.dcm");
      REQUIRE(header.ok());
      REQUIRE(identity.ok());
      CHECK(identity->uid == header->Get(kTagSOPInstanceUID));
      REQUIRE(identity->instance_number);
      CHECK(std::to_string(*identity->instance_number) == header->Get(kTagInstanceNumber));
    }
  }

  TEST_CASE("an object that is cut behind its instance number has its identity, others have none") {
    TempTree tree;
    const std::string bytes = MakeDicom(DicomSpec());
    tree.Write("whole.dcm", bytes);
    tree.Write("no-pixels.dcm", bytes.substr(0, bytes.size() - 10));
    tree.Write("meta-only.dcm", bytes.substr(0, 200));
    tree.Write("text.dcm", "a text");
    tree.Write("empty.dcm", "");
    const Result<DicomIdentity> whole = ReadIdentity(tree.dir(), "whole.dcm");
    const Result<DicomIdentity> cut = ReadIdentity(tree.dir(), "no-pixels.dcm");
    REQUIRE(whole.ok());
    REQUIRE(cut.ok());
    CHECK(cut->uid == whole->uid);
    CHECK(ReadHeader(tree.dir(), "no-pixels.dcm").status().reason() == "dicom.truncated");
    CHECK(ReadIdentity(tree.dir(), "meta-only.dcm").status().reason() == "dicom.truncated");
    CHECK(ReadIdentity(tree.dir(), "text.dcm").status().reason() == "dicom.not-dicom");
    CHECK(ReadIdentity(tree.dir(), "empty.dcm").status().reason() == "dicom.truncated");
    const Status gone = ReadIdentity(tree.dir(), "gone.dcm").status();
    CHECK(gone.code() == Code::kNotFound);
    CHECK(gone.path() == "gone.dcm");
  }

  TEST_CASE("neither pixels nor long private elements are read") {
    ReadCounter counter;
    TempTree tree(counter);
    DicomSpec spec;
    spec.rows = 2048;
    spec.columns = 1024;
    spec.private_bytes = 1'000'000;
    tree.Write("big.dcm", MakeDicom(spec));
    const Result<DicomHeader> header = ReadHeader(tree.dir(), "big.dcm");
    REQUIRE(header.ok());
    CHECK(header->Get(kTagColumns) == "1024");
    CHECK(header->Get(kTagRequestedProcedureDescription) == "RESEARCH");
    CHECK(counter.reads_ <= 2);
    CHECK(counter.bytes_ <= 2 * 65536);
  }

  TEST_CASE("encapsulated pixels are checked by their fragment headers alone") {
    ReadCounter counter;
    TempTree tree(counter);
    DicomSpec spec;
    spec.transfer_syntax = "jpeg";
    spec.rows = 1024;
    spec.columns = 1024;
    const std::string bytes = MakeDicom(spec);
    tree.Write("whole.dcm", bytes);
    tree.Write("cut.dcm", bytes.substr(0, bytes.size() - 5));
    CHECK(ReadHeader(tree.dir(), "whole.dcm").ok());
    CHECK(counter.bytes_ <= 65536 + 64);
    CHECK(ReadHeader(tree.dir(), "cut.dcm").status().reason() == "dicom.truncated");
  }

  TEST_CASE("failures carry the path; those of the disk are passed on") {
    ReadCounter counter;
    TempTree tree(counter);
    tree.Write("d/empty.dcm", "");
    tree.Write("d/good.dcm", MakeDicom({}));
    const Result<DicomHeader> empty = ReadHeader(tree.dir(), "d/empty.dcm");
    CHECK(empty.status().reason() == "dicom.truncated");
    CHECK(empty.status().path() == "d/empty.dcm");
    const Result<DicomHeader> none = ReadHeader(tree.dir(), "d/none.dcm");
    CHECK(none.status().code() == Code::kNotFound);
    CHECK(none.status().path() == "d/none.dcm");
    const Result<DicomHeader> directory = ReadHeader(tree.dir(), "d");
    CHECK_FALSE(directory.ok());

    counter.reads_ = 0;
    counter.fail_at_ = 1;
    const Result<DicomHeader> failed = ReadHeader(tree.dir(), "d/good.dcm");
    CHECK(failed.status().code() == Code::kIo);
    CHECK(failed.status().os_errno() == EIO);
    CHECK(failed.status().path() == "d/good.dcm");
  }

  TEST_CASE("a disk that fails at any read gives its own error, never a wrong header") {
    ReadCounter counter;
    TempTree tree(counter);
    DicomSpec spec;
    spec.private_bytes = 200'000;
    spec.transfer_syntax = "jpeg";
    spec.rows = 512;
    spec.columns = 512;
    tree.Write("a.dcm", MakeDicom(spec));
    for (std::int64_t n = 1; n < 20; ++n) {
      counter.reads_ = 0;
      counter.fail_at_ = n;
      const Result<DicomHeader> header = ReadHeader(tree.dir(), "a.dcm");
      if (header.ok()) {
        CHECK(n > 3);
        CHECK(counter.reads_ < n);
        return;
      }
      CHECK(header.status().code() == Code::kIo);
    }
    FAIL("never succeeded");
  }

  TEST_CASE("the files of python3-pydicom parse or have a clear error") {
    const std::filesystem::path root = "/usr/lib/python3/dist-packages/pydicom/data";
    if (!std::filesystem::exists("/var/lib/dpkg/info/python3-pydicom.list")) {
      MESSAGE("skipped: python3-pydicom is not installed");
      return;
    }
    REQUIRE(std::filesystem::exists(root));
    int parsed = 0;
    int refused = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (!entry.is_regular_file()) continue;
      CAPTURE(entry.path().string());
      const Result<DicomHeader> header =
          ReadHeader(ReadAll(entry.path()), Completeness::kWholeFile);
      if (header.ok()) {
        ++parsed;
        continue;
      }
      ++refused;
      CHECK(header.status().code() == Code::kCorruption);
      CHECK(header.status().reason() != "dicom.bad-header");
      CHECK(header.status().reason() != "dicom.too-complex");
    }
    CHECK(parsed >= 100);
    CHECK(refused >= 5);

    const auto reason = [&](const char* name) {
      const Result<DicomHeader> header =
          ReadHeader(ReadAll(root / "test_files" / name), Completeness::kWholeFile);
      return header.ok() ? std::string("ok") : std::string(header.status().reason());
    };
    CHECK(reason("MR_small.dcm") == "ok");
    CHECK(reason("MR_truncated.dcm") == "dicom.truncated");
    CHECK(reason("rtplan_truncated.dcm") == "dicom.truncated");
    CHECK(reason("zipMR.gz") == "dicom.not-dicom");
    CHECK(reason("dicomdirtests/DICOMDIR") == "dicom.dicomdir");
  }
}

}  // namespace xnatarchive
