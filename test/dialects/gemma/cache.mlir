// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK: gemma.cache @sliding : !gemma.kv<1 x 256> window 512
gemma.cache @sliding : !gemma.kv<1 x 256> window 512
// CHECK: gemma.cache @full : !gemma.kv<4 x 128> window 0
gemma.cache @full : !gemma.kv<4 x 128> window 0
// CHECK: gemma.cache @source : !gemma.kv<4 x 128> window 0 source
gemma.cache @source : !gemma.kv<4 x 128> window 0 source
