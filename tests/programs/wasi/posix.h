// What the programs of tests/programs expect of POSIX and WASI's C library does not have. Included
// before everything else in each of their files, for WASI only; posix.c has the functions.
#pragma once

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>

// There are no users, and no file modes.
int chmod(const char* path, mode_t mode);
int fchmod(int fd, mode_t mode);
int chown(const char* path, uid_t owner, gid_t group);
int fchown(int fd, uid_t owner, gid_t group);
uid_t geteuid(void);
uid_t getuid(void);

// No processes either.
int system(const char* command);

#ifndef L_tmpnam
#define L_tmpnam 20
#endif

// Locks: a program has its files to itself.
#ifndef F_SETLK
enum { F_GETLK = 5, F_SETLK = 6, F_SETLKW = 7, F_RDLCK = 0, F_WRLCK = 1, F_UNLCK = 2 };
#endif
int fcntl_with_locks(int fd, int command, ...);
#define fcntl fcntl_with_locks
