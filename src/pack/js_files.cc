#include "pack/js_files.h"

namespace wherry::pack {

namespace {

struct File {
  const char* path;
  const uint8_t* begin;
  const uint8_t* end;
};

}  // namespace

// Of js_files.S, which the build makes of the directory.
extern "C" const File wherry_js_files[];
extern "C" const uint64_t wherry_js_file_count;

Result<Bytes> js_file(std::string_view path) {
  for (uint64_t i = 0; i < wherry_js_file_count; i++) {
    const File& file = wherry_js_files[i];
    if (path == file.path) return Bytes(file.begin, static_cast<size_t>(file.end - file.begin));
  }
  return make_error(ErrorKind::kNotFound, "js/{} is not part of this program", path);
}

}  // namespace wherry::pack
