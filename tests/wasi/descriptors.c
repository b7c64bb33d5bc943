// The descriptor table: bounded, reused from the lowest number, closed and renumbered as asked.
#include <fcntl.h>
#include <unistd.h>
#include <wasi/api.h>

#include "check.h"

int main(void) {
  int first = open("/data/f", O_CREAT | O_RDWR, 0666);
  CHECK(first == 4);
  int count = 1, fd;
  while ((fd = open("/data/f", O_RDONLY)) >= 0) {
    count++;
    CHECK(count < 10000);
  }
  CHECK(errno == EMFILE);
  CHECK(close(17) == 0);
  CHECK(open("/data/f", O_RDONLY) == 17);
  for (int i = 5; i < 4 + count; i++) CHECK(close(i) == 0);

  CHECK_WASI(__wasi_fd_renumber(4, 9), __WASI_ERRNO_BADF);
  CHECK_WASI(__wasi_fd_renumber(9, 4), __WASI_ERRNO_BADF);
  CHECK_WASI(__wasi_fd_renumber(4, 0x7fffffff), __WASI_ERRNO_BADF);
  CHECK_WASI(__wasi_fd_renumber(4, 4), 0);
  CHECK(write(4, "kept", 4) == 4);
  int second = open("/data/f", O_RDONLY);
  CHECK(second == 5);
  CHECK_WASI(__wasi_fd_renumber(4, 5), 0);
  CHECK_FAILS(write(4, "x", 1), EBADF);
  CHECK(write(5, "too", 3) == 3);

  CHECK_WASI(__wasi_sock_shutdown(5, 1), __WASI_ERRNO_NOTSOCK);
  CHECK_WASI(__wasi_sock_shutdown(50, 1), __WASI_ERRNO_BADF);

  // A directory that was given away is gone for good.
  CHECK_WASI(__wasi_fd_close(3), 0);
  CHECK_WASI(__wasi_fd_close(3), __WASI_ERRNO_BADF);
  __wasi_fd_t opened;
  CHECK_WASI(__wasi_path_open(3, 0, "f", 0, 0, 0, 0, &opened), __WASI_ERRNO_BADF);
  CHECK_WASI(__wasi_fd_close(0xffffffff), __WASI_ERRNO_BADF);
  return 0;
}
