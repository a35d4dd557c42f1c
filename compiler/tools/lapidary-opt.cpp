//===- lapidary-opt.cpp - Runs passes on IR ---------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/Registration.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  lapidary::registerEverything(registry);
  lapidary::registerAllLapidaryPasses();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "Lapidary's pass driver\n", registry));
}
