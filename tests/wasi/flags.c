// fd_fdstat_get, fd_fdstat_set_flags.
#include "raw.h"

#define NONBLOCK __WASI_FDFLAGS_NONBLOCK
#define SYNC __WASI_FDFLAGS_SYNC

static __wasi_fdstat_t of(__wasi_fd_t fd) {
  __wasi_fdstat_t status;
  OK(__wasi_fd_fdstat_get(fd, &status));
  return status;
}

int main(void) {
  make_file("f", "12345");
  __wasi_fd_t fd = open_in(kData, "f", 0, READ | WRITE);
  __wasi_filesize_t at;
  CHECK(of(fd).fs_filetype == __WASI_FILETYPE_REGULAR_FILE && of(fd).fs_flags == 0);
  CHECK(of(fd).fs_rights_inheriting == 0);
  CHECK(of(kData).fs_filetype == __WASI_FILETYPE_DIRECTORY && of(kData).fs_flags == 0);
  // The C library takes a character device that cannot seek for a terminal.
  for (__wasi_fd_t stream = 0; stream < 3; stream++) {
    CHECK((of(stream).fs_rights_base & (__WASI_RIGHTS_FD_SEEK | __WASI_RIGHTS_FD_TELL)) == 0);
    CHECK(of(stream).fs_filetype != __WASI_FILETYPE_REGULAR_FILE);
  }

  OK(__wasi_fd_fdstat_set_flags(fd, APPEND));
  CHECK(of(fd).fs_flags == APPEND);
  write_text(fd, "6");
  CHECK(holds(fd, "123456"));
  OK(__wasi_fd_fdstat_set_flags(fd, NONBLOCK));
  CHECK(of(fd).fs_flags == NONBLOCK);
  OK(__wasi_fd_seek(fd, 0, __WASI_WHENCE_SET, &at));
  write_text(fd, "0");
  CHECK(holds(fd, "023456"));
  OK(__wasi_fd_fdstat_set_flags(fd, APPEND | NONBLOCK));
  OK(__wasi_fd_fdstat_set_flags(fd, 0));
  CHECK(of(fd).fs_flags == 0);

  // Linux cannot change these on what is open; asking for what is so already is fine.
  FAILS(__wasi_fd_fdstat_set_flags(fd, SYNC), NOTSUP);
  FAILS(__wasi_fd_fdstat_set_flags(fd, __WASI_FDFLAGS_DSYNC | APPEND), NOTSUP);
  CHECK(of(fd).fs_flags == 0);
  __wasi_fd_t synced;
  OK(__wasi_path_open(kData, 0, "f", 0, WRITE, 0, SYNC | APPEND, &synced));
  CHECK(of(synced).fs_flags == (SYNC | APPEND));
  OK(__wasi_fd_fdstat_set_flags(synced, SYNC));
  CHECK(of(synced).fs_flags == SYNC);
  FAILS(__wasi_fd_fdstat_set_flags(synced, 0), NOTSUP);
  FAILS(__wasi_fd_fdstat_set_flags(fd, 32), INVAL);

  // Not waiting for a stream: the runner leaves standard input open and empty.
  uint8_t byte;
  __wasi_iovec_t into = {&byte, 1};
  __wasi_size_t count;
  OK(__wasi_fd_fdstat_set_flags(0, NONBLOCK));
  CHECK(of(0).fs_flags == NONBLOCK);
  FAILS(__wasi_fd_read(0, &into, 1, &count), AGAIN);
  OK(__wasi_fd_fdstat_set_flags(1, NONBLOCK));
  CHECK(write_text(1, "said\n") == 5);
  OK(__wasi_fd_fdstat_set_flags(kData, 0));

  __wasi_fdstat_t status;
  FAILS(__wasi_fd_fdstat_get(kAbsent, &status), BADF);
  FAILS(__wasi_fd_fdstat_get(fd, OUTSIDE), FAULT);
  FAILS(__wasi_fd_fdstat_set_flags(kAbsent, 0), BADF);
  OK(__wasi_fd_fdstat_set_rights(fd, READ, 0));
  FAILS(__wasi_fd_fdstat_set_flags(fd, APPEND), NOTCAPABLE);
  return 0;
}
