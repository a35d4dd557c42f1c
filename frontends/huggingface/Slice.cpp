//===- Slice.cpp - Models within a model ------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/Slice.h"
#include "frontends/huggingface/TextConfig.h"
#include "llvm/ADT/StringExtras.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace llvm;

static Error sliceError(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), "'--slice' " + message);
}

/// Appends `item`, a number or a range of such as "0-19"; false if it is
/// neither.
static bool readItem(StringRef item, IntegerRange range,
                     SmallVector<int64_t> &list) {
  auto [first, last] = item.split('-');
  if (!item.contains('-'))
    last = first;
  int64_t begin, end;
  if (first.getAsInteger(10, begin) || last.getAsInteger(10, end) ||
      begin < range.min || end < begin || end > range.max)
    return false;
  append_range(list, seq_inclusive(begin, end));
  return true;
}

Expected<Slice> huggingface::parseSlice(StringRef text) {
  Slice slice;
  for (StringRef part : split(text, ' ')) {
    auto [name, items] = part.split('=');
    bool isLayers = name == "layers";
    if (part.empty())
      continue;
    if (!isLayers && name != "intermediate_size")
      return sliceError("has '" + part +
                        "', but expects 'layers=0-19,25-34' and "
                        "'intermediate_size=8192' or one of them");
    for (StringRef item : split(items, ','))
      if (!readItem(item,
                    isLayers ? IntegerRange{0, layerRange.max} : sizeRange,
                    isLayers ? slice.layers : slice.intermediates))
        return sliceError("has '" + item + "' in '" + name +
                          "', but expects numbers or ranges such as 0-19");
  }
  return slice;
}

Expected<SmallVector<NestedSlice>> huggingface::parseNested(StringRef text) {
  SmallVector<NestedSlice> nested;
  for (StringRef part : split(text, ';')) {
    if (part.trim().empty())
      continue;
    auto [name, parts] = part.split(':');
    name = name.trim();
    auto isLetter = [](char c) { return isAlnum(c) || c == '-' || c == '_'; };
    if (!part.contains(':') || name.empty() || !all_of(name, isLetter))
      return createStringError(inconvertibleErrorCode(),
                               "'--nested' has '" + part.trim() +
                                   "', but expects a name of letters and "
                                   "digits and a slice, such as 'small: "
                                   "intermediate_size=8192'");
    if (any_of(nested,
               [&](const NestedSlice &other) { return other.name == name; }))
      return createStringError(inconvertibleErrorCode(),
                               "'--nested' has two models called '" + name +
                                   "'");
    Expected<Slice> slice = parseSlice(parts.trim());
    if (!slice)
      return slice.takeError();
    nested.push_back({name.str(), std::move(*slice)});
  }
  return nested;
}

/// Layers must be there, in order, and with those that lend them keys and
/// values.
static Error checkLayers(ArrayRef<int64_t> layers, const TextConfig &config) {
  int64_t stored = config.layerTypes.size();
  for (auto [i, layer] : enumerate(layers)) {
    if (layer >= stored)
      return sliceError("has layer " + Twine(layer) +
                        ", but the checkpoint has " + Twine(stored) +
                        " layers");
    if (i > 0 && layer <= layers[i - 1])
      return sliceError("has layer " + Twine(layer) + " behind layer " +
                        Twine(layers[i - 1]) +
                        ", but expects them in ascending order");
    if (int64_t owner = config.kvOwners[layer]; !is_contained(layers, owner))
      return sliceError("has layer " + Twine(layer) + " without layer " +
                        Twine(owner) + ", whose keys and values it reads");
  }
  return Error::success();
}

static Error checkWidths(ArrayRef<int64_t> widths, ArrayRef<int64_t> layers,
                         const TextConfig &config) {
  for (auto [layer, width] : zip_equal(layers, widths))
    if (width > config.intermediates[layer])
      return sliceError("has an intermediate_size of " + Twine(width) +
                        " in layer " + Twine(layer) +
                        ", but the checkpoint has " +
                        Twine(config.intermediates[layer]));
  return Error::success();
}

Error huggingface::cutConfig(const Slice &slice, TextConfig &config) {
  SmallVector<int64_t> layers = slice.layers;
  if (layers.empty())
    layers = config.sources;
  if (Error error = checkLayers(layers, config))
    return error;
  SmallVector<int64_t> widths = slice.intermediates;
  if (widths.size() == 1)
    widths.resize(layers.size(), widths.front());
  if (!widths.empty() && widths.size() != layers.size())
    return sliceError("has " + Twine(widths.size()) +
                      " entries in 'intermediate_size', but " +
                      Twine(layers.size()) + " layers");
  if (!widths.empty())
    if (Error error = checkWidths(widths, layers, config))
      return error;

  config.sources = layers;
  keepLayers(config.intermediates, layers);
  if (!widths.empty())
    config.intermediates = widths;
  keepLayers(config.layerTypes, layers);
  keepLayers(config.kvOwners, layers);
  for (int64_t &owner : config.kvOwners)
    owner = find(layers, owner) - layers.begin();
  return Error::success();
}
