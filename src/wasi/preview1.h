// The table of preview 1 functions: names, types, implementations.
#pragma once

#include <string_view>

#include "runtime/host_function.h"
#include "wasi/call.h"

namespace wherry::wasi {

struct Preview1Function {
  std::string_view name;
  // One letter a value, `i` for i32 and `I` for i64; after the colon the result.
  std::string_view signature;
  runtime::HostOutcome (*function)(const runtime::HostCall& call);
  Errno (*implementation)(Call& call);  // null for proc_exit, which does not return
};

// Null if there is none of that name.
const Preview1Function* find_preview1(std::string_view name);

wasm::FuncType type_of(const Preview1Function& function);

}  // namespace wherry::wasi
