//===- utf8.cpp - Well-formed UTF-8 ---------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/text/utf8.h"

#include <algorithm>
#include <cstdint>

namespace lapidary::text {

namespace {
/// What may follow a first byte; all bytes after the second are 80..BF.
struct Form {
  /// Of the whole sequence; 0 if no sequence starts so.
  size_t length;
  uint8_t second_low;
  uint8_t second_high;
};
} // namespace

/// Table 3-7 of the Unicode Standard.
static Form form_of(uint8_t first) {
  if (first < 0x80)
    return {1, 0, 0};
  if (first < 0xC2 || first > 0xF4)
    return {0, 0, 0};
  if (first < 0xE0)
    return {2, 0x80, 0xBF};
  if (first < 0xF0)
    return {3, uint8_t(first == 0xE0 ? 0xA0 : 0x80),
            uint8_t(first == 0xED ? 0x9F : 0xBF)};
  return {4, uint8_t(first == 0xF0 ? 0x90 : 0x80),
          uint8_t(first == 0xF4 ? 0x8F : 0xBF)};
}

/// How many bytes at the start of `text` keep to `form`.
static size_t matching_bytes(std::string_view text, const Form &form) {
  size_t end = std::min(text.size(), form.length);
  for (size_t i = 1; i < end; ++i) {
    uint8_t low = i == 1 ? form.second_low : 0x80;
    uint8_t high = i == 1 ? form.second_high : 0xBF;
    uint8_t byte = uint8_t(text[i]);
    if (byte < low || byte > high)
      return i;
  }
  return end;
}

size_t sequence_length(std::string_view text) {
  Form form = form_of(uint8_t(text[0]));
  return matching_bytes(text, form) == form.length ? form.length : 0;
}

bool is_well_formed(std::string_view text) {
  while (!text.empty()) {
    size_t length = sequence_length(text);
    if (length == 0)
      return false;
    text.remove_prefix(length);
  }
  return true;
}

bool is_cut_sequence(std::string_view text) {
  Form form = form_of(uint8_t(text[0]));
  return text.size() < form.length && matching_bytes(text, form) == text.size();
}

char32_t code_point(std::string_view sequence) {
  uint8_t first = uint8_t(sequence[0]);
  if (sequence.size() == 1)
    return first;
  char32_t result = first & (0x7F >> sequence.size());
  for (char c : sequence.substr(1))
    result = (result << 6) | (uint8_t(c) & 0x3F);
  return result;
}

} // namespace lapidary::text
