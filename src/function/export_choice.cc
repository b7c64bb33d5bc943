#include "function/export_choice.h"

#include <algorithm>
#include <vector>

#include "base/json.h"
#include "base/nearest.h"

namespace wherry::function {

namespace {

constexpr Allocator kAllocators[] = {
    {"wherry_alloc"}, {"cabi_realloc", true}, {"malloc"}, {"__wherry_alloc"}};

// What else compilers and bindings export.
constexpr std::string_view kOfTheRuntime[] = {
    "_initialize", "_start", "calloc", "free", "malloc", "realloc", "wherry_alloc", "wherry_free"};

const ExportedFunction* find(std::span<const ExportedFunction> exports, std::string_view name) {
  auto found = std::find_if(exports.begin(), exports.end(),
                            [&](const ExportedFunction& each) { return each.name == name; });
  return found == exports.end() ? nullptr : &*found;
}

std::vector<std::string_view> candidates_of(std::span<const ExportedFunction> exports) {
  std::vector<std::string_view> names;
  for (const ExportedFunction& each : exports) {
    if (!is_of_the_runtime(each.name)) names.push_back(each.name);
  }
  return names;
}

// `"a", "b" and "c"`, the first of many.
std::string list_of(const std::vector<std::string_view>& names) {
  constexpr size_t kMost = 10;
  const size_t shown = std::min(names.size(), kMost);
  std::string list;
  for (size_t i = 0; i < shown; i++) {
    if (i > 0) list += i + 1 == names.size() ? " and " : ", ";
    list += quoted_text(names[i]);
  }
  if (names.size() > shown) list += fmt::format(" and {} more", names.size() - shown);
  return list;
}

wasm::FuncType type_of(const Allocator& allocator) {
  return {std::vector(allocator.is_realloc ? 4 : 1, wasm::kI32), {wasm::kI32}};
}

}  // namespace

bool is_of_the_runtime(std::string_view name) {
  if (name.starts_with("__") || name.starts_with("cabi_") || name.starts_with("wizer.") ||
      name.starts_with("wizer-")) {
    return true;
  }
  return std::find(std::begin(kOfTheRuntime), std::end(kOfTheRuntime), name) !=
         std::end(kOfTheRuntime);
}

Result<ExportedFunction> choose_function(std::span<const ExportedFunction> exports,
                                         std::string_view name) {
  const std::vector<std::string_view> candidates = candidates_of(exports);
  if (name.empty()) {
    if (candidates.size() == 1) return *find(exports, candidates[0]);
    if (candidates.empty()) {
      return make_error(ErrorKind::kUnsupported, "the module exports no function to call")
          .with_hint("build a WASI command (a program with main), or export a function");
    }
    return make_error(ErrorKind::kInvalid, "the module exports {} functions, say which: {}",
                      candidates.size(), list_of(candidates));
  }
  if (const ExportedFunction* found = find(exports, name)) return *found;
  auto nearest = nearest_of(name, candidates);
  return make_error(ErrorKind::kNotFound, "the module exports no function {}{}", quoted_text(name),
                    nearest              ? fmt::format("; did you mean {}?", quoted_text(*nearest))
                    : candidates.empty() ? ""
                                         : ", it exports " + list_of(candidates));
}

Result<Allocator> choose_allocator(std::span<const ExportedFunction> exports) {
  std::string others;
  for (const Allocator& allocator : kAllocators) {
    const ExportedFunction* found = find(exports, allocator.name);
    if (found == nullptr) continue;
    const wasm::FuncType wanted = type_of(allocator);
    if (found->type.params == wanted.params && found->type.results == wanted.results) {
      return allocator;
    }
    others += fmt::format("; its {} is {}", allocator.name, wasm::name_of(found->type));
  }
  return make_error(
             ErrorKind::kInvalid,
             "the module exports no allocator, which strings and bytes need: wherry_alloc of "
             "type (i32) -> (i32), cabi_realloc of type (i32 i32 i32 i32) -> (i32), or "
             "malloc of type (i32) -> (i32){}",
             others)
      .with_hint("clang: -Wl,--export=malloc");
}

}  // namespace wherry::function
