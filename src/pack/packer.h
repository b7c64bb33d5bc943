// A function to a package for one of the targets: files in memory, the same for the same function.
#pragma once

#include <string>
#include <vector>

#include "function/manifest.h"
#include "pack/archives.h"
#include "pack/targets.h"

namespace wherry::pack {

// What is packed. The manifest is the function's as its author wrote it; the packer says where
// module, directories and secrets are in the package.
struct FunctionToPack {
  function::FunctionManifest manifest;
  function::Abi abi;
  ByteVector module;                      // WebAssembly
  ByteVector artifact;                    // compiled
  ByteVector host;                        // the program, without symbols
  std::vector<std::vector<Entry>> files;  // of each of the manifest's directories
};

struct Package {
  // One without a path: a file; else the files of a directory.
  std::vector<Entry> entries;
  // What is in a zip, or the directory; nothing of an image.
  std::vector<Entry> contents;
  uint64_t unpacked_bytes = 0;  // of what is in an archive
  std::string next;             // what to type on the platform; @OUT@ is the package
};

// kUnsupported, with a way out, if the platform cannot give the function what it needs; kLimit if
// the package is larger than the platform takes.
Result<Package> make_package(const TargetInfo& info, const FunctionToPack& function);

}  // namespace wherry::pack
