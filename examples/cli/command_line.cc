#include "command_line.hpp"

#include <map>
#include <string>

#include "xnatarchive/version.hpp"

namespace {

constexpr const char* kDescription =
    "xnatarchive - receives imaging sessions into a prearchive and archives them, as XNAT does\n";

constexpr const char* kFooter =
    "A first session, from DICOM to archive:\n"
    "  xnatarchive init\n"
    "  xnatarchive project add BRAINDEV\n"
    "  xnatarchive import --project BRAINDEV study.zip   prints /data/prearchive/projects/...\n"
    "  xnatarchive archive /data/prearchive/projects/BRAINDEV/20240318_150212847/BD0017_MR1\n"
    "  xnatarchive list /projects/BRAINDEV/experiments\n"
    "\n"
    "Results are on stdout; errors, notes and the progress bar are on stderr.\n";

// "Exit status: 0 done, 1 failed, ..." on as many lines as it takes.
std::string ExitStatusLines() {
  const std::string indent = "             ";
  std::string text, line = "Exit status:";
  int status = 0;
  for (const char* meaning : kExitStatusMeanings) {
    const bool last = status == kExitNotPermitted;
    const std::string item = std::to_string(status++) + " " + meaning + (last ? "." : ",");
    if (line.size() + 1 + item.size() > 96) {
      text += line + "\n";
      line = indent.substr(1);
    }
    line += " " + item;
  }
  return text + line + "\n";
}

std::map<std::string, Format> Formats() {
  return {{"table", Format::kTable}, {"json", Format::kJson}, {"csv", Format::kCsv}};
}

void AddGlobalOptions(CLI::App& app, GlobalOptions* options) {
  app.add_option("--root", options->root, "Directory of prearchive, archive and store")
      ->type_name("DIR")
      ->envname("XNATARCHIVE_ROOT")
      ->capture_default_str();
  app.add_option("--store", options->store, "Store [sqlite3://ROOT/store.sqlite3]")
      ->type_name("URL");
  app.add_option("--user", options->user, "Name for catalogs and the audit trail [login name]")
      ->type_name("NAME");
  app.add_option_function<std::string>(
         "--format", [options](const std::string& name) { options->format = Formats().at(name); },
         "How results and errors are printed [table]")
      ->type_name("table|json|csv")
      ->check(CLI::IsMember(Formats()).description(""));
  app.add_flag("--quiet", options->quiet, "No progress bar and no notes, only results and errors");
  app.add_option("--threads", options->threads, "Threads to use; 0: one per core")
      ->capture_default_str()
      ->type_name("N")
      ->check(CLI::Range(0u, 1024u).description(""));
  app.set_version_flag("--version", std::string("xnatarchive ") + xnatarchive::Version(),
                       "Show the version");
}

}  // namespace

void DefineCommandLine(CLI::App& app, GlobalOptions* options, Command* chosen) {
  app.name("xnatarchive");
  app.description(kDescription);
  app.set_help_flag("-h,--help", "Show this help");
  app.require_subcommand(1);
  app.fallthrough();
  app.get_formatter()->column_width(34);
  AddGlobalOptions(app, options);
  AddRootCommands(app, chosen);
  AddProjectCommands(app, chosen);
  AddConfigCommands(app, chosen);
  AddImportCommand(app, chosen);
  AddPrearchiveCommands(app, chosen);
  AddArchiveCommand(app, chosen);
  AddValidateCommand(app, chosen);
  AddJobCommands(app, chosen);
  AddHistoryCommands(app, chosen);
  AddRefreshCommand(app, chosen);
  AddListCommands(app, chosen);
  AddVerifyCommand(app, chosen);
  AddExportCommand(app, chosen);
  AddAuditCommands(app, chosen);
  // After the commands, which would inherit it.
  app.footer(kFooter + ExitStatusLines() + "More about one command: xnatarchive COMMAND --help");
}
