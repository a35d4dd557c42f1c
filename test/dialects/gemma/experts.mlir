// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// gelu(8) = 8, so expert e gives 8 * 10^e. Row 0 weighs experts 0 and 2 by 1/4
// and 3/4 (ln 3 = 1.0986123), times their scales 1 and 2; row 1 has a tie of all,
// in which the first two win, with half of their scales 1 and 4.
// CHECK-LABEL: func @experts
// CHECK: gemma.experts %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : tensor<2x1xf32>, <3 top 2>, tensor<6x1xf32>, tensor<6x1xf32> -> tensor<2x2xf32>
// VALUES-LABEL: experts:
// VALUES-NEXT: 1202 -1202
// VALUES-NEXT: 164 -164
func.func @experts() -> tensor<2x2xf32> {
  %x = arith.constant dense<8.0> : tensor<2x1xf32>
  %scores = arith.constant dense<[[0.0, -1.0, 1.0986123], [5.0, 5.0, 5.0]]> : tensor<2x3xf32>
  %scales = arith.constant dense<[1.0, 4.0, 2.0]> : tensor<3xf32>
  %gate_up = arith.constant dense<[[1.0], [0.125], [1.0], [1.25], [1.0], [12.5]]> : tensor<6x1xf32>
  %down = arith.constant dense<[[1.0], [-1.0], [1.0], [-1.0], [1.0], [-1.0]]> : tensor<6x1xf32>
  %c = gemma.route %scores, %scales : tensor<2x3xf32>, tensor<3xf32> -> !gemma.routing<3 top 2>
  %y = gemma.experts %x, %c, %gate_up, %down : tensor<2x1xf32>, !gemma.routing<3 top 2>, tensor<6x1xf32>, tensor<6x1xf32> -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// Of expert 1 both matrices are twice those of expert 0; scales belong to rows.
// CHECK-LABEL: func @experts_quantized
// CHECK: gemma.experts {{.*}} {product = #gemma.product<int8>}
// VALUES-LABEL: experts_quantized:
// VALUES-NEXT: 512
!quant = !gemma.quant<int4, group = 32>
func.func @experts_quantized() -> tensor<1x1xf32> {
  %x = arith.constant dense<8.0> : tensor<1x1xf32>
  %scores = arith.constant dense<[[0.0, 1.0]]> : tensor<1x2xf32>
  %scales = arith.constant dense<1.0> : tensor<2xf32>
  %gate_up = arith.constant dense<[[1.0], [1.0], [2.0], [2.0]]> : tensor<4x1xf32>
  %down = arith.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
  %g = gemma.convert %gate_up : tensor<4x1xf32> -> tensor<4x1x!quant>
  %d = gemma.convert %down : tensor<2x1xf32> -> tensor<2x1x!quant>
  %c = gemma.route %scores, %scales : tensor<1x2xf32>, tensor<2xf32> -> !gemma.routing<2 top 1>
  %y = gemma.experts %x, %c, %g, %d {product = #gemma.product<int8>} : tensor<1x1xf32>, !gemma.routing<2 top 1>, tensor<4x1x!quant>, tensor<2x1x!quant> -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}
