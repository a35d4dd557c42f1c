// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{expects 'offset' to be at least 0, but it is -4}}
gemma.param @param_c1 : tensor<4xf32> from "model.safetensors" at -4

// -----

// expected-error @below {{expects a static shape, but it has 'tensor<?x4xf32>'}}
gemma.param @param_c2 : tensor<?x4xf32> from "model.safetensors" at 0

// -----

// expected-error @below {{expects floats or i64, but it has 'tensor<4x32x!gemma.quant<int8, group = 32>>'}}
gemma.param @param_c3 : tensor<4x32x!gemma.quant<int8, group = 32>> from "model.safetensors" at 0
