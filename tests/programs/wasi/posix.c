#include "posix.h"

#include <errno.h>
#include <stdarg.h>

#undef fcntl

int chmod(const char* path, mode_t mode) {
  (void)path, (void)mode;
  return 0;
}

int fchmod(int fd, mode_t mode) {
  (void)fd, (void)mode;
  return 0;
}

int chown(const char* path, uid_t owner, gid_t group) {
  (void)path, (void)owner, (void)group;
  return 0;
}

int fchown(int fd, uid_t owner, gid_t group) {
  (void)fd, (void)owner, (void)group;
  return 0;
}

uid_t geteuid(void) { return 1; }

uid_t getuid(void) { return 1; }

int system(const char* command) {
  errno = ENOSYS;
  return command == NULL ? 0 : -1;
}

FILE* tmpfile(void) {
  errno = ENOSYS;
  return NULL;
}

char* tmpnam(char* name) {
  (void)name;
  errno = ENOSYS;
  return NULL;
}

int fcntl_with_locks(int fd, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  int result = 0;
  if (command == F_GETLK) {
    va_arg(arguments, struct flock*)->l_type = F_UNLCK;
  } else if (command != F_SETLK && command != F_SETLKW) {
    result = fcntl(fd, command, va_arg(arguments, int));
  }
  va_end(arguments);
  return result;
}
