// RUN: lapidary-opt %s --cpu-expand-kernels=target=z80 --verify-diagnostics

// expected-error @below {{target 'z80' is no CPU that kernels expand for}}
module {
}
