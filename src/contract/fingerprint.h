// The engine fingerprint: equal only between builds whose compiled code and runtime fit together.
#pragma once

#include <cstdint>

#include "contract/layout.h"
#include "contract/trap_code.h"
#include "contract/vm.h"

namespace wherry::contract {

// Raise it with every change of meaning that the sizes below do not show: calling conventions, trap
// encoding, what a builtin's slots hold, how type identities are computed.
inline constexpr uint64_t kContractRevision = 3;

constexpr uint64_t engine_fingerprint() {
  constexpr LayoutCounts kProbe{3, 5, 7, 11, 13, 17, 19, 23};
  constexpr Layout layout = compute_layout(kProbe);
  const uint64_t facts[] = {
      kContractRevision,
      kMemoryReservedBytes,
      kPreGuardBytes,
      kGuardBytes,
      kMaxMemoryPages,
      kMaxUncheckedOffset,
      sizeof(FuncRef),
      sizeof(HostBinding),
      sizeof(VmContext),
      kBuiltinCount,
      offsetof(VmContext, memory0),
      offsetof(VmContext, tail_arguments),
      static_cast<uint64_t>(layout.func_refs),
      static_cast<uint64_t>(layout.globals),
      static_cast<uint64_t>(layout.imported_globals),
      static_cast<uint64_t>(layout.tables),
      static_cast<uint64_t>(layout.imported_tables),
      static_cast<uint64_t>(layout.memories),
      static_cast<uint64_t>(layout.tags),
      static_cast<uint64_t>(layout.imported_tags),
      sizeof(VmException),
      static_cast<uint64_t>(TrapCode::kUncaughtException),
  };
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a over the facts' bytes
  for (uint64_t fact : facts) {
    for (int byte = 0; byte < 8; byte++) {
      hash = (hash ^ ((fact >> (8 * byte)) & 0xff)) * 0x100000001b3;
    }
  }
  return hash;
}

}  // namespace wherry::contract
