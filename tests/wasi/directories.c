// /data is an empty directory that may be written.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wasi/api.h>

#include "check.h"

enum { kFiles = 300 };

static int count_entries(DIR* directory, char* seen) {
  int count = 0;
  struct dirent* entry;
  while ((entry = readdir(directory))) {
    int number;
    if (sscanf(entry->d_name, "file-%d", &number) != 1) continue;
    CHECK(number >= 0 && number < kFiles && !seen[number]);
    CHECK(entry->d_type == DT_REG && entry->d_ino != 0);
    seen[number] = 1;
    count++;
  }
  return count;
}

static void list_many(void) {
  CHECK(mkdir("/data/many", 0777) == 0);
  for (int i = 0; i < kFiles; i++) {
    char name[64];
    snprintf(name, sizeof name, "/data/many/file-%d", i);
    int fd = open(name, O_CREAT | O_WRONLY, 0666);
    CHECK(fd > 2 && close(fd) == 0);
  }
  DIR* directory = opendir("/data/many");
  CHECK(directory);
  char seen[kFiles] = {0};
  CHECK(count_entries(directory, seen) == kFiles);
  rewinddir(directory);
  memset(seen, 0, sizeof seen);
  CHECK(count_entries(directory, seen) == kFiles);
  CHECK(closedir(directory) == 0);
}

// With a buffer of one entry at a time, each cookie leads to the next entry.
static void list_by_cookie(void) {
  int fd = open("/data/many", O_RDONLY | O_DIRECTORY);
  CHECK(fd > 2);
  int count = 0;
  __wasi_dircookie_t cookie = 0;
  for (;;) {
    uint8_t buffer[64];
    __wasi_size_t used = 0;
    CHECK_WASI(__wasi_fd_readdir(fd, buffer, sizeof buffer, cookie, &used), 0);
    if (used == 0) break;
    CHECK(used >= sizeof(__wasi_dirent_t));
    __wasi_dirent_t entry;
    memcpy(&entry, buffer, sizeof entry);
    cookie = entry.d_next;
    count++;
    CHECK(count <= kFiles + 2);
  }
  CHECK(count == kFiles + 2);  // with . and ..
  CHECK(close(fd) == 0);
}

static void change(void) {
  CHECK(mkdir("/data/one", 0777) == 0);
  CHECK_FAILS(mkdir("/data/one", 0777), EEXIST);
  CHECK_FAILS(mkdir("/data/one/.", 0777), EEXIST);
  CHECK(mkdir("/data/one/two/", 0777) == 0);
  CHECK_FAILS(mkdir("/data/none/two", 0777), ENOENT);
  CHECK_FAILS(rmdir("/data/one"), ENOTEMPTY);
  CHECK_FAILS(unlink("/data/one"), EISDIR);
  CHECK(rename("/data/one/two", "/data/two") == 0);
  struct stat status;
  CHECK(stat("/data/one/../two", &status) == 0 && S_ISDIR(status.st_mode));
  CHECK(rmdir("/data/one/") == 0 && rmdir("/data/two") == 0);
  CHECK_FAILS(rmdir("/data/two"), ENOENT);
  CHECK_FAILS(rmdir("/data/many/file-0"), ENOTDIR);
  CHECK_FAILS(mkdir("/data/many/file-0/x", 0777), ENOTDIR);
  CHECK_FAILS(open("/data/many", O_WRONLY), EISDIR);
  CHECK_FAILS(open("/data/many/file-0", O_RDONLY | O_DIRECTORY), ENOTDIR);
}

// File operations on a directory and the other way round.
static void wrong_kind(void) {
  int directory = open("/data/many", O_RDONLY | O_DIRECTORY);
  int file = open("/data/many/file-1", O_RDWR);
  char byte;
  CHECK_FAILS(read(directory, &byte, 1), EBADF);
  CHECK_FAILS(write(directory, &byte, 1), EBADF);
  CHECK(lseek(directory, 0, SEEK_SET) == -1);
  CHECK_FAILS(openat(file, "x", O_RDONLY), ENOTDIR);
  __wasi_size_t used;
  CHECK_WASI(__wasi_fd_readdir(file, (uint8_t*)&byte, 1, 0, &used), __WASI_ERRNO_NOTDIR);
  __wasi_fdstat_t status;
  CHECK_WASI(__wasi_fd_fdstat_get(directory, &status), 0);
  CHECK(status.fs_filetype == __WASI_FILETYPE_DIRECTORY);
  CHECK(close(directory) == 0 && close(file) == 0);
}

int main(void) {
  list_many();
  list_by_cookie();
  change();
  wrong_kind();
  return 0;
}
