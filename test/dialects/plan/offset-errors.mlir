// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

plan.program @offset_c1 rows(1, 16) block(16) {
  // expected-error @below {{expects 'value' to be at least 0, but it is -1}}
  %o = plan.offset -1
}
