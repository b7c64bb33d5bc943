// Types exceptions: throw, try_table, and the try, catch, delegate and rethrow of before 3.0.
#include "wasm/function_validator.h"

namespace wherry::wasm {

Status FunctionValidator::check_throw(const Instruction& in) {
  TRY(pop(tag_params(in.index)));
  set_unreachable();
  return ok_status();
}

Status FunctionValidator::check_throw_ref() {
  TRY(pop(kExnRef));
  set_unreachable();
  return ok_status();
}

Status FunctionValidator::check_try_table(const Instruction& in) {
  TRY(pop(params(in.block)));
  for (const CatchClause& clause : in.catches) TRY(check_clause(clause));
  return push_frame(in.op, in.block);
}

// Its label gets the tag's values and, where the clause asks for it, the exception.
Status FunctionValidator::check_clause(const CatchClause& clause) {
  std::vector<ValueType> given;
  if (clause.has_tag()) {
    TRY(check_index(clause.tag, module_.tags.size(), "tag"));
    const Types values = tag_params(clause.tag);
    given.assign(values.begin(), values.end());
  }
  if (clause.has_ref()) given.push_back(ref(kHeapExn, false));
  TRY(check_label(clause.label));
  const Types taken = label_types(label(clause.label));
  if (all_match(given, taken)) return ok_status();
  const auto list = [](Types types) {
    std::string out;
    for (const ValueType& type : types) out += (out.empty() ? "" : " ") + name_of(type);
    return "(" + out + ")";
  };
  return mismatch(fmt::format("a label that takes {}", list(given)),
                  fmt::format("label {} with {}", clause.label, list(taken)));
}

Status FunctionValidator::check_catch(const Instruction& in) {
  const Opcode open = frames_.back().op;
  if (open != Opcode::try_ && open != Opcode::catch_) {
    return invalid("END opcode expected",
                   fmt::format("{} follows {}", text_of(in.op), text_of(open)));
  }
  const Frame frame = TRY(pop_frame());
  TRY(push_frame(in.op, frame.type));
  operands_.resize(frames_.back().height);
  if (in.op == Opcode::catch_) push(tag_params(in.index));
  return ok_status();
}

// Ends a try without catch clauses.
Status FunctionValidator::check_delegate(const Instruction& in) {
  if (frames_.back().op != Opcode::try_) {
    return invalid("END opcode expected",
                   fmt::format("delegate follows {}", text_of(frames_.back().op)));
  }
  const Frame frame = TRY(pop_frame());
  TRY(check_label(in.index));
  push(results(frame.type));
  return ok_status();
}

Status FunctionValidator::check_rethrow(const Instruction& in) {
  const Opcode target = label(in.index).op;
  if (target != Opcode::catch_ && target != Opcode::catch_all) {
    return invalid("invalid rethrow label",
                   fmt::format("label {} is a {}, not a catch", in.index, text_of(target)));
  }
  set_unreachable();
  return ok_status();
}

}  // namespace wherry::wasm
