// Type identities: equal for equal types, whatever the module.
//
// A type's digest is the SHA-256 of its structure: of the whole group it was defined in, with
// members named by their place and earlier types by their digests, and of its own place. Types are
// compared by the digest's first 64 bits at call_indirect; a Store compares the rest when modules
// meet (runtime/store.cc).
#include "base/sha256.h"
#include "compile/plan.h"

namespace wherry::compile {
namespace {

class Encoder {
 public:
  void number(uint32_t value) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
    out_.insert(out_.end(), bytes, bytes + sizeof(value));
  }
  void digest(const Sha256Digest& value) { out_.insert(out_.end(), value.begin(), value.end()); }
  Sha256Digest sum() const { return sha256(out_); }

 private:
  ByteVector out_;
};

Sha256Digest digest_of_group(const Plan& plan, wasm::TypeGroup group) {
  Encoder encoder;
  auto add_list = [&](const std::vector<wasm::ValueType>& list) {
    encoder.number(static_cast<uint32_t>(list.size()));
    for (wasm::ValueType type : list) {
      const bool is_member =
          type.is_concrete_ref() && static_cast<uint32_t>(type.heap) >= group.first;
      encoder.number(static_cast<uint32_t>(type.kind));
      encoder.number(type.nullable ? 1 : 0);
      encoder.number(is_member ? 1 : type.is_concrete_ref() ? 2 : 0);
      if (type.is_concrete_ref() && !is_member) {
        encoder.digest(plan.type_digests[static_cast<size_t>(type.heap)]);
      } else {
        encoder.number(static_cast<uint32_t>(type.heap) - (is_member ? group.first : 0));
      }
    }
  };
  encoder.number(group.count);
  for (uint32_t i = group.first; i < group.first + group.count; i++) {
    const wasm::FuncType& type = plan.module->types[i];
    encoder.number(type.is_final ? 1 : 0);
    add_list(type.params);
    add_list(type.results);
  }
  return encoder.sum();
}

}  // namespace

Status identify_types(Plan& plan) {
  std::map<uint64_t, uint32_t> first_with;
  for (wasm::TypeGroup group : plan.module->type_groups) {
    // A group equal to an earlier one has its digests.
    if (group.count != 0 && plan.module->canonical_type(group.first) != group.first) {
      for (uint32_t i = group.first; i < group.first + group.count; i++) {
        plan.type_digests.push_back(plan.type_digests[plan.module->canonical_type(i)]);
      }
      continue;
    }
    const Sha256Digest group_digest = digest_of_group(plan, group);
    for (uint32_t i = 0; i < group.count; i++) {
      Encoder encoder;
      encoder.digest(group_digest);
      encoder.number(i);
      plan.type_digests.push_back(encoder.sum());
    }
  }
  for (uint32_t i = 0; i < plan.type_digests.size(); i++) {
    const uint64_t id = load_le<uint64_t>(plan.type_digests[i].data());
    plan.type_ids.push_back(id);
    const uint32_t other = first_with.emplace(id, i).first->second;
    if (plan.type_digests[other] != plan.type_digests[i]) {
      return make_error(ErrorKind::kUnsupported,
                        "types {} and {} of the module have the same 64-bit identity {:016x}",
                        other, i, id);
    }
  }
  return ok_status();
}

}  // namespace wherry::compile
