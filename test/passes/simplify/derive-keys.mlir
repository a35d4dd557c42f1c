// RUN: lapidary-opt %s --split-input-file --gemma-derive-keys | FileCheck %s

#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 0.0 : f32>

gemma.param @weight : tensor<8xf32> from "file" at 0
// CHECK: gemma.cache @layer : !gemma.kv<1 x 8 values> window 0
gemma.cache @layer : !gemma.kv<1 x 8> window 0

// CHECK-LABEL: func @text
// CHECK-DAG: %[[W:.*]] = gemma.weight @weight
// CHECK-DAG: %[[V:.*]] = gemma.rms_norm %arg0, %{{.*}}
// CHECK-NOT: gemma.rope %
// CHECK: %[[KV:.*]] = gemma.append_values %[[V]], %arg1 to @layer
// CHECK-NEXT: gemma.attention %arg0, %[[KV]], %arg1 keys(%[[W]], <width = 8, base = 1.000000e+01 : f32, factor = 2.000000e+00 : f32, pairs = 3> : tensor<8xf32>)
func.func @text(%x: tensor<?x1x8xf32>, %batch: !gemma.batch) -> tensor<?x8xf32> {
  %w = gemma.weight @weight : tensor<8xf32>
  %ones = gemma.fill 1.0 : tensor<8xf32>
  %t = gemma.rope_table %batch base 10.0 factor 2.0 pairs(3) : tensor<?x8xf32>
  %n = gemma.rms_norm %x, %w, #norm : tensor<?x1x8xf32>, tensor<8xf32>
  %k = gemma.rope %n, %t : tensor<?x1x8xf32>, tensor<?x8xf32>
  %v = gemma.rms_norm %x, %ones, #norm : tensor<?x1x8xf32>, tensor<8xf32>
  %kv = gemma.append %k, %v, %batch to @layer : tensor<?x1x8xf32>, !gemma.kv<1 x 8>
  %y = gemma.attention %x, %kv, %batch scale 1.0 window 0 : tensor<?x1x8xf32>, !gemma.kv<1 x 8> -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Another function reads what the first appended, with a weight of its own.
// CHECK-LABEL: func @draft
// CHECK: %[[W:.*]] = gemma.weight @weight
// CHECK-NEXT: %[[KV:.*]] = gemma.past @layer : <1 x 8 values>
// CHECK-NEXT: gemma.attention %arg0, %[[KV]], %arg1 keys(%[[W]],
func.func @draft(%x: tensor<?x1x8xf32>, %batch: !gemma.batch) -> tensor<?x8xf32> {
  %kv = gemma.past @layer : !gemma.kv<1 x 8>
  %y = gemma.attention %x, %kv, %batch scale 1.0 window 0 : tensor<?x1x8xf32>, !gemma.kv<1 x 8> -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// Values that have a weight, and values of another projection, say nothing of
// keys.
#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 0.0 : f32>

// CHECK: gemma.cache @weighted : !gemma.kv<1 x 8> window 0
gemma.cache @weighted : !gemma.kv<1 x 8> window 0
// CHECK: gemma.cache @other : !gemma.kv<1 x 8> window 0
gemma.cache @other : !gemma.kv<1 x 8> window 0

// CHECK-LABEL: func @apart
// CHECK: gemma.append %
// CHECK: gemma.append %
func.func @apart(%x: tensor<?x1x8xf32>, %z: tensor<?x1x8xf32>, %w: tensor<8xf32>, %batch: !gemma.batch) -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  %ones = gemma.fill 1.0 : tensor<8xf32>
  %t = gemma.rope_table %batch base 10.0 factor 1.0 : tensor<?x8xf32>
  %n = gemma.rms_norm %x, %w, #norm : tensor<?x1x8xf32>, tensor<8xf32>
  %k = gemma.rope %n, %t : tensor<?x1x8xf32>, tensor<?x8xf32>
  %kv = gemma.append %k, %n, %batch to @weighted : tensor<?x1x8xf32>, !gemma.kv<1 x 8>
  %y = gemma.attention %x, %kv, %batch scale 1.0 window 0 : tensor<?x1x8xf32>, !gemma.kv<1 x 8> -> tensor<?x8xf32>
  %v = gemma.rms_norm %z, %ones, #norm : tensor<?x1x8xf32>, tensor<8xf32>
  %kv2 = gemma.append %k, %v, %batch to @other : tensor<?x1x8xf32>, !gemma.kv<1 x 8>
  %y2 = gemma.attention %x, %kv2, %batch scale 1.0 window 0 : tensor<?x1x8xf32>, !gemma.kv<1 x 8> -> tensor<?x8xf32>
  return %y, %y2 : tensor<?x8xf32>, tensor<?x8xf32>
}
