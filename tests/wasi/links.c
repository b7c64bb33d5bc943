// path_link, path_symlink, path_readlink.
#include "raw.h"

#define LINK(from, to) __wasi_path_link(kData, 0, from, kData, to)
#define SYMLINK(target, name) __wasi_path_symlink(target, kData, name)

static uint8_t buffer[8192];
static __wasi_size_t used;

static int leads_to(const char* path, const char* target) {
  OK(__wasi_path_readlink(kData, path, buffer, sizeof buffer, &used));
  return used == strlen(target) && memcmp(buffer, target, used) == 0;
}

static void hard(void) {
  __wasi_filestat_t a, b;
  OK(LINK("f", "hard"));
  OK(__wasi_path_filestat_get(kData, 0, "f", &a));
  OK(__wasi_path_filestat_get(kData, 0, "hard", &b));
  CHECK(a.ino == b.ino && a.nlink == 2 && b.nlink == 2);
  OK(LINK("f", "d/hard"));
  FAILS(LINK("f", "hard"), EXIST);
  FAILS(LINK("f", "f"), EXIST);
  FAILS(LINK("f", "d"), EXIST);
  FAILS(LINK("d", "x"), PERM);
  FAILS(LINK("d/", "x"), PERM);
  FAILS(LINK(".", "x"), PERM);
  FAILS(LINK("none", "x"), NOENT);
  FAILS(LINK("f", "none/x"), NOENT);
  FAILS(LINK("f/", "x"), NOTDIR);
  FAILS(LINK("f", "x/"), NOENT);
  FAILS(LINK("f", "d/"), EXIST);
  FAILS(LINK("f", "hard/"), NOTDIR);
  FAILS(LINK("f", "d/."), EXIST);
  FAILS(LINK("", "x"), NOENT);
  // A link is linked itself, never what it leads to.
  OK(SYMLINK("nowhere", "dangling"));
  OK(LINK("dangling", "hard_dangling"));
  CHECK(leads_to("hard_dangling", "nowhere"));
  FAILS(LINK("f", "dangling"), EXIST);
  FAILS(__wasi_path_link(kData, FOLLOW, "dangling", kData, "x"), INVAL);
  OK(__wasi_path_link(kData, FOLLOW, "f", kData, "followed"));
  FAILS(__wasi_path_link(kData, 2, "f", kData, "x"), INVAL);
  FAILS(__wasi_path_link(kAbsent, 0, "f", kData, "x"), BADF);
  FAILS(__wasi_path_link(kData, 0, "f", kAbsent, "x"), BADF);
  FAILS(__wasi_path_link(0, 0, "f", kData, "x"), NOTDIR);
  FAILS(__wasi_path_link(kData, 0, "f", 0, "x"), NOTDIR);
  CHECK(!exists("x") && !exists("nowhere"));
}

static void symbolic(void) {
  OK(SYMLINK("f", "s"));
  OK(SYMLINK("../f", "d/s"));
  OK(SYMLINK("any text // at all/", "text"));
  CHECK(leads_to("s", "f") && leads_to("d/s", "../f") && leads_to("text", "any text // at all/"));
  FAILS(SYMLINK("f", "s"), EXIST);
  FAILS(SYMLINK("f", "f"), EXIST);
  FAILS(SYMLINK("f", "d"), EXIST);
  FAILS(SYMLINK("f", "x/"), NOENT);
  FAILS(SYMLINK("f", "d/"), EXIST);
  FAILS(SYMLINK("f", "f/"), NOTDIR);
  FAILS(SYMLINK("f", "none/x"), NOENT);
  FAILS(SYMLINK("f", ""), NOENT);
  FAILS(SYMLINK("", "x"), NOENT);
  FAILS(SYMLINK("/", "x"), PERM);
  FAILS(SYMLINK("/f", "x"), PERM);
  FAILS(SYMLINK("\xff", "x"), ILSEQ);
  FAILS(__wasi_path_symlink("f", kAbsent, "x"), BADF);
  FAILS(__wasi_path_symlink("f", 1, "x"), NOTDIR);
  memset(buffer, 'a', 5000);
  buffer[5000] = 0;
  FAILS(SYMLINK((char*)buffer, "x"), NAMETOOLONG);
  buffer[4096] = 0;
  FAILS(SYMLINK((char*)buffer, "x"), NAMETOOLONG);
  buffer[4095] = 0;
  OK(SYMLINK((char*)buffer, "long"));
  OK(__wasi_path_readlink(kData, "long", buffer, sizeof buffer, &used));
  CHECK(used == 4095 && !exists("x"));
}

static void reading(void) {
  memset(buffer, '-', sizeof buffer);
  OK(__wasi_path_readlink(kData, "text", buffer, 3, &used));
  CHECK(used == 3 && memcmp(buffer, "any-", 4) == 0);
  OK(__wasi_path_readlink(kData, "text", buffer, 0, &used));
  CHECK(used == 0);
  FAILS(__wasi_path_readlink(kData, "f", buffer, 9, &used), INVAL);
  FAILS(__wasi_path_readlink(kData, "d", buffer, 9, &used), INVAL);
  FAILS(__wasi_path_readlink(kData, "none", buffer, 9, &used), NOENT);
  FAILS(__wasi_path_readlink(kData, "", buffer, 9, &used), NOENT);
  FAILS(__wasi_path_readlink(kData, "f/s", buffer, 9, &used), NOTDIR);
  FAILS(__wasi_path_readlink(kData, "s/", buffer, 9, &used), NOTDIR);
  FAILS(__wasi_path_readlink(kAbsent, "s", buffer, 9, &used), BADF);
  FAILS(__wasi_path_readlink(2, "s", buffer, 9, &used), NOTDIR);
  FAILS(__wasi_path_readlink(kData, "s", OUTSIDE, 100, &used), FAULT);
  FAILS(__wasi_path_readlink(kData, "s", buffer, 9, OUTSIDE), FAULT);
}

int main(void) {
  make_file("f", "f");
  OK(__wasi_path_create_directory(kData, "d"));
  hard();
  symbolic();
  reading();
  return 0;
}
