//===- RowOps.cpp - The kernel operations of row-wise ones ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/planning/RowOps.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lapidary;

SmallVector<Value> lapidary::createRowOp(OpBuilder &b, Operation *op,
                                         ValueRange rows, ValueRange places) {
  Location loc = op->getLoc();
  using Results = SmallVector<Value>;
  return llvm::TypeSwitch<Operation *, Results>(op)
      .Case([&](gemma::RmsNormOp op) -> Results {
        return {kernel::RmsNormOp::create(b, loc, rows[0], places[0],
                                          op.getNorm().getEpsilon())};
      })
      .Case([&](gemma::ScaleOp op) -> Results {
        return {kernel::ScaleOp::create(b, loc, rows[0], op.getFactorAttr())};
      })
      .Case([&](gemma::ScaleByOp) -> Results {
        return {kernel::ScaleByOp::create(b, loc, rows[0], places[0])};
      })
      .Case([&](gemma::BiasOp) -> Results {
        return {kernel::BiasOp::create(b, loc, rows[0], places[0])};
      })
      .Case([&](gemma::GeluOp) -> Results {
        return {kernel::GeluOp::create(b, loc, rows[0])};
      })
      .Case([&](gemma::SoftcapOp op) -> Results {
        return {kernel::SoftcapOp::create(b, loc, rows[0], op.getCapAttr())};
      })
      .Case([&](gemma::GaussianTopKOp op) -> Results {
        return {kernel::GaussianTopKOp::create(b, loc, rows[0],
                                               op.getDeviationsAttr())};
      })
      .Case([&](gemma::MulOp) -> Results {
        return {kernel::MulOp::create(b, loc, rows[0], rows[1])};
      })
      .Case([&](gemma::AddOp) -> Results {
        return {kernel::AddOp::create(b, loc, rows[0], rows[1])};
      })
      .Case([&](gemma::L2NormOp) -> Results {
        return {kernel::L2NormOp::create(b, loc, rows[0])};
      })
      .Case([&](gemma::MatchRmsOp op) -> Results {
        return {kernel::MatchRmsOp::create(b, loc, rows[0], rows[1],
                                           op.getFloorAttr())};
      })
      .Case([&](gemma::RopeOp op) -> Results {
        int64_t dim = op.getType().getDimSize(2);
        return {kernel::RopeOp::create(b, loc, rows[0], rows[1], dim)};
      })
      .Case([&](gemma::AltupPredictOp) {
        // What the others add to each stream.
        ValueRange streams = rows.drop_front();
        Results results;
        for (auto [i, stream] : llvm::enumerate(streams)) {
          Value sum = kernel::WeightedSumOp::create(
              b, loc, stream.getType(), rows[0], streams, i * streams.size());
          results.push_back(kernel::AddOp::create(b, loc, stream, sum));
        }
        return results;
      })
      .Case([&](gemma::AltupCorrectOp op) {
        ValueRange predictions = rows.drop_front(2);
        Value active = predictions[op.getActiveAttr().getInt()];
        Value change = kernel::AddOp::create(
            b, loc, rows[1],
            kernel::ScaleOp::create(b, loc, active, b.getF32FloatAttr(-1.0f)));
        Results results;
        for (auto [i, prediction] : llvm::enumerate(predictions)) {
          Value sum = kernel::WeightedSumOp::create(b, loc, change.getType(),
                                                    rows[0], change, i);
          sum = kernel::AddOp::create(b, loc, change, sum);
          results.push_back(kernel::AddOp::create(b, loc, prediction, sum));
        }
        return results;
      });
}
