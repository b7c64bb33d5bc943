// A least-recently-used cache: a doubly linked list through entries that hash buckets chain.
#include "kernel.h"

enum { kCapacity = 2048, kBuckets = 1024 };

typedef struct Entry {
  struct Entry *newer, *older, *chained;
  uint32_t key, value;
} Entry;

typedef struct {
  Entry entries[kCapacity];
  Entry* buckets[kBuckets];
  Entry *newest, *oldest;
  uint32_t used;
} Cache;

static Entry** bucket_of(Cache* cache, uint32_t key) {
  return &cache->buckets[(key * 2654435769u) >> 22];
}

static void unlink_entry(Cache* cache, Entry* entry) {
  *(entry->newer != NULL ? &entry->newer->older : &cache->newest) = entry->older;
  *(entry->older != NULL ? &entry->older->newer : &cache->oldest) = entry->newer;
}

static void link_newest(Cache* cache, Entry* entry) {
  entry->newer = NULL;
  entry->older = cache->newest;
  *(cache->newest != NULL ? &cache->newest->newer : &cache->oldest) = entry;
  cache->newest = entry;
}

static Entry* find(Cache* cache, uint32_t key) {
  Entry* entry = *bucket_of(cache, key);
  while (entry != NULL && entry->key != key) entry = entry->chained;
  return entry;
}

static void forget(Cache* cache, Entry* entry) {
  Entry** link = bucket_of(cache, entry->key);
  while (*link != entry) link = &(*link)->chained;
  *link = entry->chained;
  unlink_entry(cache, entry);
}

static void put(Cache* cache, uint32_t key, uint32_t value) {
  Entry* entry;
  if (cache->used < kCapacity) {
    entry = &cache->entries[cache->used++];
  } else {
    entry = cache->oldest;
    forget(cache, entry);
  }
  Entry** bucket = bucket_of(cache, key);
  entry->key = key;
  entry->value = value;
  entry->chained = *bucket;
  *bucket = entry;
  link_newest(cache, entry);
}

static uint32_t compute(uint32_t key) {
  for (int i = 0; i < 8; i++) key = key * 1664525u + 1013904223u;
  return key;
}

int main(int argc, char** argv) {
  static Cache cache;
  uint32_t rounds = kernel_rounds(argc, argv, 550);
  Random random = {24};
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    uint32_t hits = 0;
    for (int i = 0; i < 30000; i++) {
      // Small keys are asked for more often.
      uint32_t key = random_below(&random, 1 + random_below(&random, 8000));
      Entry* entry = find(&cache, key);
      if (entry != NULL) {
        hits++;
        unlink_entry(&cache, entry);
        link_newest(&cache, entry);
        sum += entry->value;
      } else {
        put(&cache, key, compute(key));
      }
    }
    sum = checksum_u64(sum, hits);
    for (const Entry* entry = cache.newest; entry != NULL; entry = entry->older) {
      sum = checksum_u64(sum, entry->key);
    }
  }
  return kernel_finish(sum);
}
