// path_create_directory, path_remove_directory, path_unlink_file.
#include "raw.h"

#define MKDIR(path) __wasi_path_create_directory(kData, path)
#define RMDIR(path) __wasi_path_remove_directory(kData, path)
#define UNLINK(path) __wasi_path_unlink_file(kData, path)

static void create(void) {
  OK(MKDIR("d"));
  OK(MKDIR("d/e/"));
  OK(MKDIR("./d/../d2//"));
  CHECK(exists("d/e") && exists("d2"));
  make_file("f", "f");
  OK(__wasi_path_symlink("none", kData, "dangling"));
  OK(__wasi_path_symlink("d", kData, "to_d"));
  OK(MKDIR("to_d/through"));
  CHECK(exists("d/through"));
  FAILS(MKDIR("d"), EXIST);
  FAILS(MKDIR("f"), EXIST);
  FAILS(MKDIR("dangling"), EXIST);
  FAILS(MKDIR("to_d"), EXIST);
  FAILS(MKDIR("."), EXIST);
  FAILS(MKDIR("d/.."), EXIST);
  FAILS(MKDIR("d/./."), EXIST);
  FAILS(MKDIR("none/x"), NOENT);
  FAILS(MKDIR("f/x"), NOTDIR);
  FAILS(MKDIR(""), NOENT);
  FAILS(MKDIR("/x"), PERM);
  FAILS(MKDIR("\xc0\x80"), ILSEQ);
  FAILS(__wasi_path_create_directory(kAbsent, "x"), BADF);
  FAILS(__wasi_path_create_directory(1, "x"), NOTDIR);
  char name[300];
  memset(name, 'a', sizeof name);
  name[256] = 0;
  FAILS(MKDIR(name), NAMETOOLONG);
}

static void remove_directories(void) {
  FAILS(RMDIR("d"), NOTEMPTY);
  FAILS(RMDIR("f"), NOTDIR);
  FAILS(RMDIR("f/"), NOTDIR);
  FAILS(RMDIR("to_d"), NOTDIR);
  FAILS(RMDIR("dangling"), NOTDIR);
  FAILS(RMDIR("none"), NOENT);
  FAILS(RMDIR(""), NOENT);
  FAILS(RMDIR("."), INVAL);
  FAILS(RMDIR("d/e/."), INVAL);
  FAILS(RMDIR("d/e/.."), INVAL);
  FAILS(RMDIR("/"), PERM);
  FAILS(__wasi_path_remove_directory(kAbsent, "d"), BADF);
  FAILS(__wasi_path_remove_directory(0, "d"), NOTDIR);
  OK(RMDIR("d/e/"));
  OK(RMDIR("to_d/through"));
  OK(RMDIR("d2"));
  CHECK(!exists("d/e") && !exists("d/through") && !exists("d2"));
  // A directory that is open may go; nothing can be made in it any more.
  __wasi_fd_t fd = open_directory("d"), inner;
  OK(RMDIR("d"));
  FAILS(__wasi_path_create_directory(fd, "x"), NOENT);
  FAILS(__wasi_path_open(fd, 0, "x", CREATE, WRITE, 0, 0, &inner), NOENT);
  OK(__wasi_fd_close(fd));
}

static void unlink_files(void) {
  OK(MKDIR("d"));
  FAILS(UNLINK("d"), ISDIR);
  FAILS(UNLINK("d/"), ISDIR);
  FAILS(UNLINK("."), ISDIR);
  FAILS(UNLINK("d/.."), ISDIR);
  FAILS(UNLINK("f/"), NOTDIR);
  FAILS(UNLINK("f/x"), NOTDIR);
  FAILS(UNLINK("to_d/"), NOTDIR);
  FAILS(UNLINK("none"), NOENT);
  FAILS(UNLINK("none/"), NOENT);
  FAILS(UNLINK(""), NOENT);
  FAILS(UNLINK("/f"), PERM);
  FAILS(__wasi_path_unlink_file(kAbsent, "f"), BADF);
  FAILS(__wasi_path_unlink_file(2, "f"), NOTDIR);
  // A file that is open stays readable without its name.
  __wasi_fd_t fd = open_in(kData, "f", 0, READ);
  OK(UNLINK("f"));
  CHECK(!exists("f") && holds(fd, "f"));
  __wasi_filestat_t status;
  OK(__wasi_fd_filestat_get(fd, &status));
  CHECK(status.nlink == 0);
  // A link goes, what it leads to stays.
  OK(UNLINK("to_d"));
  OK(UNLINK("dangling"));
  CHECK(exists("d") && !exists("to_d") && !exists("dangling"));
}

int main(void) {
  create();
  remove_directories();
  unlink_files();
  return 0;
}
