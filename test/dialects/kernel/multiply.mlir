// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @multiply(
// CHECK: kernel.multiply <int8>
kernel.func @multiply() attributes {unit = #kernel.unit<one>, slices = 256 : i64} {
  kernel.multiply <int8>
}
