// path_open: what it opens, creates, truncates and refuses.
#include "raw.h"

static __wasi_fd_t fd;

#define OPEN(lookup, path, oflags, rights) \
  __wasi_path_open(kData, lookup, path, oflags, rights, kAllRights, 0, &fd)

static void create(void) {
  FAILS(OPEN(0, "f", 0, READ), NOENT);
  OK(OPEN(0, "f", CREATE | EXCLUSIVE, READ | WRITE));
  write_text(fd, "text");
  FAILS(OPEN(0, "f", CREATE | EXCLUSIVE, READ), EXIST);
  OK(OPEN(0, "f", CREATE, READ));  // there already: left as it is
  CHECK(holds(fd, "text"));
  OK(OPEN(0, "f", CREATE | TRUNCATE, WRITE));
  CHECK(file_holds("f", ""));
  make_file("f", "text");
  OK(OPEN(0, "f", TRUNCATE, READ));  // reading does not keep it from being emptied
  CHECK(holds(fd, ""));
  make_file("f", "text");
  FAILS(OPEN(0, "none/f", CREATE, WRITE), NOENT);
  FAILS(OPEN(0, "f/f", CREATE, WRITE), NOTDIR);
  FAILS(OPEN(0, "new/", CREATE, WRITE), ISDIR);
  CHECK(!exists("new"));
}

static void directories(void) {
  OK(__wasi_path_create_directory(kData, "d"));
  make_file("d/inner", "inner");
  static const char* const kNames[] = {"d", "d/", "d///", "./d", "d/.", "d/../d", ".//d//./"};
  for (size_t i = 0; i < sizeof kNames / sizeof *kNames; i++) {
    OK(OPEN(0, kNames[i], DIRECTORY, READ));
    OK(__wasi_fd_close(fd));
    OK(OPEN(0, kNames[i], 0, READ));
    __wasi_fd_t inner;
    OK(__wasi_path_open(fd, 0, "inner", 0, READ, 0, 0, &inner));
    CHECK(holds(inner, "inner"));
    OK(__wasi_fd_close(inner));
    OK(__wasi_fd_close(fd));
  }
  OK(OPEN(0, ".", 0, 0));
  FAILS(OPEN(0, "d", 0, WRITE), ISDIR);
  FAILS(OPEN(0, "d", 0, READ | WRITE), ISDIR);
  FAILS(OPEN(0, "d", DIRECTORY, READ | WRITE), ISDIR);
  FAILS(OPEN(0, "d", CREATE, READ), ISDIR);
  FAILS(OPEN(0, "d", TRUNCATE, READ), ISDIR);
  FAILS(OPEN(0, "d", CREATE | EXCLUSIVE, READ), EXIST);
  FAILS(OPEN(0, "f", DIRECTORY, READ), NOTDIR);
  FAILS(OPEN(0, "f/", 0, READ), NOTDIR);
  FAILS(OPEN(0, "f/.", 0, READ), NOTDIR);
  FAILS(OPEN(0, "none", DIRECTORY, READ), NOENT);
  FAILS(OPEN(0, "x", CREATE | DIRECTORY, READ), INVAL);
}

static void links(void) {
  OK(__wasi_path_symlink("f", kData, "to_f"));
  OK(__wasi_path_symlink("to_f", kData, "to_link"));
  OK(__wasi_path_symlink("d", kData, "to_d"));
  OK(__wasi_path_symlink("none", kData, "dangling"));
  OK(__wasi_path_symlink("loop_b", kData, "loop_a"));
  OK(__wasi_path_symlink("loop_a", kData, "loop_b"));
  OK(OPEN(FOLLOW, "to_f", 0, READ));
  OK(OPEN(FOLLOW, "to_link", 0, READ));
  CHECK(holds(fd, "text"));
  OK(OPEN(FOLLOW, "to_d", DIRECTORY, READ));
  OK(OPEN(0, "to_d/inner", 0, READ));  // only the last part of a path is not followed
  OK(OPEN(0, "to_d/../f", 0, READ));
  FAILS(OPEN(0, "to_f", 0, READ), LOOP);
  FAILS(OPEN(0, "to_f", CREATE, READ), LOOP);
  FAILS(OPEN(0, "to_f", TRUNCATE, WRITE), LOOP);
  CHECK(file_holds("f", "text"));
  FAILS(OPEN(0, "to_d", DIRECTORY, READ), NOTDIR);
  FAILS(OPEN(FOLLOW, "to_f", DIRECTORY, READ), NOTDIR);
  FAILS(OPEN(FOLLOW, "loop_a", 0, READ), LOOP);
  FAILS(OPEN(0, "loop_a/x", 0, READ), LOOP);
  FAILS(OPEN(FOLLOW, "dangling", 0, READ), NOENT);
  FAILS(OPEN(FOLLOW, "dangling", CREATE | EXCLUSIVE, READ), EXIST);
  FAILS(OPEN(0, "dangling", CREATE, READ), LOOP);
  CHECK(!exists("none"));
  OK(OPEN(FOLLOW, "dangling", CREATE, WRITE));  // as on Linux: what it leads to is made
  CHECK(exists("none"));
}

static void names(void) {
  FAILS(OPEN(0, "", 0, READ), NOENT);
  FAILS(OPEN(0, "", CREATE, READ), NOENT);
  FAILS(OPEN(0, "/f", 0, READ), PERM);
  FAILS(OPEN(0, "/", 0, READ), PERM);
  FAILS(OPEN(0, "..", 0, READ), PERM);
  FAILS(OPEN(0, "\xff", CREATE, READ), ILSEQ);
  OK(OPEN(0, "snowman \xe2\x98\x83", CREATE, WRITE));
  CHECK(exists("snowman \xe2\x98\x83"));
  static char name[5000];
  memset(name, 'a', sizeof name);
  name[255] = 0;
  OK(OPEN(0, name, CREATE, WRITE));
  name[255] = 'a', name[256] = 0;
  FAILS(OPEN(0, name, CREATE, WRITE), NAMETOOLONG);
  // Long as a whole, through many short parts.
  for (int i = 0; i < 4094; i++) name[i] = i % 2 ? '/' : '.';
  name[4094] = 'f', name[4095] = 0;
  OK(OPEN(0, name, 0, READ));
  name[4093] = '/', name[4094] = '/', name[4095] = 'f', name[4096] = 0;
  FAILS(OPEN(0, name, 0, READ), NAMETOOLONG);
  memset(name, 'a', 4999);
  name[4999] = 0;
  FAILS(OPEN(0, name, 0, READ), NAMETOOLONG);
}

static void arguments(void) {
  FAILS(__wasi_path_open(kAbsent, 0, "f", 0, READ, 0, 0, &fd), BADF);
  FAILS(__wasi_path_open(1, 0, "f", 0, READ, 0, 0, &fd), NOTDIR);
  __wasi_fd_t file = open_in(kData, "f", 0, READ);
  FAILS(__wasi_path_open(file, 0, "f", 0, READ, 0, 0, &fd), NOTDIR);
  FAILS(OPEN(2, "f", 0, READ), INVAL);
  FAILS(OPEN(0, "f", 16, READ), INVAL);
  FAILS(__wasi_path_open(kData, 0, "f", 0, READ, 0, 32, &fd), INVAL);
  FAILS(__wasi_path_open(kData, 0, "made", CREATE, READ, 0, 0, OUTSIDE), FAULT);
  CHECK(!exists("made"));
  // Neither reading nor writing asked for: open, and neither allowed.
  OK(OPEN(0, "f", 0, 0));
  uint8_t byte;
  __wasi_iovec_t into = {&byte, 1};
  __wasi_size_t count;
  FAILS(__wasi_fd_read(fd, &into, 1, &count), BADF);
  CHECK(size_of(fd) == 4);
}

// When the table is full nothing is created or emptied any more.
static void exhaustion(void) {
  while (OPEN(0, "f", 0, READ) == 0) CHECK(fd < 10000);
  FAILS(OPEN(0, "f", 0, READ), MFILE);
  FAILS(OPEN(0, "late", CREATE, WRITE), MFILE);
  FAILS(OPEN(0, "f", TRUNCATE, WRITE), MFILE);
  CHECK(!exists("late"));
  OK(__wasi_fd_close(100));
  CHECK(file_holds("f", "text"));
  OK(OPEN(0, "f", 0, READ));
  CHECK(fd == 100);
}

int main(void) {
  create();
  directories();
  links();
  names();
  arguments();
  exhaustion();
  return 0;
}
