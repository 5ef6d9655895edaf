// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <fmt/format.h>

#include "vmm/base/text.h"
#include "vmm/config/fields.h"
#include "vmm/config/problem_docs.h"
#include "vmm/config/render.h"
#include "vmm/config/roff.h"

namespace lintel::config {

namespace {

std::string type_text(const Field& field) {
  switch (field.kind) {
    case Kind::kBoolean: return "true or false";
    case Kind::kInteger: return fmt::format("integer, {} to {}", field.min, field.max);
    case Kind::kSize: return "size";
    case Kind::kDuration: return "time";
    case Kind::kChoice: return "one of the following";
    case Kind::kName: return fmt::format("name of at most {} characters", field.max);
    case Kind::kText: return fmt::format("text of at most {} bytes", field.max);
    case Kind::kPath:
    case Kind::kFile: return "path";
    case Kind::kFiles: return "path or array of paths";
    case Kind::kMac: return "MAC address or \"auto\"";
    case Kind::kPattern: return "text";
    case Kind::kForwards: return "array of texts";
    case Kind::kTexts:
      return field.choices.empty() ? "text or array of texts"
                                   : "one of the following or an array of them";
  }
  return {};
}

std::string default_text(const Field& field, const void* section) {
  if (field.required) return "required";
  if (!field.fallback.empty()) return fmt::format("default: {}", field.fallback);
  return fmt::format("default: {}", toml_value(field, field.load(section)));
}

void add_field(Roff& page, const Field& field, const void* section) {
  const std::string whose = field.only ? fmt::format("; {} only", name_of(*field.only)) : "";
  page.item(field.key,
            fmt::format("({}; {}{})", type_text(field), default_text(field, section), whose),
            field.doc);
  for (const Choice& choice : field.choices) {
    page.more(fmt::format("\"{}\": {}.", choice.text, choice.doc));
  }
  page.more(fmt::format("Example: {} = {}", field.key, field.example));
}

void add_problem(Roff& page, const ProblemDoc& problem) {
  std::vector<std::string> codes;
  for (const char letter : problem.letters) {
    codes.push_back(fmt::format("{}{}", letter, static_cast<int>(problem.id)));
  }
  page.item(join(codes), problem.doc);
}

}  // namespace

std::string file_manual() {
  Roff page("lintel.toml", 5);
  page.heading("NAME");
  page.paragraph("lintel.toml - description of a virtual machine");
  page.heading("DESCRIPTION");
  page.paragraph(
      "One TOML file describes one machine. Only boot.kernel is required. Sizes and times are "
      "texts with a unit, \"512M\" or \"30s\": K, M, G and T are powers of 1024; ms, s, m and h "
      "are times. Relative paths are relative to the folder of the file, so that a folder with "
      "its images can be moved. An unknown key is an error, but keys that start with x- are "
      "left to other tools. Where a key is for one architecture only, its default may be "
      "written on the others too, and nothing else.");
  page.paragraph(
      "lintel validate FILE reports everything that is wrong. lintel run --print FILE shows the "
      "machine with all defaults. lintel schema prints a JSON Schema for editors.");
  page.heading("PROFILES AND ASSIGNMENTS");
  page.paragraph(
      "Tables below profile.NAME are merged over the machine by --profile NAME, several in the "
      "order given. Tables merge key by key. Items of [[disk]], [[net]] and [[pci]] merge with the "
      "one that has the same id, others are added. All other values replace.");
  page.example("[profile.big.cpu]\ncount = 16");
  page.paragraph(
      "--set KEY=VALUE changes one value after that. A disk, an interface or a device is named by "
      "its "
      "number, from 0, or its id; the number behind the last adds one. Paths are relative to "
      "the working directory there.");
  page.example("lintel run vm.toml --set cpu.count=4 --set disk.root.readonly=true");
  page.heading("SECTIONS");
  for (const Section& section : sections()) {
    Config defaults;
    const void* values = section.at(defaults, 0);
    page.subheading(section.repeated ? fmt::format("[[{}]]", section.path)
                                     : fmt::format("[{}]", section.path));
    page.paragraph(section.repeated
                       ? fmt::format("{} There may be up to {}.", section.doc, kMaxRepeats)
                       : std::string(section.doc));
    for (const Field& field : section.fields) add_field(page, field, values);
  }
  page.heading("DIAGNOSTICS");
  page.paragraph(
      "What is wrong has a code, an E for an error or a W for a warning before the number, which "
      "stays the same from version to version. Numbers from 2000 on are about this host.");
  for (const ProblemDoc& problem : kProblemDocs) add_problem(page, problem);
  page.heading("EXAMPLE");
  page.example(
      "[boot]\n"
      "kernel = \"vmlinuz\"\n"
      "initrd = \"initramfs.cpio\"\n"
      "cmdline = \"console=hvc0 root=/dev/vda\"\n"
      "\n"
      "[memory]\n"
      "size = \"1G\"\n"
      "\n"
      "[console]\n"
      "type = \"virtio\"\n"
      "\n"
      "[[disk]]\n"
      "path = \"debian.img\"\n"
      "\n"
      "[[net]]\n"
      "forward = [\"2222:22\"]");
  page.heading("SEE ALSO");
  page.paragraph("lintel(1)");
  return std::move(page).take();
}

}  // namespace lintel::config
