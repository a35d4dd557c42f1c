// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @attention_c1(%q: tensor<?x4x32xf32>, %kv: !gemma.kv<1 x 64>, %batch: !gemma.batch) {
  // expected-error @below {{expects the head_dim of the queries to be 64, but it is 32}}
  %y = gemma.attention %q, %kv, %batch scale 1.0 window 0 : tensor<?x4x32xf32>, !gemma.kv<1 x 64> -> tensor<?x128xf32>
  return
}

// -----

func.func @attention_c2(%q: tensor<?x4x64xf32>, %kv: !gemma.kv<3 x 64>, %batch: !gemma.batch) {
  // expected-error @below {{expects the number of query heads to be a multiple of the cache's 3, but it is 4}}
  %y = gemma.attention %q, %kv, %batch scale 1.0 window 0 : tensor<?x4x64xf32>, !gemma.kv<3 x 64> -> tensor<?x256xf32>
  return
}

// -----

func.func @attention_c3(%q: tensor<?x4x64xf32>, %kv: !gemma.kv<1 x 64>, %batch: !gemma.batch) {
  // expected-error @below {{expects the width of the result to be 256, but it is 64}}
  %y = gemma.attention %q, %kv, %batch scale 1.0 window 0 : tensor<?x4x64xf32>, !gemma.kv<1 x 64> -> tensor<?x64xf32>
  return
}

// -----

func.func @attention_c4(%q: tensor<?x4x64xf32>, %kv: !gemma.kv<1 x 64>, %batch: !gemma.batch) {
  // expected-error @below {{expects 'window' to be at least 0, but it is -1}}
  %y = gemma.attention %q, %kv, %batch scale 1.0 window -1 : tensor<?x4x64xf32>, !gemma.kv<1 x 64> -> tensor<?x256xf32>
  return
}

// -----

func.func @attention_c5(%q: tensor<?x4x64xf32>, %kv: !gemma.kv<1 x 64>, %batch: !gemma.batch) {
  // expected-error @below {{expects 'softcap' to be positive, but it is -1.000000e+00}}
  %y = gemma.attention %q, %kv, %batch scale 1.0 window 0 softcap(-1.0) : tensor<?x4x64xf32>, !gemma.kv<1 x 64> -> tensor<?x256xf32>
  return
}

// -----

func.func @attention_c1_source(%q: tensor<?x4x64xf32>, %kv: !gemma.kv<1 x 64>, %source: !gemma.kv<2 x 64>, %batch: !gemma.batch) {
  // expected-error @below {{expects the source to be '!gemma.kv<1 x 64>', but it is '!gemma.kv<2 x 64>'}}
  %y = gemma.attention %q, %kv, %batch source(%source : !gemma.kv<2 x 64>) scale 1.0 window 0 : tensor<?x4x64xf32>, !gemma.kv<1 x 64> -> tensor<?x256xf32>
  return
}

// -----

func.func @attention_c6(%q: tensor<?x4x64xf32>, %kv: !gemma.kv<1 x 64>, %batch: !gemma.batch) {
  // expected-error @below {{expects 'ahead' to be at least 0, with 'bidirectional' and a window, but it is 3}}
  %y = gemma.attention %q, %kv, %batch scale 1.0 window 8 ahead 3 : tensor<?x4x64xf32>, !gemma.kv<1 x 64> -> tensor<?x256xf32>
  return
}

// -----

func.func @attention_c7_missing(%q: tensor<?x4x64xf32>, %kv: !gemma.kv<1 x 64 values>, %batch: !gemma.batch) {
  // expected-error @below {{expects 'keys' with a cache that keeps values only, and with no other, but it is '!gemma.kv<1 x 64 values>'}}
  %y = gemma.attention %q, %kv, %batch scale 1.0 window 0 : tensor<?x4x64xf32>, !gemma.kv<1 x 64 values> -> tensor<?x256xf32>
  return
}

// -----

func.func @attention_c7_needless(%q: tensor<?x4x64xf32>, %kv: !gemma.kv<1 x 64>, %w: tensor<64xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects 'keys' with a cache that keeps values only, and with no other, but it is '!gemma.kv<1 x 64>'}}
  %y = gemma.attention %q, %kv, %batch keys(%w, <width = 64, base = 1.0 : f32, factor = 1.0 : f32, pairs = 32> : tensor<64xf32>)
    scale 1.0 window 0 : tensor<?x4x64xf32>, !gemma.kv<1 x 64> -> tensor<?x256xf32>
  return
}

// -----

func.func @attention_c7_weight(%q: tensor<?x4x64xf32>, %kv: !gemma.kv<1 x 64 values>, %w: tensor<32xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects the length of the keys' weight to be 64, but it is 32}}
  %y = gemma.attention %q, %kv, %batch keys(%w, <width = 64, base = 1.0 : f32, factor = 1.0 : f32, pairs = 32> : tensor<32xf32>)
    scale 1.0 window 0 : tensor<?x4x64xf32>, !gemma.kv<1 x 64 values> -> tensor<?x256xf32>
  return
}

// -----

func.func @attention_c7_rotation(%q: tensor<?x4x64xf32>, %kv: !gemma.kv<1 x 64 values>, %w: tensor<64xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects 'rotation' of an even width of at most 64 and at most half as many pairs, but it is}}
  %y = gemma.attention %q, %kv, %batch keys(%w, <width = 64, base = 1.0 : f32, factor = 1.0 : f32, pairs = 33> : tensor<64xf32>)
    scale 1.0 window 0 : tensor<?x4x64xf32>, !gemma.kv<1 x 64 values> -> tensor<?x256xf32>
  return
}

// -----

func.func @attention_c7_source(%q: tensor<?x4x64xf32>, %kv: !gemma.kv<1 x 64 values>, %w: tensor<64xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects a source that keeps keys, but it is '!gemma.kv<1 x 64 values>'}}
  %y = gemma.attention %q, %kv, %batch source(%kv : !gemma.kv<1 x 64 values>)
    keys(%w, <width = 64, base = 1.0 : f32, factor = 1.0 : f32, pairs = 32> : tensor<64xf32>)
    scale 1.0 window 0 : tensor<?x4x64xf32>, !gemma.kv<1 x 64 values> -> tensor<?x256xf32>
  return
}
