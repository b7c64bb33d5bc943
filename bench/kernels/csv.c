// Reads CSV with quoted fields and sums it up by group.
#include "kernel.h"

enum { kFields = 5, kRows = 3000, kGroups = 64 };

typedef struct {
  char text[48];
  uint32_t bytes, hash;
} Field;

typedef struct {
  char name[48];
  uint32_t hash, rows;
  int64_t units, cents, largest;
} Group;

// Reads a row; returns what follows it.
static const char* read_row(const char* at, const char* end, Field* fields, int* count) {
  *count = 0;
  while (at < end) {
    Field* field = &fields[*count < kFields ? (*count)++ : kFields - 1];
    field->bytes = 0;
    field->hash = 2166136261u;
    bool quoted = *at == '"';
    if (quoted) at++;
    for (; at < end; at++) {
      if (quoted && *at == '"') {
        if (at + 1 < end && at[1] == '"') {
          at++;
        } else {
          quoted = false;
          continue;
        }
      } else if (!quoted && (*at == ',' || *at == '\n')) {
        break;
      }
      if (field->bytes + 1 < sizeof(field->text)) field->text[field->bytes++] = *at;
      field->hash = (field->hash ^ (uint8_t)*at) * 16777619u;
    }
    field->text[field->bytes] = '\0';
    if (at < end && *at++ == '\n') break;
  }
  return at;
}

// Digits with up to two places, as cents.
static int64_t to_cents(const Field* field) {
  int64_t cents = 0;
  int places = -1;
  bool negative = field->text[0] == '-';
  for (uint32_t i = negative; i < field->bytes && places < 2; i++) {
    char c = field->text[i];
    if (c == '.') {
      places = 0;
    } else if (c >= '0' && c <= '9') {
      cents = cents * 10 + (c - '0');
      if (places >= 0) places++;
    }
  }
  for (places = places < 0 ? 0 : places; places < 2; places++) cents *= 10;
  return negative ? -cents : cents;
}

static Group* group_of(Group* groups, int* count, const Field* name) {
  for (int i = 0; i < *count; i++) {
    if (groups[i].hash == name->hash && strcmp(groups[i].name, name->text) == 0) return &groups[i];
  }
  Group* group = &groups[*count < kGroups ? (*count)++ : kGroups - 1];
  memset(group, 0, sizeof(*group));
  group->hash = name->hash;
  memcpy(group->name, name->text, name->bytes + 1);
  return group;
}

static char* put_number(char* out, uint32_t number) {
  char digits[10];
  int count = 0;
  do digits[count++] = (char)('0' + number % 10);
  while ((number /= 10) > 0);
  while (count > 0) *out++ = digits[--count];
  return out;
}

static char* make_table(Random* random, char* out) {
  for (int row = 0; row < kRows; row++) {
    uint32_t product = random_below(random, kGroups);
    out = put_number(out, 1 + random_below(random, 12));
    *out++ = '/';
    out = put_number(out, 1 + random_below(random, 28));
    memcpy(out, ",north,\"Widget, \"\"No. ", 22);
    out = put_number(out + 22, product * product);
    memcpy(out, "\"\"\",", 4);
    out = put_number(out + 4, random_below(random, 50));
    *out++ = ',';
    if (random_below(random, 8) == 0) *out++ = '-';
    out = put_number(out, random_below(random, 2000));
    if (random_below(random, 4) > 0) {
      *out++ = '.';
      *out++ = (char)('0' + random_below(random, 10));
      *out++ = '5';
    }
    *out++ = '\n';
  }
  return out;
}

int main(int argc, char** argv) {
  static char table[kRows * 64];
  static Group groups[kGroups];
  uint32_t rounds = kernel_rounds(argc, argv, 1100);
  Random random = {19};
  uint64_t sum = 0;
  const char* end = make_table(&random, table);
  for (uint32_t round = 0; round < rounds; round++) {
    int count = 0, bad = 0;
    for (const char* at = table; at < end;) {
      Field fields[kFields];
      int read = 0;
      at = read_row(at, end, fields, &read);
      if (read != kFields) {
        bad++;
        continue;
      }
      Group* group = group_of(groups, &count, &fields[2]);
      int64_t units = to_cents(&fields[3]) / 100, cents = to_cents(&fields[4]) * units;
      group->rows++;
      group->units += units;
      group->cents += cents;
      if (cents > group->largest) group->largest = cents;
    }
    for (int i = 0; i < count; i++) {
      sum = checksum_u64(sum, (uint64_t)(groups[i].cents + groups[i].largest * 7) + groups[i].rows);
    }
    sum += (uint64_t)bad;
    table[random_below(&random, (uint32_t)(end - table) - 1)] = '7';
  }
  return kernel_finish(sum);
}
