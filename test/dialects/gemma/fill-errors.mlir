// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @fill_c1() {
  // expected-error @below {{expects a static shape, but it has 'tensor<?xf32>'}}
  %w = gemma.fill 1.0 : tensor<?xf32>
  return
}
