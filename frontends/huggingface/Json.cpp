//===- Json.cpp - JSON of untrusted files -----------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/Json.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace lapidary;
using namespace llvm;

namespace {

/// Walks over JSON text without building it. Text that is no JSON at all is
/// walked over as well as can be; the parser reports it afterwards.
class JsonScanner {
public:
  JsonScanner(StringRef file, StringRef text) : file(file), text(text) {}

  /// Fails on deep nesting and on equal keys in one object.
  Error scan() {
    while (position < text.size())
      if (Error error = step())
        return error;
    return Error::success();
  }

private:
  /// Deeper than any checkpoint file, shallow enough for a recursive parser.
  static constexpr size_t maxDepth = 64;

  /// One object or array that the walk is inside of.
  struct Container {
    bool expectsKey;
    StringSet<> keys;
  };

  Error step() {
    switch (text[position++]) {
    case '{':
      return open(/*expectsKey=*/true);
    case '[':
      return open(/*expectsKey=*/false);
    case '}':
    case ']':
      if (!containers.empty())
        containers.pop_back();
      return Error::success();
    case ',':
      if (!containers.empty())
        containers.back().expectsKey = !containers.back().keys.empty();
      return Error::success();
    case '"':
      return takeString();
    default:
      return Error::success();
    }
  }

  Error open(bool expectsKey) {
    if (containers.size() == maxDepth)
      return huggingface::inputError(
          file, formatv("JSON is nested more than {0} levels deep", maxDepth));
    containers.push_back({expectsKey, {}});
    return Error::success();
  }

  /// Takes the rest of a string whose opening quote has been read.
  Error takeString() {
    size_t start = position;
    while (position < text.size() && text[position] != '"')
      position += text[position] == '\\' ? 2 : 1;
    StringRef body = text.slice(start, position);
    ++position;
    if (containers.empty() || !containers.back().expectsKey)
      return Error::success();
    return takeKey(body);
  }

  Error takeKey(StringRef body) {
    Container &container = containers.back();
    container.expectsKey = false;
    std::string key = unescape(body);
    if (container.keys.insert(key).second)
      return Error::success();
    return huggingface::inputError(
        file, formatv("key '{0}' appears twice in one object", key));
  }

  static std::string unescape(StringRef body) {
    if (!body.contains('\\'))
      return body.str();
    Expected<json::Value> value = json::parse(("\"" + body + "\"").str());
    if (!value) {
      consumeError(value.takeError());
      return body.str();
    }
    return value->getAsString().value_or(body).str();
  }

  StringRef file;
  StringRef text;
  size_t position = 0;
  std::vector<Container> containers;
};

} // namespace

Error huggingface::inputError(StringRef file, const Twine &message) {
  return createStringError(inconvertibleErrorCode(), file + ": " + message);
}

static Expected<json::Value> parseJson(StringRef file, StringRef text) {
  size_t invalidByte;
  if (!json::isUTF8(text, &invalidByte))
    return huggingface::inputError(
        file, formatv("expected JSON in UTF-8, but byte {0} is not UTF-8",
                      invalidByte));
  if (Error error = JsonScanner(file, text).scan())
    return std::move(error);
  Expected<json::Value> value = json::parse(text);
  if (!value)
    return huggingface::inputError(file, "invalid JSON: " +
                                             toString(value.takeError()));
  return value;
}

static Expected<std::unique_ptr<MemoryBuffer>> readFile(StringRef path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer =
      MemoryBuffer::getFile(path, /*IsText=*/false,
                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return huggingface::inputError(path, "cannot be read: " +
                                             buffer.getError().message());
  return std::move(*buffer);
}

Expected<json::Object> huggingface::parseJsonObject(StringRef file,
                                                    StringRef text) {
  Expected<json::Value> value = parseJson(file, text);
  if (!value)
    return value.takeError();
  if (json::Object *object = value->getAsObject())
    return std::move(*object);
  return inputError(file,
                    "expected a JSON object, but found " + describe(*value));
}

Expected<json::Object> huggingface::readJsonFile(StringRef path) {
  Expected<std::unique_ptr<MemoryBuffer>> buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  return parseJsonObject(path, (*buffer)->getBuffer());
}

Expected<json::Array> huggingface::readJsonArray(StringRef path) {
  Expected<std::unique_ptr<MemoryBuffer>> buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  Expected<json::Value> value = parseJson(path, (*buffer)->getBuffer());
  if (!value)
    return value.takeError();
  if (json::Array *array = value->getAsArray())
    return std::move(*array);
  return inputError(path,
                    "expected a JSON array, but found " + describe(*value));
}

std::string huggingface::describe(const json::Value &value) {
  constexpr size_t maxLength = 60;
  if (value.kind() == json::Value::Object)
    return "an object";
  if (value.kind() == json::Value::Array)
    return "an array";
  if (std::optional<StringRef> string = value.getAsString())
    if (string->size() > maxLength)
      return formatv("a string of {0} bytes", string->size());
  return formatv("{0}", value);
}
