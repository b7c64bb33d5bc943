// Solves sudokus by backtracking with sets of candidates, the most constrained cell first.
#include "kernel.h"

enum { kSide = 9, kCells = 81 };

typedef struct {
  uint8_t cells[kCells];  // 0: empty
  uint16_t rows[kSide], columns[kSide], boxes[kSide];
  uint32_t steps;
} Grid;

static int box_of(int cell) { return cell / 27 * 3 + cell % 9 / 3; }

static int bits_in(uint32_t set) {
  int count = 0;
  for (; set != 0; set &= set - 1) count++;
  return count;
}

static void flip(Grid* grid, int cell, uint16_t bit) {
  grid->rows[cell / 9] ^= bit;
  grid->columns[cell % 9] ^= bit;
  grid->boxes[box_of(cell)] ^= bit;
}

static uint32_t candidates(const Grid* grid, int cell) {
  return 0x1ff &
         ~(uint32_t)(grid->rows[cell / 9] | grid->columns[cell % 9] | grid->boxes[box_of(cell)]);
}

static bool solve(Grid* grid) {
  int best = -1, fewest = 10;
  for (int cell = 0; cell < kCells && fewest > 1; cell++) {
    if (grid->cells[cell] != 0) continue;
    int count = bits_in(candidates(grid, cell));
    if (count < fewest) {
      fewest = count;
      best = cell;
    }
  }
  if (best < 0) return true;
  grid->steps++;
  for (uint32_t set = candidates(grid, best); set != 0; set &= set - 1) {
    uint16_t bit = (uint16_t)(set & -set);
    grid->cells[best] = (uint8_t)(1 + bits_in(bit - 1u));
    flip(grid, best, bit);
    if (solve(grid)) return true;
    flip(grid, best, bit);
  }
  grid->cells[best] = 0;
  return false;
}

static void read_puzzle(Grid* grid, const char* text) {
  memset(grid, 0, sizeof(*grid));
  for (int cell = 0; cell < kCells; cell++) {
    if (text[cell] == '.') continue;
    grid->cells[cell] = (uint8_t)(text[cell] - '0');
    flip(grid, cell, (uint16_t)(1u << (grid->cells[cell] - 1)));
  }
}

// The same puzzle with digits renamed, and turned over.
static void disguise(Random* random, const char* from, char* to) {
  char names[] = "123456789";
  for (uint32_t i = 8; i > 0; i--) {
    uint32_t j = random_below(random, i + 1);
    char kept = names[i];
    names[i] = names[j];
    names[j] = kept;
  }
  bool turned = random_below(random, 2);
  for (int cell = 0; cell < kCells; cell++) {
    char c = from[turned ? cell % 9 * 9 + cell / 9 : cell];
    to[cell] = c == '.' ? '.' : names[c - '1'];
  }
}

int main(int argc, char** argv) {
  static const char* const kPuzzles[] = {
      "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79",
      "8..........36......7..9.2...5...7.......457.....1...3...1....68..85...1..9....4..",
      "..............3.85..1.2.......5.7.....4...1...9.......5......73..2.1........4...9",
      "4.....8.5.3..........7......2.....6.....8.4......1.......6.3.7.5..2.....1.4......"};
  uint32_t rounds = kernel_rounds(argc, argv, 220);
  Random random = {47};
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    char text[kCells];
    Grid grid;
    disguise(&random, kPuzzles[round % 4], text);
    read_puzzle(&grid, text);
    sum = checksum_u64(sum, solve(&grid));
    sum = checksum_bytes(sum + grid.steps, grid.cells, sizeof(grid.cells));
  }
  return kernel_finish(sum);
}
