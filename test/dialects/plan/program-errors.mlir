// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{expects 'min_rows' to be at least 1, but it is 0}}
plan.program @program_c1_min rows(0, 16) block(16) {
}

// -----

// expected-error @below {{expects 'max_rows' to be at least 8, but it is 4}}
plan.program @program_c1_max rows(8, 4) block(4) {
}

// -----

// expected-error @below {{expects 'block_rows' to be at least 1, but it is 0}}
plan.program @program_c2 rows(1, 16) block(0) {
}

// -----

plan.program @program_c3_op rows(1, 16) block(16) {
  // expected-error @below {{'arith.constant' op has no place in a plan.program}}
  %0 = arith.constant 1 : i64
}

// -----

// expected-error @below {{expects a body without arguments}}
plan.program @program_c3_arguments rows(1, 16) block(16) {
^bb0(%x: !kernel.list):
}

// -----

plan.program @program_c4 rows(1, 16) block(16) arena(4096) {
  // expected-error @below {{expects to end within the 4096 bytes of the arena, but it ends at byte 4160}}
  %x = plan.buffer "x" at 64 : !kernel.rows<64 x f32>
}
