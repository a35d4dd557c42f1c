// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @append_c1_missing(%k: tensor<?x1x64xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects 'layer' to name a gemma.cache, but there is none}}
  %kv = gemma.append %k, %k, %batch to @layer : tensor<?x1x64xf32>, !gemma.kv<1 x 64>
  return
}

// -----

gemma.cache @layer : !gemma.kv<2 x 64> window 0

func.func @append_c1_type(%k: tensor<?x1x64xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects the type of 'layer', '!gemma.kv<2 x 64>', but it is '!gemma.kv<1 x 64>'}}
  %kv = gemma.append %k, %k, %batch to @layer : tensor<?x1x64xf32>, !gemma.kv<1 x 64>
  return
}

// -----

gemma.cache @layer : !gemma.kv<2 x 64> window 0

func.func @append_c2_heads(%k: tensor<?x1x64xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects the number of key heads to be 2, but it is 1}}
  %kv = gemma.append %k, %k, %batch to @layer : tensor<?x1x64xf32>, !gemma.kv<2 x 64>
  return
}

// -----

gemma.cache @layer : !gemma.kv<1 x 32> window 0

func.func @append_c2_dim(%k: tensor<?x1x64xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects the head_dim of the keys to be 32, but it is 64}}
  %kv = gemma.append %k, %k, %batch to @layer : tensor<?x1x64xf32>, !gemma.kv<1 x 32>
  return
}

// -----

gemma.cache @layer : !gemma.kv<1 x 64 values> window 0

func.func @append_c3(%k: tensor<?x1x64xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects a cache that keeps keys, but it is '!gemma.kv<1 x 64 values>'}}
  %kv = gemma.append %k, %k, %batch to @layer : tensor<?x1x64xf32>, !gemma.kv<1 x 64 values>
  return
}
