// C++ exceptions as clang compiles them, in the form of 3.0 and in the one before. Debian's C++
// library for wasm has none, so the few functions that code with exceptions calls are here.
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <typeinfo>

#ifdef __wasm__
__asm__(R"(
  .tagtype __cpp_exception i32
  .globl __cpp_exception
__cpp_exception:
)");

namespace {
void* current = nullptr;  // what the innermost handler has
}

extern "C" {
struct LandingContext {
  size_t index;
  void* table;
  size_t selector;
} __wasm_lpad_context;

void* __cxa_allocate_exception(size_t bytes) noexcept { return malloc(bytes); }
void __cxa_free_exception(void* object) noexcept { free(object); }
[[noreturn]] void __cxa_throw(void* object, std::type_info*, void (*)(void*)) {
  __builtin_wasm_throw(0, object);
}
void* __cxa_begin_catch(void* object) noexcept {
  current = object;
  return object;
}
void __cxa_end_catch() {
  free(current);
  current = nullptr;
}
[[noreturn]] void __cxa_rethrow() {
  void* again = current;
  current = nullptr;
  __builtin_wasm_throw(0, again);
}
int _Unwind_CallPersonality(void*) {
  __wasm_lpad_context.selector = 1;
  return 0;
}
}

namespace std {
[[noreturn]] void terminate() noexcept { abort(); }
}  // namespace std
#endif

namespace {

struct Noisy {
  const char* name;
  ~Noisy() { printf("~%s ", name); }
};

[[gnu::noinline]] void descend(int depth) {
  Noisy noisy{depth % 2 ? "odd" : "even"};
  if (depth == 0) throw 7;
  descend(depth - 1);
}

// Through a pointer, so that no optimizer knows what is called.
void (*volatile thrower)(int) = descend;

int caught = 0;
[[gnu::noinline]] void throw_two_of_three(int i) {
  if (i % 3 != 0) throw i;
}

[[gnu::noinline]] int plunge(int depth) {
  if (depth == 0) throw 1;
  int below = plunge(depth - 1);
  __asm__ volatile("");  // neither a loop nor a tail call
  return below * 3 + depth;
}

int measure(int depth) {
  int count = 0;
  for (int i = 0; i < 100'000; i++) {
    try {
      count += plunge(depth);
    } catch (...) {
      count++;
    }
  }
  printf("%d\n", count);
  return 0;
}

struct Guard {
  int* count;
  ~Guard() { ++*count; }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && strcmp(argv[1], "uncaught") == 0) descend(1);
  if (argc > 2 && strcmp(argv[1], "measure") == 0) return measure(atoi(argv[2]));
  try {
    Noisy noisy{"main"};
    descend(3);
  } catch (...) {
    printf("caught\n");
  }
  try {
    try {
      thrower(0);
    } catch (...) {
      printf("inner ");
      throw;
    }
  } catch (...) {
    printf("outer\n");
  }
  int guarded = 0;
  for (int i = 0; i < 300'000; i++) {
    try {
      Guard guard{&guarded};
      throw_two_of_three(i);
    } catch (...) {
      caught++;
    }
  }
  printf("%d caught, %d guarded\n", caught, guarded);
}
