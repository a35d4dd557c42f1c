// RUN: lapidary-opt %s --gemma-simplify-pipeline --gemma-fusion-pipeline | FileCheck %s

// A layer of Gemma 3 between embedding and head, as importers write it.
#norm = #gemma.norm<epsilon = 1.0e-6 : f32, weight_offset = 1.0 : f32>
module {
  gemma.param @embed : tensor<32x8xbf16> from "w" at 0
  gemma.param @n1 : tensor<8xbf16> from "w" at 512
  gemma.param @q : tensor<8x8xbf16> from "w" at 1024
  gemma.param @k : tensor<4x8xbf16> from "w" at 1024
  gemma.param @v : tensor<4x8xbf16> from "w" at 1024
  gemma.param @qn : tensor<4xbf16> from "w" at 1024
  gemma.param @kn : tensor<4xbf16> from "w" at 1024
  gemma.param @o : tensor<8x8xbf16> from "w" at 1024
  gemma.param @gate : tensor<16x8xbf16> from "w" at 1024
  gemma.param @up : tensor<16x8xbf16> from "w" at 1024
  gemma.param @down : tensor<8x16xbf16> from "w" at 1024
  gemma.cache @layers.0 : !gemma.kv<1 x 4> window 4
  func.func @text(%tokens: tensor<?xi32>, %batch: !gemma.batch) -> tensor<?x32xf32> {
    // The last layer: keys and values of all rows, all else of the wanted ones.
    // CHECK-DAG:  %[[N:.*]] = gemma.offset
    // CHECK-DAG:  %[[KV_W:.*]] = gemma.concat_rows
    // CHECK-DAG:  %[[ALL:.*]] = gemma.embed {{.*}} scale 2.8
    // CHECK-DAG:  %[[H:.*]] = gemma.rms_norm %[[ALL]], %[[N]]
    // CHECK-DAG:  %[[WH:.*]] = gemma.select_rows %[[H]]
    // CHECK-DAG:  %[[Q_P:.*]] = gemma.linear %[[WH]]
    // CHECK-DAG:  %[[Q_H:.*]] = gemma.split_heads %[[Q_P]]
    // CHECK-DAG:  %[[Q_N:.*]] = gemma.rms_norm %[[Q_H]]
    // CHECK-DAG:  %[[T:.*]] = gemma.rope_table
    // CHECK-DAG:  %[[WT:.*]] = gemma.select_rows %[[T]]
    // CHECK-DAG:  %[[Q:.*]] = gemma.rope %[[Q_N]], %[[WT]]
    // CHECK-DAG:  %[[KV_P:.*]] = gemma.linear %[[H]], %[[KV_W]]
    // CHECK-DAG:  %[[HEADS:.*]]:2 = gemma.split_heads %[[KV_P]]
    // CHECK-DAG:  %[[K_N:.*]] = gemma.rms_norm %[[HEADS]]#0
    // CHECK-DAG:  %[[K:.*]] = gemma.rope %[[K_N]], %[[T]]
    // CHECK-DAG:  %[[KV:.*]] = gemma.append %[[K]], %[[HEADS]]#1,
    // CHECK:      %[[A:.*]] = gemma.attention %[[Q]], %[[KV]], {{.*}} wanted
    // CHECK:      %[[X:.*]] = gemma.select_rows %[[ALL]]
    // CHECK:      %[[X1:.*]] = gemma.linear %[[A]], {{.*}} post_norm(%[[N]] : {{.*}}) add(%[[X]] :
    // CHECK:      %[[GATE_UP:.*]] = gemma.interleave_rows
    // CHECK-NEXT: %[[M:.*]] = gemma.gated_linear %[[X1]], %[[GATE_UP]] norm(%[[N]] :
    // CHECK-NEXT: %[[X2:.*]] = gemma.linear %[[M]], {{.*}} post_norm(%[[N]] : {{.*}}) add(%[[X1]] :
    // CHECK-NEXT: %[[L:.*]] = gemma.linear %[[X2]], {{.*}} norm(%[[N]] : {{.*}}) softcap(3.000000e+01)
    // CHECK-NEXT: return %[[L]]
    %table = gemma.weight @embed : tensor<32x8xbf16>
    %e = gemma.embed %tokens, %table scale 1.0 : tensor<?xi32>, tensor<32x8xbf16> -> tensor<?x8xf32>
    %x = gemma.scale %e by 2.8284271 : tensor<?x8xf32>
    %n1 = gemma.weight @n1 : tensor<8xbf16>
    %h = gemma.rms_norm %x, %n1, #norm : tensor<?x8xf32>, tensor<8xbf16>
    %qw = gemma.weight @q : tensor<8x8xbf16>
    %q0 = gemma.linear %h, %qw : tensor<?x8xf32>, tensor<8x8xbf16> -> tensor<?x8xf32>
    %q1 = gemma.split_heads %q0 : tensor<?x8xf32> -> tensor<?x2x4xf32>
    %qn = gemma.weight @qn : tensor<4xbf16>
    %q2 = gemma.rms_norm %q1, %qn, #norm : tensor<?x2x4xf32>, tensor<4xbf16>
    %t = gemma.rope_table %batch base 1.0e4 factor 1.0 : tensor<?x4xf32>
    %q3 = gemma.rope %q2, %t : tensor<?x2x4xf32>, tensor<?x4xf32>
    %kw = gemma.weight @k : tensor<4x8xbf16>
    %k0 = gemma.linear %h, %kw : tensor<?x8xf32>, tensor<4x8xbf16> -> tensor<?x4xf32>
    %k1 = gemma.split_heads %k0 : tensor<?x4xf32> -> tensor<?x1x4xf32>
    %kn = gemma.weight @kn : tensor<4xbf16>
    %k2 = gemma.rms_norm %k1, %kn, #norm : tensor<?x1x4xf32>, tensor<4xbf16>
    %k3 = gemma.rope %k2, %t : tensor<?x1x4xf32>, tensor<?x4xf32>
    %vw = gemma.weight @v : tensor<4x8xbf16>
    %v0 = gemma.linear %h, %vw : tensor<?x8xf32>, tensor<4x8xbf16> -> tensor<?x4xf32>
    %v1 = gemma.split_heads %v0 : tensor<?x4xf32> -> tensor<?x1x4xf32>
    %kv = gemma.append %k3, %v1, %batch to @layers.0 : tensor<?x1x4xf32>, !gemma.kv<1 x 4>
    %a = gemma.attention %q3, %kv, %batch scale 0.5 window 4 : tensor<?x2x4xf32>, !gemma.kv<1 x 4> -> tensor<?x8xf32>
    %ow = gemma.weight @o : tensor<8x8xbf16>
    %o = gemma.linear %a, %ow : tensor<?x8xf32>, tensor<8x8xbf16> -> tensor<?x8xf32>
    %n1b = gemma.weight @n1 : tensor<8xbf16>
    %on = gemma.rms_norm %o, %n1b, #norm : tensor<?x8xf32>, tensor<8xbf16>
    %x1 = gemma.add %x, %on : tensor<?x8xf32>
    %f = gemma.rms_norm %x1, %n1, #norm : tensor<?x8xf32>, tensor<8xbf16>
    %gw = gemma.weight @gate : tensor<16x8xbf16>
    %uw = gemma.weight @up : tensor<16x8xbf16>
    %dw = gemma.weight @down : tensor<8x16xbf16>
    %g = gemma.linear %f, %gw : tensor<?x8xf32>, tensor<16x8xbf16> -> tensor<?x16xf32>
    %u = gemma.linear %f, %uw : tensor<?x8xf32>, tensor<16x8xbf16> -> tensor<?x16xf32>
    %gg = gemma.gelu %g : tensor<?x16xf32>
    %m = gemma.mul %gg, %u : tensor<?x16xf32>
    %d = gemma.linear %m, %dw : tensor<?x16xf32>, tensor<8x16xbf16> -> tensor<?x8xf32>
    %dn = gemma.rms_norm %d, %n1, #norm : tensor<?x8xf32>, tensor<8xbf16>
    %x2 = gemma.add %x1, %dn : tensor<?x8xf32>
    %s = gemma.select_rows %x2, %batch : tensor<?x8xf32> -> tensor<?x8xf32>
    %sn = gemma.rms_norm %s, %n1, #norm : tensor<?x8xf32>, tensor<8xbf16>
    %table2 = gemma.weight @embed : tensor<32x8xbf16>
    %l = gemma.linear %sn, %table2 : tensor<?x8xf32>, tensor<32x8xbf16> -> tensor<?x32xf32>
    %lc = gemma.softcap %l at 30.0 : tensor<?x32xf32>
    return %lc : tensor<?x32xf32>
  }
}
