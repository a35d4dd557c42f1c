// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @altup_correct_c1(%c: tensor<?x2xf32>, %x: tensor<?x8xf32>) {
  // expected-error @below {{expects streams and as many results, but there are 2 and 1}}
  %p = gemma.altup_correct %c, %x, (%x, %x) active 0 : (tensor<?x2xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  return
}

// -----

func.func @altup_correct_c2(%c: tensor<?x4xf32>, %x: tensor<?x8xf32>) {
  // expected-error @below {{expects the number of coefficients to be 2, but it is 4}}
  %p, %q = gemma.altup_correct %c, %x, (%x, %x) active 0 : (tensor<?x4xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>)
  return
}

// -----

func.func @altup_correct_c3_predictions(%c: tensor<?x2xf32>, %x: tensor<?x8xf32>, %y: tensor<?x4xf32>) {
  // expected-error @below {{expects all streams and results to be 'tensor<?x8xf32>'}}
  %p, %q = gemma.altup_correct %c, %x, (%x, %y) active 0 : (tensor<?x2xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x4xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>)
  return
}

// -----

func.func @altup_correct_c3_activated(%c: tensor<?x2xf32>, %x: tensor<?x8xf32>, %y: tensor<?x4xf32>) {
  // expected-error @below {{expects the activated rows to be 'tensor<?x8xf32>', but they are 'tensor<?x4xf32>'}}
  %p, %q = gemma.altup_correct %c, %y, (%x, %x) active 0 : (tensor<?x2xf32>, tensor<?x4xf32>, tensor<?x8xf32>, tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>)
  return
}

// -----

func.func @altup_correct_c4(%c: tensor<?x2xf32>, %x: tensor<?x8xf32>) {
  // expected-error @below {{expects 'active' to be one of the 2 predictions, but it is 2}}
  %p, %q = gemma.altup_correct %c, %x, (%x, %x) active 2 : (tensor<?x2xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>)
  return
}
