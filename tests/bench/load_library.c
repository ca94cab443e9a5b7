/* load_library.c - prints how many seconds loading a shared library takes. */
#include <dlfcn.h>
#include <stdio.h>
#include <time.h>

static double Now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int main(int argc, char **argv) {
  const double begin = Now();
  if (argc != 2 || dlopen(argv[1], RTLD_NOW) == NULL) return 1;
  printf("%.9f\n", Now() - begin);
  return 0;
}
