// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @past_c1_missing() {
  // expected-error @below {{expects 'layer' to name a gemma.cache, but there is none}}
  %kv = gemma.past @layer : !gemma.kv<1 x 64>
  return
}

// -----

gemma.cache @layer : !gemma.kv<2 x 64> window 0

func.func @past_c1_type() {
  // expected-error @below {{expects the type of 'layer', '!gemma.kv<2 x 64>', but it is '!gemma.kv<1 x 64>'}}
  %kv = gemma.past @layer : !gemma.kv<1 x 64>
  return
}
