#include "function/guest_world.h"

#include <cstring>

namespace wherry::function {
namespace {

std::vector<std::string> arguments_of(const FunctionOptions& options) {
  std::vector<std::string> arguments{options.name};
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  return arguments;
}

std::string_view name_of_variable(std::string_view variable) {
  return variable.substr(0, variable.find('='));
}

}  // namespace

wasi::Transfer TextInput::read(std::span<const iovec> into) {
  wasi::Transfer done;
  for (const iovec& buffer : into) {
    auto* to = static_cast<char*>(buffer.iov_base);
    size_t room = buffer.iov_len;
    for (std::string_view& piece : pieces_) {
      const size_t count = std::min(room, piece.size());
      if (count == 0) continue;
      std::memcpy(to, piece.data(), count);
      piece.remove_prefix(count);
      to += count;
      room -= count;
      done.bytes += count;
    }
  }
  return done;
}

Result<std::unique_ptr<GuestWorld>> GuestWorld::create(const FunctionOptions& options,
                                                       Parts parts) {
  OutboundRules rules = TRY(OutboundRules::create(options.outbound));
  std::unique_ptr<GuestWorld> guest(new GuestWorld(options, std::move(rules)));
  const auto log = [&output = guest->output_](bool is_stderr) {
    return std::make_unique<wasi::CallbackOutput>(
        [&output, is_stderr](Bytes bytes) { return output.write(is_stderr, bytes); });
  };
  wasi::WorldOptions world;
  world.arguments = arguments_of(options);
  world.environment.assign(options.environment.begin(), options.environment.end());
  for (const Directory& directory : options.directories) {
    world.preopens.push_back({directory.host, directory.guest, directory.read_only});
  }
  world.standard_input = std::move(parts.input);
  world.standard_output = parts.output ? std::move(parts.output) : log(false);
  world.standard_error = log(true);
  world.max_descriptors = options.limits.open_files;
  world.before_wait = std::move(parts.before_wait);
  guest->world_ = TRY(wasi::World::create(std::move(world)));
  guest->world_->set_embedder(guest.get());
  return guest;
}

Status GuestWorld::set_event_environment(const std::map<std::string, std::string>& event) {
  if (event.empty() && !has_other_environment_) return ok_status();
  return set_environment(event, {});
}

Status GuestWorld::set_environment(const std::map<std::string, std::string>& event,
                                   std::vector<std::string> strongest) {
  std::map<std::string_view, std::string_view> all;
  for (const auto& [name, value] : options_.environment) all.insert_or_assign(name, value);
  for (const auto& [name, value] : event) {
    TRY(wasi::check_variable(name, value));
    all.insert_or_assign(name, value);
  }
  for (const std::string& variable : strongest) all.erase(name_of_variable(variable));
  for (const auto& [name, value] : all) {
    std::string& variable = strongest.emplace_back();
    variable.reserve(name.size() + 1 + value.size());
    variable.append(name).append("=").append(value);
  }
  has_other_environment_ = true;
  world_->set_environment(std::move(strongest));
  return ok_status();
}

void GuestWorld::add_arguments(std::vector<std::string> more) {
  if (more.empty() && !has_other_arguments_) return;
  has_other_arguments_ = true;
  std::vector<std::string> arguments = arguments_of(options_);
  std::move(more.begin(), more.end(), std::back_inserter(arguments));
  world_->set_arguments(std::move(arguments));
}

std::optional<runtime::Extern> GuestWorld::resolve(std::string_view module, std::string_view name,
                                                   wasm::ExternKind kind,
                                                   const wasm::FuncType* type) {
  const auto* fetch = module == "wherry_1" ? find_fetch_function(name) : nullptr;
  if (!fetch || kind != wasm::ExternKind::kFunc) return world_->resolve(module, name, kind, type);
  return runtime::HostFunction{wasi::type_of(*fetch), fetch->function, world_->host_environment()};
}

bool GuestWorld::renew() {
  fetches_.renew();
  output_.renew();
  return world_->renew();
}

}  // namespace wherry::function
