//===- utf8.h - Well-formed UTF-8 -------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_RUNTIME_TEXT_UTF8_H
#define LAPIDARY_RUNTIME_TEXT_UTF8_H

#include <cstddef>
#include <string_view>

namespace lapidary::text {

/// What stands in for a byte that is not part of well-formed UTF-8.
constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

/// The length of the well-formed sequence at the start of `text`, which is not
/// empty; 0 if there is none (surrogates and overlong forms are ill-formed).
size_t sequence_length(std::string_view text);

/// Whether `text` is a row of well-formed sequences.
bool is_well_formed(std::string_view text);

/// Whether all of `text`, which is not empty, is the beginning of a well-formed
/// sequence and lacks its end.
bool is_cut_sequence(std::string_view text);

/// The code point of `sequence`, which is one well-formed sequence.
char32_t code_point(std::string_view sequence);

} // namespace lapidary::text

#endif // LAPIDARY_RUNTIME_TEXT_UTF8_H
