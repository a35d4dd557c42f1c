// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{expects 'window' to be at least 0, but it is -1}}
plan.cache @cache_c1 {window = -1 : i64, page_tokens = 64 : i64, page_bytes = 4096 : i64}

// -----

// expected-error @below {{expects 'page_tokens' to be a multiple of 16, but it is 40}}
plan.cache @cache_c2 {window = 0 : i64, page_tokens = 40 : i64, page_bytes = 4096 : i64}

// -----

// expected-error @below {{expects 'page_bytes' to be at least 0, but it is -4096}}
plan.cache @cache_c3 {window = 0 : i64, page_tokens = 64 : i64, page_bytes = -4096 : i64}

// -----

// expected-error @below {{expects 'saved_bytes' to be at least 0, but it is -1}}
plan.cache @c3_saved {window = 0 : i64, page_tokens = 16 : i64, page_bytes = 0 : i64, saved_bytes = -1 : i64}
