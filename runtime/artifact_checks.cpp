//===- artifact_checks.cpp - Whether an artifact makes sense --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/artifact_checks.h"
#include "runtime/error.h"
#include "runtime/schema/artifact_generated.h"
#include "runtime/schema/file_header.h"
#include "runtime/slice_queue.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string_view>
#include <vector>

using namespace lapidary;

/// Far above anything real; keeps every sum and product below in 64 bits.
static constexpr uint64_t max_bytes = uint64_t(1) << 48;
static constexpr uint64_t max_program_rows = uint64_t(1) << 20;

namespace {
/// One pass over the root table; every member checks one part of it.
class Checker {
public:
  Checker(const std::string &path, const schema::Artifact &artifact,
          uint64_t artifact_size, uint64_t root_begin, uint64_t root_end)
      : path(path), artifact(artifact), artifact_size(artifact_size),
        root_begin(root_begin), root_end(root_end) {}

  void check() {
    check_model();
    check_sections();
    check_overlaps();
    check_caches();
    check_kernels();
    check_functions();
    check_programs();
    check_variants();
    check_weights();
  }

private:
  template <typename... Parts>
  void expect(bool condition, const Parts &...parts) const {
    if (!condition)
      fail(LAPIDARY_BAD_ARTIFACT, path, ": ", parts...);
  }

  /// Checks that the tables in `list` have different names.
  template <typename List>
  void expect_different_names(const char *what, const List &list) const {
    std::set<std::string_view> names;
    for (const auto *entry : list)
      expect(names.insert(entry->name()->string_view()).second, "two ", what,
             "s are called '", entry->name()->string_view(), "'");
  }

  /// Checks what the FlatBuffers verifier does not: that 8-byte numbers in a
  /// list lie at multiples of 8.
  template <typename List>
  void expect_aligned(const char *field, const List &list) const {
    expect(list.size() == 0 ||
               reinterpret_cast<uintptr_t>(list.Data()) % 8 == 0,
           "field '", field, "' is not aligned to 8 bytes");
  }

  void check_model() const;
  void check_token(const char *field, int64_t token) const;
  void check_sections();
  void check_section(const schema::Section &section) const;
  void check_overlaps() const;
  void check_caches() const;
  void check_kernels() const;
  void check_functions() const;
  void check_function(const schema::Function &function) const;
  void check_programs() const;
  void check_program(const schema::Program &program) const;
  void check_limit(const schema::Program &limit) const;
  void check_row_ranges(uint32_t function) const;
  void check_command(const schema::Program &program, size_t index) const;
  void check_operand(const schema::Program &program, size_t command,
                     const schema::Operand &operand) const;
  void check_buffer(const schema::Program &program,
                    const schema::Buffer &buffer) const;
  void check_variants() const;
  void check_variant(const schema::Variant &variant) const;
  void check_weights() const;

  const std::string &path;
  const schema::Artifact &artifact;
  uint64_t artifact_size;
  uint64_t root_begin;
  uint64_t root_end;
  /// Size of the one weights section.
  uint64_t weight_bytes = 0;
};
} // namespace

void Checker::check_token(const char *field, int64_t token) const {
  int64_t vocabulary = artifact.model()->vocabulary();
  expect(token >= 0 && token < vocabulary, "model field '", field,
         "' is token ", token, ", but the vocabulary has ", vocabulary);
}

void Checker::check_model() const {
  const schema::Model &model = *artifact.model();
  constexpr uint32_t limit = std::numeric_limits<int32_t>::max();
  expect(model.vocabulary() > 0 && model.vocabulary() <= limit,
         "model field 'vocabulary' is ", model.vocabulary(), "; expected 1 to ",
         limit);
  expect(model.context() > 0 && model.context() <= limit,
         "model field 'context' is ", model.context(), "; expected 1 to ",
         limit);
  if (model.bos() != -1)
    check_token("bos", model.bos());
  if (model.pad() != -1)
    check_token("pad", model.pad());
  if (model.eos())
    for (int32_t token : *model.eos())
      check_token("eos", token);
  expect(model.temperature() >= 0 && std::isfinite(model.temperature()),
         "model field 'temperature' is ", model.temperature(),
         "; expected 0 or above");
  expect(model.top_p() > 0 && model.top_p() <= 1, "model field 'top_p' is ",
         model.top_p(), "; expected above 0, up to 1");
  expect(model.kind() <= schema::ModelKind::MAX, "model has the unknown kind ",
         int(model.kind()));
  if (model.prompts())
    expect_different_names("prompt", *model.prompts());
}

void Checker::check_sections() {
  int weights = 0, tokenizers = 0;
  for (const schema::Section *section : *artifact.sections()) {
    check_section(*section);
    if (section->kind() == schema::SectionKind::Weights) {
      weights++;
      weight_bytes = section->size();
    }
    tokenizers += section->kind() == schema::SectionKind::Tokenizer;
  }
  expect(weights == 1, "expected one section of kind Weights, but there are ",
         weights);
  expect(tokenizers <= 1,
         "expected at most one section of kind Tokenizer, but there are ",
         tokenizers);
  expect_different_names("section", *artifact.sections());
}

void Checker::check_section(const schema::Section &section) const {
  auto name = section.name()->string_view();
  expect(section.kind() <= schema::SectionKind::MAX, "section '", name,
         "' has the unknown kind ", int(section.kind()));
  expect(section.offset() % schema::kSectionAlignment == 0, "section '", name,
         "' begins at byte ", section.offset(), ", not at a multiple of ",
         schema::kSectionAlignment);
  expect(section.offset() <= artifact_size &&
             section.size() <= artifact_size - section.offset(),
         "section '", name, "' ends at byte ",
         section.size() > max_bytes || section.offset() > max_bytes
             ? "2^48 or above"
             : std::to_string(section.offset() + section.size()),
         ", but the artifact has ", artifact_size, " bytes");
}

void Checker::check_overlaps() const {
  struct Stretch {
    std::string name;
    uint64_t begin, end;
  };
  std::vector<Stretch> stretches = {{"the root table", root_begin, root_end}};
  for (const schema::Section *section : *artifact.sections())
    if (section->size() > 0)
      stretches.push_back({"section '" + section->name()->str() + "'",
                           section->offset(),
                           section->offset() + section->size()});
  std::sort(stretches.begin(), stretches.end(),
            [](const Stretch &left, const Stretch &right) {
              return left.begin < right.begin;
            });
  uint64_t end = sizeof(schema::FileHeader);
  for (const Stretch &stretch : stretches) {
    expect(stretch.begin >= end, stretch.name, " begins at byte ",
           stretch.begin, ", but what lies before it ends at byte ", end);
    end = stretch.end;
  }
}

void Checker::check_caches() const {
  expect_different_names("cache", *artifact.caches());
  for (const schema::CacheGroup *cache : *artifact.caches()) {
    auto name = cache->name()->string_view();
    expect(cache->page_tokens() > 0 || cache->window() == 0, "cache '", name,
           "' field 'page_tokens' is 0, but there is a window of ",
           cache->window());
    expect(cache->page_bytes() > 0 && cache->page_bytes() <= max_bytes,
           "cache '", name, "' field 'page_bytes' is ", cache->page_bytes(),
           "; expected 1 to ", max_bytes);
  }
}

void Checker::check_kernels() const {
  expect_different_names("kernel", *artifact.kernels());
}

/// Widths of rows are at most this.
static constexpr uint32_t max_width = uint32_t(1) << 24;

/// As many of the best logits are found at most, and of as many rows.
static constexpr uint32_t max_best = 4096;

void Checker::check_functions() const {
  expect_different_names("function", *artifact.functions());
  expect(artifact.functions()->size() > 0, "there are no functions");
  for (const schema::Function *function : *artifact.functions())
    check_function(*function);
  const schema::Model &model = *artifact.model();
  if (model.kind() != schema::ModelKind::Text)
    return;
  // All give logits but what reads a source for them.
  for (const schema::Function *function : *artifact.functions())
    expect(function->name()->string_view() == "encode" ||
               function->results()->Get(0) == model.vocabulary(),
           "function '", function->name()->string_view(), "' gives rows of ",
           function->results()->Get(0), " logits, but the vocabulary has ",
           model.vocabulary());
}

void Checker::check_function(const schema::Function &function) const {
  auto name = function.name()->string_view();
  for (const schema::RowsInput *input : *function.inputs())
    expect(input->width() > 0 && input->width() <= input->stride() &&
               input->stride() <= max_width,
           "function '", name, "' takes rows of ", input->width(), " numbers, ",
           input->stride(), " apart");
  expect(function.results()->size() > 0, "function '", name,
         "' has no results");
  for (uint32_t width : *function.results())
    expect(width > 0 && width <= max_width, "function '", name,
           "' gives rows of ", width, " numbers; expected 1 to ", max_width);
  expect(function.best() <= max_best && function.best_rows() <= max_best &&
             (function.best() > 0) == (function.best_rows() > 0),
         "function '", name, "' finds the best ", function.best(),
         " logits of ", function.best_rows(), " rows; expected up to ",
         max_best, " of each, or none of both");
}

void Checker::check_programs() const {
  expect_different_names("program", *artifact.programs());
  for (const schema::Program *program : *artifact.programs())
    check_program(*program);
  for (uint32_t i = 0; i < artifact.functions()->size(); i++)
    check_row_ranges(i);
  if (artifact.limits())
    for (const schema::Program *limit : *artifact.limits())
      check_limit(*limit);
}

/// Every row count up to the largest must have a program, and in one run all
/// rows of a text that is embedded.
void Checker::check_row_ranges(uint32_t function) const {
  auto name = artifact.functions()->Get(function)->name()->string_view();
  uint64_t covered = 0;
  for (const schema::Program *program : *artifact.programs()) {
    if (program->function() != function)
      continue;
    expect(program->min_rows() <= covered + 1, "program '",
           program->name()->string_view(), "' begins at ", program->min_rows(),
           " rows, but those before it end at ", covered);
    covered = std::max<uint64_t>(covered, program->max_rows());
  }
  expect(covered > 0, "function '", name, "' has no programs");
  const schema::Model &model = *artifact.model();
  expect(model.kind() != schema::ModelKind::Embedding ||
             covered >= model.context(),
         "model field 'context' is ", model.context(),
         ", but the widest program of function '", name, "' takes ", covered,
         " rows");
}

void Checker::check_limit(const schema::Program &limit) const {
  check_program(limit);
  expect(limit.commands()->size() == 1, "limit '", limit.name()->string_view(),
         "' has ", limit.commands()->size(), " commands; expected 1");
  for (const schema::Operand *operand : *limit.commands()->Get(0)->operands())
    expect(operand->kind() == schema::OperandKind::Weight, "limit '",
           limit.name()->string_view(), "' has an operand of kind ",
           int(operand->kind()), "; expected a weight");
}

void Checker::check_program(const schema::Program &program) const {
  auto name = program.name()->string_view();
  expect(program.min_rows() > 0 && program.min_rows() <= program.max_rows() &&
             program.max_rows() <= max_program_rows,
         "program '", name, "' is for ", program.min_rows(), " to ",
         program.max_rows(), " rows; expected a range within 1 to ",
         max_program_rows);
  expect(program.function() < artifact.functions()->size(), "program '", name,
         "' is of function ", program.function(), " of ",
         artifact.functions()->size());
  expect(program.block_rows() > 0, "program '", name,
         "' field 'block_rows' is 0");
  expect(program.arena_bytes() <= max_bytes, "program '", name,
         "' field 'arena_bytes' is ", program.arena_bytes());
  expect(program.scratch_bytes() <= max_bytes, "program '", name,
         "' field 'scratch_bytes' is ", program.scratch_bytes());
  for (size_t i = 0; i < program.commands()->size(); i++)
    check_command(program, i);
  for (const schema::Buffer *buffer : *program.buffers())
    check_buffer(program, *buffer);
}

void Checker::check_command(const schema::Program &program,
                            size_t index) const {
  const schema::Command &command = *program.commands()->Get(index);
  auto name = program.name()->string_view();
  expect(command.kernel() < artifact.kernels()->size(), "program '", name,
         "' command ", index, " calls kernel ", command.kernel(), " of ",
         artifact.kernels()->size());
  expect(command.unit() <= schema::GridUnit::MAX, "program '", name,
         "' command ", index, " has the unknown unit ", int(command.unit()));
  expect(command.slices() > 0 &&
             uint64_t(command.slices()) * program.max_rows() <=
                 SliceQueue::max_slices,
         "program '", name, "' command ", index, " field 'slices' is ",
         command.slices());
  expect(command.arithmetic() <= schema::Arithmetic::MAX, "program '", name,
         "' command ", index, " has the unknown arithmetic ",
         int(command.arithmetic()));
  expect(command.purpose() <= schema::Purpose::MAX, "program '", name,
         "' command ", index, " has the unknown purpose ",
         int(command.purpose()));
  expect_aligned("operands", *command.operands());
  for (const schema::Operand *operand : *command.operands())
    check_operand(program, index, *operand);
}

void Checker::check_operand(const schema::Program &program, size_t command,
                            const schema::Operand &operand) const {
  const schema::Function &function =
      *artifact.functions()->Get(program.function());
  uint64_t limit = std::numeric_limits<uint64_t>::max();
  switch (operand.kind()) {
  case schema::OperandKind::Arena:
    limit = program.arena_bytes();
    break;
  case schema::OperandKind::Weight:
    limit = weight_bytes;
    break;
  case schema::OperandKind::Pages:
    limit = artifact.caches()->size();
    break;
  case schema::OperandKind::Result:
    limit = function.results()->size();
    break;
  case schema::OperandKind::Input:
    limit = function.inputs()->size();
    break;
  case schema::OperandKind::Best:
  case schema::OperandKind::Allowed:
    limit = function.best();
    break;
  case schema::OperandKind::Immediate:
    return;
  default:
    expect(operand.kind() <= schema::OperandKind::MAX, "program '",
           program.name()->string_view(), "' command ", command,
           " has an operand of the unknown kind ", int(operand.kind()));
  }
  expect(operand.value() < limit, "program '", program.name()->string_view(),
         "' command ", command, " has the ",
         schema::EnumNameOperandKind(operand.kind()), " operand ",
         operand.value(), "; expected less than ", limit);
}

void Checker::check_buffer(const schema::Program &program,
                           const schema::Buffer &buffer) const {
  auto name = buffer.name()->string_view();
  expect(buffer.offset() <= program.arena_bytes() &&
             buffer.size() <= program.arena_bytes() - buffer.offset(),
         "program '", program.name()->string_view(), "' buffer '", name,
         "' at byte ", buffer.offset(), " with ", buffer.size(),
         " bytes leaves the arena of ", program.arena_bytes());
  expect(buffer.first_command() <= buffer.last_command() &&
             buffer.last_command() < program.commands()->size(),
         "program '", program.name()->string_view(), "' buffer '", name,
         "' lives from command ", buffer.first_command(), " to ",
         buffer.last_command(), " of ", program.commands()->size());
}

void Checker::check_variants() const {
  expect_different_names("variant", *artifact.variants());
  for (const schema::Variant *variant : *artifact.variants())
    check_variant(*variant);
}

void Checker::check_variant(const schema::Variant &variant) const {
  auto name = variant.name()->string_view();
  expect(variant.code() < artifact.sections()->size(), "variant '", name,
         "' has its code in section ", variant.code(), " of ",
         artifact.sections()->size());
  const schema::Section &code = *artifact.sections()->Get(variant.code());
  expect(code.kind() == schema::SectionKind::Code, "variant '", name,
         "' has its code in section '", code.name()->string_view(),
         "' of kind ", schema::EnumNameSectionKind(code.kind()));
  expect_aligned("entries", *variant.entries());
  expect(variant.entries()->size() == artifact.kernels()->size(), "variant '",
         name, "' has ", variant.entries()->size(), " entries for ",
         artifact.kernels()->size(), " kernels");
  for (uint64_t entry : *variant.entries())
    expect(entry < code.size(), "variant '", name, "' has an entry at byte ",
           entry, " of a section of ", code.size());
}

void Checker::check_weights() const {
  expect_different_names("weight", *artifact.weights());
  for (const schema::Weight *weight : *artifact.weights()) {
    expect_aligned("shape", *weight->shape());
    expect(weight->offset() <= weight_bytes &&
               weight->size() <= weight_bytes - weight->offset(),
           "weight '", weight->name()->string_view(), "' at byte ",
           weight->offset(), " with ", weight->size(),
           " bytes leaves the weights section of ", weight_bytes);
    expect(weight->row_bytes() == 0 ||
               weight->size() % weight->row_bytes() == 0,
           "weight '", weight->name()->string_view(), "' has ", weight->size(),
           " bytes, which are no rows of ", weight->row_bytes());
  }
}

void lapidary::check_artifact(const std::string &path,
                              const schema::Artifact &artifact,
                              uint64_t artifact_size, uint64_t root_begin,
                              uint64_t root_end) {
  Checker(path, artifact, artifact_size, root_begin, root_end).check();
}
