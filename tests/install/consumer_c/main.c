/* The smallest program that needs the whole C library: makes a root and opens it. */
#include <stdio.h>

#include "xnatarchive.h"

int main(int argc, char **argv) {
  xna_engine_options options;
  xna_engine *engine = NULL;
  xna_error *error = NULL;
  xna_status status = xna_engine_options_init(&options, sizeof options);
  options.root = argc > 1 ? argv[1] : "xnat";
  if (status == XNA_OK) status = xna_root_create(&options, NULL, NULL, &error);
  if (status == XNA_OK) status = xna_engine_open(&options, &engine, &error);
  printf("xnatarchive %s: %s\n", xna_version(),
         status == XNA_OK ? "OK" : xna_error_message(error));
  xna_engine_free(engine);
  xna_error_free(error);
  return status == XNA_OK ? 0 : 1;
}
