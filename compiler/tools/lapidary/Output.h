//===- Output.h - Results on standard output --------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Whoever reads the results may stop early (`lapidary ... | head`) and the disk
// behind a redirection may be full: both are noticed, neither is a crash.
#ifndef LAPIDARY_COMPILER_TOOLS_LAPIDARY_OUTPUT_H
#define LAPIDARY_COMPILER_TOOLS_LAPIDARY_OUTPUT_H

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace lapidary::tool {

/// Thrown when nobody reads standard output any more; the program then ends
/// without a message and with success.
struct ReaderGone {};

/// Writes to standard output. Throws ReaderGone, or a Failure when it cannot
/// be written.
void print(std::string_view text);

/// Makes sure that what was printed has arrived; throws as `print` does.
void flushOutput();

/// Prints a document over several lines.
void printJson(const nlohmann::ordered_json &document);

/// Prints a document on one line.
void printJsonLine(const nlohmann::ordered_json &document);

/// Columns of text, the first one left-aligned, and as wide as they need.
class Table {
public:
  explicit Table(std::vector<std::string> header) { addRow(std::move(header)); }
  void addRow(std::vector<std::string> row) { rows.push_back(std::move(row)); }
  /// Aligns a column to the left: names, not numbers.
  void alignLeft(size_t column) { leftColumns.push_back(column); }
  std::string getText() const;

private:
  std::vector<std::vector<std::string>> rows;
  std::vector<size_t> leftColumns = {0};
};

/// `bytes` in KiB, MiB or GiB with three digits.
std::string formatBytes(uint64_t bytes);

/// `value` with a few significant digits and k, M, G or T.
std::string formatCount(double value);

/// `value` with `digits` digits after the point.
std::string formatFixed(double value, int digits);

} // namespace lapidary::tool

#endif // LAPIDARY_COMPILER_TOOLS_LAPIDARY_OUTPUT_H
