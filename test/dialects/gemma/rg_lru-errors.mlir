// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

gemma.cache @lru : !gemma.kv<1 x 64> window 0

func.func @rg_lru_c1_missing(%x: tensor<?x64xf32>, %rate: tensor<64xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects 'lru' to name a gemma.state, but there is none}}
  %h = gemma.rg_lru %x, %x, %x, %rate, %batch of @lru : tensor<?x64xf32>, tensor<64xf32>
  return
}

// -----

gemma.state @lru : tensor<2x64xf32>

func.func @rg_lru_c1_rows(%x: tensor<?x64xf32>, %rate: tensor<64xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects the number of rows of the state to be 1, but it is 2}}
  %h = gemma.rg_lru %x, %x, %x, %rate, %batch of @lru : tensor<?x64xf32>, tensor<64xf32>
  return
}

// -----

gemma.state @lru : tensor<1x64xf32>

func.func @rg_lru_c2(%x: tensor<?x64xf32>, %rate: tensor<1xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects the length of the rate to be 64, but it is 1}}
  %h = gemma.rg_lru %x, %x, %x, %rate, %batch of @lru : tensor<?x64xf32>, tensor<1xf32>
  return
}
