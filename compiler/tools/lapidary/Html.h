//===- Html.h - Pieces of pages ---------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_COMPILER_TOOLS_LAPIDARY_HTML_H
#define LAPIDARY_COMPILER_TOOLS_LAPIDARY_HTML_H

#include <string>
#include <string_view>

namespace lapidary::tool {

/// Text with the characters replaced that mean something in HTML.
std::string escape(std::string_view text);

/// Table cells; of numbers, aligned to the right.
std::string cell(const std::string &text);
std::string numberCell(const std::string &text);

/// A page that needs no other file. `title` is escaped.
std::string renderPage(const std::string &title, const std::string &body);

} // namespace lapidary::tool

#endif // LAPIDARY_COMPILER_TOOLS_LAPIDARY_HTML_H
