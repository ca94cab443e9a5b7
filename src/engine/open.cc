#include <thread>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "engine/archive_settings.hpp"
#include "engine/core.hpp"
#include "engine/hooks.hpp"
#include "engine/job_workers.hpp"
#include "fs/lexical_path.hpp"
#include "handlers/dicom_container_handler.hpp"
#include "handlers/gradual_dicom_handler.hpp"
#include "handlers/session_handler.hpp"

namespace xnatarchive {
namespace {

constexpr const char* kStoreFile = "store.sqlite3";

/// The options with every place filled in, absolute.
EngineOptions Resolve(EngineOptions options) {
  if (options.file_system == nullptr) options.file_system = &PosixFileSystem();
  options.root = AbsolutePath(options.root);
  const auto place = [&](std::string* path, const char* name) {
    *path = path->empty() ? JoinPath(options.root, name) : AbsolutePath(*path);
  };
  place(&options.archive_path, "archive");
  place(&options.prearchive_path, "prearchive");
  if (options.store_url.empty()) {
    options.store_url = "sqlite3://" + JoinPath(options.root, kStoreFile);
  }
  return options;
}

Result<Trees> OpenTrees(const EngineOptions& options) {
  Trees trees;
  XNA_ASSIGN_OR_RETURN(trees.archive, Directory::Open(*options.file_system, options.archive_path));
  XNA_ASSIGN_OR_RETURN(trees.prearchive,
                       Directory::Open(*options.file_system, options.prearchive_path));
  return trees;
}

}  // namespace

Status ArchiveEngine::Init(const EngineOptions& given, const InitOptions& init) {
  if (given.root.empty()) {
    return Status(Code::kInvalidArgument, "engine.no-root-given", "no root directory was given");
  }
  if (!IsValidLabel(init.site_id)) {
    return Status(Code::kInvalidArgument, "engine.bad-site-id",
                  "a site ID consists of letters, digits, '_' and '-'");
  }
  const EngineOptions options = Resolve(given);
  XNA_RETURN_IF_ERROR(Directory::MakeRoot(*options.file_system, options.root));
  XNA_RETURN_IF_ERROR(Directory::MakeRoot(*options.file_system, options.archive_path));
  XNA_RETURN_IF_ERROR(Directory::MakeRoot(*options.file_system, options.prearchive_path));
  XNA_ASSIGN_OR_RETURN(Store store, Store::Open(options.store_url));
  return store.Transaction([&](Store& transaction) -> Status {
    XNA_ASSIGN_OR_RETURN(const auto site_id, transaction.GetSetting("site_id"));
    if (site_id) {
      return Status(Code::kAlreadyExists, "engine.root-in-use",
                    "the root holds an archive already");
    }
    XNA_RETURN_IF_ERROR(transaction.SetSetting("site_id", init.site_id));
    return transaction.SetSetting("checksum", std::string(ChecksumName(init.checksum)));
  });
}

Result<std::unique_ptr<ArchiveEngine>> ArchiveEngine::Open(const EngineOptions& given) {
  if (given.root.empty()) {
    return Status(Code::kInvalidArgument, "engine.no-root-given", "no root directory was given");
  }
  EngineOptions options = Resolve(given);
  Result<Trees> trees = OpenTrees(options);
  if (!trees.ok()) {
    if (trees.status().code() != Code::kNotFound) return std::move(trees).status();
    return Status(Code::kNotFound, "engine.no-root",
                  "there is no archive at the root; make one with init")
        .WithPath(options.root);
  }
  if (given.store_url.empty()) {  // opening must not make a new, empty store
    XNA_ASSIGN_OR_RETURN(const Directory root, Directory::Open(*options.file_system, options.root));
    XNA_ASSIGN_OR_RETURN(const bool there, root.Exists(kStoreFile));
    if (!there) {
      return Status(Code::kNotFound, "engine.no-store",
                    "the root has no store; init makes one, reindex fills it from the trees")
          .WithPath(kStoreFile);
    }
  }
  XNA_ASSIGN_OR_RETURN(Store store, Store::Open(options.store_url));
  XNA_ASSIGN_OR_RETURN(const auto checksum_name, store.GetSetting("checksum"));

  auto core =
      std::make_unique<Core>(std::move(options), std::move(trees).value(), std::move(store));
  core->checksum = ParseChecksum(checksum_name.value_or("")).value_or(Checksum::kMd5AndXxh3);
  core->pipeline_launcher = core->options.pipeline_launcher != nullptr
                                ? core->options.pipeline_launcher
                                : CommandPipelineLauncher();
  core->handlers.push_back(std::make_unique<SessionHandler>());
  const auto filter_of = [&store = core->store](const std::string& p) -> Result<SeriesFilter> {
    const bool unassigned = EqualsIgnoreCase(p, kUnassigned);
    XNA_ASSIGN_OR_RETURN(ArchiveSettings settings, LoadArchiveSettings(store, unassigned ? "" : p));
    return std::move(settings.filter);
  };
  core->handlers.push_back(
      std::make_unique<DicomContainerHandler>(core->options.routing_rules, filter_of));
  core->handlers.push_back(
      std::make_unique<GradualDicomHandler>(core->options.routing_rules, filter_of));
  if (core->options.recover_on_open) {
    const CallOptions nobody;
    Hooks hooks(*core, nobody);
    const Result<RecoverySummary> recovered = core->Recover(hooks);
    hooks.TellEvents();
    if (!recovered.ok()) return recovered.status();
  }
  std::unique_ptr<ArchiveEngine> engine(new ArchiveEngine(std::move(core)));
  ArchiveEngine::Core& opened = *engine->core_;
  if (opened.options.job_workers > 0) {
    XNA_ASSIGN_OR_RETURN(opened.job_workers, JobWorkers::Start(opened, opened.options.job_workers));
  }
  return engine;
}

}  // namespace xnatarchive
