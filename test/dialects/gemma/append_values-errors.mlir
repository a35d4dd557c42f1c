// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @append_values_c1_missing(%v: tensor<?x1x64xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects 'layer' to name a gemma.cache, but there is none}}
  %kv = gemma.append_values %v, %batch to @layer : tensor<?x1x64xf32>, !gemma.kv<1 x 64 values>
  return
}

// -----

gemma.cache @layer : !gemma.kv<1 x 64> window 0

func.func @append_values_c1_type(%v: tensor<?x1x64xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects the type of 'layer', '!gemma.kv<1 x 64>', but it is '!gemma.kv<1 x 64 values>'}}
  %kv = gemma.append_values %v, %batch to @layer : tensor<?x1x64xf32>, !gemma.kv<1 x 64 values>
  return
}

// -----

gemma.cache @layer : !gemma.kv<2 x 64 values> window 0

func.func @append_values_c2_heads(%v: tensor<?x1x64xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects the number of value heads to be 2, but it is 1}}
  %kv = gemma.append_values %v, %batch to @layer : tensor<?x1x64xf32>, !gemma.kv<2 x 64 values>
  return
}

// -----

gemma.cache @layer : !gemma.kv<1 x 32 values> window 0

func.func @append_values_c2_dim(%v: tensor<?x1x64xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects the head_dim of the values to be 32, but it is 64}}
  %kv = gemma.append_values %v, %batch to @layer : tensor<?x1x64xf32>, !gemma.kv<1 x 32 values>
  return
}

// -----

gemma.cache @layer : !gemma.kv<1 x 64> window 0

func.func @append_values_c3(%v: tensor<?x1x64xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects a cache that keeps values only, but it is '!gemma.kv<1 x 64>'}}
  %kv = gemma.append_values %v, %batch to @layer : tensor<?x1x64xf32>, !gemma.kv<1 x 64>
  return
}
