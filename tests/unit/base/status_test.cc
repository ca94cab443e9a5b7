#include "xnatarchive/status.hpp"

#include <doctest/doctest.h>

#include "base/status_macros.hpp"

namespace xnatarchive {
namespace {

Status Fail() { return Status(Code::kConflict, "merge.file-differs", "bytes differ"); }
Result<int> FailWithValue() { return Fail(); }
Status PassUp() {
  XNA_ASSIGN_OR_RETURN(const int value, FailWithValue());
  (void)value;
  return Status();
}

}  // namespace

TEST_SUITE("base.status") {
  TEST_CASE("a failure keeps all it was told; the innermost path wins; disk state only worsens") {
    const Status status = Fail()
                              .WithPath("SCANS/1/a.dcm")
                              .WithPath("SCANS")
                              .WithErrno(5)
                              .WithDiskState(DiskState::kRecoveryPending)
                              .WithDiskState(DiskState::kRolledBack)
                              .WithContext("archive");
    CHECK_FALSE(status.ok());
    CHECK(status.code() == Code::kConflict);
    CHECK(status.reason() == "merge.file-differs");
    CHECK(status.message() == "archive: bytes differ");
    CHECK(status.path() == "SCANS/1/a.dcm");
    CHECK(status.os_errno() == 5);
    CHECK(status.disk_state() == DiskState::kRecoveryPending);
    CHECK(status.ToString() ==
          "conflict/merge.file-differs: archive: bytes differ (SCANS/1/a.dcm)");
  }

  TEST_CASE("the macros pass a failure up unchanged") {
    const Status status = PassUp();
    CHECK_FALSE(status.ok());
    CHECK(status.reason() == "merge.file-differs");
  }

  TEST_CASE("copies and moves are independent values") {
    Status a = Fail();
    Status b = a;
    const Status c = std::move(a);
    CHECK_FALSE(b.ok());
    CHECK_FALSE(c.ok());
    b = Status();
    CHECK(b.ok());
  }
}

}  // namespace xnatarchive
