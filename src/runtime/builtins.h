// The services of contract::Builtin, bound to an instance.
#pragma once

#include "contract/vm.h"

namespace wherry::runtime {

class Instance;

void bind_builtins(contract::VmContext& context, Instance& instance);

}  // namespace wherry::runtime
