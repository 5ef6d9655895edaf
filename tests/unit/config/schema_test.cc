// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/config/support.h"
#include "vmm/config/fields.h"
#include "vmm/config/render.h"
#include "vmm/config/units.h"

namespace lintel::config {
namespace {

TEST(Fields, every_row_is_complete) {
  for (const Section& section : sections()) {
    EXPECT_FALSE(section.doc.empty()) << section.path;
    for (const Field& field : section.fields) {
      EXPECT_FALSE(field.doc.empty()) << section.path << '.' << field.key;
      EXPECT_EQ(field.doc.back(), '.') << section.path << '.' << field.key;
      if (field.kind == Kind::kTexts) continue;  // may have some
      EXPECT_EQ(field.kind == Kind::kChoice, !field.choices.empty()) << field.key;
    }
  }
}

TEST(Fields, every_default_is_one_of_its_choices) {
  for (const Section& section : sections()) {
    Config config;
    const void* values = section.at(config, 0);
    for (const Field& field : section.fields) {
      if (field.kind != Kind::kChoice) continue;
      EXPECT_THAT(toml_value(field, field.load(values)), ::testing::StartsWith("\"")) << field.key;
    }
  }
}

// The examples stand in the manual and in help texts: each must be accepted where it belongs.
TEST(Fields, every_example_is_accepted) {
  for (const Section& section : sections()) {
    for (const Field& field : section.fields) {
      const std::string head = section.repeated ? "[[" + std::string(section.path) + "]]\n"
                                                : "[" + std::string(section.path) + "]\n";
      std::string text = head + std::string(field.key) + " = " + std::string(field.example) + "\n";
      for (const Problem& problem :
           testing::load_on(field.only.value_or(Architecture::kX86_64), text).problems) {
        EXPECT_THAT(problem.id, ::testing::AnyOf(ProblemId::kMissing, ProblemId::kConflict,
                                                 ProblemId::kSilentConsole))
            << text << to_text(problem);
      }
    }
  }
}

TEST(Schema, describes_every_key_with_its_bounds_and_default) {
  const auto schema = nlohmann::json::parse(json_schema());
  EXPECT_EQ(schema["$schema"], "http://json-schema.org/draft-04/schema#");
  for (const Section& section : sections()) {
    if (section.path.find('.') != std::string_view::npos) continue;
    const auto& entry = schema["properties"].at(std::string(section.path));
    const auto& table = section.repeated ? entry["items"] : entry;
    EXPECT_EQ(table["additionalProperties"], false);
    for (const Field& field : section.fields) {
      EXPECT_TRUE(table["properties"].contains(field.key)) << field.key;
    }
  }
  const auto& properties = schema["properties"];
  EXPECT_EQ(properties["cpu"]["properties"]["count"]["maximum"], 255);
  EXPECT_EQ(properties["cpu"]["properties"]["count"]["default"], 1);
  EXPECT_EQ(properties["memory"]["properties"]["size"]["default"], "2G");
  EXPECT_EQ(properties["boot"]["required"], nlohmann::json::array({"kernel"}));
  EXPECT_TRUE(properties["cpu"]["properties"].contains("topology"));
  const auto& profile = properties["profile"]["additionalProperties"]["properties"];
  EXPECT_FALSE(profile["boot"].contains("required"));
}

}  // namespace
}  // namespace lintel::config
