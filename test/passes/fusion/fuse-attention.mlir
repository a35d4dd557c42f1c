// RUN: lapidary-opt %s --allow-unregistered-dialect --gemma-fuse-attention --split-input-file | FileCheck %s

#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 1.0 : f32>
gemma.cache @c : !gemma.kv<1 x 2> window 0

// CHECK-LABEL: func @layer
// CHECK-SAME:  (%[[QKV:.*]]: tensor<?x8xf32>, %[[T:.*]]: tensor<?x2xf32>, %[[QN:.*]]: tensor<2xf32>, %[[KN:.*]]: tensor<2xf32>, %[[BATCH:.*]]: !gemma.batch)
func.func @layer(%qkv: tensor<?x8xf32>, %t: tensor<?x2xf32>, %qn: tensor<2xf32>, %kn: tensor<2xf32>, %batch: !gemma.batch) -> tensor<?x4xf32> {
  // CHECK-NEXT: %[[Y:.*]] = gemma.qkv_attention %[[QKV]], %[[T]], %[[BATCH]] to @c norms(%[[QN]], %[[KN]], <epsilon = 5.000000e-01 : f32, weight_offset = 1.000000e+00 : f32>) heads 2 scale 5.000000e-01 window 3 softcap(5.000000e+01)
  // CHECK-NEXT: return %[[Y]]
  %q, %k, %v = gemma.split_heads %qkv : tensor<?x8xf32> -> tensor<?x2x2xf32>, tensor<?x1x2xf32>, tensor<?x1x2xf32>
  %0 = gemma.rms_norm %q, %qn, #norm : tensor<?x2x2xf32>, tensor<2xf32>
  %1 = gemma.rope %0, %t : tensor<?x2x2xf32>, tensor<?x2xf32>
  %2 = gemma.rms_norm %k, %kn, #norm : tensor<?x1x2xf32>, tensor<2xf32>
  %3 = gemma.rope %2, %t : tensor<?x1x2xf32>, tensor<?x2xf32>
  %4 = gemma.append %3, %v, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %5 = gemma.attention %1, %4, %batch scale 0.5 window 3 softcap(50.0) : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  return %5 : tensor<?x4xf32>
}

// -----
#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 1.0 : f32>
gemma.cache @c : !gemma.kv<1 x 2> window 0

// Another layer wrote the keys.
// CHECK-LABEL: func @shared_cache
// CHECK-NOT:   gemma.qkv_attention
func.func @shared_cache(%qkv: tensor<?x8xf32>, %t: tensor<?x2xf32>, %qn: tensor<2xf32>, %kn: tensor<2xf32>, %batch: !gemma.batch, %kv: !gemma.kv<1 x 2>) -> tensor<?x4xf32> {
  %q, %k, %v = gemma.split_heads %qkv : tensor<?x8xf32> -> tensor<?x2x2xf32>, tensor<?x1x2xf32>, tensor<?x1x2xf32>
  %0 = gemma.rms_norm %q, %qn, #norm : tensor<?x2x2xf32>, tensor<2xf32>
  %1 = gemma.rope %0, %t : tensor<?x2x2xf32>, tensor<?x2xf32>
  %5 = gemma.attention %1, %kv, %batch scale 0.5 window 3 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  return %5 : tensor<?x4xf32>
}

// -----
#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 1.0 : f32>
gemma.cache @c : !gemma.kv<1 x 2> window 0

// Gemma 1 and 2 do not normalize queries and keys.
// CHECK-LABEL: func @no_norms
// CHECK-NOT:   gemma.qkv_attention
func.func @no_norms(%qkv: tensor<?x8xf32>, %t: tensor<?x2xf32>, %qn: tensor<2xf32>, %kn: tensor<2xf32>, %batch: !gemma.batch) -> tensor<?x4xf32> {
  %q, %k, %v = gemma.split_heads %qkv : tensor<?x8xf32> -> tensor<?x2x2xf32>, tensor<?x1x2xf32>, tensor<?x1x2xf32>
  %1 = gemma.rope %q, %t : tensor<?x2x2xf32>, tensor<?x2xf32>
  %3 = gemma.rope %k, %t : tensor<?x1x2xf32>, tensor<?x2xf32>
  %4 = gemma.append %3, %v, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %5 = gemma.attention %1, %4, %batch scale 0.5 window 3 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  return %5 : tensor<?x4xf32>
}

// -----
#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 1.0 : f32>
gemma.cache @c : !gemma.kv<1 x 2> window 0

// The queries are normalized only.
// CHECK-LABEL: func @not_rotated
// CHECK-NOT:   gemma.qkv_attention
func.func @not_rotated(%qkv: tensor<?x8xf32>, %t: tensor<?x2xf32>, %qn: tensor<2xf32>, %kn: tensor<2xf32>, %batch: !gemma.batch) -> tensor<?x4xf32> {
  %q, %k, %v = gemma.split_heads %qkv : tensor<?x8xf32> -> tensor<?x2x2xf32>, tensor<?x1x2xf32>, tensor<?x1x2xf32>
  %0 = gemma.rms_norm %q, %qn, #norm : tensor<?x2x2xf32>, tensor<2xf32>
  %2 = gemma.rms_norm %k, %kn, #norm : tensor<?x1x2xf32>, tensor<2xf32>
  %3 = gemma.rope %2, %t : tensor<?x1x2xf32>, tensor<?x2xf32>
  %4 = gemma.append %3, %v, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %5 = gemma.attention %0, %4, %batch scale 0.5 window 3 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  return %5 : tensor<?x4xf32>
}

// -----
#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 1.0 : f32>
gemma.cache @c : !gemma.kv<1 x 2> window 0

// The values come from elsewhere.
// CHECK-LABEL: func @no_split
// CHECK-NOT:   gemma.qkv_attention
func.func @no_split(%qkv: tensor<?x8xf32>, %t: tensor<?x2xf32>, %qn: tensor<2xf32>, %kn: tensor<2xf32>, %batch: !gemma.batch, %w: tensor<?x1x2xf32>) -> tensor<?x4xf32> {
  %q, %k, %v = gemma.split_heads %qkv : tensor<?x8xf32> -> tensor<?x2x2xf32>, tensor<?x1x2xf32>, tensor<?x1x2xf32>
  %0 = gemma.rms_norm %q, %qn, #norm : tensor<?x2x2xf32>, tensor<2xf32>
  %1 = gemma.rope %0, %t : tensor<?x2x2xf32>, tensor<?x2xf32>
  %2 = gemma.rms_norm %k, %kn, #norm : tensor<?x1x2xf32>, tensor<2xf32>
  %3 = gemma.rope %2, %t : tensor<?x1x2xf32>, tensor<?x2xf32>
  %4 = gemma.append %3, %w, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %5 = gemma.attention %1, %4, %batch scale 0.5 window 3 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  return %5 : tensor<?x4xf32>
}

// -----
#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 1.0 : f32>
gemma.cache @c : !gemma.kv<1 x 2> window 0

// Keys and values have changed places.
// CHECK-LABEL: func @wrong_order
// CHECK-NOT:   gemma.qkv_attention
func.func @wrong_order(%qkv: tensor<?x8xf32>, %t: tensor<?x2xf32>, %qn: tensor<2xf32>, %kn: tensor<2xf32>, %batch: !gemma.batch) -> tensor<?x4xf32> {
  %q, %v, %k = gemma.split_heads %qkv : tensor<?x8xf32> -> tensor<?x2x2xf32>, tensor<?x1x2xf32>, tensor<?x1x2xf32>
  %0 = gemma.rms_norm %q, %qn, #norm : tensor<?x2x2xf32>, tensor<2xf32>
  %1 = gemma.rope %0, %t : tensor<?x2x2xf32>, tensor<?x2xf32>
  %2 = gemma.rms_norm %k, %kn, #norm : tensor<?x1x2xf32>, tensor<2xf32>
  %3 = gemma.rope %2, %t : tensor<?x1x2xf32>, tensor<?x2xf32>
  %4 = gemma.append %3, %v, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %5 = gemma.attention %1, %4, %batch scale 0.5 window 3 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  return %5 : tensor<?x4xf32>
}

// -----
#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 1.0 : f32>
gemma.cache @c : !gemma.kv<1 x 2> window 0

// The values are wanted themselves.
// CHECK-LABEL: func @split_used_again
// CHECK-NOT:   gemma.qkv_attention
func.func @split_used_again(%qkv: tensor<?x8xf32>, %t: tensor<?x2xf32>, %qn: tensor<2xf32>, %kn: tensor<2xf32>, %batch: !gemma.batch) -> (tensor<?x4xf32>, tensor<?x1x2xf32>) {
  %q, %k, %v = gemma.split_heads %qkv : tensor<?x8xf32> -> tensor<?x2x2xf32>, tensor<?x1x2xf32>, tensor<?x1x2xf32>
  %0 = gemma.rms_norm %q, %qn, #norm : tensor<?x2x2xf32>, tensor<2xf32>
  %1 = gemma.rope %0, %t : tensor<?x2x2xf32>, tensor<?x2xf32>
  %2 = gemma.rms_norm %k, %kn, #norm : tensor<?x1x2xf32>, tensor<2xf32>
  %3 = gemma.rope %2, %t : tensor<?x1x2xf32>, tensor<?x2xf32>
  %4 = gemma.append %3, %v, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %5 = gemma.attention %1, %4, %batch scale 0.5 window 3 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  return %5, %v : tensor<?x4xf32>, tensor<?x1x2xf32>
}

// -----
#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 1.0 : f32>
gemma.cache @c : !gemma.kv<1 x 2> window 0

// Another attention reads the same cache.
// CHECK-LABEL: func @cache_used_again
// CHECK-NOT:   gemma.qkv_attention
func.func @cache_used_again(%qkv: tensor<?x8xf32>, %t: tensor<?x2xf32>, %qn: tensor<2xf32>, %kn: tensor<2xf32>, %batch: !gemma.batch) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %q, %k, %v = gemma.split_heads %qkv : tensor<?x8xf32> -> tensor<?x2x2xf32>, tensor<?x1x2xf32>, tensor<?x1x2xf32>
  %0 = gemma.rms_norm %q, %qn, #norm : tensor<?x2x2xf32>, tensor<2xf32>
  %1 = gemma.rope %0, %t : tensor<?x2x2xf32>, tensor<?x2xf32>
  %2 = gemma.rms_norm %k, %kn, #norm : tensor<?x1x2xf32>, tensor<2xf32>
  %3 = gemma.rope %2, %t : tensor<?x1x2xf32>, tensor<?x2xf32>
  %4 = gemma.append %3, %v, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %5 = gemma.attention %1, %4, %batch scale 0.5 window 3 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  %6 = gemma.attention %1, %4, %batch scale 0.5 window 3 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  return %5, %6 : tensor<?x4xf32>, tensor<?x4xf32>
}

// -----
#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 1.0 : f32>
gemma.cache @c : !gemma.kv<1 x 2> window 0

// The normalized keys are wanted themselves.
// CHECK-LABEL: func @norm_used_again
// CHECK-NOT:   gemma.qkv_attention
func.func @norm_used_again(%qkv: tensor<?x8xf32>, %t: tensor<?x2xf32>, %qn: tensor<2xf32>, %kn: tensor<2xf32>, %batch: !gemma.batch) -> (tensor<?x4xf32>, tensor<?x1x2xf32>) {
  %q, %k, %v = gemma.split_heads %qkv : tensor<?x8xf32> -> tensor<?x2x2xf32>, tensor<?x1x2xf32>, tensor<?x1x2xf32>
  %0 = gemma.rms_norm %q, %qn, #norm : tensor<?x2x2xf32>, tensor<2xf32>
  %1 = gemma.rope %0, %t : tensor<?x2x2xf32>, tensor<?x2xf32>
  %2 = gemma.rms_norm %k, %kn, #norm : tensor<?x1x2xf32>, tensor<2xf32>
  %3 = gemma.rope %2, %t : tensor<?x1x2xf32>, tensor<?x2xf32>
  %4 = gemma.append %3, %v, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %5 = gemma.attention %1, %4, %batch scale 0.5 window 3 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  return %5, %2 : tensor<?x4xf32>, tensor<?x1x2xf32>
}

// -----
#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 1.0 : f32>
#other = #gemma.norm<epsilon = 0.25 : f32, weight_offset = 1.0 : f32>
gemma.cache @c : !gemma.kv<1 x 2> window 0

// The norms have different constants.
// CHECK-LABEL: func @norms_differ
// CHECK-NOT:   gemma.qkv_attention
func.func @norms_differ(%qkv: tensor<?x8xf32>, %t: tensor<?x2xf32>, %qn: tensor<2xf32>, %kn: tensor<2xf32>, %batch: !gemma.batch) -> tensor<?x4xf32> {
  %q, %k, %v = gemma.split_heads %qkv : tensor<?x8xf32> -> tensor<?x2x2xf32>, tensor<?x1x2xf32>, tensor<?x1x2xf32>
  %0 = gemma.rms_norm %q, %qn, #norm : tensor<?x2x2xf32>, tensor<2xf32>
  %1 = gemma.rope %0, %t : tensor<?x2x2xf32>, tensor<?x2xf32>
  %2 = gemma.rms_norm %k, %kn, #other : tensor<?x1x2xf32>, tensor<2xf32>
  %3 = gemma.rope %2, %t : tensor<?x1x2xf32>, tensor<?x2xf32>
  %4 = gemma.append %3, %v, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %5 = gemma.attention %1, %4, %batch scale 0.5 window 3 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  return %5 : tensor<?x4xf32>
}

// -----
#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 1.0 : f32>
gemma.cache @c : !gemma.kv<1 x 2> window 0

// The weights of the norms have different types.
// CHECK-LABEL: func @norm_weights_differ
// CHECK-NOT:   gemma.qkv_attention
func.func @norm_weights_differ(%qkv: tensor<?x8xf32>, %t: tensor<?x2xf32>, %qn: tensor<2xf32>, %kn: tensor<2xbf16>, %batch: !gemma.batch) -> tensor<?x4xf32> {
  %q, %k, %v = gemma.split_heads %qkv : tensor<?x8xf32> -> tensor<?x2x2xf32>, tensor<?x1x2xf32>, tensor<?x1x2xf32>
  %0 = gemma.rms_norm %q, %qn, #norm : tensor<?x2x2xf32>, tensor<2xf32>
  %1 = gemma.rope %0, %t : tensor<?x2x2xf32>, tensor<?x2xf32>
  %2 = gemma.rms_norm %k, %kn, #norm : tensor<?x1x2xf32>, tensor<2xbf16>
  %3 = gemma.rope %2, %t : tensor<?x1x2xf32>, tensor<?x2xf32>
  %4 = gemma.append %3, %v, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %5 = gemma.attention %1, %4, %batch scale 0.5 window 3 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  return %5 : tensor<?x4xf32>
}

// -----
#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 1.0 : f32>
gemma.cache @c : !gemma.kv<1 x 2> window 0

// Keys are rotated by another table.
// CHECK-LABEL: func @rotations_differ
// CHECK-NOT:   gemma.qkv_attention
func.func @rotations_differ(%qkv: tensor<?x8xf32>, %t: tensor<?x2xf32>, %qn: tensor<2xf32>, %kn: tensor<2xf32>, %batch: !gemma.batch, %u: tensor<?x2xf32>) -> tensor<?x4xf32> {
  %q, %k, %v = gemma.split_heads %qkv : tensor<?x8xf32> -> tensor<?x2x2xf32>, tensor<?x1x2xf32>, tensor<?x1x2xf32>
  %0 = gemma.rms_norm %q, %qn, #norm : tensor<?x2x2xf32>, tensor<2xf32>
  %1 = gemma.rope %0, %t : tensor<?x2x2xf32>, tensor<?x2xf32>
  %2 = gemma.rms_norm %k, %kn, #norm : tensor<?x1x2xf32>, tensor<2xf32>
  %3 = gemma.rope %2, %u : tensor<?x1x2xf32>, tensor<?x2xf32>
  %4 = gemma.append %3, %v, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %5 = gemma.attention %1, %4, %batch scale 0.5 window 3 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  return %5 : tensor<?x4xf32>
}

// -----
#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 1.0 : f32>
gemma.cache @c : !gemma.kv<1 x 2> window 0

// Keys are appended for other rows than attend.
// CHECK-LABEL: func @batches_differ
// CHECK-NOT:   gemma.qkv_attention
func.func @batches_differ(%qkv: tensor<?x8xf32>, %t: tensor<?x2xf32>, %qn: tensor<2xf32>, %kn: tensor<2xf32>, %batch: !gemma.batch, %other: !gemma.batch) -> tensor<?x4xf32> {
  %q, %k, %v = gemma.split_heads %qkv : tensor<?x8xf32> -> tensor<?x2x2xf32>, tensor<?x1x2xf32>, tensor<?x1x2xf32>
  %0 = gemma.rms_norm %q, %qn, #norm : tensor<?x2x2xf32>, tensor<2xf32>
  %1 = gemma.rope %0, %t : tensor<?x2x2xf32>, tensor<?x2xf32>
  %2 = gemma.rms_norm %k, %kn, #norm : tensor<?x1x2xf32>, tensor<2xf32>
  %3 = gemma.rope %2, %t : tensor<?x1x2xf32>, tensor<?x2xf32>
  %4 = gemma.append %3, %v, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %5 = gemma.attention %1, %4, %other scale 0.5 window 3 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  return %5 : tensor<?x4xf32>
}

// -----
#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 1.0 : f32>
gemma.cache @c : !gemma.kv<1 x 2> window 0

// The cache is written again before it is read.
// CHECK-LABEL: func @write_between
// CHECK-NOT:   gemma.qkv_attention
func.func @write_between(%qkv: tensor<?x8xf32>, %t: tensor<?x2xf32>, %qn: tensor<2xf32>, %kn: tensor<2xf32>, %batch: !gemma.batch, %w: tensor<?x1x2xf32>) -> tensor<?x4xf32> {
  %q, %k, %v = gemma.split_heads %qkv : tensor<?x8xf32> -> tensor<?x2x2xf32>, tensor<?x1x2xf32>, tensor<?x1x2xf32>
  %0 = gemma.rms_norm %q, %qn, #norm : tensor<?x2x2xf32>, tensor<2xf32>
  %1 = gemma.rope %0, %t : tensor<?x2x2xf32>, tensor<?x2xf32>
  %2 = gemma.rms_norm %k, %kn, #norm : tensor<?x1x2xf32>, tensor<2xf32>
  %3 = gemma.rope %2, %t : tensor<?x1x2xf32>, tensor<?x2xf32>
  %4 = gemma.append %3, %v, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %6 = gemma.append %w, %w, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %5 = gemma.attention %1, %4, %batch scale 0.5 window 3 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  return %5 : tensor<?x4xf32>
}

// -----
#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 1.0 : f32>
gemma.cache @c : !gemma.kv<1 x 2> window 0

// The cache would be written inside, perhaps twice or never.
// CHECK-LABEL: func @two_blocks
// CHECK-NOT:   gemma.qkv_attention
func.func @two_blocks(%qkv: tensor<?x8xf32>, %t: tensor<?x2xf32>, %qn: tensor<2xf32>, %kn: tensor<2xf32>, %batch: !gemma.batch) -> tensor<?x4xf32> {
  %q, %k, %v = gemma.split_heads %qkv : tensor<?x8xf32> -> tensor<?x2x2xf32>, tensor<?x1x2xf32>, tensor<?x1x2xf32>
  %0 = gemma.rms_norm %q, %qn, #norm : tensor<?x2x2xf32>, tensor<2xf32>
  %1 = gemma.rope %0, %t : tensor<?x2x2xf32>, tensor<?x2xf32>
  %2 = gemma.rms_norm %k, %kn, #norm : tensor<?x1x2xf32>, tensor<2xf32>
  %3 = gemma.rope %2, %t : tensor<?x1x2xf32>, tensor<?x2xf32>
  %4 = gemma.append %3, %v, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %r = "test.region"() ({
    %5 = gemma.attention %1, %4, %batch scale 0.5 window 3 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
    "test.yield"(%5) : (tensor<?x4xf32>) -> ()
  }) : () -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}
