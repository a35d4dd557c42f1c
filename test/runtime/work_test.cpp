//===- work_test.cpp ------------------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/work.h"
#include "toy_model.h"

#include <gtest/gtest.h>

using namespace lapidary;
using namespace lapidary::test;
using schema::GridUnit, schema::OperandKind;

namespace {
/// Two sequences: positions 10 to 12 of one, position 2 of the other.
class WorkOfCommands : public testing::Test {
protected:
  static constexpr StepSizes sizes{4, 2, 1};
  int32_t positions_[4] = {10, 11, 12, 2}, ends_[4] = {13, 13, 13, 3},
          wanted_[1] = {2};
  void *pages_[2] = {};
  void **tables_[4] = {&pages_[0], &pages_[0], &pages_[0], &pages_[1]};
  StepInputs inputs_{nullptr, positions_, ends_,   nullptr,
                     nullptr, wanted_,    nullptr, {tables_, tables_},
                     {}};
  schema::CommandT command_;

  Work work(const StepSizes &step = sizes) {
    ArtifactBuilder builder = toy_artifact();
    auto &commands = builder.root.programs[0]->commands;
    commands.front() = std::make_unique<schema::CommandT>(command_);
    flatbuffers::FlatBufferBuilder buffer;
    buffer.Finish(schema::Artifact::Pack(buffer, &builder.root));
    const auto *root =
        flatbuffers::GetRoot<schema::Artifact>(buffer.GetBufferPointer());
    return work_of(*root, *root->programs()->Get(0)->commands()->Get(0), step,
                   inputs_);
  }

  void attend(uint64_t cache) {
    command_.bytes_per_key = 100;
    command_.flops_per_key = 7;
    command_.operands.emplace_back(OperandKind::Pages, cache);
  }
};
} // namespace

TEST_F(WorkOfCommands, CountsWeightsOnceAndRows) {
  command_.weight_bytes = 1000;
  command_.flops_per_row = 5;
  EXPECT_EQ(work().weight_bytes, 1000u);
  EXPECT_EQ(work().kv_bytes, 0u);
  EXPECT_EQ(work().flops, 20u);
}

TEST_F(WorkOfCommands, CountsNothingWithoutWantedRows) {
  command_.weight_bytes = 1000;
  command_.flops_per_row = 5;
  command_.rows = GridUnit::Wanted;
  EXPECT_EQ(work().flops, 5u);
  EXPECT_EQ(work({4, 2, 0}).weight_bytes, 0u);
  EXPECT_EQ(work({4, 2, 0}).flops, 0u);
}

TEST_F(WorkOfCommands, CountsKeysOfASequenceOnce) {
  attend(0);
  EXPECT_EQ(work().kv_bytes, 100u * (13 + 3));
  EXPECT_EQ(work().flops, 7u * (11 + 12 + 13 + 3));
}

TEST_F(WorkOfCommands, CountsKeysInTheWindow) {
  attend(1);
  ASSERT_EQ(toy_window, 8);
  // Positions 3 to 12 of the one, all of the other.
  EXPECT_EQ(work().kv_bytes, 100u * (10 + 3));
  EXPECT_EQ(work().flops, 7u * (8 + 8 + 8 + 3));
}

TEST_F(WorkOfCommands, CountsKeysAhead) {
  attend(0);
  command_.operands.emplace_back(OperandKind::Ends, 0);
  EXPECT_EQ(work().kv_bytes, 100u * (13 + 3));
  EXPECT_EQ(work().flops, 7u * (13 + 13 + 13 + 3));
}

TEST_F(WorkOfCommands, CountsKeysOfWantedRows) {
  attend(0);
  command_.rows = GridUnit::Wanted;
  EXPECT_EQ(work().kv_bytes, 100u * 13);
  EXPECT_EQ(work().flops, 7u * 13);
}
