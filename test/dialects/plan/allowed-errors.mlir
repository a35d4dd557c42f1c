// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

plan.program @allowed_c1 rows(1, 16) block(16) {
  // expected-error @below {{expects bits, but the rows are in keys}}
  %x = plan.allowed : !kernel.rows<64 x keys>
}
