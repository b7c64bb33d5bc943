// What the C code that wasm2c makes of a kernel (module.h, module name `kernel`) needs to run:
// main(), and the few functions of WASI preview 1 that a C program without files imports.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "module.h"
#include "wasm-rt-impl.h"

typedef struct Z_wasi_snapshot_preview1_instance_t {
  wasm_rt_memory_t* memory;
  int argc;
  char** argv;
} World;

enum { kErrnoBadf = 8, kErrnoInval = 28, kErrnoIo = 29, kErrnoSpipe = 70 };

static u32 load(const World* world, u32 at) {
  u32 value;
  memcpy(&value, world->memory->data + at, sizeof(value));
  return value;
}

static void store(World* world, u32 at, u64 value, size_t size) {
  memcpy(world->memory->data + at, &value, size);
}

u32 Z_wasi_snapshot_preview1Z_args_sizes_get(World* world, u32 count_at, u32 bytes_at) {
  u32 bytes = 0;
  for (int i = 0; i < world->argc; i++) bytes += (u32)strlen(world->argv[i]) + 1;
  store(world, count_at, (u32)world->argc, 4);
  store(world, bytes_at, bytes, 4);
  return 0;
}

u32 Z_wasi_snapshot_preview1Z_args_get(World* world, u32 pointers_at, u32 bytes_at) {
  for (int i = 0; i < world->argc; i++) {
    size_t size = strlen(world->argv[i]) + 1;
    store(world, pointers_at + 4 * (u32)i, bytes_at, 4);
    memcpy(world->memory->data + bytes_at, world->argv[i], size);
    bytes_at += (u32)size;
  }
  return 0;
}

u32 Z_wasi_snapshot_preview1Z_environ_sizes_get(World* world, u32 count_at, u32 bytes_at) {
  store(world, count_at, 0, 4);
  store(world, bytes_at, 0, 4);
  return 0;
}

u32 Z_wasi_snapshot_preview1Z_environ_get(World* world, u32 pointers_at, u32 bytes_at) {
  (void)world, (void)pointers_at, (void)bytes_at;
  return 0;
}

u32 Z_wasi_snapshot_preview1Z_clock_time_get(World* world, u32 clock, u64 precision, u32 time_at) {
  (void)precision;
  struct timespec now;
  if (clock_gettime(clock == 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC, &now) != 0) return kErrnoInval;
  store(world, time_at, (u64)now.tv_sec * 1000000000u + (u64)now.tv_nsec, 8);
  return 0;
}

u32 Z_wasi_snapshot_preview1Z_fd_write(World* world, u32 fd, u32 parts_at, u32 count, u32 size_at) {
  if (fd != 1 && fd != 2) return kErrnoBadf;
  u32 total = 0;
  for (u32 i = 0; i < count; i++) {
    u32 at = load(world, parts_at + 8 * i), size = load(world, parts_at + 8 * i + 4);
    while (size > 0) {
      ssize_t written = write((int)fd, world->memory->data + at, size);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return kErrnoIo;
      at += (u32)written, size -= (u32)written, total += (u32)written;
    }
  }
  store(world, size_at, total, 4);
  return 0;
}

// A character device with all rights, as a terminal or a log is.
u32 Z_wasi_snapshot_preview1Z_fd_fdstat_get(World* world, u32 fd, u32 stat_at) {
  if (fd > 2) return kErrnoBadf;
  memset(world->memory->data + stat_at, 0, 24);
  store(world, stat_at, 2, 1);
  store(world, stat_at + 8, UINT64_MAX, 8);
  store(world, stat_at + 16, UINT64_MAX, 8);
  return 0;
}

u32 Z_wasi_snapshot_preview1Z_fd_seek(World* world, u32 fd, u64 offset, u32 whence, u32 at) {
  (void)world, (void)offset, (void)whence, (void)at;
  return fd > 2 ? kErrnoBadf : kErrnoSpipe;
}

u32 Z_wasi_snapshot_preview1Z_fd_close(World* world, u32 fd) {
  (void)world;
  return fd > 2 ? kErrnoBadf : 0;
}

void Z_wasi_snapshot_preview1Z_proc_exit(World* world, u32 code) {
  (void)world;
  exit((int)code);
}

int main(int argc, char** argv) {
  static Z_kernel_instance_t instance;
  static World world;
  wasm_rt_init();
  wasm_rt_trap_t trap = wasm_rt_impl_try();
  if (trap != WASM_RT_TRAP_NONE) {
    fprintf(stderr, "trap: %s\n", wasm_rt_strerror(trap));
    return 134;
  }
  world.argc = argc;
  world.argv = argv;
  Z_kernel_init_module();
  Z_kernel_instantiate(&instance, &world);
  world.memory = Z_kernelZ_memory(&instance);
  Z_kernelZ__start(&instance);
  return 0;
}
