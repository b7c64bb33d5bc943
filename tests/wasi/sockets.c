// sock_accept, sock_recv, sock_send, sock_shutdown, proc_raise: there are no sockets and no
// signals.
#include "raw.h"

int main(void) {
  make_file("f", "");
  uint8_t byte;
  __wasi_iovec_t into = {&byte, 1};
  __wasi_ciovec_t from = {&byte, 1};
  __wasi_size_t count;
  __wasi_roflags_t flags;
  __wasi_fd_t accepted;
  __wasi_fd_t open[] = {0, 1, 2, kData, open_in(kData, "f", 0, READ)};
  for (int i = 0; i < 5; i++) {
    FAILS(__wasi_sock_accept(open[i], 0, &accepted), NOTSOCK);
    FAILS(__wasi_sock_recv(open[i], &into, 1, 0, &count, &flags), NOTSOCK);
    FAILS(__wasi_sock_send(open[i], &from, 1, 0, &count), NOTSOCK);
    FAILS(__wasi_sock_shutdown(open[i], __WASI_SDFLAGS_RD), NOTSOCK);
  }
  FAILS(__wasi_sock_accept(kAbsent, 0, &accepted), BADF);
  FAILS(__wasi_sock_recv(kAbsent, &into, 1, 0, &count, &flags), BADF);
  FAILS(__wasi_sock_send(kAbsent, &from, 1, 0, &count), BADF);
  FAILS(__wasi_sock_shutdown(kAbsent, __WASI_SDFLAGS_RD), BADF);
  // The C library of today no longer declares it, older programs import it.
  extern int32_t raise_signal(int32_t)
      __attribute__((import_module("wasi_snapshot_preview1"), import_name("proc_raise")));
  FAILS(raise_signal(6), NOTSUP);
  return 0;
}
