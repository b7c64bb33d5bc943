// All ways to put queens on a board: with sets of bits, and with arrays of flags.
#include "kernel.h"

enum { kMost = 16 };

static uint32_t count_by_bits(uint32_t all, uint32_t columns, uint32_t left, uint32_t right) {
  if (columns == all) return 1;
  uint32_t count = 0;
  for (uint32_t open = all & ~(columns | left | right); open != 0; open &= open - 1) {
    uint32_t bit = open & -open;
    count += count_by_bits(all, columns | bit, (left | bit) << 1, (right | bit) >> 1);
  }
  return count;
}

typedef struct {
  int size;
  bool columns[kMost], rising[2 * kMost], falling[2 * kMost];
  uint8_t queens[kMost];
  uint64_t sum;
} Board;

static uint32_t place(Board* board, int row) {
  if (row == board->size) {
    board->sum = checksum_bytes(board->sum, board->queens, (size_t)board->size);
    return 1;
  }
  uint32_t count = 0;
  for (int column = 0; column < board->size; column++) {
    bool* rising = &board->rising[row + column];
    bool* falling = &board->falling[row - column + board->size];
    if (board->columns[column] || *rising || *falling) continue;
    board->columns[column] = *rising = *falling = true;
    board->queens[row] = (uint8_t)column;
    count += place(board, row + 1);
    board->columns[column] = *rising = *falling = false;
  }
  return count;
}

int main(int argc, char** argv) {
  uint32_t rounds = kernel_rounds(argc, argv, 2500);
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    int size = 7 + (int)(round % 3);
    uint32_t all = (1u << (size + 1)) - 1;
    sum = checksum_u64(sum, count_by_bits(all, round % 2, 0, 0));
    Board board = {.size = size, .sum = sum};
    sum += place(&board, 0);
    sum = checksum_u64(sum, board.sum);
  }
  return kernel_finish(sum);
}
