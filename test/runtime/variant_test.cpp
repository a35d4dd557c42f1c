//===- variant_test.cpp -----------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/error.h"
#include "runtime/variant.h"
#include "toy_model.h"

#include <gtest/gtest.h>

using namespace lapidary;
using namespace lapidary::test;

/// A machine of this architecture with the features a and b.
static const Machine ab_machine = {
    this_machine().architecture,
    [](std::string_view feature) { return feature == "a" || feature == "b"; }};

/// A toy with variants that need the given features, called v0, v1, ...
static Artifact
with_variants(const std::vector<std::vector<std::string>> &features,
              const std::string &architecture = "") {
  ArtifactBuilder builder = toy_artifact();
  schema::VariantT plain = *builder.root.variants[0];
  builder.root.variants.clear();
  for (const auto &needed : features) {
    auto variant = std::make_unique<schema::VariantT>(plain);
    variant->name = "v" + std::to_string(builder.root.variants.size());
    variant->features = needed;
    if (!architecture.empty())
      variant->architecture = architecture;
    builder.root.variants.push_back(std::move(variant));
  }
  return Artifact(write_toy(std::move(builder)));
}

static std::string chosen(const Artifact &artifact,
                          std::string_view wanted = {}) {
  return choose_variant(artifact, ab_machine, wanted).name()->str();
}

/// The message without the path that it begins with.
static std::string failure(const Artifact &artifact,
                           std::string_view wanted = {}) {
  try {
    choose_variant(artifact, ab_machine, wanted);
  } catch (const Error &error) {
    EXPECT_EQ(error.status(), LAPIDARY_UNSUPPORTED_MACHINE);
    return std::string(error.what()).substr(artifact.path().size());
  }
  return "no failure";
}

TEST(Variant, IsTheFirstThatRuns) {
  EXPECT_EQ(chosen(with_variants({{"a", "b"}, {"a"}})), "v0");
  EXPECT_EQ(chosen(with_variants({{"a", "c"}, {"a"}, {}})), "v1");
  EXPECT_EQ(chosen(with_variants({{"c"}, {}})), "v1");
}

TEST(Variant, IsTheWantedOne) {
  EXPECT_EQ(chosen(with_variants({{"a", "b"}, {"a"}}), "v1"), "v1");
}

TEST(Variant, SaysWhatTheMachineLacks) {
  std::string architecture(ab_machine.architecture);
  EXPECT_EQ(failure(with_variants({{"a", "c", "d"}, {"c"}})),
            ": has no code for this " + architecture +
                " machine: 'v0' needs c and d; 'v1' needs c");
  EXPECT_EQ(failure(with_variants({{"c"}, {}}), "v0"),
            ": has no code for this " + architecture +
                " machine: 'v0' needs c");
  EXPECT_EQ(failure(with_variants({{}}, "z80")),
            ": has no code for this " + architecture +
                " machine: 'v0' needs architecture z80");
  EXPECT_EQ(failure(with_variants({})), ": has no code for this " +
                                            architecture +
                                            " machine: there are no variants");
}

TEST(Variant, SaysWhichNamesThereAre) {
  EXPECT_EQ(failure(with_variants({{"a"}, {"b"}}), "v7"),
            ": LAPIDARY_CPU asks for variant 'v7', but there is only: v0, v1");
}
