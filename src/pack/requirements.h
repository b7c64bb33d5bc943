// What a function needs, against what a platform has.
#pragma once

#include "pack/packer.h"
#include "wasm/module.h"

namespace wherry::pack {

// kUnsupported, with a way out.
Status check_platform_has(const TargetInfo& info, const FunctionToPack& function,
                          const wasm::Module& module);

// kLimit. `packed_bytes`: as it is sent to the platform; `unpacked_bytes`: as it lies there.
Status check_package_size(const TargetInfo& info, uint64_t packed_bytes, uint64_t unpacked_bytes);

}  // namespace wherry::pack
