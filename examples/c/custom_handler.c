/*
 * custom_handler.c - an import handler in C: a folder of text files, such as notes beside a scan,
 * becomes a session with one scan. The first line of "session.txt" is "SUBJECT LABEL".
 *
 *   custom_handler_c ROOT PROJECT FOLDER
 */
#include <stdio.h>
#include <string.h>

#include "xnatarchive.h"

/* One import. */
struct Notes {
  xna_import *import;
  xna_session *session;
  char subject[65];
  char label[65];
  int has_names;
};

static int32_t Accepts(void *ctx, const char *name, int32_t kind) {
  (void)ctx;
  (void)name;
  return kind == XNA_SOURCE_FOLDER;
}

static xna_status ReadNames(struct Notes *notes, xna_file *file) {
  char line[130];
  size_t size = 0;
  const void *head = xna_file_head(file, sizeof line - 1, &size, NULL);
  if (head == NULL) return XNA_E_IO;
  memcpy(line, head, size);
  line[size] = '\0';
  notes->has_names = sscanf(line, "%64s %64s", notes->subject, notes->label) == 2;
  return XNA_OK;
}

static xna_status Visit(void *ctx, xna_file *file) {
  struct Notes *notes = ctx;
  const char *path = xna_file_path(file);
  const size_t length = strlen(path);
  xna_entry entry;
  xna_status status = XNA_OK;
  if (length < 4 || strcmp(path + length - 4, ".txt") != 0) {
    xna_import_skip(notes->import, file, "notes.other-file", "it is not a .txt file");
    return XNA_OK;
  }
  if (strcmp(path, "session.txt") == 0) status = ReadNames(notes, file);
  if (status != XNA_OK) return status;
  xna_entry_init(&entry, sizeof entry);
  entry.format = "TEXT";
  return xna_import_keep(notes->import, file, notes->session, "1", "NOTES", &entry, NULL);
}

static xna_status Describe(void *ctx, xna_import *import, xna_callback *callback) {
  struct Notes notes;
  xna_document *document;
  xna_status status;
  (void)ctx;
  memset(&notes, 0, sizeof notes);
  notes.import = import;
  notes.session = xna_import_add_session(import);
  document = xna_session_document(notes.session);
  status = xna_import_each_file(import, Visit, &notes, NULL);
  if (status != XNA_OK) return status;
  if (!notes.has_names) {
    xna_callback_fail(callback, "notes.no-names", "session.txt does not name subject and session");
    return XNA_E_INVALID_ARGUMENT;
  }
  status = xna_document_set(document, NULL, "xsi_type", "xnat:otherDicomSessionData", NULL);
  if (status == XNA_OK) status = xna_document_set(document, NULL, "label", notes.label, NULL);
  if (status == XNA_OK) {
    status = xna_document_set(document, NULL, "subject_ID", notes.subject, NULL);
  }
  if (status == XNA_OK) {
    status = xna_document_add_scan(document, "1", "xnat:otherDicomScanData", NULL);
  }
  return status;
}

static int Fail(xna_error *error) {
  fprintf(stderr, "custom_handler_c: %s/%s: %s\n", xna_status_name(xna_error_status(error)),
          xna_error_reason(error), xna_error_message(error));
  xna_error_free(error);
  return 1;
}

/* What exists already is fine here. */
static xna_status AllowExisting(xna_status status, xna_error **error) {
  if (status != XNA_E_ALREADY_EXISTS) return status;
  xna_error_free(*error);
  *error = NULL;
  return XNA_OK;
}

static xna_status Open(const char *root, const char *project_id, xna_engine **engine,
                       xna_error **error) {
  xna_engine_options options;
  xna_project project;
  xna_import_handler handler;
  xna_status status;
  xna_engine_options_init(&options, sizeof options);
  options.root = root;
  status = AllowExisting(xna_root_create(&options, NULL, NULL, error), error);
  if (status != XNA_OK) return status;
  status = xna_engine_open(&options, engine, error);
  if (status != XNA_OK) return status;
  xna_project_init(&project, sizeof project);
  project.id = project_id;
  status = AllowExisting(xna_engine_add_project(*engine, &project, NULL, error), error);
  if (status != XNA_OK) return status;
  xna_import_handler_init(&handler, sizeof handler);
  handler.name = "notes";
  handler.accepts = Accepts;
  handler.describe = Describe;
  return xna_engine_register(*engine, &handler, error);
}

int main(int argc, char **argv) {
  const char *parameters[2];
  xna_import_request import;
  xna_archive_request archive;
  xna_engine *engine = NULL;
  xna_report *received = NULL;
  xna_report *archived = NULL;
  xna_error *error = NULL;
  xna_status status;
  if (argc != 4) {
    fprintf(stderr, "usage: custom_handler_c ROOT PROJECT FOLDER\n");
    return 2;
  }
  status = Open(argv[1], argv[2], &engine, &error);
  if (status == XNA_OK) {
    parameters[0] = "project";
    parameters[1] = argv[2];
    xna_import_request_init(&import, sizeof import);
    import.path = argv[3];
    import.parameters = parameters;
    import.parameter_count = 1;
    status = xna_engine_import(engine, &import, NULL, &received, &error);
  }
  if (status == XNA_OK) {
    xna_archive_request_init(&archive, sizeof archive);
    archive.src = xna_report_uri(received, 0);
    status = xna_engine_archive(engine, &archive, NULL, &archived, &error);
  }
  if (status == XNA_OK) printf("%s\n", xna_report_uri(archived, 0));
  xna_report_free(archived);
  xna_report_free(received);
  xna_engine_free(engine);
  return status == XNA_OK ? 0 : Fail(error);
}
