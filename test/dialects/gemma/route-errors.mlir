// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @route_c1_scores(%scores: tensor<?x4xf32>, %scales: tensor<8xf32>) {
  // expected-error @below {{expects the number of scores to be 8, but it is 4}}
  %c = gemma.route %scores, %scales : tensor<?x4xf32>, tensor<8xf32> -> !gemma.routing<8 top 2>
  return
}

// -----

func.func @route_c1_scales(%scores: tensor<?x8xf32>, %scales: tensor<4xf32>) {
  // expected-error @below {{expects the number of scales to be 8, but it is 4}}
  %c = gemma.route %scores, %scales : tensor<?x8xf32>, tensor<4xf32> -> !gemma.routing<8 top 2>
  return
}
