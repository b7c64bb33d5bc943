// fd_filestat_get, fd_filestat_set_times, path_filestat_get, path_filestat_set_times.
#include "raw.h"

#define ATIM __WASI_FSTFLAGS_ATIM
#define ATIM_NOW __WASI_FSTFLAGS_ATIM_NOW
#define MTIM __WASI_FSTFLAGS_MTIM
#define MTIM_NOW __WASI_FSTFLAGS_MTIM_NOW

static const uint64_t kYear = 31557600ull * 1000000000;

static __wasi_filestat_t of(const char* path, __wasi_lookupflags_t lookup) {
  __wasi_filestat_t status;
  OK(__wasi_path_filestat_get(kData, lookup, path, &status));
  return status;
}

static void status(void) {
  make_file("f", "12345");
  OK(__wasi_path_create_directory(kData, "d"));
  OK(__wasi_path_symlink("f", kData, "l"));
  __wasi_filestat_t file = of("f", 0);
  CHECK(file.filetype == __WASI_FILETYPE_REGULAR_FILE && file.size == 5 && file.nlink == 1);
  CHECK(file.ino != 0 && file.dev != 0 && file.mtim > 50 * kYear);
  CHECK(of("d", 0).filetype == __WASI_FILETYPE_DIRECTORY);
  CHECK(of("d/", 0).ino == of("d", 0).ino && of(".", 0).ino == of("d/..", 0).ino);
  CHECK(of("l", 0).filetype == __WASI_FILETYPE_SYMBOLIC_LINK && of("l", 0).size == 1);
  CHECK(of("l", FOLLOW).ino == file.ino);
  __wasi_fd_t fd = open_in(kData, "f", 0, READ);
  __wasi_filestat_t same;
  OK(__wasi_fd_filestat_get(fd, &same));
  CHECK(memcmp(&same, &file, sizeof same) == 0);
  OK(__wasi_fd_close(fd));
  OK(__wasi_fd_filestat_get(kData, &same));
  CHECK(same.filetype == __WASI_FILETYPE_DIRECTORY && same.ino == of(".", 0).ino);
  for (fd = 0; fd < 3; fd++) {
    OK(__wasi_fd_filestat_get(fd, &same));
    CHECK(same.filetype != __WASI_FILETYPE_REGULAR_FILE && same.ino == 0);
  }
  FAILS(__wasi_fd_filestat_get(kAbsent, &same), BADF);
  FAILS(__wasi_path_filestat_get(kAbsent, 0, "f", &same), BADF);
  FAILS(__wasi_path_filestat_get(1, 0, "f", &same), NOTDIR);
  FAILS(__wasi_path_filestat_get(kData, 0, "none", &same), NOENT);
  FAILS(__wasi_path_filestat_get(kData, 0, "", &same), NOENT);
  FAILS(__wasi_path_filestat_get(kData, 0, "f/", &same), NOTDIR);
  FAILS(__wasi_path_filestat_get(kData, 0, "f/x", &same), NOTDIR);
  FAILS(__wasi_path_filestat_get(kData, 2, "f", &same), INVAL);
  FAILS(__wasi_path_filestat_get(kData, 0, "f", OUTSIDE), FAULT);
}

static void times_of_descriptors(void) {
  __wasi_fd_t fd = open_in(kData, "f", 0, READ);  // reading is enough, as on Linux
  OK(__wasi_fd_filestat_set_times(fd, kYear + 5, 2 * kYear + 7, ATIM | MTIM));
  __wasi_filestat_t now = of("f", 0);
  CHECK(now.atim == kYear + 5 && now.mtim == 2 * kYear + 7);
  OK(__wasi_fd_filestat_set_times(fd, 3 * kYear, 3 * kYear, MTIM));
  CHECK(of("f", 0).atim == kYear + 5 && of("f", 0).mtim == 3 * kYear);
  OK(__wasi_fd_filestat_set_times(fd, 3 * kYear, 3 * kYear, 0));
  CHECK(of("f", 0).atim == kYear + 5 && of("f", 0).mtim == 3 * kYear);
  OK(__wasi_fd_filestat_set_times(fd, 0, 0, ATIM_NOW));
  CHECK(of("f", 0).atim > 50 * kYear && of("f", 0).mtim == 3 * kYear);
  OK(__wasi_fd_filestat_set_times(fd, kYear, 0, ATIM | MTIM_NOW));
  CHECK(of("f", 0).atim == kYear && of("f", 0).mtim > 50 * kYear);

  FAILS(__wasi_fd_filestat_set_times(fd, 0, 0, ATIM | ATIM_NOW), INVAL);
  FAILS(__wasi_fd_filestat_set_times(fd, 0, 0, MTIM | MTIM_NOW), INVAL);
  FAILS(__wasi_fd_filestat_set_times(fd, 0, 0, 16), INVAL);
  CHECK(of("f", 0).atim == kYear);
  FAILS(__wasi_fd_filestat_set_times(kAbsent, 0, 0, MTIM), BADF);
  FAILS(__wasi_fd_filestat_set_times(1, 0, 0, MTIM), NOTCAPABLE);
  OK(__wasi_fd_filestat_set_times(kData, 0, kYear, MTIM));
  CHECK(of(".", 0).mtim == kYear);
  OK(__wasi_fd_fdstat_set_rights(fd, READ, 0));
  __wasi_filestat_t status;
  FAILS(__wasi_fd_filestat_set_times(fd, 0, 0, MTIM), NOTCAPABLE);
  FAILS(__wasi_fd_filestat_get(fd, &status), NOTCAPABLE);
  OK(__wasi_fd_close(fd));
}

static void times_of_paths(void) {
  OK(__wasi_path_filestat_set_times(kData, 0, "f", kYear, 2 * kYear, ATIM | MTIM));
  CHECK(of("f", 0).atim == kYear && of("f", 0).mtim == 2 * kYear);
  // Of a link its own, unless following is asked for.
  OK(__wasi_path_filestat_set_times(kData, 0, "l", 0, 4 * kYear, MTIM));
  CHECK(of("l", 0).mtim == 4 * kYear && of("f", 0).mtim == 2 * kYear);
  OK(__wasi_path_filestat_set_times(kData, FOLLOW, "l", 0, 5 * kYear, MTIM));
  CHECK(of("l", 0).mtim == 4 * kYear && of("f", 0).mtim == 5 * kYear);
  OK(__wasi_path_filestat_set_times(kData, 0, "d/", 0, 6 * kYear, MTIM));
  CHECK(of("d", 0).mtim == 6 * kYear);
  OK(__wasi_path_filestat_set_times(kData, 0, "f", 0, 0, MTIM_NOW));
  CHECK(of("f", 0).mtim > 50 * kYear && of("f", 0).atim == kYear);

  OK(__wasi_path_symlink("none", kData, "dangling"));
  FAILS(__wasi_path_filestat_set_times(kData, FOLLOW, "dangling", 0, kYear, MTIM), NOENT);
  OK(__wasi_path_filestat_set_times(kData, 0, "dangling", 0, kYear, MTIM));
  FAILS(__wasi_path_filestat_set_times(kData, 0, "none", 0, 0, MTIM), NOENT);
  FAILS(__wasi_path_filestat_set_times(kData, 0, "f", 0, 0, ATIM | ATIM_NOW), INVAL);
  FAILS(__wasi_path_filestat_set_times(kData, 0, "f", 0, 0, MTIM | MTIM_NOW), INVAL);
  FAILS(__wasi_path_filestat_set_times(kData, 0, "f", 0, 0, 32), INVAL);
  FAILS(__wasi_path_filestat_set_times(kData, 2, "f", 0, 0, MTIM), INVAL);
  FAILS(__wasi_path_filestat_set_times(kAbsent, 0, "f", 0, 0, MTIM), BADF);
  FAILS(__wasi_path_filestat_set_times(2, 0, "f", 0, 0, MTIM), NOTDIR);
}

int main(void) {
  status();
  times_of_descriptors();
  times_of_paths();
  return 0;
}
