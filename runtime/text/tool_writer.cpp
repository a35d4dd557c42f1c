//===- tool_writer.cpp - Functions, calls and results in prompts ----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/text/tool_writer.h"

#include <algorithm>
#include <map>

namespace lapidary::text {

static char lower(char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; }
static char upper(char c) { return c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c; }

/// The fields of `object` by their names, large and small letters alike, as
/// Jinja's `dictsort` has them.
static std::multimap<std::string, const Value::Object::value_type *>
sorted(const Value::Object &object) {
  std::multimap<std::string, const Value::Object::value_type *> fields;
  for (const auto &field : object) {
    std::string name = field.first;
    std::ranges::transform(name, name.begin(), lower);
    fields.emplace(name, &field);
  }
  return fields;
}

static bool is_empty(const Value *value) {
  if (!value)
    return true;
  if (const Value::List *list = value->list())
    return list->empty();
  const Value::Object *object = value->object();
  return !object || object->empty();
}

static std::string type_of(const Value &schema) {
  std::string type(schema.text("type"));
  std::ranges::transform(type, type.begin(), upper);
  return type;
}

class ToolWriter::List {
public:
  explicit List(PromptWriter &writer) : writer_(writer) {}

  /// Begins a field.
  void next(std::string_view name) {
    if (!is_first_)
      writer_.text(",");
    is_first_ = false;
    writer_.text(name);
  }

private:
  PromptWriter &writer_;
  bool is_first_ = true;
};

void ToolWriter::quote(std::string_view text) {
  writer_.symbol(symbols_.quote);
  writer_.text(text);
  writer_.symbol(symbols_.quote);
}

void ToolWriter::value(const Value &value) {
  if (const Value::Object *object = value.object())
    return fields(*object);
  if (const Value::List *values = value.list()) {
    writer_.text("[");
    List list(writer_);
    for (const Value &element : *values) {
      list.next("");
      this->value(element);
    }
    writer_.text("]");
  } else if (const auto *text = std::get_if<std::string>(&value.data)) {
    quote(*text);
  } else if (const auto *boolean = std::get_if<bool>(&value.data)) {
    writer_.text(*boolean ? "true" : "false");
  } else if (const auto *integer = std::get_if<int64_t>(&value.data)) {
    writer_.text(std::to_string(*integer));
  } else if (const auto *number = std::get_if<double>(&value.data)) {
    writer_.text(spell(*number));
  } else {
    writer_.text("null");
  }
}

void ToolWriter::fields(const Value::Object &object) {
  writer_.text("{");
  List list(writer_);
  for (const auto &[_, field] : sorted(object)) {
    list.next(field->first + ":");
    value(field->second);
  }
  writer_.text("}");
}

//===----------------------------------------------------------------------===//
// Declarations
//===----------------------------------------------------------------------===//

void ToolWriter::declare(const Value &function) {
  if (function.text("name").empty())
    return writer_.fail("a tool has no name");
  writer_.symbol(symbols_.declaration_start);
  writer_.text("declaration:");
  writer_.text(function.text("name"));
  writer_.text("{description:");
  quote(function.text("description"));
  if (const Value *parameters = function.find("parameters");
      !is_empty(parameters)) {
    writer_.text(",parameters:");
    schema_of_parameters(*parameters);
  }
  if (const Value *response = function.find("response")) {
    writer_.text(",response:");
    schema_of_response(*response);
  }
  writer_.text("}");
  writer_.symbol(symbols_.declaration_end);
}

void ToolWriter::type(const Value &schema) {
  if (schema.text("type").empty())
    return writer_.fail("expected each schema of a tool to have one type");
  quote(type_of(schema));
}

void ToolWriter::schema_of_parameters(const Value &schema) {
  writer_.text("{");
  List list(writer_);
  if (!is_empty(schema.find("properties"))) {
    list.next("properties:");
    properties(schema);
  }
  if (const Value *required = schema.find("required"); !is_empty(required)) {
    list.next("required:");
    value(*required);
  }
  list.next("type:");
  type(schema);
  writer_.text("}");
}

void ToolWriter::schema_of_response(const Value &schema) {
  writer_.text("{");
  List list(writer_);
  if (!schema.text("description").empty()) {
    list.next("description:");
    quote(schema.text("description"));
  }
  list.next("type:");
  type(schema);
  writer_.text("}");
}

void ToolWriter::properties(const Value &schema) {
  writer_.text("{");
  List list(writer_);
  const Value *properties = schema.find("properties");
  if (const Value::Object *object = properties ? properties->object() : nullptr)
    for (const auto &[_, field] : sorted(*object)) {
      list.next(field->first + ":");
      property(field->second);
    }
  writer_.text("}");
}

void ToolWriter::property(const Value &schema) {
  writer_.text("{");
  List list(writer_);
  auto write = [&](std::string_view name, const Value *field) {
    if (is_empty(field))
      return;
    list.next(name);
    value(*field);
  };
  std::string type = type_of(schema);
  if (!schema.text("description").empty()) {
    list.next("description:");
    quote(schema.text("description"));
  }
  if (type == "STRING")
    write("enum:", schema.find("enum"));
  if (const Value *inner = schema.find("items");
      type == "ARRAY" && !is_empty(inner) && inner->object()) {
    list.next("items:");
    items(*inner);
  }
  if (schema.is_true("nullable"))
    list.next("nullable:true");
  if (type == "OBJECT") {
    list.next("properties:");
    properties(schema);
    write("required:", schema.find("required"));
  }
  list.next("type:");
  this->type(schema);
  writer_.text("}");
}

void ToolWriter::items(const Value &schema) {
  writer_.text("{");
  List list(writer_);
  for (const auto &[_, field] : sorted(*schema.object())) {
    list.next(field->first + ":");
    if (field->first == "properties")
      properties(schema);
    else if (field->first == "type")
      type(schema);
    else
      value(field->second);
  }
  writer_.text("}");
}

//===----------------------------------------------------------------------===//
// Calls and results
//===----------------------------------------------------------------------===//

void ToolWriter::call(const ToolCall &call) {
  writer_.symbol(symbols_.call_start);
  writer_.text("call:" + call.name);
  fields(call.arguments);
  writer_.symbol(symbols_.call_end);
}

void ToolWriter::result(const ToolResult &result) {
  writer_.symbol(symbols_.result_start);
  writer_.text("response:" + result.name);
  if (const Value::Object *object = result.value.object())
    fields(*object);
  else
    fields(Value::Object{{"value", result.value}});
  writer_.symbol(symbols_.result_end);
}

ToolResult result_of(const Message &message, std::span<const ToolCall> calls) {
  ToolResult result = {"unknown", {std::string()}};
  for (const ToolCall &call : calls)
    if (call.id == message.tool_call_id)
      result.name = call.name;
  for (const Part &part : message.parts)
    std::get<std::string>(result.value.data) += part.text;
  return result;
}

} // namespace lapidary::text
