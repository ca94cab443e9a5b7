#include "fault/merge_scenarios.hpp"

#include <cerrno>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "unit/archive/merge_fixture.hpp"

namespace xnatarchive {
namespace {

TestFile Dicom(const std::string& path, const std::string& uid, const std::string& bytes) {
  return {path, "2.25." + uid, bytes};
}

/// One scan "1" with two files, and a resource of the session.
TestSession Archived() {
  TestSession session;
  session.scans = {{"1", "A"}};
  session.resources = {{"1", "DICOM", {Dicom("a", "1", "old a"), Dicom("b", "2", "old b")}},
                       {"", "NOTES", {{"n.txt", "", "note"}}}};
  return session;
}

/// One scan with files, and a log beside it.
TestSession Upload(const TestScan& scan, std::vector<TestFile> files) {
  TestSession session;
  session.scans = {scan};
  session.resources = {{scan.id, "DICOM", std::move(files)}};
  session.others = {{"logs/2.log", "", "received"}};
  return session;
}

Scenario MergeOf(std::string name, TestSession incoming, const MergeOptions& options) {
  Scenario scenario;
  scenario.name = std::move(name) + (options.one_file_system ? "" : ", by copy");
  scenario.prepare = [incoming = std::move(incoming)](TestTrees& disk) {
    const Trees trees = OpenTrees(disk.disk.path());
    ArchiveBefore(trees, Archived());
    WriteIncoming(trees, incoming);
  };
  scenario.run = [options](const Trees& trees, const Acknowledge& acknowledge) -> Status {
    XNA_ASSIGN_OR_RETURN(const ArchiveOutcome outcome,
                         MergeTestSession(trees, acknowledge, options));
    return outcome.clean_up;
  };
  scenario.recover = Recover;
  return scenario;
}

/// New files for a scan, in a new directory, too; one that is archived already, and an odd name.
TestSession More() {
  return Upload({"1", "A"}, {Dicom("c", "3", "new"),
                             Dicom("sub/d", "4", "new"),
                             Dicom("a", "1", "old a"),
                             {"odd\x01\xe9", "", "odd", false}});
}

/// A disk with files of somebody else's, which nobody may link: all but catalogs and documents.
class ForeignFiles : public ForwardingFileSystem {
 public:
  ForeignFiles() : ForwardingFileSystem(PosixFileSystem()) {}
  int Link(int from_dirfd, const char* from, int to_dirfd, const char* to) noexcept override {
    return EndsWith(from, ".xml") ? ForwardingFileSystem::Link(from_dirfd, from, to_dirfd, to)
                                  : -EPERM;
  }
};

Scenario OfForeignFiles(Scenario scenario) {
  static ForeignFiles foreign_files;
  scenario.name += ", of somebody else's files";
  scenario.file_system = &foreign_files;
  return scenario;
}

}  // namespace

std::vector<Scenario> MergeScenarios() {
  TestSession again = Archived();
  again.others = {{"logs/2.log", "", "received"}};
  std::vector<Scenario> scenarios;
  for (const bool one_file_system : {true, false}) {
    const MergeOptions append = MergeWith(Overwrite::kAppend, one_file_system);
    const MergeOptions replace = MergeWith(Overwrite::kDelete, one_file_system);
    scenarios.push_back(
        MergeOf("append a scan", Upload({"2", "B"}, {Dicom("a", "1", "x")}), append));
    scenarios.push_back(MergeOf("append to a scan", More(), append));
    scenarios.push_back(OfForeignFiles(scenarios.back()));
    scenarios.push_back(
        MergeOf("replace", Upload({"1", "A"}, {Dicom("a", "1", "new a"), Dicom("c", "3", "new")}),
                replace));
    scenarios.push_back(
        MergeOf("replace a whole resource",
                Upload({"1", "A"}, {Dicom("a", "1", "new a"), Dicom("b", "2", "new b")}), replace));
    scenarios.push_back(MergeOf("replace by another name",
                                Upload({"1", "A"}, {Dicom("z", "1", "new a")}), replace));
    scenarios.push_back(
        MergeOf("rename a scan", Upload({"1", "B"}, {Dicom("a", "5", "new")}), append));
    scenarios.push_back(MergeOf("send again", again, append));
  }
  return scenarios;
}

}  // namespace xnatarchive
