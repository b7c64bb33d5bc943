// The world of a WASI preview 1 guest: its arguments, environment, standard streams, clocks, random
// numbers and the directories it was given. What is not given does not exist for the guest.
//
// A World belongs to one guest and one thread at a time, and outlives the Store it is linked into.
// When its guest has ended it may serve another one (renew()).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "runtime/store.h"
#include "wasi/descriptors.h"
#include "wasi/streams.h"

namespace wherry::wasi {

// A directory of the host's that the guest sees as `guest_path`. The kernel keeps every path below
// it (openat2 with RESOLVE_BENEATH), whatever symbolic links say and however they change meanwhile.
struct Preopen {
  std::string host_path;
  std::string guest_path;
  bool read_only = false;
};

struct WorldOptions {
  std::vector<std::string> arguments;  // argv[0] included
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<Preopen> preopens;
  std::unique_ptr<InputStream> standard_input;    // null: at its end
  std::unique_ptr<OutputStream> standard_output;  // null: what is written is dropped
  std::unique_ptr<OutputStream> standard_error;   // likewise
  const Clock* clock = nullptr;                   // null: the system's; outlives the World
  Random* random = nullptr;                       // likewise
  uint32_t max_descriptors = 256;                 // open at a time, streams and preopens included
  std::function<void()> before_wait;  // called before the guest waits for a clock or a descriptor
};

// kInvalid for what cannot be a variable of an environment.
Status check_variable(const std::string& name, const std::string& value);

class World final : public runtime::ImportResolver {
 public:
  // Fails if a preopen cannot be opened (the error names it), a string holds a zero byte, or the
  // kernel lacks openat2 and there are preopens (kUnsupported): there is no second-best walk.
  static Result<std::unique_ptr<World>> create(WorldOptions options);

  // For another guest. The streams go on, and are their owner's to renew. False, and not to be used
  // any more, if the last guest has changed what its descriptors are.
  bool renew();
  // In place of what was given: no zero bytes, variables as "NAME=value".
  void set_arguments(std::vector<std::string> arguments) { arguments_ = std::move(arguments); }
  void set_environment(std::vector<std::string> environment) {
    environment_ = std::move(environment);
  }

  // Of whoever gives the guest functions of other modules as well: all of a guest's host functions
  // share one environment, which is this World.
  void set_embedder(void* embedder) { embedder_ = embedder; }
  void* embedder() const { return embedder_; }

  // All of `wasi_snapshot_preview1`, and nothing else.
  std::optional<runtime::Extern> resolve(std::string_view module, std::string_view name,
                                         wasm::ExternKind kind,
                                         const wasm::FuncType* type) override;
  void* host_environment() const override { return const_cast<World*>(this); }

  // For the room's functions.
  DescriptorTable& descriptors() { return descriptors_; }
  const Clock& clock() const { return *clock_; }
  Random& random() { return *random_; }
  const std::vector<std::string>& arguments() const { return arguments_; }
  const std::vector<std::string>& environment() const { return environment_; }  // "NAME=value"
  // The guest's processor time, as far as one thread's clock tells it; never goes back.
  uint64_t cpu_ns();
  void say_before_wait() {
    if (before_wait_) before_wait_();
  }

 private:
  explicit World(WorldOptions& options);
  Status add_preopen(const Preopen& preopen);

  SystemClock system_clock_;
  SystemRandom system_random_;
  const Clock* clock_;
  Random* random_;
  std::vector<std::string> arguments_;
  std::vector<std::string> environment_;
  DescriptorTable descriptors_;
  std::function<void()> before_wait_;
  void* embedder_ = nullptr;
  // Reading that clock is slow: in a renewed world it starts when it is first asked for.
  std::optional<uint64_t> cpu_start_ns_;
  uint64_t cpu_ns_ = 0;
};

// The type of a function of `wasi_snapshot_preview1`, or nothing if there is none of that name.
std::optional<wasm::FuncType> preview1_type(std::string_view name);

}  // namespace wherry::wasi
