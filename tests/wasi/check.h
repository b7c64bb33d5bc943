// CHECK for guests: says what failed, with errno, and ends with code 1.
#pragma once

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                               \
  do {                                                                                 \
    if (!(condition)) {                                                                \
      printf("%s:%d: %s (errno %d: %s)\n", __FILE_NAME__, __LINE__, #condition, errno, \
             strerror(errno));                                                         \
      exit(1);                                                                         \
    }                                                                                  \
  } while (0)

// The call must fail, and with this errno.
#define CHECK_FAILS(call, number) \
  do {                            \
    errno = 0;                    \
    CHECK((call) == -1);          \
    CHECK(errno == (number));     \
  } while (0)

// A raw WASI call's answer.
#define CHECK_WASI(call, expected)                                                      \
  do {                                                                                  \
    int answer = (call);                                                                \
    if (answer != (expected)) {                                                         \
      printf("%s:%d: %s is %d instead of %s\n", __FILE_NAME__, __LINE__, #call, answer, \
             #expected);                                                                \
      exit(1);                                                                          \
    }                                                                                   \
  } while (0)
