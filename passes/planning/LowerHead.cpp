//===- LowerHead.cpp - Logits, all or the best ------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Who chooses a token seldom looks at more than the best logits. Beside the
// product that gives all there is a second way to the end of the program: all
// logits stay in the arena, and a threshold that the best ones reach is taken
// from the best of each lane.
#include "dialects/kernel/Layouts.h"
#include "passes/planning/Lowering.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lapidary;
using kernel::GridUnit;
using kernel::RowFormat;

bool Lowering::isHead(gemma::LinearOp op) {
  if (!op->hasOneUse() || !isa<func::ReturnOp>(*op->user_begin()) ||
      op->use_begin()->getOperandNumber() != 0 || op.getPostNormWeight() ||
      op.getResidual() || unitOf(op.getInput()) != GridUnit::Wanted)
    return false;
  // Of what goes on from states all is shown.
  if (model.getNumArguments() > 2)
    return false;
  return llvm::any_of(model.getOps<gemma::EmbedOp>(), [&](auto embed) {
    return embed.getTable().getType().getDimSize(0) == widthOf(op.getResult());
  });
}

Value Lowering::fewRows(StringRef name, int64_t width, RowFormat format) {
  auto type = kernel::RowsType::get(module.getContext(), width, format);
  return plan::BufferOp::create(body, model.getLoc(), type, name, IntegerAttr(),
                                1, body.getI64IntegerAttr(kernel::kBestRows));
}

void Lowering::lowerHead(gemma::LinearOp op, Value input) {
  StringRef label = nameOf(op.getWeight());
  int64_t width = widthOf(op.getResult());
  auto multiply = [&](plan::Purpose end, Value rows) {
    purpose = plan::PurposeAttr::get(module.getContext(), end);
    product(input, op.getWeight(), rows, GridUnit::Wanted,
            kernel::Epilogue::None, op.getSoftcapAttr(), label);
  };
  Value all = result(0, width);
  multiply(plan::Purpose::Logits, all);
  Value logits = fewRows("logits", width, RowFormat::F32);
  multiply(plan::Purpose::Best, logits);
  findBest(logits, label);
  purpose = {};
  define(op.getResult(), {all}, GridUnit::Wanted);
}

void Lowering::findBest(Value logits, StringRef label) {
  Location location = model.getLoc();
  int64_t width = cast<kernel::RowsType>(logits.getType()).getWidth();
  int64_t slices = llvm::divideCeil(width, kernel::kBestColumns);
  auto keysType = kernel::RowsType::get(module.getContext(), kernel::kBest,
                                        RowFormat::Keys);
  auto keepBest = [&](Value keys, Value best) {
    int64_t count = cast<kernel::RowsType>(keys.getType()).getWidth();
    dispatch(("best_of_" + Twine(count)).str(), "", {keys, best},
             GridUnit::Wanted, 1, label,
             [&](OpBuilder &b, ValueRange arguments) {
               kernel::BestOp::create(b, location, arguments[0], arguments[1]);
             });
  };
  Value peaks = fewRows("peaks", slices * kernel::kPanelRows, RowFormat::Keys);
  dispatch(("peaks_" + Twine(width)).str(), "", {logits, peaks},
           GridUnit::Wanted, slices, label,
           [&](OpBuilder &b, ValueRange arguments) {
             kernel::PeaksOp::create(b, location, arguments[0], arguments[1]);
           });
  Value threshold = fewRows("threshold", kernel::kBest, RowFormat::Keys);
  keepBest(peaks, threshold);
  Value contenders =
      fewRows("contenders", slices * kernel::kBest, RowFormat::Keys);
  dispatch(("contenders_" + Twine(width)).str(), "",
           {logits, threshold, contenders}, GridUnit::Wanted, slices, label,
           [&](OpBuilder &b, ValueRange arguments) {
             kernel::ContendersOp::create(b, location, arguments[0],
                                          arguments[1], arguments[2]);
           });
  keepBest(contenders, plan::BestOp::create(body, location, keysType));
}
