/*
 * archive_one.c - the whole round in C: receive a study, archive it while progress is shown (merge
 * it if its session is archived already), list the archive.
 *
 *   archive_one_c ROOT PROJECT PATH        PATH: a DICOM file, a folder, a zip or a tar
 */
#include <stdio.h>

#include "xnatarchive.h"

/* Prints why a call failed, and frees it. */
static int Fail(xna_error *error) {
  fprintf(stderr, "archive_one_c: %s/%s: %s\n", xna_status_name(xna_error_status(error)),
          xna_error_reason(error), xna_error_message(error));
  xna_error_free(error);
  return 1;
}

/* What exists already is fine here. */
static int Failed(xna_status status, xna_error **error) {
  if (status == XNA_E_ALREADY_EXISTS) {
    xna_error_free(*error);
    *error = NULL;
  }
  return *error != NULL;
}

static int32_t ShowProgress(void *ctx, const xna_progress *progress) {
  (void)ctx;
  fprintf(stderr, "%s: %llu files\n", progress->phase, (unsigned long long)progress->files_done);
  return 0;
}

static xna_engine *Open(const char *root, const char *project_id, xna_error **error) {
  xna_engine_options options;
  xna_project project;
  xna_engine *engine = NULL;
  xna_engine_options_init(&options, sizeof options);
  options.root = root;
  options.threads = 0; /* One per core. */
  if (Failed(xna_root_create(&options, NULL, NULL, error), error)) return NULL;
  if (xna_engine_open(&options, &engine, error) != XNA_OK) return NULL;
  xna_project_init(&project, sizeof project);
  project.id = project_id;
  if (Failed(xna_engine_add_project(engine, &project, NULL, error), error)) {
    xna_engine_free(engine);
    return NULL;
  }
  return engine;
}

static xna_status Archive(xna_engine *engine, const char *src, xna_error **error) {
  xna_progress_sink progress;
  xna_call_options call;
  xna_archive_request request;
  xna_report *report = NULL;
  xna_status status;
  xna_progress_sink_init(&progress, sizeof progress);
  progress.update = ShowProgress;
  xna_call_options_init(&call, sizeof call);
  call.progress = &progress;
  xna_archive_request_init(&request, sizeof request);
  request.src = src;
  status = xna_engine_archive(engine, &request, &call, &report, error);
  if (status == XNA_E_CONFLICT) {
    fprintf(stderr, "conflict: %s\n", xna_error_reason(*error));
    xna_error_free(*error);
    request.overwrite = XNA_OVERWRITE_APPEND;
    status = xna_engine_archive(engine, &request, &call, &report, error);
  }
  if (status == XNA_OK) {
    printf("%s  %lld files\n", xna_report_uri(report, 0),
           (long long)xna_report_number(report, "files"));
  }
  xna_report_free(report);
  return status;
}

static xna_status ImportAndArchive(xna_engine *engine, const char *project, const char *path,
                                   xna_error **error) {
  const char *parameters[2];
  xna_import_request request;
  xna_report *report = NULL;
  xna_status status;
  size_t i;
  parameters[0] = "project";
  parameters[1] = project;
  xna_import_request_init(&request, sizeof request);
  request.path = path;
  request.parameters = parameters;
  request.parameter_count = 1;
  status = xna_engine_import(engine, &request, NULL, &report, error);
  for (i = 0; status == XNA_OK && i < xna_report_uri_count(report); ++i) {
    status = Archive(engine, xna_report_uri(report, i), error);
  }
  xna_report_free(report);
  return status;
}

static xna_status List(xna_engine *engine, const char *project, xna_error **error) {
  char uri[256];
  xna_listing *listing = NULL;
  xna_status status;
  snprintf(uri, sizeof uri, "/projects/%s/experiments", project);
  status = xna_engine_list(engine, uri, NULL, &listing, error);
  while (status == XNA_OK && xna_listing_next(listing)) {
    printf("%s  %s\n", xna_listing_value(listing, 0),
           xna_listing_value(listing, xna_listing_column_count(listing) - 1));
  }
  xna_listing_free(listing);
  return status;
}

int main(int argc, char **argv) {
  xna_error *error = NULL;
  xna_engine *engine;
  xna_status status;
  if (argc != 4) {
    fprintf(stderr, "usage: archive_one_c ROOT PROJECT PATH\n");
    return 2;
  }
  engine = Open(argv[1], argv[2], &error);
  if (engine == NULL) return Fail(error);
  status = ImportAndArchive(engine, argv[2], argv[3], &error);
  if (status == XNA_OK) status = List(engine, argv[2], &error);
  xna_engine_free(engine);
  return status == XNA_OK ? 0 : Fail(error);
}
