// capi_fixture.hpp - a root with an open engine, through the C interface alone.
#ifndef XNATARCHIVE_TESTS_CAPI_CAPI_FIXTURE_HPP_
#define XNATARCHIVE_TESTS_CAPI_CAPI_FIXTURE_HPP_

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "support/dicom_generator.hpp"
#include "support/temp_tree.hpp"
#include "xnatarchive.h"

namespace xnatarchive {

/// A struct with its defaults.
template <typename Struct>
Struct Init(xna_status (*init)(Struct*, size_t)) {
  Struct value;
  REQUIRE(init(&value, sizeof value) == XNA_OK);
  return value;
}

/// Says what a failure is, and frees it.
inline std::string Told(xna_error* error) {
  if (error == nullptr) return "no error";
  std::string told = std::string(xna_status_name(xna_error_status(error))) + "/" +
                     xna_error_reason(error) + ": " + xna_error_message(error);
  xna_error_free(error);
  return told;
}

/// The reason of a failure, which is freed; "" for none.
inline std::string ReasonOf(xna_error* error) {
  std::string reason = error == nullptr ? "" : xna_error_reason(error);
  xna_error_free(error);
  return reason;
}

/// Runs a function of the C interface that has to succeed: its last argument is `error`.
#define XNA_MUST(call)                               \
  do {                                               \
    xna_error* error = nullptr;                      \
    const xna_status status_of_call = (call);        \
    if (status_of_call != XNA_OK) FAIL(Told(error)); \
  } while (false)

/// Checks that a call fails with this status and reason.
#define XNA_CHECK_FAILS(call, status, reason) \
  do {                                        \
    xna_error* error = nullptr;               \
    CHECK((call) == (status));                \
    CHECK(ReasonOf(error) == (reason));       \
  } while (false)

/// Every row of a listing, cells joined by a blank; the listing is freed.
inline std::vector<std::string> RowsOf(xna_listing* listing) {
  std::vector<std::string> rows;
  while (xna_listing_next(listing) == 1) {
    std::string row;
    for (size_t i = 0; i < xna_listing_column_count(listing); ++i) {
      row += (i == 0 ? "" : " ") + std::string(xna_listing_value(listing, i));
    }
    rows.push_back(std::move(row));
  }
  xna_listing_free(listing);
  return rows;
}

struct CapiFixture {
  TempTree tree;
  std::string root = tree.path() + "/root";
  xna_engine* engine = nullptr;

  CapiFixture() {
    xna_engine_options options = Options();
    XNA_MUST(xna_root_create(&options, nullptr, nullptr, &error));
    Open(options);
    xna_project project = Init(xna_project_init);
    project.id = "DEMO";
    XNA_MUST(xna_engine_add_project(engine, &project, nullptr, &error));
  }
  ~CapiFixture() { xna_engine_free(engine); }
  CapiFixture(const CapiFixture&) = delete;
  CapiFixture& operator=(const CapiFixture&) = delete;

  xna_engine_options Options() const {
    xna_engine_options options = Init(xna_engine_options_init);
    options.root = root.c_str();
    return options;
  }
  /// Closes the engine and opens it again.
  void Open(const xna_engine_options& options) {
    xna_engine_free(engine);
    XNA_MUST(xna_engine_open(&options, &engine, &error));
  }

  /// Writes `instances` DICOM files of one series below `folder`.
  std::string WriteStudy(const std::string& folder, int study, int instances = 3) {
    for (int i = 1; i <= instances; ++i) {
      DicomSpec spec;
      spec.study = study;
      spec.instance = i;
      spec.rows = spec.columns = 16;
      spec.values[0x00100020] = "S" + std::to_string(study);
      tree.Write(folder + "/" + std::to_string(i) + ".dcm", MakeDicom(spec));
    }
    return tree.path() + "/" + folder;
  }

  /// A request to import into DEMO; `path` outlives it.
  static xna_import_request ImportOf(const std::string& path) {
    xna_import_request request = ImportRequest();
    request.path = path.c_str();
    return request;
  }
  /// The same of what the test says.
  static xna_import_request ImportRequest() {
    static const char* const kParameters[] = {"project", "DEMO"};
    xna_import_request request = Init(xna_import_request_init);
    request.parameters = kParameters;
    request.parameter_count = 1;
    return request;
  }

  /// Imports a study and returns the URI of its prearchive session.
  std::string Import(const std::string& folder, int study, int instances = 3) {
    const std::string path = WriteStudy(folder, study, instances);
    const xna_import_request request = ImportOf(path);
    xna_report* report = nullptr;
    XNA_MUST(xna_engine_import(engine, &request, nullptr, &report, &error));
    REQUIRE(xna_report_uri_count(report) == 1);
    std::string uri = xna_report_uri(report, 0);
    xna_report_free(report);
    return uri;
  }

  static xna_archive_request ArchiveOf(const std::string& src) {
    xna_archive_request request = Init(xna_archive_request_init);
    request.src = src.c_str();
    return request;
  }

  /// Archives it and returns the URI of the experiment.
  std::string Archive(const std::string& src) {
    const xna_archive_request request = ArchiveOf(src);
    xna_report* report = nullptr;
    XNA_MUST(xna_engine_archive(engine, &request, nullptr, &report, &error));
    std::string uri = xna_report_uri(report, 0);
    xna_report_free(report);
    return uri;
  }

  /// Submits it as a job of its own and returns the job's ID.
  std::string Submit(const std::string& src) {
    const xna_archive_request request = ArchiveOf(src);
    const xna_archive_request* const requests[] = {&request};
    xna_text* id = nullptr;
    XNA_MUST(xna_engine_submit(engine, requests, 1, nullptr, &id, &error));
    std::string job = xna_text_data(id);
    xna_text_free(id);
    return job;
  }

  /// Everything on disk but SQLite's shared-memory index.
  std::string Dump() const {
    std::string lines = tree.Dump("root");
    const std::size_t shm = lines.find("store.sqlite3-shm");
    if (shm != std::string::npos) lines.erase(shm, lines.find('\n', shm) - shm);
    return lines;
  }
};

/// Counts what a struct of callbacks is asked.
struct Counted {
  int calls = 0;
  int releases = 0;
  static void Release(void* ctx) { ++static_cast<Counted*>(ctx)->releases; }
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_CAPI_CAPI_FIXTURE_HPP_
