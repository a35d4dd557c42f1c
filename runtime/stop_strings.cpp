//===- stop_strings.cpp - Ends an answer at a text ------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/stop_strings.h"

#include <algorithm>

using namespace lapidary;

StopStrings::StopStrings(std::vector<std::string> stops)
    : stops_(std::move(stops)) {
  std::erase_if(stops_, [](const std::string &stop) { return stop.empty(); });
}

std::string StopStrings::append(std::string_view text) {
  if (found_)
    return {};
  held_ += text;
  size_t end = std::string::npos;
  for (const std::string &stop : stops_)
    end = std::min(end, held_.find(stop));
  found_ = end != std::string::npos;
  if (!found_)
    end = possible_start();
  std::string certain = held_.substr(0, end);
  held_.erase(0, found_ ? held_.size() : end);
  return certain;
}

/// Where the longest end of the held text begins that is the beginning of a
/// stop string; its size if there is none.
size_t StopStrings::possible_start() const {
  std::string_view held = held_;
  for (size_t start = 0; start < held.size(); start++)
    for (const std::string &stop : stops_)
      if (stop.starts_with(held.substr(start)))
        return start;
  return held.size();
}
