// RUN: lapidary-opt %s --gemma-select-early --split-input-file | FileCheck %s

// CHECK-LABEL: func @row_wise
// CHECK-SAME:  (%[[X:.*]]: tensor<?x4xf32>, %[[W:.*]]: tensor<4x4xf32>, %[[BATCH:.*]]: !gemma.batch)
func.func @row_wise(%x: tensor<?x4xf32>, %w: tensor<4x4xf32>, %batch: !gemma.batch) -> tensor<?x4xf32> {
  // CHECK-NEXT: %[[WANTED:.*]] = gemma.select_rows %[[X]], %[[BATCH]]
  // CHECK-NEXT: %[[Y:.*]] = gemma.linear %[[WANTED]], %[[W]]
  // CHECK-NEXT: %[[SUM:.*]] = gemma.add %[[WANTED]], %[[Y]]
  // CHECK-NEXT: return %[[SUM]]
  %0 = gemma.linear %x, %w : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %1 = gemma.add %x, %0 : tensor<?x4xf32>
  %2 = gemma.select_rows %1, %batch : tensor<?x4xf32> -> tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}

// -----
gemma.cache @c : !gemma.kv<1 x 2> window 0

// Keys and values of all rows, queries of the wanted ones.
// CHECK-LABEL: func @attention
// CHECK-SAME:  (%[[X:.*]]: tensor<?x4xf32>, %[[K:.*]]: tensor<?x1x2xf32>, %[[T:.*]]: tensor<?x2xf32>, %[[BATCH:.*]]: !gemma.batch)
func.func @attention(%x: tensor<?x4xf32>, %k: tensor<?x1x2xf32>, %t: tensor<?x2xf32>, %batch: !gemma.batch) -> tensor<?x4xf32> {
  // CHECK-DAG:  %[[WX:.*]] = gemma.select_rows %[[X]]
  // CHECK-DAG:  %[[WT:.*]] = gemma.select_rows %[[T]]
  // CHECK-DAG:  %[[Q:.*]] = gemma.split_heads %[[WX]]
  // CHECK-DAG:  %[[R:.*]] = gemma.rope %[[Q]], %[[WT]]
  // CHECK-DAG:  %[[KV:.*]] = gemma.append %[[K]], %[[K]]
  // CHECK:      %[[A:.*]] = gemma.attention %[[R]], %[[KV]], %[[BATCH]] scale 1.0{{.*}} window 0 wanted
  // CHECK-NEXT: return %[[A]]
  %q = gemma.split_heads %x : tensor<?x4xf32> -> tensor<?x2x2xf32>
  %r = gemma.rope %q, %t : tensor<?x2x2xf32>, tensor<?x2xf32>
  %kv = gemma.append %k, %k, %batch to @c : tensor<?x1x2xf32>, !gemma.kv<1 x 2>
  %a = gemma.attention %r, %kv, %batch scale 1.0 window 0 : tensor<?x2x2xf32>, !gemma.kv<1 x 2> -> tensor<?x4xf32>
  %y = gemma.select_rows %a, %batch : tensor<?x4xf32> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----
// CHECK-LABEL: func @experts
// CHECK-SAME:  (%[[X:.*]]: tensor<?x4xf32>, %[[S:.*]]: tensor<?x4xf32>, %[[E:.*]]: tensor<4xf32>
func.func @experts(%x: tensor<?x4xf32>, %s: tensor<?x4xf32>, %e: tensor<4xf32>, %gate_up: tensor<16x4xf32>, %down: tensor<16x2xf32>, %batch: !gemma.batch) -> tensor<?x4xf32> {
  // CHECK-DAG:  %[[WX:.*]] = gemma.select_rows %[[X]]
  // CHECK-DAG:  %[[WS:.*]] = gemma.select_rows %[[S]]
  // CHECK-DAG:  %[[ROUTES:.*]] = gemma.route %[[WS]], %[[E]]
  // CHECK:      %[[Y:.*]] = gemma.experts %[[WX]], %[[ROUTES]]
  // CHECK-NEXT: return %[[Y]]
  %r = gemma.route %s, %e : tensor<?x4xf32>, tensor<4xf32> -> !gemma.routing<4 top 2>
  %y = gemma.experts %x, %r, %gate_up, %down : tensor<?x4xf32>, !gemma.routing<4 top 2>, tensor<16x4xf32>, tensor<16x2xf32> -> tensor<?x4xf32>
  %z = gemma.select_rows %y, %batch : tensor<?x4xf32> -> tensor<?x4xf32>
  return %z : tensor<?x4xf32>
}

// -----
// Somebody reads all rows.
// CHECK-LABEL: func @read_again
func.func @read_again(%x: tensor<?x4xf32>, %batch: !gemma.batch) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  // CHECK-NEXT: gemma.gelu
  // CHECK-NEXT: gemma.select_rows
  %0 = gemma.gelu %x : tensor<?x4xf32>
  %1 = gemma.select_rows %0, %batch : tensor<?x4xf32> -> tensor<?x4xf32>
  return %0, %1 : tensor<?x4xf32>, tensor<?x4xf32>
}

// -----
// CHECK-LABEL: func @no_rows_to_select_from
func.func @no_rows_to_select_from(%batch: !gemma.batch) -> tensor<?x4xf32> {
  // CHECK-NEXT: gemma.rope_table
  // CHECK-NEXT: gemma.select_rows
  %0 = gemma.rope_table %batch base 10.0 factor 1.0 : tensor<?x4xf32>
  %1 = gemma.select_rows %0, %batch : tensor<?x4xf32> -> tensor<?x4xf32>
  return %1 : tensor<?x4xf32>
}
