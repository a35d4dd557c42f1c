// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{expects 'window' to be at least 0, but it is -1}}
gemma.cache @cache_c1 : !gemma.kv<1 x 256> window -1
