// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// Each row of the table, times the scale.
// CHECK-LABEL: func @embed
// CHECK: gemma.embed %{{.*}}, %{{.*}} scale 8.000000e+00 : tensor<3xi32>, tensor<4x2xbf16> -> tensor<3x2xf32>
// VALUES-LABEL: embed:
// VALUES-NEXT: 48 56
// VALUES-NEXT: 0 8
// VALUES-NEXT: 48 56
func.func @embed() -> tensor<3x2xf32> {
  %tokens = arith.constant dense<[3, 0, 3]> : tensor<3xi32>
  %table = arith.constant dense<[[0.0, 1.0], [2.0, 3.0], [4.0, 5.0], [6.0, 7.0]]> : tensor<4x2xbf16>
  %x = gemma.embed %tokens, %table scale 8.0 : tensor<3xi32>, tensor<4x2xbf16> -> tensor<3x2xf32>
  return %x : tensor<3x2xf32>
}

// A quantized table: integers -8 and 4, scale 0.5.
// CHECK-LABEL: func @embed_quantized
// VALUES-LABEL: embed_quantized:
// VALUES-NEXT: -8 4
func.func @embed_quantized() -> tensor<1x2xf32> {
  %token = arith.constant dense<1> : tensor<1xi32>
  %table = arith.constant dense<[[1.0, 1.0], [-4.0, 2.0]]> : tensor<2x2xf32>
  %q = gemma.convert %table : tensor<2x2xf32> -> tensor<2x2x!gemma.quant<int4, group = 32>>
  %x = gemma.embed %token, %q scale 2.0 : tensor<1xi32>, tensor<2x2x!gemma.quant<int4, group = 32>> -> tensor<1x2xf32>
  return %x : tensor<1x2xf32>
}

// Tokens behind the end read the row that stands in for them.
// CHECK-LABEL: func @embed_fallback
// CHECK: gemma.embed %{{.*}}, %{{.*}} scale 2.000000e+00 fallback(1) : tensor<3xi32>, tensor<2x2xf32> -> tensor<3x2xf32>
// VALUES-LABEL: embed_fallback:
// VALUES-NEXT: 2 4
// VALUES-NEXT: 6 8
// VALUES-NEXT: 6 8
func.func @embed_fallback() -> tensor<3x2xf32> {
  %tokens = arith.constant dense<[0, 2, 700]> : tensor<3xi32>
  %table = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %x = gemma.embed %tokens, %table scale 2.0 fallback(1) : tensor<3xi32>, tensor<2x2xf32> -> tensor<3x2xf32>
  return %x : tensor<3x2xf32>
}
