//===- LowerExperts.cpp - Rows that go to experts ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/kernel/Layouts.h"
#include "passes/planning/Lowering.h"

using namespace mlir;
using namespace lapidary;
using kernel::GridUnit;
using kernel::GridUnitAttr;
using kernel::RowFormat;

Value Lowering::chooseBest(Value scores, int64_t top, Value scales,
                           StringRef label) {
  auto type =
      kernel::RoutingType::get(module.getContext(), widthOf(scores), top);
  Value routing = plan::BufferOp::create(body, model.getLoc(), type, "routing",
                                         IntegerAttr(), 1, IntegerAttr());
  GridUnit unit = unitOf(scores);
  std::string shape = (Twine(top) + "of" + Twine(type.getExperts())).str();
  std::string name = "route_" + shape;
  dispatchRows({name, "", label, unit, {scores}, {}, {scales, routing}, {}},
               [&](OpBuilder &b, ValueRange rows,
                   ValueRange places) -> SmallVector<Value> {
                 kernel::RouteOp::create(b, model.getLoc(), rows[0], places[0],
                                         places[1]);
                 return {};
               });
  auto rows = GridUnitAttr::get(module.getContext(), unit);
  dispatch("group_" + shape, Twine(stringifyGridUnit(unit)), routing,
           GridUnit::One, 1, label, [&](OpBuilder &b, ValueRange arguments) {
             kernel::GroupOp::create(b, model.getLoc(), arguments[0], rows);
           });
  return routing;
}

void Lowering::lowerRoute(gemma::RouteOp op) {
  if (unitOf(op.getScores()) == GridUnit::Wanted)
    wanted.insert(op.getResult());
  routings[op.getResult()] =
      chooseBest(op.getScores(), op.getType().getTop(), packed(op.getScales()),
                 nameOf(op.getScales()));
}

Value Lowering::scatter(Value value, Value routing, RowFormat format,
                        StringRef label) {
  int64_t width = widthOf(value);
  int64_t top = cast<kernel::RoutingType>(routing.getType()).getTop();
  Value rows = buffer("routed", width, format, top);
  std::string name = "scatter_" + std::to_string(width);
  dispatchRows(
      {name, "", label, unitOf(value), {value}, {}, {rows, routing}, {}},
      [&](OpBuilder &b, ValueRange rows,
          ValueRange places) -> SmallVector<Value> {
        kernel::ScatterOp::create(b, model.getLoc(), rows[0], places[0],
                                  places[1]);
        return {};
      });
  return rows;
}

void Lowering::lowerExperts(gemma::ExpertsOp op) {
  Value routing = routings.lookup(op.getRouting());
  int64_t top = op.getRouting().getType().getTop();
  int64_t inner = cast<ShapedType>(op.getDown().getType()).getDimSize(1);
  GridUnit unit = unitOf(op.getInput());
  RowFormat format = rowFormatOf(op.getProduct());
  StringRef label = nameOf(op.getGateUp());
  Value input = scatter(op.getInput(), routing, format, label);
  Value gated = buffer("gated", inner, format, top);
  product(input, op.getGateUp(), gated, unit, kernel::Epilogue::GeluMul,
          FloatAttr(), label, routing);
  int64_t width = widthOf(op.getResult());
  Value result = buffer("experts", width, RowFormat::F32, top);
  product(gated, op.getDown(), result, unit, kernel::Epilogue::None,
          FloatAttr(), nameOf(op.getDown()), routing);
  Value rows = place(op.getResult(), "combined");
  auto rowType = kernel::RowType::get(module.getContext(), width);
  std::string name = "combine_" + std::to_string(width);
  dispatchRows(
      {name, "", nameOf(op.getDown()), unit, {}, {}, {result, routing}, {rows}},
      [&](OpBuilder &b, ValueRange, ValueRange places) -> SmallVector<Value> {
        return {kernel::CombineOp::create(b, op.getLoc(), rowType, places[0],
                                          places[1])};
      });
  define(op.getResult(), {rows}, unit);
}

/// Clusters are experts that have one product each.
void Lowering::lowerClusteredLinear(gemma::ClusteredLinearOp op) {
  int64_t width = widthOf(op.getResult()), top = op.getTop();
  int64_t clusters = widthOf(op.getScores());
  StringRef label = nameOf(op.getWeight());
  auto onesType = RankedTensorType::get({clusters}, body.getF32Type());
  Value ones = gemma::FillOp::create(body, op.getLoc(), onesType,
                                     body.getF32FloatAttr(1.0f));
  Value scales = plan::PackOp::create(
      body, op.getLoc(), kernel::VectorType::get(module.getContext(), clusters),
      ones, IntegerAttr());
  Value routing = chooseBest(op.getScores(), top, scales, label);
  GridUnit unit = unitOf(op.getInput());
  Value input =
      scatter(op.getInput(), routing, rowFormatOf(op.getProduct()), label);
  Value products = buffer("clusters", width / clusters, RowFormat::F32, top);
  product(input, op.getWeight(), products, unit, kernel::Epilogue::None,
          FloatAttr(), label, routing);
  Value rows = place(op.getResult(), "logits");
  auto rowType = kernel::RowType::get(module.getContext(), width);
  std::string name = "spread_" + std::to_string(width);
  dispatchRows(
      {name,
       "",
       label,
       unit,
       {},
       {},
       {products, packed(op.getOrder()), routing},
       {rows}},
      [&](OpBuilder &b, ValueRange, ValueRange places) -> SmallVector<Value> {
        return {kernel::SpreadOp::create(b, op.getLoc(), rowType, places[0],
                                         places[1], places[2])};
      });
  define(op.getResult(), {rows}, unit);
}
