// Adds up sales: tests/guests/README.md says what every language's `sales` does.
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kFields = 5, kNameWidth = 24 };

struct sum {
  char* name;
  uint64_t units, cents;
};
struct sums {
  struct sum* all;
  size_t count, capacity;
};

static struct sums products, regions;
static uint64_t sales, bad_lines, total_cents, total_units;
static char first_date[11] = "9999-99-99", last_date[11] = "0000-00-00";

static void* must(void* pointer) {
  if (pointer == NULL) {
    perror("sales");
    exit(1);
  }
  return pointer;
}

static void fail(const char* path) {
  fprintf(stderr, "%s: %s\n", path, strerror(errno));
  exit(1);
}

static void add(struct sums* sums, const char* name, uint64_t units, uint64_t cents) {
  size_t i = 0;
  while (i < sums->count && strcmp(sums->all[i].name, name) != 0) i++;
  if (i == sums->count) {
    if (sums->count == sums->capacity) {
      sums->capacity = sums->capacity * 2 + 4;
      sums->all = must(realloc(sums->all, sums->capacity * sizeof *sums->all));
    }
    sums->all[sums->count++] = (struct sum){must(strdup(name)), 0, 0};
  }
  sums->all[i].units += units;
  sums->all[i].cents += cents;
}

static int by_revenue(const void* left, const void* right) {
  const struct sum *a = left, *b = right;
  if (a->cents != b->cents) return a->cents > b->cents ? -1 : 1;
  return strcmp(a->name, b->name);
}

static int by_name(const void* left, const void* right) {
  return strcmp(((const struct sum*)left)->name, ((const struct sum*)right)->name);
}

// Splits a line in place and takes the quotes off; the number of fields, whether stored or not.
static size_t split(char* line, char* fields[kFields]) {
  size_t count = 0;
  for (char* from = line;;) {
    char *to = from, *field = from;
    if (*from == '"') {
      for (from++; *from != '\0'; from++) {
        if (*from == '"' && *++from != '"') break;
        *to++ = *from;
      }
    }
    while (*from != ',' && *from != '\0') *to++ = *from++;
    int last = *from++ == '\0';
    *to = '\0';
    if (count < kFields) fields[count] = field;
    count++;
    if (last) return count;
  }
}

static int digits(const char* text, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (text[i] < '0' || text[i] > '9') return 0;
  }
  return length > 0 && length < 10;
}

static int is_date(const char* text) {
  return strlen(text) == 10 && digits(text, 4) && text[4] == '-' && digits(text + 5, 2) &&
         text[7] == '-' && digits(text + 8, 2);
}

// "12" or "12.50" in cents, or -1.
static int64_t cents_of(const char* text) {
  size_t whole = strcspn(text, ".");
  if (!digits(text, whole)) return -1;
  int64_t cents = strtoll(text, NULL, 10) * 100;
  if (text[whole] == '\0') return cents;
  if (strlen(text + whole) != 3 || !digits(text + whole + 1, 2)) return -1;
  return cents + strtoll(text + whole + 1, NULL, 10);
}

static void bad(const char* file, int number, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "%s:%d: ", file, number);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  bad_lines++;
}

static void take_line(const char* file, int number, char* line) {
  char* fields[kFields];
  line[strcspn(line, "\r\n")] = '\0';
  if (number == 1 || *line == '\0') return;
  size_t count = split(line, fields);
  if (count != kFields) {
    bad(file, number, "has %zu fields, not 5", count);
    return;
  }
  int64_t cents = cents_of(fields[4]);
  if (!is_date(fields[0])) {
    bad(file, number, "bad date \"%s\"", fields[0]);
  } else if (!digits(fields[3], strlen(fields[3]))) {
    bad(file, number, "bad units \"%s\"", fields[3]);
  } else if (cents < 0) {
    bad(file, number, "bad price \"%s\"", fields[4]);
  } else {
    uint64_t units = strtoull(fields[3], NULL, 10), revenue = units * (uint64_t)cents;
    add(&products, fields[2], units, revenue);
    add(&regions, fields[1], units, revenue);
    sales++;
    total_units += units;
    total_cents += revenue;
    if (strcmp(fields[0], first_date) < 0) strcpy(first_date, fields[0]);
    if (strcmp(fields[0], last_date) > 0) strcpy(last_date, fields[0]);
  }
}

static void take_stream(const char* name, FILE* stream) {
  char* line = NULL;
  size_t capacity = 0;
  for (int number = 1; getline(&line, &capacity, stream) >= 0; number++) {
    take_line(name, number, line);
  }
  free(line);
}

static void take_text(const char* name, char* text) {
  for (int number = 1; *text != '\0'; number++) {
    char* end = text + strcspn(text, "\n");
    char* next = *end == '\0' ? end : end + 1;
    *end = '\0';
    take_line(name, number, text);
    text = next;
  }
}

static int names_in_order(const void* left, const void* right) {
  return strcmp(*(char* const*)left, *(char* const*)right);
}

static size_t take_directory(const char* path) {
  DIR* directory = opendir(path);
  if (directory == NULL) fail(path);
  char** names = NULL;
  size_t count = 0;
  for (struct dirent* entry; (entry = readdir(directory)) != NULL;) {
    size_t length = strlen(entry->d_name);
    if (length < 4 || strcmp(entry->d_name + length - 4, ".csv") != 0) continue;
    names = must(realloc(names, (count + 1) * sizeof *names));
    names[count++] = must(strdup(entry->d_name));
  }
  closedir(directory);
  qsort(names, count, sizeof *names, names_in_order);
  for (size_t i = 0; i < count; i++) {
    char file[1024];
    snprintf(file, sizeof file, "%s/%s", path, names[i]);
    FILE* stream = fopen(file, "r");
    if (stream == NULL) fail(file);
    take_stream(names[i], stream);
    fclose(stream);
    free(names[i]);
  }
  free(names);
  return count;
}

static void print_row(const char* name, const char* units, const char* revenue, const char* share) {
  int width = 0;
  for (const char* c = name; *c != '\0'; c++) width += (*c & 0xc0) != 0x80;
  int padding = width < kNameWidth ? kNameWidth - width : 0;
  printf("%s%*s%8s%12s%8s\n", name, padding, "", units, revenue, share);
}

static void print_table(const char* title, const struct sums* sums) {
  print_row(title, "units", "revenue", "share");
  for (size_t i = 0; i < sums->count; i++) {
    const struct sum* sum = &sums->all[i];
    uint64_t tenths = (sum->cents * 1000 + total_cents / 2) / (total_cents ? total_cents : 1);
    char units[32], revenue[32], share[32];
    snprintf(units, sizeof units, "%" PRIu64, sum->units);
    snprintf(revenue, sizeof revenue, "%" PRIu64 ".%02" PRIu64, sum->cents / 100, sum->cents % 100);
    snprintf(share, sizeof share, "%" PRIu64 ".%" PRIu64 "%%", tenths / 10, tenths % 10);
    print_row(sum->name, units, revenue, share);
  }
}

static void write_string(FILE* to, const char* text) {
  fputc('"', to);
  for (const unsigned char* c = (const unsigned char*)text; *c != '\0'; c++) {
    if (*c == '"' || *c == '\\') {
      fprintf(to, "\\%c", *c);
    } else if (*c < ' ') {
      fprintf(to, "\\u%04x", *c);
    } else {
      fputc(*c, to);
    }
  }
  fputc('"', to);
}

static void write_summary(FILE* to, const char* currency) {
  fputs("{\"currency\":", to);
  write_string(to, currency);
  fprintf(to,
          ",\"sales\":%" PRIu64 ",\"bad\":%" PRIu64 ",\"revenue\":\"%" PRIu64 ".%02" PRIu64 "\"",
          sales, bad_lines, total_cents / 100, total_cents % 100);
  fputs(",\"products\":[", to);
  for (size_t i = 0; i < products.count; i++) {
    const struct sum* sum = &products.all[i];
    fputs(i == 0 ? "{\"name\":" : ",{\"name\":", to);
    write_string(to, sum->name);
    fprintf(to, ",\"units\":%" PRIu64 ",\"revenue\":\"%" PRIu64 ".%02" PRIu64 "\"}", sum->units,
            sum->cents / 100, sum->cents % 100);
  }
  fputs("]}\n", to);
}

static void put_utf8(char** to, unsigned code) {
  if (code < 0x80) {
    *(*to)++ = (char)code;
  } else if (code < 0x800) {
    *(*to)++ = (char)(0xc0 | code >> 6);
    *(*to)++ = (char)(0x80 | (code & 0x3f));
  } else {
    *(*to)++ = (char)(0xe0 | code >> 12);
    *(*to)++ = (char)(0x80 | (code >> 6 & 0x3f));
    *(*to)++ = (char)(0x80 | (code & 0x3f));
  }
}

// The string that belongs to `key` in a flat JSON object, in place, or null.
static char* string_field(char* json, const char* key) {
  char quoted[64];
  snprintf(quoted, sizeof quoted, "\"%s\"", key);
  char* from = strstr(json, quoted);
  if (from == NULL) return NULL;
  from += strlen(quoted);
  from += strspn(from, ": \t\r\n");
  if (*from++ != '"') return NULL;
  char *text = from, *to = from;
  while (*from != '"' && *from != '\0') {
    if (*from != '\\') {
      *to++ = *from++;
      continue;
    }
    char escape = from[1];
    from += 2;
    if (escape == 'u') {
      char hex[5] = {0};
      memcpy(hex, from, 4);
      put_utf8(&to, (unsigned)strtoul(hex, NULL, 16));
      from += 4;
    } else {
      *to++ = escape == 'n' ? '\n' : escape == 't' ? '\t' : escape == 'r' ? '\r' : escape;
    }
  }
  *to = '\0';
  return text;
}

static char* read_all(FILE* stream, size_t* length) {
  char* text = must(malloc(1));
  *length = 0;
  for (size_t capacity = 0, got = 1; got > 0; *length += got) {
    if (*length == capacity) text = must(realloc(text, (capacity = capacity * 2 + 4096) + 1));
    got = fread(text + *length, 1, capacity - *length, stream);
  }
  text[*length] = '\0';
  return text;
}

static int function(void) {
  size_t length;
  char* json = read_all(stdin, &length);
  char* other = must(strdup(json));
  char *csv = string_field(json, "csv"), *currency = string_field(other, "currency");
  if (csv == NULL) {
    puts("{\"error\":\"no csv\"}");
  } else {
    take_text("csv", csv);
    if (products.count > 0) qsort(products.all, products.count, sizeof *products.all, by_revenue);
    write_summary(stdout, currency ? currency : "EUR");
  }
  free(json);
  free(other);
  return 0;
}

static void write_and_read_back(const char* directory, const char* currency) {
  char path[1024], temporary[1024];
  snprintf(path, sizeof path, "%s/summary.json", directory);
  snprintf(temporary, sizeof temporary, "%s/summary.json.new", directory);
  FILE* file = fopen(temporary, "w");
  if (file == NULL) fail(temporary);
  write_summary(file, currency);
  if (fclose(file) != 0 || rename(temporary, path) != 0) fail(path);
  if ((file = fopen(path, "r")) == NULL) fail(path);
  size_t length;
  char* text = read_all(file, &length);
  fclose(file);
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3u;
  printf("%s: %zu bytes, fnv1a %016" PRIx64 "\n", path, length, hash);
  free(text);
}

int main(int argc, char** argv) {
  if (argc == 1) return function();
  if (argc != 3) {
    fputs("usage: sales INPUT-DIRECTORY OUTPUT-DIRECTORY\n", stderr);
    return 2;
  }
  size_t files = take_directory(argv[1]);
  take_stream("stdin", stdin);
  const char* currency = getenv("CURRENCY");
  if (products.count > 0) {
    qsort(products.all, products.count, sizeof *products.all, by_revenue);
    qsort(regions.all, regions.count, sizeof *regions.all, by_name);
  }
  printf("%zu files, %" PRIu64 " sales, %" PRIu64 " bad lines, %s to %s, in %s\n", files, sales,
         bad_lines, first_date, last_date, currency ? currency : "EUR");
  print_table("product", &products);
  print_table("region", &regions);
  write_and_read_back(argv[2], currency ? currency : "EUR");
  return bad_lines > 0 ? 3 : 0;
}
