// Every function with good arguments but for one: NULL, garbage, a handle of another type, one that
// was freed. Each is told, and nothing is touched; then the good ones do what they should.
#include "capi/bad_arguments.hpp"
#include "support/captured_output.hpp"

namespace xnatarchive {
namespace {

/// A root with sessions, handles of every type, and the host's functions that are given some.
struct Host : CapiFixture {
  CapturedOutput captured;  ///< And nothing is printed.
  const std::string waiting = Import("a", 1);
  const std::string moving = Import("b", 2);
  const std::string path = WriteStudy("c", 3);
  const std::string uri = Archive(Import("d", 4));
  const xna_archive_request archive_request = ArchiveOf(waiting);
  const xna_import_request import_request = ImportOf(path);
  const char* const uris[1] = {uri.c_str()};
  bool probes = false;  ///< The host's functions try what they are given.

  Host();
  ~Host() {
    CheckHandles();
    FreeGood(OwnedTypes());
    xna_engine_free(engine);  // before what its callbacks use
    engine = nullptr;
    CHECK(captured.End() == "");
  }
  void Transformed(const xna_candidate* candidate, xna_session_files* files,
                   xna_document* document);
  void Described(xna_import* import, xna_callback* callback);
  void Visited(xna_file* file);
  void MakeHandles();
  void CheckHandles() const;
};

Host::Host() {
  xna_session_transform transform = Init(xna_session_transform_init);
  transform.ctx = this;
  transform.name = "probe";
  transform.transform = [](void* ctx, const xna_candidate* candidate, xna_session_files* files,
                           xna_document* document, xna_callback*) {
    static_cast<Host*>(ctx)->Transformed(candidate, files, document);
    return XNA_OK;
  };
  xna_engine_options options = Options();
  options.session_transform = &transform;
  Open(options);
  xna_import_handler handler = Init(xna_import_handler_init);
  handler.ctx = this;
  handler.name = "probe";
  handler.describe = [](void* ctx, xna_import* import, xna_callback* callback) {
    static_cast<Host*>(ctx)->Described(import, callback);
    return XNA_PASSTHROUGH;
  };
  XNA_MUST(xna_engine_register(engine, &handler, &error));
  MakeHandles();
}

void Host::MakeHandles() {
  const auto make = [&](auto types) {
    CHECK(xna_engine_build(engine, "/none", nullptr, &slot<xna_error>) != XNA_OK);
    XNA_MUST(xna_engine_setting(engine, "checksum", nullptr, nullptr, &slot<xna_text>, &error));
    XNA_MUST(
        xna_engine_prearchive_session(engine, waiting.c_str(), nullptr, &slot<xna_report>, &error));
    XNA_MUST(xna_engine_projects(engine, nullptr, &slot<xna_listing>, &error));
    CHECK(xna_listing_next(slot<xna_listing>) == 1);
    XNA_MUST(xna_engine_document(engine, uri.c_str(), nullptr, &slot<xna_document>, &error));
    XNA_MUST(xna_engine_start_verify(engine, nullptr, nullptr, &slot<xna_task>, &error));
    CHECK(xna_task_wait(slot<xna_task>, -1) == 1);
    XNA_MUST(xna_cancel_create(&slot<xna_cancel>, &error));
    XNA_MUST(xna_rest_create(engine, nullptr, &slot<xna_rest>, &error));
    xna_rest_request request = Init(xna_rest_request_init);
    request.method = "GET";
    request.path = "/data/projects";
    XNA_MUST(xna_rest_handle(slot<xna_rest>, &request, nullptr, &slot<xna_response>, &error));
    KeepSlots(types);
  };
  good<xna_engine> = engine;
  const xna_engine_options options = Options();
  XNA_MUST(xna_engine_open(&options, &freed<xna_engine>, &error));
  xna_engine_free(freed<xna_engine>);
  make(OwnedTypes());
  FreeGood(OwnedTypes());
  make(OwnedTypes());
  // What the host's functions were given is gone afterwards.
  xna_import_request request = import_request;
  request.handler = "probe";
  CHECK(xna_engine_import(engine, &request, nullptr, nullptr, nullptr) == XNA_E_UNSUPPORTED);
  XNA_MUST(xna_engine_build(engine, waiting.c_str(), nullptr, &error));
  XNA_MUST(xna_engine_validate(engine, &archive_request, nullptr, nullptr, &error));
  REQUIRE(freed<xna_file> != nullptr);
  REQUIRE(freed<xna_session_files> != nullptr);
  probes = true;
}

/// The handles are what they were: no function has freed one by mistake.
void Host::CheckHandles() const {
  CHECK(xna_error_status(good<xna_error>) == XNA_E_INVALID_ARGUMENT);
  CHECK(std::string(xna_text_data(good<xna_text>)) == "md5+xxh3");
  CHECK(xna_report_uri_count(good<xna_report>) == 1);
  CHECK(xna_listing_column_count(good<xna_listing>) == 5);
  CHECK(xna_document_scan_count(good<xna_document>) == 1);
  CHECK(xna_task_wait(good<xna_task>, 0) == 1);
  CHECK(xna_response_status(good<xna_response>) == 200);
  XNA_MUST(xna_engine_recover(good<xna_engine>, nullptr, nullptr, &error));
}

/// Probes a set of files and a candidate, and the document that will be archived.
void Host::Transformed(const xna_candidate* candidate, xna_session_files* files,
                       xna_document* document) {
  if (probes) {
    good<xna_candidate> = const_cast<xna_candidate*>(candidate);
    good<xna_session_files> = files;
    const char* const file = xna_session_files_path(files, 0);
    Tells(NAMED(xna_candidate_document), nullptr, candidate);
    Takes(NAMED(xna_candidate_json), {}, candidate, &slot<xna_text>, nullptr);
    Tells(NAMED(xna_session_files_count), 0, files);
    Tells(NAMED(xna_session_files_path), nullptr, files, 0);
    Takes(NAMED(xna_session_files_read), {}, files, file, &slot<xna_text>, nullptr);
    const auto owned = std::exchange(good<xna_document>, document);
    Takes(NAMED(xna_document_set), {1, 3}, document, nullptr, "note", "probed", nullptr);
    Refuses(NAMED(xna_document_add_scan), {}, document, "9", "xnat:mrScanData", nullptr);
    Tells(NAMED(xna_document_scan_id), nullptr, document, 0);
    good<xna_document> = owned;
    xna_text* bytes = nullptr;
    XNA_MUST(xna_session_files_read(files, file, &bytes, &error));
    Takes(NAMED(xna_session_files_replace), {}, files, file, xna_text_data(bytes),
          xna_text_size(bytes), nullptr);
    xna_text_free(bytes);
    Takes(NAMED(xna_session_files_reject), {}, files, xna_session_files_path(files, 1), nullptr);
    good<xna_candidate> = nullptr;
    good<xna_session_files> = nullptr;
  }
  freed<xna_candidate> = const_cast<xna_candidate*>(candidate);
  freed<xna_session_files> = files;
}

/// Probes an import, its files and a session of it.
void Host::Described(xna_import* import, xna_callback* callback) {
  if (!probes) freed<xna_session> = xna_import_add_session(import);
  good<xna_import> = import;
  good<xna_callback> = callback;
  good<xna_session> = xna_import_add_session(import);
  const auto visit = [](void* ctx, xna_file* file) {
    static_cast<Host*>(ctx)->Visited(file);
    return XNA_OK;
  };
  if (probes) {
    Tells(NAMED(xna_import_name), nullptr, import);
    Tells(NAMED(xna_import_kind), -1, import);
    Tells(NAMED(xna_import_parameter), nullptr, import, "project");
    Tells(NAMED(xna_import_find_project), nullptr, import, "DEMO");
    Tells(NAMED(xna_import_add_session), nullptr, import);
    Tells(NAMED(xna_session_document), nullptr, good<xna_session>);
    Takes(NAMED(xna_session_describe), {2, 3}, good<xna_session>, 0, nullptr, nullptr, nullptr);
    const auto owned = std::exchange(good<xna_document>, xna_session_document(good<xna_session>));
    Takes(NAMED(xna_document_add_scan), {}, good<xna_document>, "9", "xnat:mrScanData", nullptr);
    good<xna_document> = owned;
    Ignores(xna_callback_fail, "probe.failed", "not told");
    Ignores(xna_callback_print, "x", 1);
    for (xna_callback* const bad : BadValues<xna_callback*>()) {
      CHECK(xna_callback_cancelled(bad) == 0);
    }
    Takes(NAMED(xna_import_each_file), {2}, import, visit, this, nullptr);
  } else {
    XNA_MUST(xna_import_each_file(import, visit, this, &error));
    freed<xna_import> = import;
    freed<xna_callback> = callback;
  }
  good<xna_import> = nullptr;
  good<xna_callback> = nullptr;
  good<xna_session> = nullptr;
}

void Host::Visited(xna_file* file) {
  if (probes) {
    good<xna_file> = file;
    Tells(NAMED(xna_file_path), nullptr, file);
    Tells(NAMED(xna_file_size), -1, file);
    std::size_t size = 7;
    for (xna_file* const bad : BadValues<xna_file*>()) {
      CHECK(xna_file_head(bad, 4, &size, nullptr) == nullptr);
      CHECK(size == 0);
    }
    XNA_CHECK_FAILS(xna_file_head(file, 4, nullptr, &error) == nullptr, true, "capi.null-argument");
    Takes(NAMED(xna_import_keep), {3, 5}, good<xna_import>, file, good<xna_session>, "1", "R",
          nullptr, nullptr);
    for (xna_import* const bad : BadValues<xna_import*>()) xna_import_skip(bad, file, "x", "x");
    for (xna_file* const bad : BadValues<xna_file*>()) {
      xna_import_skip(good<xna_import>, bad, "x", "x");
    }
    good<xna_file> = nullptr;
  }
  freed<xna_file> = file;
}

void ReadsTakeGoodArguments(const Host& host) {
  xna_engine* const engine = host.engine;
  const char* const uri = host.uri.c_str();
  const char* const src = host.waiting.c_str();
  Takes(NAMED(xna_engine_list), {1}, engine, "/projects", nullptr, &slot<xna_listing>, nullptr);
  Takes(NAMED(xna_engine_document), {}, engine, uri, nullptr, &slot<xna_document>, nullptr);
  Takes(NAMED(xna_engine_document_xml), {}, engine, uri, nullptr, &slot<xna_text>, nullptr);
  Takes(NAMED(xna_engine_audit), {1}, engine, uri, nullptr, &slot<xna_listing>, nullptr);
  Takes(NAMED(xna_engine_projects), {}, engine, nullptr, &slot<xna_listing>, nullptr);
  Takes(NAMED(xna_engine_setting), {2}, engine, "checksum", nullptr, nullptr, &slot<xna_text>,
        nullptr);
  Takes(NAMED(xna_engine_settings), {1}, engine, "DEMO", nullptr, &slot<xna_listing>, nullptr);
  Takes(NAMED(xna_engine_prearchive), {1}, engine, "DEMO", nullptr, &slot<xna_listing>, nullptr);
  Takes(NAMED(xna_engine_prearchive_session), {}, engine, src, nullptr, &slot<xna_report>, nullptr);
  Takes(NAMED(xna_engine_check_prearchive_session), {}, engine, src, 1, nullptr, nullptr);
  Takes(NAMED(xna_engine_prearchive_log), {}, engine, src, nullptr, &slot<xna_listing>, nullptr);
  Takes(NAMED(xna_engine_validate), {}, engine, &host.archive_request, nullptr, &slot<xna_report>,
        nullptr);
  Takes(NAMED(xna_engine_history), {1}, engine, uri, nullptr, &slot<xna_listing>, nullptr);
  Takes(NAMED(xna_engine_verify), {1}, engine, nullptr, nullptr, &slot<xna_report>, nullptr);
  Takes(NAMED(xna_engine_jobs), {}, engine, nullptr, &slot<xna_listing>, nullptr);
  Takes(NAMED(xna_rest_routes), {}, &slot<xna_listing>, nullptr);
  Takes(NAMED(xna_rest_create), {1}, engine, nullptr, &slot<xna_rest>, nullptr);
  xna_rest_request rest = Init(xna_rest_request_init);
  rest.method = "GET";
  rest.path = "/data/projects";
  Takes(NAMED(xna_rest_handle), {}, good<xna_rest>, &rest, nullptr, &slot<xna_response>, nullptr);
  xna_output output = Init(xna_output_init);
  output.write = [](void*, const void*, size_t, xna_callback*) { return XNA_OK; };
  Takes(NAMED(xna_response_write), {}, good<xna_response>, &output, nullptr);
  Takes(NAMED(xna_document_json), {}, good<xna_document>, &slot<xna_text>, nullptr);
  Refuses(NAMED(xna_document_set), {1, 3}, good<xna_document>, nullptr, "note", "x", nullptr);
  Refuses(NAMED(xna_document_add_scan), {}, good<xna_document>, "9", "xnat:mrScanData", nullptr);
  xna_progress progress = Init(xna_progress_init);
  Takes(NAMED(xna_task_progress), {}, good<xna_task>, &progress, nullptr);
  Takes(NAMED(xna_task_result), {}, good<xna_task>, &slot<xna_report>, nullptr);
  Takes(NAMED(xna_cancel_create), {}, &slot<xna_cancel>, nullptr);
  xna_engine_options options = host.Options();
  Takes(NAMED(xna_engine_open), {}, &options, &slot<xna_engine>, nullptr);
  xna_export_request exported = Init(xna_export_request_init);
  const std::string target = host.tree.path() + "/out";
  exported.uri = uri;
  exported.path = target.c_str();
  Takes(NAMED(xna_engine_export), {}, engine, &exported, nullptr, &slot<xna_report>, nullptr);
}

/// Those whose good arguments would need more of a root.
void ChangesRefuseBadArguments(const Host& host) {
  Refuses(NAMED(xna_engine_restore_history), {}, host.engine, "1", nullptr, nullptr, nullptr);
  Refuses(NAMED(xna_engine_prune_history), {}, host.engine, "1", nullptr, nullptr);
  const xna_engine_options options = host.Options();
  Refuses(NAMED(xna_root_create), {1, 2}, &options, nullptr, nullptr, nullptr);
}

void ProjectsTakeGoodArguments(const Host& host) {
  xna_engine* const engine = host.engine;
  xna_project project = Init(xna_project_init);
  project.id = "OTHER";
  Takes(NAMED(xna_engine_add_project), {}, engine, &project, nullptr, nullptr);
  Takes(NAMED(xna_engine_add_subject), {}, engine, "DEMO", "S9", nullptr, &slot<xna_text>, nullptr);
  Takes(NAMED(xna_engine_set_setting), {3}, engine, "prearchive_code", "0", "DEMO", nullptr,
        nullptr);
  xna_import_handler handler = Init(xna_import_handler_init);
  handler.name = "another";
  handler.describe = [](void*, xna_import*, xna_callback*) { return XNA_OK; };
  Takes(NAMED(xna_engine_register), {}, engine, &handler, nullptr);
  Takes(NAMED(xna_engine_recover), {}, engine, nullptr, &slot<xna_report>, nullptr);
  Takes(NAMED(xna_engine_reindex), {}, engine, nullptr, &slot<xna_report>, nullptr);
  Takes(NAMED(xna_engine_commit_idle), {}, engine, nullptr, &slot<xna_report>, nullptr);
}

void SessionsTakeGoodArguments(const Host& host) {
  xna_engine* const engine = host.engine;
  const char* const src = host.waiting.c_str();
  const char* const uri = host.uri.c_str();
  Takes(NAMED(xna_engine_import), {}, engine, &host.import_request, nullptr, &slot<xna_report>,
        nullptr);
  Takes(NAMED(xna_engine_build), {}, engine, src, nullptr, nullptr);
  const char* const fields[] = {"xnat:mrSessionData/note", "probed"};
  Takes(NAMED(xna_engine_build_with_fields), {}, engine, src, fields, 1, nullptr, nullptr);
  Takes(NAMED(xna_engine_set_prearchive_state), {2}, engine, src, "READY", nullptr,
        &slot<xna_report>, nullptr);
  const char* const moving = host.moving.c_str();
  Refuses(NAMED(xna_engine_move_prearchive_session), {}, engine, moving, "OTHER", nullptr,
          &slot<xna_text>, nullptr);
  XNA_MUST(xna_engine_move_prearchive_session(engine, moving, "OTHER", nullptr, &slot<xna_text>,
                                              &error));
  Takes(NAMED(xna_engine_delete_prearchive_session), {}, engine, xna_text_data(slot<xna_text>),
        nullptr, nullptr);
  xna_text_free(std::exchange(slot<xna_text>, nullptr));
  Takes(NAMED(xna_engine_archive), {}, engine, &host.archive_request, nullptr, &slot<xna_report>,
        nullptr);
  int32_t changed = 0;
  Takes(NAMED(xna_engine_activate), {}, engine, uri, nullptr, &changed, nullptr);
  xna_refresh_request refresh = Init(xna_refresh_request_init);
  refresh.uris = host.uris;
  refresh.uri_count = 1;
  Takes(NAMED(xna_engine_refresh), {}, engine, &refresh, nullptr, &slot<xna_report>, nullptr);
}

void TasksAndJobsTakeGoodArguments(Host& host) {
  xna_engine* const engine = host.engine;
  const auto starts = [&](const char* name, auto function, const auto* request,
                          const std::set<std::size_t>& optional) {
    Takes(name, function, optional, engine, request, nullptr, &slot<xna_task>, nullptr);
  };
  xna_refresh_request refresh = Init(xna_refresh_request_init);
  refresh.uris = host.uris;
  refresh.uri_count = 1;
  xna_export_request exported = Init(xna_export_request_init);
  const std::string target = host.tree.path() + "/out";
  exported.uri = host.uri.c_str();
  exported.path = target.c_str();
  const xna_verify_request verify = Init(xna_verify_request_init);
  starts(NAMED(xna_engine_start_import), &host.import_request, {});
  starts(NAMED(xna_engine_start_validate), &host.archive_request, {});
  starts(NAMED(xna_engine_start_refresh), &refresh, {});
  starts(NAMED(xna_engine_start_verify), &verify, {1});
  starts(NAMED(xna_engine_start_export), &exported, {});
  CHECK(host.tree.Exists("out"));
  const std::string again = host.Import("again", 5);
  const xna_archive_request archive = CapiFixture::ArchiveOf(again);
  starts(NAMED(xna_engine_start_archive), &archive, {});

  const std::string last = host.Import("last", 6);
  const xna_archive_request request = CapiFixture::ArchiveOf(last);
  const xna_archive_request* const requests[] = {&request};
  Refuses(NAMED(xna_engine_submit), {}, engine, requests, 1, nullptr, &slot<xna_text>, nullptr);
  xna_text* id = nullptr;
  XNA_MUST(xna_engine_submit(engine, requests, 1, nullptr, &id, &error));
  const char* const job = xna_text_data(id);
  int32_t found = 0;
  Takes(NAMED(xna_engine_run_job), {}, engine, nullptr, &found, nullptr);
  CHECK(found == 1);
  Takes(NAMED(xna_engine_job), {}, engine, job, nullptr, &slot<xna_report>, nullptr);
  Takes(NAMED(xna_engine_wait_for_job), {}, engine, job, 0, nullptr, &slot<xna_report>, nullptr);
  Takes(NAMED(xna_engine_cancel_job), {}, engine, job, nullptr, nullptr);
  xna_text_free(id);
}

}  // namespace

TEST_SUITE("capi.bad_arguments") {
  TEST_CASE("functions that ask give nothing for what is no handle") {
    const Host host;
    Tells(NAMED(xna_error_reason), nullptr, good<xna_error>);
    Tells(NAMED(xna_error_message), nullptr, good<xna_error>);
    Tells(NAMED(xna_error_path), nullptr, good<xna_error>);
    Tells(NAMED(xna_error_disk_state), -1, good<xna_error>);
    for (xna_error* const bad : BadValues<xna_error*>()) {
      CHECK(xna_error_status(bad) == XNA_E_INVALID_ARGUMENT);
      CHECK(xna_error_host_status(bad) == 0);
      CHECK(xna_error_os_errno(bad) == 0);
    }
    Tells(NAMED(xna_text_data), nullptr, good<xna_text>);
    Tells(NAMED(xna_text_size), 0, good<xna_text>);
    Tells(NAMED(xna_report_json), nullptr, good<xna_report>);
    Tells(NAMED(xna_report_json_size), 0, good<xna_report>);
    Tells(NAMED(xna_report_number), -1, good<xna_report>, "uploaded_ms");
    Tells(NAMED(xna_report_uri_count), 0, good<xna_report>);
    Tells(NAMED(xna_report_uri), nullptr, good<xna_report>, 0);
    Tells(NAMED(xna_listing_column_count), 0, good<xna_listing>);
    Tells(NAMED(xna_listing_column), nullptr, good<xna_listing>, 0);
    Tells(NAMED(xna_listing_value), nullptr, good<xna_listing>, 0);
    for (xna_listing* const bad : BadValues<xna_listing*>()) CHECK(xna_listing_next(bad) == 0);
    Tells(NAMED(xna_document_scan_count), 0, good<xna_document>);
    Tells(NAMED(xna_document_scan_id), nullptr, good<xna_document>, 0);
    for (xna_document* const bad : BadValues<xna_document*>()) {
      CHECK(xna_document_get(bad, nullptr, "label") == nullptr);
    }
    CHECK(xna_document_get(good<xna_document>, nullptr, nullptr) == nullptr);
    Tells(NAMED(xna_task_wait), -1, good<xna_task>, 0);
    Tells(NAMED(xna_response_status), 0, good<xna_response>);
    Tells(NAMED(xna_response_header_count), 0, good<xna_response>);
    Tells(NAMED(xna_response_header_name), nullptr, good<xna_response>, 0);
    Tells(NAMED(xna_response_header_value), nullptr, good<xna_response>, 0);
    Tells(NAMED(xna_response_body_size), -1, good<xna_response>);
  }

  TEST_CASE("functions that free, cancel or tell do nothing to what is no handle of theirs") {
    const Host host;
    Ignores(xna_error_free);
    Ignores(xna_text_free);
    Ignores(xna_report_free);
    Ignores(xna_listing_free);
    Ignores(xna_document_free);
    Ignores(xna_engine_free);
    Ignores(xna_task_free);
    Ignores(xna_cancel_free);
    Ignores(xna_rest_free);
    Ignores(xna_response_free);
    Ignores(xna_task_cancel);
    Ignores(xna_cancel_request);
    Ignores(xna_callback_fail, "x", "x");
    Ignores(xna_callback_print, "x", 1);
    Ignores(xna_candidate_find, XNA_FINDING_FAIL, "x", "x");
    Ignores(xna_import_skip, nullptr, "x", "x");
    xna_call_options call = Init(xna_call_options_init);
    call.cancel = good<xna_cancel>;
    xna_listing* listing = nullptr;
    XNA_MUST(xna_engine_projects(host.engine, &call, &listing, &error));
    CHECK(RowsOf(listing).size() == 1);
  }

  TEST_CASE("what a handler and a transform are given takes good arguments alone") {
    const Host host;
    xna_import_request request = host.import_request;
    request.handler = "probe";
    XNA_CHECK_FAILS(xna_engine_import(host.engine, &request, nullptr, nullptr, &error),
                    XNA_E_UNSUPPORTED, "handler.failed");
    xna_report* report = nullptr;
    XNA_MUST(xna_engine_archive(host.engine, &host.archive_request, nullptr, &report, &error));
    CHECK(xna_report_number(report, "files") == 2);  // one of the three was left out
    xna_report_free(report);
  }

  TEST_CASE("calls that read take good arguments alone") {
    const Host host;
    ReadsTakeGoodArguments(host);
    const std::string before = host.Dump();
    ChangesRefuseBadArguments(host);
    CHECK(host.Dump() == before);
  }

  TEST_CASE("so do calls that change something, which then do") {
    Host host;
    ProjectsTakeGoodArguments(host);
    SessionsTakeGoodArguments(host);
    TasksAndJobsTakeGoodArguments(host);
  }
}

}  // namespace xnatarchive
