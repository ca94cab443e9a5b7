"""The C interface as cffi reads it: xnatarchive.h without comments, macros and XNA_API.

setup.py makes src/xnatarchive/_xna.py of it, which loads at once; reading these declarations takes
a quarter of a second. A test compares them with the header. The header's constants are in
src/xnatarchive/enums.py.
"""

from cffi import FFI

DECLARATIONS = """
const char *xna_version(void);
uint32_t xna_version_number(void);
uint32_t xna_abi_version(void);
typedef int32_t xna_status;
const char *xna_status_name(xna_status status);
typedef struct xna_error xna_error;
void xna_error_free(xna_error *error);
xna_status xna_error_status(const xna_error *error);
int32_t xna_error_host_status(const xna_error *error);
const char *xna_error_reason(const xna_error *error);
const char *xna_error_message(const xna_error *error);
const char *xna_error_path(const xna_error *error);
int32_t xna_error_disk_state(const xna_error *error);
int32_t xna_error_os_errno(const xna_error *error);
typedef struct xna_text xna_text;
void xna_text_free(xna_text *text);
const char *xna_text_data(const xna_text *text);
size_t xna_text_size(const xna_text *text);
typedef struct xna_report xna_report;
void xna_report_free(xna_report *report);
const char *xna_report_json(const xna_report *report);
size_t xna_report_json_size(const xna_report *report);
int64_t xna_report_number(const xna_report *report, const char *name);
size_t xna_report_uri_count(const xna_report *report);
const char *xna_report_uri(const xna_report *report, size_t index);
typedef struct xna_listing xna_listing;
void xna_listing_free(xna_listing *listing);
size_t xna_listing_column_count(const xna_listing *listing);
const char *xna_listing_column(const xna_listing *listing, size_t index);
int32_t xna_listing_next(xna_listing *listing);
const char *xna_listing_value(const xna_listing *listing, size_t column);
typedef struct xna_document xna_document;
void xna_document_free(xna_document *document);
xna_status xna_document_json(const xna_document *document, xna_text **out_text,
                                     xna_error **out_error);
size_t xna_document_scan_count(const xna_document *document);
const char *xna_document_scan_id(const xna_document *document, size_t index);
const char *xna_document_get(const xna_document *document, const char *scan_id,
                                     const char *path);
xna_status xna_document_set(xna_document *document, const char *scan_id, const char *path,
                                    const char *value, xna_error **out_error);
xna_status xna_document_add_scan(xna_document *document, const char *scan_id,
                                         const char *xsi_type, xna_error **out_error);
typedef struct xna_callback xna_callback;
void xna_callback_fail(xna_callback *callback, const char *reason, const char *message);
int32_t xna_callback_cancelled(const xna_callback *callback);
typedef struct xna_access_policy {
  uint32_t struct_size;
  uint32_t flags;
  void *ctx;
  xna_status (*allows)(void *ctx, const char *user, int32_t permission, const char *project,
                       xna_callback *callback);
  void (*release)(void *ctx);
} xna_access_policy;
xna_status xna_access_policy_init(xna_access_policy *policy, size_t size);
typedef struct xna_event {
  uint32_t struct_size;
  uint32_t flags;
  int32_t kind;
  xna_status status;
  int64_t time_ms;
  int64_t audit_id;
  uint64_t scans;
  uint64_t files;
  uint64_t bytes;
  const char *user;
  const char *project;
  const char *subject;
  const char *label;
  const char *experiment_id;
  const char *uri;
  const char *reason;
  const char *message;
} xna_event;
typedef struct xna_event_sink {
  uint32_t struct_size;
  uint32_t flags;
  void *ctx;
  xna_status (*notify)(void *ctx, const xna_event *event, xna_callback *callback);
  void (*release)(void *ctx);
} xna_event_sink;
xna_status xna_event_sink_init(xna_event_sink *sink, size_t size);
typedef struct xna_log_sink {
  uint32_t struct_size;
  uint32_t flags;
  void *ctx;
  void (*write)(void *ctx, int32_t level, const char *text);
  void (*release)(void *ctx);
} xna_log_sink;
xna_status xna_log_sink_init(xna_log_sink *sink, size_t size);
typedef struct xna_candidate xna_candidate;
xna_document *xna_candidate_document(const xna_candidate *candidate);
xna_status xna_candidate_json(const xna_candidate *candidate, xna_text **out_text,
                                      xna_error **out_error);
void xna_candidate_find(xna_candidate *candidate, int32_t type, const char *reason,
                                const char *message);
typedef struct xna_session_validator {
  uint32_t struct_size;
  uint32_t flags;
  void *ctx;
  xna_status (*validate)(void *ctx, xna_candidate *candidate, xna_callback *callback);
  void (*release)(void *ctx);
} xna_session_validator;
xna_status xna_session_validator_init(xna_session_validator *validator, size_t size);
typedef struct xna_session_files xna_session_files;
size_t xna_session_files_count(const xna_session_files *files);
const char *xna_session_files_path(const xna_session_files *files, size_t index);
xna_status xna_session_files_read(xna_session_files *files, const char *path,
                                          xna_text **out_bytes, xna_error **out_error);
xna_status xna_session_files_replace(xna_session_files *files, const char *path,
                                             const void *data, size_t size, xna_error **out_error);
xna_status xna_session_files_reject(xna_session_files *files, const char *path,
                                            xna_error **out_error);
typedef struct xna_session_transform {
  uint32_t struct_size;
  uint32_t flags;
  void *ctx;
  const char *name;
  xna_status (*transform)(void *ctx, const xna_candidate *candidate, xna_session_files *files,
                          xna_document *document, xna_callback *callback);
  void (*release)(void *ctx);
} xna_session_transform;
xna_status xna_session_transform_init(xna_session_transform *transform, size_t size);
typedef struct xna_pipeline_request {
  uint32_t struct_size;
  uint32_t flags;
  const char *command;
  const char *project;
  const char *subject_label;
  const char *session_label;
  const char *experiment_id;
  const char *uri;
  const char *directory;
  const char *user;
  int64_t timeout_ms;
} xna_pipeline_request;
void xna_callback_print(xna_callback *callback, const char *data, size_t size);
typedef struct xna_pipeline_launcher {
  uint32_t struct_size;
  uint32_t flags;
  void *ctx;
  xna_status (*launch)(void *ctx, const xna_pipeline_request *request, xna_callback *callback);
  void (*release)(void *ctx);
} xna_pipeline_launcher;
xna_status xna_pipeline_launcher_init(xna_pipeline_launcher *launcher, size_t size);
typedef struct xna_import xna_import;
typedef struct xna_file xna_file;
typedef struct xna_session xna_session;
const char *xna_import_name(const xna_import *import);
int32_t xna_import_kind(const xna_import *import);
const char *xna_import_parameter(const xna_import *import, const char *name);
const char *xna_import_find_project(const xna_import *import, const char *name);
xna_status xna_import_each_file(xna_import *import,
                                        xna_status (*visit)(void *ctx, xna_file *file), void *ctx,
                                        xna_error **out_error);
const char *xna_file_path(const xna_file *file);
int64_t xna_file_size(const xna_file *file);
const void *xna_file_head(xna_file *file, size_t size_max, size_t *out_size,
                                  xna_error **out_error);
xna_session *xna_import_add_session(xna_import *import);
xna_document *xna_session_document(const xna_session *session);
xna_status xna_session_describe(xna_session *session, uint32_t flags, const char *scan_date,
                                        const char *scan_time, xna_error **out_error);
typedef struct xna_entry {
  uint32_t struct_size;
  uint32_t flags;
  const char *uri;
  const char *format;
  const char *content;
  const char *uid;
  int64_t instance_number;
} xna_entry;
xna_status xna_entry_init(xna_entry *entry, size_t size);
xna_status xna_import_keep(xna_import *import, xna_file *file, xna_session *session,
                                   const char *scan_id, const char *resource_label,
                                   const xna_entry *entry, xna_error **out_error);
void xna_import_skip(xna_import *import, xna_file *file, const char *reason,
                             const char *message);
typedef struct xna_import_handler {
  uint32_t struct_size;
  uint32_t flags;
  void *ctx;
  const char *name;
  int32_t (*accepts)(void *ctx, const char *input_name, int32_t kind);
  xna_status (*describe)(void *ctx, xna_import *import, xna_callback *callback);
  void (*release)(void *ctx);
} xna_import_handler;
xna_status xna_import_handler_init(xna_import_handler *handler, size_t size);
typedef struct xna_engine xna_engine;
typedef struct xna_engine_options {
  uint32_t struct_size;
  uint32_t flags;
  const char *root;
  const char *archive_path;
  const char *prearchive_path;
  const char *store_url;
  uint32_t threads;
  uint32_t job_workers;
  const xna_access_policy *access_policy;
  const xna_event_sink *event_sink;
  const xna_log_sink *log_sink;
  const xna_session_transform *session_transform;
  const xna_pipeline_launcher *pipeline_launcher;
  const xna_session_validator *const *validators;
  size_t validator_count;
  uint64_t container_entries_max;
  uint64_t container_bytes_max;
} xna_engine_options;
xna_status xna_engine_options_init(xna_engine_options *options, size_t size);
xna_status xna_root_create(const xna_engine_options *options, const char *site_id,
                                   const char *checksum, xna_error **out_error);
xna_status xna_engine_open(const xna_engine_options *options, xna_engine **out_engine,
                                   xna_error **out_error);
void xna_engine_free(xna_engine *engine);
xna_status xna_engine_register(xna_engine *engine, const xna_import_handler *handler,
                                       xna_error **out_error);
typedef struct xna_progress {
  uint32_t struct_size;
  uint32_t flags;
  uint64_t files_done;
  uint64_t files_total;
  uint64_t bytes_done;
  uint64_t bytes_total;
  const char *phase;
} xna_progress;
xna_status xna_progress_init(xna_progress *progress, size_t size);
typedef struct xna_progress_sink {
  uint32_t struct_size;
  uint32_t flags;
  void *ctx;
  int32_t (*update)(void *ctx, const xna_progress *progress);
  void (*release)(void *ctx);
} xna_progress_sink;
xna_status xna_progress_sink_init(xna_progress_sink *sink, size_t size);
typedef struct xna_cancel xna_cancel;
xna_status xna_cancel_create(xna_cancel **out_cancel, xna_error **out_error);
void xna_cancel_request(xna_cancel *cancel);
void xna_cancel_free(xna_cancel *cancel);
typedef struct xna_call_options {
  uint32_t struct_size;
  uint32_t flags;
  const char *user;
  const char *origin;
  const xna_progress_sink *progress;
  const xna_cancel *cancel;
} xna_call_options;
xna_status xna_call_options_init(xna_call_options *options, size_t size);
typedef struct xna_project {
  uint32_t struct_size;
  uint32_t flags;
  const char *id;
  int32_t prearchive_code;
  int32_t quarantine_code;
  const char *autorun;
} xna_project;
xna_status xna_project_init(xna_project *project, size_t size);
xna_status xna_engine_add_project(xna_engine *engine, const xna_project *project, const
    xna_call_options *call, xna_error **out_error);
xna_status xna_engine_add_subject(xna_engine *engine, const char *project, const char *label,
    const xna_call_options *call, xna_text **out_id, xna_error **out_error);
xna_status xna_engine_projects(xna_engine *engine, const xna_call_options *call, xna_listing
    **out_listing, xna_error **out_error);
xna_status xna_engine_setting(xna_engine *engine, const char *name, const char *project, const
    xna_call_options *call, xna_text **out_value, xna_error **out_error);
xna_status xna_engine_set_setting(xna_engine *engine, const char *name, const char *value, const
    char *project, const xna_call_options *call, xna_error **out_error);
xna_status xna_engine_settings(xna_engine *engine, const char *project, const xna_call_options
    *call, xna_listing **out_listing, xna_error **out_error);
typedef struct xna_input {
  uint32_t struct_size;
  uint32_t flags;
  void *ctx;
  xna_status (*read)(void *ctx, void *buffer, size_t size, size_t *out_count,
                     xna_callback *callback);
  void (*release)(void *ctx);
} xna_input;
xna_status xna_input_init(xna_input *input, size_t size);
typedef struct xna_import_request {
  uint32_t struct_size;
  uint32_t flags;
  const char *path;
  const void *data;
  size_t data_size;
  const xna_input *input;
  const char *handler;
  const char *dest;
  const char *const *parameters;
  size_t parameter_count;
} xna_import_request;
xna_status xna_import_request_init(xna_import_request *request, size_t size);
xna_status xna_engine_import(xna_engine *engine, const xna_import_request *request, const
    xna_call_options *call, xna_report **out_report, xna_error **out_error);
xna_status xna_engine_commit_idle(xna_engine *engine, const xna_call_options *call, xna_report
    **out_report, xna_error **out_error);
xna_status xna_engine_prearchive(xna_engine *engine, const char *project, const xna_call_options
    *call, xna_listing **out_listing, xna_error **out_error);
xna_status xna_engine_prearchive_session(xna_engine *engine, const char *src, const
    xna_call_options *call, xna_report **out_report, xna_error **out_error);
xna_status xna_engine_check_prearchive_session(xna_engine *engine, const char *src, int32_t
    permission, const xna_call_options *call, xna_error **out_error);
xna_status xna_engine_prearchive_log(xna_engine *engine, const char *src, const xna_call_options
    *call, xna_listing **out_listing, xna_error **out_error);
xna_status xna_engine_build(xna_engine *engine, const char *src,
                                    const xna_call_options *call, xna_error **out_error);
xna_status xna_engine_build_with_fields(xna_engine *engine, const char *src, const char *const
    *fields, size_t field_count, const xna_call_options *call, xna_error **out_error);
xna_status xna_engine_move_prearchive_session(xna_engine *engine, const char *src, const char
    *project, const xna_call_options *call, xna_text **out_uri, xna_error **out_error);
xna_status xna_engine_set_prearchive_state(xna_engine *engine, const char *src, const char
    *state, const xna_call_options *call, xna_report **out_report, xna_error **out_error);
xna_status xna_engine_delete_prearchive_session(xna_engine *engine, const char *src, const
    xna_call_options *call, xna_error **out_error);
typedef struct xna_archive_request {
  uint32_t struct_size;
  uint32_t flags;
  const char *src;
  const char *dest;
  int32_t overwrite;
  int32_t reserved;
  int64_t wait_ms;
  const char *const *parameters;
  size_t parameter_count;
  const char *const *fields;
  size_t field_count;
} xna_archive_request;
xna_status xna_archive_request_init(xna_archive_request *request, size_t size);
xna_status xna_engine_archive(xna_engine *engine, const xna_archive_request *request, const
    xna_call_options *call, xna_report **out_report, xna_error **out_error);
xna_status xna_engine_validate(xna_engine *engine, const xna_archive_request *request, const
    xna_call_options *call, xna_report **out_report, xna_error **out_error);
xna_status xna_engine_activate(xna_engine *engine, const char *uri, const xna_call_options *call,
    int32_t *out_changed, xna_error **out_error);
xna_status xna_engine_history(xna_engine *engine, const char *uri, const xna_call_options *call,
    xna_listing **out_listing, xna_error **out_error);
xna_status xna_engine_restore_history(xna_engine *engine, const char *id, const xna_call_options
    *call, xna_report **out_report, xna_error **out_error);
xna_status xna_engine_prune_history(xna_engine *engine, const char *id,
                                            const xna_call_options *call, xna_error **out_error);
typedef struct xna_refresh_request {
  uint32_t struct_size;
  uint32_t flags;
  const char *const *uris;
  size_t uri_count;
  int64_t wait_ms;
} xna_refresh_request;
xna_status xna_refresh_request_init(xna_refresh_request *request, size_t size);
xna_status xna_engine_refresh(xna_engine *engine, const xna_refresh_request *request, const
    xna_call_options *call, xna_report **out_report, xna_error **out_error);
typedef struct xna_verify_request {
  uint32_t struct_size;
  uint32_t flags;
  const char *const *uris;
  size_t uri_count;
  double sample_percent;
  uint64_t seed;
  uint64_t bytes_per_second_max;
  const char *resume_path;
} xna_verify_request;
xna_status xna_verify_request_init(xna_verify_request *request, size_t size);
xna_status xna_engine_verify(xna_engine *engine, const xna_verify_request *request, const
    xna_call_options *call, xna_report **out_report, xna_error **out_error);
typedef struct xna_output {
  uint32_t struct_size;
  uint32_t flags;
  void *ctx;
  xna_status (*write)(void *ctx, const void *data, size_t size,
                      xna_callback *callback);
  void (*release)(void *ctx);
} xna_output;
xna_status xna_output_init(xna_output *output, size_t size);
typedef struct xna_export_request {
  uint32_t struct_size;
  uint32_t flags;
  const char *uri;
  const char *path;
  const xna_output *output;
} xna_export_request;
xna_status xna_export_request_init(xna_export_request *request, size_t size);
xna_status xna_engine_export(xna_engine *engine, const xna_export_request *request, const
    xna_call_options *call, xna_report **out_report, xna_error **out_error);
xna_status xna_engine_list(xna_engine *engine, const char *uri, const xna_call_options *call,
                                   xna_listing **out_listing, xna_error **out_error);
xna_status xna_engine_document(xna_engine *engine, const char *uri,
                                       const xna_call_options *call, xna_document **out_document,
                                       xna_error **out_error);
xna_status xna_engine_document_xml(xna_engine *engine, const char *uri,
                                           const xna_call_options *call, xna_text **out_xml,
                                           xna_error **out_error);
xna_status xna_engine_audit(xna_engine *engine, const char *uri,
                                    const xna_call_options *call, xna_listing **out_listing,
                                    xna_error **out_error);
xna_status xna_engine_recover(xna_engine *engine, const xna_call_options *call,
                                      xna_report **out_report, xna_error **out_error);
xna_status xna_engine_reindex(xna_engine *engine, const xna_call_options *call,
                                      xna_report **out_report, xna_error **out_error);
typedef struct xna_task xna_task;
xna_status xna_engine_start_import(xna_engine *engine, const xna_import_request *request,
                                           const xna_call_options *call, xna_task **out_task,
                                           xna_error **out_error);
xna_status xna_engine_start_archive(xna_engine *engine, const xna_archive_request *request,
                                            const xna_call_options *call, xna_task **out_task,
                                            xna_error **out_error);
xna_status xna_engine_start_validate(xna_engine *engine, const xna_archive_request *request,
                                             const xna_call_options *call, xna_task **out_task,
                                             xna_error **out_error);
xna_status xna_engine_start_refresh(xna_engine *engine, const xna_refresh_request *request,
                                            const xna_call_options *call, xna_task **out_task,
                                            xna_error **out_error);
xna_status xna_engine_start_verify(xna_engine *engine, const xna_verify_request *request,
                                           const xna_call_options *call, xna_task **out_task,
                                           xna_error **out_error);
xna_status xna_engine_start_export(xna_engine *engine, const xna_export_request *request,
                                           const xna_call_options *call, xna_task **out_task,
                                           xna_error **out_error);
int32_t xna_task_wait(const xna_task *task, int64_t timeout_ms);
xna_status xna_task_progress(const xna_task *task, xna_progress *out_progress,
                                     xna_error **out_error);
void xna_task_cancel(xna_task *task);
xna_status xna_task_result(const xna_task *task, xna_report **out_report, xna_error **out_error);
void xna_task_free(xna_task *task);
xna_status xna_engine_submit(xna_engine *engine, const xna_archive_request *const *requests,
                                     size_t request_count, const xna_call_options *call,
                                     xna_text **out_id, xna_error **out_error);
xna_status xna_engine_job(xna_engine *engine, const char *id, const xna_call_options *call,
                                  xna_report **out_report, xna_error **out_error);
xna_status xna_engine_jobs(xna_engine *engine, const xna_call_options *call,
                                   xna_listing **out_listing, xna_error **out_error);
xna_status xna_engine_wait_for_job(xna_engine *engine, const char *id, int64_t timeout_ms,
                                           const xna_call_options *call, xna_report **out_report,
                                           xna_error **out_error);
xna_status xna_engine_cancel_job(xna_engine *engine, const char *id,
                                         const xna_call_options *call, xna_error **out_error);
xna_status xna_engine_run_job(xna_engine *engine, const xna_call_options *call,
                                      int32_t *out_found, xna_error **out_error);
typedef struct xna_rest xna_rest;
typedef struct xna_rest_options {
  uint32_t struct_size;
  uint32_t flags;
  const char *site_url;
  int64_t wait_ms;
  const char *user_cache;
  uint64_t target_bytes_max;
  uint64_t header_bytes_max;
  uint64_t form_bytes_max;
  uint64_t parameters_max;
  uint64_t part_header_bytes_max;
  uint64_t cached_file_bytes_max;
} xna_rest_options;
xna_status xna_rest_options_init(xna_rest_options *options, size_t size);
xna_status xna_rest_create(xna_engine *engine, const xna_rest_options *options,
                                   xna_rest **out_rest, xna_error **out_error);
xna_status xna_rest_routes(xna_listing **out_listing, xna_error **out_error);
void xna_rest_free(xna_rest *rest);
typedef struct xna_rest_request {
  uint32_t struct_size;
  uint32_t flags;
  const char *method;
  const char *path;
  const char *query;
  const char *const *headers;
  size_t header_count;
  const void *body;
  size_t body_size;
  const xna_input *input;
} xna_rest_request;
xna_status xna_rest_request_init(xna_rest_request *request, size_t size);
typedef struct xna_response xna_response;
xna_status xna_rest_handle(xna_rest *rest, const xna_rest_request *request,
                                   const xna_call_options *call, xna_response **out_response,
                                   xna_error **out_error);
void xna_response_free(xna_response *response);
int32_t xna_response_status(const xna_response *response);
size_t xna_response_header_count(const xna_response *response);
const char *xna_response_header_name(const xna_response *response, size_t index);
const char *xna_response_header_value(const xna_response *response, size_t index);
int64_t xna_response_body_size(const xna_response *response);
xna_status xna_response_write(xna_response *response, const xna_output *output,
                                      xna_error **out_error);
"""

ffi = FFI()
ffi.set_source("xnatarchive._xna", None)
ffi.cdef(DECLARATIONS)
