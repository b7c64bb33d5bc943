// For this room's tests: a directory with programs that are shell scripts.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/files.h"
#include "bench/process.h"

namespace wherry::bench {

class TestFiles {
 public:
  TestFiles() : directory_(TemporaryDirectory::create().value()) {}
  const std::string& path() const { return directory_.path(); }
  std::string write(const std::string& name, std::string_view text, unsigned mode = 0644) const {
    const std::string file = path() + "/" + name;
    EXPECT_TRUE(write_file_atomically(file, as_bytes(text), mode).ok());
    return file;
  }
  // A program that runs this in a shell.
  std::string script(const std::string& name, const std::string& body) const {
    return write(name, "#!/bin/sh\n" + body + "\n", 0755);
  }
  std::string text_of(const std::string& name) const {
    auto bytes = read_file(path() + "/" + name, 1 << 20);
    return bytes.ok() ? std::string(as_text(*bytes)) : "";
  }

 private:
  TemporaryDirectory directory_;
};

}  // namespace wherry::bench
