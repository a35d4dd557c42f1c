// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @route_c1_scores(%x: !kernel.rows<64 x f32>, %s: !kernel.vector<128>, %r: !kernel.routing<128 top 8>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  // expected-error @below {{expects the number of scores to be 128, but it is 64}}
  kernel.route %0, %s to %r : !kernel.row<64>, !kernel.vector<128>, !kernel.routing<128 top 8>
}

// -----

kernel.func @route_c1_scales(%x: !kernel.rows<128 x f32>, %s: !kernel.vector<64>, %r: !kernel.routing<128 top 8>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<128 x f32> -> !kernel.row<128>
  // expected-error @below {{expects the number of scales to be 128, but it is 64}}
  kernel.route %0, %s to %r : !kernel.row<128>, !kernel.vector<64>, !kernel.routing<128 top 8>
}

// -----

kernel.func @route_c2(%x: !kernel.rows<4 x f32>, %s: !kernel.vector<4>, %w: !kernel.list, %p: !kernel.list, %e: !kernel.list, %r: !kernel.routing<4 top 2>)
    attributes {unit = #kernel.unit<wanted>, slices = 2 : i64} {
  // expected-error @below {{expects 'slices' of a row kernel to be 1, but it is 2}}
  %0 = kernel.load %x : !kernel.rows<4 x f32> -> !kernel.row<4>
  kernel.route %0, %s to %r : !kernel.row<4>, !kernel.vector<4>, !kernel.routing<4 top 2>
}

// -----

// expected-error @below {{expects 1 to 4 chosen experts, but they are 5}}
kernel.func @routing_c1(%r: !kernel.routing<4 top 5>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {}
