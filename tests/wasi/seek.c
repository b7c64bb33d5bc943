// fd_seek, fd_tell.
#include "raw.h"

static __wasi_filesize_t at;

static uint64_t tell(__wasi_fd_t fd) {
  OK(__wasi_fd_tell(fd, &at));
  return at;
}

int main(void) {
  make_file("f", "0123456789");
  __wasi_fd_t fd = open_in(kData, "f", 0, READ | WRITE);
  CHECK(tell(fd) == 0);
  OK(__wasi_fd_seek(fd, 4, __WASI_WHENCE_SET, &at));
  CHECK(at == 4 && tell(fd) == 4);
  OK(__wasi_fd_seek(fd, -3, __WASI_WHENCE_CUR, &at));
  CHECK(at == 1);
  OK(__wasi_fd_seek(fd, 0, __WASI_WHENCE_CUR, &at));
  CHECK(at == 1);
  OK(__wasi_fd_seek(fd, -2, __WASI_WHENCE_END, &at));
  CHECK(at == 8);
  // Beyond the end is a place like any other; the file does not grow.
  OK(__wasi_fd_seek(fd, 1000, __WASI_WHENCE_END, &at));
  CHECK(at == 1010 && size_of(fd) == 10);

  FAILS(__wasi_fd_seek(fd, -1, __WASI_WHENCE_SET, &at), INVAL);
  FAILS(__wasi_fd_seek(fd, -2000, __WASI_WHENCE_CUR, &at), INVAL);
  FAILS(__wasi_fd_seek(fd, INT64_MIN, __WASI_WHENCE_END, &at), INVAL);
  CHECK(__wasi_fd_seek(fd, INT64_MAX, __WASI_WHENCE_CUR, &at) != 0);
  FAILS(__wasi_fd_seek(fd, 0, 3, &at), INVAL);
  FAILS(__wasi_fd_seek(fd, 0, 255, &at), INVAL);
  FAILS(__wasi_fd_seek(fd, 1, __WASI_WHENCE_SET, OUTSIDE), FAULT);
  CHECK(tell(fd) == 1010);  // none of these moved it

  FAILS(__wasi_fd_seek(kAbsent, 0, __WASI_WHENCE_SET, &at), BADF);
  FAILS(__wasi_fd_tell(kAbsent, &at), BADF);
  FAILS(__wasi_fd_seek(kData, 0, __WASI_WHENCE_SET, &at), BADF);
  FAILS(__wasi_fd_seek(kData, 0, __WASI_WHENCE_CUR, &at), BADF);
  FAILS(__wasi_fd_tell(kData, &at), BADF);
  for (__wasi_fd_t stream = 0; stream < 3; stream++) {
    FAILS(__wasi_fd_seek(stream, 0, __WASI_WHENCE_SET, &at), SPIPE);
    FAILS(__wasi_fd_tell(stream, &at), SPIPE);
  }

  // To ask for the position takes fd_tell only, to move it fd_seek.
  __wasi_rights_t tell_only = READ | __WASI_RIGHTS_FD_TELL;
  OK(__wasi_fd_fdstat_set_rights(fd, tell_only, 0));
  CHECK(tell(fd) == 1010);
  OK(__wasi_fd_seek(fd, 0, __WASI_WHENCE_CUR, &at));
  FAILS(__wasi_fd_seek(fd, 1, __WASI_WHENCE_CUR, &at), NOTCAPABLE);
  OK(__wasi_fd_fdstat_set_rights(fd, READ, 0));
  FAILS(__wasi_fd_tell(fd, &at), NOTCAPABLE);
  return 0;
}
