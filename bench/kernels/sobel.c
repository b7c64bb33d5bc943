// Edges of a grey picture: Sobel's operator, the size of the gradient, a histogram, a threshold.
#include "kernel.h"

enum { kWidth = 512, kHeight = 384 };

typedef uint8_t Picture[kHeight][kWidth];

static int absolute(int x) { return x < 0 ? -x : x; }

static void find_edges(Picture from, Picture to) {
  for (int y = 1; y < kHeight - 1; y++) {
    const uint8_t *above = from[y - 1], *here = from[y], *below = from[y + 1];
    for (int x = 1; x < kWidth - 1; x++) {
      int across = above[x + 1] - above[x - 1] + 2 * (here[x + 1] - here[x - 1]) + below[x + 1] -
                   below[x - 1];
      int along =
          below[x - 1] + 2 * below[x] + below[x + 1] - above[x - 1] - 2 * above[x] - above[x + 1];
      int size = (absolute(across) + absolute(along)) / 4;
      to[y][x] = (uint8_t)(size > 255 ? 255 : size);
    }
  }
}

// The value below which nine of ten pixels are.
static int threshold_of(Picture picture) {
  uint32_t histogram[256] = {0}, below = 0;
  for (int y = 0; y < kHeight; y++) {
    for (int x = 0; x < kWidth; x++) histogram[picture[y][x]]++;
  }
  int value = 0;
  while (value < 255 && (below += histogram[value]) < kWidth * kHeight / 10 * 9) value++;
  return value;
}

static uint32_t keep_edges(Picture picture, int threshold) {
  uint32_t kept = 0;
  for (int y = 0; y < kHeight; y++) {
    for (int x = 0; x < kWidth; x++) {
      bool edge = picture[y][x] >= threshold;
      picture[y][x] = edge ? 255 : 0;
      kept += edge;
    }
  }
  return kept;
}

int main(int argc, char** argv) {
  static Picture picture, edges;
  uint32_t rounds = kernel_rounds(argc, argv, 1500);
  Random random = {33};
  for (int y = 0; y < kHeight; y++) {
    for (int x = 0; x < kWidth; x++) {
      picture[y][x] = (uint8_t)(x * y / 256 + (int)random_below(&random, 16));
    }
  }
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    for (int i = 0; i < 100; i++) {
      picture[random_below(&random, kHeight)][random_below(&random, kWidth)] = (uint8_t)i;
    }
    find_edges(picture, edges);
    sum = checksum_u64(sum, keep_edges(edges, threshold_of(edges)));
    sum = checksum_bytes(sum, edges[round % kHeight], kWidth);
  }
  return kernel_finish(checksum_bytes(sum, edges, sizeof(edges)));
}
