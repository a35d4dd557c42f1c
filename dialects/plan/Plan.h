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

#endif // LAPIDARY_DIALECTS_PLAN_PLAN_H
