// fd_readdir.
#include "raw.h"

enum { kFiles = 200 };
static uint8_t buffer[65536];
static __wasi_size_t used;

// One entry: with a buffer just large enough for any of these names.
static int next(__wasi_fd_t fd, __wasi_dircookie_t* cookie, __wasi_dirent_t* entry, char* name) {
  uint8_t small[sizeof(__wasi_dirent_t) + 16];
  OK(__wasi_fd_readdir(fd, small, sizeof small, *cookie, &used));
  if (used == 0) return 0;
  CHECK(used > sizeof *entry);
  memcpy(entry, small, sizeof *entry);
  CHECK(entry->d_namlen < 16 && used >= sizeof *entry + entry->d_namlen);
  memcpy(name, small + sizeof *entry, entry->d_namlen);
  name[entry->d_namlen] = 0;
  *cookie = entry->d_next;
  return 1;
}

static void file_name(char* name, int i) { snprintf(name, 16, "d/f%d", i); }

static void kinds(__wasi_fd_t fd) {
  __wasi_dircookie_t cookie = 0;
  __wasi_dirent_t entry;
  char name[16];
  int seen = 0;
  __wasi_filestat_t status;
  while (next(fd, &cookie, &entry, name)) {
    if (strcmp(name, "..") == 0) continue;
    OK(__wasi_path_filestat_get(fd, 0, name, &status));
    CHECK(entry.d_ino == status.ino && entry.d_type == status.filetype);
    seen++;
  }
  CHECK(seen == 4);  // ., a directory, a file, a link
}

// Of the parent of a directory that was given, not even the number is told.
static void parent(void) {
  __wasi_dircookie_t cookie = 0;
  __wasi_dirent_t entry;
  char name[16];
  int dots = 0;
  while (next(kData, &cookie, &entry, name)) {
    if (strcmp(name, "..") == 0) CHECK(entry.d_ino == 0);
    if (name[0] == '.') CHECK(entry.d_type == __WASI_FILETYPE_DIRECTORY && ++dots);
  }
  CHECK(dots == 2);
}

// All entries are seen once, whatever the buffer holds of them at a time.
static void all_sizes(__wasi_fd_t fd) {
  for (__wasi_size_t size = 40; size <= 8192; size = size * 3 / 2) {
    char seen[kFiles] = {0};
    int count = 0;
    __wasi_dircookie_t cookie = 0;
    do {
      OK(__wasi_fd_readdir(fd, buffer, size, cookie, &used));
      CHECK(used <= size);
      for (__wasi_size_t at = 0; at + sizeof(__wasi_dirent_t) <= used;) {
        __wasi_dirent_t entry;
        memcpy(&entry, buffer + at, sizeof entry);
        at += sizeof entry;
        if (at + entry.d_namlen > used) break;  // cut off: again from the last cookie
        char name[16] = {0};
        memcpy(name, buffer + at, entry.d_namlen);
        at += entry.d_namlen;
        cookie = entry.d_next;
        count++;
        if (name[0] != 'f') continue;
        CHECK(!seen[atoi(name + 1)]);
        seen[atoi(name + 1)] = 1;
      }
    } while (used == size);
    CHECK(count == kFiles + 2);
  }
}

// A cookie leads to the same place while other entries come and go.
static void changes(__wasi_fd_t fd) {
  char seen[kFiles] = {0}, name[16];
  __wasi_dircookie_t cookie = 0;
  __wasi_dirent_t entry;
  int steps = 0, removed = 0, added = 0;
  char gone[kFiles] = {0};
  while (next(fd, &cookie, &entry, name)) {
    CHECK(++steps < 3 * kFiles);
    if (name[0] == 'f') {
      int number = atoi(name + 1);
      CHECK(!seen[number] && !gone[number]);
      seen[number] = 1;
      if (number % 3 == 0) {  // the entry that was just read
        file_name(name, number);
        OK(__wasi_path_unlink_file(kData, name));
      }
      int other = (number * 7 + 1) % kFiles;  // one that may still come
      if (number % 5 == 0 && !seen[other] && !gone[other]) {
        gone[other] = 1;
        removed++;
        file_name(name, other);
        OK(__wasi_path_unlink_file(kData, name));
      }
      if (number % 4 == 0) {
        snprintf(name, sizeof name, "d/n%d", added++);
        make_file(name, "");
      }
    }
  }
  for (int i = 0; i < kFiles; i++) CHECK(seen[i] != gone[i]);
  CHECK(removed > 0 && added > 0);
}

static void small_buffers(__wasi_fd_t fd) {
  __wasi_dirent_t entry;
  OK(__wasi_fd_readdir(fd, buffer, sizeof buffer, 0, &used));
  memcpy(&entry, buffer, sizeof entry);
  // Smaller than an entry's head, than its name: filled to the end, which says there is more.
  uint8_t part[64];
  for (__wasi_size_t size = 0; size <= sizeof entry + entry.d_namlen; size++) {
    memset(part, 0xee, sizeof part);
    OK(__wasi_fd_readdir(fd, part, size, 0, &used));
    CHECK(used == size && memcmp(part, buffer, size) == 0 && part[size] == 0xee);
  }
}

static void refusals(__wasi_fd_t fd) {
  // Cookies that nothing gave: the end, or some entry, never a crash.
  OK(__wasi_fd_readdir(fd, buffer, sizeof buffer, 1ull << 63, &used));
  CHECK(used == 0);
  OK(__wasi_fd_readdir(fd, buffer, sizeof buffer, ~0ull, &used));
  CHECK(used == 0);
  OK(__wasi_fd_readdir(fd, buffer, sizeof buffer, (1ull << 63) - 1, &used));
  CHECK(used == 0);
  OK(__wasi_fd_readdir(fd, buffer, sizeof buffer, 12345, &used));

  FAILS(__wasi_fd_readdir(kAbsent, buffer, sizeof buffer, 0, &used), BADF);
  FAILS(__wasi_fd_readdir(0, buffer, sizeof buffer, 0, &used), NOTDIR);
  make_file("file", "");
  __wasi_fd_t file = open_in(kData, "file", 0, READ);
  FAILS(__wasi_fd_readdir(file, buffer, sizeof buffer, 0, &used), NOTDIR);
  FAILS(__wasi_fd_readdir(fd, OUTSIDE, 64, 0, &used), FAULT);
  FAILS(__wasi_fd_readdir(fd, buffer, 64, 0, OUTSIDE), FAULT);
  OK(__wasi_fd_fdstat_set_rights(fd, 0, 0));
  FAILS(__wasi_fd_readdir(fd, buffer, sizeof buffer, 0, &used), NOTCAPABLE);
}

int main(void) {
  OK(__wasi_path_create_directory(kData, "k"));
  OK(__wasi_path_create_directory(kData, "k/dir"));
  make_file("k/file", "");
  OK(__wasi_path_symlink("file", kData, "k/link"));
  kinds(open_directory("k"));
  parent();

  OK(__wasi_path_create_directory(kData, "d"));
  char name[16];
  for (int i = 0; i < kFiles; i++) {
    file_name(name, i);
    make_file(name, "");
  }
  __wasi_fd_t fd = open_directory("d");
  all_sizes(fd);
  small_buffers(fd);
  changes(fd);
  refusals(fd);
  return 0;
}
