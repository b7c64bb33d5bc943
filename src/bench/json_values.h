// Members of tables and suites, with the place in what is said of those that are not as they should
// be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace wherry::bench {

Error invalid(const std::string& where, std::string_view what);
Result<std::string> text_of(const std::string& where, const nlohmann::json& value);
Result<std::vector<std::string>> texts_of(const std::string& where, const nlohmann::json& value);
Result<bool> flag_of(const std::string& where, const nlohmann::json& value);

}  // namespace wherry::bench
