//===- Slice_test.cpp - What may be cut out of a checkpoint -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontends/huggingface/Gemma3nConfig.h"
#include "frontends/huggingface/Json.h"
#include "frontends/huggingface/Slice.h"
#include "test/frontends/huggingface/TestFiles.h"
#include "gmock/gmock.h"

using namespace lapidary::huggingface;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

Slice parse(llvm::StringRef text) { return llvm::cantFail(parseSlice(text)); }

/// Six layers, of which the last two read the keys and values of the second and
/// the fourth.
Gemma3nConfig makeConfig() {
  auto object = llvm::cantFail(parseJsonObject("config.json", R"({
      "num_hidden_layers": 6, "num_kv_shared_layers": 2,
      "intermediate_size": [90, 91, 92, 93, 94, 95],
      "activation_sparsity_pattern": [0.9, 0.8, 0, 0, 0, 0],
      "layer_types": ["full_attention", "full_attention", "sliding_attention",
                      "sliding_attention", "full_attention",
                      "sliding_attention"]})"));
  return llvm::cantFail(readGemma3nConfig("config.json", object));
}

Gemma3nConfig cut(llvm::StringRef text) {
  Gemma3nConfig config = makeConfig();
  llvm::cantFail(cutGemma3nConfig(parse(text), config));
  return config;
}

std::string refuse(llvm::StringRef text) {
  llvm::Expected<Slice> slice = parseSlice(text);
  if (!slice)
    return llvm::toString(slice.takeError());
  Gemma3nConfig config = makeConfig();
  return llvm::toString(cutGemma3nConfig(*slice, config));
}

TEST(Slice, NamesLayersAndWidths) {
  Slice slice = parse("layers=0-2,5 intermediate_size=64,32");
  EXPECT_THAT(slice.layers, ElementsAre(0, 1, 2, 5));
  EXPECT_THAT(slice.intermediates, ElementsAre(64, 32));
  EXPECT_THAT(parse("intermediate_size=7").layers, IsEmpty());
  EXPECT_FALSE(parse("layers=3").isWhole());
  EXPECT_TRUE(parse("").isWhole());
}

TEST(Slice, LeavesWhatBelongsToTheLayers) {
  Gemma3nConfig config = cut("layers=1,3-5");
  EXPECT_THAT(config.sources, ElementsAre(1, 3, 4, 5));
  EXPECT_EQ(config.storedLayers, 6);
  EXPECT_THAT(config.intermediates, ElementsAre(91, 93, 94, 95));
  EXPECT_THAT(config.sparsities, ElementsAre(0.8, 0.0, 0.0, 0.0));
  EXPECT_THAT(config.layerTypes,
              ElementsAre(LayerType::Full, LayerType::Sliding, LayerType::Full,
                          LayerType::Sliding));
  EXPECT_THAT(config.kvOwners, ElementsAre(0, 1, 0, 1));
}

TEST(Slice, NarrowsAllLayersOrEach) {
  Gemma3nConfig config = cut("intermediate_size=8");
  EXPECT_THAT(config.intermediates, ElementsAre(8, 8, 8, 8, 8, 8));
  config = cut("layers=0,2 intermediate_size=90,3");
  EXPECT_THAT(config.intermediates, ElementsAre(90, 3));
  EXPECT_THAT(config.storedIntermediates, ElementsAre(90, 92));
}

TEST(Slice, IsRefusedWhereItIsNotWithinTheCheckpoint) {
  EXPECT_EQ(refuse("layers=0-6"),
            "'--slice' has layer 6, but the checkpoint has 6 layers");
  EXPECT_EQ(refuse("layers=2,1"), "'--slice' has layer 1 behind layer 2, but "
                                  "expects them in ascending order");
  EXPECT_EQ(refuse("layers=0,2-5"), "'--slice' has layer 4 without layer 1, "
                                    "whose keys and values it reads");
  EXPECT_EQ(refuse("layers=0,2 intermediate_size=90,93"),
            "'--slice' has an intermediate_size of 93 in layer 2, but the "
            "checkpoint has 92");
  EXPECT_EQ(refuse("layers=0-2 intermediate_size=1,2"),
            "'--slice' has 2 entries in 'intermediate_size', but 3 layers");
}

TEST(Slice, IsRefusedWhereItCannotBeRead) {
  EXPECT_EQ(refuse("e2b"),
            "'--slice' has 'e2b', but expects 'layers=0-19,25-34' and "
            "'intermediate_size=8192' or one of them");
  for (const char *item : {"x", "", "3-", "5-3", "-1", "4097"})
    EXPECT_EQ(refuse(std::string("layers=0,") + item),
              "'--slice' has '" + std::string(item) +
                  "' in 'layers', but expects numbers or ranges such as 0-19");
}

} // namespace
