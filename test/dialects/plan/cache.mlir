// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK: plan.cache @window_512 {page_bytes = 4096 : i64, page_tokens = 64 : i64, window = 512 : i64}
plan.cache @window_512 {window = 512 : i64, page_tokens = 64 : i64, page_bytes = 4096 : i64}

// Pages that hold what is remembered of a sequence, however long it is.
// CHECK: plan.cache @state {page_bytes = 1024 : i64, page_tokens = 0 : i64, window = 0 : i64}
plan.cache @state {window = 0 : i64, page_tokens = 0 : i64, page_bytes = 1024 : i64}

// Values alone, from which keys follow.
// CHECK: plan.cache @full {page_bytes = 4096 : i64, page_tokens = 64 : i64, saved_bytes = 4096 : i64, window = 0 : i64}
plan.cache @full {window = 0 : i64, page_tokens = 64 : i64, page_bytes = 4096 : i64, saved_bytes = 4096 : i64}
