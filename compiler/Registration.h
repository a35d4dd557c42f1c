//===- Registration.h - What all tools of the compiler know -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The dialects and passes of Lapidary, listed once for lapidary-opt,
// lapidary-translate, lapidary-lsp-server and lapidary-reduce.
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_COMPILER_REGISTRATION_H
#define LAPIDARY_COMPILER_REGISTRATION_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace lapidary {

/// Adds to `registry` every dialect that a module of any stage may hold.
void registerEverything(mlir::DialectRegistry &registry);

/// Makes every pass and pipeline available by its flag.
void registerAllLapidaryPasses();

} // namespace lapidary

#endif // LAPIDARY_COMPILER_REGISTRATION_H
