// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @clustered_linear_c1_order(%x: tensor<?x8xf32>, %s: tensor<?x3xf32>, %w: tensor<6x8xf32>, %o: tensor<5xi64>) {
  // expected-error @below {{expects the length of the order to be 6, but it is 5}}
  %y = gemma.clustered_linear %x, %s, %w, %o top 2 : tensor<?x8xf32>, tensor<?x3xf32>, tensor<6x8xf32>, tensor<5xi64> -> tensor<?x6xf32>
  return
}

// -----

func.func @clustered_linear_c1_result(%x: tensor<?x8xf32>, %s: tensor<?x3xf32>, %w: tensor<6x8xf32>, %o: tensor<6xi64>) {
  // expected-error @below {{expects the width of the result to be 6, but it is 8}}
  %y = gemma.clustered_linear %x, %s, %w, %o top 2 : tensor<?x8xf32>, tensor<?x3xf32>, tensor<6x8xf32>, tensor<6xi64> -> tensor<?x8xf32>
  return
}

// -----

func.func @clustered_linear_c2(%x: tensor<?x8xf32>, %s: tensor<?x4xf32>, %w: tensor<6x8xf32>, %o: tensor<6xi64>) {
  // expected-error @below {{expects the number of scores to divide the 6 rows of the weight, but it is 4}}
  %y = gemma.clustered_linear %x, %s, %w, %o top 2 : tensor<?x8xf32>, tensor<?x4xf32>, tensor<6x8xf32>, tensor<6xi64> -> tensor<?x6xf32>
  return
}

// -----

func.func @clustered_linear_c3(%x: tensor<?x4xf32>, %s: tensor<?x3xf32>, %w: tensor<6x8xf32>, %o: tensor<6xi64>) {
  // expected-error @below {{expects the width of the input to be 8, but it is 4}}
  %y = gemma.clustered_linear %x, %s, %w, %o top 2 : tensor<?x4xf32>, tensor<?x3xf32>, tensor<6x8xf32>, tensor<6xi64> -> tensor<?x6xf32>
  return
}

// -----

func.func @clustered_linear_c4(%x: tensor<?x8xf32>, %s: tensor<?x3xf32>, %w: tensor<6x8xf32>, %o: tensor<6xi64>) {
  // expected-error @below {{expects 'top' to be 1 to 3, but it is 4}}
  %y = gemma.clustered_linear %x, %s, %w, %o top 4 : tensor<?x8xf32>, tensor<?x3xf32>, tensor<6x8xf32>, tensor<6xi64> -> tensor<?x6xf32>
  return
}

// -----

func.func @clustered_linear_c5(%x: tensor<?x8xf32>, %s: tensor<?x3xf32>, %w: tensor<6x8xf32>, %o: tensor<6xi64>) {
  // expected-error @below {{expects the product type 'int8' for a quantized weight and only there, but it is 'int8' for 'tensor<6x8xf32>'}}
  %y = gemma.clustered_linear %x, %s, %w, %o top 2 {product = #gemma.product<int8>} : tensor<?x8xf32>, tensor<?x3xf32>, tensor<6x8xf32>, tensor<6xi64> -> tensor<?x6xf32>
  return
}
