// What a host's handler, validator and transform see through the C interface, and what becomes of
// what they say.
#include <map>

#include "capi/capi_fixture.hpp"

namespace xnatarchive {
namespace {

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// What a host's functions were told.
struct Seen {
  std::map<std::string, int64_t> sizes;
  std::string candidate;
  std::string label;
  xna_import* import = nullptr;
  xna_session* session = nullptr;
};

xna_status VisitNote(void* ctx, xna_file* file) {
  Seen& seen = *static_cast<Seen*>(ctx);
  seen.sizes[xna_file_path(file)] = xna_file_size(file);
  return xna_import_keep(seen.import, file, seen.session, "1", "NOTES", nullptr, nullptr);
}

xna_status DescribeNotes(void* ctx, xna_import* import, xna_callback*) {
  Seen& seen = *static_cast<Seen*>(ctx);
  CHECK(xna_import_kind(import) == XNA_SOURCE_FOLDER);
  CHECK(std::string(xna_import_name(import)) == "notes");
  CHECK(std::string(xna_import_parameter(import, "project")) == "DEMO");
  CHECK(xna_import_parameter(import, "subject") == nullptr);
  seen.import = import;
  seen.session = xna_import_add_session(import);
  xna_document* const document = xna_session_document(seen.session);
  XNA_MUST(xna_document_set(document, nullptr, "xsi_type", "xnat:otherDicomSessionData", &error));
  XNA_MUST(xna_document_set(document, nullptr, "label", "N1", &error));
  XNA_MUST(xna_document_set(document, nullptr, "subject_ID", "N", &error));
  XNA_MUST(xna_document_add_scan(document, "1", "xnat:otherDicomScanData", &error));
  XNA_MUST(xna_session_describe(seen.session, XNA_SESSION_WAIT_FOR_USER, "2020-02-03", "04:05:06",
                                &error));
  XNA_CHECK_FAILS(
      xna_session_describe(seen.session, XNA_SESSION_WAIT_FOR_USER | XNA_SESSION_AUTO_ARCHIVE,
                           nullptr, nullptr, &error),
      XNA_E_INVALID_ARGUMENT, "capi.contradiction");
  XNA_CHECK_FAILS(xna_session_describe(seen.session, 8, nullptr, nullptr, &error),
                  XNA_E_UNSUPPORTED, "capi.unknown-flag");
  return xna_import_each_file(import, VisitNote, ctx, nullptr);
}

xna_status ValidateNotes(void* ctx, xna_candidate* candidate, xna_callback*) {
  Seen& seen = *static_cast<Seen*>(ctx);
  xna_text* json = nullptr;
  XNA_MUST(xna_candidate_json(candidate, &json, &error));
  seen.candidate = xna_text_data(json);
  xna_text_free(json);
  seen.label = xna_document_get(xna_candidate_document(candidate), nullptr, "label");
  xna_candidate_find(candidate, XNA_FINDING_WARN, "notes.short", "the notes are short");
  xna_candidate_find(candidate, 7, "notes.none", "of no type");
  return XNA_OK;
}

xna_status TransformNotes(void*, const xna_candidate*, xna_session_files* files, xna_document*,
                          xna_callback*) {
  for (size_t i = 0; i < xna_session_files_count(files); ++i) {
    const std::string path = xna_session_files_path(files, i);
    if (!Has(path, "b.txt")) continue;
    XNA_MUST(xna_session_files_reject(files, path.c_str(), &error));
  }
  return XNA_OK;
}

/// A host with a handler "notes" of its own, a validator and a transform.
struct NotesHost : CapiFixture {
  Seen seen;

  NotesHost() {
    xna_session_validator validator = Init(xna_session_validator_init);
    validator.ctx = &seen;
    validator.validate = ValidateNotes;
    xna_session_transform transform = Init(xna_session_transform_init);
    transform.name = "notes";
    transform.transform = TransformNotes;
    const xna_session_validator* const validators[] = {&validator};
    xna_engine_options options = Options();
    options.validators = validators;
    options.validator_count = 1;
    options.session_transform = &transform;
    Open(options);
    xna_import_handler handler = Init(xna_import_handler_init);
    handler.ctx = &seen;
    handler.name = "notes";
    handler.describe = DescribeNotes;
    XNA_MUST(xna_engine_register(engine, &handler, &error));
  }
};

}  // namespace

TEST_SUITE("capi.strategies") {
  TEST_CASE(
      "the host's handler, validator and transform see what is there, and what they say counts") {
    NotesHost host;
    const std::string path = host.tree.path() + "/notes";
    host.tree.Write("notes/a.txt", "12345");
    host.tree.Write("notes/b.txt", "");
    xna_import_request import = CapiFixture::ImportOf(path);
    import.handler = "notes";
    xna_report* report = nullptr;
    XNA_MUST(xna_engine_import(host.engine, &import, nullptr, &report, &error));
    CHECK(host.seen.sizes == std::map<std::string, int64_t>{{"a.txt", 5}, {"b.txt", 0}});
    const std::string src = xna_report_uri(report, 0);
    xna_report_free(report);
    xna_listing* listing = nullptr;
    XNA_MUST(xna_engine_prearchive(host.engine, "DEMO", nullptr, &listing, &error));
    CHECK(Has(RowsOf(listing).at(0), " 2020-02-03 04:05:06.0 "));

    const xna_archive_request archive = CapiFixture::ArchiveOf(src);
    XNA_MUST(xna_engine_archive(host.engine, &archive, nullptr, &report, &error));
    const std::string uri = xna_report_uri(report, 0);
    CHECK(Has(xna_report_json(report), "\"notes.short\""));
    xna_report_free(report);
    CHECK(Has(host.seen.candidate,
              "{\"project\":\"DEMO\",\"subject\":\"N\",\"label\":\"N1\","
              "\"exists\":false,\"resources\":[{\"scan_id\":\"1\","));
    CHECK(Has(host.seen.candidate, "{\"uri\":\"a.txt\",\"size\":\"5\","));
    CHECK(host.seen.label == "N1");
    XNA_MUST(xna_engine_list(host.engine, (uri + "/scans/1/resources/NOTES").c_str(), nullptr,
                             &listing, &error));
    REQUIRE(xna_listing_next(listing) == 1);
    CHECK(std::string(xna_listing_value(listing, 0)) == "a.txt");
    CHECK(xna_listing_next(listing) == 0);  // the other was rejected
    xna_listing_free(listing);
  }
}

}  // namespace xnatarchive
