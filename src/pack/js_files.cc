#include "pack/js_files.h"

#include "base/embedded.h"

namespace wherry::pack {

// Of js_files.S, which the build makes of the directory.
extern "C" const EmbeddedFile wherry_js_files[];
extern "C" const uint64_t wherry_js_file_count;

Result<Bytes> js_file(std::string_view path) {
  for (uint64_t i = 0; i < wherry_js_file_count; i++) {
    if (path == wherry_js_files[i].name) return wherry_js_files[i].bytes();
  }
  return make_error(ErrorKind::kNotFound, "js/{} is not part of this program", path);
}

}  // namespace wherry::pack
