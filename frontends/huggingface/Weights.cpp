//===- Weights.cpp - Finding the tensors a model needs ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/Weights.h"
#include "frontends/huggingface/Json.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FormatVariadic.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace llvm;

namespace {

/// Where one kind of checkpoint keeps its text tensors.
struct TextLayout {
  StringLiteral prefix;
  StringLiteral headName;
  StringLiteral tableName = "embed_tokens.weight";
};

} // namespace

static constexpr TextLayout textLayouts[] = {
    // Text-only models.
    {"model.", "lm_head.weight"},
    // Gemma 3 4B, 12B and 27B as released.
    {"language_model.model.", "language_model.lm_head.weight"},
    // The same as saved by newer libraries, and later generations.
    {"model.language_model.", "lm_head.weight"},
    // Either of them within a classifier, and as newer libraries save that.
    {"model.language_model.model.", "model.language_model.lm_head.weight"},
    {"model.model.language_model.", "model.lm_head.weight"},
    {"model.model.language_model.model.",
     "model.model.language_model.lm_head.weight"},
    // Encoders with decoders.
    {"model.", "lm_head.out_proj.weight", "encoder.embed_tokens.weight"},
    // Bare models without a head, alone or with encoders.
    {"", "lm_head.weight"},
    {"language_model.", "lm_head.weight"},
};

/// Names of encoder modules; each may follow any number of `model.`.
static constexpr StringLiteral encoderPrefixes[] = {
    "vision_tower.", "audio_tower.", "multi_modal_projector.",
    "embed_vision.", "embed_audio.", "vision_embedder.",
};

Expected<Weights> Weights::find(const Checkpoint &checkpoint) {
  std::vector<std::string> tried;
  for (const TextLayout &layout : textLayouts) {
    std::string table = (layout.prefix + layout.tableName).str();
    if (checkpoint.find(table))
      return Weights(checkpoint, layout.prefix, layout.headName);
    tried.push_back("'" + table + "'");
  }
  return inputError(checkpoint.getWeightsPath(),
                    "expected an embedding table called " + join(tried, ", ") +
                        ", but found none");
}

Expected<const Tensor *> Weights::take(StringRef name,
                                       ArrayRef<int64_t> shape) {
  return takeExact(prefix + name, shape);
}

void Weights::ignore(StringRef name) {
  if (const Tensor *tensor = checkpoint.find((prefix + name).str()))
    taken.insert(tensor);
}

Expected<const Tensor *> Weights::takeOutside(StringRef name,
                                              ArrayRef<int64_t> shape) {
  return takeExact(name, shape);
}

/// The first entry of `order` that is too large or not the first of its kind.
static std::optional<int64_t> findStray(const Tensor &order) {
  BitVector seen(order.shape.front());
  for (int64_t index = 0; index < order.shape.front(); ++index) {
    uint64_t entry = support::endian::read64le(order.bytes.data() + 8 * index);
    if (entry >= seen.size() || seen.test(entry))
      return index;
    seen.set(entry);
  }
  return std::nullopt;
}

Expected<const Tensor *> Weights::takeOrder(StringRef name, int64_t length) {
  const Tensor *tensor = checkpoint.find(name);
  StringRef file = tensor ? tensor->file : checkpoint.getWeightsPath();
  if (!tensor || ArrayRef<int64_t>(tensor->shape) != ArrayRef(length) ||
      tensor->type != ElementType::I64)
    return inputError(
        file, formatv("expected tensor '{0}' of I64 and shape [{1}], but {2}",
                      name, length,
                      tensor ? "it is " + getName(tensor->type).str() + " " +
                                   formatShape(tensor->shape)
                             : "it is missing"));
  if (std::optional<int64_t> stray = findStray(*tensor))
    return inputError(file, formatv("tensor '{0}' must hold each number below "
                                    "{1} once, but entry {2} is none of them "
                                    "or one of them again",
                                    name, length, *stray));
  taken.insert(tensor);
  return tensor;
}

void Weights::ignoreBelow(StringRef start) {
  std::string whole = prefix.str() + start.str();
  for (const Tensor *tensor : checkpoint.getTensors())
    if (StringRef(tensor->name).starts_with(whole))
      taken.insert(tensor);
}

Expected<const Tensor *> Weights::takeHead(ArrayRef<int64_t> shape) {
  return takeExact(headName, shape);
}

static bool isWeightType(ElementType type) {
  return type == ElementType::F32 || type == ElementType::BF16 ||
         type == ElementType::F16;
}

Expected<const Tensor *> huggingface::checkWeight(const Tensor *tensor,
                                                  StringRef name,
                                                  StringRef file,
                                                  ArrayRef<int64_t> shape) {
  if (!tensor)
    return inputError(file,
                      formatv("tensor '{0}' is missing; expected shape {1}",
                              name, formatShape(shape)));
  if (ArrayRef<int64_t>(tensor->shape) != shape)
    return inputError(
        tensor->file,
        formatv("tensor '{0}' must have shape {1}, but it has {2}", name,
                formatShape(shape), formatShape(tensor->shape)));
  if (!isWeightType(tensor->type))
    return inputError(tensor->file,
                      formatv("tensor '{0}' must be F32, BF16 or F16, but it "
                              "is {1}",
                              name, getName(tensor->type)));
  return tensor;
}

Expected<const Tensor *> Weights::takeExact(const Twine &nameTwine,
                                            ArrayRef<int64_t> shape) {
  std::string name = nameTwine.str();
  Expected<const Tensor *> tensor = checkWeight(
      checkpoint.find(name), name, checkpoint.getWeightsPath(), shape);
  if (tensor)
    taken.insert(*tensor);
  return tensor;
}

static bool isEncoderTensor(const Tensor &tensor) {
  StringRef name = tensor.name;
  while (name.consume_front("model.") || name.consume_front("encoder."))
    ;
  return any_of(encoderPrefixes,
                [&](StringRef prefix) { return name.starts_with(prefix); });
}

std::vector<const Tensor *> Weights::getEncoderTensors() const {
  std::vector<const Tensor *> tensors = checkpoint.getTensors();
  erase_if(tensors, [](const Tensor *t) { return !isEncoderTensor(*t); });
  return tensors;
}

std::vector<const Tensor *> Weights::getUnusedTensors() const {
  std::vector<const Tensor *> tensors = checkpoint.getTensors();
  erase_if(tensors, [&](const Tensor *t) {
    return isEncoderTensor(*t) || taken.contains(t);
  });
  return tensors;
}
