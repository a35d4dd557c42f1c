//===- WeightRecipe.cpp - Rows of a derived weight --------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/WeightRecipe.h"
#include "compiler/Errors.h"
#include "dialects/gemma/Quantization.h"

#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/Endian.h"

#include <cmath>
#include <cstring>
#include <sys/mman.h>

using namespace mlir;
using namespace lapidary;
using llvm::Expected;
using llvm::MutableArrayRef;

using Recipe = std::unique_ptr<WeightRecipe>;

uint16_t lapidary::toBFloat16(float value) {
  auto bits = llvm::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffff) > 0x7f800000)
    return (bits >> 16) | 0x40; // stays a NaN
  return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}

static float fromBFloat16(uint16_t bits) {
  return llvm::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

Expected<StringRef> SourceFiles::bytes(StringRef path, uint64_t offset,
                                       uint64_t size) {
  std::unique_ptr<llvm::MemoryBuffer> &file = files[path];
  if (!file) {
    auto opened = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                              /*RequiresNullTerminator=*/false);
    if (!opened)
      return llvm::make_error<InputError>(
          "'" + path + "' cannot be read: " + opened.getError().message());
    file = std::move(*opened);
  }
  if (offset > file->getBufferSize() || size > file->getBufferSize() - offset)
    return llvm::make_error<InputError>(
        "'" + path + "' has " + llvm::Twine(file->getBufferSize()) +
        " bytes, but a tensor ends at byte " + llvm::Twine(offset + size));
  return file->getBuffer().substr(offset, size);
}

void SourceFiles::release() {
  for (auto &file : files)
    if (file.second->getBufferKind() == llvm::MemoryBuffer::MemoryBuffer_MMap)
      ::madvise(const_cast<char *>(file.second->getBufferStart()),
                file.second->getBufferSize(), MADV_DONTNEED);
}

namespace {

class Stored final : public WeightRecipe {
public:
  Stored(const char *data, Type element) : data(data), element(element) {}
  void computeRow(int64_t index, MutableArrayRef<float> out) const override {
    if (element.isF32())
      std::memcpy(out.data(), data + index * out.size() * 4, out.size() * 4);
    else if (element.isBF16())
      widen(index, out, fromBFloat16);
    else
      widen(index, out, gemma::fromFloat16);
  }

private:
  template <typename Widen>
  void widen(int64_t index, MutableArrayRef<float> out, Widen widen) const {
    const char *row = data + index * out.size() * 2;
    for (size_t i = 0; i < out.size(); ++i) {
      uint16_t bits;
      std::memcpy(&bits, row + 2 * i, 2);
      out[i] = widen(bits);
    }
  }

  const char *data;
  Type element;
};

/// Numbers of 64 bits, as an order has them.
class StoredIntegers final : public WeightRecipe {
public:
  explicit StoredIntegers(const char *data) : data(data) {}
  void computeRow(int64_t /*index*/,
                  MutableArrayRef<float> out) const override {
    for (size_t i = 0; i < out.size(); ++i)
      out[i] = llvm::support::endian::read64le(data + 8 * i);
  }

private:
  const char *data;
};

class Concatenated final : public WeightRecipe {
public:
  void append(Recipe part, int64_t rows) {
    parts.push_back({std::move(part), rows});
  }
  void computeRow(int64_t index, MutableArrayRef<float> out) const override {
    for (const auto &[part, rows] : parts) {
      if (index < rows)
        return part->computeRow(index, out);
      index -= rows;
    }
  }

private:
  SmallVector<std::pair<Recipe, int64_t>> parts;
};

class Interleaved final : public WeightRecipe {
public:
  Interleaved(Recipe even, Recipe odd)
      : even(std::move(even)), odd(std::move(odd)) {}
  void computeRow(int64_t index, MutableArrayRef<float> out) const override {
    (index % 2 ? odd : even)->computeRow(index / 2, out);
  }

private:
  Recipe even, odd;
};

class InterleavedHalves final : public WeightRecipe {
public:
  InterleavedHalves(Recipe input, int64_t blockSize)
      : input(std::move(input)), blockSize(blockSize) {}
  void computeRow(int64_t index, MutableArrayRef<float> out) const override {
    int64_t inBlock = index % blockSize;
    int64_t half = inBlock % 2 * (blockSize / 2);
    input->computeRow(index - inBlock + half + inBlock / 2, out);
  }

private:
  Recipe input;
  int64_t blockSize;
};

class Sliced final : public WeightRecipe {
public:
  Sliced(Recipe input, int64_t inputWidth, ArrayRef<int64_t> at)
      : input(std::move(input)), inputWidth(inputWidth), row(at[0]),
        column(at[1]) {}
  void computeRow(int64_t index, MutableArrayRef<float> out) const override {
    std::vector<float> whole(inputWidth);
    input->computeRow(row + index, whole);
    llvm::copy(ArrayRef(whole).slice(column, out.size()), out.begin());
  }

private:
  Recipe input;
  int64_t inputWidth, row, column;
};

class Gathered final : public WeightRecipe {
public:
  Gathered(Recipe input, std::vector<float> order)
      : input(std::move(input)), order(std::move(order)) {}
  void computeRow(int64_t index, MutableArrayRef<float> out) const override {
    input->computeRow(static_cast<int64_t>(order[index]), out);
  }

private:
  Recipe input;
  /// Numbers of rows, all far below those that float32 cannot hold.
  std::vector<float> order;
};

class Filled final : public WeightRecipe {
public:
  explicit Filled(float value) : value(value) {}
  void computeRow(int64_t /*index*/,
                  MutableArrayRef<float> out) const override {
    llvm::fill(out, value);
  }

private:
  float value;
};

class Offset final : public WeightRecipe {
public:
  Offset(Recipe input, float value) : input(std::move(input)), value(value) {}
  void computeRow(int64_t index, MutableArrayRef<float> out) const override {
    input->computeRow(index, out);
    for (float &x : out)
      x += value;
  }

private:
  Recipe input;
  float value;
};

class Softplus final : public WeightRecipe {
public:
  explicit Softplus(Recipe input) : input(std::move(input)) {}
  void computeRow(int64_t index, MutableArrayRef<float> out) const override {
    input->computeRow(index, out);
    for (float &x : out)
      x = std::log1p(std::exp(double(x)));
  }

private:
  Recipe input;
};

class Rounded final : public WeightRecipe {
public:
  Rounded(Recipe input, Type element)
      : input(std::move(input)), element(element) {}
  void computeRow(int64_t index, MutableArrayRef<float> out) const override {
    input->computeRow(index, out);
    for (float &x : out)
      x = element.isBF16() ? fromBFloat16(toBFloat16(x))
                           : gemma::fromFloat16(gemma::toFloat16(x));
  }

private:
  Recipe input;
  Type element;
};

} // namespace

static Expected<Recipe> createStored(gemma::WeightOp op, SourceFiles &files) {
  auto param = SymbolTable::lookupNearestSymbolFrom<gemma::ParamOp>(
      op, op.getParamAttr());
  auto type = cast<ShapedType>(op.getType());
  uint64_t size = type.getNumElements() * type.getElementTypeBitWidth() / 8;
  auto bytes = files.bytes(param.getFile(), param.getOffset(), size);
  if (!bytes)
    return bytes.takeError();
  if (type.getElementType().isInteger())
    return std::make_unique<StoredIntegers>(bytes->data());
  return std::make_unique<Stored>(bytes->data(), type.getElementType());
}

static Expected<Recipe> createConcatenated(gemma::ConcatRowsOp op,
                                           SourceFiles &files) {
  auto result = std::make_unique<Concatenated>();
  for (Value input : op.getInputs()) {
    auto part = WeightRecipe::create(input, files);
    if (!part)
      return part.takeError();
    result->append(std::move(*part),
                   cast<ShapedType>(input.getType()).getDimSize(0));
  }
  return result;
}

static Expected<Recipe> createInterleaved(gemma::InterleaveRowsOp op,
                                          SourceFiles &files) {
  auto even = WeightRecipe::create(op.getEven(), files);
  if (!even)
    return even.takeError();
  auto odd = WeightRecipe::create(op.getOdd(), files);
  if (!odd)
    return odd.takeError();
  return std::make_unique<Interleaved>(std::move(*even), std::move(*odd));
}

static Expected<Recipe> createSliced(gemma::SliceOp op, SourceFiles &files) {
  auto input = WeightRecipe::create(op.getInput(), files);
  if (!input)
    return input;
  int64_t width = cast<ShapedType>(op.getInput().getType()).getDimSize(1);
  return std::make_unique<Sliced>(std::move(*input), width, op.getAt());
}

static Expected<Recipe> createGathered(gemma::GatherRowsOp op,
                                       SourceFiles &files) {
  auto input = WeightRecipe::create(op.getInput(), files);
  if (!input)
    return input;
  auto stored = WeightRecipe::create(op.getOrder(), files);
  if (!stored)
    return stored;
  int64_t rows = cast<ShapedType>(op.getOrder().getType()).getDimSize(0);
  std::vector<float> order(rows);
  (*stored)->computeRow(0, order);
  for (float row : order)
    if (!(row >= 0 && row < rows))
      return llvm::make_error<InputError>(
          "an order of " + llvm::Twine(rows) + " rows names row " +
          llvm::Twine(static_cast<int64_t>(row)));
  return std::make_unique<Gathered>(std::move(*input), std::move(order));
}

static Expected<Recipe> createConverted(gemma::ConvertOp op,
                                        SourceFiles &files) {
  auto input = WeightRecipe::create(op.getInput(), files);
  Type element = getElementTypeOrSelf(op.getType());
  if (!input || !(element.isBF16() || element.isF16()) ||
      element == getElementTypeOrSelf(op.getInput()))
    return input;
  return std::make_unique<Rounded>(std::move(*input), element);
}

Expected<Recipe> WeightRecipe::create(Value weight, SourceFiles &files) {
  using Result = Expected<Recipe>;
  return llvm::TypeSwitch<Operation *, Result>(weight.getDefiningOp())
      .Case([&](gemma::WeightOp op) { return createStored(op, files); })
      .Case(
          [&](gemma::ConcatRowsOp op) { return createConcatenated(op, files); })
      .Case([&](gemma::InterleaveRowsOp op) {
        return createInterleaved(op, files);
      })
      .Case([&](gemma::InterleaveHalvesOp op) -> Result {
        auto input = create(op.getInput(), files);
        if (!input)
          return input;
        int64_t rows = cast<ShapedType>(op.getType()).getDimSize(0);
        return std::make_unique<InterleavedHalves>(std::move(*input),
                                                   rows / op.getBlocks());
      })
      .Case([&](gemma::SliceOp op) { return createSliced(op, files); })
      .Case([&](gemma::GatherRowsOp op) { return createGathered(op, files); })
      .Case([&](gemma::FillOp op) -> Result {
        return std::make_unique<Filled>(op.getValue().convertToFloat());
      })
      .Case([&](gemma::OffsetOp op) -> Result {
        auto input = create(op.getInput(), files);
        if (!input)
          return input;
        return std::make_unique<Offset>(std::move(*input),
                                        op.getValue().convertToFloat());
      })
      .Case([&](gemma::SoftplusOp op) -> Result {
        auto input = create(op.getInput(), files);
        if (!input)
          return input;
        return std::make_unique<Softplus>(std::move(*input));
      })
      .Case([&](gemma::ConvertOp op) { return createConverted(op, files); })
      .Default([](Operation *op) -> Result {
        return llvm::createStringError("'" + op->getName().getStringRef() +
                                       "' is no weight operation");
      });
}
