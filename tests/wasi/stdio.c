// Standard input holds "first\nsecond\n" and is a pipe or file, not a terminal.
#include <unistd.h>
#include <wasi/api.h>

#include "check.h"

int main(void) {
  char line[64];
  CHECK(!isatty(0) && !isatty(1));
  CHECK(fgets(line, sizeof line, stdin) && strcmp(line, "first\n") == 0);
  CHECK(fgets(line, sizeof line, stdin) && strcmp(line, "second\n") == 0);
  CHECK(!fgets(line, sizeof line, stdin) && feof(stdin));

  CHECK_FAILS(lseek(0, 0, SEEK_SET), ESPIPE);
  CHECK_FAILS(read(1, line, 1), EBADF);
  CHECK_FAILS(write(0, line, 1), EBADF);
  CHECK_FAILS(write(99, line, 1), EBADF);

  // An empty list of buffers is fine, empty buffers too.
  __wasi_size_t written = 7;
  CHECK_WASI(__wasi_fd_write(1, NULL, 0, &written), 0);
  CHECK(written == 0);
  __wasi_ciovec_t parts[3] = {{(const uint8_t*)"out", 3}, {NULL, 0}, {(const uint8_t*)"put\n", 4}};
  CHECK_WASI(__wasi_fd_write(1, parts, 3, &written), 0);
  CHECK(written == 7);
  CHECK(write(2, "error\n", 6) == 6);

  __wasi_filestat_t status;
  CHECK_WASI(__wasi_fd_filestat_get(1, &status), 0);
  CHECK(status.size == 0);
  return 0;
}
