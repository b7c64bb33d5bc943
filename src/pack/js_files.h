// The JavaScript runtime (js/), which is part of this program: packages are made without it being
// installed anywhere.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace wherry::pack {

// kNotFound if there is no such file in js/.
Result<Bytes> js_file(std::string_view path);

}  // namespace wherry::pack
