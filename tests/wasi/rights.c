// fd_fdstat_set_rights: rights shrink and never grow, what a directory does not hand down nothing
// below it has, and both ends of a rename or link are asked.
#include "raw.h"

#define RIGHT(name) __WASI_RIGHTS_##name

static __wasi_fdstat_t status_of(__wasi_fd_t fd) {
  __wasi_fdstat_t status;
  OK(__wasi_fd_fdstat_get(fd, &status));
  return status;
}

static __wasi_fd_t sub_without(__wasi_rights_t rights, __wasi_rights_t inheriting) {
  __wasi_fd_t fd = open_directory("sub");
  __wasi_fdstat_t status = status_of(fd);
  OK(__wasi_fd_fdstat_set_rights(fd, status.fs_rights_base & ~rights,
                                 status.fs_rights_inheriting & ~inheriting));
  return fd;
}

static __wasi_size_t count;
static __wasi_fd_t fd, file;

static void shrinking(void) {
  fd = open_in(kData, "sub/f", CREATE, READ | WRITE);
  __wasi_rights_t given = status_of(fd).fs_rights_base;
  CHECK((given & (READ | WRITE)) == (READ | WRITE) && status_of(fd).fs_rights_inheriting == 0);
  FAILS(__wasi_fd_fdstat_set_rights(fd, given | RIGHT(FD_READDIR), 0), NOTCAPABLE);
  FAILS(__wasi_fd_fdstat_set_rights(fd, given, READ), NOTCAPABLE);
  FAILS(__wasi_fd_fdstat_set_rights(fd, ~0ull, 0), NOTCAPABLE);
  OK(__wasi_fd_fdstat_set_rights(fd, given, 0));
  OK(__wasi_fd_fdstat_set_rights(fd, READ, 0));
  CHECK(status_of(fd).fs_rights_base == READ);
  FAILS(__wasi_fd_write(fd, NULL, 0, &count), BADF);
  FAILS(__wasi_fd_filestat_set_size(fd, 0), INVAL);
  FAILS(__wasi_fd_fdstat_set_rights(fd, READ | WRITE, 0), NOTCAPABLE);
  OK(__wasi_fd_fdstat_set_rights(fd, 0, 0));
  FAILS(__wasi_fd_read(fd, NULL, 0, &count), BADF);
  FAILS(__wasi_fd_fdstat_set_rights(kAbsent, 0, 0), BADF);
  // Closing takes no right.
  OK(__wasi_fd_close(fd));
}

// Reading and writing are given as asked, the others as the directory has them.
static void asked(void) {
  CHECK((status_of(open_in(kData, "sub/f", 0, READ)).fs_rights_base & WRITE) == 0);
  CHECK((status_of(open_in(kData, "sub/f", 0, READ)).fs_rights_base & RIGHT(FD_SEEK)) != 0);
  CHECK((status_of(open_in(kData, "sub/f", 0, WRITE)).fs_rights_base & READ) == 0);
  CHECK((status_of(open_in(kData, "sub/f", 0, 0)).fs_rights_base & (READ | WRITE)) == 0);
  __wasi_fdstat_t root = status_of(kData), sub = status_of(open_directory("sub"));
  CHECK(sub.fs_rights_base == root.fs_rights_base);
  CHECK(sub.fs_rights_inheriting == root.fs_rights_inheriting);
  // Directories have none of a file's rights, files none of a directory's.
  CHECK((root.fs_rights_base & (READ | WRITE | RIGHT(FD_SEEK) | RIGHT(FD_FILESTAT_SET_SIZE))) == 0);
  CHECK((status_of(open_in(kData, "sub/f", 0, READ | WRITE)).fs_rights_base &
         (RIGHT(PATH_OPEN) | RIGHT(FD_READDIR) | RIGHT(PATH_UNLINK_FILE))) == 0);
}

static void inheritance(void) {
  fd = sub_without(0, WRITE);
  FAILS(__wasi_path_open(fd, 0, "f", 0, READ | WRITE, kAllRights, 0, &file), NOTCAPABLE);
  OK(__wasi_path_open(fd, 0, "f", 0, READ, kAllRights, 0, &file));
  // Nor does a detour give them back.
  __wasi_fd_t again;
  OK(__wasi_path_open(fd, 0, ".", DIRECTORY, 0, kAllRights, 0, &again));
  CHECK((status_of(again).fs_rights_inheriting & WRITE) == 0);
  FAILS(__wasi_path_open(again, 0, "f", 0, WRITE, kAllRights, 0, &file), NOTCAPABLE);
  fd = sub_without(0, RIGHT(FD_SEEK) | RIGHT(FD_TELL) | RIGHT(PATH_OPEN));
  OK(__wasi_path_open(fd, 0, "f", 0, READ, kAllRights, 0, &file));
  __wasi_filesize_t at;
  FAILS(__wasi_fd_seek(file, 0, __WASI_WHENCE_SET, &at), NOTCAPABLE);
  OK(__wasi_path_open(fd, 0, ".", DIRECTORY, kAllRights & ~WRITE, kAllRights, 0, &again));
  FAILS(__wasi_path_open(again, 0, "f", 0, READ, 0, 0, &file), NOTCAPABLE);
}

// Creating and truncating are changes, even for a file opened for reading.
static void opening(void) {
  fd = sub_without(RIGHT(PATH_CREATE_FILE) | RIGHT(PATH_FILESTAT_SET_SIZE), 0);
  FAILS(__wasi_path_open(fd, 0, "new", CREATE, READ, 0, 0, &file), NOTCAPABLE);
  FAILS(__wasi_path_open(fd, 0, "f", CREATE, READ, 0, 0, &file), NOTCAPABLE);
  FAILS(__wasi_path_open(fd, 0, "f", TRUNCATE, READ, 0, 0, &file), NOTCAPABLE);
  FAILS(__wasi_path_open(fd, 0, "f", TRUNCATE, WRITE, 0, 0, &file), NOTCAPABLE);
  OK(__wasi_path_open(fd, 0, "f", 0, READ, 0, 0, &file));
  fd = sub_without(RIGHT(PATH_OPEN), 0);
  FAILS(__wasi_path_open(fd, 0, "f", 0, READ, 0, 0, &file), NOTCAPABLE);
}

static void both_ends(void) {
  fd = sub_without(RIGHT(PATH_RENAME_TARGET) | RIGHT(PATH_LINK_TARGET), 0);
  FAILS(__wasi_path_rename(kData, "sub/f", fd, "g"), NOTCAPABLE);
  FAILS(__wasi_path_link(kData, 0, "sub/f", fd, "g"), NOTCAPABLE);
  FAILS(__wasi_path_rename(fd, "f", fd, "g"), NOTCAPABLE);
  OK(__wasi_path_link(fd, 0, "f", kData, "out"));
  fd = sub_without(RIGHT(PATH_RENAME_SOURCE) | RIGHT(PATH_LINK_SOURCE), 0);
  FAILS(__wasi_path_rename(fd, "f", kData, "g"), NOTCAPABLE);
  FAILS(__wasi_path_link(fd, 0, "f", kData, "g"), NOTCAPABLE);
  OK(__wasi_path_rename(kData, "out", fd, "in"));
}

static void each_path_function(void) {
  fd = sub_without(RIGHT(PATH_SYMLINK) | RIGHT(PATH_UNLINK_FILE) | RIGHT(PATH_CREATE_DIRECTORY) |
                       RIGHT(PATH_REMOVE_DIRECTORY) | RIGHT(PATH_READLINK) |
                       RIGHT(PATH_FILESTAT_GET) | RIGHT(PATH_FILESTAT_SET_TIMES) |
                       RIGHT(FD_READDIR) | RIGHT(FD_FILESTAT_GET) | RIGHT(FD_FILESTAT_SET_TIMES) |
                       RIGHT(FD_SYNC),
                   0);
  __wasi_filestat_t status;
  uint8_t buffer[64];
  FAILS(__wasi_path_symlink("f", fd, "l"), NOTCAPABLE);
  FAILS(__wasi_path_unlink_file(fd, "f"), NOTCAPABLE);
  FAILS(__wasi_path_create_directory(fd, "d"), NOTCAPABLE);
  FAILS(__wasi_path_remove_directory(fd, "d"), NOTCAPABLE);
  FAILS(__wasi_path_readlink(fd, "f", buffer, sizeof buffer, &count), NOTCAPABLE);
  FAILS(__wasi_path_filestat_get(fd, 0, "f", &status), NOTCAPABLE);
  FAILS(__wasi_path_filestat_set_times(fd, 0, "f", 0, 0, 4), NOTCAPABLE);
  FAILS(__wasi_fd_readdir(fd, buffer, sizeof buffer, 0, &count), NOTCAPABLE);
  FAILS(__wasi_fd_filestat_get(fd, &status), NOTCAPABLE);
  FAILS(__wasi_fd_filestat_set_times(fd, 0, 0, 4), NOTCAPABLE);
  FAILS(__wasi_fd_sync(fd), NOTCAPABLE);
  CHECK(exists("sub/f") && !exists("sub/l") && !exists("sub/d"));
}

int main(void) {
  OK(__wasi_path_create_directory(kData, "sub"));
  shrinking();
  asked();
  inheritance();
  opening();
  both_ends();
  each_path_function();
  return 0;
}
