//===- generate.h - The loop that writes an answer --------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_RUNTIME_GENERATE_H
#define LAPIDARY_RUNTIME_GENERATE_H

#include "runtime/session.h"

namespace lapidary {

/// Appends `prompt`, which is not empty, to the session and generates as
/// lapidary_generate describes.
lapidary_generation generate(Session &session, std::span<const int32_t> prompt,
                             const lapidary_generate_options &options);

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_GENERATE_H
