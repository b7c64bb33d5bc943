// Shortest paths in a road network (a graph in compressed rows) by Dijkstra with a binary heap
// whose entries can be lowered.
#include "kernel.h"

enum { kSide = 96, kNodes = kSide * kSide, kMaxEdges = kNodes * 5 };

static uint32_t start[kNodes + 1], target[kMaxEdges], weight[kMaxEdges];
static uint32_t distance[kNodes], heap[kNodes], place[kNodes], heap_size;

static void put_at(uint32_t at, uint32_t node) {
  heap[at] = node;
  place[node] = at;
}

static void sift_up(uint32_t at) {
  uint32_t node = heap[at];
  while (at > 0 && distance[heap[(at - 1) / 2]] > distance[node]) {
    put_at(at, heap[(at - 1) / 2]);
    at = (at - 1) / 2;
  }
  put_at(at, node);
}

static uint32_t take_nearest(void) {
  uint32_t nearest = heap[0], last = heap[--heap_size], at = 0;
  for (uint32_t child = 1; child < heap_size; child = 2 * at + 1) {
    if (child + 1 < heap_size && distance[heap[child + 1]] < distance[heap[child]]) child++;
    if (distance[heap[child]] >= distance[last]) break;
    put_at(at, heap[child]);
    at = child;
  }
  put_at(at, last);
  return nearest;
}

static void find_paths(uint32_t from) {
  for (uint32_t i = 0; i < kNodes; i++) {
    distance[i] = UINT32_MAX;
    place[i] = UINT32_MAX;
  }
  distance[from] = 0;
  heap_size = 1;
  put_at(0, from);
  while (heap_size > 0) {
    uint32_t node = take_nearest();
    for (uint32_t i = start[node]; i < start[node + 1]; i++) {
      uint32_t to = target[i], length = distance[node] + weight[i];
      if (length >= distance[to]) continue;
      distance[to] = length;
      if (place[to] == UINT32_MAX) {
        heap[heap_size] = to;
        sift_up(heap_size++);
      } else {
        sift_up(place[to]);
      }
    }
  }
}

static void make_graph(Random* random) {
  uint32_t edges = 0;
  for (uint32_t node = 0; node < kNodes; node++) {
    uint32_t x = node % kSide, y = node / kSide;
    const uint32_t neighbours[4] = {x > 0 ? node - 1 : node, x + 1 < kSide ? node + 1 : node,
                                    y > 0 ? node - kSide : node,
                                    y + 1 < kSide ? node + kSide : node};
    start[node] = edges;
    for (int i = 0; i < 4; i++) {
      if (neighbours[i] == node || random_below(random, 8) == 0) continue;
      target[edges] = neighbours[i];
      weight[edges++] = 1 + random_below(random, 1000);
    }
    if (random_below(random, 10) == 0) {  // a motorway
      target[edges] = random_below(random, kNodes);
      weight[edges++] = 2000 + random_below(random, 4000);
    }
  }
  start[kNodes] = edges;
}

int main(int argc, char** argv) {
  uint32_t rounds = kernel_rounds(argc, argv, 520);
  Random random = {45};
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    if (round % 32 == 0) make_graph(&random);
    find_paths(random_below(&random, kNodes));
    for (uint32_t i = 0; i < kNodes; i++) sum = checksum_u64(sum, distance[i]);
  }
  return kernel_finish(sum);
}
