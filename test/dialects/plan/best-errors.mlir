// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

plan.program @best_c1 rows(1, 16) block(16) {
  // expected-error @below {{expects keys, but the rows are in f32}}
  %x = plan.best : !kernel.rows<64 x f32>
}
