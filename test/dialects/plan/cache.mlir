// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK: plan.cache @window_512 {page_bytes = 4096 : i64, page_tokens = 64 : i64, window = 512 : i64}
plan.cache @window_512 {window = 512 : i64, page_tokens = 64 : i64, page_bytes = 4096 : i64}
