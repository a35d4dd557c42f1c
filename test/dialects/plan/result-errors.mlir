// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

plan.program @result_c1 rows(1, 16) block(16) {
  // expected-error @below {{expects dense rows, but they are in f32}}
  %x = plan.result : !kernel.rows<64 x f32>
}
