//===- Fields.h - Typed reading of configuration files ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A reader asks for one field after another and looks once, at the end,
// whether all of them were right: the first wrong one is kept, and the value
// handed out in its place is the fallback or a harmless one.
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_FIELDS_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_FIELDS_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include <string>

namespace lapidary::huggingface {

/// Keeps the first problem found in one configuration file.
class FieldErrors {
public:
  explicit FieldErrors(llvm::StringRef file) : file(file) {}

  /// Records that the field at `path` must be `expected`, but is `found`; a
  /// null `found` is an absent field. Only the first record is kept.
  void report(const llvm::Twine &path, const llvm::Twine &expected,
              const llvm::json::Value *found);

  /// Records a problem that concerns more than one field.
  void report(const llvm::Twine &message);

  /// The recorded problem, or success.
  llvm::Error take() const;

private:
  std::string file;
  std::string message;
};

/// Integers that a field may hold.
struct IntegerRange {
  int64_t min;
  int64_t max;
};

/// One object of a configuration file. A field that is null counts as absent
/// unless its getter says otherwise, as in transformers.
class Fields {
public:
  /// `path` is that of `object` in its file; empty for the whole file. Both
  /// `errors` and `object` outlive the reader.
  Fields(FieldErrors &errors, const llvm::json::Object &object,
         std::string path = "")
      : errors(errors), object(object), path(std::move(path)) {}

  /// Whether the field is there and not null.
  bool has(llvm::StringRef name) const { return lookUp(name) != nullptr; }

  /// Names of all fields, sorted.
  llvm::SmallVector<llvm::StringRef> getNames() const;

  /// An integer in `range`. Without `fallback` the field is required.
  int64_t getInteger(llvm::StringRef name, IntegerRange range,
                     std::optional<int64_t> fallback = std::nullopt) const;

  /// A number above zero that is a normal float32.
  double getPositiveNumber(llvm::StringRef name,
                           std::optional<double> fallback = std::nullopt) const;

  /// A number as above, or nothing where the field is null; `fallback` where it
  /// is absent.
  std::optional<double>
  getPositiveNumberOrNull(llvm::StringRef name,
                          std::optional<double> fallback) const;

  bool getBoolean(llvm::StringRef name, bool fallback) const;

  /// A string; it lives as long as the object.
  llvm::StringRef
  getString(llvm::StringRef name,
            std::optional<llvm::StringRef> fallback = std::nullopt) const;

  /// A list of strings; nothing if the field is absent.
  std::optional<llvm::SmallVector<llvm::StringRef>>
  getStrings(llvm::StringRef name) const;

  /// A list of numbers; nothing if the field is absent.
  std::optional<llvm::SmallVector<double>>
  getNumbers(llvm::StringRef name) const;

  /// One integer in `range` or a list of them; nothing if the field is absent.
  std::optional<llvm::SmallVector<int64_t>>
  getIntegers(llvm::StringRef name, IntegerRange range) const;

  /// The object in field `name`; nothing if the field is absent.
  std::optional<Fields> getFields(llvm::StringRef name) const;

  /// Records that field `name` must be `expected`.
  void reject(llvm::StringRef name, const llvm::Twine &expected) const;

  /// Where field `name` is in its file: "text_config.hidden_size".
  std::string getPath(llvm::StringRef name) const;

  FieldErrors &getErrors() const { return errors; }

private:
  const llvm::json::Value *lookUp(llvm::StringRef name) const;

  FieldErrors &errors;
  const llvm::json::Object &object;
  std::string path;
};

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_FIELDS_H
