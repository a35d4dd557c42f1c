// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// What a row's choice is shows in `gemma.experts`.
// CHECK-LABEL: func @route
// CHECK: gemma.route %{{.*}}, %{{.*}} : tensor<?x4xf32>, tensor<4xbf16> -> <4 top 2>
func.func @route(%scores: tensor<?x4xf32>, %scales: tensor<4xbf16>) {
  %c = gemma.route %scores, %scales : tensor<?x4xf32>, tensor<4xbf16> -> !gemma.routing<4 top 2>
  return
}
