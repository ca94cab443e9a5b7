#include "fs/lexical_path.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include "fs/directory.hpp"

namespace xnatarchive {
namespace {

bool Accepted(const std::string& path) {
  const Status status = CheckRelativePath(path);
  if (status.ok()) return true;
  CHECK(status.code() == Code::kInvalidArgument);
  CHECK(status.reason() == "fs.unsafe-path");
  return false;
}

std::string WorkingDirectory() {
  char buffer[4096];
  return getcwd(buffer, sizeof buffer);
}

}  // namespace

TEST_SUITE("fs.lexical_path") {
  TEST_CASE("ordinary relative paths are accepted, up to names of 255 bytes") {
    for (const std::string& path :
         {std::string("a"), std::string("a/b c/d.dcm"), std::string(".hidden/..."),
          std::string("..a/b.."), std::string("Zo\xC3\xAB/\xE2\x82\xAC"), std::string("a\\b"),
          std::string("%2e%2e/x"), "d/" + std::string(255, 'x') + "/e"}) {
      CAPTURE(path);
      CHECK(Accepted(path));
    }
  }

  TEST_CASE("paths that are empty, absolute, dotted, over-long, or not printable are refused") {
    for (const std::string& path : {std::string(),          std::string("/"),
                                    std::string("/a"),      std::string("a/"),
                                    std::string("a//b"),    std::string("."),
                                    std::string("./a"),     std::string("a/."),
                                    std::string(".."),      std::string("../a"),
                                    std::string("a/../b"),  std::string("a/.."),
                                    std::string("a\0b", 3), std::string("a\nb"),
                                    std::string("a\tb"),    std::string("a\x7F"),
                                    std::string("a\xFF"),   std::string("\xC0\xAF"),
                                    std::string(256, 'x'),  "d/" + std::string(256, 'x')}) {
      CAPTURE(path);
      CHECK_FALSE(Accepted(path));
    }
  }

  TEST_CASE("a refused path is shown percent-encoded when it cannot be shown as it is") {
    const Status control = CheckRelativePath("a\nb");
    CHECK_FALSE(control.ok());
    CHECK(control.path() == "a%0ab");
    const Status bytes = CheckRelativePath("a\xFF");
    CHECK_FALSE(bytes.ok());
    CHECK(bytes.path() == "a%ff");
    CHECK(PrintablePath("100% Zo\xC3\xAB") == "100% Zo\xC3\xAB");
  }

  TEST_CASE("paths split at the last slash and join again") {
    CHECK(ParentPath("a/b/c") == "a/b");
    CHECK(ParentPath("c") == "");
    CHECK(ParentPath("") == "");
    CHECK(BaseName("a/b/c") == "c");
    CHECK(BaseName("c") == "c");
    CHECK(BaseName("") == "");
    CHECK(JoinPath("a/b", "c") == "a/b/c");
    CHECK(JoinPath("", "c") == "c");
    CHECK(JoinPath("a", "") == "a");
    CHECK(JoinPath("", "") == "");
    CHECK(JoinPath("/", "a") == "/a");
  }

  TEST_CASE("root paths are made absolute and tidy, but keep '..', which only the kernel knows") {
    CHECK(AbsolutePath("/a//b/./c/") == "/a/b/c");
    CHECK(AbsolutePath("/") == "/");
    CHECK(AbsolutePath("/a/../b") == "/a/../b");
    CHECK(AbsolutePath("x/y") == JoinPath(WorkingDirectory(), "x/y"));
    CHECK(AbsolutePath("./x") == JoinPath(WorkingDirectory(), "x"));
  }

  TEST_CASE("each errno has the code a caller can act on") {
    const auto code = [](int error, const char* call) {
      return ErrnoStatus(-error, call, "p").code();
    };
    CHECK(code(ENOENT, "open") == Code::kNotFound);
    CHECK(code(ENOTDIR, "open") == Code::kNotFound);
    CHECK(code(EEXIST, "mkdir") == Code::kAlreadyExists);
    CHECK(code(ENOTEMPTY, "rmdir") == Code::kAlreadyExists);
    CHECK(code(EACCES, "open") == Code::kPermission);
    CHECK(code(EPERM, "unlink") == Code::kPermission);
    CHECK(code(EROFS, "open") == Code::kPermission);
    CHECK(code(ENOSPC, "write") == Code::kNoSpace);
    CHECK(code(EDQUOT, "write") == Code::kNoSpace);
    CHECK(code(ELOOP, "open") == Code::kInvalidArgument);
    CHECK(code(ENAMETOOLONG, "mkdir") == Code::kInvalidArgument);
    CHECK(code(EXDEV, "open") == Code::kInvalidArgument);
    CHECK(code(EXDEV, "rename") == Code::kIo);
    CHECK(code(EIO, "fsync") == Code::kIo);
    const Status status = ErrnoStatus(-ENOSPC, "write", "SCANS/1/a.dcm");
    CHECK_FALSE(status.ok());
    CHECK(status.ToString() ==
          "no_space/fs.write: write failed: No space left on device (SCANS/1/a.dcm)");
    CHECK(status.os_errno() == ENOSPC);
  }
}

}  // namespace xnatarchive
