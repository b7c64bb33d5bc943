// Counts words in a hash table with open addressing that grows: insert, find, remove with backward
// shifts.
#include "kernel.h"

enum { kWords = 8000, kLookups = 40000 };

typedef struct {
  const char* word;  // NULL: free
  uint32_t hash, count;
} Slot;

typedef struct {
  Slot* slots;
  uint32_t mask, used;
} Table;

static uint32_t hash_of(const char* word) {
  uint32_t hash = 2166136261u;
  for (; *word != '\0'; word++) hash = (hash ^ (uint8_t)*word) * 16777619u;
  return hash;
}

static Table make_table(uint32_t slots) {
  Table table = {kernel_allocate(slots * sizeof(Slot)), slots - 1, 0};
  memset(table.slots, 0, slots * sizeof(Slot));
  return table;
}

// The word's slot, or the free one where it belongs.
static Slot* find(const Table* table, const char* word, uint32_t hash) {
  for (uint32_t at = hash & table->mask;; at = (at + 1) & table->mask) {
    Slot* slot = &table->slots[at];
    if (slot->word == NULL || (slot->hash == hash && strcmp(slot->word, word) == 0)) return slot;
  }
}

static void grow(Table* table) {
  Table larger = make_table(2 * (table->mask + 1));
  for (uint32_t i = 0; i <= table->mask; i++) {
    const Slot* slot = &table->slots[i];
    if (slot->word != NULL) *find(&larger, slot->word, slot->hash) = *slot;
  }
  larger.used = table->used;
  free(table->slots);
  *table = larger;
}

static void count(Table* table, const char* word) {
  if (table->used * 4 > table->mask * 3) grow(table);
  uint32_t hash = hash_of(word);
  Slot* slot = find(table, word, hash);
  if (slot->word == NULL) {
    *slot = (Slot){word, hash, 0};
    table->used++;
  }
  slot->count++;
}

static bool discard(Table* table, const char* word) {
  Slot* slot = find(table, word, hash_of(word));
  if (slot->word == NULL) return false;
  uint32_t hole = (uint32_t)(slot - table->slots);
  for (uint32_t at = (hole + 1) & table->mask; table->slots[at].word != NULL;
       at = (at + 1) & table->mask) {
    // What would still be found from where it wants to be may move into the hole.
    uint32_t wanted = table->slots[at].hash & table->mask;
    if (((at - wanted) & table->mask) >= ((at - hole) & table->mask)) {
      table->slots[hole] = table->slots[at];
      hole = at;
    }
  }
  table->slots[hole].word = NULL;
  table->used--;
  return true;
}

int main(int argc, char** argv) {
  static char words[kWords][12];
  uint32_t rounds = kernel_rounds(argc, argv, 240);
  Random random = {14};
  for (int i = 0; i < kWords; i++) {
    uint32_t length = 3 + random_below(&random, 8);
    for (uint32_t j = 0; j < length; j++) words[i][j] = (char)('a' + random_below(&random, 26));
  }
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    Table table = make_table(16);
    for (int i = 0; i < kLookups; i++) {
      uint32_t word = random_below(&random, 1 + random_below(&random, kWords));
      if (i % 16 == 0) {
        sum += discard(&table, words[word]);
      } else {
        count(&table, words[word]);
      }
    }
    for (uint32_t i = 0; i <= table.mask; i++) {
      if (table.slots[i].word != NULL) {
        sum = checksum_u64(sum, (uint64_t)table.slots[i].hash * table.slots[i].count);
      }
    }
    free(table.slots);
  }
  return kernel_finish(sum);
}
