// A package: the directory that a packed function runs from, with the host, the compiled function,
// its manifest and its files. `wherry.package.json` in it says what it was packed for and which
// files belong to it, with their checksums: the host checks them before it runs anything, but for
// itself. Like an artifact's checksum they find damage and mixed-up files, not malice.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace wherry::pack {

inline constexpr char kPackageFile[] = "wherry.package.json";
inline constexpr char kPackagedModule[] = "function.wherry";
inline constexpr char kPackagedManifest[] = "wherry.toml";
inline constexpr uint64_t kMaxPackagedFileBytes = 1ull << 30;

struct PackageFile {
  std::string path;  // in the package, with `/`
  uint64_t bytes = 0;
  std::string checksum;  // XXH3 of 64 bits, in hexadecimal
};

struct PackageList {
  std::string target;  // `lambda` and so on
  std::vector<PackageFile> files;
};

PackageFile describe_file(const std::string& path, Bytes contents);

// The text of kPackageFile.
std::string write_package_list(const PackageList& list);
// kInvalid if it is none, cut short or changed. `name` is for messages.
Result<PackageList> parse_package_list(std::string_view text, const std::string& name);

// What the directory's list says, if it has one; kInvalid if a file of it is missing or another
// than was packed.
Result<std::optional<PackageList>> open_package(const std::string& directory);

}  // namespace wherry::pack
