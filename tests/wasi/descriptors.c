// fd_close, fd_renumber, fd_prestat_get, fd_prestat_dir_name. Descriptor 3 is /data, 4 is /other.
#include "raw.h"

static __wasi_prestat_t prestat;

static void prestats(void) {
  char name[16];
  OK(__wasi_fd_prestat_get(kData, &prestat));
  CHECK(prestat.tag == __WASI_PREOPENTYPE_DIR && prestat.u.dir.pr_name_len == 5);
  OK(__wasi_fd_prestat_dir_name(kData, (uint8_t*)name, 5));
  CHECK(memcmp(name, "/data", 5) == 0);
  memset(name, '-', sizeof name);
  OK(__wasi_fd_prestat_dir_name(4, (uint8_t*)name, sizeof name));  // no zero byte, no more
  CHECK(memcmp(name, "/other-", 7) == 0);
  FAILS(__wasi_fd_prestat_dir_name(kData, (uint8_t*)name, 4), NAMETOOLONG);
  FAILS(__wasi_fd_prestat_dir_name(kData, OUTSIDE, 5), FAULT);
  FAILS(__wasi_fd_prestat_get(kData, OUTSIDE), FAULT);
  // The C library asks until it is told that there are no more.
  FAILS(__wasi_fd_prestat_get(5, &prestat), BADF);
  for (__wasi_fd_t fd = 0; fd < 3; fd++) {
    FAILS(__wasi_fd_prestat_get(fd, &prestat), BADF);
    FAILS(__wasi_fd_prestat_dir_name(fd, (uint8_t*)name, sizeof name), BADF);
  }
  FAILS(__wasi_fd_prestat_dir_name(kAbsent, (uint8_t*)name, sizeof name), BADF);
  // A directory that the guest opened itself was not given.
  __wasi_fd_t again = open_directory(".");
  FAILS(__wasi_fd_prestat_get(again, &prestat), BADF);
  OK(__wasi_fd_close(again));
}

static void renumber(void) {
  make_file("f", "f");
  make_file("g", "g");
  __wasi_fd_t f = open_in(kData, "f", 0, READ), g = open_in(kData, "g", 0, READ);
  CHECK(f == 5 && g == 6);  // the lowest free ones
  FAILS(__wasi_fd_renumber(f, 9), BADF);
  FAILS(__wasi_fd_renumber(9, f), BADF);
  FAILS(__wasi_fd_renumber(9, 9), BADF);
  FAILS(__wasi_fd_renumber(f, 0x7fffffff), BADF);
  FAILS(__wasi_fd_renumber(f, 0xffffffff), BADF);
  OK(__wasi_fd_renumber(f, f));
  CHECK(holds(f, "f") && holds(g, "g"));
  OK(__wasi_fd_renumber(f, g));
  CHECK(holds(g, "f"));
  FAILS(__wasi_fd_close(f), BADF);
  FAILS(__wasi_fd_renumber(f, g), BADF);
  CHECK(open_in(kData, "g", 0, READ) == f);

  // Onto a standard stream: what is written to it goes to the file.
  __wasi_fd_t out = open_in(kData, "out", CREATE, READ | WRITE);
  OK(__wasi_fd_renumber(out, 2));
  write_text(2, "error");
  CHECK(file_holds("out", "error"));
  // And away from one: then it is closed.
  OK(__wasi_fd_renumber(0, f));
  uint8_t byte;
  __wasi_iovec_t into = {&byte, 1};
  __wasi_size_t count;
  FAILS(__wasi_fd_read(0, &into, 1, &count), BADF);
  OK(__wasi_fd_read(f, &into, 1, &count));
  CHECK(count == 0);

  // Onto a directory that was given: the number now has what was moved, its name is gone.
  __wasi_fd_t sub = open_directory(".");
  OK(__wasi_fd_renumber(sub, 4));
  FAILS(__wasi_fd_prestat_get(4, &prestat), BADF);
  __wasi_fd_t through;
  OK(__wasi_path_open(4, 0, "f", 0, READ, 0, 0, &through));
  // A directory that was given keeps its name at another number.
  OK(__wasi_fd_renumber(kData, 4));
  OK(__wasi_fd_prestat_get(4, &prestat));
  CHECK(prestat.u.dir.pr_name_len == 5);
  FAILS(__wasi_path_open(kData, 0, "f", 0, READ, 0, 0, &through), BADF);
}

static void closing(void) {
  FAILS(__wasi_fd_close(kAbsent), BADF);
  FAILS(__wasi_fd_close(0xffffffff), BADF);
  OK(__wasi_fd_close(4));
  FAILS(__wasi_fd_close(4), BADF);
  // No directory is left, and none comes back.
  __wasi_fd_t fd;
  for (__wasi_fd_t i = 0; i < 300; i++) {
    CHECK(__wasi_path_open(i, 0, "f", 0, READ, 0, 0, &fd) != 0);
    CHECK(__wasi_fd_prestat_get(i, &prestat) != 0);
  }
}

int main(void) {
  prestats();
  renumber();
  closing();
  return 0;
}
