// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK: gemma.config = #gemma.config<name = "gemma-3-1b-it", architecture = "gemma3_text", layers = 26,
// CHECK-SAME: hidden = 1152, vocabulary = 262144, max_positions = 32768, bos = 2, pad = 0, eos = [1, 106],
// CHECK-SAME: chat_template = "gemma3", temperature = 1.000000e+00 : f32, top_k = 64, top_p = 0.949999988 : f32>
module attributes {gemma.config = #gemma.config<
    name = "gemma-3-1b-it", architecture = "gemma3_text", layers = 26, hidden = 1152,
    vocabulary = 262144, max_positions = 32768, bos = 2, pad = 0, eos = [1, 106],
    chat_template = "gemma3", temperature = 1.0 : f32, top_k = 64, top_p = 0.95 : f32>} {
  // CHECK: func.func private @types(!gemma.batch, !gemma.kv<4 x 256>, !gemma.routing<128 top 8>, tensor<8x64x!gemma.quant<int4, group = 32>>)
  func.func private @types(!gemma.batch, !gemma.kv<4 x 256>, !gemma.routing<128 top 8>, tensor<8x64x!gemma.quant<int4, group = 32>>)
}
