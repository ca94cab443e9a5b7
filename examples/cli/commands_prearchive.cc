// commands_prearchive.cc - prearchive list, show, build, move, set-status, delete, log;
// commit-idle is elsewhere.
#include <ctime>
#include <optional>

#include "command.hpp"
#include "to_json.hpp"

using xnatarchive::ArchiveEngine;
using xnatarchive::PrearchiveSession;
using xnatarchive::PrearchiveState;
using xnatarchive::SessionDocument;
using xnatarchive::Status;
using xnatarchive::Table;

namespace {

// XNAT's tables show local time as "yyyy-MM-dd HH:mm:ss.S": at least one digit of the fraction, no
// zeros at its end.
std::string TimeText(std::int64_t ms) {
  const std::time_t seconds = static_cast<std::time_t>(ms / 1000);
  std::tm local{};
  localtime_r(&seconds, &local);
  char text[40];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local);
  std::string fraction = std::to_string(1000 + ms % 1000).substr(1);
  while (fraction.size() > 1 && fraction.back() == '0') fraction.pop_back();
  return std::string(text) + "." + fraction;
}

std::string ProjectText(const PrearchiveSession& session) {
  return session.project.empty() ? std::string(xnatarchive::kUnassigned) : session.project;
}

std::string UriOf(const PrearchiveSession& session) {
  return "/prearchive/projects/" + ProjectText(session) + "/" + session.timestamp + "/" +
         session.folder;
}

// For people: what they look for first, under plain names.
Table ShortTable(const std::vector<PrearchiveSession>& sessions) {
  Table table{{"project", "timestamp", "folder", "label", "subject", "status", "uploaded", "url"},
              {}};
  for (const PrearchiveSession& s : sessions) {
    table.rows.push_back({ProjectText(s), s.timestamp, s.folder, s.label, s.subject,
                          std::string(PrearchiveStateName(s.state)), TimeText(s.uploaded_ms),
                          UriOf(s)});
  }
  return table;
}

// For programs: XNAT's columns in XNAT's order.
Table FullTable(const std::vector<PrearchiveSession>& sessions) {
  Table table{{"project", "timestamp", "lastmod", "uploaded", "scan_date", "scan_time", "subject",
               "folderName", "name", "tag", "status", "url", "autoarchive", "prevent_anon",
               "prevent_auto_commit", "SOURCE", "VISIT", "PROTOCOL", "TIMEZONE"},
              {}};
  for (const PrearchiveSession& s : sessions) {
    table.rows.push_back(
        {ProjectText(s), s.timestamp, TimeText(s.last_modified_ms), TimeText(s.uploaded_ms),
         s.scan_date, s.scan_time, s.subject, s.folder, s.label, s.study_uid,
         std::string(PrearchiveStateName(s.state)), UriOf(s),
         s.auto_archive ? std::string(PrearchiveCodeName(*s.auto_archive)) : std::string(),
         s.prevent_anon ? "true" : "false", s.prevent_auto_commit ? "true" : "false", s.source,
         s.visit, s.protocol, s.time_zone});
  }
  return table;
}

Table SessionTable(Format format, const std::vector<PrearchiveSession>& sessions) {
  return format == Format::kTable ? ShortTable(sessions) : FullTable(sessions);
}

Table ScanTable(const SessionDocument& document) {
  Table table{{"scan", "xsi_type", "type", "series_description", "resources"}, {}};
  for (const auto& scan : document.scans) {
    std::string labels;
    for (const auto& resource : scan.resources) {
      labels += (labels.empty() ? "" : " ") + resource.label;
    }
    table.rows.push_back(
        {scan.id, scan.xsi_type, scan.type, scan.Get("series_description"), labels});
  }
  return table;
}

ExitStatus RunPrearchiveList(const GlobalOptions& options, const std::string& project) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    const auto sessions = engine.PrearchiveSessions(project);
    if (!sessions.ok()) return output.Fail(sessions.status(), project);
    output.Print(SessionTable(output.format(), *sessions));
    return kExitDone;
  });
}

// The row, and the scans of its document. A session that was not built yet has no document, which
// its status says; any other reason for not having one is a failure.
ExitStatus RunPrearchiveShow(const GlobalOptions& options, const std::string& src) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    const auto session = engine.FindPrearchiveSession(src);
    if (!session.ok()) return output.Fail(session.status(), src);
    const auto document = engine.Document(src);
    const Table row = SessionTable(output.format(), {*session});
    const Table scans = document.ok() ? ScanTable(*document) : ScanTable({});
    if (output.format() == Format::kJson) {
      Json json = TableToJson(row)["ResultSet"]["Result"][0];
      json["scans"] = TableToJson(scans)["ResultSet"]["Result"];
      output.PrintJson(json);
    } else {
      output.Print(row);
      output.PrintBytes(output.format() == Format::kCsv ? "\r\n" : "\n");
      output.Print(scans);
    }
    const bool not_built = document.status().code() == xnatarchive::Code::kNotFound;
    return document.ok() || not_built ? kExitDone : output.Fail(document.status(), src);
  });
}

ExitStatus PrintUri(const Output& output, const std::string& uri) {
  if (output.format() == Format::kJson) {
    output.PrintJson({{"uri", uri}});
  } else {
    output.Line(uri);
  }
  return kExitDone;
}

ExitStatus RunBuild(const GlobalOptions& options, const std::string& src) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    const Status status = [&] {
      const Call call(options);
      return engine.Build(src, call.options());
    }();
    return status.ok() ? PrintUri(output, src) : output.Fail(status, src);
  });
}

ExitStatus RunDelete(const GlobalOptions& options, const std::string& src) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    const Status status = [&] {
      const Call call(options);
      return engine.DeletePrearchiveSession(src, call.options());
    }();
    return status.ok() ? PrintUri(output, src) : output.Fail(status, src);
  });
}

ExitStatus RunLog(const GlobalOptions& options, const std::string& src) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    const auto log = engine.PrearchiveLog(src);
    if (!log.ok()) return output.Fail(log.status(), src);
    if (output.format() == Format::kTable) {
      for (const std::string& line : *log) output.Line(line);
      return kExitDone;
    }
    Table table{{"entry"}, {}};
    for (const std::string& line : *log) table.rows.push_back({line});
    output.Print(table);
    return kExitDone;
  });
}

ExitStatus RunMove(const GlobalOptions& options, const std::string& src,
                   const std::string& project) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    const auto moved = [&] {
      const Call call(options);
      return engine.MovePrearchiveSession(src, project, call.options());
    }();
    return moved.ok() ? PrintUri(output, *moved) : output.Fail(moved.status(), src);
  });
}

// Without a status: what the files say.
ExitStatus RunSetStatus(const GlobalOptions& options, const std::string& src,
                        const std::string& status) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    std::optional<PrearchiveState> wanted;
    if (!status.empty()) wanted = xnatarchive::ParsePrearchiveState(status);
    const auto row = [&] {
      const Call call(options);
      return engine.SetPrearchiveState(src, wanted, call.options());
    }();
    if (!row.ok()) return output.Fail(row.status(), src);
    output.Print(SessionTable(output.format(), {*row}));
    return kExitDone;
  });
}

using SessionCommand = ExitStatus (*)(const GlobalOptions&, const std::string&);

void AddSessionCommand(CLI::App& prearchive, const char* name, const char* description,
                       SessionCommand run, Command* chosen) {
  auto* command = prearchive.add_subcommand(name, description);
  auto src = std::make_shared<std::string>();
  command->add_option("SRC", *src, "/prearchive/projects/PROJECT/TIMESTAMP/FOLDER")
      ->required()
      ->type_name("");
  command->callback([chosen, run, src] {
    *chosen = [run, src](const GlobalOptions& options) { return run(options, *src); };
  });
}

void AddMoveCommand(CLI::App& prearchive, Command* chosen) {
  auto* command = prearchive.add_subcommand("move", "Move a session to another project");
  auto src = std::make_shared<std::string>();
  auto project = std::make_shared<std::string>();
  command->add_option("SRC", *src, "/prearchive/projects/PROJECT/TIMESTAMP/FOLDER")
      ->required()
      ->type_name("");
  command->add_option("PROJECT", *project, "Where it goes")->required()->type_name("");
  command->footer(
      "Also out of Unassigned. No file is copied. Prints the session's new URI.\n"
      "Examples:\n"
      "  xnatarchive prearchive move /prearchive/projects/Unassigned/20240318_150212847/S1 "
      "BRAINDEV");
  command->callback([chosen, src, project] {
    *chosen = [src, project](const GlobalOptions& options) {
      return RunMove(options, *src, *project);
    };
  });
}

void AddSetStatusCommand(CLI::App& prearchive, Command* chosen) {
  auto* command = prearchive.add_subcommand(
      "set-status", "Set a session's state, or find it out from its files again");
  auto src = std::make_shared<std::string>();
  auto status = std::make_shared<std::string>();
  command->add_option("SRC", *src, "/prearchive/projects/PROJECT/TIMESTAMP/FOLDER")
      ->required()
      ->type_name("");
  command->add_option("STATUS", *status, "READY, RECEIVING, CONFLICT or ERROR [what the files say]")
      ->check(CLI::IsMember({"READY", "RECEIVING", "CONFLICT", "ERROR"}).description(""))
      ->type_name("");
  command->callback([chosen, src, status] {
    *chosen = [src, status](const GlobalOptions& options) {
      return RunSetStatus(options, *src, *status);
    };
  });
}

}  // namespace

void AddPrearchiveCommands(CLI::App& app, Command* chosen) {
  auto* prearchive = app.add_subcommand("prearchive", "Sessions that wait to be archived");
  prearchive->require_subcommand(1);
  auto* list = prearchive->add_subcommand("list", "List the sessions, newest first");
  auto project = std::make_shared<std::string>();
  list->add_option("--project", *project, "Only this project's; Unassigned: those without one")
      ->type_name("P");
  list->callback([chosen, project] {
    *chosen = [project](const GlobalOptions& options) {
      return RunPrearchiveList(options, *project);
    };
  });
  AddSessionCommand(*prearchive, "show", "Show one session and its scans", RunPrearchiveShow,
                    chosen);
  AddSessionCommand(*prearchive, "build",
                    "Make the session document and the catalogs from the DICOM headers", RunBuild,
                    chosen);
  AddCommitIdleCommand(*prearchive, chosen);
  AddMoveCommand(*prearchive, chosen);
  AddSetStatusCommand(*prearchive, chosen);
  AddSessionCommand(*prearchive, "delete", "Remove a session and its files for good", RunDelete,
                    chosen);
  AddSessionCommand(*prearchive, "log", "Show what happened to a session, oldest first", RunLog,
                    chosen);
}
