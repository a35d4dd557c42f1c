// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK: gemma.state @convolution : tensor<3x64xf32>
gemma.state @convolution : tensor<3x64xf32>
