// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{expects the width of rows to be positive, but it is 0}}
kernel.func @rows_c1(%x: !kernel.rows<0 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
}

// -----

kernel.func @row_c1(%x: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects the width of a row to be positive, but it is -1}}
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<-1>
}

// -----

// expected-error @below {{expects the number of rows to be positive, but it is 0}}
kernel.func @weight_c1_rows(%w: !kernel.weight<0 x 64 x f32>) attributes {unit = #kernel.unit<one>, slices = 1 : i64} {
}

// -----

// expected-error @below {{expects the number of columns to be positive, but it is 0}}
kernel.func @weight_c1_columns(%w: !kernel.weight<64 x 0 x f32>) attributes {unit = #kernel.unit<one>, slices = 1 : i64} {
}

// -----

// expected-error @below {{expects the number of rows to be positive, but it is 0}}
kernel.func @table_c1_rows(%w: !kernel.table<0 x 64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
}

// -----

// expected-error @below {{expects the number of columns to be positive, but it is -64}}
kernel.func @table_c1_columns(%w: !kernel.table<64 x -64 x int4>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
}

// -----

// expected-error @below {{expects the width of a vector to be positive, but it is 0}}
kernel.func @vector_c1(%w: !kernel.vector<0>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
}

// -----

// expected-error @below {{expects whole blocks of 64 of the columns of one matrix, but takes 72 of 256}}
kernel.func @weight_c2(%w: !kernel.weight<16 x 72 x int4 of 256>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
}

// -----

// expected-error @below {{expects a whole matrix in planes, neither a stack nor a part}}
kernel.func @weight_c3(%w: !kernel.weight<64 x 64 x planes stack 2>) attributes {unit = #kernel.unit<one>, slices = 1 : i64} {
}
