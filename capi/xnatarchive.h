/*
 * xnatarchive.h - XNAT's archive services in process, for C and for every language that calls C.
 *
 * Imaging sessions arrive in a prearchive; the library validates them, merges them into the
 * archive, keeps catalogs and checksums true, and lets a host bring its own import handlers and
 * rules. Everything that changes a tree is all or nothing, whatever happens to the process.
 *
 * Handles. Every xna_* object is a handle: an opaque number in the shape of a pointer, never to be
 * dereferenced, never given out twice in a process. (One error tells that memory ran out: its handle
 * is the same every time, and may be freed as often as one likes.) NULL, garbage, a handle of another type and
 * one that was freed are told apart from a good one, whoever passes them and on whatever thread:
 * functions that return xna_status return XNA_E_INVALID_ARGUMENT ("capi.bad-handle"), those that
 * return a pointer NULL, those that return a number what their comment says, and xna_*_free
 * nothing. Handles may be freed in any order and on any thread, also while a call uses them: each
 * keeps what it needs.
 *
 * Ownership. What is stored through an `out_*` parameter is the caller's, and freed by the
 * xna_*_free of its type; it is set to NULL first, and stays NULL on failure. Only out_error,
 * out_report, out_changed and out_found may be NULL. A pointer that is returned is borrowed and
 * valid until its parent, the handle asked, is freed. Inputs are copied,
 * but for those a call uses only until it returns (bytes to import, and the structs themselves).
 *
 * Text is UTF-8 and NUL-terminated. A name or path with control characters, and text that is not
 * UTF-8 or has characters XML has not, is XNA_E_INVALID_ARGUMENT ("capi.bad-text"). Where a text may be left out, NULL and ""
 * mean the same.
 *
 * Bytes are a pointer and a size; a size above PTRDIFF_MAX is XNA_E_INVALID_ARGUMENT
 * ("capi.bad-size").
 *
 * Structs begin with struct_size and flags and are set up by their xna_*_init alone. A struct of
 * an older header is completed with defaults; a longer one than the library knows is accepted when
 * its unknown end is zero, and XNA_E_UNSUPPORTED ("capi.newer-struct") otherwise; so are unknown
 * flags ("capi.unknown-flag"). A size that can be no struct's is XNA_E_INVALID_ARGUMENT
 * ("capi.bad-struct-size"). NULL in place of an options struct means its defaults.
 *
 * Failures. A function that can fail returns xna_status and, if `out_error` is not NULL, stores an
 * xna_error there. A failed call has changed nothing unless xna_error_disk_state says otherwise.
 * All functions with out_error may return XNA_E_INVALID_ARGUMENT, XNA_E_NO_MEMORY and
 * XNA_E_INTERNAL; comments name what else. The library never aborts, prints, throws, or installs
 * anything into the process (signal handlers, locales, thread-local errors).
 *
 * Threads. xna_engine, xna_task and xna_cancel may be used by any number of threads at once. What
 * can not change any more (xna_error, xna_report, xna_text) too. Other handles serve one thread at
 * a time. Calls run on the calling thread; the library starts threads only for
 * xna_engine_options.threads and job_workers, and one for each task.
 *
 * A child that was forked leaves its parent's handles alone, and opens engines of its own. It may
 * do so only if no thread of its parent was in the library when it was forked, those of tasks and
 * job_workers included: what another thread had locked stays locked in the child (POSIX, fork).
 *
 * Callbacks come in structs that begin as all structs do, have a `ctx` that is passed back
 * untouched, and end with release(ctx): called exactly once, when the library will not call any of
 * them again, also when the function they were given to failed; not when their struct, or the one
 * that points to it, could not be read (capi.bad-struct-size, newer-struct, unknown-flag). They come
 * on threads that are in a call of the library, those of tasks and job_workers too, release also on
 * one of its own. A callback returns; it does not jump. A C++ exception that leaves one is caught:
 * XNA_E_HANDLER_FAILED "<hook>.threw", hook being access, events, handler (its visits, too), input,
 * output, pipeline, transform or validator. That of a progress sink cancels, that of a log sink or of
 * release is passed over. std::bad_alloc is XNA_E_NO_MEMORY, but in events and pipeline, which come when
 * the change is made. What a callback may call meanwhile is said where it is defined; what it may not
 * is XNA_E_INVALID_ARGUMENT ("capi.reentered") and never a deadlock. Handles that are given to a
 * callback are gone when it returns.
 *
 * Times are milliseconds since 1970-01-01 UTC. URIs are XNAT's, as in
 * "/data/prearchive/projects/P/20260101_120000123/S1" and
 * "/data/archive/projects/P/subjects/S/experiments/E"; "/data" may be left out, or be "/REST".
 *
 * Reports, listings and documents come as JSON or rows of text, with the names documented in
 * xnatarchive/archive_engine.hpp, which also tells more about what each call does.
 */
#ifndef XNATARCHIVE_H_
#define XNATARCHIVE_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define XNA_API __attribute__((visibility("default")))
#else
#define XNA_API
#endif

/* ---- Versions --------------------------------------------------------------------------- */

/** The contract this header describes: major * 1000 + minor. A library of the same major and at
 * least this minor serves programs that were compiled with it. */
#define XNA_ABI_VERSION 1000

/** "MAJOR.MINOR.PATCH" of the library that is loaded. Static. */
XNA_API const char *xna_version(void);
/** The same as major * 1000000 + minor * 1000 + patch. */
XNA_API uint32_t xna_version_number(void);
/** XNA_ABI_VERSION of the library that is loaded. */
XNA_API uint32_t xna_abi_version(void);

/* ---- Outcomes --------------------------------------------------------------------------- */

/** How a call ended: what the caller can do about it. New values may come; take one you do not
 * know for a plain failure. */
typedef int32_t xna_status;

#define XNA_OK 0
#define XNA_E_INVALID_ARGUMENT 1   /* The request is malformed or contradicts itself. */
#define XNA_E_NOT_FOUND 2          /* Nothing is there under that name. */
#define XNA_E_ALREADY_EXISTS 3     /* The name is taken. */
#define XNA_E_CONFLICT 4           /* The archive holds something the request contradicts. */
#define XNA_E_LOCKED 5             /* Somebody else works on it; retry later. */
#define XNA_E_CORRUPTION 6         /* Input can not be read as what it claims to be. */
#define XNA_E_IO 7                 /* The operating system refused a read or write. */
#define XNA_E_NO_SPACE 8           /* The disk or a quota is full. */
#define XNA_E_PERMISSION 9         /* The operating system or the access policy says no. */
#define XNA_E_UNSUPPORTED 10       /* Valid, but this library can not do it. */
#define XNA_E_CANCELLED 11         /* The caller asked to stop. */
#define XNA_E_HANDLER_FAILED 12    /* A callback failed or misbehaved. */
#define XNA_E_RECOVERY_REQUIRED 13 /* An earlier operation is unfinished. */
#define XNA_E_NO_MEMORY 14
#define XNA_E_INTERNAL 15          /* A bug in this library; please report it. */
/** From this on values are the host's own: what its callbacks may return and
 * xna_error_host_status tells. */
#define XNA_HOST_STATUS_MIN 1000
/** Returned by a callback: as if it were not installed. */
#define XNA_PASSTHROUGH (-1)

/** "ok", "invalid_argument", ...; "unknown" for a value that is none. Static. */
XNA_API const char *xna_status_name(xna_status status);

#define XNA_DISK_UNCHANGED 0        /* Nothing visible was changed. */
#define XNA_DISK_ROLLED_BACK 1      /* Something was changed and has been put back. */
#define XNA_DISK_COMMITTED 2        /* Done and durable; only cleaning up afterwards failed. */
#define XNA_DISK_RECOVERY_PENDING 3 /* A durable plan is unfinished; xna_engine_recover does it. */

/** Why a call failed. Immutable. */
typedef struct xna_error xna_error;

XNA_API void xna_error_free(xna_error *error);
/** What the call returned. XNA_E_INVALID_ARGUMENT for what is no error's handle. */
XNA_API xna_status xna_error_status(const xna_error *error);
/** What a callback returned, when that was XNA_HOST_STATUS_MIN or more and is why the call failed
 * (as XNA_E_HANDLER_FAILED); else 0. */
XNA_API int32_t xna_error_host_status(const xna_error *error);
/** A stable slug, such as "merge.file-differs", for programs to match. NULL for no error's handle;
 * so are the next two. */
XNA_API const char *xna_error_reason(const xna_error *error);
/** One line for people, without patient data. */
XNA_API const char *xna_error_message(const xna_error *error);
/** The file concerned: relative to its root, or as the caller named it; "" when there is none. */
XNA_API const char *xna_error_path(const xna_error *error);
/** XNA_DISK_*; -1 for no error's handle. */
XNA_API int32_t xna_error_disk_state(const xna_error *error);
/** errno of the call of the operating system that failed; 0 when none did. */
XNA_API int32_t xna_error_os_errno(const xna_error *error);

/* ---- Text, reports, listings, documents ------------------------------------------------- */

/** Bytes or text that a call returned. Immutable. */
typedef struct xna_text xna_text;

XNA_API void xna_text_free(xna_text *text);
/** The bytes, followed by a NUL that does not count. NULL for no text's handle. */
XNA_API const char *xna_text_data(const xna_text *text);
/** Bytes; 0 for no text's handle. */
XNA_API size_t xna_text_size(const xna_text *text);

/** What a call did or found. Immutable. */
typedef struct xna_report xna_report;

XNA_API void xna_report_free(xna_report *report);
/** All of it as one JSON object, UTF-8, made when it is first asked for: members are those of the
 * C++ report of the call (ImportReport, ArchiveReport, ValidationReport, RefreshReport,
 * VerifyReport, ExportReport, ReindexReport, RecoverySummary, Job, PrearchiveSession), enumerators
 * their names, a Status null or {code, reason, message, path, disk_state}. Members may be added.
 * NULL for no report's handle, or when memory runs out. */
XNA_API const char *xna_report_json(const xna_report *report);
/** Bytes of xna_report_json without the NUL; 0 where that is NULL. */
XNA_API size_t xna_report_json_size(const xna_report *report);
/** A member of that object which is a number, true (1) or false (0), by its name, such as "files";
 * -1 when there is none of that name. */
XNA_API int64_t xna_report_number(const xna_report *report, const char *name);
/** How many sessions it names: those of "uris", else 1 for a "uri" that is not empty, else 0. */
XNA_API size_t xna_report_uri_count(const xna_report *report);
/** URI of one of these; NULL when there is none of that index. */
XNA_API const char *xna_report_uri(const xna_report *report, size_t index);

/** Rows of text, read one after another. One thread at a time. */
typedef struct xna_listing xna_listing;

XNA_API void xna_listing_free(xna_listing *listing);
/** Columns of every row; 0 for no listing's handle. */
XNA_API size_t xna_listing_column_count(const xna_listing *listing);
/** XNAT's name of a column; NULL when there is none of that index. */
XNA_API const char *xna_listing_column(const xna_listing *listing, size_t index);
/** Goes to the next row, at first to the first one: 1; 0 when there is none left. */
XNA_API int32_t xna_listing_next(xna_listing *listing);
/** Cell of the row it is at; NULL before the first and behind the last row, and for a column that
 * is not there. Valid until the listing is freed. */
XNA_API const char *xna_listing_value(const xna_listing *listing, size_t column);

/** The document of a session: of one that is there a copy, in a callback perhaps the one that will
 * be archived, which can then be changed. One thread at a time. */
typedef struct xna_document xna_document;

XNA_API void xna_document_free(xna_document *document);
/** All of it as one JSON object, as it is now: "xsi_type", "id", "uid", "project", "label",
 * "attributes", "elements", "resources", "scans".
 * XNA_E_NO_MEMORY. */
XNA_API xna_status xna_document_json(const xna_document *document, xna_text **out_text,
                                     xna_error **out_error);
/** Scans of the session; 0 for no document's handle. */
XNA_API size_t xna_document_scan_count(const xna_document *document);
/** ID of a scan, in the document's order; NULL when there is none of that index. */
XNA_API const char *xna_document_scan_id(const xna_document *document, size_t index);
/** One value, "" when it is not set. `path` is "xsi_type", "id" (of the session only), "uid",
 * "project", "label" (both of the session), "type" (of a scan), or XNAT's path of local names,
 * such as "subject_ID", "scanner/@model", "fields/field[name=note]", "parameters/voxelRes/@x".
 * `scan_id`: NULL for the session. NULL for a scan that is not there. Valid until the document is freed, whatever is set meanwhile. */
XNA_API const char *xna_document_get(const xna_document *document, const char *scan_id,
                                     const char *path);
/** Sets it; "" removes it. XNA_E_NOT_FOUND "document.no-scan"; XNA_E_UNSUPPORTED
 * "document.read-only" for a document that is not the callback's to change. */
XNA_API xna_status xna_document_set(xna_document *document, const char *scan_id, const char *path,
                                    const char *value, xna_error **out_error);
/** Adds a scan, such as ("1", "xnat:mrScanData"), at the end. XNA_E_ALREADY_EXISTS
 * "document.scan-exists"; XNA_E_UNSUPPORTED "document.read-only". */
XNA_API xna_status xna_document_add_scan(xna_document *document, const char *scan_id,
                                         const char *xsi_type, xna_error **out_error);

/* ---- What every callback has ------------------------------------------------------------ */

/** The call a callback is in. Valid until the callback returns, on its thread. */
typedef struct xna_callback xna_callback;

/** Says why the callback is about to return a failure. `reason` is a slug of the host's own
 * ([a-z0-9.-]{1,64}), `message` one line without patient data; what is not like that is put right.
 * Without this a failure is "<hook>.failed", or the failure of the library's function that the
 * callback passes on. The last one counts. */
XNA_API void xna_callback_fail(xna_callback *callback, const char *reason, const char *message);
/** 1 once nobody waits for the call any more: return soon, whatever. Cheap. 0 otherwise. */
XNA_API int32_t xna_callback_cancelled(const xna_callback *callback);

/* ---- Strategies of the host ------------------------------------------------------------- */

#define XNA_PERMISSION_READ 0
#define XNA_PERMISSION_EDIT 1
#define XNA_PERMISSION_DELETE 2
#define XNA_PERMISSION_ADMIN 3

/** Decides who may do what (AccessPolicy, access_policy.hpp). allows() may come on several threads
 * at once; it may read from the engine, and change nothing through it. */
typedef struct xna_access_policy {
  uint32_t struct_size;
  uint32_t flags; /* None are defined. */
  void *ctx;
  /** May `user` ("": nobody in particular) do this to `project` ("": Unassigned sessions; with
   * XNA_PERMISSION_ADMIN the site)? XNA_OK: yes. XNA_E_PERMISSION: no. XNA_PASSTHROUGH: yes. Any
   * other: it could not be decided, and the call ends as XNA_E_HANDLER_FAILED. Not NULL. */
  xna_status (*allows)(void *ctx, const char *user, int32_t permission, const char *project,
                       xna_callback *callback);
  void (*release)(void *ctx); /* May be NULL, here and everywhere. */
} xna_access_policy;
XNA_API xna_status xna_access_policy_init(xna_access_policy *policy, size_t size);

#define XNA_EVENT_RECEIVED 0
#define XNA_EVENT_BUILT 1
#define XNA_EVENT_ARCHIVED 2
#define XNA_EVENT_MERGED 3
#define XNA_EVENT_REFRESHED 4
#define XNA_EVENT_DELETED 5
#define XNA_EVENT_FAILED 6
#define XNA_EVENT_PIPELINE_FINISHED 7
#define XNA_EVENT_MOVED 8

/** One thing that happened (Event, event_sink.hpp). Made by the library; texts are never NULL and
 * valid during the callback. */
typedef struct xna_event {
  uint32_t struct_size;
  uint32_t flags;
  int32_t kind; /* XNA_EVENT_*; a program passes over those it does not know. */
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
  const char *reason;  /* Of a failure; "" for XNA_OK. */
  const char *message;
} xna_event;

/** Hears what has happened. notify() may come on several threads at once, with no lock held: it may
 * call the engine in any way. */
typedef struct xna_event_sink {
  uint32_t struct_size;
  uint32_t flags; /* None are defined. */
  void *ctx;
  /** A failure is noted in the report of the call ("events"), and changes nothing. Not NULL. */
  xna_status (*notify)(void *ctx, const xna_event *event, xna_callback *callback);
  void (*release)(void *ctx);
} xna_event_sink;
XNA_API xna_status xna_event_sink_init(xna_event_sink *sink, size_t size);

#define XNA_LOG_INFO 0    /* Something was done. */
#define XNA_LOG_WARNING 1 /* A call failed because of its input or the state of things. */
#define XNA_LOG_ERROR 2   /* A disk, a callback or the library itself failed. */

/** Hears one line for each event, each failed call, and what opening recovered. write() may come on
 * several threads at once, and may not call the engine. */
typedef struct xna_log_sink {
  uint32_t struct_size;
  uint32_t flags; /* None are defined. */
  void *ctx;
  /** `text`: one line, no newline, no patient data beyond the labels that URIs have. Not NULL. */
  void (*write)(void *ctx, int32_t level, const char *text);
  void (*release)(void *ctx);
} xna_log_sink;
XNA_API xna_status xna_log_sink_init(xna_log_sink *sink, size_t size);

/** A session that is about to be archived. */
typedef struct xna_candidate xna_candidate;

/** Its document as it would be archived; read-only. Borrowed from the candidate. */
XNA_API xna_document *xna_candidate_document(const xna_candidate *candidate);
/** {"project", "subject", "label", "exists", "resources": [{"scan_id", "label", "format",
 * "content", "files": [{"uri", "size", "digest", "uid", "format"}]}]}: where it goes (texts are
 * empty when that is not known), whether a session is there, and every file. */
XNA_API xna_status xna_candidate_json(const xna_candidate *candidate, xna_text **out_text,
                                      xna_error **out_error);

#define XNA_FINDING_FAIL 0 /* Keeps the session in the prearchive; code 17. */
#define XNA_FINDING_WARN 1 /* Is told, and the session archived; code 16. */

/** Adds what a validator has found: `reason` and `message` as for xna_callback_fail. Does nothing in
 * a transform, or with a type that is none. */
XNA_API void xna_candidate_find(xna_candidate *candidate, int32_t type, const char *reason,
                                const char *message);

/** A host's own checks of what is archived (SessionValidator). validate() may come on several
 * threads at once; it may read from the engine, and change nothing through it. */
typedef struct xna_session_validator {
  uint32_t struct_size;
  uint32_t flags; /* None are defined. */
  void *ctx;
  /** XNA_OK: the session was looked at. A failure ends the call, and changes nothing. Not NULL. */
  xna_status (*validate)(void *ctx, xna_candidate *candidate, xna_callback *callback);
  void (*release)(void *ctx);
} xna_session_validator;
XNA_API xna_status xna_session_validator_init(xna_session_validator *validator, size_t size);

/** The files of a session that is about to be archived (SessionFiles, session_transform.hpp). A
 * failure of these functions ends the call, also when the callback returns XNA_OK. */
typedef struct xna_session_files xna_session_files;

/** How many there are; 0 for another handle. */
XNA_API size_t xna_session_files_count(const xna_session_files *files);
/** Path relative to the session; NULL when there is none of that index. They are sorted. */
XNA_API const char *xna_session_files_path(const xna_session_files *files, size_t index);
/** All bytes of one file. XNA_E_HANDLER_FAILED "transform.no-such-file"; the disk's failures. */
XNA_API xna_status xna_session_files_read(xna_session_files *files, const char *path,
                                          xna_text **out_bytes, xna_error **out_error);
/** These bytes are archived in its place. XNA_E_HANDLER_FAILED "transform.no-such-file",
 * "transform.decided-twice", "transform.not-in-catalog", and for bytes that are not a DICOM object
 * any more. */
XNA_API xna_status xna_session_files_replace(xna_session_files *files, const char *path,
                                             const void *data, size_t size, xna_error **out_error);
/** The file is left out. XNA_E_HANDLER_FAILED "transform.no-such-file", "transform.decided-twice". */
XNA_API xna_status xna_session_files_reject(xna_session_files *files, const char *path,
                                            xna_error **out_error);

/** Rewrites sessions on their way into the archive (SessionTransform). transform() may come on
 * several threads at once; it may read from the engine, and change nothing through it. */
typedef struct xna_session_transform {
  uint32_t struct_size;
  uint32_t flags; /* None are defined. */
  void *ctx;
  /** Name and version, such as "anonymize 2.1": 1 to 64 printable ASCII characters. Copied. Not
   * NULL. */
  const char *name;
  /** `document` is the one that will be archived. A failure ends the call, and changes nothing. Not
   * NULL. */
  xna_status (*transform)(void *ctx, const xna_candidate *candidate, xna_session_files *files,
                          xna_document *document, xna_callback *callback);
  void (*release)(void *ctx);
} xna_session_transform;
XNA_API xna_status xna_session_transform_init(xna_session_transform *transform, size_t size);

/** What a launcher is asked for (PipelineRequest). Made by the library; texts are never NULL and
 * valid during the callback. */
typedef struct xna_pipeline_request {
  uint32_t struct_size;
  uint32_t flags;
  const char *command; /* The project's AutoRun setting. */
  const char *project;
  const char *subject_label;
  const char *session_label;
  const char *experiment_id;
  const char *uri;
  const char *directory; /* Absolute path of the archived session. */
  const char *user;
  int64_t timeout_ms; /* What the project allows; 0: the launcher's own. */
} xna_pipeline_request;

/** Adds to the output of a pipeline; the first 64 KiB go into the audit record. Does nothing in
 * other callbacks. */
XNA_API void xna_callback_print(xna_callback *callback, const char *data, size_t size);

/** Runs AutoRun (PipelineLauncher). launch() may come on several threads at once, when the session
 * is archived and its locks are released: it may call the engine in any way. */
typedef struct xna_pipeline_launcher {
  uint32_t struct_size;
  uint32_t flags; /* None are defined. */
  void *ctx;
  /** Returns when the pipeline has ended; its failure stands as "pipeline" in the report of the
   * call, and changes nothing. XNA_PASSTHROUGH: the command is run by /bin/sh as without a
   * launcher. Not NULL. */
  xna_status (*launch)(void *ctx, const xna_pipeline_request *request, xna_callback *callback);
  void (*release)(void *ctx);
} xna_pipeline_launcher;
XNA_API xna_status xna_pipeline_launcher_init(xna_pipeline_launcher *launcher, size_t size);

/* ---- Import handlers -------------------------------------------------------------------- */

#define XNA_SOURCE_FILE 0
#define XNA_SOURCE_FOLDER 1
#define XNA_SOURCE_CONTAINER 2
#define XNA_SOURCE_PREARCHIVE_SESSION 3
#define XNA_SOURCE_SESSION_BAG 4

/** One import, as a handler sees it: its files, and the sessions it makes of them. */
typedef struct xna_import xna_import;
/** One file of it. */
typedef struct xna_file xna_file;
/** One session a handler has found in it. */
typedef struct xna_session xna_session;

/** The name the input was given: last component of a path, "-" for a stream. NULL for no import's
 * handle. */
XNA_API const char *xna_import_name(const xna_import *import);
/** XNA_SOURCE_*; -1 for no import's handle. */
XNA_API int32_t xna_import_kind(const xna_import *import);
/** A parameter of the request by XNAT's name ("project", "subject", ...) or the handler's own; NULL
 * when it was not given. */
XNA_API const char *xna_import_parameter(const xna_import *import, const char *name);
/** ID of the project that has this ID or alias; NULL when there is none that the user may edit. */
XNA_API const char *xna_import_find_project(const xna_import *import, const char *name);
/** Calls `visit` once for each file, in the input's order, on this thread; `visit` returns XNA_OK to
 * go on. A file's handle is gone when its visit returns. Containers are streamed: a second call may
 * be XNA_E_UNSUPPORTED. XNA_E_CORRUPTION, XNA_E_IO of the input; what `visit` returned. */
XNA_API xna_status xna_import_each_file(xna_import *import,
                                        xna_status (*visit)(void *ctx, xna_file *file), void *ctx,
                                        xna_error **out_error);
/** Path inside the input: relative, '/' separated, no "..". NULL for no file's handle. */
XNA_API const char *xna_file_path(const xna_file *file);
/** Bytes; -1 where the input does not say. */
XNA_API int64_t xna_file_size(const xna_file *file);
/** Its first `size_max` bytes, or all of a shorter file; borrowed until the next call of this for
 * the file. Reading does not use it up. XNA_E_CORRUPTION, XNA_E_IO: NULL, and the error. */
XNA_API const void *xna_file_head(xna_file *file, size_t size_max, size_t *out_size,
                                  xna_error **out_error);

/** Appends an empty session. Borrowed until describe() returns; NULL when memory runs out, or for no
 * import's handle. */
XNA_API xna_session *xna_import_add_session(xna_import *import);
/** Its document, to be filled: "xsi_type", "label", "subject_ID" and at least one scan make a
 * session that can be archived. Borrowed from the session. */
XNA_API xna_document *xna_session_document(const xna_session *session);

#define XNA_SESSION_NEEDS_BUILD 1u    /* Has to be built from its DICOM headers first. */
#define XNA_SESSION_AUTO_ARCHIVE 2u   /* The data says: archive at once. */
#define XNA_SESSION_WAIT_FOR_USER 4u  /* The data says: do not. */
/** Sets these flags, and study date and time, "yyyy-MM-dd" and "HH:mm:ss", which the prearchive's
 * table shows together as XNAT does ("2020-02-03 04:05:06.0"); NULL for none. */
XNA_API xna_status xna_session_describe(xna_session *session, uint32_t flags, const char *scan_date,
                                        const char *scan_time, xna_error **out_error);

/** What a handler knows about a file it keeps. */
typedef struct xna_entry {
  uint32_t struct_size;
  uint32_t flags;          /* XNA_ENTRY_DICOM: a DICOM object. */
  const char *uri;         /* Path inside the resource. NULL: the file's path. */
  const char *format;      /* Such as "NIFTI". */
  const char *content;
  const char *uid;         /* SOP Instance UID. */
  int64_t instance_number; /* -1: none. */
} xna_entry;
#define XNA_ENTRY_DICOM 1u
XNA_API xna_status xna_entry_init(xna_entry *entry, size_t size);

/** Keeps the file as part of the resource `resource_label` of the scan, or of the session itself when
 * `scan_id` is NULL. A second file of the same resource and uri takes the place of the first. A
 * failure to write may be returned by a later call. XNA_E_IO, XNA_E_NO_SPACE. */
XNA_API xna_status xna_import_keep(xna_import *import, xna_file *file, xna_session *session,
                                   const char *scan_id, const char *resource_label,
                                   const xna_entry *entry, xna_error **out_error);
/** Leaves the file out: counted and told, not an error. */
XNA_API void xna_import_skip(xna_import *import, xna_file *file, const char *reason,
                             const char *message);

/** Understands one kind of input (ImportHandler, import_handler.hpp). Callbacks may come on several
 * threads at once, for different imports; they may read from the engine, and change nothing through
 * it. */
typedef struct xna_import_handler {
  uint32_t struct_size;
  uint32_t flags; /* None are defined. */
  void *ctx;
  /** Its permanent name: [A-Za-z0-9-]{1,32}. Copied. Not NULL. */
  const char *name;
  /** 1: this input (its name, XNA_SOURCE_*) is the handler's, when a request names none. NULL: it
   * is used only by name. */
  int32_t (*accepts)(void *ctx, const char *input_name, int32_t kind);
  /** Visits the files, and says which belong to which session, scan and resource. A failure, or
   * XNA_PASSTHROUGH (XNA_E_UNSUPPORTED), ends the import and changes nothing. Not NULL. */
  xna_status (*describe)(void *ctx, xna_import *import, xna_callback *callback);
  void (*release)(void *ctx);
} xna_import_handler;
XNA_API xna_status xna_import_handler_init(xna_import_handler *handler, size_t size);

/* ---- An engine -------------------------------------------------------------------------- */

/** One root, opened: a prearchive, an archive, and a store. Fully thread-safe; several engines, also
 * of several processes of one host, may have the same root open. */
typedef struct xna_engine xna_engine;

/** Where an engine works and what it may use. */
typedef struct xna_engine_options {
  uint32_t struct_size;
  uint32_t flags;              /* XNA_ENGINE_*. */
  const char *root;            /* Directory of what is not placed elsewhere. Not NULL. */
  const char *archive_path;    /* NULL: root/archive. */
  const char *prearchive_path; /* NULL: root/prearchive. */
  const char *store_url;       /* NULL: sqlite3://root/store.sqlite3. */
  /* Threads one call may use, its own included; 0: one per core. Default 1: a host decides. */
  uint32_t threads;
  uint32_t job_workers;        /* Threads that work off submitted jobs. Default 0. */
  const xna_access_policy *access_policy;         /* NULL: everything is allowed. */
  const xna_event_sink *event_sink;               /* NULL: nobody listens; so below. */
  const xna_log_sink *log_sink;
  const xna_session_transform *session_transform;
  const xna_pipeline_launcher *pipeline_launcher; /* NULL: /bin/sh runs commands. */
  const xna_session_validator *const *validators; /* Asked in this order. */
  size_t validator_count;
  /* How much one zip or tar may unpack to, with what is nested in it; 0: container_limits.hpp. */
  uint64_t container_entries_max;
  uint64_t container_bytes_max;
} xna_engine_options;
/** Open leaves what crashed processes left to xna_engine_recover. */
#define XNA_ENGINE_NO_RECOVERY 1u
XNA_API xna_status xna_engine_options_init(xna_engine_options *options, size_t size);

/** Makes a new root: directories, store, settings. `site_id` (NULL: "XNAT") begins experiment and
 * subject IDs; `checksum` (NULL: "md5+xxh3") is "md5+xxh3", "md5", "xxh3" or "none". The root is
 * made when absent, its parent must exist. Of `options` only the places count; its callbacks are
 * neither called nor released. XNA_E_ALREADY_EXISTS "engine.root-in-use"; XNA_E_IO, XNA_E_PERMISSION. */
XNA_API xna_status xna_root_create(const xna_engine_options *options, const char *site_id,
                                   const char *checksum, xna_error **out_error);

/** Opens a root, and finishes what crashed processes left. XNA_E_NOT_FOUND "engine.no-root". */
XNA_API xna_status xna_engine_open(const xna_engine_options *options, xna_engine **out_engine,
                                   xna_error **out_error);

/** Closes it: the handle is none any more. Calls and tasks that run go on, and the root is closed when
 * the last has ended; until then callbacks are not released. Waits for job_workers, whose sessions
 * are queued again, and for nothing else; from a callback it waits for nothing. */
XNA_API void xna_engine_free(xna_engine *engine);

/** Adds a handler. Not while another thread of the host uses the engine. XNA_E_ALREADY_EXISTS when its name is
 * taken ("SI", "DICOM-zip" and "gradual-DICOM" are built in). */
XNA_API xna_status xna_engine_register(xna_engine *engine, const xna_import_handler *handler,
                                       xna_error **out_error);

/* ---- How a call reports and stops ------------------------------------------------------- */

/** How far a call is. Totals are 0 while unknown. Made by the library, but for
 * xna_task_progress, whose caller sets struct_size. */
typedef struct xna_progress {
  uint32_t struct_size;
  uint32_t flags;
  uint64_t files_done;
  uint64_t files_total;
  uint64_t bytes_done;
  uint64_t bytes_total;
  const char *phase; /* "receive", "build", "hash", "copy", "publish", ...; static. */
} xna_progress;
XNA_API xna_status xna_progress_init(xna_progress *progress, size_t size);

/** Hears how far a call is, on the call's thread, at most ten times a second. May not call the
 * engine. */
typedef struct xna_progress_sink {
  uint32_t struct_size;
  uint32_t flags; /* None are defined. */
  void *ctx;
  /** 0: go on. Any other value, and an exception, cancels: the call ends with XNA_E_CANCELLED and changes nothing. Not
   * NULL. */
  int32_t (*update)(void *ctx, const xna_progress *progress);
  void (*release)(void *ctx); /* When the call has ended. */
} xna_progress_sink;
XNA_API xna_status xna_progress_sink_init(xna_progress_sink *sink, size_t size);

/** Stops calls from another thread. Fully thread-safe. */
typedef struct xna_cancel xna_cancel;

/** Makes one that nothing has stopped. */
XNA_API xna_status xna_cancel_create(xna_cancel **out_cancel, xna_error **out_error);
/** Every call that was given it, or will be, ends with XNA_E_CANCELLED within a tenth of a second,
 * unless it is past the point where it can: then it goes on to its end. For good. */
XNA_API void xna_cancel_request(xna_cancel *cancel);
XNA_API void xna_cancel_free(xna_cancel *cancel);

/** Who calls, and how the call reports and stops. NULL for all of it: nobody, silently. */
typedef struct xna_call_options {
  uint32_t struct_size;
  uint32_t flags; /* None are defined. */
  const char *user;   /* Recorded, and what the access policy is asked about. */
  const char *origin; /* From where, such as an address; recorded in the audit trail. */
  const xna_progress_sink *progress;
  const xna_cancel *cancel;
} xna_call_options;
XNA_API xna_status xna_call_options_init(xna_call_options *options, size_t size);

/* ---- Projects and settings -------------------------------------------------------------- */

/** A project and its settings. */
typedef struct xna_project {
  uint32_t struct_size;
  uint32_t flags;
  const char *id;          /* A valid label, unique ignoring case. Not NULL. */
  int32_t prearchive_code; /* 0: sessions wait; 4: archived at once; 5: the same, overwriting. */
  int32_t quarantine_code; /* 1: archived sessions are quarantined. */
  const char *autorun;     /* Command for the launcher. */
} xna_project;
XNA_API xna_status xna_project_init(xna_project *project, size_t size);

/** XNA_E_ALREADY_EXISTS; XNA_E_INVALID_ARGUMENT for an ID or code that is none. XNA_E_PERMISSION
 * "access.denied", here and in every function that takes `call`. */
XNA_API xna_status xna_engine_add_project(xna_engine *engine, const xna_project *project,
                                          const xna_call_options *call, xna_error **out_error);
/** Makes a subject of whom nothing is archived yet; fine when it is there, by label or ID. `out_id`: its
 * ID, such as "XNAT_S00001". XNA_E_INVALID_ARGUMENT "subject.bad-label";
 * XNA_E_NOT_FOUND "project.not-found"; XNA_E_LOCKED while its first session is archived. */
XNA_API xna_status xna_engine_add_subject(xna_engine *engine, const char *project,
                                          const char *label, const xna_call_options *call,
                                          xna_text **out_id, xna_error **out_error);
/** ID, prearchive_code, quarantine_code, autorun, URI; sorted. */
XNA_API xna_status xna_engine_projects(xna_engine *engine, const xna_call_options *call,
                                       xna_listing **out_listing, xna_error **out_error);
/** The value of a setting (settings.hpp; xna_engine_settings lists them) of the site, or of a project.
 * XNA_E_INVALID_ARGUMENT "setting.unknown", "setting.needs-project", "setting.not-of-projects";
 * XNA_E_NOT_FOUND "project.not-found". */
XNA_API xna_status xna_engine_setting(xna_engine *engine, const char *name, const char *project,
                                      const xna_call_options *call, xna_text **out_value,
                                      xna_error **out_error);
/** Sets it for all calls that begin from now on. Also "setting.bad-value", "setting.read-only". */
XNA_API xna_status xna_engine_set_setting(xna_engine *engine, const char *name, const char *value,
                                          const char *project, const xna_call_options *call,
                                          xna_error **out_error);
/** Name, value, default, expected, purpose of all settings of the site or of a project. */
XNA_API xna_status xna_engine_settings(xna_engine *engine, const char *project,
                                       const xna_call_options *call, xna_listing **out_listing,
                                       xna_error **out_error);

/* ---- Import and prearchive -------------------------------------------------------------- */

/** Input that comes in pieces: read() stores at least one and at most `size` bytes in `buffer` and
 * their number in `out_count`, 0 at the end. Called on the call's thread, one at a time. May not call
 * the engine. A failure ends the call. */
typedef struct xna_input {
  uint32_t struct_size;
  uint32_t flags; /* None are defined. */
  void *ctx;
  xna_status (*read)(void *ctx, void *buffer, size_t size, size_t *out_count,
                     xna_callback *callback); /* Not NULL. */
  void (*release)(void *ctx); /* When the call has ended. */
} xna_input;
XNA_API xna_status xna_input_init(xna_input *input, size_t size);

/** One input: exactly one of path, data and input. Parameters are XNAT's: "project", "subject",
 * "session", "rename", "Ignore-Unparsable", "overwrite", and a handler's own. */
typedef struct xna_import_request {
  uint32_t struct_size;
  uint32_t flags; /* None are defined. */
  const char *path;       /* File, folder or container. */
  const void *data;       /* A container or file in memory, used until the call or task ends. */
  size_t data_size;
  const xna_input *input; /* A container or file that is still coming in. */
  const char *handler;    /* NULL: the first that accepts the input. */
  const char *dest;       /* A prearchive or archive URI; an archive URI archives at once. */
  const char *const *parameters; /* Names and values in turn. */
  size_t parameter_count;        /* Pairs. */
} xna_import_request;
XNA_API xna_status xna_import_request_init(xna_import_request *request, size_t size);

/** Receives one input: durable and complete when it returns. The report has "uris", one for each
 * session, "files_received", "files_identical", "files_skipped", ...; sessions that were to be
 * archived at once and could not are in "not_archived", and wait in the prearchive.
 * XNA_E_NOT_FOUND "import.no-input"; XNA_E_CORRUPTION; XNA_E_IO, XNA_E_NO_SPACE;
 * XNA_E_CANCELLED; XNA_E_HANDLER_FAILED. */
XNA_API xna_status xna_engine_import(xna_engine *engine, const xna_import_request *request,
                                     const xna_call_options *call, xna_report **out_report,
                                     xna_error **out_error);
/** Builds every session to which no file came for the site's session_idle_minutes, and archives it
 * unless it waits for a person or its sender (import.hpp). To be called from a timer; several threads
 * and processes may at once. The report has "built", "archived", "failed", "failed_pipelines" and
 * "next_ms": in how many milliseconds there will be something to do, -1 for never as things are. */
XNA_API xna_status xna_engine_commit_idle(xna_engine *engine, const xna_call_options *call,
                                          xna_report **out_report, xna_error **out_error);

/** Rows of the prearchive with XNAT's columns, newest first. `project`: NULL for all, "Unassigned"
 * for those without. */
XNA_API xna_status xna_engine_prearchive(xna_engine *engine, const char *project,
                                         const xna_call_options *call, xna_listing **out_listing,
                                         xna_error **out_error);
/** One of them. XNA_E_NOT_FOUND, here and below. */
XNA_API xna_status xna_engine_prearchive_session(xna_engine *engine, const char *src,
                                                 const xna_call_options *call,
                                                 xna_report **out_report, xna_error **out_error);
/** XNA_OK when a call that needs `permission` (XNA_PERMISSION_*) for this session could begin now: it is
 * there, the user may do that (XNA_E_PERMISSION), nobody works on it (XNA_E_LOCKED). For whoever does
 * something to several sessions, and wants to know what refuses it before the first. Changes nothing,
 * but others find it locked for a moment. XNA_E_INVALID_ARGUMENT "capi.bad-permission". */
XNA_API xna_status xna_engine_check_prearchive_session(xna_engine *engine, const char *src,
                                                       int32_t permission,
                                                       const xna_call_options *call,
                                                       xna_error **out_error);
/** Its log, one line a row. */
XNA_API xna_status xna_engine_prearchive_log(xna_engine *engine, const char *src,
                                             const xna_call_options *call,
                                             xna_listing **out_listing, xna_error **out_error);
/** Makes the document and catalogs from the DICOM headers. A failed build leaves what was there.
 * XNA_E_LOCKED; XNA_E_CORRUPTION. */
XNA_API xna_status xna_engine_build(xna_engine *engine, const char *src,
                                    const xna_call_options *call, xna_error **out_error);
/** The same, and sets `fields` in the document: `field_count` pairs of XNAT's XML path and value, which
 * later builds set, too. XNA_E_INVALID_ARGUMENT "build.bad-field". */
XNA_API xna_status xna_engine_build_with_fields(xna_engine *engine, const char *src,
                                                const char *const *fields, size_t field_count,
                                                const xna_call_options *call,
                                                xna_error **out_error);
/** Moves it into a project, by renames; `out_uri`: its URI there. XNA_E_LOCKED;
 * XNA_E_NOT_FOUND "project.not-found". */
XNA_API xna_status xna_engine_move_prearchive_session(xna_engine *engine, const char *src,
                                                      const char *project,
                                                      const xna_call_options *call,
                                                      xna_text **out_uri, xna_error **out_error);
/** Gives it the state its files say (`state` NULL), or "READY", "RECEIVING", "CONFLICT" or "ERROR";
 * `out_report`, which may be NULL: its row then. XNA_E_LOCKED; XNA_E_INVALID_ARGUMENT
 * "prearchive.bad-state"; XNA_E_CONFLICT "prearchive.not-built". */
XNA_API xna_status xna_engine_set_prearchive_state(xna_engine *engine, const char *src,
                                                   const char *state,
                                                   const xna_call_options *call,
                                                   xna_report **out_report, xna_error **out_error);
/** Removes the session and its files for good. XNA_E_LOCKED. */
XNA_API xna_status xna_engine_delete_prearchive_session(xna_engine *engine, const char *src,
                                                        const xna_call_options *call,
                                                        xna_error **out_error);

/* ---- Archive ---------------------------------------------------------------------------- */

#define XNA_OVERWRITE_NONE 0   /* A session that exists is a conflict. */
#define XNA_OVERWRITE_APPEND 1 /* Add what is not there. */
#define XNA_OVERWRITE_DELETE 2 /* Add and replace; what is replaced goes to the history. */

/** What to do with one prearchive session. */
typedef struct xna_archive_request {
  uint32_t struct_size;
  uint32_t flags;    /* XNA_ARCHIVE_*. */
  const char *src;   /* Prearchive URI of one session. Not NULL. */
  const char *dest;  /* An archive URI of a project, subject or experiment. */
  int32_t overwrite; /* XNA_OVERWRITE_*. */
  int32_t reserved;  /* 0. */
  int64_t wait_ms;   /* How long to wait for whoever works on it; then XNA_E_LOCKED. */
  const char *const *parameters; /* "project", "subject", "session" or "label", "event_reason". */
  size_t parameter_count;        /* Pairs of name and value. */
  const char *const *fields;     /* XNAT's XML paths and the values to set. */
  size_t field_count;            /* Pairs. */
} xna_archive_request;
/** Quarantined, whatever the project says. */
#define XNA_ARCHIVE_QUARANTINE 1u
/** AutoRun is not launched. */
#define XNA_ARCHIVE_NO_PIPELINES 2u
XNA_API xna_status xna_archive_request_init(xna_archive_request *request, size_t size);

/** Moves one prearchive session into the archive, building it first when that is needed: whole and
 * durable there and gone from the prearchive, or complete in the prearchive. The report has "uri",
 * "experiment_id", "files", "counts", "warnings", ...
 * XNA_E_CONFLICT "archive.session-exists", and whatever finding blocks; XNA_E_INVALID_ARGUMENT;
 * XNA_E_NOT_FOUND; XNA_E_LOCKED "operation.locked", "archive.receiving"; XNA_E_CORRUPTION;
 * XNA_E_CANCELLED; XNA_E_HANDLER_FAILED; XNA_E_IO, XNA_E_NO_SPACE. */
XNA_API xna_status xna_engine_archive(xna_engine *engine, const xna_archive_request *request,
                                      const xna_call_options *call, xna_report **out_report,
                                      xna_error **out_error);
/** What xna_engine_archive would find and do: "findings" (XNAT's table of code, type, reason,
 * message), "blocked", and "plan". Writes nothing. */
XNA_API xna_status xna_engine_validate(xna_engine *engine, const xna_archive_request *request,
                                       const xna_call_options *call, xna_report **out_report,
                                       xna_error **out_error);
/** Releases a quarantined session: `out_changed` (may be NULL) 1, or 0 when it was active. */
XNA_API xna_status xna_engine_activate(xna_engine *engine, const char *uri,
                                       const xna_call_options *call, int32_t *out_changed,
                                       xna_error **out_error);

/** What merging with XNA_OVERWRITE_DELETE replaced, oldest first: ID, project, session, experiment,
 * user, time_ms, files, bytes. `uri`: NULL for all, or of a project or experiment. */
XNA_API xna_status xna_engine_history(xna_engine *engine, const char *uri,
                                      const xna_call_options *call, xna_listing **out_listing,
                                      xna_error **out_error);
/** Puts the files of one record back. XNA_E_NOT_FOUND "history.not-found"; XNA_E_CONFLICT, also
 * "history.other-session"; XNA_E_CORRUPTION "history.damaged". */
XNA_API xna_status xna_engine_restore_history(xna_engine *engine, const char *id,
                                              const xna_call_options *call, xna_report **out_report,
                                              xna_error **out_error);
/** Removes one record and its files for good. */
XNA_API xna_status xna_engine_prune_history(xna_engine *engine, const char *id,
                                            const xna_call_options *call, xna_error **out_error);

/* ---- Catalogs --------------------------------------------------------------------------- */

/** Which catalogs to look at, and what may be changed. */
typedef struct xna_refresh_request {
  uint32_t struct_size;
  uint32_t flags;          /* XNA_REFRESH_*. None of the first four: as the site says. */
  const char *const *uris; /* Archive URIs of projects, subjects, experiments, scans, resources. */
  size_t uri_count;
  int64_t wait_ms; /* How long to wait for whoever works on a session. */
} xna_refresh_request;
#define XNA_REFRESH_APPEND 1u
#define XNA_REFRESH_CHECKSUM 2u
#define XNA_REFRESH_DELETE 4u
#define XNA_REFRESH_POPULATE_STATS 8u
/** Removes and renews also what looks like an accident. */
#define XNA_REFRESH_FORCE 16u
/** Makes lost and damaged catalogs anew. */
#define XNA_REFRESH_REBUILD 32u
XNA_API xna_status xna_refresh_request_init(xna_refresh_request *request, size_t size);

/** Brings catalogs up to date with the files beside them. Each has an outcome of its own in the report
 * ("catalogs"), "failed" with its "status" among them, of a call that succeeded. */
XNA_API xna_status xna_engine_refresh(xna_engine *engine, const xna_refresh_request *request,
                                      const xna_call_options *call, xna_report **out_report,
                                      xna_error **out_error);

/** Which files to read again, and how. */
typedef struct xna_verify_request {
  uint32_t struct_size;
  uint32_t flags;          /* XNA_VERIFY_*. */
  const char *const *uris; /* None: everything the caller may read. */
  size_t uri_count;
  double sample_percent;         /* Share of the files that are read, above 0 and up to 100. */
  uint64_t seed;                 /* Chooses the sample; 0: one of its own. */
  uint64_t bytes_per_second_max; /* 0: as fast as the disk allows. */
  const char *resume_path;       /* A file outside of the trees that keeps how far it is. */
} xna_verify_request;
/** All digests that are known; otherwise one is enough. */
#define XNA_VERIFY_ALL_DIGESTS 1u
XNA_API xna_status xna_verify_request_init(xna_verify_request *request, size_t size);

/** Reads archived files and compares them with their catalogs. What is wrong is in the report
 * ("problems"), of a call that succeeded. Changes nothing. */
XNA_API xna_status xna_engine_verify(xna_engine *engine, const xna_verify_request *request,
                                     const xna_call_options *call, xna_report **out_report,
                                     xna_error **out_error);

/** Output that goes in pieces. Called on the call's thread, one at a time. May not call the engine. A
 * failure ends the call. */
typedef struct xna_output {
  uint32_t struct_size;
  uint32_t flags; /* None are defined. */
  void *ctx;
  xna_status (*write)(void *ctx, const void *data, size_t size,
                      xna_callback *callback); /* Takes all of it. Not NULL. */
  void (*release)(void *ctx); /* When the call has ended. */
} xna_output;
XNA_API xna_status xna_output_init(xna_output *output, size_t size);

/** Which session to write, and where to. */
typedef struct xna_export_request {
  uint32_t struct_size;
  uint32_t flags;           /* XNA_EXPORT_*. */
  const char *uri;          /* Of an archived experiment. Not NULL. */
  const char *path;         /* A new directory, or a zip when it ends in ".zip". */
  const xna_output *output; /* In place of path: takes a zip. */
} xna_export_request;
/** A BagIt bag (RFC 8493) in place of the layout of XNAT's downloads. */
#define XNA_EXPORT_BAG 1u
XNA_API xna_status xna_export_request_init(xna_export_request *request, size_t size);

/** Writes a copy of an archived session, checked on the way: all of it, or nothing of that name.
 * XNA_E_ALREADY_EXISTS "export.target-exists"; XNA_E_CORRUPTION with the file that is damaged. */
XNA_API xna_status xna_engine_export(xna_engine *engine, const xna_export_request *request,
                                     const xna_call_options *call, xna_report **out_report,
                                     xna_error **out_error);

/* ---- Reading ---------------------------------------------------------------------------- */

/** One level below a URI, as XNAT lists it; the first column names the row, the last is its URI.
 * NULL: projects. "/projects/P" (subjects), "/projects/P/experiments", ".../experiments/E" (scans
 * and resources), ".../resources/LABEL" (files), "/prearchive...". */
XNA_API xna_status xna_engine_list(xna_engine *engine, const char *uri, const xna_call_options *call,
                                   xna_listing **out_listing, xna_error **out_error);
/** The document of an archive or prearchive session; read-only. XNA_E_CORRUPTION. */
XNA_API xna_status xna_engine_document(xna_engine *engine, const char *uri,
                                       const xna_call_options *call, xna_document **out_document,
                                       xna_error **out_error);
/** The same as the XML bytes on disk. */
XNA_API xna_status xna_engine_document_xml(xna_engine *engine, const char *uri,
                                           const xna_call_options *call, xna_text **out_xml,
                                           xna_error **out_error);
/** Who did what to which session; oldest first. `uri`: NULL for everything. */
XNA_API xna_status xna_engine_audit(xna_engine *engine, const char *uri,
                                    const xna_call_options *call, xna_listing **out_listing,
                                    xna_error **out_error);

/* ---- Upkeep ----------------------------------------------------------------------------- */

/** Finishes or undoes what dead processes left; never waits for living ones. "finished",
 * "discarded", "busy", "failed". */
XNA_API xna_status xna_engine_recover(xna_engine *engine, const xna_call_options *call,
                                      xna_report **out_report, xna_error **out_error);
/** Rebuilds the index from the trees, and tells every difference. */
XNA_API xna_status xna_engine_reindex(xna_engine *engine, const xna_call_options *call,
                                      xna_report **out_report, xna_error **out_error);

/* ---- Tasks: a call on a thread of its own ------------------------------------------------ */

/** One call that runs on a thread of its own. Fully thread-safe. It begins when it is made and may be
 * waited for, polled and cancelled. Its callbacks come on its thread. A process should wait for its
 * tasks before it ends: one that runs then dies like any interrupted call, and recovery finishes or
 * undoes it. */
typedef struct xna_task xna_task;

/** @{ The functions of the same names above, started. The request is copied, but for `data` of an
 * import; callbacks are released just before it has ended. XNA_E_NO_MEMORY "task.no-thread" when the
 * system gives no thread. */
XNA_API xna_status xna_engine_start_import(xna_engine *engine, const xna_import_request *request,
                                           const xna_call_options *call, xna_task **out_task,
                                           xna_error **out_error);
XNA_API xna_status xna_engine_start_archive(xna_engine *engine, const xna_archive_request *request,
                                            const xna_call_options *call, xna_task **out_task,
                                            xna_error **out_error);
XNA_API xna_status xna_engine_start_validate(xna_engine *engine, const xna_archive_request *request,
                                             const xna_call_options *call, xna_task **out_task,
                                             xna_error **out_error);
XNA_API xna_status xna_engine_start_refresh(xna_engine *engine, const xna_refresh_request *request,
                                            const xna_call_options *call, xna_task **out_task,
                                            xna_error **out_error);
XNA_API xna_status xna_engine_start_verify(xna_engine *engine, const xna_verify_request *request,
                                           const xna_call_options *call, xna_task **out_task,
                                           xna_error **out_error);
XNA_API xna_status xna_engine_start_export(xna_engine *engine, const xna_export_request *request,
                                           const xna_call_options *call, xna_task **out_task,
                                           xna_error **out_error);
/** @} */

/** Waits until it has ended: 1; 0 when it has not after `timeout_ms` (0: looks only; negative: no
 * limit), or when it is the task's own thread that waits; -1 for no task's handle. */
XNA_API int32_t xna_task_wait(const xna_task *task, int64_t timeout_ms);
/** How far it is; zeros before the first news. */
XNA_API xna_status xna_task_progress(const xna_task *task, xna_progress *out_progress,
                                     xna_error **out_error);
/** Asks it to stop, as xna_cancel_request does. */
XNA_API void xna_task_cancel(xna_task *task);
/** What the call returned, with its report or error; as often as one likes. XNA_E_LOCKED
 * "task.running" while it runs. */
XNA_API xna_status xna_task_result(const xna_task *task, xna_report **out_report,
                                   xna_error **out_error);
/** Frees the handle. A task that runs is cancelled, and not waited for. */
XNA_API void xna_task_free(xna_task *task);

/* ---- Jobs: archiving later, by any process ---------------------------------------------- */

/** Asks for sessions to be archived later, durably (job.hpp); `out_id` names the job. Each request as
 * for xna_engine_archive. XNA_E_INVALID_ARGUMENT "job.empty", "job.same-source". */
XNA_API xna_status xna_engine_submit(xna_engine *engine, const xna_archive_request *const *requests,
                                     size_t request_count, const xna_call_options *call,
                                     xna_text **out_id, xna_error **out_error);
/** A job: "state", "items", ... XNA_E_NOT_FOUND "job.not-found", here and below. */
XNA_API xna_status xna_engine_job(xna_engine *engine, const char *id, const xna_call_options *call,
                                  xna_report **out_report, xna_error **out_error);
/** ID, kind, user, origin, state, created_ms, started_ms, ended_ms, items_done, items_total; newest
 * first. */
XNA_API xna_status xna_engine_jobs(xna_engine *engine, const xna_call_options *call,
                                   xna_listing **out_listing, xna_error **out_error);
/** The job when it has ended; does not work it off. XNA_E_LOCKED "job.timeout" after `timeout_ms` (0:
 * looks only; negative: no limit); XNA_E_CANCELLED "job.wait-cancelled". */
XNA_API xna_status xna_engine_wait_for_job(xna_engine *engine, const char *id, int64_t timeout_ms,
                                           const xna_call_options *call, xna_report **out_report,
                                           xna_error **out_error);
/** Cancels what has not ended. */
XNA_API xna_status xna_engine_cancel_job(xna_engine *engine, const char *id,
                                         const xna_call_options *call, xna_error **out_error);
/** Archives the session that is queued longest, on this thread. `out_found` (may be NULL) 1, whatever
 * its outcome; 0 when none is queued. */
XNA_API xna_status xna_engine_run_job(xna_engine *engine, const xna_call_options *call,
                                      int32_t *out_found, xna_error **out_error);

/* ---- XNAT's REST interface -------------------------------------------------------------- */

/** Answers XNAT's REST requests from an engine, without sockets (RestService, rest_service.hpp).
 * Fully thread-safe; keeps its engine open. */
typedef struct xna_rest xna_rest;

/** How requests are answered. */
typedef struct xna_rest_options {
  uint32_t struct_size;
  uint32_t flags;         /* None are defined. */
  const char *site_url;   /* Begins the Location of redirects; NULL: they are paths. */
  int64_t wait_ms;        /* How long a request waits for whoever works on its session; then 423. */
  const char *user_cache; /* Directory of XNAT's user cache (rest_service.hpp); NULL: none, 501. */
  /* The most of one request. 0: as RestLimits has it (rest_service.hpp). */
  uint64_t target_bytes_max;        /* Path and query; above: 414. */
  uint64_t header_bytes_max;        /* All names and values; above: 431. */
  uint64_t form_bytes_max;          /* A form or JSON body, or a field; above: 413. */
  uint64_t parameters_max;          /* Above: 400 "rest.too-many-parameters". */
  uint64_t part_header_bytes_max;   /* Headers of one part; above: 400. */
  uint64_t cached_file_bytes_max;   /* A file of the user cache; above: 413. */
} xna_rest_options;
XNA_API xna_status xna_rest_options_init(xna_rest_options *options, size_t size);

/** Makes the service of an engine. */
XNA_API xna_status xna_rest_create(xna_engine *engine, const xna_rest_options *options,
                                   xna_rest **out_rest, xna_error **out_error);
/** All that is served, every form of a path by itself: rows of "method" (GET stands for HEAD, too) and
 * "path", such as "/data/projects/{project}", where {name} is any value and a last {name...} all that
 * is left. What a host has to think of when it says who may do what. */
XNA_API xna_status xna_rest_routes(xna_listing **out_listing, xna_error **out_error);
/** Responses that are not written yet keep what they need. */
XNA_API void xna_rest_free(xna_rest *rest);

/** One HTTP request, as it came in. */
typedef struct xna_rest_request {
  uint32_t struct_size;
  uint32_t flags;             /* None are defined. */
  const char *method;         /* "GET", in capitals. Not NULL. */
  const char *path;           /* As it was sent, percent-encoded, without query. Not NULL. */
  const char *query;          /* As it was sent, without '?'. */
  const char *const *headers; /* Names, in any case, and values in turn; any bytes. */
  size_t header_count;        /* Pairs. */
  const void *body;           /* In memory, without transfer encoding; used until the call ends. */
  size_t body_size;
  const xna_input *input;     /* In place of body: one that is still coming in. */
} xna_rest_request;
XNA_API xna_status xna_rest_request_init(xna_rest_request *request, size_t size);

/** What is sent back. One thread at a time. */
typedef struct xna_response xna_response;

/** Answers one request for `call`'s user, whom the host has authenticated. XNA_OK whatever the HTTP
 * status of the response is. */
XNA_API xna_status xna_rest_handle(xna_rest *rest, const xna_rest_request *request,
                                   const xna_call_options *call, xna_response **out_response,
                                   xna_error **out_error);
XNA_API void xna_response_free(xna_response *response);
/** HTTP status; 0 for no response's handle. */
XNA_API int32_t xna_response_status(const xna_response *response);
/** Headers, without Content-Length; 0 for no response's handle. */
XNA_API size_t xna_response_header_count(const xna_response *response);
/** Name of a header; NULL when there is none of that index. */
XNA_API const char *xna_response_header_name(const xna_response *response, size_t index);
/** Its value. */
XNA_API const char *xna_response_header_value(const xna_response *response, size_t index);
/** Bytes of the body; -1 when that is not known before it is written. */
XNA_API int64_t xna_response_body_size(const xna_response *response);
/** Writes the body, once. A failure means that it is not whole: end the connection. What `output`
 * returns; of what is read meanwhile XNA_E_CORRUPTION, XNA_E_IO, ...; XNA_E_UNSUPPORTED
 * "response.written" the second time. */
XNA_API xna_status xna_response_write(xna_response *response, const xna_output *output,
                                      xna_error **out_error);

#ifdef __cplusplus
}
#endif

#endif /* XNATARCHIVE_H_ */
