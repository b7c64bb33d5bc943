// fd_read, fd_write, fd_pread, fd_pwrite.
#include "raw.h"

static uint8_t bytes[64];
static __wasi_size_t count;

static void positions(void) {
  __wasi_fd_t fd = open_in(kData, "f", CREATE, READ | WRITE);
  CHECK(write_text(fd, "hello, world") == 12);
  __wasi_iovec_t into = {bytes, 5};
  OK(__wasi_fd_read(fd, &into, 1, &count));
  CHECK(count == 0);
  // With an offset the position stays.
  OK(__wasi_fd_pread(fd, &into, 1, 7, &count));
  CHECK(count == 5 && memcmp(bytes, "world", 5) == 0);
  OK(__wasi_fd_pread(fd, &into, 1, 10, &count));
  CHECK(count == 2);
  OK(__wasi_fd_pread(fd, &into, 1, 1000, &count));
  CHECK(count == 0);
  __wasi_ciovec_t from = {(const uint8_t*)"J", 1};
  OK(__wasi_fd_pwrite(fd, &from, 1, 0, &count));
  CHECK(count == 1 && write_text(fd, "!") == 1);
  CHECK(holds(fd, "Jello, world!"));
  OK(__wasi_fd_close(fd));
}

// What lies between the end and a write beyond it reads as zeros.
static void sparse(void) {
  __wasi_fd_t fd = open_in(kData, "sparse", CREATE, READ | WRITE);
  __wasi_ciovec_t from = {(const uint8_t*)"x", 1};
  OK(__wasi_fd_pwrite(fd, &from, 1, 5ull << 30, &count));
  CHECK(size_of(fd) == (5ull << 30) + 1);
  memset(bytes, 1, sizeof bytes);
  __wasi_iovec_t into = {bytes, 64};
  OK(__wasi_fd_pread(fd, &into, 1, (5ull << 30) - 63, &count));
  CHECK(count == 64 && bytes[0] == 0 && bytes[62] == 0 && bytes[63] == 'x');
  OK(__wasi_fd_close(fd));
  OK(__wasi_path_unlink_file(kData, "sparse"));
}

static void append(void) {
  __wasi_fd_t fd;
  OK(__wasi_path_open(kData, 0, "log", CREATE, READ | WRITE, 0, APPEND, &fd));
  __wasi_filesize_t at;
  write_text(fd, "one");
  OK(__wasi_fd_seek(fd, 0, __WASI_WHENCE_SET, &at));
  write_text(fd, "two");
  CHECK(holds(fd, "onetwo"));
  // As on Linux, also with an offset, which does not move the position.
  __wasi_ciovec_t from = {(const uint8_t*)"3", 1};
  OK(__wasi_fd_pwrite(fd, &from, 1, 0, &count));
  CHECK(holds(fd, "onetwo3"));
  OK(__wasi_fd_tell(fd, &at));
  CHECK(at == 6);
  OK(__wasi_fd_close(fd));
}

static void many_buffers(void) {
  __wasi_fd_t fd = open_in(kData, "many", CREATE, READ | WRITE);
  OK(__wasi_fd_write(fd, NULL, 0, &count));
  CHECK(count == 0);
  enum { kMany = 2000 };
  static __wasi_ciovec_t from[kMany];
  static __wasi_iovec_t into[kMany];
  for (int i = 0; i < kMany; i++) from[i] = (__wasi_ciovec_t){(const uint8_t*)"ab", 2};
  // More than the host takes in one call: the first are used, and the program calls again.
  OK(__wasi_fd_write(fd, from, kMany, &count));
  CHECK(count == 2048 && size_of(fd) == 2048);
  for (int i = 0; i < kMany; i++) into[i] = (__wasi_iovec_t){bytes, 2};
  OK(__wasi_fd_pread(fd, into, kMany, 0, &count));
  CHECK(count == 2048);
  // But not if the first are empty, since 0 would mean the end.
  for (int i = 0; i < 1024; i++) into[i].buf_len = 0;
  FAILS(__wasi_fd_pread(fd, into, kMany, 0, &count), INVAL);
  OK(__wasi_fd_pread(fd, into, 1024, 0, &count));
  CHECK(count == 0);
  // Overlapping buffers are the program's own affair: each gets its bytes, in order.
  memcpy(bytes, "....", 4);
  __wasi_iovec_t overlapping[2] = {{bytes, 2}, {bytes + 1, 2}};
  OK(__wasi_fd_pread(fd, overlapping, 2, 0, &count));
  CHECK(count == 4 && memcmp(bytes, "aab.", 4) == 0);
  // Empty buffers may point anywhere inside, and are skipped.
  __wasi_iovec_t with_empty[3] = {{bytes, 0}, {bytes, 3}, {NULL, 0}};
  OK(__wasi_fd_pread(fd, with_empty, 3, 0, &count));
  CHECK(count == 3);
  OK(__wasi_fd_close(fd));
}

static void refusals(void) {
  __wasi_ciovec_t from = {bytes, 1};
  __wasi_iovec_t into = {bytes, 1};
  FAILS(__wasi_fd_read(kAbsent, &into, 1, &count), BADF);
  FAILS(__wasi_fd_write(kAbsent, &from, 1, &count), BADF);
  FAILS(__wasi_fd_pread(kAbsent, &into, 1, 0, &count), BADF);
  FAILS(__wasi_fd_pwrite(kAbsent, &from, 1, 0, &count), BADF);
  FAILS(__wasi_fd_read(kData, &into, 1, &count), BADF);
  FAILS(__wasi_fd_write(kData, &from, 1, &count), BADF);
  FAILS(__wasi_fd_pread(kData, &into, 1, 0, &count), BADF);
  FAILS(__wasi_fd_pwrite(kData, &from, 1, 0, &count), BADF);
  // Standard streams have no positions.
  FAILS(__wasi_fd_pread(0, &into, 1, 0, &count), SPIPE);
  FAILS(__wasi_fd_pwrite(1, &from, 1, 0, &count), SPIPE);
  FAILS(__wasi_fd_read(1, &into, 1, &count), BADF);
  FAILS(__wasi_fd_write(0, &from, 1, &count), BADF);

  __wasi_fd_t reader = open_in(kData, "f", 0, READ);
  __wasi_fd_t writer = open_in(kData, "f", 0, WRITE);
  FAILS(__wasi_fd_write(reader, &from, 1, &count), BADF);
  FAILS(__wasi_fd_write(reader, &from, 0, &count), BADF);
  FAILS(__wasi_fd_pwrite(reader, &from, 1, 0, &count), BADF);
  FAILS(__wasi_fd_read(writer, &into, 1, &count), BADF);
  FAILS(__wasi_fd_pread(writer, &into, 1, 0, &count), BADF);
  // Offsets beyond what the host counts with.
  FAILS(__wasi_fd_pread(reader, &into, 1, ~0ull, &count), INVAL);
  FAILS(__wasi_fd_pread(reader, &into, 1, 1ull << 63, &count), INVAL);
  FAILS(__wasi_fd_pwrite(writer, &from, 1, ~0ull, &count), INVAL);
  FAILS(__wasi_fd_pwrite(writer, &from, 1, 1ull << 62, &count), FBIG);
  // A buffer that cannot be there costs nothing to refuse: the file stays as it was.
  __wasi_ciovec_t bad[2] = {{(const uint8_t*)"XX", 2}, {OUTSIDE, 64}};
  FAILS(__wasi_fd_pwrite(writer, bad, 2, 0, &count), FAULT);
  FAILS(__wasi_fd_pwrite(writer, &from, 1, 0, OUTSIDE), FAULT);
  CHECK(file_holds("f", "Jello, world!"));
  // Bytes at the very end of the memory are as good as others.
  uint8_t* end = (uint8_t*)(__builtin_wasm_memory_size(0) * 65536u);
  __wasi_iovec_t last = {end - 4, 4};
  OK(__wasi_fd_pread(reader, &last, 1, 0, &count));
  CHECK(count == 4 && memcmp(end - 4, "Jell", 4) == 0);
  last.buf_len = 5;
  FAILS(__wasi_fd_pread(reader, &last, 1, 0, &count), FAULT);
}

int main(void) {
  positions();
  sparse();
  append();
  many_buffers();
  refusals();
  return 0;
}
