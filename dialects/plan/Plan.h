//===- Plan.h - The plan dialect --------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// When and where kernels run. See PlanOps.td.
#ifndef LAPIDARY_DIALECTS_PLAN_PLAN_H
#define LAPIDARY_DIALECTS_PLAN_PLAN_H

#include "dialects/gemma/Gemma.h"
#include "dialects/kernel/Kernel.h"

#include "dialects/plan/PlanDialect.h.inc"
#include "dialects/plan/PlanEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/plan/PlanAttributes.h.inc"
#define GET_OP_CLASSES
#include "dialects/plan/PlanOps.h.inc"

namespace lapidary::plan {

/// Offsets of buffers and weights are multiples of this, a cache line.
inline constexpr int64_t kAlignment = 64;

/// The format in which a matrix with elements of type `element` is packed.
kernel::WeightFormat packedFormat(mlir::Type element);

} // namespace lapidary::plan

#endif // LAPIDARY_DIALECTS_PLAN_PLAN_H
