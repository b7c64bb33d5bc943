// Keeps a catalog equal to what lies in files: functions that appear, change or go while the host
// serves.
//
// Files are looked at from time to time (stat(2) of each: a tenth of a millisecond for a hundred),
// which works on every file system and through symbolic links that are swapped. What has changed is
// loaded once it has stood still for one look, so that a file being written is not taken half-way.
// What cannot be loaded leaves what was served before in place, and is tried again when it changes.
// Calls under way end on the code they began with.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "function/manifest.h"

namespace wherry::host {

// A function to serve, and the files that say what it is.
struct Source {
  function::FunctionManifest manifest;
  std::vector<std::string> files;
};

// What is to be served now. What a file with a problem described before is left as it was.
struct Found {
  std::vector<Source> sources;
  struct Problem {
    std::string file;
    Error error;
  };
  std::vector<Problem> problems;
};

struct ReloaderActions {
  std::function<Found()> find;
  // Puts a function into service, or replaces it.
  std::function<Status(const Source& source)> load;
  std::function<void(const std::string& name)> remove;
  // Of one that was not served before or is not any more, or of a failure.
  std::function<void(const std::string& what, const std::string& name, const Error* error)> tell;
};

// look() and the thread exclude each other.
class Reloader {
 public:
  explicit Reloader(ReloaderActions actions) : actions_(std::move(actions)) {}
  ~Reloader();
  Reloader(const Reloader&) = delete;

  // Loads all that is there for the first time; how many are served, or the first error if
  // `all_must_load`.
  Result<size_t> load_all(bool all_must_load);
  // Looks once: what has changed since the last look but one and stands still is loaded.
  void look();
  // Looks every `period` from now on.
  Status watch(std::chrono::milliseconds period);
  // Looks at once, on the watching thread.
  void look_soon();

 private:
  struct Known {
    std::string loaded;  // fingerprint of what is served or was tried
    std::string seen;    // at the last look
    std::string file;    // that describes it
    bool is_served = false;
    bool is_missing = false;  // at the last look
  };
  void consider(const Source& source);
  void tell_problems(const Found& found);
  void remove_all_but(const Found& found);
  void run(std::chrono::milliseconds period);

  const ReloaderActions actions_;
  std::mutex looking_;
  std::map<std::string, Known> known_;  // by name
  std::map<std::string, std::string> told_problems_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_ending_ = false;
  bool wants_look_ = false;
  std::thread thread_;
};

// What stat(2) says of the files, as text; files that are not there count, too.
std::string fingerprint_of(const std::vector<std::string>& files);

}  // namespace wherry::host
