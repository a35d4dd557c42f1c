//===- KernelEmitter.cpp - Slices, arguments, scratch -----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/cpu/KernelEmitter.h"

#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lapidary;
using namespace lapidary::cpu;

int64_t cpu::lanesFor(int64_t width) {
  return std::min<int64_t>(kLanes, width & -width);
}

Value KernelEmitter::reserve(int64_t bytes) {
  Value place = at(scratch, scratchUsed);
  scratchUsed += llvm::alignTo(bytes, 64);
  return place;
}

Value KernelEmitter::rowCount(kernel::GridUnit unit) {
  // The runtime passes {rows, blocks, wanted}.
  int64_t slot = unit == kernel::GridUnit::Wanted ? 2 : 0;
  return load(i64(), at(sizes, 8 * slot), 8);
}

void KernelEmitter::emit(kernel::FuncOp func, Value begin, Value end) {
  for (auto [i, argument] : llvm::enumerate(func.getBody().getArguments()))
    values.map(argument, load(ptr(), at(operands, 8 * i), 8));
  loop(begin, end, 1, [&](Value slice) {
    for (Operation &op : func.getBody().front())
      TypeSwitch<Operation *>(&op)
          .Case([&](kernel::LoadOp op) { emitLoad(op, slice); })
          .Case([&](kernel::MeanOp op) { emitMean(op, slice); })
          .Case([&](kernel::EmbedOp op) { emitEmbed(op, slice); })
          .Case([&](kernel::SubstituteOp op) { emitSubstitute(op, slice); })
          .Case([&](kernel::RmsNormOp op) { emitRmsNorm(op); })
          .Case([&](kernel::ScaleByOp op) { emitScaleBy(op); })
          .Case([&](kernel::BiasOp op) { emitBias(op); })
          .Case([&](kernel::GaussianTopKOp op) { emitGaussianTopK(op); })
          .Case([&](kernel::L2NormOp op) { emitL2Norm(op); })
          .Case([&](kernel::MatchRmsOp op) { emitMatchRms(op); })
          .Case([&](kernel::WeightedSumOp op) { emitWeightedSum(op); })
          .Case<kernel::AddOp, kernel::MulOp, kernel::ScaleOp,
                kernel::SoftcapOp, kernel::GeluOp>(
              [&](Operation *op) { emitMap(op); })
          .Case([&](kernel::StoreOp op) { emitStore(op, slice); })
          .Case([&](kernel::RopeTableOp op) { emitRopeTable(op, slice); })
          .Case([&](kernel::MatmulOp op) { emitMatmul(op, slice); })
          .Case([&](kernel::PeaksOp op) { emitPeaks(op, slice); })
          .Case([&](kernel::BestOp op) { emitBest(op, slice); })
          .Case([&](kernel::ContendersOp op) { emitContenders(op, slice); })
          .Case([&](kernel::RouteOp op) { emitRoute(op, slice); })
          .Case([&](kernel::GroupOp op) { emitGroup(op); })
          .Case([&](kernel::ScatterOp op) { emitScatter(op, slice); })
          .Case([&](kernel::CombineOp op) { emitCombine(op, slice); })
          .Case([&](kernel::SpreadOp op) { emitSpread(op, slice); })
          .Case([&](kernel::RopeOp op) { emitRope(op); })
          .Case([&](kernel::AppendOp op) { emitAppend(op, slice); })
          .Case([&](kernel::AppendValuesOp op) { emitAppend(op, slice); })
          .Case([&](kernel::AttentionOp op) { emitAttention(op, slice); })
          .Case([&](kernel::MergeStrandsOp op) { emitMergeStrands(op, slice); })
          .Case([&](kernel::BlockLinearOp op) { emitBlockLinear(op, slice); })
          .Case([&](kernel::CausalConvOp op) { emitCausalConv(op, slice); })
          .Case([&](kernel::RgLruOp op) { emitRgLru(op, slice); })
          .Case([&](kernel::ReadOp op) { emitRead(op, slice); })
          .Case([&](kernel::MultiplyOp op) { emitMultiply(op); })
          .Default([](Operation *) {
            llvm_unreachable("every kernel op has an emitter");
          });
  });
}
