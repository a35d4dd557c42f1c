//===- work.h - What a command reads and computes ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_RUNTIME_WORK_H
#define LAPIDARY_RUNTIME_WORK_H

#include "runtime/schema/artifact_generated.h"
#include "runtime/step.h"

#include <cstdint>

namespace lapidary {

/// Bytes from memory, if each is read once, and operations.
struct Work {
  uint64_t weight_bytes = 0;
  uint64_t kv_bytes = 0;
  uint64_t flops = 0;

  Work &operator+=(const Work &other) {
    weight_bytes += other.weight_bytes;
    kv_bytes += other.kv_bytes;
    flops += other.flops;
    return *this;
  }
};

/// What `command` does in one run.
Work work_of(const schema::Artifact &artifact, const schema::Command &command,
             const StepSizes &sizes, const StepInputs &inputs);

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_WORK_H
