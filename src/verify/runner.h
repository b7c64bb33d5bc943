// A package that was started where it runs, and can be asked. Each platform tells something else of
// an answer; what it tells is compared.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "pack/packer.h"
#include "verify/events.h"

namespace wherry::verify {

// What `wherry serve` answers.
struct Reference {
  unsigned status = 0;
  std::string body;
};

struct Answer {
  // No status: a platform of JSON functions that tells success or an error's text.
  std::optional<unsigned> status;
  bool is_success = false;
  std::string body;       // or the error's text
  bool is_value = false;  // has passed through JavaScript: compared as a value, not as text
};

// Empty if it is the same; else what differs, for people.
std::string difference(const Reference& wanted, const Answer& got);

class Runner {
 public:
  virtual ~Runner() = default;
  // Nothing: an event of this kind cannot reach a function there. Errors: it does not answer.
  virtual Result<std::optional<Answer>> ask(const Event& event) = 0;
  // Whether threads may ask at the same time.
  virtual bool takes_many() const { return false; }
};

struct Started {
  std::unique_ptr<Runner> runner;  // null: it cannot be run here
  std::string where;               // "workerd", or why it cannot
};

struct RunnerOptions {
  std::string workerd;                         // path; empty: looked for in PATH
  std::chrono::milliseconds patience{60'000};  // for a start, and an answer
  bool speaks_http = false;                    // the function
  std::chrono::milliseconds knock{5};          // between attempts to reach what is starting
  std::string image;  // a container's, as load_image() said; empty: loaded anew
};

// Writes a package below `directory` as its platform unpacks it, zips into a directory; its path.
// One that is a file stays one.
Result<std::string> unpack(const pack::Package& package, const std::string& directory);

// Gives an image's archive to podman; the image's name. kNotFound if podman is not installed.
Result<std::string> load_image(const std::string& archive, std::chrono::milliseconds patience);

// `path` is where unpack() wrote it.
Result<Started> start_package(const pack::TargetInfo& info, const std::string& name,
                              const std::string& path, const RunnerOptions& options);

}  // namespace wherry::verify
