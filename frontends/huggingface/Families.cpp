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

struct DraftFamily {
  StringLiteral architecture;
  StringLiteral modelType;
  DraftImporter *import;
};

/// What config.json says a checkpoint is.
struct Identity {
  /// Empty where it has only a model type.
  StringRef architecture;
  StringRef modelType;

  template <typename FamilyT> bool is(const FamilyT &family) const {
    return architecture.empty() ? modelType == family.modelType
                                : architecture == family.architecture;
  }
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
    {"EmbeddingGemma 2", "EmbeddingGemma2TextModel", "embedding_gemma2_text",
     importEmbeddingGemma2},
    {"EmbeddingGemma 2", "EmbeddingGemma2Model", "embedding_gemma2",
     importEmbeddingGemma2},
    {"RecurrentGemma", "RecurrentGemmaForCausalLM", "recurrent_gemma",
     importRecurrentGemma},
    {"Gemma 3n", "Gemma3nForCausalLM", "gemma3n_text", importGemma3n},
    {"Gemma 3n", "Gemma3nForConditionalGeneration", "gemma3n", importGemma3n},
    {"Gemma 4", "Gemma4ForCausalLM", "gemma4_text", importGemma4},
    {"Gemma 4", "Gemma4ForConditionalGeneration", "gemma4", importGemma4},
    {"Gemma 4", "Gemma4UnifiedForCausalLM", "gemma4_unified_text",
     importGemma4},
    {"Gemma 4", "Gemma4UnifiedForConditionalGeneration", "gemma4_unified",
     importGemma4},
    {"T5Gemma", "T5GemmaForConditionalGeneration", "t5gemma", importT5Gemma},
    {"T5Gemma 2", "T5Gemma2ForConditionalGeneration", "t5gemma2",
     importT5Gemma2},
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

static constexpr DraftFamily draftFamilies[] = {
    {"Gemma4AssistantForCausalLM", "gemma4_assistant", importGemma4Draft},
    {"Gemma4UnifiedAssistantForCausalLM", "gemma4_unified_assistant",
     importGemma4Draft},
};

static Expected<Identity> identify(const Checkpoint &checkpoint,
                                   const std::string &file) {
  FieldErrors errors(file);
  Fields config(errors, checkpoint.getConfig());
  SmallVector<StringRef> architectures =
      config.getStrings("architectures").value_or(SmallVector<StringRef>());
  StringRef modelType = config.getString("model_type", "");
  if (llvm::Error error = errors.take())
    return std::move(error);
  return Identity{architectures.empty() ? StringRef() : architectures.front(),
                  modelType};
}

static llvm::Error refuse(const Identity &identity, StringRef file,
                          const llvm::Twine &supported) {
  bool isNamed = !identity.architecture.empty();
  return inputError(
      file,
      llvm::formatv("field '{0}' names '{1}', which is not supported; {2}",
                    isNamed ? "architectures" : "model_type",
                    isNamed ? identity.architecture : identity.modelType,
                    supported.str()));
}

Expected<Importer *> huggingface::findImporter(const Checkpoint &checkpoint) {
  std::string file = checkpoint.getPath("config.json");
  Expected<Identity> identity = identify(checkpoint, file);
  if (!identity)
    return identity.takeError();
  for (const Family &family : families)
    if (identity->is(family))
      return family.import;
  for (const DraftFamily &family : draftFamilies)
    if (identity->is(family))
      return inputError(file, "is a draft head, which works for another model "
                              "only: compile that one with '--draft'");
  return refuse(*identity, file, "supported are " + listGenerations());
}

Expected<DraftImporter *>
huggingface::findDraftImporter(const Checkpoint &checkpoint) {
  std::string file = checkpoint.getPath("config.json");
  Expected<Identity> identity = identify(checkpoint, file);
  if (!identity)
    return identity.takeError();
  for (const DraftFamily &family : draftFamilies)
    if (identity->is(family))
      return family.import;
  return refuse(*identity, file, "draft heads are those of Gemma 4");
}
