//===- work.cpp - What a command reads and computes -----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/work.h"

#include <algorithm>
#include <span>
#include <vector>

using namespace lapidary;

namespace {
/// What rows see of the past.
struct Seen {
  /// Pairs of a row and a position that it sees.
  uint64_t pairs = 0;
  /// Positions that any row of their sequence sees.
  uint64_t keys = 0;
};

/// Where attention looks.
struct Sight {
  const schema::CacheGroup *cache = nullptr;
  uint32_t group = 0;
  /// Whether rows see positions behind their own.
  bool ahead = false;
};
} // namespace

static Sight sight_of(const schema::Artifact &artifact,
                      const schema::Command &command) {
  Sight sight;
  for (const schema::Operand *operand : *command.operands()) {
    sight.ahead |= operand->kind() == schema::OperandKind::Ends;
    if (operand->kind() != schema::OperandKind::Pages || sight.cache)
      continue;
    sight.group = static_cast<uint32_t>(operand->value());
    sight.cache = artifact.caches()->Get(sight.group);
  }
  return sight;
}

static Seen count_seen(const Sight &sight, std::span<const int32_t> rows,
                       const StepInputs &inputs) {
  Seen seen;
  void **sequence = nullptr;
  uint64_t seen_to = 0;
  for (int32_t row : rows) {
    uint64_t own = uint64_t(inputs.positions[row]) + 1;
    uint64_t last = sight.ahead ? uint64_t(inputs.ends[row]) : own;
    uint64_t window = sight.cache->window();
    uint64_t first = window && own > window ? own - window : 0;
    seen.pairs += last - first;
    void **pages = inputs.pages[sight.group][row];
    if (pages == sequence)
      first = std::max(first, seen_to);
    seen.keys += last > first ? last - first : 0;
    sequence = pages;
    seen_to = last;
  }
  return seen;
}

Work lapidary::work_of(const schema::Artifact &artifact,
                       const schema::Command &command, const StepSizes &sizes,
                       const StepInputs &inputs) {
  bool wanted = command.rows() == schema::GridUnit::Wanted;
  uint64_t count = static_cast<uint64_t>(wanted ? sizes.wanted : sizes.rows);
  if (count == 0)
    return {};
  Work work{command.weight_bytes(), 0, count * command.flops_per_row()};
  if (command.flops_per_key() == 0)
    return work;
  Sight sight = sight_of(artifact, command);
  if (!sight.cache)
    return work;
  std::vector<int32_t> rows(count);
  for (size_t i = 0; i < rows.size(); i++)
    rows[i] = wanted ? inputs.wanted[i] : static_cast<int32_t>(i);
  Seen seen = count_seen(sight, rows, inputs);
  work.kv_bytes = seen.keys * command.bytes_per_key();
  work.flops += seen.pairs * command.flops_per_key();
  return work;
}
