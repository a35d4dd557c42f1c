//===- Emitter.h - Builds loops, addresses and vector math ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the emitters of this folder have in common: a builder whose calls read
// like the loops that they write. Addresses are bytes, indices are i64, and
// vectors have 16 lanes unless a width is given; LLVM splits them where the
// machine's registers are narrower.
#ifndef LAPIDARY_TARGETS_CPU_EMITTER_H
#define LAPIDARY_TARGETS_CPU_EMITTER_H

#include "mlir/IR/Builders.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace lapidary::cpu {

/// Lanes of the vectors that emitters work with.
inline constexpr int64_t kLanes = 16;

class Emitter {
public:
  using Value = mlir::Value;
  using Values = llvm::SmallVector<Value>;

  Emitter(mlir::OpBuilder &builder, mlir::Location location)
      : builder(builder), location(location) {}

  mlir::OpBuilder &builder;
  mlir::Location location;

  mlir::Type i8() { return builder.getI8Type(); }
  mlir::Type i16() { return builder.getI16Type(); }
  mlir::Type i32() { return builder.getI32Type(); }
  mlir::Type i64() { return builder.getI64Type(); }
  mlir::Type f32() { return builder.getF32Type(); }
  mlir::Type f64() { return builder.getF64Type(); }
  mlir::Type bf16() { return builder.getBF16Type(); }
  mlir::Type f16() { return builder.getF16Type(); }
  mlir::Type ptr();
  mlir::VectorType vector(mlir::Type element, int64_t lanes = kLanes);

  /// Constants; `splat` has the type of a vector or a scalar.
  Value index(int64_t value);
  Value constant(mlir::Type type, double value);

  /// Arithmetic on integers or floats, scalars or vectors, by operand type.
  Value add(Value a, Value b);
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  Value divide(Value a, Value b);
  /// Signed quotient and remainder of non-negative integers by a constant.
  Value quotient(Value a, int64_t b);
  Value remainder(Value a, int64_t b);
  Value minimum(Value a, Value b);
  Value maximum(Value a, Value b);
  /// `a * b + c`, rounded once.
  Value fma(Value a, Value b, Value c);
  Value bitAnd(Value a, Value b);
  Value bitOr(Value a, Value b);
  Value bitXor(Value a, Value b);
  Value shiftLeft(Value a, int64_t bits);
  Value shiftRight(Value a, int64_t bits);
  Value shiftRight(Value a, Value bits);
  Value shiftRightSigned(Value a, int64_t bits);
  Value lessEqual(Value a, Value b);
  Value less(Value a, Value b);
  Value select(Value condition, Value a, Value b);
  Value absolute(Value a);
  Value squareRoot(Value a);
  /// To the nearest integer, ties to even, as a float.
  Value roundEven(Value a);

  /// Conversions keep the lane count of `value`.
  Value extend(Value value, mlir::Type element);    ///< float to wider float
  Value truncate(Value value, mlir::Type element);  ///< float to narrower float
  Value toFloat(Value value, mlir::Type element);   ///< signed integer to float
  Value toInteger(Value value, mlir::Type element); ///< float to signed integer
  Value signExtend(Value value, mlir::Type element);
  Value narrow(Value value,
               mlir::Type element); ///< integer to narrower integer
  Value bitcast(Value value, mlir::Type type);
  Value pointerToInteger(Value pointer);

  /// Lanes.
  Value broadcast(Value scalar, int64_t lanes = kLanes);
  /// The same, unless it is a vector already.
  Value spread(Value value);
  Value lane(Value vector, int64_t index);
  Value insert(Value scalar, Value vector, int64_t index);
  /// `count` lanes from `first` on.
  Value slice(Value vector, int64_t first, int64_t count);
  Value shuffle(Value a, Value b, llvm::ArrayRef<int64_t> lanes);
  Value iota(mlir::Type element, int64_t lanes = kLanes);
  /// Floats are added half to half, in an order that every machine keeps.
  Value sum(Value vector);
  Value largest(Value vector);
  /// Whether a lane of a vector of 16 truths holds.
  Value isAny(Value truths);

  /// Memory. `align` is in bytes.
  Value at(Value base, Value byteOffset);
  Value at(Value base, int64_t byteOffset);
  Value load(mlir::Type type, Value pointer, int64_t align);
  void store(Value value, Value pointer, int64_t align);
  void storeMasked(Value value, Value mask, Value pointer, int64_t align);
  /// Hints that the line will be read; `level` 1 to 3 is the cache.
  void prefetch(Value pointer, int level);

  /// `for (i = low; i < high; i += step)`; `body` returns the next values of
  /// what is carried, whose last values are the result.
  Values loop(Value low, Value high, int64_t step, mlir::ValueRange carried,
              llvm::function_ref<Values(Value, mlir::ValueRange)> body);
  /// The same carrying nothing.
  void loop(Value low, Value high, int64_t step,
            llvm::function_ref<void(Value)> body);
  /// `if (condition)`.
  void when(Value condition, llvm::function_ref<void()> body);
  /// Runs `body(i, n)` for `n` = `atOnce` consecutive indices while as many are
  /// left, then for `n` = 1: two copies of the body.
  void loopBlocked(Value count, int64_t atOnce,
                   llvm::function_ref<void(Value, int64_t)> body);
  /// Runs `body(i, n)` for indices that cover `count` and perhaps some more:
  /// `n` is `atOnce`, a power of two, and the last time the least that covers
  /// what is left.
  void loopCovering(Value count, int64_t atOnce,
                    llvm::function_ref<void(Value, int64_t)> body);

  Value intrinsic(llvm::StringRef name, mlir::Type result,
                  mlir::ValueRange operands);
  /// The same without result.
  void intrinsic(llvm::StringRef name, mlir::ValueRange operands);

  /// Functions on float32 vectors. `exp`: within 2 units in the last place,
  /// exactly 0 below -87.3, finite above.
  Value exp(Value x);
  /// `x * sigmoid(2u)` with `u` the argument of tanh in the tanh form of GELU;
  /// within 2e-7 of the result or of 1, whichever is more.
  Value gelu(Value x);
  /// `cap * tanh(x / cap)`, within 3e-7 of `cap`.
  Value softcap(Value x, float cap);
  /// Cosine and sine in float32 of float32 or float64 angles up to 2^20,
  /// reduced in float64: rounded to nearest but for ties.
  std::pair<Value, Value> cosSin(Value angle);
};

} // namespace lapidary::cpu

#endif // LAPIDARY_TARGETS_CPU_EMITTER_H
