// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{expects places as arguments, but argument 1 is '!kernel.row<64>'}}
kernel.func @func_c1(%x: !kernel.rows<64 x f32>, %y: !kernel.row<64>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
}

// -----

// expected-error @below {{expects 'slices' to be at least 1, but it is 0}}
kernel.func @func_c2(%x: !kernel.list) attributes {unit = #kernel.unit<one>, slices = 0 : i64} {
}

// -----

// expected-error @below {{expects 'slices' of a row kernel to be 1, but it is 2}}
kernel.func @func_c2_rows(%x: !kernel.list) attributes {unit = #kernel.unit<row>, slices = 2 : i64} {
}

// -----

// expected-error @below {{expects no results}}
kernel.func @func_c3(%x: !kernel.list) -> !kernel.row<64> attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
}

// -----

kernel.func @func_c4(%x: !kernel.list) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{'arith.constant' op has no place in a kernel.func}}
  %0 = arith.constant 1 : i64
}

// -----

func.func @outside(%a: !kernel.row<64>) {
  // expected-error @below {{'kernel.add' op expects parent op 'kernel.func'}}
  %0 = kernel.add %a, %a : !kernel.row<64>
  return
}
