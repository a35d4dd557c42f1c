//===- PlanEnums.td - Enumerations of the plan dialect --------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Apart from PlanOps.td, which includes other dialects' enumerations.
#ifndef DIALECTS_PLAN_PLANENUMS_TD
#define DIALECTS_PLAN_PLANENUMS_TD

include "mlir/IR/EnumAttr.td"

def Plan_StepList : I32EnumAttr<"StepList", "a table of the step", [
    I32EnumAttrCase<"Tokens", 0, "tokens">,
    I32EnumAttrCase<"Positions", 1, "positions">,
    I32EnumAttrCase<"Blocks", 2, "blocks">,
    I32EnumAttrCase<"Wanted", 3, "wanted">,
    I32EnumAttrCase<"Ends", 4, "ends">,
    I32EnumAttrCase<"SourceEnds", 5, "source_ends">]> {
  let cppNamespace = "::lapidary::plan";
  let genSpecializedAttr = 0;
}

def Plan_Purpose : I32EnumAttr<"Purpose", "what a dispatch is needed for", [
    I32EnumAttrCase<"Logits", 0, "logits">,
    I32EnumAttrCase<"Best", 1, "best">]> {
  let cppNamespace = "::lapidary::plan";
  let genSpecializedAttr = 0;
}
#endif // DIALECTS_PLAN_PLANENUMS_TD
