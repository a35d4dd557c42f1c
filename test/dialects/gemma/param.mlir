// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: rm -rf %t && mkdir %t
// RUN: printf '\377\377\200\077\040\100\000\076\000\000\000\300' > %t/numbers.bin
// RUN: lapidary-translate --evaluate %s --source-dir %t | FileCheck %s --check-prefix=VALUES

// Numbers are read from the byte `at` on, little-endian.
// CHECK: gemma.param @bf16 : tensor<2xbf16> from "numbers.bin" at 2
// CHECK: gemma.param @f16 : tensor<1xf16> from "numbers.bin" at 6
// CHECK: gemma.param @f32 : tensor<1x1xf32> from "numbers.bin" at 8
gemma.param @bf16 : tensor<2xbf16> from "numbers.bin" at 2
gemma.param @f16 : tensor<1xf16> from "numbers.bin" at 6
gemma.param @f32 : tensor<1x1xf32> from "numbers.bin" at 8

// VALUES-LABEL: param:
// VALUES-NEXT: 1 2.5
// VALUES-NEXT: 1.5
// VALUES-NEXT: -2
func.func @param() -> (tensor<2xbf16>, tensor<1xf16>, tensor<1x1xf32>) {
  %0 = gemma.weight @bf16 : tensor<2xbf16>
  %1 = gemma.weight @f16 : tensor<1xf16>
  %2 = gemma.weight @f32 : tensor<1x1xf32>
  return %0, %1, %2 : tensor<2xbf16>, tensor<1xf16>, tensor<1x1xf32>
}

// RUN: printf '12345678901' > %t/numbers.bin
// RUN: not lapidary-translate --evaluate %s --source-dir %t 2>&1 | FileCheck %s --check-prefix=SHORT
// SHORT: error: {{.*}}numbers.bin: parameter 'f32' ends at byte 12, but the file has only 11

// RUN: rm %t/numbers.bin
// RUN: not lapidary-translate --evaluate %s --source-dir %t 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: error: '{{.*}}numbers.bin': {{[Nn]}}o such file
