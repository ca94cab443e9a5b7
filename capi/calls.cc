// The calls on an engine, but for those that start tasks. Each is one method of ArchiveEngine.
#include <optional>

#include "document.hpp"
#include "requests.hpp"
#include "tables.hpp"

namespace xnatarchive::capi {
namespace {

/// A call with a request and a report.
template <typename Input, typename Given, typename Method>
xna_status CallWith(const xna_engine* engine, const Given* given, const xna_call_options* options,
                    Access access, xna_report** out_report, xna_error** out_error, Method method,
                    FailureLog failures = FailureLog::kByCall) noexcept {
  ClearOut(out_report);
  return Guard(out_error, [&] {
    const Input input(given);
    return OnEngine(engine, options, access, true, failures,
                    [&](ArchiveEngine& archive, const CallOptions& call,
                        const std::shared_ptr<const Engine>& shared) {
                      if (!input.status.ok()) return input.status;
                      return Store((archive.*method)(input.For(shared), call), out_report);
                    });
  });
}

/// A name that a call is about: `body(const std::string&)` with it.
template <typename Body>
Status WithName(const char* text, std::string_view what, const Body& body) {
  std::string name;
  Status status = ReadRequiredName(text, what, &name);
  return status.ok() ? body(name) : status;
}

/// The same where there need be none.
template <typename Body>
Status WithOptionalName(const char* text, std::string_view what, const Body& body) {
  return WithName(text == nullptr ? "" : text, what, body);
}

/// A table of rows of the engine's, with `make` as its columns.
template <typename Rows, typename Make>
Status StoreRows(Result<Rows> rows, const Make& make, xna_listing** out_listing) {
  if (!rows.ok()) return std::move(rows).status();
  return Store(Result<Table>(make(*rows)), out_listing);
}

}  // namespace
}  // namespace xnatarchive::capi

using namespace xnatarchive;
using namespace xnatarchive::capi;

// Projects and settings.

xna_status xna_engine_add_project(xna_engine* engine, const xna_project* project,
                                  const xna_call_options* call, xna_error** out_error) {
  return CallEngine(engine, call, Access::kChanges, true, out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      if (project == nullptr) return NullArgument("project");
                      xna_project given;
                      Project made;
                      Status status = ReadStruct(project, 0, &given);
                      if (status.ok()) status = ReadRequiredName(given.id, "id", &made.id);
                      if (status.ok()) status = ReadName(given.autorun, "autorun", &made.autorun);
                      if (!status.ok()) return status;
                      made.prearchive_code = given.prearchive_code;
                      made.quarantine_code = given.quarantine_code;
                      return archive.AddProject(made, options);
                    });
}

xna_status xna_engine_add_subject(xna_engine* engine, const char* project, const char* label,
                                  const xna_call_options* call, xna_text** out_id,
                                  xna_error** out_error) {
  ClearOut(out_id);
  return CallEngine(engine, call, Access::kChanges, true, out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      return WithName(project, "project", [&](const std::string& to) {
                        return WithName(label, "label", [&](const std::string& subject) -> Status {
                          if (out_id == nullptr) return NullArgument("out_id");
                          Result<AddedSubject> added = archive.AddSubject(to, subject, options);
                          if (!added.ok()) return std::move(added).status();
                          return Store(Result<std::string>(std::move(added)->id), out_id);
                        });
                      });
                    });
}

xna_status xna_engine_projects(xna_engine* engine, const xna_call_options* call,
                               xna_listing** out_listing, xna_error** out_error) {
  return CallEngine(engine, call, Access::kReads, ClearOut(out_listing), out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      return StoreRows(archive.Projects(options), ProjectTable, out_listing);
                    });
}

xna_status xna_engine_setting(xna_engine* engine, const char* name, const char* project,
                              const xna_call_options* call, xna_text** out_value,
                              xna_error** out_error) {
  return CallEngine(engine, call, Access::kReads, ClearOut(out_value), out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      return WithName(name, "name", [&](const std::string& setting) {
                        return WithOptionalName(project, "project", [&](const std::string& id) {
                          return Store(archive.Setting(setting, id, options), out_value);
                        });
                      });
                    });
}

xna_status xna_engine_set_setting(xna_engine* engine, const char* name, const char* value,
                                  const char* project, const xna_call_options* call,
                                  xna_error** out_error) {
  return CallEngine(engine, call, Access::kChanges, true, out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      if (value == nullptr) return NullArgument("value");
                      Status status = CheckText(value, "value");
                      if (!status.ok()) return status;
                      return WithName(name, "name", [&](const std::string& setting) {
                        return WithOptionalName(project, "project", [&](const std::string& id) {
                          return archive.SetSetting(setting, value, id, options);
                        });
                      });
                    });
}

xna_status xna_engine_settings(xna_engine* engine, const char* project,
                               const xna_call_options* call, xna_listing** out_listing,
                               xna_error** out_error) {
  return CallEngine(engine, call, Access::kReads, ClearOut(out_listing), out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      return WithOptionalName(project, "project", [&](const std::string& id) {
                        return Store(archive.Settings(id, options), out_listing);
                      });
                    });
}

// Import and prearchive.

xna_status xna_engine_import(xna_engine* engine, const xna_import_request* request,
                             const xna_call_options* call, xna_report** out_report,
                             xna_error** out_error) {
  return CallWith<ImportInput>(engine, request, call, Access::kChanges, out_report, out_error,
                               &ArchiveEngine::Import, FailureLog::kByEvent);
}

xna_status xna_engine_commit_idle(xna_engine* engine, const xna_call_options* call,
                                  xna_report** out_report, xna_error** out_error) {
  ClearOut(out_report);
  return CallEngine(engine, call, Access::kChanges, true, out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      return Store(archive.CommitIdle(options), out_report);
                    });
}

xna_status xna_engine_prearchive(xna_engine* engine, const char* project,
                                 const xna_call_options* call, xna_listing** out_listing,
                                 xna_error** out_error) {
  return CallEngine(engine, call, Access::kReads, ClearOut(out_listing), out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      return WithOptionalName(project, "project", [&](const std::string& id) {
                        return StoreRows(archive.PrearchiveSessions(id, options), PrearchiveTable,
                                         out_listing);
                      });
                    });
}

xna_status xna_engine_prearchive_session(xna_engine* engine, const char* src,
                                         const xna_call_options* call, xna_report** out_report,
                                         xna_error** out_error) {
  ClearOut(out_report);
  return CallEngine(engine, call, Access::kReads, true, out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      return WithName(src, "src", [&](const std::string& uri) {
                        return Store(archive.FindPrearchiveSession(uri, options), out_report);
                      });
                    });
}

xna_status xna_engine_check_prearchive_session(xna_engine* engine, const char* src,
                                               int32_t permission, const xna_call_options* call,
                                               xna_error** out_error) {
  return CallEngine(engine, call, Access::kReads, true, out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      return WithName(src, "src", [&](const std::string& uri) -> Status {
                        if (permission < XNA_PERMISSION_READ || permission > XNA_PERMISSION_ADMIN) {
                          return Status(Code::kInvalidArgument, "capi.bad-permission",
                                        "expected one of XNA_PERMISSION_*");
                        }
                        return archive.CheckPrearchiveSession(
                            uri, static_cast<Permission>(permission), options);
                      });
                    });
}

xna_status xna_engine_prearchive_log(xna_engine* engine, const char* src,
                                     const xna_call_options* call, xna_listing** out_listing,
                                     xna_error** out_error) {
  return CallEngine(engine, call, Access::kReads, ClearOut(out_listing), out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      return WithName(src, "src", [&](const std::string& uri) {
                        return StoreRows(archive.PrearchiveLog(uri, options), LogTable,
                                         out_listing);
                      });
                    });
}

xna_status xna_engine_build(xna_engine* engine, const char* src, const xna_call_options* call,
                            xna_error** out_error) {
  return CallEngine(
      engine, call, Access::kChanges, true, out_error,
      [&](ArchiveEngine& archive, const CallOptions& options) {
        return WithName(src, "src",
                        [&](const std::string& uri) { return archive.Build(uri, options); });
      },
      FailureLog::kByEvent);
}

xna_status xna_engine_build_with_fields(xna_engine* engine, const char* src,
                                        const char* const* fields, size_t field_count,
                                        const xna_call_options* call, xna_error** out_error) {
  return CallEngine(
      engine, call, Access::kChanges, true, out_error,
      [&](ArchiveEngine& archive, const CallOptions& options) {
        return WithName(src, "src", [&](const std::string& uri) -> Status {
          std::vector<std::pair<std::string, std::string>> pairs;
          Status read = ReadPairs(fields, field_count, "fields", &pairs);
          if (!read.ok()) return read;
          return archive.Build(uri, {pairs.begin(), pairs.end()}, options);
        });
      },
      FailureLog::kByEvent);
}

xna_status xna_engine_move_prearchive_session(xna_engine* engine, const char* src,
                                              const char* project, const xna_call_options* call,
                                              xna_text** out_uri, xna_error** out_error) {
  ClearOut(out_uri);
  return CallEngine(
      engine, call, Access::kChanges, true, out_error,
      [&](ArchiveEngine& archive, const CallOptions& options) {
        return WithName(src, "src", [&](const std::string& uri) {
          return WithName(project, "project", [&](const std::string& target) -> Status {
            if (out_uri == nullptr) return NullArgument("out_uri");
            return Store(archive.MovePrearchiveSession(uri, target, options), out_uri);
          });
        });
      },
      FailureLog::kByEvent);
}

xna_status xna_engine_set_prearchive_state(xna_engine* engine, const char* src, const char* state,
                                           const xna_call_options* call, xna_report** out_report,
                                           xna_error** out_error) {
  ClearOut(out_report);
  return CallEngine(
      engine, call, Access::kChanges, true, out_error,
      [&](ArchiveEngine& archive, const CallOptions& options) {
        return WithName(src, "src", [&](const std::string& uri) {
          return WithOptionalName(state, "state", [&](const std::string& name) -> Status {
            std::optional<PrearchiveState> wanted;
            if (!name.empty()) {
              wanted = ParsePrearchiveState(name);
              if (!wanted) {
                return Status(Code::kInvalidArgument, "prearchive.bad-state",
                              "expected READY, RECEIVING, CONFLICT, ERROR, or NULL");
              }
            }
            return Store(archive.SetPrearchiveState(uri, wanted, options), out_report);
          });
        });
      });
}

xna_status xna_engine_delete_prearchive_session(xna_engine* engine, const char* src,
                                                const xna_call_options* call,
                                                xna_error** out_error) {
  return CallEngine(
      engine, call, Access::kChanges, true, out_error,
      [&](ArchiveEngine& archive, const CallOptions& options) {
        return WithName(src, "src", [&](const std::string& uri) {
          return archive.DeletePrearchiveSession(uri, options);
        });
      },
      FailureLog::kByEvent);
}

// Archive.

xna_status xna_engine_archive(xna_engine* engine, const xna_archive_request* request,
                              const xna_call_options* call, xna_report** out_report,
                              xna_error** out_error) {
  return CallWith<ArchiveInput>(engine, request, call, Access::kChanges, out_report, out_error,
                                &ArchiveEngine::Archive, FailureLog::kByEvent);
}

xna_status xna_engine_validate(xna_engine* engine, const xna_archive_request* request,
                               const xna_call_options* call, xna_report** out_report,
                               xna_error** out_error) {
  return CallWith<ArchiveInput>(engine, request, call, Access::kReads, out_report, out_error,
                                &ArchiveEngine::Validate);
}

xna_status xna_engine_activate(xna_engine* engine, const char* uri, const xna_call_options* call,
                               int32_t* out_changed, xna_error** out_error) {
  if (out_changed != nullptr) *out_changed = 0;
  return CallEngine(engine, call, Access::kChanges, true, out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      return WithName(uri, "uri", [&](const std::string& experiment) {
                        const Result<bool> changed = archive.Activate(experiment, options);
                        if (!changed.ok()) return changed.status();
                        if (out_changed != nullptr) *out_changed = *changed ? 1 : 0;
                        return Status();
                      });
                    });
}

xna_status xna_engine_history(xna_engine* engine, const char* uri, const xna_call_options* call,
                              xna_listing** out_listing, xna_error** out_error) {
  return CallEngine(engine, call, Access::kReads, ClearOut(out_listing), out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      return WithOptionalName(uri, "uri", [&](const std::string& where) {
                        return StoreRows(archive.History(where, options), HistoryTable,
                                         out_listing);
                      });
                    });
}

xna_status xna_engine_restore_history(xna_engine* engine, const char* id,
                                      const xna_call_options* call, xna_report** out_report,
                                      xna_error** out_error) {
  ClearOut(out_report);
  return CallEngine(engine, call, Access::kChanges, true, out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      return WithName(id, "id", [&](const std::string& record) {
                        return Store(archive.RestoreHistory(record, options), out_report);
                      });
                    });
}

xna_status xna_engine_prune_history(xna_engine* engine, const char* id,
                                    const xna_call_options* call, xna_error** out_error) {
  return CallEngine(engine, call, Access::kChanges, true, out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      return WithName(id, "id", [&](const std::string& record) {
                        return archive.PruneHistory(record, options);
                      });
                    });
}

// Catalogs.

xna_status xna_engine_refresh(xna_engine* engine, const xna_refresh_request* request,
                              const xna_call_options* call, xna_report** out_report,
                              xna_error** out_error) {
  return CallWith<RefreshInput>(engine, request, call, Access::kChanges, out_report, out_error,
                                &ArchiveEngine::Refresh);
}

xna_status xna_engine_verify(xna_engine* engine, const xna_verify_request* request,
                             const xna_call_options* call, xna_report** out_report,
                             xna_error** out_error) {
  return CallWith<VerifyInput>(engine, request, call, Access::kReads, out_report, out_error,
                               &ArchiveEngine::Verify);
}

xna_status xna_engine_export(xna_engine* engine, const xna_export_request* request,
                             const xna_call_options* call, xna_report** out_report,
                             xna_error** out_error) {
  return CallWith<ExportInput>(engine, request, call, Access::kReads, out_report, out_error,
                               &ArchiveEngine::Export);
}

// Reading.

xna_status xna_engine_list(xna_engine* engine, const char* uri, const xna_call_options* call,
                           xna_listing** out_listing, xna_error** out_error) {
  return CallEngine(engine, call, Access::kReads, ClearOut(out_listing), out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      return WithOptionalName(uri, "uri", [&](const std::string& where) {
                        return Store(archive.List(where, options), out_listing);
                      });
                    });
}

xna_status xna_engine_document(xna_engine* engine, const char* uri, const xna_call_options* call,
                               xna_document** out_document, xna_error** out_error) {
  return CallEngine(engine, call, Access::kReads, ClearOut(out_document), out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      return WithName(uri, "uri", [&](const std::string& where) {
                        auto document = archive.Document(where, options);
                        if (!document.ok()) return std::move(document).status();
                        *out_document = Add<xna_document>(
                            std::make_shared<Document>(std::move(document).value()));
                        return Status();
                      });
                    });
}

xna_status xna_engine_document_xml(xna_engine* engine, const char* uri,
                                   const xna_call_options* call, xna_text** out_xml,
                                   xna_error** out_error) {
  return CallEngine(engine, call, Access::kReads, ClearOut(out_xml), out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      return WithName(uri, "uri", [&](const std::string& where) {
                        return Store(archive.DocumentXml(where, options), out_xml);
                      });
                    });
}

xna_status xna_engine_audit(xna_engine* engine, const char* uri, const xna_call_options* call,
                            xna_listing** out_listing, xna_error** out_error) {
  return CallEngine(engine, call, Access::kReads, ClearOut(out_listing), out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      return WithOptionalName(uri, "uri", [&](const std::string& where) {
                        return Store(archive.Audit(where, options), out_listing);
                      });
                    });
}

// Upkeep.

xna_status xna_engine_recover(xna_engine* engine, const xna_call_options* call,
                              xna_report** out_report, xna_error** out_error) {
  ClearOut(out_report);
  return CallEngine(engine, call, Access::kChanges, true, out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      return Store(archive.Recover(options), out_report);
                    });
}

xna_status xna_engine_reindex(xna_engine* engine, const xna_call_options* call,
                              xna_report** out_report, xna_error** out_error) {
  ClearOut(out_report);
  return CallEngine(engine, call, Access::kChanges, true, out_error,
                    [&](ArchiveEngine& archive, const CallOptions& options) {
                      return Store(archive.Reindex(options), out_report);
                    });
}
