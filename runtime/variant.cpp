//===- variant.cpp - Which code of an artifact to run ---------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/variant.h"
#include "runtime/error.h"

using namespace lapidary;

static void append(std::string &list, std::string_view separator,
                   std::string_view entry) {
  if (!list.empty())
    list += separator;
  list += entry;
}

/// What `variant` needs that `machine` lacks, e.g. `avx512f and amx-int8`;
/// empty when it runs.
static std::string missing(const schema::Variant &variant,
                           const Machine &machine) {
  auto architecture = variant.architecture()->string_view();
  if (architecture != machine.architecture)
    return "architecture " + std::string(architecture);
  std::string lacking;
  for (const flatbuffers::String *feature : *variant.features())
    if (!machine.has(feature->string_view()))
      append(lacking, " and ", feature->string_view());
  return lacking;
}

const schema::Variant &lapidary::choose_variant(const Artifact &artifact,
                                                const Machine &machine,
                                                std::string_view wanted) {
  std::string names, reasons;
  for (const schema::Variant *variant : *artifact.root().variants()) {
    auto name = variant->name()->string_view();
    append(names, ", ", name);
    if (!wanted.empty() && name != wanted)
      continue;
    std::string lacking = missing(*variant, machine);
    if (lacking.empty())
      return *variant;
    append(reasons, "; ", "'" + std::string(name) + "' needs " + lacking);
  }
  if (!wanted.empty() && reasons.empty())
    fail(LAPIDARY_UNSUPPORTED_MACHINE, artifact.path(),
         ": LAPIDARY_CPU asks for variant '", wanted,
         "', but there is only: ", names.empty() ? "none" : names);
  fail(LAPIDARY_UNSUPPORTED_MACHINE, artifact.path(), ": has no code for this ",
       machine.architecture,
       " machine: ", reasons.empty() ? "there are no variants" : reasons);
}
