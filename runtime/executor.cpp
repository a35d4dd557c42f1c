//===- executor.cpp - Walks the command lists of an artifact --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/executor.h"
#include "runtime/candidates.h"

#include <algorithm>
#include <chrono>
#include <numeric>

using namespace lapidary;

/// A thread takes this part of its share of what is left of a command: long
/// stretches of weights first, in which a stream gets going, single slices
/// last, so that all threads end together.
static constexpr uint64_t takes_of_share = 2;

/// Distance between memory of two threads, so that no prefetcher pulls a line
/// of one into the cache of another.
static constexpr size_t thread_spacing = 4096;

static size_t round_up(size_t value, size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

static int64_t units_of(schema::GridUnit unit, const StepSizes &sizes) {
  switch (unit) {
  case schema::GridUnit::One:
    return 1;
  case schema::GridUnit::Row:
    return sizes.rows;
  case schema::GridUnit::Block:
    return sizes.blocks;
  case schema::GridUnit::Wanted:
    return sizes.wanted;
  }
  __builtin_unreachable();
}

Executor::Executor(const Artifact &artifact, const schema::Variant &variant,
                   const std::byte *code, unsigned threads)
    : artifact_(artifact),
      team_(threads, [this](unsigned thread) { work(thread); }) {
  for (const schema::Program *program : *artifact.root().programs())
    max_rows_ = std::max(max_rows_, program->max_rows());
  allocate_inputs();
  allocate_arena();
  for (const schema::Program *program : *artifact.root().programs())
    programs_.push_back(prepare(*program, variant, code));
  for (const schema::Program *limit : artifact.limits())
    limits_.push_back(prepare(*limit, variant, code));
}

/// Numbers of the widest row of each input.
std::vector<size_t> Executor::input_strides() const {
  std::vector<size_t> strides;
  for (const schema::Function *function : *artifact_.root().functions()) {
    size_t count = function->inputs()->size();
    strides.resize(std::max(strides.size(), count));
    for (size_t i = 0; i < count; i++)
      strides[i] =
          std::max<size_t>(strides[i], function->inputs()->Get(i)->stride());
  }
  return strides;
}

/// 64-bit words of which columns may be among the best, at most.
size_t Executor::allowed_words() const {
  size_t words = 0;
  for (const schema::Function *function : *artifact_.root().functions())
    if (function->best_rows() > 0)
      words = std::max(words, function->best_rows() *
                                  bit_words(function->results()->Get(0)));
  return words;
}

void Executor::allocate_inputs() {
  // Rounded up, so that kernels may read past the last row.
  size_t rows = round_up(max_rows_, 64);
  size_t numbers = rows * sizeof(int32_t);
  size_t pointers = rows * sizeof(void **);
  size_t groups = artifact_.root().caches()->size();
  size_t allowed = allowed_words();
  std::vector<size_t> strides = input_strides();
  size_t per_row = std::accumulate(strides.begin(), strides.end(), size_t(0));
  input_memory_ =
      Memory(7 * numbers + groups * pointers + allowed * sizeof(uint64_t) +
                 rows * per_row * sizeof(float),
             "step inputs");

  std::byte *next = input_memory_.data();
  auto take = [&next](size_t size) { return std::exchange(next, next + size); };
  inputs_.tokens = reinterpret_cast<int32_t *>(take(numbers));
  inputs_.positions = reinterpret_cast<int32_t *>(take(numbers));
  inputs_.ends = reinterpret_cast<int32_t *>(take(numbers));
  inputs_.source_ends = reinterpret_cast<int32_t *>(take(numbers));
  inputs_.blocks = reinterpret_cast<StepInputs::Block *>(take(2 * numbers));
  inputs_.wanted = reinterpret_cast<int32_t *>(take(numbers));
  for (size_t group = 0; group < groups; group++)
    inputs_.pages.push_back(reinterpret_cast<void ***>(take(pointers)));
  inputs_.allowed =
      reinterpret_cast<uint64_t *>(take(allowed * sizeof(uint64_t)));
  for (size_t stride : strides)
    inputs_.rows.push_back(
        reinterpret_cast<float *>(take(rows * stride * sizeof(float))));
}

void Executor::allocate_arena() {
  size_t arena = 0, scratch = 0;
  auto make_room = [&](const schema::Program &program) {
    arena = std::max<size_t>(arena, program.arena_bytes());
    scratch = std::max<size_t>(scratch, program.scratch_bytes());
  };
  for (const schema::Program *program : *artifact_.root().programs())
    make_room(*program);
  for (const schema::Program *limit : artifact_.limits())
    make_room(*limit);
  arena_ = Memory(arena, "activations");
  scratch_stride_ = round_up(scratch, thread_spacing);
  scratch_ = Memory(scratch_stride_ * team_.size(), "scratch of threads");
}

void *Executor::resolve(const schema::Operand &operand) const {
  switch (operand.kind()) {
  case schema::OperandKind::Arena:
    return arena_.data() + operand.value();
  case schema::OperandKind::Weight:
    // Kernels take weights and results alike; those are never written.
    return const_cast<std::byte *>(artifact_.weights().data()) +
           operand.value();
  case schema::OperandKind::Tokens:
    return inputs_.tokens;
  case schema::OperandKind::Positions:
    return inputs_.positions;
  case schema::OperandKind::Blocks:
    return inputs_.blocks;
  case schema::OperandKind::Wanted:
    return inputs_.wanted;
  case schema::OperandKind::Allowed:
    return inputs_.allowed;
  case schema::OperandKind::Pages:
    return inputs_.pages[operand.value()];
  case schema::OperandKind::Result:
  case schema::OperandKind::Best:
    return nullptr;
  case schema::OperandKind::Ends:
    return inputs_.ends;
  case schema::OperandKind::SourceEnds:
    return inputs_.source_ends;
  case schema::OperandKind::Input:
    return inputs_.rows[operand.value()];
  case schema::OperandKind::Immediate:
    return reinterpret_cast<void *>(static_cast<uintptr_t>(operand.value()));
  }
  __builtin_unreachable();
}

Executor::PreparedProgram Executor::prepare(const schema::Program &program,
                                            const schema::Variant &variant,
                                            const std::byte *code) const {
  PreparedProgram prepared{&program, {}, {}, {}, {}, {}};
  for (const schema::Command *command : *program.commands()) {
    uint64_t entry = variant.entries()->Get(command->kernel());
    prepared.commands.push_back(
        {reinterpret_cast<Kernel>(reinterpret_cast<uintptr_t>(code + entry)),
         prepared.operands.size(), command->unit(), command->slices(),
         command->purpose()});
    for (const schema::Operand *operand : *command->operands()) {
      if (operand->kind() == schema::OperandKind::Result)
        prepared.result_operands.emplace_back(prepared.operands.size(),
                                              operand->value());
      if (operand->kind() == schema::OperandKind::Best)
        prepared.best_operands.push_back(prepared.operands.size());
      prepared.operands.push_back(resolve(*operand));
    }
  }
  prepared.profile.resize(prepared.commands.size());
  return prepared;
}

uint64_t Executor::memory_bytes() const {
  return arena_.size() + scratch_.size() + input_memory_.size();
}

uint32_t Executor::max_rows(size_t function) const {
  uint32_t rows = 0;
  for (const PreparedProgram &program : programs_)
    if (program.facts->function() == function)
      rows = std::max(rows, program.facts->max_rows());
  return rows;
}

size_t Executor::choose_program(size_t function, uint32_t rows) const {
  auto fits = [function, rows](const PreparedProgram &program) {
    return program.facts->function() == function &&
           program.facts->min_rows() <= rows &&
           rows <= program.facts->max_rows();
  };
  return std::find_if(programs_.begin(), programs_.end(), fits) -
         programs_.begin();
}

void Executor::run(size_t index, const StepSizes &sizes,
                   std::span<float *const> results, int64_t *best) {
  PreparedProgram &program = programs_[index];
  for (size_t operand : program.best_operands)
    program.operands[operand] = best;
  for (auto [operand, result] : program.result_operands)
    program.operands[operand] = results[result];
  run(program, sizes);
}

void Executor::run(PreparedProgram &program, const StepSizes &sizes) {
  {
    std::lock_guard lock(job_mutex_);
    job_ = {&program, sizes, queue_.stage()};
  }
  team_.run();
}

void Executor::work(unsigned thread) {
  Job job;
  {
    std::lock_guard lock(job_mutex_);
    job = job_;
  }
  walk(job, thread);
}

CommandProfile Executor::measure_limit(size_t index) {
  using Clock = std::chrono::steady_clock;
  PreparedProgram &program = limits_[index];
  const StepSizes sizes{1, 0, 0};
  Clock::time_point begin = Clock::now();
  run(program, sizes);
  double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  return {1, seconds,
          work_of(artifact_.root(), *program.facts->commands()->Get(0), sizes,
                  inputs_)};
}

namespace {
/// Times the commands of a walk.
class CommandTimer {
public:
  /// Ends a command and begins the next; `count` tells what it did.
  template <typename Count>
  void end_command(CommandProfile &profile, Count count) {
    Clock::time_point end = Clock::now();
    profile.runs++;
    profile.seconds += std::chrono::duration<double>(end - begin).count();
    profile.work += count();
    begin = Clock::now();
  }

private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point begin = Clock::now();
};
} // namespace

// Emitted code has no type information for the sanitizer to look at.
__attribute__((no_sanitize("function"))) static void
call(Kernel kernel, void *const *operands, const StepSizes &sizes,
     void *scratch, uint64_t begin, uint64_t end) {
  const int64_t counts[] = {sizes.rows, sizes.blocks, sizes.wanted, sizes.best};
  kernel(operands, counts, scratch, static_cast<int64_t>(begin),
         static_cast<int64_t>(end));
}

void Executor::walk(const Job &job, unsigned thread) {
  PreparedProgram &program = *job.program;
  std::byte *scratch = scratch_.data() + thread * scratch_stride_;
  const bool timed = thread == 0 && profiling_;
  CommandTimer timer;
  auto left_out =
      job.sizes.best > 0 ? schema::Purpose::Logits : schema::Purpose::Best;
  uint32_t stage = job.first_stage;
  Turn turn(team_.size());
  for (size_t i = 0; i < program.commands.size(); i++) {
    const Command &command = program.commands[i];
    uint64_t total =
        units_of(command.unit, job.sizes) * uint64_t(command.slices);
    if (total == 0 || command.purpose == left_out)
      continue;
    void *const *operands = program.operands.data() + command.operands;
    uint64_t shares = takes_of_share * team_.size();
    queue_.run_stage(
        stage++, total, shares, turn, [&](uint64_t begin, uint64_t end) {
          call(command.kernel, operands, job.sizes, scratch, begin, end);
        });
    if (timed)
      timer.end_command(program.profile[i], [&] {
        return work_of(
            artifact_.root(),
            *program.facts->commands()->Get(static_cast<uint32_t>(i)),
            job.sizes, inputs_);
      });
  }
}

void Executor::set_profiling(bool on) {
  profiling_ = on;
  if (!on)
    return;
  for (PreparedProgram &program : programs_)
    program.profile.assign(program.commands.size(), {});
}
