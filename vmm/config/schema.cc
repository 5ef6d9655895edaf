// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "vmm/config/fields.h"
#include "vmm/config/render.h"

namespace lintel::config {

namespace {

using Json = nlohmann::ordered_json;

std::string description(const Field& field) {
  std::string text(field.doc);
  for (const Choice& choice : field.choices) {
    text += fmt::format("\n- \"{}\": {}", choice.text, choice.doc);
  }
  if (field.only) {
    text += fmt::format("\nFor {} only: elsewhere nothing but the default is accepted",
                        name_of(*field.only));
  }
  if (!field.fallback.empty()) text += fmt::format("\nIf unset: {}", field.fallback);
  return text;
}

void add_length(Json& schema, const Field& field) {
  if (field.min != 0) schema["minLength"] = field.min;
  if (field.max != UINT64_MAX) schema["maxLength"] = field.max;
}

Json one_or_more_strings(const Field& field) {
  Json text = {{"type", "string"}};
  for (const Choice& choice : field.choices) text["enum"].push_back(choice.text);
  Json schema;
  schema["oneOf"] = {text, {{"type", "array"}, {"items", text}}};
  return schema;
}

Json type_of(const Field& field) {
  Json schema;
  switch (field.kind) {
    case Kind::kBoolean: schema["type"] = "boolean"; break;
    case Kind::kInteger:
      schema["type"] = "integer";
      schema["minimum"] = field.min;
      schema["maximum"] = field.max;
      break;
    case Kind::kSize:
      schema["type"] = "string";
      schema["pattern"] = "^[0-9]+[KMGT]$";
      break;
    case Kind::kDuration:
      schema["type"] = "string";
      schema["pattern"] = "^[0-9]+(ms|s|m|h)$";
      break;
    case Kind::kChoice:
      for (const Choice& choice : field.choices) schema["enum"].push_back(choice.text);
      break;
    case Kind::kName:
      schema["type"] = "string";
      schema["pattern"] = "^[A-Za-z0-9._-]+$";
      add_length(schema, field);
      break;
    case Kind::kMac:
      schema["type"] = "string";
      schema["pattern"] = "^(auto|[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5})$";
      break;
    case Kind::kPattern:
      schema["type"] = "string";
      schema["pattern"] = field.form->pattern;
      break;
    case Kind::kText:
    case Kind::kPath:
    case Kind::kFile:
      schema["type"] = "string";
      add_length(schema, field);
      break;
    case Kind::kFiles:
    case Kind::kForwards:
    case Kind::kTexts: schema = one_or_more_strings(field); break;
  }
  return schema;
}

Json default_of(const Field& field, const void* section) {
  const Scalar value = field.load(section);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) return *texts;
  const auto* number = std::get_if<uint64_t>(&value);
  if (number == nullptr) return nullptr;
  if (field.kind == Kind::kInteger) return *number;
  std::string text = toml_value(field, value);
  return text.substr(1, text.size() - 2);  // units and choices need no escapes
}

Json field_schema(const Field& field, const void* section) {
  Json schema = type_of(field);
  schema["description"] = description(field);
  if (field.fallback.empty() && !field.required) schema["default"] = default_of(field, section);
  return schema;
}

Json closed_object() {
  Json schema;
  schema["type"] = "object";
  schema["properties"] = Json::object();
  schema["patternProperties"]["^x-"] = Json::object();
  schema["additionalProperties"] = false;
  return schema;
}

// `partial`: as in a profile, where nothing is required.
Json section_schema(const Section& section, bool partial) {
  Config defaults;
  const void* values = section.at(defaults, 0);
  Json table = closed_object();
  for (const Field& field : section.fields) {
    table["properties"][std::string(field.key)] = field_schema(field, values);
    if (field.required && !partial) table["required"].push_back(field.key);
  }
  for (const Section& nested : sections()) {
    if (!nested.path.starts_with(fmt::format("{}.", section.path))) continue;
    const std::string key(nested.path.substr(section.path.size() + 1));
    table["properties"][key] = section_schema(nested, partial);
  }
  table["description"] = section.doc;
  if (!section.repeated) return table;
  Json list;
  list["type"] = "array";
  list["maxItems"] = kMaxRepeats;
  list["items"] = std::move(table);
  return list;
}

Json machine_schema(bool partial) {
  Json machine = closed_object();
  for (const Section& section : sections()) {
    if (section.path.find('.') != std::string_view::npos) continue;
    machine["properties"][std::string(section.path)] = section_schema(section, partial);
  }
  return machine;
}

}  // namespace

std::string json_schema() {
  Json schema;
  schema["$schema"] = "http://json-schema.org/draft-04/schema#";
  schema["title"] = "A virtual machine for Lintel";
  schema.update(machine_schema(/*partial=*/false));
  Json& profile = schema["properties"]["profile"];
  profile["type"] = "object";
  profile["description"] = "Changes that --profile NAME merges in, [profile.NAME.SECTION].";
  profile["additionalProperties"] = machine_schema(/*partial=*/true);
  return schema.dump(2) + '\n';
}

}  // namespace lintel::config
