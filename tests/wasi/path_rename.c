// path_rename. Descriptor 4 is a second directory of the same file system.
#include "raw.h"

enum { kOther = 4 };
#define RENAME(from, to) __wasi_path_rename(kData, from, kData, to)

static void mkdir_at(const char* path) { OK(__wasi_path_create_directory(kData, path)); }

int main(void) {
  make_file("f", "f");
  make_file("g", "g");
  mkdir_at("empty");
  mkdir_at("d");
  make_file("d/in", "in");

  OK(RENAME("f", "h"));
  CHECK(!exists("f") && file_holds("h", "f"));
  OK(RENAME("h", "g"));  // onto a file: replaces it
  CHECK(!exists("h") && file_holds("g", "f"));
  OK(RENAME("g", "g"));
  CHECK(file_holds("g", "f"));
  OK(RENAME("g", "d/f"));
  OK(RENAME("d/../d/f", "./f"));
  CHECK(file_holds("f", "f"));

  OK(RENAME("d", "e"));
  OK(RENAME("e", "empty"));  // onto an empty directory
  CHECK(!exists("e") && file_holds("empty/in", "in"));
  OK(RENAME("empty", "d"));
  mkdir_at("empty");
  FAILS(RENAME("empty", "d"), NOTEMPTY);
  FAILS(RENAME("d", "f"), NOTDIR);
  FAILS(RENAME("f", "empty"), ISDIR);
  FAILS(RENAME("d", "d/in/x"), NOTDIR);
  FAILS(RENAME("d", "d/below"), INVAL);
  FAILS(RENAME("none", "x"), NOENT);
  FAILS(RENAME("f", "none/x"), NOENT);
  FAILS(RENAME("f/x", "x"), NOTDIR);
  FAILS(RENAME("", "x"), NOENT);
  FAILS(RENAME("f", ""), NOENT);

  // Slashes at the end ask for a directory.
  OK(RENAME("d/", "d2"));
  OK(RENAME("d2", "d/"));
  OK(RENAME("d//", "d3///"));
  OK(RENAME("d3", "d"));
  FAILS(RENAME("f/", "x"), NOTDIR);
  FAILS(RENAME("f", "x/"), NOTDIR);
  FAILS(RENAME("f", "empty/"), NOTDIR);
  FAILS(RENAME("none/", "x"), NOENT);
  // What has no name of its own cannot be renamed, nor replaced.
  FAILS(RENAME(".", "x"), INVAL);
  FAILS(RENAME("d/.", "x"), INVAL);
  FAILS(RENAME("d/..", "x"), INVAL);
  FAILS(RENAME("d", "."), INVAL);
  FAILS(RENAME("d", "empty/."), INVAL);
  CHECK(file_holds("d/in", "in") && exists("empty"));

  // Links themselves, not what they lead to.
  OK(__wasi_path_symlink("f", kData, "l"));
  OK(RENAME("l", "l2"));
  CHECK(!exists("l") && exists("f"));
  make_file("x", "x");
  OK(RENAME("x", "l2"));
  CHECK(file_holds("l2", "x") && file_holds("f", "f"));
  OK(__wasi_path_symlink("d", kData, "to_d"));
  FAILS(RENAME("to_d/", "y"), NOTDIR);

  // From one directory that was given to another.
  OK(__wasi_path_rename(kData, "l2", kOther, "moved"));
  __wasi_filestat_t status;
  OK(__wasi_path_filestat_get(kOther, 0, "moved", &status));
  CHECK(status.size == 1 && !exists("l2"));
  OK(__wasi_path_rename(kOther, "moved", kData, "back"));
  OK(__wasi_path_rename(kData, "d", kOther, "d"));
  OK(__wasi_path_rename(kOther, "d", kData, "d"));
  CHECK(file_holds("d/in", "in"));

  FAILS(__wasi_path_rename(kAbsent, "f", kData, "x"), BADF);
  FAILS(__wasi_path_rename(kData, "f", kAbsent, "x"), BADF);
  FAILS(__wasi_path_rename(1, "f", kData, "x"), NOTDIR);
  FAILS(__wasi_path_rename(kData, "f", 1, "x"), NOTDIR);
  CHECK(exists("f"));
  return 0;
}
