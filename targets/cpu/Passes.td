//===- Passes.td - Kernels as loops, loops as LLVM ------------*- tablegen
//-*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TARGETS_CPU_PASSES_TD
#define TARGETS_CPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def ExpandKernelsPass : Pass<"cpu-expand-kernels", "::mlir::ModuleOp"> {
  let summary = "Show kernels as the loops that one machine runs";
  let description = [{
    Replaces what the module holds by one `llvm.func` for each `kernel.func`, in
    scf, arith, math, vector and llvm operations: what compiling for `target`
    begins with. Programs, caches and parameters go, since nothing of them
    becomes code.

    `target` is the name of a machine, or an architecture for the plainest of it.
    Declines on other names.
    Example: test/targets/cpu/expand-kernels.mlir
  }];
  let options = [Option<"target", "target", "std::string", "\"x86-64-v3\"",
                        "machine to expand for">,
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
}

def LowerToLlvmPass : Pass<"cpu-lower-to-llvm", "::mlir::ModuleOp"> {
  let summary = "Lower expanded kernels to the llvm dialect alone";
  let description = [{
    Cleans up the loops that `cpu-expand-kernels` makes and converts them, as
    compiling does before code is generated.
    Example: test/targets/cpu/lower-to-llvm.mlir
  }];
}

#endif // TARGETS_CPU_PASSES_TD
