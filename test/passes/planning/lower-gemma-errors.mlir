// RUN: lapidary-opt %s --plan-lower-gemma --split-input-file --verify-diagnostics

func.func @text(%tokens: tensor<?xi32>, %batch: !gemma.batch) -> tensor<?x4xf32> {
  // expected-error @below {{'arith.constant' op has no kernel}}
  %x = arith.constant dense<1.0> : tensor<2x4xf32>
  %s = gemma.select_rows %x, %batch : tensor<2x4xf32> -> tensor<?x4xf32>
  return %s : tensor<?x4xf32>
}

// -----

gemma.param @table : tensor<8x4xf32> from "w" at 0
gemma.param @norm : tensor<4xf32> from "w" at 0
func.func @text(%tokens: tensor<?xi32>, %batch: !gemma.batch) -> tensor<?x8xf32> {
  %t = gemma.weight @table : tensor<8x4xf32>
  %x = gemma.embed %tokens, %t scale 8.0 : tensor<?xi32>, tensor<8x4xf32> -> tensor<?x4xf32>
  %s = gemma.select_rows %x, %batch : tensor<?x4xf32> -> tensor<?x4xf32>
  %n = gemma.weight @norm : tensor<4xf32>
  // expected-error @below {{has a weight offset in 'norm'; run the simplify pipeline before planning}}
  %l = gemma.linear %s, %t norm(%n : tensor<4xf32>, <epsilon = 0.0 : f32, weight_offset = 1.0 : f32>) : tensor<?x4xf32>, tensor<8x4xf32> -> tensor<?x8xf32>
  return %l : tensor<?x8xf32>
}

// -----

// Logits of all rows.
gemma.param @table : tensor<8x4xf32> from "w" at 0
func.func @text(%tokens: tensor<?xi32>, %batch: !gemma.batch) -> tensor<?x8xf32> {
  %t = gemma.weight @table : tensor<8x4xf32>
  %x = gemma.embed %tokens, %t scale 8.0 : tensor<?xi32>, tensor<8x4xf32> -> tensor<?x4xf32>
  %l = gemma.linear %x, %t : tensor<?x4xf32>, tensor<8x4xf32> -> tensor<?x8xf32>
  // expected-error @below {{expects rows for the wanted ones}}
  return %l : tensor<?x8xf32>
}

// -----

// Weights that are no parameters.
// expected-error @below {{expects the type (tensor<?xi32>, !gemma.batch, rows, ...) -> (rows, ...), but it is}}
func.func @text(%tokens: tensor<?xi32>, %t: tensor<8x4xf32>) -> tensor<?x4xf32> {
  %x = gemma.embed %tokens, %t scale 8.0 : tensor<?xi32>, tensor<8x4xf32> -> tensor<?x4xf32>
  return %x : tensor<?x4xf32>
}

// -----

// expected-error @below {{expects a function, the model, but there is none}}
module {
}
