// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// The second prediction, 100, became 101 and 103: each is corrected by its
// coefficient plus one, times 1 in the first row and 3 in the second.
// CHECK-LABEL: func @altup_correct
// CHECK: gemma.altup_correct %{{.*}}, %{{.*}}, (%{{.*}}, %{{.*}}) active 1 : (tensor<2x2xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>) -> (tensor<2x1xf32>, tensor<2x1xf32>)
// VALUES-LABEL: altup_correct:
// VALUES-NEXT: 3
// VALUES-NEXT: 5
// VALUES-NEXT: 101
// VALUES-NEXT: 106
func.func @altup_correct() -> (tensor<2x1xf32>, tensor<2x1xf32>) {
  %c = arith.constant dense<[[1.0, 0.0], [0.0, 1.0]]> : tensor<2x2xf32>
  %new = arith.constant dense<[[101.0], [103.0]]> : tensor<2x1xf32>
  %p = arith.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
  %q = arith.constant dense<[[100.0], [100.0]]> : tensor<2x1xf32>
  %x, %y = gemma.altup_correct %c, %new, (%p, %q) active 1 : (tensor<2x2xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>) -> (tensor<2x1xf32>, tensor<2x1xf32>)
  return %x, %y : tensor<2x1xf32>, tensor<2x1xf32>
}
