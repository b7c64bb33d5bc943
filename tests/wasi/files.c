// The current directory, /data, is an empty one that may be written.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include <wasi/api.h>

#include "check.h"

static void write_and_read(void) {
  int fd = open("/data/a.txt", O_CREAT | O_EXCL | O_RDWR, 0666);
  CHECK(fd > 2);
  CHECK(write(fd, "hello, world", 12) == 12);
  CHECK(lseek(fd, 0, SEEK_CUR) == 12);
  CHECK(lseek(fd, -5, SEEK_END) == 7);
  char text[32] = {0};
  CHECK(read(fd, text, sizeof text) == 5 && strcmp(text, "world") == 0);
  CHECK(read(fd, text, sizeof text) == 0);
  CHECK_FAILS(lseek(fd, -1, SEEK_SET), EINVAL);
  CHECK(pread(fd, text, 5, 0) == 5 && memcmp(text, "hello", 5) == 0);
  CHECK(pwrite(fd, "J", 1, 0) == 1);
  CHECK(lseek(fd, 0, SEEK_CUR) == 12);
  char a[2], b[3];
  struct iovec parts[2] = {{a, 2}, {b, 3}};
  CHECK(lseek(fd, 0, SEEK_SET) == 0);
  CHECK(readv(fd, parts, 2) == 5 && memcmp(a, "Je", 2) == 0 && memcmp(b, "llo", 3) == 0);
  CHECK(fsync(fd) == 0 && fdatasync(fd) == 0);
  CHECK(posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED) == 0);
  CHECK(close(fd) == 0);
  CHECK_FAILS(close(fd), EBADF);
  CHECK_FAILS(open("/data/a.txt", O_CREAT | O_EXCL | O_RDWR, 0666), EEXIST);
}

static void sizes(void) {
  struct stat status;
  CHECK(stat("/data/a.txt", &status) == 0);
  CHECK(status.st_size == 12 && S_ISREG(status.st_mode) && status.st_nlink == 1);
  int fd = open("/data/a.txt", O_WRONLY | O_APPEND);
  CHECK(fd > 2);
  CHECK(write(fd, "!", 1) == 1);
  CHECK(fstat(fd, &status) == 0 && status.st_size == 13);
  CHECK(ftruncate(fd, 5) == 0);
  CHECK(fstat(fd, &status) == 0 && status.st_size == 5);
  CHECK_FAILS(read(fd, &status, 1), EBADF);
  CHECK(close(fd) == 0);
  fd = open("/data/a.txt", O_RDONLY);
  CHECK_FAILS(write(fd, "x", 1), EBADF);
  CHECK(ftruncate(fd, 0) == -1);
  CHECK(close(fd) == 0);
  fd = open("/data/a.txt", O_WRONLY | O_TRUNC);
  CHECK(fstat(fd, &status) == 0 && status.st_size == 0);
  CHECK(close(fd) == 0);
}

static void flags_and_times(void) {
  int fd = open("/data/a.txt", O_RDWR);
  CHECK(write(fd, "12345", 5) == 5);
  CHECK(fcntl(fd, F_SETFL, O_APPEND) == 0);
  CHECK(fcntl(fd, F_GETFL) & O_APPEND);
  CHECK(lseek(fd, 0, SEEK_SET) == 0 && write(fd, "6", 1) == 1);
  CHECK(fcntl(fd, F_SETFL, 0) == 0);
  CHECK(lseek(fd, 0, SEEK_SET) == 0 && write(fd, "0", 1) == 1);
  char text[16] = {0};
  CHECK(pread(fd, text, sizeof text, 0) == 6 && strcmp(text, "023456") == 0);

  struct timespec times[2] = {{.tv_sec = 1000, .tv_nsec = 5}, {.tv_sec = 2000, .tv_nsec = 7}};
  struct stat status;
  CHECK(futimens(fd, times) == 0 && fstat(fd, &status) == 0);
  CHECK(status.st_atim.tv_sec == 1000 && status.st_mtim.tv_sec == 2000);
  CHECK(status.st_mtim.tv_nsec == 7);
  times[1] = (struct timespec){.tv_sec = 3000};
  times[0].tv_nsec = UTIME_OMIT;
  CHECK(utimensat(AT_FDCWD, "/data/a.txt", times, 0) == 0 && stat("/data/a.txt", &status) == 0);
  CHECK(status.st_atim.tv_sec == 1000 && status.st_mtim.tv_sec == 3000);
  CHECK_WASI(__wasi_fd_filestat_set_times(fd, 0, 0, 3), __WASI_ERRNO_INVAL);
  CHECK(close(fd) == 0);
}

static void names(void) {
  CHECK(rename("/data/a.txt", "/data/b.txt") == 0);
  CHECK_FAILS(open("/data/a.txt", O_RDONLY), ENOENT);
  CHECK(link("/data/b.txt", "/data/c.txt") == 0);
  struct stat b, c;
  CHECK(stat("/data/b.txt", &b) == 0 && stat("/data/c.txt", &c) == 0);
  CHECK(b.st_ino == c.st_ino && c.st_nlink == 2);
  CHECK_FAILS(link("/data/b.txt", "/data/c.txt"), EEXIST);
  CHECK(unlink("/data/c.txt") == 0);
  CHECK_FAILS(unlink("/data/c.txt"), ENOENT);

  CHECK(symlink("b.txt", "/data/link") == 0);
  char target[16] = {0};
  CHECK(readlink("/data/link", target, sizeof target) == 5 && strcmp(target, "b.txt") == 0);
  CHECK(readlink("/data/link", target, 2) == 2);
  CHECK_FAILS(readlink("/data/b.txt", target, sizeof target), EINVAL);
  CHECK(lstat("/data/link", &c) == 0 && S_ISLNK(c.st_mode));
  CHECK(stat("/data/link", &c) == 0 && c.st_ino == b.st_ino);
  CHECK_FAILS(open("/data/link", O_RDONLY | O_NOFOLLOW), ELOOP);
  int fd = open("/data/link", O_RDONLY);
  CHECK(fd > 2 && close(fd) == 0);
  CHECK(unlink("/data/link") == 0 && stat("/data/b.txt", &b) == 0);
  // Trailing slashes ask for a directory.
  CHECK_FAILS(unlink("/data/b.txt/"), ENOTDIR);
  CHECK(open("/data/b.txt/", O_RDONLY) == -1);
  CHECK_FAILS(rename("/data/b.txt/", "/data/d"), ENOTDIR);
  CHECK_FAILS(symlink("b.txt", "/data/new/"), ENOENT);
  CHECK(unlink("/data/b.txt") == 0);
}

int main(void) {
  write_and_read();
  sizes();
  flags_and_times();
  names();
  return 0;
}
