#include "wasi/world.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "wasi/test_guest.h"

namespace wherry::wasi {
namespace {

std::unique_ptr<World> empty_world() { return World::create({}).value(); }

TEST(World, ResolvesPreview1FunctionsWithTheirTypes) {
  auto world = empty_world();
  auto found =
      world->resolve("wasi_snapshot_preview1", "path_open", wasm::ExternKind::kFunc, nullptr);
  ASSERT_TRUE(found);
  const auto& function = std::get<runtime::HostFunction>(*found);
  EXPECT_EQ(name_of(function.type), "(i32 i32 i32 i32 i32 i64 i64 i32 i32) -> (i32)");
  EXPECT_EQ(function.environment, world.get());
  EXPECT_EQ(preview1_type("proc_exit"), (wasm::FuncType{{wasm::kI32}, {}}));
}

TEST(World, HasNothingElse) {
  auto world = empty_world();
  auto has = [&](const char* module, const char* name, wasm::ExternKind kind) {
    return world->resolve(module, name, kind, nullptr).has_value();
  };
  EXPECT_FALSE(has("wasi_unstable", "fd_write", wasm::ExternKind::kFunc));
  EXPECT_FALSE(has("env", "fd_write", wasm::ExternKind::kFunc));
  EXPECT_FALSE(has("wasi_snapshot_preview1", "fd_writ", wasm::ExternKind::kFunc));
  EXPECT_FALSE(has("wasi_snapshot_preview1", "fd_write", wasm::ExternKind::kMemory));
}

TEST(World, BeginsWithThreeStreamsAndNoDirectories) {
  auto world = empty_world();
  EXPECT_NE(world->descriptors().find(2), nullptr);
  EXPECT_EQ(world->descriptors().find(3), nullptr);
  EXPECT_EQ(world->descriptors().find(0)->rights & rights::kFdWrite, 0u);
  EXPECT_EQ(world->descriptors().find(1)->rights & rights::kFdRead, 0u);
}

// What a guest did to its descriptors must not be seen by the next one.
TEST(World, ServesAnotherGuestIfItsDescriptorsAreAsGiven) {
  const std::map<std::string, std::function<void(TestGuest&)>> changes = {
      {"close", [](TestGuest& guest) { guest.call("fd_close", {0}); }},
      {"renumber", [](TestGuest& guest) { guest.call("fd_renumber", {2, 1}); }},
      {"flags", [](TestGuest& guest) { guest.call("fd_fdstat_set_flags", {1, 4}); }},
      {"rights", [](TestGuest& guest) { guest.call("fd_fdstat_set_rights", {1, 0, 0}); }},
  };
  for (const auto& [name, change] : changes) {
    TestGuest guest({});
    EXPECT_TRUE(guest.world().renew()) << name;
    change(guest);
    EXPECT_FALSE(guest.world().renew()) << name;
  }
  TestGuest guest({});
  guest.call("fd_fdstat_get", {1, 1024});
  guest.call("fd_write", {1, 1024, 0, 1024});
  guest.call("clock_time_get", {2, 0, 1024});
  EXPECT_TRUE(guest.world().renew());
}

TEST(World, TellsItsNextGuestOtherThings) {
  TestGuest guest({.arguments = {"a"}, .environment = {{"A", "1"}}});
  EXPECT_TRUE(guest.world().renew());
  guest.world().set_arguments({"b", "c"});
  guest.world().set_environment({"B=2"});
  EXPECT_EQ(guest.world().arguments(), (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(guest.world().environment(), std::vector<std::string>{"B=2"});
}

// A stream that has nothing yet: the call is to be made again, unless the guest asked not to wait.
TEST(World, LetsAGuestWaitForAStream) {
  struct Empty final : InputStream {
    Transfer read(std::span<const iovec>) override { return {.must_wait = true}; }
  };
  TestGuest guest({.standard_input = std::make_unique<Empty>()});
  const auto read = [&] { return guest.call("fd_read", {0, 1024, 0, 2048}); };
  EXPECT_EQ(read(), Errno::kAgain);
  EXPECT_TRUE(guest.must_wait());
  guest.call("fd_fdstat_set_flags", {0, kNonblock});
  EXPECT_EQ(read(), Errno::kAgain);
  EXPECT_FALSE(guest.must_wait());
}

TEST(World, SaysBeforeItsGuestWaits) {
  int said = 0;
  TestGuest guest({.before_wait = [&said] { said++; }});
  guest.call("fd_write", {1, 1024, 0, 2048});
  EXPECT_EQ(said, 0);
  // One clock that is ready at once.
  guest.call("poll_oneoff", {guest.put(std::string(48, '\0')), 2048, 1, 4096});
  EXPECT_EQ(said, 1);
}

TEST(World, GivesPreopensInOrderWithTheirGuestNames) {
  WorldOptions options;
  options.preopens = {{"/tmp", "/a"}, {"/", "/b", true}};
  auto world = World::create(std::move(options)).value();
  const Descriptor& writable = *world->descriptors().find(3);
  const Descriptor& read_only = *world->descriptors().find(4);
  EXPECT_EQ(writable.preopen_name, "/a");
  EXPECT_EQ(read_only.preopen_name, "/b");
  EXPECT_NE(writable.rights & rights::kPathCreateFile, 0u);
  EXPECT_EQ(read_only.rights & rights::kChangesDirectory, 0u);
  EXPECT_EQ(read_only.inheriting & rights::kChangesFile, 0u);
  EXPECT_NE(read_only.inheriting & rights::kFdRead, 0u);
}

TEST(World, NamesThePreopenThatIsNotThere) {
  WorldOptions options;
  options.preopens = {{"/nowhere/at/all", "/a"}};
  auto world = World::create(std::move(options));
  ASSERT_FALSE(world.ok());
  EXPECT_EQ(world.error().kind, ErrorKind::kNotFound);
  EXPECT_NE(world.error().message.find("/nowhere/at/all"), std::string::npos);
}

TEST(World, RefusesStringsThatWouldReadDifferentlyInside) {
  WorldOptions zero;
  zero.arguments = {std::string("a\0b", 3)};
  EXPECT_FALSE(World::create(std::move(zero)).ok());
  WorldOptions equals;
  equals.environment = {{"A=B", "c"}};
  EXPECT_FALSE(World::create(std::move(equals)).ok());
}

Descriptor any_descriptor() {
  Descriptor descriptor;
  descriptor.rights = rights::kFdRead;
  return descriptor;
}

TEST(DescriptorTable, GivesTheLowestFreeNumberUpToTheLimit) {
  DescriptorTable table(3);
  EXPECT_EQ(table.insert(any_descriptor()), 0u);
  EXPECT_EQ(table.insert(any_descriptor()), 1u);
  EXPECT_EQ(table.insert(any_descriptor()), 2u);
  EXPECT_EQ(table.insert(any_descriptor()), std::nullopt);
  EXPECT_TRUE(table.close(1));
  EXPECT_FALSE(table.close(1));
  EXPECT_EQ(table.insert(any_descriptor()), 1u);
}

TEST(DescriptorTable, RenumbersOnlyBetweenOpenOnes) {
  DescriptorTable table(8);
  table.insert(any_descriptor());
  table.insert({});
  EXPECT_FALSE(table.renumber(0, 7));
  EXPECT_FALSE(table.renumber(7, 0));
  EXPECT_TRUE(table.renumber(0, 0));
  EXPECT_TRUE(table.renumber(0, 1));
  EXPECT_EQ(table.find(0), nullptr);
  EXPECT_EQ(table.find(1)->rights, rights::kFdRead);
}

TEST(DescriptorTable, TellsWhyADescriptorWillNotDo) {
  DescriptorTable table(8);
  table.insert(any_descriptor());
  EXPECT_EQ(find_any(table, 0, rights::kFdRead).error, Errno::kSuccess);
  EXPECT_EQ(find_any(table, 0, rights::kFdRead | rights::kFdWrite).error, Errno::kNotCapable);
  EXPECT_EQ(find_any(table, 1, 0).error, Errno::kBadF);
  EXPECT_EQ(find_directory(table, 0, 0).error, Errno::kNotDir);
}

}  // namespace
}  // namespace wherry::wasi
