// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

gemma.param @w : tensor<512x64xbf16> from "w" at 0
plan.program @pack_c1_matrix rows(1, 16) block(16) {
  %w = gemma.weight @w : tensor<512x64xbf16>
  // expected-error @below {{expects a result of the shape of 'tensor<512x64xbf16>', but it is '!kernel.weight<64 x 512 x bf16>'}}
  %p = plan.pack %w : tensor<512x64xbf16> -> !kernel.weight<64 x 512 x bf16>
}

// -----

gemma.param @w : tensor<512x64xbf16> from "w" at 0
plan.program @pack_c1_table rows(1, 16) block(16) {
  %w = gemma.weight @w : tensor<512x64xbf16>
  // expected-error @below {{expects a result of the shape of 'tensor<512x64xbf16>', but it is '!kernel.table<512 x 32 x bf16>'}}
  %p = plan.pack %w : tensor<512x64xbf16> -> !kernel.table<512 x 32 x bf16>
}

// -----

gemma.param @w : tensor<512x64xbf16> from "w" at 0
plan.program @pack_c1_rank rows(1, 16) block(16) {
  %w = gemma.weight @w : tensor<512x64xbf16>
  // expected-error @below {{expects a result of the shape of 'tensor<512x64xbf16>', but it is '!kernel.vector<64>'}}
  %p = plan.pack %w : tensor<512x64xbf16> -> !kernel.vector<64>
}

// -----

gemma.param @w : tensor<512x64xbf16> from "w" at 0
plan.program @pack_c2_bf16 rows(1, 16) block(16) {
  %w = gemma.weight @w : tensor<512x64xbf16>
  // expected-error @below {{expects the format bf16 for 'bf16', but it is f32}}
  %p = plan.pack %w : tensor<512x64xbf16> -> !kernel.weight<512 x 64 x f32>
}

// -----

gemma.param @w : tensor<512x64xbf16> from "w" at 0
plan.program @pack_c2_table rows(1, 16) block(16) {
  %w = gemma.weight @w : tensor<512x64xbf16>
  // expected-error @below {{expects the format bf16 for 'bf16', but it is int4}}
  %p = plan.pack %w : tensor<512x64xbf16> -> !kernel.table<512 x 64 x int4>
}

// -----

gemma.param @w : tensor<512x64xbf16> from "w" at 0
plan.program @pack_c2_int4 rows(1, 16) block(16) {
  %w = gemma.weight @w : tensor<512x64xbf16>
  %q = gemma.convert %w : tensor<512x64xbf16> -> tensor<512x64x!gemma.quant<int4, group = 32>>
  // expected-error @below {{expects the format int4 for '!gemma.quant<int4, group = 32>', but it is int8}}
  %p = plan.pack %q : tensor<512x64x!gemma.quant<int4, group = 32>> -> !kernel.weight<512 x 64 x int8>
}

// -----

gemma.param @w : tensor<64xf16> from "w" at 0
plan.program @pack_c3 rows(1, 16) block(16) {
  %w = gemma.weight @w : tensor<64xf16>
  // expected-error @below {{expects 'offset' to be a multiple of 64 and at least 0, but it is -64}}
  %p = plan.pack %w at -64 : tensor<64xf16> -> !kernel.vector<64>
}
