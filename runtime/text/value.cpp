//===- value.cpp - Values of tools' schemas, arguments and results --------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/text/value.h"

#include <charconv>
#include <cmath>

namespace lapidary::text {

const Value *Value::find(std::string_view key) const {
  if (const Object *fields = object())
    for (const auto &[name, value] : *fields)
      if (name == key)
        return &value;
  return nullptr;
}

std::string_view Value::text(std::string_view key) const {
  const Value *field = find(key);
  const auto *text = field ? std::get_if<std::string>(&field->data) : nullptr;
  return text ? std::string_view(*text) : std::string_view();
}

bool Value::is_true(std::string_view key) const {
  const Value *field = find(key);
  const auto *boolean = field ? std::get_if<bool>(&field->data) : nullptr;
  return boolean && *boolean;
}

std::string spell(double number) {
  double size = std::abs(number);
  bool fixed = size == 0 || (size >= 1e-4 && size < 1e16);
  char digits[64];
  char *end = std::to_chars(digits, digits + sizeof(digits), number,
                            fixed ? std::chars_format::fixed
                                  : std::chars_format::scientific)
                  .ptr;
  std::string spelled(digits, end);
  if (fixed && spelled.find('.') == std::string::npos)
    spelled += ".0";
  return spelled;
}

} // namespace lapidary::text
