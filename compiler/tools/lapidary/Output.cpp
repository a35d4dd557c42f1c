//===- Output.cpp - Results on standard output ------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/Output.h"
#include "compiler/tools/lapidary/Failure.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

using namespace lapidary;
using namespace lapidary::tool;

[[noreturn]] static void failOutput() {
  if (errno == EPIPE)
    throw ReaderGone();
  failInput("cannot write to standard output: ", std::strerror(errno));
}

void tool::print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size())
    failOutput();
}

void tool::flushOutput() {
  if (std::fflush(stdout) != 0)
    failOutput();
}

static void printDocument(const nlohmann::ordered_json &document, int indent) {
  // Texts of models and files may hold anything; what is printed is UTF-8.
  auto replace = nlohmann::ordered_json::error_handler_t::replace;
  print(document.dump(indent, ' ', /*ensure_ascii=*/false, replace) + "\n");
}

void tool::printJson(const nlohmann::ordered_json &document) {
  printDocument(document, 2);
}

void tool::printJsonLine(const nlohmann::ordered_json &document) {
  printDocument(document, -1);
}

std::string Table::getText() const {
  std::vector<size_t> widths(rows.front().size());
  for (const auto &row : rows)
    for (size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (const auto &row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      std::string space(widths[i] - row[i].size(), ' ');
      bool left = std::ranges::count(leftColumns, i);
      line += (i ? "  " : "") + (left ? row[i] + space : space + row[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string tool::formatFixed(double value, int digits) {
  char buffer[64];
  std::snprintf(buffer, sizeof(buffer), "%.*f", digits, value);
  return buffer;
}

/// Three significant digits of a value below some thousands.
static std::string formatShort(double value) {
  return formatFixed(value, value < 10 ? 2 : value < 100 ? 1 : 0);
}

std::string tool::formatBytes(uint64_t bytes) {
  if (bytes < 1024)
    return std::to_string(bytes) + " B";
  static constexpr const char *units[] = {"KiB", "MiB", "GiB", "TiB"};
  double value = bytes / 1024.0;
  size_t unit = 0;
  for (; value >= 1024 && unit + 1 < std::size(units); ++unit)
    value /= 1024;
  return formatShort(value) + " " + units[unit];
}

std::string tool::formatCount(double value) {
  static constexpr const char *units[] = {"", " k", " M", " G", " T", " P"};
  size_t unit = 0;
  for (; value >= 1000 && unit + 1 < std::size(units); ++unit)
    value /= 1000;
  bool whole = unit == 0 && value == static_cast<uint64_t>(value);
  return (whole ? formatFixed(value, 0) : formatShort(value)) + units[unit];
}
