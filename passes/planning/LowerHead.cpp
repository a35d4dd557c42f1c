//===- LowerHead.cpp - Logits, all or the best ------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Who chooses a token seldom looks at more than the best logits. Beside the
// product that gives all there is a second way to the end of the program: all
// logits stay in the arena, and a threshold that the best ones reach is taken
// from the best of each lane. Of a weight in planes these are estimates; the
// lower plane is read for those that may reach the threshold.
#include "dialects/kernel/Layouts.h"
#include "passes/planning/Lowering.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lapidary;
using kernel::GridUnit;
using kernel::RowFormat;

Value Lowering::fewRows(StringRef name, int64_t width, RowFormat format) {
  auto type = kernel::RowsType::get(module.getContext(), width, format);
  return plan::BufferOp::create(body, model.getLoc(), type, name, IntegerAttr(),
                                1, body.getI64IntegerAttr(kernel::kBestRows));
}

void Lowering::lowerHead(gemma::LinearOp op, Value input) {
  StringRef label = nameOf(op.getWeight());
  int64_t width = widthOf(op.getResult());
  auto beFor = [&](plan::Purpose end) {
    purpose = plan::PurposeAttr::get(module.getContext(), end);
  };
  beFor(plan::Purpose::Logits);
  Value all = result(0, width);
  product(input, op.getWeight(), all, GridUnit::Wanted, kernel::Epilogue::None,
          op.getSoftcapAttr(), label);
  beFor(plan::Purpose::Best);
  Value logits = fewRows("logits", width, RowFormat::F32);
  auto bits =
      kernel::RowsType::get(module.getContext(), width, RowFormat::Bits);
  Value allowed = plan::AllowedOp::create(body, model.getLoc(), bits);
  Estimate estimate;
  if (shared.isInPlanes(op.getWeight()))
    estimate = {input, packed(op.getWeight()), op.getSoftcapAttr()};
  product(input, op.getWeight(), logits, GridUnit::Wanted,
          kernel::Epilogue::None,
          estimate.weight ? FloatAttr() : op.getSoftcapAttr(), label, {},
          /*upper=*/estimate.weight != nullptr, allowed);
  findBest(logits, estimate, label);
  purpose = {};
  define(op.getResult(), {all}, GridUnit::Wanted);
}

void Lowering::keepBest(Value keys, Value best, StringRef label) {
  int64_t count = cast<kernel::RowsType>(keys.getType()).getWidth();
  dispatch(("best_of_" + Twine(count)).str(), "", {keys, best},
           GridUnit::Wanted, 1, label, [&](OpBuilder &b, ValueRange arguments) {
             kernel::BestOp::create(b, model.getLoc(), arguments[0],
                                    arguments[1]);
           });
}

void Lowering::findBest(Value logits, const Estimate &estimate,
                        StringRef label) {
  Location location = model.getLoc();
  int64_t width = cast<kernel::RowsType>(logits.getType()).getWidth();
  int64_t slices = llvm::divideCeil(width, kernel::kBestColumns);
  auto search = [&](StringRef name, ArrayRef<Value> places, BodyBuilder build) {
    SmallVector<Value> operands(places);
    if (estimate.weight)
      operands.append({estimate.rows, estimate.weight});
    dispatch((name + "_" + Twine(width)).str(), numberKey(estimate.softcap),
             operands, GridUnit::Wanted, slices, label, build);
  };
  // What refines the estimates lies behind `places` of the arguments.
  auto refiner = [&](ValueRange arguments, size_t places) {
    return arguments.size() > places
               ? std::pair(arguments[places], arguments[places + 1])
               : std::pair(Value(), Value());
  };
  Value peaks = fewRows("peaks", slices * kernel::kPanelRows, RowFormat::Keys);
  search("peaks", {logits, peaks}, [&](OpBuilder &b, ValueRange arguments) {
    auto [rows, weight] = refiner(arguments, 2);
    kernel::PeaksOp::create(b, location, arguments[0], arguments[1], rows,
                            weight, estimate.softcap);
  });
  Value threshold = fewRows("threshold", kernel::kBest, RowFormat::Keys);
  keepBest(peaks, threshold, label);
  Value contenders =
      fewRows("contenders", slices * kernel::kBest, RowFormat::Keys);
  search("contenders", {logits, threshold, contenders},
         [&](OpBuilder &b, ValueRange arguments) {
           auto [rows, weight] = refiner(arguments, 3);
           kernel::ContendersOp::create(b, location, arguments[0], arguments[1],
                                        arguments[2], rows, weight,
                                        estimate.softcap);
         });
  auto bestType = kernel::RowsType::get(module.getContext(), kernel::kBest,
                                        RowFormat::Keys);
  keepBest(contenders, plan::BestOp::create(body, location, bestType), label);
}
