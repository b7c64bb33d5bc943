// fd_allocate, fd_advise, fd_sync, fd_datasync, fd_filestat_set_size.
#include "raw.h"

static void allocate(__wasi_fd_t fd) {
  __wasi_errno_t error = __wasi_fd_allocate(fd, 0, 100);
  if (error == __WASI_ERRNO_NOTSUP) return;  // the file system's right
  OK(error);
  CHECK(size_of(fd) == 100);
  OK(__wasi_fd_allocate(fd, 10, 10));
  CHECK(size_of(fd) == 100);
  OK(__wasi_fd_allocate(fd, 90, 20));
  CHECK(size_of(fd) == 110);
  FAILS(__wasi_fd_allocate(fd, 0, 0), INVAL);
  FAILS(__wasi_fd_allocate(fd, ~0ull, 1), INVAL);
  FAILS(__wasi_fd_allocate(fd, 1, ~0ull), INVAL);
  FAILS(__wasi_fd_allocate(fd, (1ull << 63) - 1, 1), FBIG);
  CHECK(size_of(fd) == 110);
}

static void set_size(__wasi_fd_t fd) {
  OK(__wasi_fd_filestat_set_size(fd, 0));
  CHECK(write_text(fd, "abc") == 3);
  OK(__wasi_fd_filestat_set_size(fd, 2));
  CHECK(holds(fd, "ab"));
  OK(__wasi_fd_filestat_set_size(fd, 1ull << 33));
  CHECK(size_of(fd) == 1ull << 33);
  OK(__wasi_fd_filestat_set_size(fd, 0));
  FAILS(__wasi_fd_filestat_set_size(fd, 1ull << 63), INVAL);
  FAILS(__wasi_fd_filestat_set_size(fd, ~0ull), INVAL);
  FAILS(__wasi_fd_filestat_set_size(fd, (1ull << 63) - 1), FBIG);
  CHECK(size_of(fd) == 0);
}

int main(void) {
  __wasi_fd_t fd = open_in(kData, "f", CREATE, READ | WRITE);
  allocate(fd);
  set_size(fd);
  for (__wasi_advice_t advice = 0; advice <= __WASI_ADVICE_NOREUSE; advice++) {
    OK(__wasi_fd_advise(fd, 0, 0, advice));
    OK(__wasi_fd_advise(fd, 1ull << 40, 1ull << 40, advice));
  }
  FAILS(__wasi_fd_advise(fd, 0, 0, __WASI_ADVICE_NOREUSE + 1), INVAL);
  FAILS(__wasi_fd_advise(fd, 0, ~0ull, __WASI_ADVICE_NORMAL), INVAL);
  OK(__wasi_fd_sync(fd));
  OK(__wasi_fd_datasync(fd));
  OK(__wasi_fd_sync(kData));  // so that a new name in it survives

  FAILS(__wasi_fd_allocate(kAbsent, 0, 1), BADF);
  FAILS(__wasi_fd_advise(kAbsent, 0, 0, 0), BADF);
  FAILS(__wasi_fd_sync(kAbsent), BADF);
  FAILS(__wasi_fd_datasync(kAbsent), BADF);
  FAILS(__wasi_fd_filestat_set_size(kAbsent, 0), BADF);
  FAILS(__wasi_fd_allocate(kData, 0, 1), BADF);
  FAILS(__wasi_fd_advise(kData, 0, 0, 0), BADF);
  FAILS(__wasi_fd_filestat_set_size(kData, 0), BADF);
  // Streams: what POSIX says of pipes.
  FAILS(__wasi_fd_allocate(1, 0, 1), SPIPE);
  FAILS(__wasi_fd_advise(0, 0, 0, 0), SPIPE);
  FAILS(__wasi_fd_sync(1), INVAL);
  FAILS(__wasi_fd_datasync(1), INVAL);
  FAILS(__wasi_fd_filestat_set_size(1, 0), INVAL);

  // Nothing that is opened for reading is changed.
  make_file("g", "text");
  __wasi_fd_t reader = open_in(kData, "g", 0, READ);
  FAILS(__wasi_fd_filestat_set_size(reader, 0), INVAL);
  FAILS(__wasi_fd_allocate(reader, 0, 100), NOTCAPABLE);
  CHECK(holds(reader, "text"));
  OK(__wasi_fd_sync(reader));

  __wasi_rights_t none = READ | WRITE;
  OK(__wasi_fd_fdstat_set_rights(fd, none, 0));
  FAILS(__wasi_fd_allocate(fd, 0, 1), NOTCAPABLE);
  FAILS(__wasi_fd_advise(fd, 0, 0, 0), NOTCAPABLE);
  FAILS(__wasi_fd_sync(fd), NOTCAPABLE);
  FAILS(__wasi_fd_datasync(fd), NOTCAPABLE);
  FAILS(__wasi_fd_filestat_set_size(fd, 0), NOTCAPABLE);
  return 0;
}
