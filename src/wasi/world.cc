#include "wasi/world.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "wasi/path.h"
#include "wasi/preview1.h"

namespace wherry::wasi {

namespace {

Descriptor input_descriptor(std::unique_ptr<InputStream> stream) {
  Descriptor descriptor;
  descriptor.input = stream ? std::move(stream) : std::make_unique<BytesInput>("");
  descriptor.type = descriptor.input->file_type();
  descriptor.rights = rights::kInput;
  return descriptor;
}

Descriptor output_descriptor(std::unique_ptr<OutputStream> stream) {
  Descriptor descriptor;
  descriptor.output = stream
                          ? std::move(stream)
                          : std::make_unique<CallbackOutput>([](Bytes) { return std::string(); });
  descriptor.type = descriptor.output->file_type();
  descriptor.rights = rights::kOutput;
  return descriptor;
}

}  // namespace

World::World(WorldOptions& options)
    : clock_(options.clock ? options.clock : &system_clock_),
      random_(options.random ? options.random : &system_random_),
      arguments_(std::move(options.arguments)),
      descriptors_(options.max_descriptors),
      before_wait_(std::move(options.before_wait)),
      cpu_start_ns_(clock_->thread_cpu_ns()) {
  for (const auto& [name, value] : options.environment) environment_.push_back(name + "=" + value);
  descriptors_.insert(input_descriptor(std::move(options.standard_input)));
  descriptors_.insert(output_descriptor(std::move(options.standard_output)));
  descriptors_.insert(output_descriptor(std::move(options.standard_error)));
}

Status check_variable(const std::string& name, const std::string& value) {
  if (name.empty() || name.find_first_of(std::string_view("=\0", 2)) != std::string::npos ||
      value.find('\0') != std::string::npos) {
    return make_error(ErrorKind::kInvalid,
                      "the environment variable '{}' has an empty name, a '=' in its name or a "
                      "zero byte",
                      name);
  }
  return ok_status();
}

Result<std::unique_ptr<World>> World::create(WorldOptions options) {
  for (const std::string& argument : options.arguments) {
    if (argument.find('\0') != std::string::npos) {
      return make_error(ErrorKind::kInvalid, "an argument holds a zero byte");
    }
  }
  for (const auto& [name, value] : options.environment) {
    TRY(check_variable(name, value));
  }
  std::unique_ptr<World> world(new World(options));
  for (const Preopen& preopen : options.preopens) TRY(world->add_preopen(preopen));
  world->descriptors_.mark_as_given();
  return world;
}

bool World::renew() {
  cpu_start_ns_.reset();
  cpu_ns_ = 0;
  return !descriptors_.is_changed();
}

uint64_t World::cpu_ns() {
  const uint64_t now = clock_->thread_cpu_ns();
  if (!cpu_start_ns_) cpu_start_ns_ = now;
  if (now > *cpu_start_ns_) cpu_ns_ = std::max(cpu_ns_, now - *cpu_start_ns_);
  return cpu_ns_;
}

Status World::add_preopen(const Preopen& preopen) {
  FileDescriptor host(::open(preopen.host_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!host.is_open()) return errno_error(errno, preopen.host_path);
  if (Opened probe = open_beneath(host.number(), ".", O_PATH | O_DIRECTORY);
      probe.error != Errno::kSuccess) {
    return make_error(ErrorKind::kUnsupported,
                      "cannot keep a guest inside {}: this system has no openat2",
                      preopen.host_path)
        .with_hint("run on Linux 5.6 or newer, in a sandbox that allows openat2");
  }
  Descriptor descriptor;
  descriptor.type = FileType::kDirectory;
  descriptor.host = std::move(host);
  descriptor.rights = rights::kDirectory;
  descriptor.inheriting = rights::kDirectory | rights::kFile;
  if (preopen.read_only) {
    descriptor.rights &= ~rights::kChangesDirectory;
    descriptor.inheriting &= ~(rights::kChangesDirectory | rights::kChangesFile);
  }
  descriptor.preopen_name = preopen.guest_path;
  if (!descriptors_.insert(std::move(descriptor))) {
    return make_error(ErrorKind::kLimit, "too many directories for the guest's descriptor table");
  }
  return ok_status();
}

std::optional<runtime::Extern> World::resolve(std::string_view module, std::string_view name,
                                              wasm::ExternKind kind, const wasm::FuncType*) {
  if (module != "wasi_snapshot_preview1" || kind != wasm::ExternKind::kFunc) return std::nullopt;
  const Preview1Function* function = find_preview1(name);
  if (function == nullptr) return std::nullopt;
  return runtime::HostFunction{type_of(*function), function->function, this};
}

std::optional<wasm::FuncType> preview1_type(std::string_view name) {
  const Preview1Function* function = find_preview1(name);
  if (function == nullptr) return std::nullopt;
  return type_of(*function);
}

}  // namespace wherry::wasi
