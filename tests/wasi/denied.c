// Run without --dir and --env: there are no files, no variables, no descriptors but three.
#include <fcntl.h>
#include <sys/stat.h>
#include <wasi/api.h>

#include "check.h"

extern char** environ;

int main(void) {
  struct stat status;
  CHECK(environ == NULL || environ[0] == NULL);
  CHECK(open("/etc/passwd", O_RDONLY) == -1);
  CHECK(open("/", O_RDONLY | O_DIRECTORY) == -1);
  CHECK(open(".", O_RDONLY | O_DIRECTORY) == -1);
  CHECK(open("new", O_CREAT | O_WRONLY, 0666) == -1);
  CHECK(mkdir("/tmp/new", 0777) == -1);
  CHECK(stat("/", &status) == -1);
  __wasi_prestat_t prestat;
  __wasi_fd_t fd;
  for (__wasi_fd_t directory = 0; directory < 64; directory++) {
    CHECK_WASI(__wasi_fd_prestat_get(directory, &prestat), __WASI_ERRNO_BADF);
    CHECK(__wasi_path_open(directory, 0, "x", 0, 0, 0, 0, &fd) != 0);
  }
  return 0;
}
