// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{expects positive heads and head_dim, but they are 0 and 64}}
func.func private @kv_heads(!gemma.kv<0 x 64>)

// -----

// expected-error @below {{expected int4 or int8}}
func.func private @quant_name(!gemma.quant<float8, group = 32>)

// -----

// expected-error @below {{expects 4 or 8 bits, but it has 5}}
func.func private @quant_bits(!gemma.quant<int5, group = 32>)

// -----

// expected-error @below {{expects groups of 32 columns, but they have 64}}
func.func private @quant_group(!gemma.quant<int4, group = 64>)

// -----

// expected-error @below {{expects 1 to 4 chosen experts, but they are 0}}
func.func private @routing_c1_none(!gemma.routing<4 top 0>)

// -----

// expected-error @below {{expects 1 to 4 chosen experts, but they are 5}}
func.func private @routing_c1_more(!gemma.routing<4 top 5>)
