// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{expects a static shape, but it is 'tensor<?x64xf32>'}}
gemma.state @state_c1 : tensor<?x64xf32>
