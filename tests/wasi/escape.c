// Attempts to leave /box. The runner has put beside it, on the host:
//   outside/secret, and in the box: file, dir/, loop -> loop, links named after where they lead.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wasi/api.h>

#include "check.h"

enum { kBox = 3 };

static const char* const kOutsideFiles[] = {
    "../outside/secret",         // up
    "dir/../../outside/secret",  // down and up
    "./././../outside/secret",
    "dir/../dir/./../../outside/secret",
    "dir//..//..//outside//secret",
    "../box/file",  // out and back in again
    "../../../../../../../../../../etc/passwd",
    "to_secret",                    // -> ../outside/secret
    "to_secret_absolute",           // -> /…/outside/secret
    "to_outside/secret",            // -> ../outside
    "to_outside_absolute/secret",   // -> /…/outside
    "to_root/etc/passwd",           // -> /
    "dir/to_above/outside/secret",  // -> ../..
    "chain",                        // -> to_secret
    "proc/self/root/etc/passwd",    // proc -> /proc, with its magic links
    "to_own_descriptor",            // -> /proc/self/fd/0
    "file/../../outside/secret",
    "to_box_absolute/file",  // inside in truth, but absolute links are not followed
    "..",
    "dir/../..",
};

// The box is `kBox` itself, not a C library path, so that nothing is normalized on the way.
static void open_all(void) {
  for (size_t i = 0; i < sizeof kOutsideFiles / sizeof *kOutsideFiles; i++) {
    for (int write = 0; write < 2; write++) {
      __wasi_fd_t fd;
      __wasi_rights_t rights = write ? __WASI_RIGHTS_FD_WRITE : __WASI_RIGHTS_FD_READ;
      __wasi_oflags_t flags = write ? __WASI_OFLAGS_CREAT | __WASI_OFLAGS_TRUNC : 0;
      __wasi_errno_t error = __wasi_path_open(kBox, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW,
                                              kOutsideFiles[i], flags, rights, rights, 0, &fd);
      if (error == 0) printf("opened %s\n", kOutsideFiles[i]);
      CHECK(error != 0);
    }
    __wasi_filestat_t status;
    CHECK(__wasi_path_filestat_get(kBox, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, kOutsideFiles[i],
                                   &status) != 0);
    CHECK(__wasi_path_filestat_set_times(kBox, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, kOutsideFiles[i],
                                         0, 0, 3 & ~1) != 0);
  }
}

// Each refused for being absolute, before anything is looked up.
static void absolute(void) {
  __wasi_fd_t fd;
  __wasi_filestat_t status;
  CHECK_WASI(__wasi_path_open(kBox, 0, "/etc/passwd", 0, __WASI_RIGHTS_FD_READ, 0, 0, &fd),
             __WASI_ERRNO_PERM);
  CHECK_WASI(__wasi_path_open(kBox, 0, "/box/file", 0, __WASI_RIGHTS_FD_READ, 0, 0, &fd),
             __WASI_ERRNO_PERM);
  CHECK_WASI(__wasi_path_filestat_get(kBox, 0, "//etc/passwd", &status), __WASI_ERRNO_PERM);
  CHECK_WASI(__wasi_path_create_directory(kBox, "/tmp/x"), __WASI_ERRNO_PERM);
  CHECK_WASI(__wasi_path_symlink("/etc/passwd", kBox, "absolute"), __WASI_ERRNO_PERM);
  CHECK_WASI(__wasi_path_rename(kBox, "file", kBox, "/tmp/x"), __WASI_ERRNO_PERM);
}

// Changes whose parent directory or name leads outside.
static void changes(void) {
  static const char* const kNames[] = {"../outside/new",
                                       "to_outside/new",
                                       "to_outside_absolute/new",
                                       "dir/../../outside/new",
                                       "dir/to_above/outside/new",
                                       "to_outside/../new",
                                       ".."};
  for (size_t i = 0; i < sizeof kNames / sizeof *kNames; i++) {
    CHECK(__wasi_path_create_directory(kBox, kNames[i]) != 0);
    CHECK(__wasi_path_symlink("x", kBox, kNames[i]) != 0);
    CHECK(__wasi_path_rename(kBox, "file", kBox, kNames[i]) != 0);
    CHECK(__wasi_path_link(kBox, 0, "file", kBox, kNames[i]) != 0);
  }
  static const char* const kExisting[] = {
      "../outside/secret", "to_outside/secret", "../outside", "dir/to_above/outside/secret", "..",
      "dir/../../box"};
  for (size_t i = 0; i < sizeof kExisting / sizeof *kExisting; i++) {
    CHECK(__wasi_path_unlink_file(kBox, kExisting[i]) != 0);
    CHECK(__wasi_path_remove_directory(kBox, kExisting[i]) != 0);
    CHECK(__wasi_path_rename(kBox, kExisting[i], kBox, "stolen") != 0);
    CHECK(__wasi_path_link(kBox, 0, kExisting[i], kBox, "stolen") != 0);
  }
  // Linking what a link leads to would be following it.
  CHECK_WASI(__wasi_path_link(kBox, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, "to_secret", kBox, "stolen"),
             __WASI_ERRNO_INVAL);
}

// A link made by the guest leads no further than one that was there, also when it is moved.
static void own_links(void) {
  CHECK_WASI(__wasi_path_symlink("../outside/secret", kBox, "own"), 0);
  CHECK(open("/box/own", O_RDONLY) == -1);
  CHECK_WASI(__wasi_path_symlink("../outside/made", kBox, "dangling"), 0);
  CHECK(open("/box/dangling", O_CREAT | O_WRONLY, 0666) == -1);
  CHECK(open("/box/dangling", O_CREAT | O_EXCL | O_WRONLY, 0666) == -1);
  // Harmless two levels down, harmful after moving up.
  CHECK_WASI(__wasi_path_create_directory(kBox, "dir/deep"), 0);
  CHECK_WASI(__wasi_path_symlink("../../file", kBox, "dir/deep/moving"), 0);
  int fd = open("/box/dir/deep/moving", O_RDONLY);
  CHECK(fd > 2 && close(fd) == 0);
  CHECK_WASI(__wasi_path_rename(kBox, "dir/deep/moving", kBox, "moving"), 0);
  CHECK(open("/box/moving", O_RDONLY) == -1);
  // From a directory opened deeper, its own parent is outside.
  int deep = open("/box/dir", O_RDONLY | O_DIRECTORY);
  __wasi_fd_t opened;
  CHECK_WASI(__wasi_path_open(deep, 0, "../file", 0, __WASI_RIGHTS_FD_READ, 0, 0, &opened),
             __WASI_ERRNO_PERM);
  CHECK(close(deep) == 0);
  CHECK_FAILS(open("/box/loop", O_RDONLY), ELOOP);
}

// A zero byte cannot cut a path: the raw call has a length.
__attribute__((import_module("wasi_snapshot_preview1"),
               import_name("path_create_directory"))) int32_t
raw_create_directory(int32_t fd, const char* path, int32_t length);

int main(void) {
  open_all();
  absolute();
  changes();
  own_links();
  CHECK_WASI(raw_create_directory(kBox, "zero\0/../../outside/x", 21), __WASI_ERRNO_INVAL);
  int fd = open("/box/file", O_RDONLY);
  CHECK(fd > 2);
  return 0;
}
