// Arguments that are none: every one is told apart, and harms nothing.
#include <atomic>
#include <cstddef>
#include <limits>
#include <thread>

#include "capi/capi_fixture.hpp"

namespace xnatarchive {
namespace {

/// Calls with NULL, 0 and 0.0 for everything.
template <typename R, typename... Args>
R CallWithNothing(R (*function)(Args...)) {
  return function(Args{}...);
}

/// A handle that is none.
template <typename Handle>
Handle* Garbage(std::uintptr_t number) {
  return reinterpret_cast<Handle*>(number);
}

struct Bigger {
  xna_archive_request known;
  std::uint64_t unknown;
};

}  // namespace

TEST_SUITE("capi.misuse") {
  TEST_CASE("functions that free or ask do nothing with NULL") {
    CallWithNothing(xna_error_free);
    CallWithNothing(xna_text_free);
    CallWithNothing(xna_report_free);
    CallWithNothing(xna_listing_free);
    CallWithNothing(xna_document_free);
    CallWithNothing(xna_engine_free);
    CallWithNothing(xna_task_free);
    CallWithNothing(xna_cancel_free);
    CallWithNothing(xna_rest_free);
    CallWithNothing(xna_response_free);
    CallWithNothing(xna_task_cancel);
    CallWithNothing(xna_cancel_request);
    CallWithNothing(xna_callback_fail);
    CallWithNothing(xna_callback_print);
    CallWithNothing(xna_candidate_find);
    CallWithNothing(xna_import_skip);
    CHECK(CallWithNothing(xna_callback_cancelled) == 0);
    CHECK(CallWithNothing(xna_error_status) == XNA_E_INVALID_ARGUMENT);
    CHECK(CallWithNothing(xna_error_host_status) == 0);
    CHECK(CallWithNothing(xna_error_reason) == nullptr);
    CHECK(CallWithNothing(xna_error_message) == nullptr);
    CHECK(CallWithNothing(xna_error_path) == nullptr);
    CHECK(CallWithNothing(xna_error_disk_state) == -1);
    CHECK(CallWithNothing(xna_error_os_errno) == 0);
    CHECK(CallWithNothing(xna_text_data) == nullptr);
    CHECK(CallWithNothing(xna_text_size) == 0);
    CHECK(CallWithNothing(xna_report_json) == nullptr);
    CHECK(CallWithNothing(xna_report_json_size) == 0);
    CHECK(CallWithNothing(xna_report_number) == -1);
    CHECK(CallWithNothing(xna_report_uri_count) == 0);
    CHECK(CallWithNothing(xna_report_uri) == nullptr);
    CHECK(CallWithNothing(xna_listing_column_count) == 0);
    CHECK(CallWithNothing(xna_listing_column) == nullptr);
    CHECK(CallWithNothing(xna_listing_next) == 0);
    CHECK(CallWithNothing(xna_listing_value) == nullptr);
    CHECK(CallWithNothing(xna_document_scan_count) == 0);
    CHECK(CallWithNothing(xna_document_scan_id) == nullptr);
    CHECK(CallWithNothing(xna_document_get) == nullptr);
    CHECK(CallWithNothing(xna_candidate_document) == nullptr);
    CHECK(CallWithNothing(xna_session_files_count) == 0);
    CHECK(CallWithNothing(xna_session_files_path) == nullptr);
    CHECK(CallWithNothing(xna_import_name) == nullptr);
    CHECK(CallWithNothing(xna_import_kind) == -1);
    CHECK(CallWithNothing(xna_import_parameter) == nullptr);
    CHECK(CallWithNothing(xna_import_find_project) == nullptr);
    CHECK(CallWithNothing(xna_import_add_session) == nullptr);
    CHECK(CallWithNothing(xna_file_path) == nullptr);
    CHECK(CallWithNothing(xna_file_size) == -1);
    CHECK(CallWithNothing(xna_file_head) == nullptr);
    CHECK(CallWithNothing(xna_session_document) == nullptr);
    CHECK(CallWithNothing(xna_task_wait) == -1);
    CHECK(CallWithNothing(xna_response_status) == 0);
    CHECK(CallWithNothing(xna_response_header_count) == 0);
    CHECK(CallWithNothing(xna_response_header_name) == nullptr);
    CHECK(CallWithNothing(xna_response_header_value) == nullptr);
    CHECK(CallWithNothing(xna_response_body_size) == -1);
  }

#define CHECK_REFUSES(function) CHECK(CallWithNothing(function) == XNA_E_INVALID_ARGUMENT)
  TEST_CASE("functions that set structs up say so with NULL for everything") {
    CHECK_REFUSES(xna_access_policy_init);
    CHECK_REFUSES(xna_archive_request_init);
    CHECK_REFUSES(xna_call_options_init);
    CHECK_REFUSES(xna_engine_options_init);
    CHECK_REFUSES(xna_entry_init);
    CHECK_REFUSES(xna_event_sink_init);
    CHECK_REFUSES(xna_export_request_init);
    CHECK_REFUSES(xna_import_handler_init);
    CHECK_REFUSES(xna_import_request_init);
    CHECK_REFUSES(xna_input_init);
    CHECK_REFUSES(xna_log_sink_init);
    CHECK_REFUSES(xna_output_init);
    CHECK_REFUSES(xna_pipeline_launcher_init);
    CHECK_REFUSES(xna_progress_init);
    CHECK_REFUSES(xna_progress_sink_init);
    CHECK_REFUSES(xna_project_init);
    CHECK_REFUSES(xna_refresh_request_init);
    CHECK_REFUSES(xna_session_transform_init);
    CHECK_REFUSES(xna_session_validator_init);
    CHECK_REFUSES(xna_verify_request_init);
    CHECK_REFUSES(xna_rest_options_init);
    CHECK_REFUSES(xna_rest_request_init);
  }

  TEST_CASE("so do all others that can fail") {
    CHECK_REFUSES(xna_cancel_create);
    CHECK_REFUSES(xna_candidate_json);
    CHECK_REFUSES(xna_document_add_scan);
    CHECK_REFUSES(xna_document_json);
    CHECK_REFUSES(xna_document_set);
    CHECK_REFUSES(xna_engine_activate);
    CHECK_REFUSES(xna_engine_add_project);
    CHECK_REFUSES(xna_engine_add_subject);
    CHECK_REFUSES(xna_engine_archive);
    CHECK_REFUSES(xna_engine_audit);
    CHECK_REFUSES(xna_engine_build);
    CHECK_REFUSES(xna_engine_build_with_fields);
    CHECK_REFUSES(xna_engine_cancel_job);
    CHECK_REFUSES(xna_engine_check_prearchive_session);
    CHECK_REFUSES(xna_engine_commit_idle);
    CHECK_REFUSES(xna_engine_delete_prearchive_session);
    CHECK_REFUSES(xna_engine_document);
    CHECK_REFUSES(xna_engine_document_xml);
    CHECK_REFUSES(xna_engine_export);
    CHECK_REFUSES(xna_engine_history);
    CHECK_REFUSES(xna_engine_import);
    CHECK_REFUSES(xna_engine_job);
    CHECK_REFUSES(xna_engine_jobs);
    CHECK_REFUSES(xna_engine_list);
    CHECK_REFUSES(xna_engine_move_prearchive_session);
    CHECK_REFUSES(xna_engine_open);
    CHECK_REFUSES(xna_engine_prearchive);
    CHECK_REFUSES(xna_engine_prearchive_log);
    CHECK_REFUSES(xna_engine_prearchive_session);
    CHECK_REFUSES(xna_engine_projects);
    CHECK_REFUSES(xna_engine_prune_history);
    CHECK_REFUSES(xna_engine_recover);
    CHECK_REFUSES(xna_engine_refresh);
    CHECK_REFUSES(xna_engine_register);
    CHECK_REFUSES(xna_engine_reindex);
    CHECK_REFUSES(xna_engine_restore_history);
    CHECK_REFUSES(xna_engine_run_job);
    CHECK_REFUSES(xna_engine_set_prearchive_state);
    CHECK_REFUSES(xna_engine_set_setting);
    CHECK_REFUSES(xna_engine_setting);
    CHECK_REFUSES(xna_engine_settings);
    CHECK_REFUSES(xna_engine_start_archive);
    CHECK_REFUSES(xna_engine_start_export);
    CHECK_REFUSES(xna_engine_start_import);
    CHECK_REFUSES(xna_engine_start_refresh);
    CHECK_REFUSES(xna_engine_start_validate);
    CHECK_REFUSES(xna_engine_start_verify);
    CHECK_REFUSES(xna_engine_submit);
    CHECK_REFUSES(xna_engine_validate);
    CHECK_REFUSES(xna_engine_verify);
    CHECK_REFUSES(xna_engine_wait_for_job);
    CHECK_REFUSES(xna_import_each_file);
    CHECK_REFUSES(xna_import_keep);
    CHECK_REFUSES(xna_rest_create);
    CHECK_REFUSES(xna_rest_handle);
    CHECK_REFUSES(xna_rest_routes);
    CHECK_REFUSES(xna_response_write);
    CHECK_REFUSES(xna_root_create);
    CHECK_REFUSES(xna_session_describe);
    CHECK_REFUSES(xna_session_files_read);
    CHECK_REFUSES(xna_session_files_reject);
    CHECK_REFUSES(xna_session_files_replace);
    CHECK_REFUSES(xna_task_progress);
    CHECK_REFUSES(xna_task_result);
  }
#undef CHECK_REFUSES

  TEST_CASE("garbage, a handle of another type and a closed one are no handles") {
    CapiFixture host;
    xna_listing* listing = nullptr;
    XNA_MUST(xna_engine_projects(host.engine, nullptr, &listing, &error));
    xna_engine* const closed = host.engine;
    const auto refuses = [](xna_engine* engine) {
      XNA_CHECK_FAILS(xna_engine_build(engine, "x", nullptr, &error), XNA_E_INVALID_ARGUMENT,
                      "capi.bad-handle");
    };
    refuses(reinterpret_cast<xna_engine*>(listing));
    for (const std::uintptr_t number : {std::uintptr_t{1}, std::uintptr_t{6}, std::uintptr_t{4096},
                                        std::numeric_limits<std::uintptr_t>::max()}) {
      refuses(Garbage<xna_engine>(number));
      CHECK(xna_listing_next(Garbage<xna_listing>(number)) == 0);
      CHECK(xna_report_json(Garbage<xna_report>(number)) == nullptr);
    }
    int not_a_handle = 0;
    refuses(reinterpret_cast<xna_engine*>(&not_a_handle));
    xna_engine_free(reinterpret_cast<xna_engine*>(listing));
    CHECK(xna_listing_next(listing) == 1);  // it was not freed by that
    xna_listing_free(listing);
    xna_listing_free(listing);
    CHECK(xna_listing_next(listing) == 0);
    xna_engine_free(host.engine);
    refuses(closed);
    xna_engine_free(closed);
  }

  TEST_CASE("handles are freed in any order, and what came from an engine outlives it") {
    CapiFixture host;
    const std::string src = host.Import("a", 1);
    xna_report* report = nullptr;
    xna_listing* listing = nullptr;
    XNA_MUST(xna_engine_prearchive_session(host.engine, src.c_str(), nullptr, &report, &error));
    XNA_MUST(xna_engine_projects(host.engine, nullptr, &listing, &error));
    xna_engine_free(host.engine);
    CHECK(xna_report_uri(report, 0) == src);
    CHECK(xna_listing_next(listing) == 1);
    xna_listing_free(listing);
    xna_report_free(report);
  }

  TEST_CASE("text that is no name is refused, and nothing is touched") {
    CapiFixture host;
    const std::string before = host.Dump();
    for (const char* text :
         {"\xFF", "\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80", "a\nb", "\x7F", "\x01"}) {
      CAPTURE(text);
      xna_listing* listing = nullptr;
      XNA_CHECK_FAILS(xna_engine_list(host.engine, text, nullptr, &listing, &error),
                      XNA_E_INVALID_ARGUMENT, "capi.bad-text");
      xna_project project = Init(xna_project_init);
      project.id = text;
      XNA_CHECK_FAILS(xna_engine_add_project(host.engine, &project, nullptr, &error),
                      XNA_E_INVALID_ARGUMENT, "capi.bad-text");
      xna_call_options call = Init(xna_call_options_init);
      call.user = text;
      XNA_CHECK_FAILS(xna_engine_list(host.engine, nullptr, &call, &listing, &error),
                      XNA_E_INVALID_ARGUMENT, "capi.bad-text");
    }
    for (const char* value : {"\x01", "\xEF\xBF\xBE", "\xFF"}) {
      XNA_CHECK_FAILS(
          xna_engine_set_setting(host.engine, "aliases", value, "DEMO", nullptr, &error),
          XNA_E_INVALID_ARGUMENT, "capi.bad-text");
    }
    CHECK(host.Dump() == before);
  }

  TEST_CASE("a struct of an older header gets defaults, one of a newer one is read if it may be") {
    CapiFixture host;
    const std::string src = host.Import("a", 1);
    Bigger request{};
    REQUIRE(xna_archive_request_init(&request.known, sizeof request) == XNA_OK);
    CHECK(request.known.struct_size == sizeof request);
    request.known.src = src.c_str();
    const auto validate = [&](xna_error** error) {
      return xna_engine_validate(host.engine, &request.known, nullptr, nullptr, error);
    };
    XNA_MUST(validate(&error));
    request.unknown = 1;
    XNA_CHECK_FAILS(validate(&error), XNA_E_UNSUPPORTED, "capi.newer-struct");
    request.known.struct_size = offsetof(xna_archive_request, wait_ms);
    request.known.parameter_count = 1000;  // not read
    XNA_MUST(validate(&error));
    request.known.struct_size = 8;
    XNA_CHECK_FAILS(validate(&error), XNA_E_INVALID_ARGUMENT, "capi.null-argument");
    for (const std::uint32_t size : {0u, 1u, 7u, 12u, 1u << 17, 0xFFFFFFFFu}) {
      request.known.struct_size = size;
      XNA_CHECK_FAILS(validate(&error), XNA_E_INVALID_ARGUMENT, "capi.bad-struct-size");
    }
    request.known.struct_size = sizeof(xna_archive_request);
    request.known.parameter_count = 0;
    request.known.flags = 1u << 31;
    XNA_CHECK_FAILS(validate(&error), XNA_E_UNSUPPORTED, "capi.unknown-flag");
    CHECK(xna_archive_request_init(&request.known, 4) == XNA_E_INVALID_ARGUMENT);
    CHECK(xna_archive_request_init(&request.known, SIZE_MAX) == XNA_E_INVALID_ARGUMENT);
  }

  TEST_CASE("counts and sizes that can be none are refused") {
    CapiFixture host;
    xna_import_request request = CapiFixture::ImportRequest();
    XNA_CHECK_FAILS(xna_engine_import(host.engine, &request, nullptr, nullptr, &error),
                    XNA_E_INVALID_ARGUMENT, "capi.one-input");
    request.data = "x";
    request.data_size = SIZE_MAX;
    XNA_CHECK_FAILS(xna_engine_import(host.engine, &request, nullptr, nullptr, &error),
                    XNA_E_INVALID_ARGUMENT, "capi.bad-size");
    request.data_size = 1;
    request.parameter_count = SIZE_MAX;
    XNA_CHECK_FAILS(xna_engine_import(host.engine, &request, nullptr, nullptr, &error),
                    XNA_E_INVALID_ARGUMENT, "capi.too-many");
    request.parameters = nullptr;
    request.parameter_count = 1;
    XNA_CHECK_FAILS(xna_engine_import(host.engine, &request, nullptr, nullptr, &error),
                    XNA_E_INVALID_ARGUMENT, "capi.null-argument");
    request.parameter_count = 0;
    request.data_size = 0;  // an empty input is none of DICOM
    CHECK(xna_engine_import(host.engine, &request, nullptr, nullptr, nullptr) != XNA_OK);
    xna_text* id = nullptr;
    XNA_CHECK_FAILS(xna_engine_submit(host.engine, nullptr, SIZE_MAX, nullptr, &id, &error),
                    XNA_E_INVALID_ARGUMENT, "capi.too-many");
    XNA_CHECK_FAILS(xna_engine_submit(host.engine, nullptr, 0, nullptr, &id, &error),
                    XNA_E_INVALID_ARGUMENT, "job.empty");
  }

  TEST_CASE("so are those of validators, URIs, fields, headers and bodies; none of them is fine") {
    CapiFixture host;
    const std::string src = host.Import("a", 1);
    xna_engine_options options = host.Options();
    options.validator_count = SIZE_MAX;
    xna_engine* engine = nullptr;
    XNA_CHECK_FAILS(xna_engine_open(&options, &engine, &error), XNA_E_INVALID_ARGUMENT,
                    "capi.too-many");
    options.validator_count = 1;
    XNA_CHECK_FAILS(xna_engine_open(&options, &engine, &error), XNA_E_INVALID_ARGUMENT,
                    "capi.null-argument");
    const char* const texts[] = {"x", "y"};
    const auto check = [&](auto call, std::size_t* count, const char* const** array) {
      *array = texts;
      *count = SIZE_MAX;
      XNA_CHECK_FAILS(call(&error), XNA_E_INVALID_ARGUMENT, "capi.too-many");
      *array = nullptr;
      *count = 1;
      XNA_CHECK_FAILS(call(&error), XNA_E_INVALID_ARGUMENT, "capi.null-argument");
      *count = 0;
      XNA_MUST(call(&error));
    };
    std::size_t count = 0;
    const char* const* fields = nullptr;
    check(
        [&](xna_error** error) {
          return xna_engine_build_with_fields(host.engine, src.c_str(), fields, count, nullptr,
                                              error);
        },
        &count, &fields);
    xna_archive_request archive = CapiFixture::ArchiveOf(src);
    check(
        [&](xna_error** error) {
          return xna_engine_validate(host.engine, &archive, nullptr, nullptr, error);
        },
        &archive.field_count, &archive.fields);
    xna_verify_request verify = Init(xna_verify_request_init);
    check(
        [&](xna_error** error) {
          return xna_engine_verify(host.engine, &verify, nullptr, nullptr, error);
        },
        &verify.uri_count, &verify.uris);
    xna_refresh_request refresh = Init(xna_refresh_request_init);
    refresh.uris = texts;
    refresh.uri_count = SIZE_MAX;
    XNA_CHECK_FAILS(xna_engine_refresh(host.engine, &refresh, nullptr, nullptr, &error),
                    XNA_E_INVALID_ARGUMENT, "capi.too-many");
    xna_rest* rest = nullptr;
    XNA_MUST(xna_rest_create(host.engine, nullptr, &rest, &error));
    xna_rest_request request = Init(xna_rest_request_init);
    request.method = "GET";
    request.path = "/data/projects";
    const auto handle = [&](xna_error** error) {
      xna_response* response = nullptr;
      const xna_status status = xna_rest_handle(rest, &request, nullptr, &response, error);
      xna_response_free(response);
      return status;
    };
    check(handle, &request.header_count, &request.headers);
    request.body = "x";
    request.body_size = SIZE_MAX;
    XNA_CHECK_FAILS(handle(&error), XNA_E_INVALID_ARGUMENT, "capi.bad-size");
    request.body_size = 0;
    XNA_MUST(handle(&error));
    xna_rest_free(rest);
  }

  TEST_CASE("a document and a response that several threads use give each what one is given") {
    CapiFixture host;
    const std::string uri = host.Archive(host.Import("a", 1));
    xna_document* document = nullptr;
    XNA_MUST(xna_engine_document(host.engine, uri.c_str(), nullptr, &document, &error));
    xna_rest* rest = nullptr;
    XNA_MUST(xna_rest_create(host.engine, nullptr, &rest, &error));
    xna_rest_request request = Init(xna_rest_request_init);
    request.method = "GET";
    request.path = "/data/projects";
    xna_response* response = nullptr;
    XNA_MUST(xna_rest_handle(rest, &request, nullptr, &response, &error));
    struct Written {
      std::atomic<int> bodies{0};
      std::atomic<int> refused{0};
      std::atomic<int> differ{0};
    } written;
    xna_output output = Init(xna_output_init);
    output.ctx = &written;
    output.write = [](void* ctx, const void*, size_t, xna_callback*) {
      ++static_cast<Written*>(ctx)->bodies;
      return XNA_OK;
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < 100; ++round) {
          if (std::string(xna_document_get(document, nullptr, "label")) != "S1") ++written.differ;
          if (std::string(xna_document_scan_id(document, 0)) != "1") ++written.differ;
          if (xna_response_status(response) != 200) ++written.differ;
          if (xna_response_write(response, &output, nullptr) == XNA_E_UNSUPPORTED) {
            ++written.refused;
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(written.differ == 0);
    CHECK(written.bodies == 1);
    CHECK(written.refused == 399);
    xna_response_free(response);
    xna_rest_free(rest);
    xna_document_free(document);
  }

  TEST_CASE("a listing that several threads read gives each row to one of them") {
    CapiFixture host;
    xna_listing* listing = nullptr;
    XNA_MUST(xna_engine_settings(host.engine, nullptr, nullptr, &listing, &error));
    std::atomic<int> rows{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        while (xna_listing_next(listing) == 1) ++rows;
      });
    }
    for (std::thread& thread : threads) thread.join();
    xna_listing_free(listing);
    XNA_MUST(xna_engine_settings(host.engine, nullptr, nullptr, &listing, &error));
    CHECK(static_cast<std::size_t>(rows) == RowsOf(listing).size());
  }

  TEST_CASE("statuses and versions have names") {
    CHECK(std::string(xna_status_name(XNA_OK)) == "ok");
    CHECK(std::string(xna_status_name(XNA_E_INTERNAL)) == "internal");
    CHECK(std::string(xna_status_name(-1)) == "unknown");
    CHECK(std::string(xna_status_name(16)) == "unknown");
    CHECK(xna_abi_version() == XNA_ABI_VERSION);
    const std::uint32_t n = xna_version_number();
    CHECK(std::to_string(n / 1000000) + "." + std::to_string(n / 1000 % 1000) + "." +
              std::to_string(n % 1000) ==
          xna_version());
  }
}

}  // namespace xnatarchive
