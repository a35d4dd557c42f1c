//===- Fields.cpp - Typed reading of configuration files --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/Fields.h"
#include "frontends/huggingface/Json.h"
#include "llvm/Support/FormatVariadic.h"
#include <limits>

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace llvm;

void FieldErrors::report(const Twine &path, const Twine &expected,
                         const json::Value *found) {
  std::string what = found ? "it is " + describe(*found) : "it is absent";
  report("field '" + path + "' must be " + expected + ", but " + what);
}

void FieldErrors::report(const Twine &problem) {
  if (message.empty())
    message = problem.str();
}

Error FieldErrors::take() const {
  if (message.empty())
    return Error::success();
  return inputError(file, message);
}

const json::Value *Fields::lookUp(StringRef name) const {
  const json::Value *value = object.get(name);
  return value && value->kind() != json::Value::Null ? value : nullptr;
}

SmallVector<StringRef> Fields::getNames() const {
  SmallVector<StringRef> names;
  for (const auto &[name, value] : object)
    names.push_back(name);
  sort(names);
  return names;
}

std::string Fields::getPath(StringRef name) const {
  return path.empty() ? name.str() : path + "." + name.str();
}

void Fields::reject(StringRef name, const Twine &expected) const {
  errors.report(getPath(name), expected, lookUp(name));
}

static std::string describeRange(IntegerRange range) {
  if (range.max == std::numeric_limits<int64_t>::max())
    return formatv("an integer of at least {0}", range.min);
  return formatv("an integer from {0} to {1}", range.min, range.max);
}

/// The integer that `value` holds, if it is one in `range`. A boolean is none.
static std::optional<int64_t> toInteger(const json::Value &value,
                                        IntegerRange range) {
  std::optional<int64_t> integer = value.getAsInteger();
  if (!integer || *integer < range.min || *integer > range.max)
    return std::nullopt;
  return integer;
}

int64_t Fields::getInteger(StringRef name, IntegerRange range,
                           std::optional<int64_t> fallback) const {
  const json::Value *value = lookUp(name);
  if (!value && fallback)
    return *fallback;
  std::optional<int64_t> integer =
      value ? toInteger(*value, range) : std::nullopt;
  if (!integer)
    reject(name, describeRange(range));
  return integer.value_or(range.min);
}

double Fields::getPositiveNumber(StringRef name,
                                 std::optional<double> fallback) const {
  const json::Value *value = lookUp(name);
  if (!value && fallback)
    return *fallback;
  std::optional<double> number = value ? value->getAsNumber() : std::nullopt;
  if (number && *number >= std::numeric_limits<float>::min() &&
      *number <= std::numeric_limits<float>::max())
    return *number;
  reject(name, "a number above 0 that float32 can hold");
  return 1.0;
}

std::optional<double>
Fields::getPositiveNumberOrNull(StringRef name,
                                std::optional<double> fallback) const {
  if (has(name))
    return getPositiveNumber(name);
  return object.get(name) ? std::nullopt : fallback;
}

bool Fields::getBoolean(StringRef name, bool fallback) const {
  const json::Value *value = lookUp(name);
  if (!value)
    return fallback;
  if (std::optional<bool> boolean = value->getAsBoolean())
    return *boolean;
  reject(name, "true or false");
  return fallback;
}

StringRef Fields::getString(StringRef name,
                            std::optional<StringRef> fallback) const {
  const json::Value *value = lookUp(name);
  if (!value && fallback)
    return *fallback;
  if (std::optional<StringRef> string =
          value ? value->getAsString() : std::nullopt)
    return *string;
  reject(name, "a string");
  return "";
}

/// The elements of a list that `convert` accepts, if it accepts all of them.
template <typename Element>
static std::optional<SmallVector<Element>>
toList(const json::Value &value,
       function_ref<std::optional<Element>(const json::Value &)> convert) {
  const json::Array *array = value.getAsArray();
  if (!array)
    return std::nullopt;
  SmallVector<Element> list;
  for (const json::Value &element : *array) {
    std::optional<Element> converted = convert(element);
    if (!converted)
      return std::nullopt;
    list.push_back(*converted);
  }
  return list;
}

std::optional<SmallVector<StringRef>> Fields::getStrings(StringRef name) const {
  const json::Value *value = lookUp(name);
  if (!value)
    return std::nullopt;
  auto strings = toList<StringRef>(
      *value, [](const json::Value &element) { return element.getAsString(); });
  if (!strings)
    reject(name, "a list of strings");
  return strings;
}

std::optional<SmallVector<double>> Fields::getNumbers(StringRef name) const {
  const json::Value *value = lookUp(name);
  if (!value)
    return std::nullopt;
  auto numbers = toList<double>(
      *value, [](const json::Value &element) { return element.getAsNumber(); });
  if (!numbers)
    reject(name, "a list of numbers");
  return numbers;
}

std::optional<SmallVector<int64_t>>
Fields::getIntegers(StringRef name, IntegerRange range) const {
  const json::Value *value = lookUp(name);
  if (!value)
    return std::nullopt;
  SmallVector<int64_t> integers;
  json::Array single;
  const json::Array *array = value->getAsArray();
  if (!array) {
    single.push_back(*value);
    array = &single;
  }
  for (const json::Value &element : *array) {
    std::optional<int64_t> integer = toInteger(element, range);
    if (!integer) {
      errors.report(getPath(name), describeRange(range) + " or a list of such",
                    &element);
      break;
    }
    integers.push_back(*integer);
  }
  return integers;
}

std::optional<Fields> Fields::getFields(StringRef name) const {
  const json::Value *value = lookUp(name);
  if (!value)
    return std::nullopt;
  if (const json::Object *nested = value->getAsObject())
    return Fields(errors, *nested, getPath(name));
  reject(name, "an object");
  return std::nullopt;
}
