// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @group(
// CHECK: kernel.group %{{.*}} rows <wanted> : <128 top 8>
kernel.func @group(%r: !kernel.routing<128 top 8>) attributes {unit = #kernel.unit<one>, slices = 1 : i64} {
  kernel.group %r rows <wanted> : !kernel.routing<128 top 8>
}
