// Rights shrink and never grow, and are asked of the source and of the destination. Descriptor 3 is
// /data, an empty directory that may be written.
#include <wasi/api.h>

#include "check.h"

#define FD_READ __WASI_RIGHTS_FD_READ
#define FD_WRITE __WASI_RIGHTS_FD_WRITE

static __wasi_fdstat_t status_of(__wasi_fd_t fd) {
  __wasi_fdstat_t status;
  CHECK_WASI(__wasi_fd_fdstat_get(fd, &status), 0);
  return status;
}

static __wasi_fd_t open_directory(__wasi_rights_t without, __wasi_rights_t inheriting_without) {
  __wasi_fdstat_t root = status_of(3);
  __wasi_fd_t fd;
  CHECK_WASI(__wasi_path_open(3, 0, "sub", __WASI_OFLAGS_DIRECTORY, root.fs_rights_base & ~without,
                              root.fs_rights_inheriting & ~inheriting_without, 0, &fd),
             0);
  return fd;
}

int main(void) {
  __wasi_fd_t fd, file;
  CHECK_WASI(__wasi_path_create_directory(3, "sub"), 0);
  CHECK_WASI(__wasi_path_open(3, 0, "sub/f", __WASI_OFLAGS_CREAT, FD_READ | FD_WRITE, 0, 0, &file),
             0);
  CHECK(status_of(file).fs_rights_base == (FD_READ | FD_WRITE));
  CHECK_WASI(__wasi_fd_fdstat_set_rights(file, FD_READ | __WASI_RIGHTS_FD_SEEK, 0),
             __WASI_ERRNO_NOTCAPABLE);
  CHECK_WASI(__wasi_fd_fdstat_set_rights(file, FD_READ, 0), 0);
  __wasi_size_t count;
  CHECK_WASI(__wasi_fd_write(file, NULL, 0, &count), __WASI_ERRNO_BADF);
  CHECK_WASI(__wasi_fd_filestat_set_size(file, 0), __WASI_ERRNO_NOTCAPABLE);
  CHECK_WASI(__wasi_fd_fdstat_set_rights(file, FD_READ | FD_WRITE, 0), __WASI_ERRNO_NOTCAPABLE);

  // What a directory does not hand down, nothing below it has.
  fd = open_directory(0, FD_WRITE);
  CHECK_WASI(__wasi_path_open(fd, 0, "f", 0, FD_READ | FD_WRITE, 0, 0, &file),
             __WASI_ERRNO_NOTCAPABLE);
  CHECK_WASI(__wasi_path_open(fd, 0, "f", 0, FD_READ | __WASI_RIGHTS_FD_TELL, 0, 0, &file), 0);
  CHECK(status_of(file).fs_rights_base == (FD_READ | __WASI_RIGHTS_FD_TELL));

  // Creating and truncating are changes, even for a file opened for reading.
  fd = open_directory(__WASI_RIGHTS_PATH_CREATE_FILE | __WASI_RIGHTS_PATH_FILESTAT_SET_SIZE, 0);
  CHECK_WASI(__wasi_path_open(fd, 0, "new", __WASI_OFLAGS_CREAT, FD_READ, 0, 0, &file),
             __WASI_ERRNO_NOTCAPABLE);
  CHECK_WASI(__wasi_path_open(fd, 0, "f", __WASI_OFLAGS_TRUNC, FD_READ, 0, 0, &file),
             __WASI_ERRNO_NOTCAPABLE);
  CHECK_WASI(__wasi_path_open(fd, 0, "f", 0, FD_READ, 0, 0, &file), 0);

  // Both ends of a rename and of a link.
  fd = open_directory(__WASI_RIGHTS_PATH_RENAME_TARGET | __WASI_RIGHTS_PATH_LINK_TARGET, 0);
  CHECK_WASI(__wasi_path_rename(3, "sub/f", fd, "g"), __WASI_ERRNO_NOTCAPABLE);
  CHECK_WASI(__wasi_path_link(3, 0, "sub/f", fd, "g"), __WASI_ERRNO_NOTCAPABLE);
  fd = open_directory(__WASI_RIGHTS_PATH_RENAME_SOURCE | __WASI_RIGHTS_PATH_LINK_SOURCE, 0);
  CHECK_WASI(__wasi_path_rename(fd, "f", 3, "g"), __WASI_ERRNO_NOTCAPABLE);
  CHECK_WASI(__wasi_path_link(fd, 0, "f", 3, "g"), __WASI_ERRNO_NOTCAPABLE);

  fd = open_directory(__WASI_RIGHTS_PATH_SYMLINK | __WASI_RIGHTS_PATH_UNLINK_FILE |
                          __WASI_RIGHTS_PATH_CREATE_DIRECTORY |
                          __WASI_RIGHTS_PATH_REMOVE_DIRECTORY | __WASI_RIGHTS_PATH_READLINK |
                          __WASI_RIGHTS_PATH_FILESTAT_GET | __WASI_RIGHTS_FD_READDIR,
                      0);
  __wasi_filestat_t status;
  uint8_t buffer[64];
  CHECK_WASI(__wasi_path_symlink("f", fd, "l"), __WASI_ERRNO_NOTCAPABLE);
  CHECK_WASI(__wasi_path_unlink_file(fd, "f"), __WASI_ERRNO_NOTCAPABLE);
  CHECK_WASI(__wasi_path_create_directory(fd, "d"), __WASI_ERRNO_NOTCAPABLE);
  CHECK_WASI(__wasi_path_remove_directory(fd, "d"), __WASI_ERRNO_NOTCAPABLE);
  CHECK_WASI(__wasi_path_readlink(fd, "f", buffer, sizeof buffer, &count), __WASI_ERRNO_NOTCAPABLE);
  CHECK_WASI(__wasi_path_filestat_get(fd, 0, "f", &status), __WASI_ERRNO_NOTCAPABLE);
  CHECK_WASI(__wasi_fd_readdir(fd, buffer, sizeof buffer, 0, &count), __WASI_ERRNO_NOTCAPABLE);

  CHECK_WASI(__wasi_path_open(3, 0, "x", __WASI_OFLAGS_CREAT | __WASI_OFLAGS_DIRECTORY, FD_READ, 0,
                              0, &fd),
             __WASI_ERRNO_INVAL);
  return 0;
}
