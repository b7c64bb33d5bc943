// Simulates a shop with queues by events, which a pairing heap orders by time.
#include "kernel.h"

enum { kServers = 12, kEvents = 4096 };

typedef struct Event {
  uint64_t time;
  uint32_t order;     // of equal times, the earlier made is first
  uint32_t customer;  // 0: an arrival
  uint32_t server;
  struct Event *child, *sibling;
} Event;

typedef struct {
  Event* root;
  Event* free;
  uint32_t made;
  Event events[kEvents];
} Queue;

static bool before(const Event* x, const Event* y) {
  return x->time != y->time ? x->time < y->time : x->order < y->order;
}

static Event* meld(Event* x, Event* y) {
  if (x == NULL) return y;
  if (y == NULL) return x;
  if (before(y, x)) {
    Event* kept = x;
    x = y;
    y = kept;
  }
  y->sibling = x->child;
  x->child = y;
  return x;
}

static void schedule(Queue* queue, uint64_t time, uint32_t customer, uint32_t server) {
  Event* event = queue->free;
  if (event == NULL) exit(1);
  queue->free = event->sibling;
  *event = (Event){time, queue->made++, customer, server, NULL, NULL};
  queue->root = meld(queue->root, event);
}

static Event* take_first(Queue* queue) {
  Event *first = queue->root, *pairs = NULL, *rest = first->child;
  // In pairs from left to right, then those from right to left.
  while (rest != NULL) {
    Event *x = rest, *y = rest->sibling;
    rest = y != NULL ? y->sibling : NULL;
    x->sibling = NULL;
    if (y != NULL) y->sibling = NULL;
    Event* pair = meld(x, y);
    pair->sibling = pairs;
    pairs = pair;
  }
  Event* root = NULL;
  while (pairs != NULL) {
    Event* next = pairs->sibling;
    pairs->sibling = NULL;
    root = meld(root, pairs);
    pairs = next;
  }
  queue->root = root;
  first->sibling = queue->free;
  queue->free = first;
  return first;
}

static uint64_t simulate(Queue* queue, Random* random, uint32_t customers) {
  uint32_t waiting[kServers] = {0}, served = 0, next = 1;
  uint64_t sum = 0, now = 0;
  queue->root = NULL;
  queue->free = NULL;
  for (int i = kEvents; i-- > 0;) {
    queue->events[i].sibling = queue->free;
    queue->free = &queue->events[i];
  }
  for (int i = 0; i < 1000; i++) schedule(queue, random_below(random, 100000), 0, 0);
  while (served < customers && queue->root != NULL) {
    Event event = *take_first(queue);
    now = event.time;
    if (event.customer == 0) {
      uint32_t shortest = random_below(random, kServers);
      for (uint32_t i = 0; i < kServers; i++) {
        if (waiting[i] < waiting[shortest]) shortest = i;
      }
      uint64_t delay = 50 + (uint64_t)waiting[shortest]++ * 100 + random_below(random, 200);
      schedule(queue, now + delay, next++, shortest);
      schedule(queue, now + 1 + random_below(random, 8000), 0, 0);
    } else {
      waiting[event.server]--;
      served++;
      sum = checksum_u64(sum, now * event.customer + event.server);
    }
    if (queue->made % 4 == 0 && waiting[0] > 300) break;
  }
  return checksum_u64(sum, now);
}

int main(int argc, char** argv) {
  static Queue queue;
  uint32_t rounds = kernel_rounds(argc, argv, 410);
  Random random = {26};
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    sum = checksum_u64(sum, simulate(&queue, &random, 5000));
  }
  return kernel_finish(sum);
}
