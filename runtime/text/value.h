//===- value.h - Values of tools' schemas, arguments and results -*- C++
//-*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_RUNTIME_TEXT_VALUE_H
#define LAPIDARY_RUNTIME_TEXT_VALUE_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace lapidary::text {

/// What JSON can say.
struct Value {
  using List = std::vector<Value>;
  using Object = std::vector<std::pair<std::string, Value>>;

  std::variant<std::nullptr_t, bool, int64_t, double, std::string, List, Object>
      data = nullptr;

  const List *list() const { return std::get_if<List>(&data); }
  const Object *object() const { return std::get_if<Object>(&data); }

  /// The field of an object, or null if it has none or this is no object.
  const Value *find(std::string_view key) const;

  /// The text of such a field; empty if there is none.
  std::string_view text(std::string_view key) const;

  /// Whether such a field is there and true.
  bool is_true(std::string_view key) const;
};

/// `number` as Python prints it: `100.0`, `1e+16`.
std::string spell(double number);

} // namespace lapidary::text

#endif // LAPIDARY_RUNTIME_TEXT_VALUE_H
