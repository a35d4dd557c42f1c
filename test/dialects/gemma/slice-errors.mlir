// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @slice_c1_rank(%x: tensor<8x4xf32>) {
  // expected-error @below {{expects a block of 'tensor<8x4xf32>', but takes 'tensor<2x2xf32>' at [1]}}
  %y = gemma.slice %x at [1] : tensor<8x4xf32> -> tensor<2x2xf32>
  return
}

// -----

func.func @slice_c1_before(%x: tensor<8x4xf32>) {
  // expected-error @below {{expects a block of 'tensor<8x4xf32>', but takes 'tensor<2x2xf32>' at [-1, 0]}}
  %y = gemma.slice %x at [-1, 0] : tensor<8x4xf32> -> tensor<2x2xf32>
  return
}

// -----

func.func @slice_c1_behind(%x: tensor<8x4xf32>) {
  // expected-error @below {{expects a block of 'tensor<8x4xf32>', but takes 'tensor<2x2xf32>' at [0, 3]}}
  %y = gemma.slice %x at [0, 3] : tensor<8x4xf32> -> tensor<2x2xf32>
  return
}

// -----

func.func @slice_c2(%x: tensor<8x4xf32>) {
  // expected-error @below {{expects floats of one type, but the input has 'f32' and the result 'bf16'}}
  %y = gemma.slice %x at [0, 0] : tensor<8x4xf32> -> tensor<2x2xbf16>
  return
}

// -----

// Groups of columns share a scale.
func.func @slice_c2_quantized(%x: tensor<8x64x!gemma.quant<int8, group = 32>>) {
  // expected-error @below {{expects floats of one type, but the input has '!gemma.quant<int8, group = 32>' and the result '!gemma.quant<int8, group = 32>'}}
  %y = gemma.slice %x at [0, 16] : tensor<8x64x!gemma.quant<int8, group = 32>> -> tensor<8x32x!gemma.quant<int8, group = 32>>
  return
}
