//===- Compile.cpp - lapidary compile ---------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/Compile.h"
#include "compiler/tools/lapidary/Commands.h"
#include "compiler/tools/lapidary/CompileToFile.h"

#include <memory>

using namespace lapidary;
using namespace lapidary::tool;

Action tool::defineCompile(Options &options) {
  options.describe("lapidary compile CHECKPOINT -o MODEL.lap [options]",
                   "Compiles a Gemma checkpoint into one artifact for one or "
                   "several machines.",
                   "lapidary compile gemma-3-270m-it -o gemma.lap --quant "
                   "int8");
  auto values = std::make_shared<CompileOptions>();
  auto kv = std::make_shared<std::optional<std::string>>();
  options.addOperand({"CHECKPOINT", "", "a Hugging Face checkpoint directory"},
                     values->checkpoint);
  options.add({"-o,--output", "FILE", "the file to write"}, values->output);
  options.require();
  options.addList({"--target", "NAME,..",
                   "machines to run on; 'lapidary "
                   "targets' lists them"},
                  values->targets);
  options.add({"--quant", "SCHEME", "f32 | bf16 | int8 | int4"}, values->quant);
  options.add({"--kv", "TYPE", "KV cache: f32 | bf16 | int8",
               "bf16; f32 with --quant f32"},
              *kv);
  options.add({"--context", "N", "positions that a sequence may hold",
               "those that the model was trained on"},
              values->context, positiveCount);
  options.add(
      {"--draft", "CHECKPOINT", "a draft head for this model, to come with it"},
      values->draft);
  options.add({"--slice", "PARTS",
               "a smaller model in a MatFormer checkpoint, such as "
               "'layers=0-19,25-34 intermediate_size=8192'"},
              values->slice);
  options.add({"--nested", "MODELS",
               "smaller models to come with it that share its weights, such as "
               "'small: intermediate_size=8192'"},
              values->nested);
  options.add({"--emit", "KIND", "lap | exe (a program that holds the model)"},
              values->emit);
  options.add({"--pipeline", "STR",
               "passes to run in place of the usual ones, "
               "as lapidary-opt spells them"},
              values->pipeline);
  options.add(
      {"--dump-ir", "DIR", "write the IR after every stage, and objects"},
      values->dumpIr);
  options.addFlag({"--stats", "", "report times and sizes of the stages"},
                  values->stats);
  return [values, kv] {
    // A reference artifact rounds nowhere.
    values->kv = kv->value_or(values->quant == "f32" ? "f32" : "bf16");
    compileToFile(*values);
  };
}
