//===- SentenceModules.cpp - What follows a sentence encoder ----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/SentenceModules.h"
#include "frontends/huggingface/Json.h"
#include "frontends/huggingface/TextConfig.h"
#include "frontends/huggingface/Weights.h"
#include "llvm/Support/FormatVariadic.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace llvm;

namespace {

/// An entry of modules.json.
struct Module {
  /// The name of its class, without packages: "Dense".
  std::string kind;
  /// Its folder; empty for the checkpoint itself.
  std::string path;
};

} // namespace

static Expected<std::vector<Module>> readModules(StringRef file) {
  Expected<json::Array> list = readJsonArray(file);
  if (!list)
    return list.takeError();
  FieldErrors errors(file);
  std::vector<Module> modules;
  for (const json::Value &value : *list) {
    const json::Object *object = value.getAsObject();
    if (!object)
      return inputError(file,
                        "expected an array of objects, but one entry is " +
                            describe(value));
    Fields fields(errors, *object);
    std::string type = fields.getString("type").str();
    std::string path = fields.getString("path", "").str();
    if (!path.empty() && !isPlainFileName(path))
      fields.reject("path", "the name of a folder");
    modules.push_back({StringRef(type).rsplit('.').second.str(), path});
  }
  if (Error error = errors.take())
    return std::move(error);
  return modules;
}

/// Accepts means of all tokens; any other way to pool is named. Older files
/// have a flag for each way, newer ones its name.
static Error checkPooling(const Checkpoint &checkpoint, StringRef folder) {
  std::string file = checkpoint.getPath((folder + "/config.json").str());
  Expected<json::Object> object = readJsonFile(file);
  if (!object)
    return object.takeError();
  FieldErrors errors(file);
  Fields fields(errors, *object);
  constexpr StringLiteral mean = "pooling_mode_mean_tokens";
  for (StringRef name : make_first_range(*object))
    if (name.starts_with("pooling_mode_") && name != mean &&
        fields.getBoolean(name, false))
      fields.reject(name, "false, since only means are supported");
  if (!fields.getBoolean(mean, true))
    fields.reject(mean, "true, since only means are supported");
  if (fields.getString("pooling_mode", "mean") != "mean")
    fields.reject("pooling_mode", "'mean', since no other is supported");
  if (!fields.getBoolean("include_prompt", true))
    fields.reject("include_prompt", "true, since all tokens are counted");
  return errors.take();
}

static Expected<DenseModule> openDense(const Checkpoint &checkpoint,
                                       StringRef folder, int64_t width) {
  std::string file = checkpoint.getPath((folder + "/config.json").str());
  Expected<json::Object> object = readJsonFile(file);
  if (!object)
    return object.takeError();
  FieldErrors errors(file);
  Fields fields(errors, *object);
  if (fields.getInteger("in_features", sizeRange) != width)
    fields.reject("in_features",
                  formatv("the {0} columns of what comes before", width));
  int64_t outputs = fields.getInteger("out_features", sizeRange);
  if (fields.getBoolean("bias", true))
    fields.reject("bias", "false, since biases are not supported");
  if (!fields.getString("activation_function", "").ends_with(".Identity"))
    fields.reject("activation_function",
                  "'torch.nn.modules.linear.Identity', since others are not "
                  "supported");
  if (Error error = errors.take())
    return std::move(error);

  auto opened = SafeTensors::open(
      checkpoint.getPath((folder + "/model.safetensors").str()));
  if (!opened)
    return opened.takeError();
  constexpr StringLiteral name = "linear.weight";
  Expected<const Tensor *> weight = checkWeight(
      (*opened)->find(name), name, (*opened)->getPath(), {outputs, width});
  if (!weight)
    return weight.takeError();
  return DenseModule{folder.str(), std::move(*opened), *weight};
}

/// Whether module `index` of `count` may be of this kind.
static bool isExpected(StringRef kind, size_t index, size_t count) {
  if (index == 0)
    return kind == "Transformer";
  if (index == 1)
    return kind == "Pooling";
  return kind == "Dense" || (kind == "Normalize" && index + 1 == count);
}

Expected<SentenceModules>
huggingface::readSentenceModules(const Checkpoint &checkpoint, int64_t width) {
  std::optional<std::string> file = checkpoint.findFile("modules.json");
  if (!file)
    return SentenceModules{{}, /*normalizes=*/true};
  Expected<std::vector<Module>> modules = readModules(*file);
  if (!modules)
    return modules.takeError();
  if (modules->size() < 2)
    return inputError(*file,
                      formatv("expected at least 2 modules, 'Transformer' "
                              "and 'Pooling', but found {0}",
                              modules->size()));

  SentenceModules result;
  for (const auto &[index, module] : enumerate(*modules)) {
    if (!isExpected(module.kind, index, modules->size()))
      return inputError(
          *file, formatv("expected 'Transformer', 'Pooling', any number of "
                         "'Dense' and maybe 'Normalize', but module {0} is "
                         "'{1}'",
                         index, module.kind));
    if (module.kind == "Pooling") {
      if (Error error = checkPooling(checkpoint, module.path))
        return std::move(error);
    } else if (module.kind == "Dense") {
      Expected<DenseModule> dense = openDense(checkpoint, module.path, width);
      if (!dense)
        return dense.takeError();
      width = dense->weight->shape[0];
      result.dense.push_back(std::move(*dense));
    } else if (module.kind == "Normalize") {
      result.normalizes = true;
    }
  }
  return result;
}
