// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

plan.program @dispatch_c1_none rows(1, 16) block(16) {
  %t = plan.step <tokens>
  // expected-error @below {{expects 'norm' to name a kernel.func, but there is none}}
  plan.dispatch @norm(%t) "norm" : !kernel.list
}

// -----

kernel.func @norm(%x: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
}
plan.program @dispatch_c1_types rows(1, 16) block(16) {
  %t = plan.step <tokens>
  // expected-error @below {{expects operands of types ('!kernel.rows<64 x f32>'), as 'norm' has them, but they are ('!kernel.list')}}
  plan.dispatch @norm(%t) "norm" : !kernel.list
}
