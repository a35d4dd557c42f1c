// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @softcap_c1(%x: tensor<?x64xf32>) {
  // expected-error @below {{expects 'cap' to be positive, but it is 0}}
  %y = gemma.softcap %x at 0.0 : tensor<?x64xf32>
  return
}
