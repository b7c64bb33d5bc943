// Waits without end, in the way its argument says; only a time limit ends it.
#include <fcntl.h>
#include <unistd.h>

#include "check.h"

static char many[65536];

int main(int argc, char** argv) {
  CHECK(argc == 2);
  char byte;
  for (;;) {
    if (strcmp(argv[1], "sleep") == 0) sleep(1000);
    if (strcmp(argv[1], "read") == 0) CHECK(read(0, &byte, 1) != 0);
    if (strcmp(argv[1], "poll") == 0) usleep(1);
    if (strcmp(argv[1], "write") == 0) CHECK(write(1, many, sizeof many) != 0);
    if (strcmp(argv[1], "open") == 0) CHECK(open("/data/fifo", O_RDONLY) == -1);
  }
}
