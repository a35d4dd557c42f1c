// RUN: lapidary-opt %s --allow-unregistered-dialect --gemma-fuse-qkv --split-input-file | FileCheck %s

#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 1.0 : f32>
gemma.cache @c : !gemma.kv<1 x 2> window 0
gemma.param @k : tensor<2x4xf32> from "w" at 0
gemma.param @v : tensor<2x4xf32> from "w" at 32

// Queries are used before the other weights are named, so these move up.
// CHECK-LABEL: func @three
// CHECK-SAME:  (%[[X:.*]]: tensor<?x4xf32>, %[[Q:.*]]: tensor<4x4xf32>, %[[N:.*]]: tensor<2xf32>, %[[T:.*]]: tensor<?x2xf32>, %[[BATCH:.*]]: !gemma.batch)
func.func @three(%x: tensor<?x4xf32>, %q: tensor<4x4xf32>, %n: tensor<2xf32>, %t: tensor<?x2xf32>, %batch: !gemma.batch) -> tensor<?x4xf32> {
  // CHECK-DAG:  %[[K:.*]] = gemma.weight @k
  // CHECK-DAG:  %[[V:.*]] = gemma.weight @v
  // CHECK-NEXT: %[[W:.*]] = gemma.concat_rows %[[Q]], %[[K]], %[[V]] : tensor<4x4xf32>, tensor<2x4xf32>, tensor<2x4xf32> -> tensor<8x4xf32>
  // CHECK-NEXT: %[[QKV:.*]] = gemma.linear %[[X]], %[[W]] {{.*}} -> tensor<?x8xf32>
  // CHECK-NEXT: %[[H:.*]]:3 = gemma.split_heads %[[QKV]] : tensor<?x8xf32> -> tensor<?x2x2xf32>, tensor<?x1x2xf32>, tensor<?x1x2xf32>
  // CHECK-NEXT: gemma.rms_norm %[[H]]#0
  // CHECK-NEXT: gemma.rope
  // CHECK-NEXT: gemma.rope %[[H]]#1
  // CHECK-NEXT: gemma.append %{{.*}}, %[[H]]#2
  %0 = gemma.linear %x, %q : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %1 = gemma.split_heads %0 : tensor<?x4xf32> -> tensor<?x2x2xf32>
  %qn = gemma.rms_norm %1, %n, #norm : tensor<?x2x2xf32>, tensor<2xf32>
  %qr = gemma.rope %qn, %t : tensor<?x2x2xf32>, tensor<?x2xf32>
  %v = gemma.weight @v : tensor<2x4xf32>
  %4 = gemma.linear %x, %v : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %5 = gemma.split_heads %4 : tensor<?x2xf32> -> tensor<?x1x2xf32>
  %k = gemma.weight @k : tensor<2x4xf32>
  %2 = gemma.linear %x, %k : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %3 = gemma.split_heads %2 : tensor<?x2xf32> -> tensor<?x1x2xf32>
  %kr = gemma.rope %3, %t : tensor<?x1x2xf32>, tensor<?x2xf32>
  %kv = gemma.append %kr, %5, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %y = gemma.attention %qr, %kv, %batch scale 1.0 window 0 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// Values are keys: one projection gives both.
// CHECK-LABEL: func @two
// CHECK-SAME:  (%[[X:.*]]: tensor<?x4xf32>, %[[Q:.*]]: tensor<4x4xbf16>, %[[K:.*]]: tensor<2x4xbf16>, %[[BATCH:.*]]: !gemma.batch)
func.func @two(%x: tensor<?x4xf32>, %q: tensor<4x4xbf16>, %k: tensor<2x4xbf16>, %batch: !gemma.batch) -> tensor<?x4xf32> {
  // CHECK-NEXT: %[[W:.*]] = gemma.concat_rows %[[Q]], %[[K]]
  // CHECK-NEXT: %[[QK:.*]] = gemma.linear %[[X]], %[[W]] {product = #gemma.product<bf16>}
  // CHECK-NEXT: %[[H:.*]]:2 = gemma.split_heads %[[QK]]
  // CHECK-NEXT: gemma.append %[[H]]#1, %[[H]]#1
  // CHECK-NEXT: gemma.attention %[[H]]#0
  %0 = gemma.linear %x, %q {product = #gemma.product<bf16>} : tensor<?x4xf32>, tensor<4x4xbf16> -> tensor<?x4xf32>
  %1 = gemma.split_heads %0 : tensor<?x4xf32> -> tensor<?x2x2xf32>
  %2 = gemma.linear %x, %k {product = #gemma.product<bf16>} : tensor<?x4xf32>, tensor<2x4xbf16> -> tensor<?x2xf32>
  %3 = gemma.split_heads %2 : tensor<?x2xf32> -> tensor<?x1x2xf32>
  %kv = gemma.append %3, %3, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %y = gemma.attention %1, %kv, %batch scale 1.0 window 0 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----
gemma.cache @c : !gemma.kv<1 x 2> window 0

// Another layer wrote the keys: only queries are left.
// CHECK-LABEL: func @shared_cache
// CHECK-NOT:   gemma.concat_rows
func.func @shared_cache(%x: tensor<?x4xf32>, %q: tensor<4x4xf32>, %kv: !gemma.kv<1 x 2>, %batch: !gemma.batch) -> tensor<?x4xf32> {
  %0 = gemma.linear %x, %q : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %1 = gemma.split_heads %0 : tensor<?x4xf32> -> tensor<?x2x2xf32>
  %y = gemma.attention %1, %kv, %batch scale 1.0 window 0 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----
gemma.cache @c : !gemma.kv<1 x 2> window 0

// The keys do not come from a product.
// CHECK-LABEL: func @no_product
// CHECK-NOT:   gemma.concat_rows
func.func @no_product(%x: tensor<?x4xf32>, %q: tensor<4x4xf32>, %k: tensor<?x2xf32>, %v: tensor<2x4xf32>, %batch: !gemma.batch) -> tensor<?x4xf32> {
  %0 = gemma.linear %x, %q : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %1 = gemma.split_heads %0 : tensor<?x4xf32> -> tensor<?x2x2xf32>
  %3 = gemma.split_heads %k : tensor<?x2xf32> -> tensor<?x1x2xf32>
  %4 = gemma.linear %x, %v : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %5 = gemma.split_heads %4 : tensor<?x2xf32> -> tensor<?x1x2xf32>
  %kv = gemma.append %3, %5, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %y = gemma.attention %1, %kv, %batch scale 1.0 window 0 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----
gemma.cache @c : !gemma.kv<1 x 2> window 0

// The keys do not come from a split.
// CHECK-LABEL: func @no_split
// CHECK-NOT:   gemma.concat_rows
func.func @no_split(%x: tensor<?x4xf32>, %q: tensor<4x4xf32>, %k: tensor<?x1x2xf32>, %v: tensor<2x4xf32>, %batch: !gemma.batch) -> tensor<?x4xf32> {
  %0 = gemma.linear %x, %q : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %1 = gemma.split_heads %0 : tensor<?x4xf32> -> tensor<?x2x2xf32>
  %4 = gemma.linear %x, %v : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %5 = gemma.split_heads %4 : tensor<?x2xf32> -> tensor<?x1x2xf32>
  %kv = gemma.append %k, %5, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %y = gemma.attention %1, %kv, %batch scale 1.0 window 0 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----
gemma.cache @c : !gemma.kv<1 x 2> window 0

// The key rows are wanted themselves.
// CHECK-LABEL: func @used_again
// CHECK-NOT:   gemma.concat_rows
func.func @used_again(%x: tensor<?x4xf32>, %q: tensor<4x4xf32>, %k: tensor<2x4xf32>, %v: tensor<2x4xf32>, %batch: !gemma.batch) -> (tensor<?x4xf32>, tensor<?x2xf32>) {
  %0 = gemma.linear %x, %q : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %1 = gemma.split_heads %0 : tensor<?x4xf32> -> tensor<?x2x2xf32>
  %2 = gemma.linear %x, %k : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %3 = gemma.split_heads %2 : tensor<?x2xf32> -> tensor<?x1x2xf32>
  %4 = gemma.linear %x, %v : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %5 = gemma.split_heads %4 : tensor<?x2xf32> -> tensor<?x1x2xf32>
  %kv = gemma.append %3, %5, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %y = gemma.attention %1, %kv, %batch scale 1.0 window 0 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  return %y, %2 : tensor<?x4xf32>, tensor<?x2xf32>
}

// -----
gemma.cache @c : !gemma.kv<1 x 2> window 0

// A softcap is fused behind the keys.
// CHECK-LABEL: func @fused_already
// CHECK-NOT:   gemma.concat_rows
func.func @fused_already(%x: tensor<?x4xf32>, %q: tensor<4x4xf32>, %k: tensor<2x4xf32>, %v: tensor<2x4xf32>, %batch: !gemma.batch) -> tensor<?x4xf32> {
  %0 = gemma.linear %x, %q : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %1 = gemma.split_heads %0 : tensor<?x4xf32> -> tensor<?x2x2xf32>
  %2 = gemma.linear %x, %k softcap(2.0) : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %3 = gemma.split_heads %2 : tensor<?x2xf32> -> tensor<?x1x2xf32>
  %4 = gemma.linear %x, %v : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %5 = gemma.split_heads %4 : tensor<?x2xf32> -> tensor<?x1x2xf32>
  %kv = gemma.append %3, %5, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %y = gemma.attention %1, %kv, %batch scale 1.0 window 0 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----
gemma.cache @c : !gemma.kv<1 x 2> window 0

// One split gives keys and values already.
// CHECK-LABEL: func @several_results
// CHECK-NOT:   gemma.concat_rows
func.func @several_results(%x: tensor<?x4xf32>, %q: tensor<4x4xf32>, %k: tensor<4x4xf32>, %v: tensor<2x4xf32>, %batch: !gemma.batch) -> tensor<?x4xf32> {
  %0 = gemma.linear %x, %q : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %1 = gemma.split_heads %0 : tensor<?x4xf32> -> tensor<?x2x2xf32>
  %2 = gemma.linear %x, %k : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %3, %5 = gemma.split_heads %2 : tensor<?x4xf32> -> tensor<?x1x2xf32>, tensor<?x1x2xf32>
  %kv = gemma.append %3, %5, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %y = gemma.attention %1, %kv, %batch scale 1.0 window 0 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----
gemma.cache @c : !gemma.kv<1 x 2> window 0

// The values read other rows.
// CHECK-LABEL: func @two_inputs
// CHECK-NOT:   gemma.concat_rows
func.func @two_inputs(%x: tensor<?x4xf32>, %q: tensor<4x4xf32>, %k: tensor<2x4xf32>, %v: tensor<2x4xf32>, %batch: !gemma.batch, %z: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = gemma.linear %x, %q : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %1 = gemma.split_heads %0 : tensor<?x4xf32> -> tensor<?x2x2xf32>
  %2 = gemma.linear %x, %k : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %3 = gemma.split_heads %2 : tensor<?x2xf32> -> tensor<?x1x2xf32>
  %4 = gemma.linear %z, %v : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %5 = gemma.split_heads %4 : tensor<?x2xf32> -> tensor<?x1x2xf32>
  %kv = gemma.append %3, %5, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %y = gemma.attention %1, %kv, %batch scale 1.0 window 0 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----
gemma.cache @c : !gemma.kv<1 x 2> window 0

// The values multiply in another type.
// CHECK-LABEL: func @product_types_differ
// CHECK-NOT:   gemma.concat_rows
func.func @product_types_differ(%x: tensor<?x4xf32>, %q: tensor<4x4xf32>, %k: tensor<2x4xf32>, %v: tensor<2x4xf32>, %batch: !gemma.batch) -> tensor<?x4xf32> {
  %0 = gemma.linear %x, %q : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %1 = gemma.split_heads %0 : tensor<?x4xf32> -> tensor<?x2x2xf32>
  %2 = gemma.linear %x, %k : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %3 = gemma.split_heads %2 : tensor<?x2xf32> -> tensor<?x1x2xf32>
  %4 = gemma.linear %x, %v {product = #gemma.product<bf16>} : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %5 = gemma.split_heads %4 : tensor<?x2xf32> -> tensor<?x1x2xf32>
  %kv = gemma.append %3, %5, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %y = gemma.attention %1, %kv, %batch scale 1.0 window 0 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----
gemma.cache @c : !gemma.kv<1 x 2> window 0

// The values have another storage type.
// CHECK-LABEL: func @weight_types_differ
// CHECK-NOT:   gemma.concat_rows
func.func @weight_types_differ(%x: tensor<?x4xf32>, %q: tensor<4x4xf32>, %k: tensor<2x4xf32>, %v: tensor<2x4xbf16>, %batch: !gemma.batch) -> tensor<?x4xf32> {
  %0 = gemma.linear %x, %q : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %1 = gemma.split_heads %0 : tensor<?x4xf32> -> tensor<?x2x2xf32>
  %2 = gemma.linear %x, %k : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %3 = gemma.split_heads %2 : tensor<?x2xf32> -> tensor<?x1x2xf32>
  %4 = gemma.linear %x, %v : tensor<?x4xf32>, tensor<2x4xbf16> -> tensor<?x2xf32>
  %5 = gemma.split_heads %4 : tensor<?x2xf32> -> tensor<?x1x2xf32>
  %kv = gemma.append %3, %5, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %y = gemma.attention %1, %kv, %batch scale 1.0 window 0 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----
func.func private @make() -> tensor<2x4xf32>
gemma.cache @c : !gemma.kv<1 x 2> window 0

// What makes the weight of the values may have effects.
// CHECK-LABEL: func @weight_cannot_move
// CHECK-NOT:   gemma.concat_rows
func.func @weight_cannot_move(%x: tensor<?x4xf32>, %q: tensor<4x4xf32>, %k: tensor<2x4xf32>, %batch: !gemma.batch) -> tensor<?x4xf32> {
  %0 = gemma.linear %x, %q : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %1 = gemma.split_heads %0 : tensor<?x4xf32> -> tensor<?x2x2xf32>
  %v = func.call @make() : () -> tensor<2x4xf32>
  %2 = gemma.linear %x, %k : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %3 = gemma.split_heads %2 : tensor<?x2xf32> -> tensor<?x1x2xf32>
  %4 = gemma.linear %x, %v : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %5 = gemma.split_heads %4 : tensor<?x2xf32> -> tensor<?x1x2xf32>
  %kv = gemma.append %3, %5, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %y = gemma.attention %1, %kv, %batch scale 1.0 window 0 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----
gemma.cache @c : !gemma.kv<1 x 2> window 0

// Queries are computed inside, keys and values together.
// CHECK-LABEL: func @two_blocks
// CHECK-SAME:  (%[[X:.*]]: tensor<?x4xf32>, %[[Q:.*]]: tensor<4x4xf32>, %[[K:.*]]: tensor<2x4xf32>, %[[V:.*]]: tensor<2x4xf32>,
// CHECK-NEXT:  %[[KV:.*]] = gemma.concat_rows %[[K]], %[[V]]
// CHECK-NEXT:  gemma.linear %[[X]], %[[KV]]
// CHECK:       gemma.linear %[[X]], %[[Q]]
func.func @two_blocks(%x: tensor<?x4xf32>, %q: tensor<4x4xf32>, %k: tensor<2x4xf32>, %v: tensor<2x4xf32>, %batch: !gemma.batch) -> tensor<?x4xf32> {
  %2 = gemma.linear %x, %k : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %3 = gemma.split_heads %2 : tensor<?x2xf32> -> tensor<?x1x2xf32>
  %4 = gemma.linear %x, %v : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %5 = gemma.split_heads %4 : tensor<?x2xf32> -> tensor<?x1x2xf32>
  %kv = gemma.append %3, %5, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %r = "test.region"() ({
    %0 = gemma.linear %x, %q : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
    %1 = gemma.split_heads %0 : tensor<?x4xf32> -> tensor<?x2x2xf32>
    %y = gemma.attention %1, %kv, %batch scale 1.0 window 0 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
    "test.yield"(%y) : (tensor<?x4xf32>) -> ()
  }) : () -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}
