// RUN: lapidary-opt %s "--plan-lower-gemma=kv=f32 max-rows=32 block-rows=8 page-tokens=16" | FileCheck %s
// RUN: lapidary-opt %s "--plan-lower-gemma=kv=int8 max-rows=8" | FileCheck %s --check-prefix=BYTES
// RUN: not lapidary-opt %s "--plan-lower-gemma=kv=int4" 2>&1 | FileCheck %s --check-prefix=KV
// RUN: not lapidary-opt %s "--plan-lower-gemma=page-tokens=24" 2>&1 | FileCheck %s --check-prefix=PAGE

// KV:   error: keys and values can be f32, bf16 or int8, not 'int4'
// PAGE: error: 'plan.cache' op expects 'page_tokens' to be a multiple of 16, but it is 24

// CHECK: plan.cache @full {page_bytes = 512 : i64, page_tokens = 16 : i64, window = 0 : i64}
// CHECK: kernel.append {{.*}} kv_format = #kernel.kv_format<f32>, page_tokens = 16 : i64}
// CHECK: kernel.attention {{.*}} kv_format = #kernel.kv_format<f32>, {{.*}}page_tokens = 16 : i64, {{.*}}softcap = 5.0
// CHECK: plan.program @text_few of "text" rows(1, 8) block(8)
// CHECK: plan.program @text rows(9, 32) block(8)

// A byte for each of 4 columns and a scale, of keys and of values.
// BYTES:     plan.cache @full {page_bytes = 1024 : i64, page_tokens = 64 : i64, window = 0 : i64}
// BYTES:     kernel.append {{.*}} kv_format = #kernel.kv_format<int8>
// BYTES:     kernel.attention {{.*}} kv_format = #kernel.kv_format<int8>
// No more rows than few.
// BYTES-NOT: strands
// BYTES:     plan.program @text rows(1, 8)
// BYTES-NOT: plan.program
gemma.param @table : tensor<32x12xf32> from "w" at 0
gemma.cache @layers.0 : !gemma.kv<1 x 4> window 0
func.func @text(%tokens: tensor<?xi32>, %batch: !gemma.batch) -> tensor<?x32xf32> {
  %t = gemma.weight @table : tensor<32x12xf32>
  %x = gemma.embed %tokens, %t scale 1.0 : tensor<?xi32>, tensor<32x12xf32> -> tensor<?x12xf32>
  %q, %k, %v = gemma.split_heads %x : tensor<?x12xf32> -> tensor<?x1x4xf32>, tensor<?x1x4xf32>, tensor<?x1x4xf32>
  %kv = gemma.append %k, %v, %batch to @layers.0 : tensor<?x1x4xf32>, !gemma.kv<1 x 4>
  %a = gemma.attention %q, %kv, %batch scale 0.5 window 0 softcap(50.0) : tensor<?x1x4xf32>, !gemma.kv<1 x 4> -> tensor<?x4xf32>
  %s = gemma.select_rows %x, %batch : tensor<?x12xf32> -> tensor<?x12xf32>
  %l = gemma.linear %s, %t : tensor<?x12xf32>, tensor<32x12xf32> -> tensor<?x32xf32>
  return %l : tensor<?x32xf32>
}
