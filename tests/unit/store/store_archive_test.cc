#include <doctest/doctest.h>

#include "unit/store/store_testing.hpp"

namespace xnatarchive {
namespace {

std::string Text(const ProjectRow& row) {
  return row.id + "|" + std::string(PrearchiveCodeName(row.prearchive_code)) + "|" +
         (row.quarantine ? "1" : "0") + "|" + row.autorun;
}
std::string Text(const SubjectRow& row) { return row.id + "|" + row.project + "|" + row.label; }
std::string Text(const ExperimentRow& row) {
  return row.id + "|" + row.project + "|" + row.label + "|" + row.subject_id + "|" + row.xsi_type +
         "|" + row.uid + "|" + row.modality + "|" + row.date + "|" +
         (row.status == ExperimentStatus::kActive ? "active" : "quarantine") + "|" + row.path +
         "|" + std::to_string(row.scan_count) + "|" + std::to_string(row.file_count) + "|" +
         std::to_string(row.bytes) + "|" + std::to_string(row.inserted_ms) + "|" +
         std::to_string(row.modified_ms);
}
std::string Text(const AuditRow& row) {
  return std::to_string(row.id) + "|" + row.operation_id + "|" + row.type + "|" +
         std::to_string(static_cast<int>(row.status)) + "|" + row.project + "|" +
         row.experiment_id + "|" + row.label + "|" + row.user + "|" + row.justification + "|" +
         std::to_string(row.started_ms) + "|" + (row.ended_ms == 0 ? "" : "ended") + "|" +
         row.reason + "|" + row.detail;
}

/// The row, the rows one per line, or how the call failed.
template <typename T>
std::string Text(const Result<std::optional<T>>& result) {
  if (!result.ok()) return Outcome(result);
  return result->has_value() ? Text(**result) : "none";
}
template <typename T>
std::string Text(const Result<std::vector<T>>& result) {
  if (!result.ok()) return Outcome(result);
  std::string text;
  for (const T& row : *result) text += Text(row) + "\n";
  return text;
}
std::string Text(const Result<std::string>& result) {
  return result.ok() ? *result : Outcome(result);
}

ExperimentRow Experiment(const std::string& id, const std::string& label) {
  ExperimentRow row;
  row.id = id;
  row.project = "P1";
  row.label = label;
  row.subject_id = "XNAT_S00001";
  row.xsi_type = "xnat:mrSessionData";
  row.uid = "1.2.3";
  row.modality = "MR";
  row.date = "2006-12-14";
  row.status = ExperimentStatus::kQuarantine;
  row.path = "P1/arc001/" + label;
  row.scan_count = 3;
  row.file_count = 27;
  row.bytes = std::int64_t{5} << 40;
  row.inserted_ms = 1'700'000'000'000;
  row.modified_ms = 1'700'000'000'001;
  return row;
}

}  // namespace

TEST_SUITE("store.archive") {
  TEST_CASE("settings are set, replaced and read; one that was never set is absent") {
    const TempTree tree;
    Store store = OpenStore(tree);
    CHECK(*store.GetSetting("site_id") == std::nullopt);
    CHECK(store.SetSetting("site_id", "O'Brien; DROP TABLE settings").ok());
    CHECK(*store.GetSetting("site_id") == "O'Brien; DROP TABLE settings");
    CHECK(store.SetSetting("site_id", "").ok());
    CHECK(OpenStore(tree).GetSetting("site_id").value() == "");
  }

  TEST_CASE("projects are added once, ignoring case, found by exact id, and listed by id") {
    const TempTree tree;
    Store store = OpenStore(tree);
    CHECK(store.AddProject({"P2", PrearchiveCode::kAutoArchiveOverwrite, true, "run '$1'"}).ok());
    CHECK(store.AddProject(Project("O'Brien")).ok());
    CHECK(store.AddProject({"P1", PrearchiveCode::kAutoArchive, false, ""}).ok());
    CHECK(Outcome(store.AddProject(Project("P1"))) == "already_exists/store.project-exists");
    CHECK(Outcome(store.AddProject(Project("p1"))) == "already_exists/store.project-exists");
    CHECK(Outcome(store.AddProject(Project("o'bRIEN"))) == "already_exists/store.project-exists");
    CHECK(Outcome(store.AddProject(Project("unassigned"))) == "invalid_argument/store.reserved-id");
    CHECK(Text(store.FindProject("O'Brien")) == "O'Brien|Manual|0|");
    CHECK(Text(store.FindProject("p1")) == "none");
    CHECK(Text(OpenStore(tree).ListProjects()) ==
          "O'Brien|Manual|0|\nP1|AutoArchive|0|\nP2|AutoArchiveOverwrite|1|run '$1'\n");
  }

  TEST_CASE("a subject is found by label ignoring case, then by id, within its project") {
    const TempTree tree;
    Store store = OpenStore(tree);
    REQUIRE(store.AddProject(Project("P1")).ok());
    REQUIRE(store.AddProject(Project("P2")).ok());
    CHECK(store.AddSubject({"XNAT_S00001", "P1", "O'Brien"}).ok());
    CHECK(store.AddSubject({"XNAT_S00002", "P1", "xnat_s00001"}).ok());
    CHECK(store.AddSubject({"XNAT_S00003", "P2", "O'Brien"}).ok());
    CHECK(Outcome(store.AddSubject({"XNAT_S00009", "P1", "o'brien"})) ==
          "already_exists/store.subject-exists");
    CHECK(Outcome(store.AddSubject({"XNAT_S00001", "P1", "other"})) ==
          "already_exists/store.subject-exists");
    CHECK(Outcome(store.AddSubject({"XNAT_S00009", "none", "x"})) == "not_found/store.no-project");

    CHECK(Text(store.FindSubject("P1", "O'BRIEN")) == "XNAT_S00001|P1|O'Brien");
    CHECK(Text(store.FindSubject("P1", "XNAT_S00001")) == "XNAT_S00002|P1|xnat_s00001");
    CHECK(Text(store.FindSubject("P1", "XNAT_S00002")) == "XNAT_S00002|P1|xnat_s00001");
    CHECK(Text(store.FindSubject("P2", "XNAT_S00002")) == "none");
    CHECK(Text(store.FindSubject("P1", "")) == "none");
    CHECK(Text(store.ListSubjects("P1")) == "XNAT_S00001|P1|O'Brien\nXNAT_S00002|P1|xnat_s00001\n");
    CHECK(store.ClearSubjects().ok());
    CHECK(Text(store.ListSubjects("P1")).empty());
  }

  TEST_CASE("an experiment is found by id, by label and by study, and comes back as it was put") {
    const TempTree tree;
    Store store = OpenStore(tree);
    REQUIRE(store.AddProject(Project("P1")).ok());
    REQUIRE(store.AddProject(Project("P2")).ok());
    const ExperimentRow one = Experiment("XNAT_E00001", "O'Brien_MR1");
    ExperimentRow two = Experiment("XNAT_E00002", "A_PET1");
    two.subject_id = "XNAT_S00002";
    ExperimentRow three = Experiment("XNAT_E00003", "A_PET1");
    three.project = "P2";
    three.uid = "9.9";
    CHECK(store.UpsertExperiment(one).ok());
    CHECK(store.UpsertExperiment(two).ok());
    CHECK(store.UpsertExperiment(three).ok());

    CHECK(Text(store.FindExperiment("XNAT_E00001")) == Text(one));
    CHECK(Text(store.FindExperiment("XNAT_E00009")) == "none");
    CHECK(Text(store.FindExperimentByLabel("P1", "O'Brien_MR1")) == Text(one));
    CHECK(Text(store.FindExperimentByLabel("P1", "o'brien_mr1")) == "none");
    CHECK(Text(store.FindExperimentByLabel("P2", "A_PET1")) == Text(three));
    CHECK(Text(store.FindExperimentsByUid("1.2.3")) == Text(one) + "\n" + Text(two) + "\n");
    CHECK(Text(store.ListExperiments("P1")) == Text(two) + "\n" + Text(one) + "\n");
    CHECK(Text(store.ListExperiments("P1", "XNAT_S00002")) == Text(two) + "\n");
    CHECK(Text(store.ListExperiments("none")).empty());
  }

  TEST_CASE("upserting replaces all but the time of insertion, and never takes another's label") {
    const TempTree tree;
    Store store = OpenStore(tree);
    REQUIRE(store.AddProject(Project("P1")).ok());
    REQUIRE(store.UpsertExperiment(Experiment("XNAT_E00001", "A")).ok());
    REQUIRE(store.UpsertExperiment(Experiment("XNAT_E00002", "B")).ok());
    ExperimentRow changed = Experiment("XNAT_E00001", "C");
    changed.status = ExperimentStatus::kActive;
    changed.inserted_ms = 5;
    changed.file_count = 28;
    CHECK(store.UpsertExperiment(changed).ok());
    changed.inserted_ms = 1'700'000'000'000;
    CHECK(Text(store.FindExperiment("XNAT_E00001")) == Text(changed));

    changed.label = "B";
    CHECK(Outcome(store.UpsertExperiment(changed)) == "already_exists/store.label-taken");
    CHECK(Outcome(store.UpsertExperiment(Experiment("XNAT_E00003", "B"))) ==
          "already_exists/store.label-taken");
    changed.project = "none";
    CHECK(Outcome(store.UpsertExperiment(changed)) == "not_found/store.no-project");
    CHECK(Text(store.FindExperimentByLabel("P1", "C")).substr(0, 11) == "XNAT_E00001");

    CHECK(store.RemoveExperiment("XNAT_E00001").ok());
    CHECK(store.RemoveExperiment("XNAT_E00001").ok());
    CHECK(Text(store.ListExperiments("P1")) == Text(Experiment("XNAT_E00002", "B")) + "\n");
    CHECK(store.ClearExperiments().ok());
    CHECK(Text(store.ListExperiments("P1")).empty());
  }

  TEST_CASE("ids count up from 1 in at least five digits, per kind, under the site's name") {
    const TempTree tree;
    Store store = OpenStore(tree);
    CHECK(Text(store.NextId(Sequence::kExperiment)) == "XNAT_E00001");
    CHECK(Text(store.NextId(Sequence::kExperiment)) == "XNAT_E00002");
    CHECK(Text(store.NextId(Sequence::kSubject)) == "XNAT_S00001");
    REQUIRE(store.SetSetting("site_id", "LAB_2").ok());
    CHECK(Text(OpenStore(tree).NextId(Sequence::kExperiment)) == "LAB_2_E00003");
    CHECK(store.RaiseSequence(Sequence::kExperiment, 99'999).ok());
    CHECK(Text(store.NextId(Sequence::kExperiment)) == "LAB_2_E100000");
    CHECK(store.RaiseSequence(Sequence::kExperiment, 12).ok());  // never lowers it
    CHECK(Text(store.NextId(Sequence::kExperiment)) == "LAB_2_E100001");
    CHECK(Text(store.NextId(Sequence::kSubject)) == "LAB_2_S00002");
  }

  TEST_CASE("when the last number is taken there is no next id, and nothing is used up by asking") {
    const TempTree tree;
    Store store = OpenStore(tree);
    REQUIRE(store.RaiseSequence(Sequence::kExperiment, 999'999'999'999'998).ok());
    CHECK(*store.HasNextId(Sequence::kExperiment));
    CHECK(Text(store.NextId(Sequence::kExperiment)) == "XNAT_E999999999999999");
    for (int i = 0; i < 2; ++i) {
      CHECK_FALSE(*store.HasNextId(Sequence::kExperiment));
      CHECK(Outcome(store.NextId(Sequence::kExperiment)) == "unsupported/store.no-number");
    }
    CHECK(*store.HasNextId(Sequence::kSubject));
  }

  TEST_CASE("the number is read back from an id of this site and kind, and from nothing else") {
    CHECK(SequenceNumber(Sequence::kExperiment, "XNAT", "XNAT_E00012") == 12);
    CHECK(SequenceNumber(Sequence::kSubject, "LAB_E", "LAB_E_S123456") == 123456);
    for (const char* id :
         {"", "XNAT_E", "XNAT_E12", "XNAT_S00012", "LAB_E00012", "XNAT_E0001x", "XNAT_E-0001",
          "XNAT_E1000000000000000", "XNAT_E99999999999999999999", "xnat_E00012"}) {
      CAPTURE(id);
      CHECK(SequenceNumber(Sequence::kExperiment, "XNAT", id) == std::nullopt);
    }
  }

  TEST_CASE("an audit record is opened, listed while it is open, and closed once") {
    const TempTree tree;
    Store store = OpenStore(tree);
    AuditRow record;
    record.id = 77;
    record.operation_id = "op-1";
    record.type = "Transferred";
    record.status = AuditStatus::kFailed;
    record.project = "P1";
    record.experiment_id = "XNAT_E00001";
    record.label = "O'Brien_MR1";
    record.user = "admin";
    record.justification = "standard upload";
    record.started_ms = 1000;
    record.ended_ms = 2000;
    const Result<std::int64_t> first = store.OpenAudit(record);
    REQUIRE(first.ok());
    CHECK(*first == 1);
    record.type = "Merged";
    record.experiment_id = "XNAT_E00002";
    const Result<std::int64_t> second = store.OpenAudit(record);
    REQUIRE(second.ok());

    const std::string tail = "|O'Brien_MR1|admin|standard upload|1000|";
    const std::string one = "1|op-1|Transferred|0|P1|XNAT_E00001" + tail;
    const std::string two = "2|op-1|Merged|0|P1|XNAT_E00002" + tail;
    CHECK(Text(store.ListOpenAudit()) == one + "||\n" + two + "||\n");

    CHECK(store.CloseAudit(*first, AuditStatus::kFailed, "disk full", "line 1\nline 2").ok());
    CHECK(store.CloseAudit(*first, AuditStatus::kFailed, "again").ok());
    CHECK(Outcome(store.CloseAudit(*first, AuditStatus::kComplete)) == "conflict/audit.closed");
    CHECK(Outcome(store.CloseAudit(99, AuditStatus::kComplete)) == "not_found/audit.not-found");
    CHECK(Text(store.ListOpenAudit()) == two + "||\n");
    CHECK(store.CloseAudit(*second, AuditStatus::kComplete).ok());
    CHECK(Text(store.ListAudit("XNAT_E00001")) ==
          "1|op-1|Transferred|2|P1|XNAT_E00001" + tail + "ended|disk full|line 1\nline 2\n");
    CHECK(Text(store.ListAudit("XNAT_E00002")) ==
          "2|op-1|Merged|1|P1|XNAT_E00002" + tail + "ended||\n");
    CHECK(Text(store.ListOpenAudit()).empty());
  }

  TEST_CASE("a record of what has ended is kept whole, and once for each operation and session") {
    const TempTree tree;
    Store store = OpenStore(tree);
    AuditRow record;
    record.operation_id = "op1";
    record.type = "Received";
    record.status = AuditStatus::kComplete;
    record.prearchive = "P1/20240101_000000/S1";
    record.origin = "cli";
    record.files = 3;
    record.bytes = 5'000'000'000;
    CHECK(store.AddAudit(record).ok());
    CHECK(store.AddAudit(record).ok());
    const auto records = store.ListPrearchiveAudit(record.prearchive).value();
    REQUIRE(records.size() == 1);
    CHECK(records[0].origin == "cli");
    CHECK(records[0].files == 3);
    CHECK(records[0].bytes == 5'000'000'000);
    CHECK(records[0].started_ms > 0);
    CHECK(records[0].ended_ms == records[0].started_ms);
    CHECK(store.ListOpenAudit().value().empty());

    record.prearchive = "P1/20240101_000000/S2";
    CHECK(store.AddAudit(record).ok());
    record.type = "Built";
    CHECK(store.AddAudit(record).ok());
    record.operation_id = "";
    CHECK(store.AddAudit(record).ok());
    CHECK(store.AddAudit(record).ok());
    CHECK(store.ListPrearchiveAudit(record.prearchive).value().size() == 4);
  }

  TEST_CASE("the records of an experiment include those of what went into it, and no others") {
    const TempTree tree;
    Store store = OpenStore(tree);
    const auto add = [&](const char* type, const char* project, const char* prearchive,
                         const char* experiment) {
      AuditRow record;
      record.type = type;
      record.status = AuditStatus::kComplete;
      record.project = project;
      record.prearchive = prearchive;
      record.experiment_id = experiment;
      REQUIRE(store.AddAudit(record).ok());
    };
    add("Received", "", "Unassigned/1/A", "");
    add("Received", "P1", "P1/2/B", "");
    add("Received", "P1", "P1/3/C", "");
    add("Transferred", "P1", "Unassigned/1/A", "E1");
    add("Merged", "P1", "P1/2/B", "E1");
    add("AutoRun", "P1", "", "E1");
    add("AutoRun", "P2", "", "E2");
    const auto types = [](const Result<std::vector<AuditRow>>& records) {
      std::string text;
      for (const AuditRow& record : records.value()) text += record.type + " ";
      return text;
    };
    CHECK(types(store.ListSessionAudit("E1")) == "Received Received Transferred Merged AutoRun ");
    CHECK(types(store.ListSessionAudit("E2")) == "AutoRun ");
    CHECK(types(store.ListProjectAudit("P1")) == "Received Received Transferred Merged AutoRun ");
    CHECK(types(store.ListProjectAudit("")) == "Received ");
    CHECK(store.ListProjectAudit(std::nullopt).value().size() == 7);
    CHECK(PrearchivePlace({"", "20240101_000000", "S"}) == "Unassigned/20240101_000000/S");
  }
}

}  // namespace xnatarchive
