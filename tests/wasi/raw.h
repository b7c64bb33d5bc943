// What the tests of single WASI functions share. They call the imports themselves, so that nothing
// in the C library stands between; descriptor 3 is the first directory given, empty and writable
// unless the test says otherwise.
#pragma once

#include <wasi/api.h>

#include "check.h"

// The call succeeds; the call fails with this errno and no other.
#define OK(call) CHECK_WASI(call, __WASI_ERRNO_SUCCESS)
#define FAILS(call, name) CHECK_WASI(call, __WASI_ERRNO_##name)

#define READ __WASI_RIGHTS_FD_READ
#define WRITE __WASI_RIGHTS_FD_WRITE
#define CREATE __WASI_OFLAGS_CREAT
#define DIRECTORY __WASI_OFLAGS_DIRECTORY
#define EXCLUSIVE __WASI_OFLAGS_EXCL
#define TRUNCATE __WASI_OFLAGS_TRUNC
#define APPEND __WASI_FDFLAGS_APPEND
#define FOLLOW __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW

enum { kData = 3, kAbsent = 999 };
static const __wasi_rights_t kAllRights = ~0ull;

// An address outside every memory of these tests.
#define OUTSIDE ((void*)0xfffffff0u)

static inline __wasi_fd_t open_in(__wasi_fd_t directory, const char* path, __wasi_oflags_t oflags,
                                  __wasi_rights_t rights) {
  __wasi_fd_t fd = 0;
  OK(__wasi_path_open(directory, 0, path, oflags, rights, kAllRights, 0, &fd));
  return fd;
}

static inline __wasi_fd_t open_directory(const char* path) {
  return open_in(kData, path, DIRECTORY, 0);
}

static inline __wasi_size_t write_text(__wasi_fd_t fd, const char* text) {
  __wasi_ciovec_t piece = {(const uint8_t*)text, strlen(text)};
  __wasi_size_t written = 0;
  OK(__wasi_fd_write(fd, &piece, 1, &written));
  return written;
}

static inline void make_file(const char* path, const char* text) {
  __wasi_fd_t fd = open_in(kData, path, CREATE | TRUNCATE, READ | WRITE);
  CHECK(write_text(fd, text) == strlen(text));
  OK(__wasi_fd_close(fd));
}

static inline int holds(__wasi_fd_t fd, const char* text) {
  char buffer[256];
  __wasi_iovec_t piece = {(uint8_t*)buffer, sizeof buffer};
  __wasi_size_t got = 0;
  OK(__wasi_fd_pread(fd, &piece, 1, 0, &got));
  return got == strlen(text) && memcmp(buffer, text, got) == 0;
}

static inline int file_holds(const char* path, const char* text) {
  __wasi_fd_t fd = open_in(kData, path, 0, READ);
  int same = holds(fd, text);
  OK(__wasi_fd_close(fd));
  return same;
}

static inline uint64_t size_of(__wasi_fd_t fd) {
  __wasi_filestat_t status;
  OK(__wasi_fd_filestat_get(fd, &status));
  return status.size;
}

static inline int exists(const char* path) {
  __wasi_filestat_t status;
  __wasi_errno_t error = __wasi_path_filestat_get(kData, 0, path, &status);
  CHECK(error == __WASI_ERRNO_SUCCESS || error == __WASI_ERRNO_NOENT);
  return error == 0;
}
