package xnatarchive

// The library's callbacks have a void *ctx. Here it is a number that stands for a Go value, which
// must not be taken for a pointer by Go's runtime: so these functions of C are in between.

/*
#include <xnatarchive.h>

extern xna_status xnaGoAllows(uintptr_t, char *, int32_t, char *, xna_callback *);
extern xna_status xnaGoNotify(uintptr_t, xna_event *, xna_callback *);
extern void xnaGoLog(uintptr_t, int32_t, char *);
extern xna_status xnaGoValidate(uintptr_t, xna_candidate *, xna_callback *);
extern xna_status xnaGoTransform(uintptr_t, xna_candidate *, xna_session_files *, xna_document *,
                                 xna_callback *);
extern xna_status xnaGoLaunch(uintptr_t, xna_pipeline_request *, xna_callback *);
extern int32_t xnaGoAccepts(uintptr_t, char *, int32_t);
extern xna_status xnaGoDescribe(uintptr_t, xna_import *, xna_callback *);
extern xna_status xnaGoVisit(uintptr_t, xna_file *);
extern int32_t xnaGoProgress(uintptr_t, xna_progress *);
extern xna_status xnaGoRead(uintptr_t, void *, size_t, size_t *, xna_callback *);
extern xna_status xnaGoWrite(uintptr_t, void *, size_t, xna_callback *);
extern void xnaGoRelease(uintptr_t);

static void release(void *ctx) { xnaGoRelease((uintptr_t)ctx); }

static xna_status allows(void *ctx, const char *user, int32_t permission, const char *project,
                         xna_callback *callback) {
  return xnaGoAllows((uintptr_t)ctx, (char *)user, permission, (char *)project, callback);
}
static void bind_access_policy(xna_access_policy *to, uintptr_t ctx) {
  xna_access_policy_init(to, sizeof *to);
  to->ctx = (void *)ctx;
  to->allows = allows;
  to->release = release;
}

static xna_status notify(void *ctx, const xna_event *event, xna_callback *callback) {
  return xnaGoNotify((uintptr_t)ctx, (xna_event *)event, callback);
}
static void bind_event_sink(xna_event_sink *to, uintptr_t ctx) {
  xna_event_sink_init(to, sizeof *to);
  to->ctx = (void *)ctx;
  to->notify = notify;
  to->release = release;
}

static void write_log(void *ctx, int32_t level, const char *text) {
  xnaGoLog((uintptr_t)ctx, level, (char *)text);
}
static void bind_log_sink(xna_log_sink *to, uintptr_t ctx) {
  xna_log_sink_init(to, sizeof *to);
  to->ctx = (void *)ctx;
  to->write = write_log;
  to->release = release;
}

static xna_status validate(void *ctx, xna_candidate *candidate, xna_callback *callback) {
  return xnaGoValidate((uintptr_t)ctx, candidate, callback);
}
static void bind_session_validator(xna_session_validator *to, uintptr_t ctx) {
  xna_session_validator_init(to, sizeof *to);
  to->ctx = (void *)ctx;
  to->validate = validate;
  to->release = release;
}

static xna_status transform(void *ctx, const xna_candidate *candidate, xna_session_files *files,
                            xna_document *document, xna_callback *callback) {
  return xnaGoTransform((uintptr_t)ctx, (xna_candidate *)candidate, files, document, callback);
}
static void bind_session_transform(xna_session_transform *to, uintptr_t ctx, const char *name) {
  xna_session_transform_init(to, sizeof *to);
  to->ctx = (void *)ctx;
  to->name = name;
  to->transform = transform;
  to->release = release;
}

static xna_status launch(void *ctx, const xna_pipeline_request *request, xna_callback *callback) {
  return xnaGoLaunch((uintptr_t)ctx, (xna_pipeline_request *)request, callback);
}
static void bind_pipeline_launcher(xna_pipeline_launcher *to, uintptr_t ctx) {
  xna_pipeline_launcher_init(to, sizeof *to);
  to->ctx = (void *)ctx;
  to->launch = launch;
  to->release = release;
}

static int32_t accepts(void *ctx, const char *input_name, int32_t kind) {
  return xnaGoAccepts((uintptr_t)ctx, (char *)input_name, kind);
}
static xna_status describe(void *ctx, xna_import *import, xna_callback *callback) {
  return xnaGoDescribe((uintptr_t)ctx, import, callback);
}
static void bind_import_handler(xna_import_handler *to, uintptr_t ctx, const char *name) {
  xna_import_handler_init(to, sizeof *to);
  to->ctx = (void *)ctx;
  to->name = name;
  to->accepts = accepts;
  to->describe = describe;
  to->release = release;
}

static xna_status visit(void *ctx, xna_file *file) { return xnaGoVisit((uintptr_t)ctx, file); }
static xna_status each_file(xna_import *import, uintptr_t ctx, xna_error **out_error) {
  return xna_import_each_file(import, visit, (void *)ctx, out_error);
}

static int32_t update(void *ctx, const xna_progress *progress) {
  return xnaGoProgress((uintptr_t)ctx, (xna_progress *)progress);
}
static void bind_progress_sink(xna_progress_sink *to, uintptr_t ctx) {
  xna_progress_sink_init(to, sizeof *to);
  to->ctx = (void *)ctx;
  to->update = update;
  to->release = release;
}

static xna_status read_input(void *ctx, void *buffer, size_t size, size_t *out_count,
                             xna_callback *callback) {
  return xnaGoRead((uintptr_t)ctx, buffer, size, out_count, callback);
}
static void bind_input(xna_input *to, uintptr_t ctx) {
  xna_input_init(to, sizeof *to);
  to->ctx = (void *)ctx;
  to->read = read_input;
  to->release = release;
}

static xna_status write_output(void *ctx, const void *data, size_t size, xna_callback *callback) {
  return xnaGoWrite((uintptr_t)ctx, (void *)data, size, callback);
}
static void bind_output(xna_output *to, uintptr_t ctx) {
  xna_output_init(to, sizeof *to);
  to->ctx = (void *)ctx;
  to->write = write_output;
  to->release = release;
}
*/
import "C"

func bindAccessPolicy(to *C.xna_access_policy, ctx C.uintptr_t) { C.bind_access_policy(to, ctx) }

func bindEventSink(to *C.xna_event_sink, ctx C.uintptr_t) { C.bind_event_sink(to, ctx) }

func bindLogSink(to *C.xna_log_sink, ctx C.uintptr_t) { C.bind_log_sink(to, ctx) }

func bindValidator(to *C.xna_session_validator, ctx C.uintptr_t) {
	C.bind_session_validator(to, ctx)
}

func bindTransform(to *C.xna_session_transform, ctx C.uintptr_t, name *C.char) {
	C.bind_session_transform(to, ctx, name)
}

func bindLauncher(to *C.xna_pipeline_launcher, ctx C.uintptr_t) {
	C.bind_pipeline_launcher(to, ctx)
}

func bindImportHandler(to *C.xna_import_handler, ctx C.uintptr_t, name *C.char) {
	C.bind_import_handler(to, ctx, name)
}

func bindProgressSink(to *C.xna_progress_sink, ctx C.uintptr_t) { C.bind_progress_sink(to, ctx) }

func bindInput(to *C.xna_input, ctx C.uintptr_t) { C.bind_input(to, ctx) }

func bindOutput(to *C.xna_output, ctx C.uintptr_t) { C.bind_output(to, ctx) }

func eachFile(from *C.xna_import, ctx C.uintptr_t, failure **C.xna_error) C.xna_status {
	return C.each_file(from, ctx, failure)
}
