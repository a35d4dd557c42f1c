// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @experts_c1_gate_up(%x: tensor<?x8xf32>, %c: !gemma.routing<4 top 2>, %g: tensor<12x8xf32>, %d: tensor<32x3xf32>) {
  // expected-error @below {{expects the number of rows of 'gate_up' to be 24, but it is 12}}
  %y = gemma.experts %x, %c, %g, %d : tensor<?x8xf32>, !gemma.routing<4 top 2>, tensor<12x8xf32>, tensor<32x3xf32> -> tensor<?x8xf32>
  return
}

// -----

func.func @experts_c1_down(%x: tensor<?x8xf32>, %c: !gemma.routing<4 top 2>, %g: tensor<24x8xf32>, %d: tensor<24x3xf32>) {
  // expected-error @below {{expects the number of rows of 'down' to be 32, but it is 24}}
  %y = gemma.experts %x, %c, %g, %d : tensor<?x8xf32>, !gemma.routing<4 top 2>, tensor<24x8xf32>, tensor<24x3xf32> -> tensor<?x8xf32>
  return
}

// -----

func.func @experts_c2(%x: tensor<?x4xf32>, %c: !gemma.routing<4 top 2>, %g: tensor<24x8xf32>, %d: tensor<32x3xf32>) {
  // expected-error @below {{expects the width of the input to be 8, but it is 4}}
  %y = gemma.experts %x, %c, %g, %d : tensor<?x4xf32>, !gemma.routing<4 top 2>, tensor<24x8xf32>, tensor<32x3xf32> -> tensor<?x8xf32>
  return
}

// -----

func.func @experts_c3_gate_up(%x: tensor<?x8xf32>, %c: !gemma.routing<4 top 2>, %g: tensor<24x8x!gemma.quant<int8, group = 32>>, %d: tensor<32x3xf32>) {
  // expected-error @below {{expects the product type 'int8' for a quantized weight and only there, but it is 'f32'}}
  %y = gemma.experts %x, %c, %g, %d : tensor<?x8xf32>, !gemma.routing<4 top 2>, tensor<24x8x!gemma.quant<int8, group = 32>>, tensor<32x3xf32> -> tensor<?x8xf32>
  return
}

// -----

func.func @experts_c3_down(%x: tensor<?x8xf32>, %c: !gemma.routing<4 top 2>, %g: tensor<24x8x!gemma.quant<int8, group = 32>>, %d: tensor<32x3xf32>) {
  // expected-error @below {{expects the product type 'int8' for a quantized weight and only there, but it is 'int8'}}
  %y = gemma.experts %x, %c, %g, %d {product = #gemma.product<int8>} : tensor<?x8xf32>, !gemma.routing<4 top 2>, tensor<24x8x!gemma.quant<int8, group = 32>>, tensor<32x3xf32> -> tensor<?x8xf32>
  return
}
