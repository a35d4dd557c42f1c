// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @qkv_attention_c1(%qkv: tensor<?x384xf32>, %table: tensor<?x64xf32>, %n: tensor<64xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects 'layer' to name a gemma.cache, but there is none}}
  %y = gemma.qkv_attention %qkv, %table, %batch to @layer norms(%n, %n, <epsilon = 0.0 : f32, weight_offset = 1.0 : f32>) heads 4 scale 1.0 window 0 : tensor<?x384xf32>, tensor<?x64xf32>, tensor<64xf32> -> tensor<?x256xf32>
  return
}

// -----

gemma.cache @layer : !gemma.kv<1 x 64> window 0

func.func @qkv_attention_c2(%qkv: tensor<?x320xf32>, %table: tensor<?x64xf32>, %n: tensor<64xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects the width of the input to be 384, but it is 320}}
  %y = gemma.qkv_attention %qkv, %table, %batch to @layer norms(%n, %n, <epsilon = 0.0 : f32, weight_offset = 1.0 : f32>) heads 4 scale 1.0 window 0 : tensor<?x320xf32>, tensor<?x64xf32>, tensor<64xf32> -> tensor<?x256xf32>
  return
}

// -----

gemma.cache @layer : !gemma.kv<1 x 64> window 0

func.func @qkv_attention_c3_norms(%qkv: tensor<?x384xf32>, %table: tensor<?x64xf32>, %n: tensor<32xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects the weight of 'norms' to have 64 elements, one per column, but it has 32}}
  %y = gemma.qkv_attention %qkv, %table, %batch to @layer norms(%n, %n, <epsilon = 0.0 : f32, weight_offset = 1.0 : f32>) heads 4 scale 1.0 window 0 : tensor<?x384xf32>, tensor<?x64xf32>, tensor<32xf32> -> tensor<?x256xf32>
  return
}

// -----

gemma.cache @layer : !gemma.kv<1 x 64> window 0

func.func @qkv_attention_c3_table(%qkv: tensor<?x384xf32>, %table: tensor<?x32xf32>, %n: tensor<32xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects the width of the table to be 64, but it is 32}}
  %y = gemma.qkv_attention %qkv, %table, %batch to @layer norms(%n, %n, <epsilon = 0.0 : f32, weight_offset = 1.0 : f32>) heads 4 scale 1.0 window 0 : tensor<?x384xf32>, tensor<?x32xf32>, tensor<32xf32> -> tensor<?x256xf32>
  return
}

// -----

gemma.cache @layer : !gemma.kv<3 x 64> window 0

func.func @qkv_attention_c4_heads(%qkv: tensor<?x640xf32>, %table: tensor<?x64xf32>, %n: tensor<64xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects the number of query heads to be a multiple of the cache's 3, but it is 4}}
  %y = gemma.qkv_attention %qkv, %table, %batch to @layer norms(%n, %n, <epsilon = 0.0 : f32, weight_offset = 1.0 : f32>) heads 4 scale 1.0 window 0 : tensor<?x640xf32>, tensor<?x64xf32>, tensor<64xf32> -> tensor<?x256xf32>
  return
}

// -----

gemma.cache @layer : !gemma.kv<1 x 64> window 0

func.func @qkv_attention_c4_width(%qkv: tensor<?x384xf32>, %table: tensor<?x64xf32>, %n: tensor<64xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects the width of the result to be 256, but it is 64}}
  %y = gemma.qkv_attention %qkv, %table, %batch to @layer norms(%n, %n, <epsilon = 0.0 : f32, weight_offset = 1.0 : f32>) heads 4 scale 1.0 window 0 : tensor<?x384xf32>, tensor<?x64xf32>, tensor<64xf32> -> tensor<?x64xf32>
  return
}

// -----

gemma.cache @layer : !gemma.kv<1 x 64> window 0

func.func @qkv_attention_c5(%qkv: tensor<?x384xf32>, %table: tensor<?x64xf32>, %n: tensor<64xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects 'window' to be at least 0, but it is -1}}
  %y = gemma.qkv_attention %qkv, %table, %batch to @layer norms(%n, %n, <epsilon = 0.0 : f32, weight_offset = 1.0 : f32>) heads 4 scale 1.0 window -1 : tensor<?x384xf32>, tensor<?x64xf32>, tensor<64xf32> -> tensor<?x256xf32>
  return
}

// -----

gemma.cache @layer : !gemma.kv<1 x 64> window 0

func.func @qkv_attention_c6(%qkv: tensor<?x384xf32>, %table: tensor<?x64xf32>, %n: tensor<64xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects 'softcap' to be positive, but it is 0.000000e+00}}
  %y = gemma.qkv_attention %qkv, %table, %batch to @layer norms(%n, %n, <epsilon = 0.0 : f32, weight_offset = 1.0 : f32>) heads 4 scale 1.0 window 0 softcap(0.0) : tensor<?x384xf32>, tensor<?x64xf32>, tensor<64xf32> -> tensor<?x256xf32>
  return
}
