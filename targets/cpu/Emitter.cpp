//===- Emitter.cpp - Builds loops, addresses and vector math ----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/cpu/Emitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <cmath>
#include <numbers>

using namespace mlir;
using namespace lapidary::cpu;

static bool isFloat(Value value) {
  return isa<FloatType>(getElementTypeOrSelf(value));
}

/// `element`, or a vector of it as long as `like`.
static Type withShapeOf(Value like, Type element) {
  if (auto type = dyn_cast<VectorType>(like.getType()))
    return VectorType::get(type.getShape(), element);
  return element;
}

//===----------------------------------------------------------------------===//
// Types and constants
//===----------------------------------------------------------------------===//

Type Emitter::ptr() { return LLVM::LLVMPointerType::get(builder.getContext()); }

VectorType Emitter::vector(Type element, int64_t lanes) {
  return VectorType::get({lanes}, element);
}

Value Emitter::index(int64_t value) {
  return arith::ConstantOp::create(builder, location,
                                   builder.getI64IntegerAttr(value));
}

Value Emitter::constant(Type type, double value) {
  Type element = getElementTypeOrSelf(type);
  TypedAttr scalar = isa<FloatType>(element)
                         ? TypedAttr(builder.getFloatAttr(element, value))
                         : TypedAttr(builder.getIntegerAttr(
                               element, static_cast<int64_t>(value)));
  if (auto shaped = dyn_cast<VectorType>(type))
    scalar = DenseElementsAttr::get(shaped, Attribute(scalar));
  return arith::ConstantOp::create(builder, location, scalar);
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

#define LAPIDARY_BINARY(NAME, FLOAT_OP, INTEGER_OP)                            \
  Value Emitter::NAME(Value a, Value b) {                                      \
    if (isFloat(a))                                                            \
      return arith::FLOAT_OP::create(builder, location, a, b);                 \
    return arith::INTEGER_OP::create(builder, location, a, b);                 \
  }
LAPIDARY_BINARY(add, AddFOp, AddIOp)
LAPIDARY_BINARY(sub, SubFOp, SubIOp)
LAPIDARY_BINARY(mul, MulFOp, MulIOp)
LAPIDARY_BINARY(divide, DivFOp, DivSIOp)
#undef LAPIDARY_BINARY

// Minimum and maximum of numbers: no NaN reaches them, so that they become one
// instruction.
static constexpr auto kNumbers =
    arith::FastMathFlags::nnan | arith::FastMathFlags::nsz;

Value Emitter::minimum(Value a, Value b) {
  if (isFloat(a))
    return arith::MinNumFOp::create(builder, location, a, b, kNumbers);
  return arith::MinSIOp::create(builder, location, a, b);
}

Value Emitter::maximum(Value a, Value b) {
  if (isFloat(a))
    return arith::MaxNumFOp::create(builder, location, a, b, kNumbers);
  return arith::MaxSIOp::create(builder, location, a, b);
}

Value Emitter::quotient(Value a, int64_t b) {
  return arith::DivUIOp::create(builder, location, a, index(b));
}

Value Emitter::remainder(Value a, int64_t b) {
  return arith::RemUIOp::create(builder, location, a, index(b));
}

Value Emitter::fma(Value a, Value b, Value c) {
  return math::FmaOp::create(builder, location, a, b, c);
}

Value Emitter::bitAnd(Value a, Value b) {
  return arith::AndIOp::create(builder, location, a, b);
}

Value Emitter::bitOr(Value a, Value b) {
  return arith::OrIOp::create(builder, location, a, b);
}

Value Emitter::bitXor(Value a, Value b) {
  return arith::XOrIOp::create(builder, location, a, b);
}

Value Emitter::shiftLeft(Value a, int64_t bits) {
  return arith::ShLIOp::create(builder, location, a,
                               constant(a.getType(), bits));
}

Value Emitter::shiftRight(Value a, int64_t bits) {
  return arith::ShRUIOp::create(builder, location, a,
                                constant(a.getType(), bits));
}

Value Emitter::shiftRight(Value a, Value bits) {
  return arith::ShRUIOp::create(builder, location, a, bits);
}

Value Emitter::shiftRightSigned(Value a, int64_t bits) {
  return arith::ShRSIOp::create(builder, location, a,
                                constant(a.getType(), bits));
}

Value Emitter::lessEqual(Value a, Value b) {
  if (isFloat(a))
    return arith::CmpFOp::create(builder, location, arith::CmpFPredicate::OLE,
                                 a, b);
  return arith::CmpIOp::create(builder, location, arith::CmpIPredicate::sle, a,
                               b);
}

Value Emitter::less(Value a, Value b) {
  if (isFloat(a))
    return arith::CmpFOp::create(builder, location, arith::CmpFPredicate::OLT,
                                 a, b);
  return arith::CmpIOp::create(builder, location, arith::CmpIPredicate::slt, a,
                               b);
}

Value Emitter::select(Value condition, Value a, Value b) {
  return arith::SelectOp::create(builder, location, condition, a, b);
}

Value Emitter::absolute(Value a) {
  if (!isFloat(a))
    return math::AbsIOp::create(builder, location, a);
  return math::AbsFOp::create(builder, location, a);
}

Value Emitter::squareRoot(Value a) {
  return math::SqrtOp::create(builder, location, a);
}

Value Emitter::roundEven(Value a) {
  return math::RoundEvenOp::create(builder, location, a);
}

//===----------------------------------------------------------------------===//
// Conversions
//===----------------------------------------------------------------------===//

Value Emitter::extend(Value value, Type element) {
  if (getElementTypeOrSelf(value) == element)
    return value;
  return arith::ExtFOp::create(builder, location, withShapeOf(value, element),
                               value);
}

Value Emitter::truncate(Value value, Type element) {
  if (getElementTypeOrSelf(value) == element)
    return value;
  assert(element.isBF16() && "only bfloat16 is rounded to");
  // The upper half, to the nearest, ties to even: x86 has no instruction for
  // it before AVX512_BF16, whose own flushes denormals. NaN does not occur.
  Value bits = bitcast(value, withShapeOf(value, i32()));
  auto number = [&](double n) { return constant(bits.getType(), n); };
  Value odd = bitAnd(shiftRight(bits, 16), number(1));
  Value rounded = shiftRight(add(add(bits, number(0x7fff)), odd), 16);
  return bitcast(narrow(rounded, i16()), withShapeOf(value, element));
}

Value Emitter::toFloat(Value value, Type element) {
  return arith::SIToFPOp::create(builder, location, withShapeOf(value, element),
                                 value);
}

Value Emitter::toInteger(Value value, Type element) {
  return arith::FPToSIOp::create(builder, location, withShapeOf(value, element),
                                 value);
}

Value Emitter::signExtend(Value value, Type element) {
  return arith::ExtSIOp::create(builder, location, withShapeOf(value, element),
                                value);
}

Value Emitter::narrow(Value value, Type element) {
  return arith::TruncIOp::create(builder, location, withShapeOf(value, element),
                                 value);
}

Value Emitter::bitcast(Value value, Type type) {
  if (isa<VectorType>(type))
    return vector::BitCastOp::create(builder, location, type, value);
  return arith::BitcastOp::create(builder, location, type, value);
}

Value Emitter::pointerToInteger(Value pointer) {
  return LLVM::PtrToIntOp::create(builder, location, i64(), pointer);
}

//===----------------------------------------------------------------------===//
// Lanes
//===----------------------------------------------------------------------===//

Value Emitter::broadcast(Value scalar, int64_t lanes) {
  return vector::BroadcastOp::create(builder, location,
                                     vector(scalar.getType(), lanes), scalar);
}

Value Emitter::spread(Value value) {
  return isa<VectorType>(value.getType()) ? value : broadcast(value);
}

Value Emitter::lane(Value vector, int64_t index) {
  return vector::ExtractOp::create(builder, location, vector, index);
}

Value Emitter::insert(Value scalar, Value vector, int64_t index) {
  return vector::InsertOp::create(builder, location, scalar, vector, index);
}

Value Emitter::slice(Value vector, int64_t first, int64_t count) {
  return vector::ExtractStridedSliceOp::create(
      builder, location, vector, ArrayRef<int64_t>{first},
      ArrayRef<int64_t>{count}, ArrayRef<int64_t>{1});
}

Value Emitter::shuffle(Value a, Value b, ArrayRef<int64_t> lanes) {
  return vector::ShuffleOp::create(builder, location, a, b, lanes);
}

Value Emitter::iota(Type element, int64_t lanes) {
  SmallVector<Attribute> values;
  for (int64_t i = 0; i < lanes; ++i)
    values.push_back(builder.getIntegerAttr(element, i));
  return arith::ConstantOp::create(
      builder, location,
      DenseElementsAttr::get(vector(element, lanes), values));
}

Value Emitter::sum(Value vector) {
  if (!isFloat(vector))
    return vector::ReductionOp::create(builder, location,
                                       vector::CombiningKind::ADD, vector);
  int64_t lanes = cast<VectorType>(vector.getType()).getNumElements();
  for (lanes /= 2; lanes >= 1; lanes /= 2)
    vector = add(slice(vector, 0, lanes), slice(vector, lanes, lanes));
  return lane(vector, 0);
}

Value Emitter::largest(Value vector) {
  return vector::ReductionOp::create(builder, location,
                                     vector::CombiningKind::MAXNUMF, vector,
                                     kNumbers | arith::FastMathFlags::reassoc);
}

Value Emitter::isAny(Value truths) {
  Value bits = lane(bitcast(truths, vector(i16(), 1)), 0);
  return arith::CmpIOp::create(builder, location, arith::CmpIPredicate::ne,
                               bits, constant(i16(), 0));
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Value Emitter::at(Value base, Value byteOffset) {
  return LLVM::GEPOp::create(builder, location, ptr(), i8(), base,
                             ArrayRef<LLVM::GEPArg>{byteOffset});
}

Value Emitter::at(Value base, int64_t byteOffset) {
  if (byteOffset == 0)
    return base;
  // What the operation keeps of a constant.
  if (llvm::isInt<LLVM::kGEPConstantBitWidth>(byteOffset))
    return LLVM::GEPOp::create(
        builder, location, ptr(), i8(), base,
        ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(byteOffset)});
  return at(base, index(byteOffset));
}

Value Emitter::load(Type type, Value pointer, int64_t align) {
  return LLVM::LoadOp::create(builder, location, type, pointer, align);
}

void Emitter::store(Value value, Value pointer, int64_t align) {
  LLVM::StoreOp::create(builder, location, value, pointer, align);
}

void Emitter::storeMasked(Value value, Value mask, Value pointer,
                          int64_t align) {
  LLVM::MaskedStoreOp::create(builder, location, value, pointer, mask,
                              builder.getI32IntegerAttr(align));
}

void Emitter::prefetch(Value pointer, int level) {
  // LLVM counts locality: 3 keeps the line in the first level.
  LLVM::Prefetch::create(builder, location, pointer, /*rw=*/0,
                         /*hint=*/4 - level, /*cache=*/1);
}

//===----------------------------------------------------------------------===//
// Control
//===----------------------------------------------------------------------===//

Emitter::Values
Emitter::loop(Value low, Value high, int64_t step, ValueRange carried,
              llvm::function_ref<Values(Value, ValueRange)> body) {
  auto loop = scf::ForOp::create(
      builder, location, low, high, index(step), carried,
      [&](OpBuilder &inner, Location, Value i, ValueRange values) {
        OpBuilder::InsertionGuard guard(builder);
        builder.restoreInsertionPoint(inner.saveInsertionPoint());
        Values next = body(i, values);
        scf::YieldOp::create(builder, location, next);
      });
  return Values(loop.getResults());
}

void Emitter::loop(Value low, Value high, int64_t step,
                   llvm::function_ref<void(Value)> body) {
  loop(low, high, step, {}, [&](Value i, ValueRange) -> Values {
    body(i);
    return {};
  });
}

void Emitter::when(Value condition, llvm::function_ref<void()> body) {
  scf::IfOp::create(builder, location, condition,
                    [&](OpBuilder &inner, Location) {
                      OpBuilder::InsertionGuard guard(builder);
                      builder.restoreInsertionPoint(inner.saveInsertionPoint());
                      body();
                      scf::YieldOp::create(builder, location);
                    });
}

void Emitter::loopBlocked(Value count, int64_t atOnce,
                          llvm::function_ref<void(Value, int64_t)> body) {
  Value zero = index(0);
  if (atOnce == 1)
    return loop(zero, count, 1, [&](Value i) { body(i, 1); });
  Value whole = sub(count, remainder(count, atOnce));
  loop(zero, whole, atOnce, [&](Value i) { body(i, atOnce); });
  loop(whole, count, 1, [&](Value i) { body(i, 1); });
}

void Emitter::loopCovering(Value count, int64_t atOnce,
                           llvm::function_ref<void(Value, int64_t)> body) {
  Value first = index(0);
  for (int64_t n = atOnce; n > 0; n /= 2) {
    // What half as many cover is left to the next copy of the body.
    Value end = sub(count, index(n / 2));
    first = loop(first, end, n, first, [&](Value i, ValueRange) -> Values {
      body(i, n);
      return {add(i, index(n))};
    })[0];
  }
}

Value Emitter::intrinsic(StringRef name, Type result, ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(builder, location, result,
                                       builder.getStringAttr(name), operands)
      .getResult(0);
}

void Emitter::intrinsic(StringRef name, ValueRange operands) {
  LLVM::CallIntrinsicOp::create(builder, location, builder.getStringAttr(name),
                                operands);
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

Value Emitter::exp(Value x) {
  Type type = x.getType();
  auto number = [&](double value) { return constant(type, value); };
  constexpr double kLowest = -87.3, kHighest = 88.3;
  Value bounded = minimum(maximum(x, number(kLowest)), number(kHighest));
  // x = n log 2 + r with |r| <= log(2) / 2; log 2 in two parts keeps r exact.
  Value n = roundEven(mul(bounded, number(std::numbers::log2e)));
  Value r = fma(n, number(-0.693359375), bounded);
  r = fma(n, number(2.12194440e-4), r);
  // exp(r) = 1 + r + r^2 p(r); minimax coefficients of degree 5 on that range.
  Value p = number(1.9875691500e-4);
  for (double coefficient : {1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2,
                             1.6666665459e-1, 5.0000001201e-1})
    p = fma(p, r, number(coefficient));
  p = add(fma(mul(p, r), r, r), number(1.0));
  Value exponent = toInteger(n, i32());
  exponent = shiftLeft(add(exponent, constant(exponent.getType(), 127)), 23);
  Value result = mul(p, bitcast(exponent, type));
  return select(lessEqual(x, number(kLowest)), number(0.0), result);
}

Value Emitter::gelu(Value x) {
  auto number = [&](double value) { return constant(x.getType(), value); };
  // gelu(x) = x / (1 + exp(-2u)), u = sqrt(2 / pi) (x + 0.044715 x^3).
  double factor = -2.0 * std::sqrt(2.0 / std::numbers::pi);
  Value cubic = fma(mul(mul(x, x), x), number(0.044715), x);
  Value e = exp(mul(cubic, number(factor)));
  return divide(x, add(e, number(1.0)));
}

Value Emitter::softcap(Value x, float cap) {
  auto number = [&](double value) { return constant(x.getType(), value); };
  // tanh(z) = 1 - 2 / (exp(2z) + 1).
  Value e = exp(mul(x, number(2.0 / cap)));
  Value tanh = sub(number(1.0), divide(number(2.0), add(e, number(1.0))));
  return mul(tanh, number(cap));
}

std::pair<Value, Value> Emitter::cosSin(Value angle) {
  Value a = getElementTypeOrSelf(angle).isF64() ? angle : extend(angle, f64());
  auto number = [&](double value) { return constant(a.getType(), value); };
  // a = k pi/2 + r, |r| <= pi/4; pi/2 in two parts is exact for |k| < 2^20.
  constexpr double kHigh = 0x1.921fb544p+0, kLow = 0x1.0b4611a626331p-34;
  Value k = roundEven(mul(a, number(std::numbers::inv_pi * 2)));
  Value r = fma(k, number(-kHigh), a);
  r = fma(k, number(-kLow), r);
  Value z = mul(r, r);
  auto series = [&](ArrayRef<double> coefficients) {
    Value p = number(coefficients.front());
    for (double coefficient : coefficients.drop_front())
      p = fma(p, z, number(coefficient));
    return p;
  };
  // Taylor series: the first terms left out are below 2^-40 on this range.
  Value sine = mul(r, series({1.0 / 6227020800, -1.0 / 39916800, 1.0 / 362880,
                              -1.0 / 5040, 1.0 / 120, -1.0 / 6, 1.0}));
  Value cosine = series({-1.0 / 87178291200, 1.0 / 479001600, -1.0 / 3628800,
                         1.0 / 40320, -1.0 / 720, 1.0 / 24, -0.5, 1.0});
  Value quadrant = toInteger(k, i32());
  auto one = constant(quadrant.getType(), 1),
       two = constant(quadrant.getType(), 2);
  auto isSet = [&](Value bits, Value mask) {
    return arith::CmpIOp::create(builder, location, arith::CmpIPredicate::eq,
                                 bitAnd(bits, mask), mask);
  };
  auto negateIf = [&](Value condition, Value value) {
    return select(condition, sub(number(0.0), value), value);
  };
  Value swap = isSet(quadrant, one);
  Value c =
      negateIf(isSet(add(quadrant, one), two), select(swap, sine, cosine));
  Value s = negateIf(isSet(quadrant, two), select(swap, cosine, sine));
  auto single = [&](Value value) -> Value {
    return arith::TruncFOp::create(builder, location, withShapeOf(value, f32()),
                                   value);
  };
  return {single(c), single(s)};
}
