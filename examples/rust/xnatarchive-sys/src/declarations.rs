pub const XNA_ABI_VERSION: i32 = 1000;
pub const XNA_OK: i32 = 0;
pub const XNA_E_INVALID_ARGUMENT: i32 = 1;
pub const XNA_E_NOT_FOUND: i32 = 2;
pub const XNA_E_ALREADY_EXISTS: i32 = 3;
pub const XNA_E_CONFLICT: i32 = 4;
pub const XNA_E_LOCKED: i32 = 5;
pub const XNA_E_CORRUPTION: i32 = 6;
pub const XNA_E_IO: i32 = 7;
pub const XNA_E_NO_SPACE: i32 = 8;
pub const XNA_E_PERMISSION: i32 = 9;
pub const XNA_E_UNSUPPORTED: i32 = 10;
pub const XNA_E_CANCELLED: i32 = 11;
pub const XNA_E_HANDLER_FAILED: i32 = 12;
pub const XNA_E_RECOVERY_REQUIRED: i32 = 13;
pub const XNA_E_NO_MEMORY: i32 = 14;
pub const XNA_E_INTERNAL: i32 = 15;
pub const XNA_HOST_STATUS_MIN: i32 = 1000;
pub const XNA_PASSTHROUGH: i32 = -1;
pub const XNA_DISK_UNCHANGED: i32 = 0;
pub const XNA_DISK_ROLLED_BACK: i32 = 1;
pub const XNA_DISK_COMMITTED: i32 = 2;
pub const XNA_DISK_RECOVERY_PENDING: i32 = 3;
pub const XNA_PERMISSION_READ: i32 = 0;
pub const XNA_PERMISSION_EDIT: i32 = 1;
pub const XNA_PERMISSION_DELETE: i32 = 2;
pub const XNA_PERMISSION_ADMIN: i32 = 3;
pub const XNA_EVENT_RECEIVED: i32 = 0;
pub const XNA_EVENT_BUILT: i32 = 1;
pub const XNA_EVENT_ARCHIVED: i32 = 2;
pub const XNA_EVENT_MERGED: i32 = 3;
pub const XNA_EVENT_REFRESHED: i32 = 4;
pub const XNA_EVENT_DELETED: i32 = 5;
pub const XNA_EVENT_FAILED: i32 = 6;
pub const XNA_EVENT_PIPELINE_FINISHED: i32 = 7;
pub const XNA_EVENT_MOVED: i32 = 8;
pub const XNA_LOG_INFO: i32 = 0;
pub const XNA_LOG_WARNING: i32 = 1;
pub const XNA_LOG_ERROR: i32 = 2;
pub const XNA_FINDING_FAIL: i32 = 0;
pub const XNA_FINDING_WARN: i32 = 1;
pub const XNA_SOURCE_FILE: i32 = 0;
pub const XNA_SOURCE_FOLDER: i32 = 1;
pub const XNA_SOURCE_CONTAINER: i32 = 2;
pub const XNA_SOURCE_PREARCHIVE_SESSION: i32 = 3;
pub const XNA_SOURCE_SESSION_BAG: i32 = 4;
pub const XNA_SESSION_NEEDS_BUILD: i32 = 1;
pub const XNA_SESSION_AUTO_ARCHIVE: i32 = 2;
pub const XNA_SESSION_WAIT_FOR_USER: i32 = 4;
pub const XNA_ENTRY_DICOM: i32 = 1;
pub const XNA_ENGINE_NO_RECOVERY: i32 = 1;
pub const XNA_OVERWRITE_NONE: i32 = 0;
pub const XNA_OVERWRITE_APPEND: i32 = 1;
pub const XNA_OVERWRITE_DELETE: i32 = 2;
pub const XNA_ARCHIVE_QUARANTINE: i32 = 1;
pub const XNA_ARCHIVE_NO_PIPELINES: i32 = 2;
pub const XNA_REFRESH_APPEND: i32 = 1;
pub const XNA_REFRESH_CHECKSUM: i32 = 2;
pub const XNA_REFRESH_DELETE: i32 = 4;
pub const XNA_REFRESH_POPULATE_STATS: i32 = 8;
pub const XNA_REFRESH_FORCE: i32 = 16;
pub const XNA_REFRESH_REBUILD: i32 = 32;
pub const XNA_VERIFY_ALL_DIGESTS: i32 = 1;
pub const XNA_EXPORT_BAG: i32 = 1;
pub type xna_status = i32;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_error {
    _unused: [u8; 0],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_text {
    _unused: [u8; 0],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_report {
    _unused: [u8; 0],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_listing {
    _unused: [u8; 0],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_document {
    _unused: [u8; 0],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_callback {
    _unused: [u8; 0],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_access_policy {
    pub struct_size: u32,
    pub flags: u32,
    pub ctx: *mut ::std::os::raw::c_void,
    pub allows: ::std::option::Option<
        unsafe extern "C" fn(
            ctx: *mut ::std::os::raw::c_void,
            user: *const ::std::os::raw::c_char,
            permission: i32,
            project: *const ::std::os::raw::c_char,
            callback: *mut xna_callback,
        ) -> xna_status,
    >,
    pub release: ::std::option::Option<unsafe extern "C" fn(ctx: *mut ::std::os::raw::c_void)>,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_event {
    pub struct_size: u32,
    pub flags: u32,
    pub kind: i32,
    pub status: xna_status,
    pub time_ms: i64,
    pub audit_id: i64,
    pub scans: u64,
    pub files: u64,
    pub bytes: u64,
    pub user: *const ::std::os::raw::c_char,
    pub project: *const ::std::os::raw::c_char,
    pub subject: *const ::std::os::raw::c_char,
    pub label: *const ::std::os::raw::c_char,
    pub experiment_id: *const ::std::os::raw::c_char,
    pub uri: *const ::std::os::raw::c_char,
    pub reason: *const ::std::os::raw::c_char,
    pub message: *const ::std::os::raw::c_char,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_event_sink {
    pub struct_size: u32,
    pub flags: u32,
    pub ctx: *mut ::std::os::raw::c_void,
    pub notify: ::std::option::Option<
        unsafe extern "C" fn(
            ctx: *mut ::std::os::raw::c_void,
            event: *const xna_event,
            callback: *mut xna_callback,
        ) -> xna_status,
    >,
    pub release: ::std::option::Option<unsafe extern "C" fn(ctx: *mut ::std::os::raw::c_void)>,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_log_sink {
    pub struct_size: u32,
    pub flags: u32,
    pub ctx: *mut ::std::os::raw::c_void,
    pub write: ::std::option::Option<
        unsafe extern "C" fn(
            ctx: *mut ::std::os::raw::c_void,
            level: i32,
            text: *const ::std::os::raw::c_char,
        ),
    >,
    pub release: ::std::option::Option<unsafe extern "C" fn(ctx: *mut ::std::os::raw::c_void)>,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_candidate {
    _unused: [u8; 0],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_session_validator {
    pub struct_size: u32,
    pub flags: u32,
    pub ctx: *mut ::std::os::raw::c_void,
    pub validate: ::std::option::Option<
        unsafe extern "C" fn(
            ctx: *mut ::std::os::raw::c_void,
            candidate: *mut xna_candidate,
            callback: *mut xna_callback,
        ) -> xna_status,
    >,
    pub release: ::std::option::Option<unsafe extern "C" fn(ctx: *mut ::std::os::raw::c_void)>,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_session_files {
    _unused: [u8; 0],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_session_transform {
    pub struct_size: u32,
    pub flags: u32,
    pub ctx: *mut ::std::os::raw::c_void,
    pub name: *const ::std::os::raw::c_char,
    pub transform: ::std::option::Option<
        unsafe extern "C" fn(
            ctx: *mut ::std::os::raw::c_void,
            candidate: *const xna_candidate,
            files: *mut xna_session_files,
            document: *mut xna_document,
            callback: *mut xna_callback,
        ) -> xna_status,
    >,
    pub release: ::std::option::Option<unsafe extern "C" fn(ctx: *mut ::std::os::raw::c_void)>,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_pipeline_request {
    pub struct_size: u32,
    pub flags: u32,
    pub command: *const ::std::os::raw::c_char,
    pub project: *const ::std::os::raw::c_char,
    pub subject_label: *const ::std::os::raw::c_char,
    pub session_label: *const ::std::os::raw::c_char,
    pub experiment_id: *const ::std::os::raw::c_char,
    pub uri: *const ::std::os::raw::c_char,
    pub directory: *const ::std::os::raw::c_char,
    pub user: *const ::std::os::raw::c_char,
    pub timeout_ms: i64,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_pipeline_launcher {
    pub struct_size: u32,
    pub flags: u32,
    pub ctx: *mut ::std::os::raw::c_void,
    pub launch: ::std::option::Option<
        unsafe extern "C" fn(
            ctx: *mut ::std::os::raw::c_void,
            request: *const xna_pipeline_request,
            callback: *mut xna_callback,
        ) -> xna_status,
    >,
    pub release: ::std::option::Option<unsafe extern "C" fn(ctx: *mut ::std::os::raw::c_void)>,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_import {
    _unused: [u8; 0],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_file {
    _unused: [u8; 0],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_session {
    _unused: [u8; 0],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_entry {
    pub struct_size: u32,
    pub flags: u32,
    pub uri: *const ::std::os::raw::c_char,
    pub format: *const ::std::os::raw::c_char,
    pub content: *const ::std::os::raw::c_char,
    pub uid: *const ::std::os::raw::c_char,
    pub instance_number: i64,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_import_handler {
    pub struct_size: u32,
    pub flags: u32,
    pub ctx: *mut ::std::os::raw::c_void,
    pub name: *const ::std::os::raw::c_char,
    pub accepts: ::std::option::Option<
        unsafe extern "C" fn(
            ctx: *mut ::std::os::raw::c_void,
            input_name: *const ::std::os::raw::c_char,
            kind: i32,
        ) -> i32,
    >,
    pub describe: ::std::option::Option<
        unsafe extern "C" fn(
            ctx: *mut ::std::os::raw::c_void,
            import: *mut xna_import,
            callback: *mut xna_callback,
        ) -> xna_status,
    >,
    pub release: ::std::option::Option<unsafe extern "C" fn(ctx: *mut ::std::os::raw::c_void)>,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_engine {
    _unused: [u8; 0],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_engine_options {
    pub struct_size: u32,
    pub flags: u32,
    pub root: *const ::std::os::raw::c_char,
    pub archive_path: *const ::std::os::raw::c_char,
    pub prearchive_path: *const ::std::os::raw::c_char,
    pub store_url: *const ::std::os::raw::c_char,
    pub threads: u32,
    pub job_workers: u32,
    pub access_policy: *const xna_access_policy,
    pub event_sink: *const xna_event_sink,
    pub log_sink: *const xna_log_sink,
    pub session_transform: *const xna_session_transform,
    pub pipeline_launcher: *const xna_pipeline_launcher,
    pub validators: *const *const xna_session_validator,
    pub validator_count: usize,
    pub container_entries_max: u64,
    pub container_bytes_max: u64,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_progress {
    pub struct_size: u32,
    pub flags: u32,
    pub files_done: u64,
    pub files_total: u64,
    pub bytes_done: u64,
    pub bytes_total: u64,
    pub phase: *const ::std::os::raw::c_char,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_progress_sink {
    pub struct_size: u32,
    pub flags: u32,
    pub ctx: *mut ::std::os::raw::c_void,
    pub update: ::std::option::Option<
        unsafe extern "C" fn(
            ctx: *mut ::std::os::raw::c_void,
            progress: *const xna_progress,
        ) -> i32,
    >,
    pub release: ::std::option::Option<unsafe extern "C" fn(ctx: *mut ::std::os::raw::c_void)>,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_cancel {
    _unused: [u8; 0],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_call_options {
    pub struct_size: u32,
    pub flags: u32,
    pub user: *const ::std::os::raw::c_char,
    pub origin: *const ::std::os::raw::c_char,
    pub progress: *const xna_progress_sink,
    pub cancel: *const xna_cancel,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_project {
    pub struct_size: u32,
    pub flags: u32,
    pub id: *const ::std::os::raw::c_char,
    pub prearchive_code: i32,
    pub quarantine_code: i32,
    pub autorun: *const ::std::os::raw::c_char,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_input {
    pub struct_size: u32,
    pub flags: u32,
    pub ctx: *mut ::std::os::raw::c_void,
    pub read: ::std::option::Option<
        unsafe extern "C" fn(
            ctx: *mut ::std::os::raw::c_void,
            buffer: *mut ::std::os::raw::c_void,
            size: usize,
            out_count: *mut usize,
            callback: *mut xna_callback,
        ) -> xna_status,
    >,
    pub release: ::std::option::Option<unsafe extern "C" fn(ctx: *mut ::std::os::raw::c_void)>,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_import_request {
    pub struct_size: u32,
    pub flags: u32,
    pub path: *const ::std::os::raw::c_char,
    pub data: *const ::std::os::raw::c_void,
    pub data_size: usize,
    pub input: *const xna_input,
    pub handler: *const ::std::os::raw::c_char,
    pub dest: *const ::std::os::raw::c_char,
    pub parameters: *const *const ::std::os::raw::c_char,
    pub parameter_count: usize,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_archive_request {
    pub struct_size: u32,
    pub flags: u32,
    pub src: *const ::std::os::raw::c_char,
    pub dest: *const ::std::os::raw::c_char,
    pub overwrite: i32,
    pub reserved: i32,
    pub wait_ms: i64,
    pub parameters: *const *const ::std::os::raw::c_char,
    pub parameter_count: usize,
    pub fields: *const *const ::std::os::raw::c_char,
    pub field_count: usize,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_refresh_request {
    pub struct_size: u32,
    pub flags: u32,
    pub uris: *const *const ::std::os::raw::c_char,
    pub uri_count: usize,
    pub wait_ms: i64,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_verify_request {
    pub struct_size: u32,
    pub flags: u32,
    pub uris: *const *const ::std::os::raw::c_char,
    pub uri_count: usize,
    pub sample_percent: f64,
    pub seed: u64,
    pub bytes_per_second_max: u64,
    pub resume_path: *const ::std::os::raw::c_char,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_output {
    pub struct_size: u32,
    pub flags: u32,
    pub ctx: *mut ::std::os::raw::c_void,
    pub write: ::std::option::Option<
        unsafe extern "C" fn(
            ctx: *mut ::std::os::raw::c_void,
            data: *const ::std::os::raw::c_void,
            size: usize,
            callback: *mut xna_callback,
        ) -> xna_status,
    >,
    pub release: ::std::option::Option<unsafe extern "C" fn(ctx: *mut ::std::os::raw::c_void)>,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_export_request {
    pub struct_size: u32,
    pub flags: u32,
    pub uri: *const ::std::os::raw::c_char,
    pub path: *const ::std::os::raw::c_char,
    pub output: *const xna_output,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_task {
    _unused: [u8; 0],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_rest {
    _unused: [u8; 0],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_rest_options {
    pub struct_size: u32,
    pub flags: u32,
    pub site_url: *const ::std::os::raw::c_char,
    pub wait_ms: i64,
    pub user_cache: *const ::std::os::raw::c_char,
    pub target_bytes_max: u64,
    pub header_bytes_max: u64,
    pub form_bytes_max: u64,
    pub parameters_max: u64,
    pub part_header_bytes_max: u64,
    pub cached_file_bytes_max: u64,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_rest_request {
    pub struct_size: u32,
    pub flags: u32,
    pub method: *const ::std::os::raw::c_char,
    pub path: *const ::std::os::raw::c_char,
    pub query: *const ::std::os::raw::c_char,
    pub headers: *const *const ::std::os::raw::c_char,
    pub header_count: usize,
    pub body: *const ::std::os::raw::c_void,
    pub body_size: usize,
    pub input: *const xna_input,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct xna_response {
    _unused: [u8; 0],
}
extern "C" {
    pub fn xna_version() -> *const ::std::os::raw::c_char;
    pub fn xna_version_number() -> u32;
    pub fn xna_abi_version() -> u32;
    pub fn xna_status_name(status: xna_status) -> *const ::std::os::raw::c_char;
    pub fn xna_error_free(error: *mut xna_error);
    pub fn xna_error_status(error: *const xna_error) -> xna_status;
    pub fn xna_error_host_status(error: *const xna_error) -> i32;
    pub fn xna_error_reason(error: *const xna_error) -> *const ::std::os::raw::c_char;
    pub fn xna_error_message(error: *const xna_error) -> *const ::std::os::raw::c_char;
    pub fn xna_error_path(error: *const xna_error) -> *const ::std::os::raw::c_char;
    pub fn xna_error_disk_state(error: *const xna_error) -> i32;
    pub fn xna_error_os_errno(error: *const xna_error) -> i32;
    pub fn xna_text_free(text: *mut xna_text);
    pub fn xna_text_data(text: *const xna_text) -> *const ::std::os::raw::c_char;
    pub fn xna_text_size(text: *const xna_text) -> usize;
    pub fn xna_report_free(report: *mut xna_report);
    pub fn xna_report_json(report: *const xna_report) -> *const ::std::os::raw::c_char;
    pub fn xna_report_json_size(report: *const xna_report) -> usize;
    pub fn xna_report_number(report: *const xna_report, name: *const ::std::os::raw::c_char)
        -> i64;
    pub fn xna_report_uri_count(report: *const xna_report) -> usize;
    pub fn xna_report_uri(report: *const xna_report, index: usize)
        -> *const ::std::os::raw::c_char;
    pub fn xna_listing_free(listing: *mut xna_listing);
    pub fn xna_listing_column_count(listing: *const xna_listing) -> usize;
    pub fn xna_listing_column(
        listing: *const xna_listing,
        index: usize,
    ) -> *const ::std::os::raw::c_char;
    pub fn xna_listing_next(listing: *mut xna_listing) -> i32;
    pub fn xna_listing_value(
        listing: *const xna_listing,
        column: usize,
    ) -> *const ::std::os::raw::c_char;
    pub fn xna_document_free(document: *mut xna_document);
    pub fn xna_document_json(
        document: *const xna_document,
        out_text: *mut *mut xna_text,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_document_scan_count(document: *const xna_document) -> usize;
    pub fn xna_document_scan_id(
        document: *const xna_document,
        index: usize,
    ) -> *const ::std::os::raw::c_char;
    pub fn xna_document_get(
        document: *const xna_document,
        scan_id: *const ::std::os::raw::c_char,
        path: *const ::std::os::raw::c_char,
    ) -> *const ::std::os::raw::c_char;
    pub fn xna_document_set(
        document: *mut xna_document,
        scan_id: *const ::std::os::raw::c_char,
        path: *const ::std::os::raw::c_char,
        value: *const ::std::os::raw::c_char,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_document_add_scan(
        document: *mut xna_document,
        scan_id: *const ::std::os::raw::c_char,
        xsi_type: *const ::std::os::raw::c_char,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_callback_fail(
        callback: *mut xna_callback,
        reason: *const ::std::os::raw::c_char,
        message: *const ::std::os::raw::c_char,
    );
    pub fn xna_callback_cancelled(callback: *const xna_callback) -> i32;
    pub fn xna_access_policy_init(policy: *mut xna_access_policy, size: usize) -> xna_status;
    pub fn xna_event_sink_init(sink: *mut xna_event_sink, size: usize) -> xna_status;
    pub fn xna_log_sink_init(sink: *mut xna_log_sink, size: usize) -> xna_status;
    pub fn xna_candidate_document(candidate: *const xna_candidate) -> *mut xna_document;
    pub fn xna_candidate_json(
        candidate: *const xna_candidate,
        out_text: *mut *mut xna_text,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_candidate_find(
        candidate: *mut xna_candidate,
        type_: i32,
        reason: *const ::std::os::raw::c_char,
        message: *const ::std::os::raw::c_char,
    );
    pub fn xna_session_validator_init(
        validator: *mut xna_session_validator,
        size: usize,
    ) -> xna_status;
    pub fn xna_session_files_count(files: *const xna_session_files) -> usize;
    pub fn xna_session_files_path(
        files: *const xna_session_files,
        index: usize,
    ) -> *const ::std::os::raw::c_char;
    pub fn xna_session_files_read(
        files: *mut xna_session_files,
        path: *const ::std::os::raw::c_char,
        out_bytes: *mut *mut xna_text,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_session_files_replace(
        files: *mut xna_session_files,
        path: *const ::std::os::raw::c_char,
        data: *const ::std::os::raw::c_void,
        size: usize,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_session_files_reject(
        files: *mut xna_session_files,
        path: *const ::std::os::raw::c_char,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_session_transform_init(
        transform: *mut xna_session_transform,
        size: usize,
    ) -> xna_status;
    pub fn xna_callback_print(
        callback: *mut xna_callback,
        data: *const ::std::os::raw::c_char,
        size: usize,
    );
    pub fn xna_pipeline_launcher_init(
        launcher: *mut xna_pipeline_launcher,
        size: usize,
    ) -> xna_status;
    pub fn xna_import_name(import: *const xna_import) -> *const ::std::os::raw::c_char;
    pub fn xna_import_kind(import: *const xna_import) -> i32;
    pub fn xna_import_parameter(
        import: *const xna_import,
        name: *const ::std::os::raw::c_char,
    ) -> *const ::std::os::raw::c_char;
    pub fn xna_import_find_project(
        import: *const xna_import,
        name: *const ::std::os::raw::c_char,
    ) -> *const ::std::os::raw::c_char;
    pub fn xna_import_each_file(
        import: *mut xna_import,
        visit: ::std::option::Option<
            unsafe extern "C" fn(
                ctx: *mut ::std::os::raw::c_void,
                file: *mut xna_file,
            ) -> xna_status,
        >,
        ctx: *mut ::std::os::raw::c_void,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_file_path(file: *const xna_file) -> *const ::std::os::raw::c_char;
    pub fn xna_file_size(file: *const xna_file) -> i64;
    pub fn xna_file_head(
        file: *mut xna_file,
        size_max: usize,
        out_size: *mut usize,
        out_error: *mut *mut xna_error,
    ) -> *const ::std::os::raw::c_void;
    pub fn xna_import_add_session(import: *mut xna_import) -> *mut xna_session;
    pub fn xna_session_document(session: *const xna_session) -> *mut xna_document;
    pub fn xna_session_describe(
        session: *mut xna_session,
        flags: u32,
        scan_date: *const ::std::os::raw::c_char,
        scan_time: *const ::std::os::raw::c_char,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_entry_init(entry: *mut xna_entry, size: usize) -> xna_status;
    pub fn xna_import_keep(
        import: *mut xna_import,
        file: *mut xna_file,
        session: *mut xna_session,
        scan_id: *const ::std::os::raw::c_char,
        resource_label: *const ::std::os::raw::c_char,
        entry: *const xna_entry,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_import_skip(
        import: *mut xna_import,
        file: *mut xna_file,
        reason: *const ::std::os::raw::c_char,
        message: *const ::std::os::raw::c_char,
    );
    pub fn xna_import_handler_init(handler: *mut xna_import_handler, size: usize) -> xna_status;
    pub fn xna_engine_options_init(options: *mut xna_engine_options, size: usize) -> xna_status;
    pub fn xna_root_create(
        options: *const xna_engine_options,
        site_id: *const ::std::os::raw::c_char,
        checksum: *const ::std::os::raw::c_char,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_open(
        options: *const xna_engine_options,
        out_engine: *mut *mut xna_engine,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_free(engine: *mut xna_engine);
    pub fn xna_engine_register(
        engine: *mut xna_engine,
        handler: *const xna_import_handler,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_progress_init(progress: *mut xna_progress, size: usize) -> xna_status;
    pub fn xna_progress_sink_init(sink: *mut xna_progress_sink, size: usize) -> xna_status;
    pub fn xna_cancel_create(
        out_cancel: *mut *mut xna_cancel,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_cancel_request(cancel: *mut xna_cancel);
    pub fn xna_cancel_free(cancel: *mut xna_cancel);
    pub fn xna_call_options_init(options: *mut xna_call_options, size: usize) -> xna_status;
    pub fn xna_project_init(project: *mut xna_project, size: usize) -> xna_status;
    pub fn xna_engine_add_project(
        engine: *mut xna_engine,
        project: *const xna_project,
        call: *const xna_call_options,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_add_subject(
        engine: *mut xna_engine,
        project: *const ::std::os::raw::c_char,
        label: *const ::std::os::raw::c_char,
        call: *const xna_call_options,
        out_id: *mut *mut xna_text,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_projects(
        engine: *mut xna_engine,
        call: *const xna_call_options,
        out_listing: *mut *mut xna_listing,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_setting(
        engine: *mut xna_engine,
        name: *const ::std::os::raw::c_char,
        project: *const ::std::os::raw::c_char,
        call: *const xna_call_options,
        out_value: *mut *mut xna_text,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_set_setting(
        engine: *mut xna_engine,
        name: *const ::std::os::raw::c_char,
        value: *const ::std::os::raw::c_char,
        project: *const ::std::os::raw::c_char,
        call: *const xna_call_options,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_settings(
        engine: *mut xna_engine,
        project: *const ::std::os::raw::c_char,
        call: *const xna_call_options,
        out_listing: *mut *mut xna_listing,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_input_init(input: *mut xna_input, size: usize) -> xna_status;
    pub fn xna_import_request_init(request: *mut xna_import_request, size: usize) -> xna_status;
    pub fn xna_engine_import(
        engine: *mut xna_engine,
        request: *const xna_import_request,
        call: *const xna_call_options,
        out_report: *mut *mut xna_report,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_commit_idle(
        engine: *mut xna_engine,
        call: *const xna_call_options,
        out_report: *mut *mut xna_report,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_prearchive(
        engine: *mut xna_engine,
        project: *const ::std::os::raw::c_char,
        call: *const xna_call_options,
        out_listing: *mut *mut xna_listing,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_prearchive_session(
        engine: *mut xna_engine,
        src: *const ::std::os::raw::c_char,
        call: *const xna_call_options,
        out_report: *mut *mut xna_report,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_check_prearchive_session(
        engine: *mut xna_engine,
        src: *const ::std::os::raw::c_char,
        permission: i32,
        call: *const xna_call_options,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_prearchive_log(
        engine: *mut xna_engine,
        src: *const ::std::os::raw::c_char,
        call: *const xna_call_options,
        out_listing: *mut *mut xna_listing,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_build(
        engine: *mut xna_engine,
        src: *const ::std::os::raw::c_char,
        call: *const xna_call_options,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_build_with_fields(
        engine: *mut xna_engine,
        src: *const ::std::os::raw::c_char,
        fields: *const *const ::std::os::raw::c_char,
        field_count: usize,
        call: *const xna_call_options,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_move_prearchive_session(
        engine: *mut xna_engine,
        src: *const ::std::os::raw::c_char,
        project: *const ::std::os::raw::c_char,
        call: *const xna_call_options,
        out_uri: *mut *mut xna_text,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_set_prearchive_state(
        engine: *mut xna_engine,
        src: *const ::std::os::raw::c_char,
        state: *const ::std::os::raw::c_char,
        call: *const xna_call_options,
        out_report: *mut *mut xna_report,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_delete_prearchive_session(
        engine: *mut xna_engine,
        src: *const ::std::os::raw::c_char,
        call: *const xna_call_options,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_archive_request_init(request: *mut xna_archive_request, size: usize) -> xna_status;
    pub fn xna_engine_archive(
        engine: *mut xna_engine,
        request: *const xna_archive_request,
        call: *const xna_call_options,
        out_report: *mut *mut xna_report,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_validate(
        engine: *mut xna_engine,
        request: *const xna_archive_request,
        call: *const xna_call_options,
        out_report: *mut *mut xna_report,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_activate(
        engine: *mut xna_engine,
        uri: *const ::std::os::raw::c_char,
        call: *const xna_call_options,
        out_changed: *mut i32,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_history(
        engine: *mut xna_engine,
        uri: *const ::std::os::raw::c_char,
        call: *const xna_call_options,
        out_listing: *mut *mut xna_listing,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_restore_history(
        engine: *mut xna_engine,
        id: *const ::std::os::raw::c_char,
        call: *const xna_call_options,
        out_report: *mut *mut xna_report,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_prune_history(
        engine: *mut xna_engine,
        id: *const ::std::os::raw::c_char,
        call: *const xna_call_options,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_refresh_request_init(request: *mut xna_refresh_request, size: usize) -> xna_status;
    pub fn xna_engine_refresh(
        engine: *mut xna_engine,
        request: *const xna_refresh_request,
        call: *const xna_call_options,
        out_report: *mut *mut xna_report,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_verify_request_init(request: *mut xna_verify_request, size: usize) -> xna_status;
    pub fn xna_engine_verify(
        engine: *mut xna_engine,
        request: *const xna_verify_request,
        call: *const xna_call_options,
        out_report: *mut *mut xna_report,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_output_init(output: *mut xna_output, size: usize) -> xna_status;
    pub fn xna_export_request_init(request: *mut xna_export_request, size: usize) -> xna_status;
    pub fn xna_engine_export(
        engine: *mut xna_engine,
        request: *const xna_export_request,
        call: *const xna_call_options,
        out_report: *mut *mut xna_report,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_list(
        engine: *mut xna_engine,
        uri: *const ::std::os::raw::c_char,
        call: *const xna_call_options,
        out_listing: *mut *mut xna_listing,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_document(
        engine: *mut xna_engine,
        uri: *const ::std::os::raw::c_char,
        call: *const xna_call_options,
        out_document: *mut *mut xna_document,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_document_xml(
        engine: *mut xna_engine,
        uri: *const ::std::os::raw::c_char,
        call: *const xna_call_options,
        out_xml: *mut *mut xna_text,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_audit(
        engine: *mut xna_engine,
        uri: *const ::std::os::raw::c_char,
        call: *const xna_call_options,
        out_listing: *mut *mut xna_listing,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_recover(
        engine: *mut xna_engine,
        call: *const xna_call_options,
        out_report: *mut *mut xna_report,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_reindex(
        engine: *mut xna_engine,
        call: *const xna_call_options,
        out_report: *mut *mut xna_report,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_start_import(
        engine: *mut xna_engine,
        request: *const xna_import_request,
        call: *const xna_call_options,
        out_task: *mut *mut xna_task,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_start_archive(
        engine: *mut xna_engine,
        request: *const xna_archive_request,
        call: *const xna_call_options,
        out_task: *mut *mut xna_task,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_start_validate(
        engine: *mut xna_engine,
        request: *const xna_archive_request,
        call: *const xna_call_options,
        out_task: *mut *mut xna_task,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_start_refresh(
        engine: *mut xna_engine,
        request: *const xna_refresh_request,
        call: *const xna_call_options,
        out_task: *mut *mut xna_task,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_start_verify(
        engine: *mut xna_engine,
        request: *const xna_verify_request,
        call: *const xna_call_options,
        out_task: *mut *mut xna_task,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_start_export(
        engine: *mut xna_engine,
        request: *const xna_export_request,
        call: *const xna_call_options,
        out_task: *mut *mut xna_task,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_task_wait(task: *const xna_task, timeout_ms: i64) -> i32;
    pub fn xna_task_progress(
        task: *const xna_task,
        out_progress: *mut xna_progress,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_task_cancel(task: *mut xna_task);
    pub fn xna_task_result(
        task: *const xna_task,
        out_report: *mut *mut xna_report,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_task_free(task: *mut xna_task);
    pub fn xna_engine_submit(
        engine: *mut xna_engine,
        requests: *const *const xna_archive_request,
        request_count: usize,
        call: *const xna_call_options,
        out_id: *mut *mut xna_text,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_job(
        engine: *mut xna_engine,
        id: *const ::std::os::raw::c_char,
        call: *const xna_call_options,
        out_report: *mut *mut xna_report,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_jobs(
        engine: *mut xna_engine,
        call: *const xna_call_options,
        out_listing: *mut *mut xna_listing,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_wait_for_job(
        engine: *mut xna_engine,
        id: *const ::std::os::raw::c_char,
        timeout_ms: i64,
        call: *const xna_call_options,
        out_report: *mut *mut xna_report,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_cancel_job(
        engine: *mut xna_engine,
        id: *const ::std::os::raw::c_char,
        call: *const xna_call_options,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_engine_run_job(
        engine: *mut xna_engine,
        call: *const xna_call_options,
        out_found: *mut i32,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_rest_options_init(options: *mut xna_rest_options, size: usize) -> xna_status;
    pub fn xna_rest_create(
        engine: *mut xna_engine,
        options: *const xna_rest_options,
        out_rest: *mut *mut xna_rest,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_rest_routes(
        out_listing: *mut *mut xna_listing,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_rest_free(rest: *mut xna_rest);
    pub fn xna_rest_request_init(request: *mut xna_rest_request, size: usize) -> xna_status;
    pub fn xna_rest_handle(
        rest: *mut xna_rest,
        request: *const xna_rest_request,
        call: *const xna_call_options,
        out_response: *mut *mut xna_response,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
    pub fn xna_response_free(response: *mut xna_response);
    pub fn xna_response_status(response: *const xna_response) -> i32;
    pub fn xna_response_header_count(response: *const xna_response) -> usize;
    pub fn xna_response_header_name(
        response: *const xna_response,
        index: usize,
    ) -> *const ::std::os::raw::c_char;
    pub fn xna_response_header_value(
        response: *const xna_response,
        index: usize,
    ) -> *const ::std::os::raw::c_char;
    pub fn xna_response_body_size(response: *const xna_response) -> i64;
    pub fn xna_response_write(
        response: *mut xna_response,
        output: *const xna_output,
        out_error: *mut *mut xna_error,
    ) -> xna_status;
}
