// What restoring a history record does to a session that was changed meanwhile.
#include <doctest/doctest.h>

#include "unit/engine/check_catalogs.hpp"
#include "unit/engine/merge_fixture.hpp"

namespace xnatarchive {
namespace {

struct HistoryFixture : MergeFixture {
  /// The only record there is.
  std::string Record() const {
    const std::vector<HistoryEntry> history = Must(engine->History());
    REQUIRE(history.size() == 1);
    return history[0].id;
  }

  void Restore() { CHECK(Must(engine->RestoreHistory(Record())).merged); }
};

}  // namespace

TEST_SUITE("engine.history") {
  TEST_CASE("a record is not put into another session that has its session's label now") {
    HistoryFixture fixture;
    DicomSpec object = MergeFixture::Object(1, 1);
    object.values[0x00100010] = "SAME";  // PatientName: the subject
    fixture.Merge({object}, Overwrite::kNone);
    fixture.Merge({MergeFixture::Changed(object)}, Overwrite::kDelete);
    fixture.tree.Remove("root/archive/DEMO/arc001/S1");
    Must(fixture.engine->Reindex());
    DicomSpec other = object;
    other.study = 2;
    fixture.Merge({other}, Overwrite::kNone);
    const std::string before = fixture.tree.Dump("root/archive");
    const std::size_t audits = Must(fixture.engine->Audit()).rows.size();
    const Status refused = fixture.engine->RestoreHistory(fixture.Record()).status();
    CHECK(refused.code() == Code::kConflict);
    CHECK(refused.reason() == "history.other-session");
    CHECK(fixture.tree.Dump("root/archive") == before);
    CHECK(Must(fixture.engine->Audit()).rows.size() == audits);
  }
}

}  // namespace xnatarchive
