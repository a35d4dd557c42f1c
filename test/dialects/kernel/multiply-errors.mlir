// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @multiply_c1() attributes {unit = #kernel.unit<block>, slices = 1 : i64} {
  // expected-error @below {{expects a kernel whose unit is 'one', but it is 'block'}}
  kernel.multiply <f32>
}
