#include "host/router.h"

#include <gtest/gtest.h>

#include "host/testing.h"

namespace wherry::host {
namespace {

// Functions without code, as in an empty action container; paths of those that speak HTTP are for
// tests/e2e.
class Router : public testing::Test {
 protected:
  void add(const std::string& name) {
    catalog_.put(std::make_shared<HostedFunction>(name, nullptr, HostedSettings{}, loader_,
                                                  streams_, platform::ServiceOptions{}));
  }
  Service service(std::string_view path, bool one_at_root = false) {
    return find_target(catalog_, one_at_root, path).service;
  }
  NoLoader loader_;
  NoStreams streams_;
  Catalog catalog_;
};

TEST_F(Router, FindsFunctionsByTheFirstPartOfThePath) {
  add("hello");
  add("world");
  Target target = find_target(catalog_, false, "/world");
  EXPECT_EQ(target.service, Service::kCall);
  ASSERT_TRUE(target.function);
  EXPECT_EQ(target.function->name(), "world");
  EXPECT_EQ(target.mount, "/world");
  EXPECT_EQ(service("/hello/"), Service::kCall);
  EXPECT_EQ(service("/hello/init"), Service::kOpenWhiskInit);
  EXPECT_EQ(service("/hello/run"), Service::kOpenWhiskRun);
  for (const char* path :
       {"/", "", "/hell", "/hello2", "//hello", "/hello/other", "hello", "/init"}) {
    EXPECT_EQ(service(path), Service::kNothing) << path;
  }
}

TEST_F(Router, KnowsTheHostsOwnPaths) {
  add("hello");
  for (bool one_at_root : {false, true}) {
    EXPECT_EQ(service("/healthz", one_at_root), Service::kHealth);
    EXPECT_EQ(service("/metrics", one_at_root), Service::kMetrics);
  }
}

TEST_F(Router, ServesOneFunctionAtTheRoot) {
  add("hello");
  EXPECT_EQ(service("/", true), Service::kCall);
  EXPECT_EQ(service("/init", true), Service::kOpenWhiskInit);
  EXPECT_EQ(service("/run", true), Service::kOpenWhiskRun);
  EXPECT_EQ(service("/hello", true), Service::kCall);
  EXPECT_EQ(find_target(catalog_, true, "/").mount, "");
  EXPECT_EQ(service("/nowhere", true), Service::kNothing);
  EXPECT_EQ(service("/", false), Service::kNothing);
  add("world");
  EXPECT_EQ(service("/", true), Service::kNothing) << "it is not alone any more";
}

}  // namespace
}  // namespace wherry::host
