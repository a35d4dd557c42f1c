// Each pass, and all together, leave the numbers as they are in every digit that
// is printed: the evaluator computes the same sums in the same order.
//
// RUN: lapidary-translate --evaluate %s -o %t
// RUN: FileCheck %s < %t
// RUN: lapidary-opt %s --gemma-fold-embedding-scale -o %t.mlir
// RUN: FileCheck %s --check-prefix=SCALE < %t.mlir
// RUN: lapidary-translate --evaluate %t.mlir | diff %t -
// RUN: lapidary-opt %s --gemma-fold-norm-offset -o %t.mlir
// RUN: FileCheck %s --check-prefix=OFFSET < %t.mlir
// RUN: lapidary-translate --evaluate %t.mlir | diff %t -
// RUN: lapidary-opt %s --gemma-fuse-qkv -o %t.mlir
// RUN: FileCheck %s --check-prefix=QKV < %t.mlir
// RUN: lapidary-translate --evaluate %t.mlir | diff %t -
// RUN: lapidary-opt %s --gemma-fuse-gated-mlp -o %t.mlir
// RUN: FileCheck %s --check-prefix=MLP < %t.mlir
// RUN: lapidary-translate --evaluate %t.mlir | diff %t -
// RUN: lapidary-opt %s --gemma-fuse-norm-prologue -o %t.mlir
// RUN: FileCheck %s --check-prefix=NORM < %t.mlir
// RUN: lapidary-translate --evaluate %t.mlir | diff %t -
// RUN: lapidary-opt %s --gemma-fuse-softcap -o %t.mlir
// RUN: FileCheck %s --check-prefix=SOFTCAP < %t.mlir
// RUN: lapidary-translate --evaluate %t.mlir | diff %t -
// RUN: lapidary-opt %s --gemma-fuse-residual -o %t.mlir
// RUN: FileCheck %s --check-prefix=RESIDUAL < %t.mlir
// RUN: lapidary-translate --evaluate %t.mlir | diff %t -
// RUN: lapidary-opt %s --gemma-simplify-pipeline --gemma-fusion-pipeline -o %t.mlir
// RUN: FileCheck %s --check-prefix=ALL < %t.mlir
// RUN: lapidary-translate --evaluate %t.mlir | diff %t -

// What each pass must have done for the comparison to mean anything.
// SCALE:    gemma.embed {{.*}} scale 1.7
// OFFSET:   gemma.offset
// QKV:      gemma.concat_rows
// MLP:      gemma.gated_linear
// NORM:     gemma.linear {{.*}} norm(
// SOFTCAP:  gemma.linear {{.*}} softcap(
// RESIDUAL: gemma.linear {{.*}} post_norm({{.*}} add(
// ALL:      gemma.linear {{.*}} norm({{.*}} softcap(

// CHECK:      text:
// CHECK-NEXT: 0.650362 -0.0325052
// CHECK-NEXT: -0.346548 0.0940266

#norm = #gemma.norm<epsilon = 1.0e-3 : f32, weight_offset = 1.0 : f32>
gemma.cache @cache : !gemma.kv<1 x 2> window 2

func.func @text(%batch: !gemma.batch {gemma.rows = [[0, 0], [0, 1], [0, 2], [1, 0]], gemma.wanted = [2, 3]}) -> tensor<2x6xf32> {
  %tokens = arith.constant dense<[1, 4, 2, 5]> : tensor<4xi32>
  %table = arith.constant dense<[[-0.35, -0.70, 0.30, -0.86], [0.07, -0.27, -0.88, 0.01], [-0.93, -0.13, -0.86, -0.82], [-0.15, 0.65, -0.75, -0.55], [0.25, 0.90, 0.15, -0.21], [0.95, -0.91, 0.72, -0.42]]> : tensor<6x4xf32>
  %n0 = arith.constant dense<[-0.71, -0.76, -0.38, 0.63]> : tensor<4xf32>
  %qw = arith.constant dense<[[-0.64, 0.16, 0.28, -0.26], [0.10, -0.87, -0.88, -0.59], [0.36, -0.14, -0.37, 0.17], [-0.09, -0.40, 0.59, 0.40]]> : tensor<4x4xf32>
  %kw = arith.constant dense<[[-0.51, 0.15, 0.05, 0.75], [0.46, -0.42, 0.96, -0.76]]> : tensor<2x4xf32>
  %vw = arith.constant dense<[[-0.16, 0.51, -0.70, -0.02], [-0.92, 0.34, 0.53, 0.15]]> : tensor<2x4xf32>
  %qn = arith.constant dense<[0.75, -0.37]> : tensor<2xf32>
  %kn = arith.constant dense<[0.39, 0.19]> : tensor<2xf32>
  %ow = arith.constant dense<[[0.16, -0.09, 0.68, 0.89], [-0.05, 0.33, -0.88, 0.40], [0.29, 0.99, 0.64, -0.43], [-0.23, 0.34, -0.95, -0.08]]> : tensor<4x4xf32>
  %n1 = arith.constant dense<[-0.66, -0.77, -0.88, 0.54]> : tensor<4xf32>
  %n2 = arith.constant dense<[-0.74, -0.50, -0.22, 0.74]> : tensor<4xf32>
  %gw = arith.constant dense<[[-0.84, -0.10, 0.10, 0.77], [0.64, 0.73, -0.44, -0.17], [-0.28, 0.77, 0.92, -0.70]]> : tensor<3x4xf32>
  %uw = arith.constant dense<[[-0.65, -0.54, -0.53, -0.03], [0.18, -0.47, -0.99, -0.16], [-0.26, 0.13, 0.91, 0.38]]> : tensor<3x4xf32>
  %dw = arith.constant dense<[[0.03, 0.24, 0.35], [-0.89, 0.80, 0.56], [0.75, 0.60, -0.22], [-0.20, -0.79, 0.27]]> : tensor<4x3xf32>
  %n3 = arith.constant dense<[-0.88, -0.87, -0.58, -0.68]> : tensor<4xf32>
  %n4 = arith.constant dense<[-0.32, -0.89, -1.00, -0.70]> : tensor<4xf32>
  %e = gemma.embed %tokens, %table scale 1.0 : tensor<4xi32>, tensor<6x4xf32> -> tensor<4x4xf32>
  %x = gemma.scale %e by 1.7 : tensor<4x4xf32>
  %t = gemma.rope_table %batch base 100.0 factor 2.0 : tensor<4x2xf32>
  %h = gemma.rms_norm %x, %n0, #norm : tensor<4x4xf32>, tensor<4xf32>
  %q0 = gemma.linear %h, %qw : tensor<4x4xf32>, tensor<4x4xf32> -> tensor<4x4xf32>
  %k0 = gemma.linear %h, %kw : tensor<4x4xf32>, tensor<2x4xf32> -> tensor<4x2xf32>
  %v0 = gemma.linear %h, %vw : tensor<4x4xf32>, tensor<2x4xf32> -> tensor<4x2xf32>
  %q1 = gemma.split_heads %q0 : tensor<4x4xf32> -> tensor<4x2x2xf32>
  %k1 = gemma.split_heads %k0 : tensor<4x2xf32> -> tensor<4x1x2xf32>
  %v1 = gemma.split_heads %v0 : tensor<4x2xf32> -> tensor<4x1x2xf32>
  %q2 = gemma.rms_norm %q1, %qn, #norm : tensor<4x2x2xf32>, tensor<2xf32>
  %k2 = gemma.rms_norm %k1, %kn, #norm : tensor<4x1x2xf32>, tensor<2xf32>
  %q3 = gemma.rope %q2, %t : tensor<4x2x2xf32>, tensor<4x2xf32>
  %k3 = gemma.rope %k2, %t : tensor<4x1x2xf32>, tensor<4x2xf32>
  %kv = gemma.append %k3, %v1, %batch to @cache : tensor<4x1x2xf32>, !gemma.kv<1 x 2>
  %a = gemma.attention %q3, %kv, %batch scale 0.7 window 2 softcap(5.0) : tensor<4x2x2xf32>, !gemma.kv<1 x 2> -> tensor<4x4xf32>
  %o = gemma.linear %a, %ow : tensor<4x4xf32>, tensor<4x4xf32> -> tensor<4x4xf32>
  %on = gemma.rms_norm %o, %n1, #norm : tensor<4x4xf32>, tensor<4xf32>
  %x1 = gemma.add %x, %on : tensor<4x4xf32>
  %f = gemma.rms_norm %x1, %n2, #norm : tensor<4x4xf32>, tensor<4xf32>
  %g = gemma.linear %f, %gw : tensor<4x4xf32>, tensor<3x4xf32> -> tensor<4x3xf32>
  %u = gemma.linear %f, %uw : tensor<4x4xf32>, tensor<3x4xf32> -> tensor<4x3xf32>
  %gg = gemma.gelu %g : tensor<4x3xf32>
  %m = gemma.mul %gg, %u : tensor<4x3xf32>
  %d = gemma.linear %m, %dw : tensor<4x3xf32>, tensor<4x3xf32> -> tensor<4x4xf32>
  %dn = gemma.rms_norm %d, %n3, #norm : tensor<4x4xf32>, tensor<4xf32>
  %x2 = gemma.add %x1, %dn : tensor<4x4xf32>
  %s = gemma.select_rows %x2, %batch : tensor<4x4xf32> -> tensor<2x4xf32>
  %sn = gemma.rms_norm %s, %n4, #norm : tensor<2x4xf32>, tensor<4xf32>
  %l = gemma.linear %sn, %table : tensor<2x4xf32>, tensor<6x4xf32> -> tensor<2x6xf32>
  %lc = gemma.softcap %l at 3.0 : tensor<2x6xf32>
  return %lc : tensor<2x6xf32>
}
