//===- executor.h - Walks the command lists of an artifact ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// All threads walk the list together and take chunks of a command's slices; the
// next command begins when all are done, so that it finds what it reads. Who
// computes which slice is chance; what comes out is not. A thread that comes
// when a run is over finds no slices.
#ifndef LAPIDARY_RUNTIME_EXECUTOR_H
#define LAPIDARY_RUNTIME_EXECUTOR_H

#include "runtime/artifact.h"
#include "runtime/memory.h"
#include "runtime/slice_queue.h"
#include "runtime/step.h"
#include "runtime/thread_team.h"
#include "runtime/work.h"

#include <cstdint>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace lapidary {

/// A kernel's machine code; see `Variant` in schema/artifact.fbs.
using Kernel = void (*)(void *const *operands, const int64_t *sizes,
                        void *scratch, int64_t begin, int64_t end);

/// What was measured for one command, over all runs.
struct CommandProfile {
  uint64_t runs = 0;
  double seconds = 0;
  Work work;
};

/// Runs the programs of one artifact; owns all the memory that they need.
class Executor {
public:
  /// `code` is where the code of `variant` begins.
  Executor(const Artifact &artifact, const schema::Variant &variant,
           const std::byte *code, unsigned threads);

  unsigned threads() const { return team_.size(); }
  size_t function_count() const { return artifact_.root().functions()->size(); }
  const schema::Function &function(size_t index) const {
    return *artifact_.root().functions()->Get(index);
  }
  /// Rows that the widest program takes, of all functions or of one.
  uint32_t max_rows() const { return max_rows_; }
  uint32_t max_rows(size_t function) const;
  /// Bytes of arena, scratch and inputs.
  uint64_t memory_bytes() const;

  /// The first program of a function for runs of `rows` rows, 1 to
  /// max_rows(function).
  size_t choose_program(size_t function, uint32_t rows) const;
  const schema::Program &program(size_t index) const {
    return *programs_[index].facts;
  }

  /// Where to write what the next run is told.
  StepInputs &inputs() { return inputs_; }

  /// Runs a program on inputs(); each of its function's `results` receives
  /// `sizes.wanted` rows. With `sizes.best` instead of the first of them
  /// `best`, aligned to 64 bytes, receives rows of `Function.best` keys.
  void run(size_t program, const StepSizes &sizes,
           std::span<float *const> results, int64_t *best = nullptr);

  size_t limit_count() const { return limits_.size(); }
  /// Runs what measures a limit of the machine, and tells how long it took.
  CommandProfile measure_limit(size_t index);

  /// Starts or ends the timing of commands.
  void set_profiling(bool on);
  /// For each command of a program what was measured.
  const std::vector<CommandProfile> &profile(size_t program) const {
    return programs_[program].profile;
  }

private:
  struct Command {
    Kernel kernel;
    /// Index of the first operand in `PreparedProgram::operands`.
    size_t operands;
    schema::GridUnit unit;
    uint32_t slices;
    schema::Purpose purpose;
  };

  /// A program with everything looked up.
  struct PreparedProgram {
    const schema::Program *facts;
    std::vector<Command> commands;
    std::vector<void *> operands;
    /// Those of `operands` that are results of the run, and which.
    std::vector<std::pair<size_t, size_t>> result_operands;
    /// Those that are the best logits.
    std::vector<size_t> best_operands;
    std::vector<CommandProfile> profile;
  };

  /// What the threads are to do.
  struct Job {
    PreparedProgram *program;
    StepSizes sizes;
    uint32_t first_stage;
  };

  void allocate_inputs();
  std::vector<size_t> input_strides() const;
  size_t allowed_words() const;
  void allocate_arena();
  PreparedProgram prepare(const schema::Program &program,
                          const schema::Variant &variant,
                          const std::byte *code) const;
  void *resolve(const schema::Operand &operand) const;
  void run(PreparedProgram &program, const StepSizes &sizes);
  void work(unsigned thread);
  void walk(const Job &job, unsigned thread);

  const Artifact &artifact_;
  uint32_t max_rows_ = 0;
  Memory arena_;
  Memory scratch_;
  /// Distance between the scratch of two threads.
  size_t scratch_stride_ = 0;
  Memory input_memory_;
  StepInputs inputs_;
  std::vector<PreparedProgram> programs_, limits_;
  SliceQueue queue_;
  bool profiling_ = false;
  /// Guards `job_` against threads that come late.
  std::mutex job_mutex_;
  Job job_{};
  /// Ends before what its threads use.
  ThreadTeam team_;
};

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_EXECUTOR_H
