// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @altup_predict_c1_none(%c: tensor<?x4xf32>) {
  // expected-error @below {{expects streams and as many results, but there are 0 and 0}}
  gemma.altup_predict %c, () : (tensor<?x4xf32>) -> ()
  return
}

// -----

func.func @altup_predict_c1_results(%c: tensor<?x4xf32>, %x: tensor<?x8xf32>) {
  // expected-error @below {{expects streams and as many results, but there are 2 and 1}}
  %p = gemma.altup_predict %c, (%x, %x) : (tensor<?x4xf32>, tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  return
}

// -----

func.func @altup_predict_c2(%c: tensor<?x2xf32>, %x: tensor<?x8xf32>) {
  // expected-error @below {{expects the number of coefficients to be 4, but it is 2}}
  %p, %q = gemma.altup_predict %c, (%x, %x) : (tensor<?x2xf32>, tensor<?x8xf32>, tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>)
  return
}

// -----

func.func @altup_predict_c3_streams(%c: tensor<?x4xf32>, %x: tensor<?x8xf32>, %y: tensor<?x4xf32>) {
  // expected-error @below {{expects all streams and results to be 'tensor<?x8xf32>'}}
  %p, %q = gemma.altup_predict %c, (%x, %y) : (tensor<?x4xf32>, tensor<?x8xf32>, tensor<?x4xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>)
  return
}

// -----

func.func @altup_predict_c3_results(%c: tensor<?x4xf32>, %x: tensor<?x8xf32>) {
  // expected-error @below {{expects all streams and results to be 'tensor<?x8xf32>'}}
  %p, %q = gemma.altup_predict %c, (%x, %x) : (tensor<?x4xf32>, tensor<?x8xf32>, tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x4xf32>)
  return
}
