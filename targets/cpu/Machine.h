//===- Machine.h - A class of CPUs as a target ------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_TARGETS_CPU_MACHINE_H
#define LAPIDARY_TARGETS_CPU_MACHINE_H

#include "targets/Target.h"
#include "targets/cpu/TileEmitter.h"

namespace lapidary::cpu {

/// A row of the table of CPUs: names, features, tile emitter.
class Machine : public Target {
public:
  /// `cpu` is LLVM's name of the baseline; code for it may use `features` too.
  Machine(llvm::StringRef name, llvm::StringRef description,
          llvm::StringRef triple, llvm::StringRef cpu,
          std::vector<llvm::StringRef> features,
          std::unique_ptr<TileEmitter> tiles)
      : targetName(name), text(description), tripleName(triple), cpuName(cpu),
        featureNames(std::move(features)), tileEmitter(std::move(tiles)) {}

  llvm::StringRef name() const override { return targetName; }
  llvm::StringRef description() const override { return text; }
  llvm::StringRef architecture() const override {
    return tripleName.split('-').first;
  }
  llvm::ArrayRef<llvm::StringRef> features() const override {
    return featureNames;
  }
  llvm::Expected<CodeImage>
  compile(mlir::ModuleOp module, CodeCache &cache,
          llvm::StringRef dumpDirectory) const override;

  llvm::StringRef triple() const { return tripleName; }
  llvm::StringRef cpu() const { return cpuName; }
  const TileEmitter &tiles() const { return *tileEmitter; }

private:
  /// All that decides the code of `kernel` besides this program.
  std::string describe(kernel::FuncOp kernel) const;

  llvm::StringRef targetName, text, tripleName, cpuName;
  std::vector<llvm::StringRef> featureNames;
  std::unique_ptr<TileEmitter> tileEmitter;
};

} // namespace lapidary::cpu

#endif // LAPIDARY_TARGETS_CPU_MACHINE_H
