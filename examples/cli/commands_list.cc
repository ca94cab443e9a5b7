// commands_list.cc - list, show: what the archive holds.
#include "command.hpp"
#include "to_json.hpp"

using xnatarchive::ArchiveEngine;

namespace {

ExitStatus RunList(const GlobalOptions& options, const std::string& uri) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    const auto table = engine.List(uri);
    if (!table.ok()) return output.Fail(table.status(), uri);
    output.Print(*table);
    return kExitDone;
  });
}

// The document is XML in the archive; only JSON is another form of it.
ExitStatus RunShow(const GlobalOptions& options, const std::string& uri) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    if (output.format() == Format::kJson) {
      const auto document = engine.Document(uri);
      if (!document.ok()) return output.Fail(document.status(), uri);
      output.PrintJson(ToJson(*document));
      return kExitDone;
    }
    const auto xml = engine.DocumentXml(uri);
    if (!xml.ok()) return output.Fail(xml.status(), uri);
    output.PrintBytes(*xml);
    return kExitDone;
  });
}

}  // namespace

void AddListCommands(CLI::App& app, Command* chosen) {
  auto* list = app.add_subcommand("list", "List projects, subjects, experiments, scans, files");
  auto list_uri = std::make_shared<std::string>();
  list->add_option("URI", *list_uri, "What to look below [/projects]")->type_name("");
  list->footer(
      "One level below URI, its last column the URI of the row:\n"
      "  /projects                                         projects\n"
      "  /projects/P                                       subjects\n"
      "  /projects/P/experiments                           experiments\n"
      "  /projects/P/subjects/S                            experiments of a subject\n"
      "  /projects/P/subjects/S/experiments/L              scans and session resources\n"
      "  /projects/P/subjects/S/experiments/L/scans/ID     resources\n"
      "  .../resources/LABEL                               files\n"
      "  /prearchive                                       prearchive sessions");
  list->callback([chosen, list_uri] {
    *chosen = [list_uri](const GlobalOptions& options) { return RunList(options, *list_uri); };
  });

  auto* show = app.add_subcommand("show", "Print a session document");
  auto show_uri = std::make_shared<std::string>();
  show->add_option("URI", *show_uri, "Archive or prearchive URI of a session")
      ->required()
      ->type_name("");
  show->footer("The XML as it is on disk; with --format json the same as an object.");
  show->callback([chosen, show_uri] {
    *chosen = [show_uri](const GlobalOptions& options) { return RunShow(options, *show_uri); };
  });
}
