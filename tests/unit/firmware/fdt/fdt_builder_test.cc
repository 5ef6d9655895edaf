// SPDX-License-Identifier: Apache-2.0
#include "firmware/fdt/fdt_builder.h"

#include <gtest/gtest.h>

#include "tests/unit/firmware/fdt/fdt_reader.h"
#include "vmm/base/error.h"

namespace lintel::fdt {
namespace {

// The message of the Error that `body` throws.
template <typename Body>
std::string error_of(Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(FdtBuilder, Properties_KeepTheirTypes) {
  FdtBuilder fdt;
  fdt.flag("ranges");
  fdt.cell("one", 0x01020304);
  fdt.cells("three", {1, 2, 0xffffffff});
  fdt.u64("long", 0x0123456789abcdef);
  fdt.string("word", "text");
  fdt.strings("words", {"a", "", "bc"});
  fdt.reg(std::array{GuestRange{GuestAddress(0x100000002), 0x300000004},
                     GuestRange{GuestAddress(5), 6}});
  const FdtReader tree(std::move(fdt).finish());
  EXPECT_EQ(tree.bytes("/", "ranges"), "");
  EXPECT_EQ(tree.bytes("/", "one"), "\x01\x02\x03\x04");
  EXPECT_EQ(tree.cells("/", "three"), (std::vector<uint32_t>{1, 2, 0xffffffff}));
  EXPECT_EQ(tree.cells("/", "long"), (std::vector<uint32_t>{0x01234567, 0x89abcdef}));
  EXPECT_EQ(tree.bytes("/", "word"), std::string("text\0", 5));
  EXPECT_EQ(tree.bytes("/", "words"), std::string("a\0\0bc\0", 6));
  EXPECT_EQ(tree.cells("/", "reg"), (std::vector<uint32_t>{1, 2, 3, 4, 0, 5, 0, 6}));
}

TEST(FdtBuilder, Nodes_NestAsTheCallsDo) {
  FdtBuilder fdt;
  EXPECT_EQ(fdt.path(), "/");
  fdt.node("a", [&] {
    fdt.node("b@1", [&] {
      EXPECT_EQ(fdt.path(), "/a/b@1");
      fdt.cell("x", 1);
    });
    fdt.node("b@2", [&] { fdt.cell("x", 2); });
  });
  fdt.node("c", [&] { fdt.cell("x", 3); });
  const FdtReader tree(std::move(fdt).finish());
  EXPECT_EQ(tree.cell("/a/b@1", "x"), 1u);
  EXPECT_EQ(tree.cell("/a/b@2", "x"), 2u);
  EXPECT_EQ(tree.cell("/c", "x"), 3u);
}

TEST(FdtBuilder, Phandles_AreOneForEachNode) {
  FdtBuilder fdt;
  const Phandle first = fdt.new_phandle();
  const Phandle second = fdt.new_phandle();
  fdt.cells("refers", {second.value, first.value});
  fdt.node("first", [&] { fdt.phandle(first); });
  fdt.node("second", [&] { fdt.phandle(second); });
  const FdtReader tree(std::move(fdt).finish());
  EXPECT_EQ(tree.path_of(tree.cells("/", "refers")[0]), "/second");
  EXPECT_EQ(tree.path_of(tree.cells("/", "refers")[1]), "/first");
}

TEST(FdtBuilder, LargeTree_Grows) {
  FdtBuilder fdt;
  const Bytes large(100 * kKiB, std::byte{7});
  fdt.bytes("large", large);
  for (int i = 0; i < 1000; ++i) {
    fdt.node("node@" + std::to_string(i), [&] { fdt.cell("number-" + std::to_string(i), 1); });
  }
  const FdtReader tree(std::move(fdt).finish());
  EXPECT_EQ(tree.bytes("/", "large").size(), large.size());
  EXPECT_EQ(tree.cell("/node@999", "number-999"), 1u);
}

TEST(FdtBuilder, TreeBeyondTwoMegabytes_IsRefusedWithItsPath) {
  FdtBuilder fdt;
  const auto grow = [&] { fdt.node("deep", [&] { fdt.bytes("huge", Bytes(kMaxTreeSize)); }); };
  EXPECT_EQ(error_of(grow), "Cannot write huge of /deep: the device tree has more than 2048 KiB");
}

TEST(FdtBuilder, BadNames_AreRefused) {
  for (const char* name :
       {"", "a/b", "a b", "@1", "a@", "a@1@2", "a\n", "a-name-that-has-more-than-31-chars"}) {
    FdtBuilder fdt;
    EXPECT_THROW(fdt.node(name, [] {}), Error) << name;
  }
  for (const char* name : {"", "a/b", "a@1", "a b"}) {
    FdtBuilder fdt;
    EXPECT_THROW(fdt.cell(name, 1), Error) << name;
  }
}

TEST(FdtBuilder, BadValues_AreRefusedWithTheirPath) {
  FdtBuilder fdt;
  fdt.node("x", [&] {
    EXPECT_EQ(error_of([&] { fdt.string("s", std::string_view("a\0b", 3)); }),
              "The property s of /x has a string with a zero byte");
    EXPECT_EQ(error_of([&] { fdt.reg(GuestRange{GuestAddress(16), 0}); }),
              "/x has an empty or wrapping range, 0x0 bytes at 0x10");
  });
  EXPECT_EQ(error_of([&] { fdt.cell("late", 1); }), "The property late of / comes after a node");
}

}  // namespace
}  // namespace lintel::fdt
