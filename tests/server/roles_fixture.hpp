// roles_fixture.hpp - an archive in which something is there for every route, and users of every
// role.
#ifndef XNATARCHIVE_TESTS_SERVER_ROLES_FIXTURE_HPP_
#define XNATARCHIVE_TESTS_SERVER_ROLES_FIXTURE_HPP_

#include <map>
#include <string>

#include "server_fixture.hpp"

namespace server {

/// Name and roles, as in a users file.
inline const std::map<std::string, std::string>& Roles() {
  static const std::map<std::string, std::string> roles = {
      {"reader", "DEMO:read"},
      {"editor", "DEMO:edit"},
      {"deleter", "DEMO:delete"},
      {"owner", "DEMO:admin"},
      {"stranger", "OTHER:admin"},
      {"sorter", "Unassigned:delete"},
      {"peeker", "Unassigned:read"},
      {"auditor", "*:read"},
      {"admin", "*:admin"},
      {"nothing", ""},
      {"mover", "DEMO:delete OTHER:edit"},
      {"keeper", "DEMO:edit Unassigned:delete"},
  };
  return roles;
}

inline std::string UsersText() {
  std::string text;
  for (const auto& [name, roles] : Roles()) text += UserLine(name, roles);
  return text;
}

inline std::string Cell(const xnatarchive::Table& table, const std::string& column) {
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i] == column) return table.rows.at(0).at(i);
  }
  return "no column " + column;
}

/// An archived session S1 of DEMO, of which a merge has replaced files; a waiting one, S2; one that
/// is in no project; a job of the project.
struct Archive : ServerFixture {
  std::string experiment_id;
  std::string subject_id;
  std::string record;
  std::string file;
  std::string job;
  std::string waiting;     ///< "/prearchive/projects/DEMO/TS/S2"
  std::string unassigned;  ///< "/prearchive/projects/Unassigned/TS/S3"

  Archive() : ServerFixture(UsersText()) {
    xnatarchive::CallOptions call;
    call.user = "admin";
    xnatarchive::Project other;
    other.id = "OTHER";
    Must(engine->AddProject(other, call));
    xnatarchive::ArchiveRequest request;
    request.src = Received("study1", 1, "DEMO", call);
    experiment_id = Must(engine->Archive(request, call)).experiment_id;
    xnatarchive::DicomSpec changed = Spec(1);
    changed.series = changed.instance = 1;
    changed.values[0x00081030] = "another description";
    tree.Write("in/again/1.dcm", MakeDicom(changed));
    request.src = Imported("again", "DEMO", call);
    request.overwrite = xnatarchive::Overwrite::kDelete;
    Must(engine->Archive(request, call));
    record = Must(engine->History({}, call)).at(0).id;
    subject_id = Cell(Must(engine->List("/projects/DEMO", call)), "ID");
    waiting = Received("study2", 2, "DEMO", call).substr(5);
    unassigned = Received("study3", 3, "", call).substr(5);
    Must(engine->Build("/data" + waiting, call));
    Must(engine->Build("/data" + unassigned, call));
    file = Cell(Must(engine->List(waiting + "/scans/1/resources/DICOM", call)), "Name");
    request.src = "/data" + waiting;
    job = Must(engine->Submit({request}, call));
  }

  std::string Imported(const std::string& folder, const std::string& project,
                       const xnatarchive::CallOptions& call) {
    xnatarchive::ImportRequest request;
    request.path = tree.path() + "/in/" + folder;
    if (!project.empty()) request.parameters["project"] = project;
    return Must(engine->Import(request, call)).uris.at(0);
  }
  std::string Received(const std::string& folder, int study, const std::string& project,
                       const xnatarchive::CallOptions& call) {
    WriteStudy(folder, study);
    return Imported(folder, project, call);
  }

  /// What a pattern's value is in this archive.
  std::string ValueOf(const std::string& name, const std::string& pattern, const std::string& user,
                      const std::string& session) const {
    const bool in_project = pattern.find("{project}") != std::string::npos;
    const std::string folder = session.substr(session.rfind('/') + 1);
    const std::string rest = session.substr(0, session.rfind('/'));
    const bool is_waiting = pattern.find("{folder}") != std::string::npos;
    if (name == "folder") return folder;
    if (name == "timestamp") return rest.substr(rest.rfind('/') + 1);
    if (name == "project") {
      return is_waiting && session == unassigned ? "Unassigned" : "DEMO";
    }
    const std::map<std::string, std::string> values = {
        {"projects", "DEMO"},
        {"subject", in_project ? "Test_Subject1" : subject_id},
        {"experiment", in_project ? "S1" : experiment_id},
        {"scan", "1"},
        {"resource", "DICOM"},
        {"file...", file},
        {"log", "last"},
        {"code", "0"},
        {"job", job},
        {"record", record},
        {"user", user},
        {"id", "0123"},
        {"operations", "Append"},
        {"page...", "nothing"}};
    return values.at(name);
  }

  std::string Fill(const std::string& pattern, const std::string& user,
                   const std::string& session) const {
    std::string path = pattern;
    for (std::size_t open = path.find('{'); open != std::string::npos; open = path.find('{')) {
      const std::size_t close = path.find('}', open);
      const std::string name = path.substr(open + 1, close - open - 1);
      path.replace(open, close + 1 - open, ValueOf(name, pattern, user, session));
    }
    return path;
  }
};

}  // namespace server

#endif  // XNATARCHIVE_TESTS_SERVER_ROLES_FIXTURE_HPP_
