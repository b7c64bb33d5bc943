#include "base/html.h"

#include <gtest/gtest.h>

namespace wherry {
namespace {

TEST(Html, WhatWouldBeMarkupIsText) {
  EXPECT_EQ(escaped_html("<a href=\"x\">A & B</a>"),
            "&lt;a href=&quot;x&quot;&gt;A &amp; B&lt;/a&gt;");
  EXPECT_EQ(escaped_html("äöü"), "äöü");
}

}  // namespace
}  // namespace wherry
