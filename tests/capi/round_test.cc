// What a host does all day, through the C interface.
#include <cerrno>

#include "capi/capi_fixture.hpp"

namespace xnatarchive {
namespace {

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE("capi.round") {
  TEST_CASE("a study is imported, archived, listed, read, verified, refreshed and exported") {
    CapiFixture host;
    const std::string src = host.Import("in", 1);
    xna_listing* listing = nullptr;
    XNA_MUST(xna_engine_prearchive(host.engine, "DEMO", nullptr, &listing, &error));
    CHECK(std::string(xna_listing_column(listing, 10)) == "status");
    CHECK(RowsOf(listing).size() == 1);

    const std::string uri = host.Archive(src);
    CHECK(Has(uri, "/experiments/S1"));
    XNA_MUST(xna_engine_list(host.engine, (uri + "/scans/1/resources/DICOM").c_str(), nullptr,
                             &listing, &error));
    CHECK(RowsOf(listing).size() == 3);

    xna_document* document = nullptr;
    XNA_MUST(xna_engine_document(host.engine, uri.c_str(), nullptr, &document, &error));
    CHECK(xna_document_scan_count(document) == 1);
    CHECK(std::string(xna_document_scan_id(document, 0)) == "1");
    CHECK(std::string(xna_document_get(document, nullptr, "label")) == "S1");
    CHECK(std::string(xna_document_get(document, "1", "series_description")) != "");
    CHECK(xna_document_get(document, "9", "type") == nullptr);
    XNA_CHECK_FAILS(xna_document_set(document, nullptr, "note", "x", &error), XNA_E_UNSUPPORTED,
                    "document.read-only");
    xna_text* json = nullptr;
    XNA_MUST(xna_document_json(document, &json, &error));
    CHECK(Has(xna_text_data(json), "\"label\":\"S1\""));
    CHECK(Has(xna_text_data(json), "\"scans\":[{"));
    CHECK(std::string(xna_text_data(json)).size() == xna_text_size(json));
    xna_text_free(json);
    xna_document_free(document);
    xna_text* xml = nullptr;
    XNA_MUST(xna_engine_document_xml(host.engine, uri.c_str(), nullptr, &xml, &error));
    CHECK(Has(std::string(xna_text_data(xml), xna_text_size(xml)), "<xnat:MRSession"));
    xna_text_free(xml);

    const char* const uris[] = {uri.c_str()};
    xna_refresh_request refresh = Init(xna_refresh_request_init);
    refresh.uris = uris;
    refresh.uri_count = 1;
    xna_report* report = nullptr;
    XNA_MUST(xna_engine_refresh(host.engine, &refresh, nullptr, &report, &error));
    CHECK(Has(xna_report_json(report), "\"outcome\":\"unchanged\""));
    CHECK(xna_report_json_size(report) == std::string(xna_report_json(report)).size());
    xna_report_free(report);
    XNA_MUST(xna_engine_verify(host.engine, nullptr, nullptr, &report, &error));
    CHECK(xna_report_number(report, "files_read") == 3);
    CHECK(Has(xna_report_json(report), "\"problems\":[]"));
    xna_report_free(report);

    xna_export_request exported = Init(xna_export_request_init);
    const std::string target = host.tree.path() + "/out.zip";
    exported.uri = uri.c_str();
    exported.path = target.c_str();
    XNA_MUST(xna_engine_export(host.engine, &exported, nullptr, &report, &error));
    CHECK(xna_report_number(report, "files") == 3);
    xna_report_free(report);
    CHECK(host.tree.Read("out.zip").substr(0, 2) == "PK");
  }

  TEST_CASE("bytes in memory and a stream are received as a path is") {
    CapiFixture host;
    DicomSpec spec;
    spec.study = 5;
    const std::string bytes = MakeDicom(spec);
    xna_import_request request = CapiFixture::ImportRequest();
    request.data = bytes.data();
    request.data_size = bytes.size();
    xna_report* report = nullptr;
    XNA_MUST(xna_engine_import(host.engine, &request, nullptr, &report, &error));
    CHECK(xna_report_number(report, "files_received") == 1);
    xna_report_free(report);

    struct Source : Counted {
      std::string left;
    } source;
    source.left = bytes;
    xna_input input = Init(xna_input_init);
    input.ctx = &source;
    input.release = [](void* ctx) { Counted::Release(static_cast<Source*>(ctx)); };
    input.read = [](void* ctx, void* buffer, size_t size, size_t* count, xna_callback*) {
      auto& from = *static_cast<Source*>(ctx);
      ++from.calls;
      *count = from.left.copy(static_cast<char*>(buffer), std::min<size_t>(size, 100));
      from.left.erase(0, *count);
      return XNA_OK;
    };
    request.data = nullptr;
    request.data_size = 0;
    request.input = &input;
    XNA_MUST(xna_engine_import(host.engine, &request, nullptr, &report, &error));
    CHECK(xna_report_number(report, "files_identical") == 1);
    CHECK(source.calls > 10);
    CHECK(source.releases == 1);
    xna_report_free(report);
  }

  TEST_CASE("a second session of the same label is a conflict, and validate says so beforehand") {
    CapiFixture host;
    host.Archive(host.Import("a", 1));
    const std::string again = host.Import("a", 1);
    const xna_archive_request request = CapiFixture::ArchiveOf(again);
    xna_report* report = nullptr;
    XNA_MUST(xna_engine_validate(host.engine, &request, nullptr, &report, &error));
    CHECK(xna_report_number(report, "blocked") == 1);
    CHECK(Has(xna_report_json(report), "archive.session-exists"));
    xna_report_free(report);
    XNA_CHECK_FAILS(xna_engine_archive(host.engine, &request, nullptr, &report, &error),
                    XNA_E_CONFLICT, "archive.session-exists");
    CHECK(report == nullptr);
  }

  TEST_CASE("values for the document are in it after every build") {
    CapiFixture host;
    const std::string src = host.Import("a", 1);
    const char* fields[] = {"xnat:mrSessionData/note", "from C"};
    XNA_MUST(xna_engine_build_with_fields(host.engine, src.c_str(), fields, 1, nullptr, &error));
    xna_text* xml = nullptr;
    XNA_MUST(xna_engine_document_xml(host.engine, src.c_str(), nullptr, &xml, &error));
    CHECK(Has(xna_text_data(xml), "from C"));
    xna_text_free(xml);
    XNA_CHECK_FAILS(
        xna_engine_build_with_fields(host.engine, src.c_str(), nullptr, 1, nullptr, &error),
        XNA_E_INVALID_ARGUMENT, "capi.null-argument");
  }

  TEST_CASE("a session that comes over time is moved, and built when nothing more comes") {
    CapiFixture host;
    xna_project other = Init(xna_project_init);
    other.id = "OTHER";
    XNA_MUST(xna_engine_add_project(host.engine, &other, nullptr, &error));
    xna_text* first = nullptr;
    xna_text* again = nullptr;
    XNA_MUST(xna_engine_add_subject(host.engine, "OTHER", "S9", nullptr, &first, &error));
    XNA_MUST(xna_engine_add_subject(host.engine, "OTHER", "S9", nullptr, &again, &error));
    CHECK(std::string(xna_text_data(first)) == xna_text_data(again));
    xna_text_free(first);
    xna_text_free(again);
    XNA_CHECK_FAILS(xna_engine_add_subject(host.engine, "OTHER", "a/b", nullptr, &first, &error),
                    XNA_E_INVALID_ARGUMENT, "subject.bad-label");

    const std::string src = host.Import("a", 1);
    xna_text* uri = nullptr;
    XNA_MUST(xna_engine_move_prearchive_session(host.engine, src.c_str(), "OTHER", nullptr, &uri,
                                                &error));
    const std::string moved = xna_text_data(uri);
    xna_text_free(uri);
    CHECK(Has(moved.c_str(), "/data/prearchive/projects/OTHER/"));
    XNA_CHECK_FAILS(xna_engine_move_prearchive_session(host.engine, src.c_str(), "OTHER", nullptr,
                                                       &uri, &error),
                    XNA_E_NOT_FOUND, "prearchive.not-found");
    xna_report* report = nullptr;
    XNA_MUST(xna_engine_commit_idle(host.engine, nullptr, &report, &error));
    CHECK(Has(xna_report_json(report), "\"built\":[]"));
    CHECK(xna_report_number(report, "next_ms") > 0);
    xna_report_free(report);
    XNA_MUST(
        xna_engine_set_setting(host.engine, "session_idle_minutes", "0", nullptr, nullptr, &error));
    XNA_MUST(xna_engine_commit_idle(host.engine, nullptr, &report, &error));
    CHECK(Has(xna_report_json(report), ("\"built\":[\"" + moved + "\"]").c_str()));
    CHECK(xna_report_number(report, "next_ms") == -1);
    xna_report_free(report);
    XNA_MUST(xna_engine_set_prearchive_state(host.engine, moved.c_str(), "ERROR", nullptr, nullptr,
                                             &error));
    XNA_MUST(xna_engine_set_prearchive_state(host.engine, moved.c_str(), nullptr, nullptr, &report,
                                             &error));
    CHECK(Has(xna_report_json(report), "\"state\":\"READY\""));
    xna_report_free(report);
    for (const char* state : {"_ARCHIVING", "DANCING"}) {
      XNA_CHECK_FAILS(xna_engine_set_prearchive_state(host.engine, moved.c_str(), state, nullptr,
                                                      nullptr, &error),
                      XNA_E_INVALID_ARGUMENT, "prearchive.bad-state");
    }
  }

  TEST_CASE("settings, the log, the audit trail, recovery and the index are reached") {
    CapiFixture host;
    const std::string src = host.Import("a", 1);
    xna_listing* listing = nullptr;
    XNA_MUST(xna_engine_set_setting(host.engine, "prearchive_code", "4", "DEMO", nullptr, &error));
    xna_text* value = nullptr;
    XNA_MUST(xna_engine_setting(host.engine, "prearchive_code", "DEMO", nullptr, &value, &error));
    CHECK(std::string(xna_text_data(value)) == "4");
    xna_text_free(value);
    XNA_MUST(xna_engine_settings(host.engine, nullptr, nullptr, &listing, &error));
    CHECK(RowsOf(listing).size() > 5);
    XNA_MUST(xna_engine_projects(host.engine, nullptr, &listing, &error));
    CHECK(RowsOf(listing) == std::vector<std::string>{"DEMO 4 0  /data/archive/projects/DEMO"});
    XNA_MUST(xna_engine_check_prearchive_session(host.engine, src.c_str(), XNA_PERMISSION_DELETE,
                                                 nullptr, &error));
    for (const int32_t none : {-1, 4}) {
      XNA_CHECK_FAILS(
          xna_engine_check_prearchive_session(host.engine, src.c_str(), none, nullptr, &error),
          XNA_E_INVALID_ARGUMENT, "capi.bad-permission");
    }
    XNA_MUST(xna_engine_build(host.engine, src.c_str(), nullptr, &error));
    XNA_MUST(xna_engine_prearchive_log(host.engine, src.c_str(), nullptr, &listing, &error));
    RowsOf(listing);
    xna_report* report = nullptr;
    XNA_MUST(xna_engine_prearchive_session(host.engine, src.c_str(), nullptr, &report, &error));
    CHECK(Has(xna_report_json(report), "\"state\":\"READY\""));
    CHECK(xna_report_uri(report, 0) == src);
    xna_report_free(report);
    XNA_MUST(xna_engine_delete_prearchive_session(host.engine, src.c_str(), nullptr, &error));
    XNA_CHECK_FAILS(xna_engine_check_prearchive_session(host.engine, src.c_str(),
                                                        XNA_PERMISSION_READ, nullptr, &error),
                    XNA_E_NOT_FOUND, "prearchive.not-found");
    XNA_CHECK_FAILS(xna_engine_build(host.engine, src.c_str(), nullptr, &error), XNA_E_NOT_FOUND,
                    "prearchive.not-found");
    XNA_MUST(xna_engine_audit(host.engine, nullptr, nullptr, &listing, &error));
    CHECK_FALSE(RowsOf(listing).empty());
    XNA_MUST(xna_engine_recover(host.engine, nullptr, &report, &error));
    CHECK(Has(xna_report_json(report), "\"failed\":[]"));
    xna_report_free(report);
    XNA_MUST(xna_engine_reindex(host.engine, nullptr, &report, &error));
    CHECK(xna_report_number(report, "projects") == 1);
    xna_report_free(report);
  }

  TEST_CASE(
      "what a merge replaced is listed, restored and pruned; a quarantined session released") {
    CapiFixture host;
    xna_archive_request request = Init(xna_archive_request_init);
    const std::string first = host.Import("a", 1);
    request.src = first.c_str();
    request.flags = XNA_ARCHIVE_QUARANTINE;
    XNA_MUST(xna_engine_archive(host.engine, &request, nullptr, nullptr, &error));
    DicomSpec spec;
    spec.study = 1;
    spec.rows = spec.columns = 32;
    spec.values[0x00100020] = "S1";
    host.tree.Write("b/1.dcm", MakeDicom(spec));
    const std::string path = host.tree.path() + "/b";
    const xna_import_request import = CapiFixture::ImportOf(path);
    xna_report* report = nullptr;
    XNA_MUST(xna_engine_import(host.engine, &import, nullptr, &report, &error));
    const std::string second = xna_report_uri(report, 0);
    xna_report_free(report);
    request.src = second.c_str();
    request.overwrite = XNA_OVERWRITE_DELETE;
    XNA_MUST(xna_engine_archive(host.engine, &request, nullptr, &report, &error));
    const std::string uri = xna_report_uri(report, 0);
    xna_report_free(report);

    xna_listing* listing = nullptr;
    XNA_MUST(xna_engine_history(host.engine, uri.c_str(), nullptr, &listing, &error));
    REQUIRE(xna_listing_next(listing) == 1);
    const std::string id = xna_listing_value(listing, 0);
    xna_listing_free(listing);
    XNA_MUST(xna_engine_restore_history(host.engine, id.c_str(), nullptr, nullptr, &error));
    XNA_CHECK_FAILS(xna_engine_prune_history(host.engine, id.c_str(), nullptr, &error),
                    XNA_E_NOT_FOUND, "history.not-found");
    int32_t changed = -1;
    XNA_MUST(xna_engine_activate(host.engine, uri.c_str(), nullptr, &changed, &error));
    CHECK(changed == 1);
    XNA_MUST(xna_engine_activate(host.engine, uri.c_str(), nullptr, &changed, &error));
    CHECK(changed == 0);
  }

  TEST_CASE("an error tells the file it is about, and what the system said") {
    const CapiFixture host;
    const std::string root = host.tree.path() + "/none/root";
    xna_engine_options options = host.Options();
    options.root = root.c_str();
    xna_error* error = nullptr;
    CHECK(xna_root_create(&options, nullptr, nullptr, &error) == XNA_E_NOT_FOUND);
    CHECK(std::string(xna_error_path(error)) == host.tree.path() + "/none");
    CHECK(xna_error_os_errno(error) == ENOENT);
    xna_error_free(error);
  }

  TEST_CASE("a job is submitted, worked off, looked at and cannot be cancelled any more") {
    CapiFixture host;
    const std::string job = host.Submit(host.Import("a", 1));
    xna_report* report = nullptr;
    XNA_CHECK_FAILS(xna_engine_wait_for_job(host.engine, job.c_str(), 0, nullptr, &report, &error),
                    XNA_E_LOCKED, "job.timeout");
    int32_t found = 0;
    XNA_MUST(xna_engine_run_job(host.engine, nullptr, &found, &error));
    CHECK(found == 1);
    XNA_MUST(xna_engine_run_job(host.engine, nullptr, &found, &error));
    CHECK(found == 0);
    XNA_MUST(xna_engine_wait_for_job(host.engine, job.c_str(), -1, nullptr, &report, &error));
    CHECK(Has(xna_report_json(report), "\"state\":\"done\""));
    xna_report_free(report);
    XNA_MUST(xna_engine_cancel_job(host.engine, job.c_str(), nullptr, &error));
    xna_listing* listing = nullptr;
    XNA_MUST(xna_engine_jobs(host.engine, nullptr, &listing, &error));
    CHECK(RowsOf(listing).size() == 1);
  }
}

}  // namespace xnatarchive
