// Small modules for tests of the compiler, built from the opcode table rather than from text.
#pragma once

#include <initializer_list>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "wasm/opcodes.h"
#include "wasm/types.h"

namespace wherry::test {

ByteVector operator+(ByteVector left, const ByteVector& right);
ByteVector leb(uint64_t value);
ByteVector text(std::string_view name);
ByteVector section(uint8_t id, const ByteVector& content);
ByteVector module_of(std::initializer_list<ByteVector> sections);
// A vector (in the binary format's sense) of items.
ByteVector list(std::initializer_list<ByteVector> items);
ByteVector function_type(const wasm::FuncType& type);
// A function body without locals of its own; `end` is added.
ByteVector body(const ByteVector& code);
// Opcode and prefix.
ByteVector opcode(std::string_view name);

// Of an instruction, as the opcode table says them.
wasm::FuncType signature_of(wasm::Opcode op);

// A module with a page of memory that exports a function for each of these instructions, under the
// instruction's name.
ByteVector instructions_module(const std::vector<wasm::Opcode>& instructions);

// A module that exports a function `f` which is the instruction of this name, applied to the
// function's parameters; immediates are as simple as can be. Empty for an unknown name.
ByteVector instruction_module(std::string_view name);

}  // namespace wherry::test
