// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

plan.program @pages_c1 rows(1, 16) block(16) {
  // expected-error @below {{expects 'window_512' to name a plan.cache, but there is none}}
  %p = plan.pages @window_512
}
