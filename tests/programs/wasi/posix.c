// Weak: later versions of the library have some of them.
#include "posix.h"

#include <errno.h>
#include <stdarg.h>

#undef fcntl

#define WEAK __attribute__((weak))

WEAK int chmod(const char* path, mode_t mode) {
  (void)path, (void)mode;
  return 0;
}

WEAK int fchmod(int fd, mode_t mode) {
  (void)fd, (void)mode;
  return 0;
}

WEAK int chown(const char* path, uid_t owner, gid_t group) {
  (void)path, (void)owner, (void)group;
  return 0;
}

WEAK int fchown(int fd, uid_t owner, gid_t group) {
  (void)fd, (void)owner, (void)group;
  return 0;
}

WEAK uid_t geteuid(void) { return 1; }

WEAK uid_t getuid(void) { return 1; }

WEAK int system(const char* command) {
  errno = ENOSYS;
  return command == NULL ? 0 : -1;
}

WEAK FILE* tmpfile(void) {
  errno = ENOSYS;
  return NULL;
}

WEAK char* tmpnam(char* name) {
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
