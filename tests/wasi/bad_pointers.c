// Pointers and counts that lead out of the guest's memory: each is an errno, none a crash.
#include <wasi/api.h>

#include "check.h"

#define OUT ((void*)0xfffffff0u)

int main(void) {
  uint32_t memory_end = __builtin_wasm_memory_size(0) * 65536u;
  __wasi_size_t count;
  uint8_t byte = 0;
  __wasi_ciovec_t bad[] = {{OUT, 1}};
  __wasi_ciovec_t wrapping[] = {{&byte, 0xffffffffu}};
  __wasi_ciovec_t good[] = {{&byte, 0}};
  CHECK_WASI(__wasi_fd_write(1, bad, 1, &count), __WASI_ERRNO_FAULT);
  CHECK_WASI(__wasi_fd_write(1, wrapping, 1, &count), __WASI_ERRNO_FAULT);
  CHECK_WASI(__wasi_fd_write(1, good, 1, OUT), __WASI_ERRNO_FAULT);
  CHECK_WASI(__wasi_fd_write(1, OUT, 1, &count), __WASI_ERRNO_FAULT);
  CHECK_WASI(__wasi_fd_write(1, OUT, 2, &count), __WASI_ERRNO_FAULT);
  // 0x20000000 * 8 is 0 in 32 bits.
  CHECK_WASI(__wasi_fd_write(1, good, 0x20000000, &count), __WASI_ERRNO_FAULT);
  CHECK_WASI(__wasi_fd_read(0, (const __wasi_iovec_t*)bad, 1, &count), __WASI_ERRNO_FAULT);

  // The last byte is inside, the next is not, nor is a value that straddles the end.
  CHECK_WASI(__wasi_random_get((uint8_t*)memory_end - 1, 1), 0);
  CHECK_WASI(__wasi_random_get((uint8_t*)memory_end, 0), 0);
  CHECK_WASI(__wasi_random_get((uint8_t*)memory_end, 1), __WASI_ERRNO_FAULT);
  CHECK_WASI(__wasi_random_get((uint8_t*)memory_end - 1, 2), __WASI_ERRNO_FAULT);
  CHECK_WASI(__wasi_random_get(&byte, 0xffffffffu), __WASI_ERRNO_FAULT);
  CHECK_WASI(__wasi_clock_time_get(0, 1, (__wasi_timestamp_t*)(memory_end - 7)),
             __WASI_ERRNO_FAULT);

  CHECK_WASI(__wasi_args_get(OUT, &byte), __WASI_ERRNO_FAULT);
  CHECK_WASI(__wasi_args_get((uint8_t**)&count, OUT), __WASI_ERRNO_FAULT);
  CHECK_WASI(__wasi_args_sizes_get(OUT, &count), __WASI_ERRNO_FAULT);
  CHECK_WASI(__wasi_fd_fdstat_get(1, OUT), __WASI_ERRNO_FAULT);
  CHECK_WASI(__wasi_fd_filestat_get(1, OUT), __WASI_ERRNO_FAULT);
  CHECK_WASI(__wasi_fd_prestat_get(3, OUT), __WASI_ERRNO_FAULT);
  CHECK_WASI(__wasi_fd_prestat_dir_name(3, OUT, 100), __WASI_ERRNO_FAULT);
  CHECK_WASI(__wasi_fd_prestat_dir_name(3, &byte, 1), __WASI_ERRNO_NAMETOOLONG);
  CHECK_WASI(__wasi_fd_readdir(3, OUT, 100, 0, &count), __WASI_ERRNO_FAULT);
  __wasi_event_t event;
  __wasi_subscription_t subscription = {0};
  CHECK_WASI(__wasi_poll_oneoff(OUT, &event, 1, &count), __WASI_ERRNO_FAULT);
  CHECK_WASI(__wasi_poll_oneoff(&subscription, OUT, 1, &count), __WASI_ERRNO_FAULT);
  CHECK_WASI(__wasi_poll_oneoff(&subscription, &event, 1, OUT), __WASI_ERRNO_FAULT);
  __wasi_fd_t fd;
  CHECK_WASI(__wasi_path_open(3, 0, "a", __WASI_OFLAGS_CREAT, 0, 0, 0, OUT), __WASI_ERRNO_FAULT);
  CHECK_WASI(__wasi_path_open(3, 0, "a", 0, 0, 0, 0, &fd), __WASI_ERRNO_NOENT);
  CHECK_WASI(__wasi_path_open(3, 0, "a", 0x100, 0, 0, 0, &fd), __WASI_ERRNO_INVAL);

  char* longest = malloc(100000);
  memset(longest, 'a', 99999);
  longest[99999] = 0;
  CHECK_WASI(__wasi_path_create_directory(3, longest), __WASI_ERRNO_NAMETOOLONG);
  CHECK_WASI(__wasi_path_create_directory(3, "\xff\xfe"), __WASI_ERRNO_ILSEQ);
  CHECK_WASI(__wasi_path_create_directory(3, ""), __WASI_ERRNO_NOENT);
  return 0;
}
