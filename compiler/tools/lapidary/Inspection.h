//===- Inspection.h - What lapidary inspect has to show ---------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Facts are gathered into one JSON document, which --json prints as it is and
// the other forms render.
#ifndef LAPIDARY_COMPILER_TOOLS_LAPIDARY_INSPECTION_H
#define LAPIDARY_COMPILER_TOOLS_LAPIDARY_INSPECTION_H

#include <nlohmann/json.hpp>

#include <string>

namespace lapidary::tool {

using Document = nlohmann::ordered_json;

/// The facts of the artifact at `path`.
Document describeArtifact(const std::string &path);

/// The facts of the checkpoint in `directory`.
Document describeCheckpoint(const std::string &directory);

/// An artifact's facts for a terminal.
std::string renderArtifactText(const Document &artifact);

/// A checkpoint's facts for a terminal.
std::string renderCheckpointText(const Document &checkpoint);

/// An artifact's facts as a page that needs no other file.
std::string renderArtifactHtml(const Document &artifact);

} // namespace lapidary::tool

#endif // LAPIDARY_COMPILER_TOOLS_LAPIDARY_INSPECTION_H
