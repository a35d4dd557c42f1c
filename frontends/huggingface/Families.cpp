//===- Families.cpp - The importer of each Gemma generation -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/Families.h"
#include "frontends/huggingface/Fields.h"
#include "frontends/huggingface/Json.h"
#include "llvm/Support/FormatVariadic.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using llvm::Expected, llvm::SmallVector, llvm::StringLiteral, llvm::StringRef;

namespace {

struct Family {
  StringLiteral generation;
  StringLiteral architecture;
  StringLiteral modelType;
  Importer *import;
};

} // namespace

static constexpr Family families[] = {
    {"Gemma 1", "GemmaForCausalLM", "gemma", importGemma1},
    {"Gemma 2", "Gemma2ForCausalLM", "gemma2", importGemma2},
    {"VaultGemma", "VaultGemmaForCausalLM", "vaultgemma", importVaultGemma},
    {"Gemma 3", "Gemma3ForCausalLM", "gemma3_text", importGemma3},
    {"Gemma 3", "Gemma3ForConditionalGeneration", "gemma3", importGemma3},
    {"ShieldGemma 2", "ShieldGemma2ForImageClassification", "shieldgemma2",
     importGemma3},
    {"EmbeddingGemma", "Gemma3TextModel", "gemma3_text", importEmbeddingGemma},
    {"Gemma 3n", "Gemma3nForCausalLM", "gemma3n_text", importGemma3n},
    {"Gemma 3n", "Gemma3nForConditionalGeneration", "gemma3n", importGemma3n},
    {"Gemma 4", "Gemma4ForCausalLM", "gemma4_text", importGemma4},
    {"Gemma 4", "Gemma4ForConditionalGeneration", "gemma4", importGemma4},
    {"Gemma 4", "Gemma4UnifiedForCausalLM", "gemma4_unified_text",
     importGemma4},
    {"Gemma 4", "Gemma4UnifiedForConditionalGeneration", "gemma4_unified",
     importGemma4},
};

/// "Gemma 1, Gemma 2, ...".
static std::string listGenerations() {
  std::string list;
  StringRef last;
  for (const Family &family : families) {
    if (family.generation != last)
      list += (list.empty() ? "" : ", ") + family.generation.str();
    last = family.generation;
  }
  return list;
}

Expected<Importer *> huggingface::findImporter(const Checkpoint &checkpoint) {
  std::string file = checkpoint.getPath("config.json");
  FieldErrors errors(file);
  Fields config(errors, checkpoint.getConfig());
  SmallVector<StringRef> architectures =
      config.getStrings("architectures").value_or(SmallVector<StringRef>());
  StringRef modelType = config.getString("model_type", "");
  if (llvm::Error error = errors.take())
    return std::move(error);

  bool isNamed = !architectures.empty();
  for (const Family &family : families)
    if (isNamed ? architectures.front() == family.architecture
                : modelType == family.modelType)
      return family.import;
  return inputError(
      file, llvm::formatv("field '{0}' names '{1}', which is not supported; "
                          "supported are {2}",
                          isNamed ? "architectures" : "model_type",
                          isNamed ? architectures.front() : modelType,
                          listGenerations()));
}
