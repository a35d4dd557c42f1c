//===- artifact_test.cpp ----------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/artifact.h"
#include "runtime/error.h"
#include "toy_model.h"

#include <cstring>
#include <fstream>
#include <functional>
#include <gmock/gmock.h>
#include <random>

using namespace lapidary;
using namespace lapidary::test;
using testing::HasSubstr;
using testing::StartsWith;

namespace {
/// How opening a file went.
struct Outcome {
  lapidary_status status = LAPIDARY_OK;
  std::string message;
};

/// A file that tests change and open again.
class ArtifactFile : public testing::Test {
protected:
  Outcome open(const Bytes &bytes) const {
    write_file(path_, bytes);
    return open_at(path_);
  }

  /// Opens the file after its bytes from `offset` on became `bytes`.
  Outcome open_changed(size_t offset, std::span<const uint8_t> bytes) const {
    std::fstream file(path_, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(offset);
    file.write(reinterpret_cast<const char *>(bytes.data()), bytes.size());
    file.close();
    return open_at(path_);
  }

  static Outcome open_at(const std::string &path) {
    try {
      Artifact artifact(path, /*verify_weights=*/true);
    } catch (const Error &error) {
      return {error.status(), error.what()};
    }
    return {};
  }

  /// Opens a toy whose root table `change` has made wrong.
  std::string failure(const std::function<void(schema::ArtifactT &)> &change) {
    ArtifactBuilder builder = toy_artifact();
    builder.lay_out();
    change(builder.root);
    Outcome outcome = open(builder.build());
    EXPECT_EQ(outcome.status, LAPIDARY_BAD_ARTIFACT) << outcome.message;
    EXPECT_THAT(outcome.message, StartsWith(path_ + ": "));
    return outcome.message;
  }

  const std::string path_ = temporary_path("artifact.lap");
  const Bytes sound_ = toy_artifact().finish();
};
} // namespace

template <typename Field>
static void patch_header(Bytes &file, size_t offset, Field value) {
  std::memcpy(file.data() + offset, &value, sizeof(value));
}

TEST_F(ArtifactFile, Opens) {
  write_file(path_, sound_);
  Artifact artifact(path_);
  EXPECT_EQ(artifact.path(), path_);
  EXPECT_EQ(artifact.root().model()->name()->str(), "toy");
  EXPECT_EQ(artifact.size(), sound_.size());
  EXPECT_EQ(artifact.weights().size(), toy_vocabulary * 4u);
  EXPECT_FALSE(artifact.tokenizer().empty());
}

TEST_F(ArtifactFile, OpensBehindAProgram) {
  Bytes program(100000, 0x90);
  write_file(path_, append_to_program(program, sound_));
  Artifact artifact(path_);
  EXPECT_EQ(artifact.size(), sound_.size());
  EXPECT_EQ(artifact.root().model()->name()->str(), "toy");
}

TEST_F(ArtifactFile, MakesCodeCallable) {
  write_file(path_, sound_);
  Artifact artifact(path_);
  const std::byte *code =
      artifact.load_code(*artifact.root().variants()->Get(0));
  Bytes kernels = read_file(TOY_KERNELS);
  EXPECT_EQ(std::memcmp(code, kernels.data(), kernels.size()), 0);
}

TEST_F(ArtifactFile, NamesFilesThatItCannotRead) {
  Outcome missing = open_at(path_ + ".missing");
  EXPECT_EQ(missing.status, LAPIDARY_FILE_ERROR);
  EXPECT_EQ(missing.message,
            path_ + ".missing: cannot open: No such file or directory");
  Outcome directory = open_at(testing::TempDir());
  EXPECT_EQ(directory.status, LAPIDARY_FILE_ERROR);
  EXPECT_THAT(directory.message, HasSubstr("but it is a directory"));
}

TEST_F(ArtifactFile, RefusesOtherFiles) {
  for (const Bytes &bytes :
       {Bytes(), Bytes(10), Bytes(63, 'L'), Bytes(100000, 'x')}) {
    Outcome outcome = open(bytes);
    EXPECT_EQ(outcome.status, LAPIDARY_FILE_ERROR);
    EXPECT_THAT(outcome.message, HasSubstr("not a Lapidary artifact"));
  }
}

TEST_F(ArtifactFile, RefusesNewerVersions) {
  Bytes file = sound_;
  patch_header(file, offsetof(schema::FileHeader, format_version),
               schema::kFormatVersion + 1);
  Outcome outcome = open(file);
  EXPECT_EQ(outcome.status, LAPIDARY_NEWER_ARTIFACT);
  EXPECT_THAT(outcome.message, HasSubstr("has format version 4, but this "
                                         "Lapidary reads up to version 3"));
}

TEST_F(ArtifactFile, RefusesOlderVersions) {
  Bytes file = sound_;
  patch_header(file, offsetof(schema::FileHeader, format_version),
               schema::kFormatVersion - 1);
  Outcome outcome = open(file);
  EXPECT_EQ(outcome.status, LAPIDARY_BAD_ARTIFACT);
  EXPECT_THAT(outcome.message, HasSubstr("has format version 2, but this "
                                         "Lapidary reads version 3"));
}

TEST_F(ArtifactFile, RefusesEveryTruncation) {
  std::vector<size_t> ends = {
      0, 1, 7, 8, 31, 32, 63, 64, 65, 100, sound_.size() - 1};
  for (size_t end = 0; end < sound_.size(); end += 4093)
    ends.push_back(end);
  for (size_t end = 65536; end < sound_.size(); end += 65536)
    for (size_t near : {end - 1, end, end + 1})
      ends.push_back(near);
  for (size_t end : ends) {
    Bytes file(sound_.begin(), sound_.begin() + end);
    EXPECT_NE(open(file).status, LAPIDARY_OK) << end;
    // Also when the header agrees.
    if (end >= sizeof(schema::FileHeader)) {
      patch_header(file, offsetof(schema::FileHeader, file_size),
                   uint64_t(end));
      EXPECT_EQ(open(file).status, LAPIDARY_BAD_ARTIFACT) << end;
    }
  }
}

TEST_F(ArtifactFile, SaysHowMuchIsMissing) {
  Bytes file(sound_.begin(), sound_.end() - 10);
  EXPECT_THAT(open(file).message,
              HasSubstr("header field 'file_size' is " +
                        std::to_string(sound_.size()) + ", but there are " +
                        std::to_string(file.size()) + " bytes"));
}

/// Whether a changed byte at `offset` is noticed: only padding is not.
static bool is_covered(const Bytes &file, const schema::ArtifactT &root,
                       size_t offset) {
  schema::FileHeader header;
  std::memcpy(&header, file.data(), sizeof(header));
  if (offset < header.root_offset + header.root_size)
    return offset < offsetof(schema::FileHeader, reserved) ||
           (offset >= offsetof(schema::FileHeader, file_size) &&
            offset < offsetof(schema::FileHeader, padding)) ||
           offset >= header.root_offset;
  for (const auto &section : root.sections)
    if (offset >= section->offset && offset < section->offset + section->size)
      return true;
  return false;
}

TEST_F(ArtifactFile, NoticesEveryChangedByte) {
  ArtifactBuilder builder = toy_artifact();
  Bytes file = builder.finish();
  EXPECT_EQ(open(file).status, LAPIDARY_OK);
  // Steps through the long parts keep this test short.
  for (size_t offset = 0; offset < file.size();
       offset += offset < 512 ? 1 : 7) {
    uint8_t changed = file[offset] ^ 1 << offset % 8;
    bool noticed = open_changed(offset, {&changed, 1}).status != LAPIDARY_OK;
    EXPECT_EQ(noticed, is_covered(file, builder.root, offset)) << offset;
    open_changed(offset, {&file[offset], 1});
  }
}

TEST_F(ArtifactFile, SaysWhichSectionIsDamaged) {
  ArtifactBuilder builder = toy_artifact();
  Bytes file = builder.finish();
  file[builder.root.sections[0]->offset] ^= 1;
  EXPECT_THAT(open(file).message, HasSubstr("section 'weights' is damaged"));
}

/// Any outcome but a crash is right.
TEST_F(ArtifactFile, SurvivesAnyRootWithTheRightSum) {
  open(sound_);
  std::minstd_rand random(3);
  Bytes begin(sound_.begin(), sound_.begin() + schema::kSectionAlignment);
  size_t size = root_of(begin).size();
  const uint32_t values[] = {0, 1, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff};
  for (size_t offset = 0; offset + 4 <= size; offset += 4) {
    Bytes changed = begin;
    uint32_t value = values[random() % std::size(values)];
    std::memcpy(root_of(changed).data() + offset, &value, sizeof(value));
    fix_root_sum(changed);
    open_changed(0, changed);
  }
  for (int repeat = 0; repeat < 2000; repeat++) {
    Bytes changed = begin;
    for (int i = 0; i < 3; i++)
      root_of(changed)[random() % size] = static_cast<uint8_t>(random());
    fix_root_sum(changed);
    open_changed(0, changed);
  }
}

TEST_F(ArtifactFile, RefusesHeadersThatPointOutside) {
  for (uint64_t offset : {uint64_t(0), uint64_t(60), uint64_t(68), ~uint64_t(7),
                          uint64_t(sound_.size())}) {
    Bytes file = sound_;
    patch_header(file, offsetof(schema::FileHeader, root_offset), offset);
    EXPECT_THAT(open(file).message, HasSubstr("header puts a root table"))
        << offset;
  }
  Bytes file = sound_;
  patch_header(file, offsetof(schema::FileHeader, root_size), ~uint64_t(0));
  EXPECT_THAT(open(file).message, HasSubstr("header puts a root table"));
}

TEST_F(ArtifactFile, RefusesTrailersThatPointOutside) {
  Bytes whole = append_to_program(Bytes(100000), sound_);
  size_t trailer = whole.size() - sizeof(schema::FileTrailer);
  for (uint64_t offset :
       {uint64_t(1), uint64_t(whole.size()), ~uint64_t(65535)}) {
    Bytes file = whole;
    patch_header(file, trailer, offset);
    EXPECT_THAT(open(file).message, HasSubstr("the trailer puts an artifact"));
  }
  for (uint64_t size :
       {uint64_t(0), uint64_t(63), uint64_t(whole.size()), ~uint64_t(0)}) {
    Bytes file = whole;
    patch_header(file, trailer + 8, size);
    EXPECT_THAT(open(file).message, HasSubstr("the trailer puts an artifact"));
  }
  Bytes file = whole;
  patch_header(file, trailer, uint64_t(0));
  EXPECT_THAT(open(file).message,
              HasSubstr("something that is not an artifact"));
}

//===----------------------------------------------------------------------===//
// Numbers of the root table
//===----------------------------------------------------------------------===//

TEST_F(ArtifactFile, ChecksTheModel) {
  EXPECT_THAT(failure([](auto &root) { root.model->vocabulary = 0; }),
              HasSubstr("model field 'vocabulary' is 0; expected 1 to"));
  EXPECT_THAT(failure([](auto &root) { root.model->context = 0x80000000; }),
              HasSubstr("model field 'context' is 2147483648"));
  EXPECT_THAT(failure([](auto &root) { root.model->bos = 264; }),
              HasSubstr("model field 'bos' is token 264, but the vocabulary "
                        "has 264"));
  EXPECT_THAT(failure([](auto &root) { root.model->pad = -2; }),
              HasSubstr("model field 'pad' is token -2"));
  EXPECT_THAT(failure([](auto &root) { root.model->eos.push_back(-1); }),
              HasSubstr("model field 'eos' is token -1"));
  EXPECT_THAT(failure([](auto &root) { root.model->temperature = -1; }),
              HasSubstr("model field 'temperature' is -1"));
  EXPECT_THAT(failure([](auto &root) { root.model->top_p = 0; }),
              HasSubstr("model field 'top_p' is 0"));
  EXPECT_THAT(
      failure([](auto &root) { root.model->kind = schema::ModelKind(2); }),
      HasSubstr("model has the unknown kind 2"));
}

TEST_F(ArtifactFile, ChecksModelsThatEmbed) {
  EXPECT_THAT(failure([](auto &root) {
                root.model->kind = schema::ModelKind::Embedding;
                root.model->context = 17;
              }),
              HasSubstr("model field 'context' is 17, but the widest program "
                        "of function 'text' takes 16 rows"));
  EXPECT_THAT(failure([](auto &root) {
                for (int i = 0; i < 2; i++) {
                  root.model->prompts.push_back(
                      std::make_unique<schema::PromptT>());
                  root.model->prompts.back()->name = "query";
                }
              }),
              HasSubstr("two prompts are called 'query'"));
}

TEST_F(ArtifactFile, ChecksFunctions) {
  EXPECT_THAT(failure([](auto &root) { root.functions[0]->best = 9; }),
              HasSubstr("function 'text' finds the best 9 logits of 0 rows; "
                        "expected up to 4096 of each, or none of both"));
  EXPECT_THAT(failure([](auto &root) { root.functions.clear(); }),
              HasSubstr("there are no functions"));
  EXPECT_THAT(failure([](auto &root) { root.functions[0]->results.clear(); }),
              HasSubstr("function 'text' has no results"));
  EXPECT_THAT(failure([](auto &root) { root.functions[0]->results[0] = 9; }),
              HasSubstr("function 'text' gives rows of 9 logits, but the "
                        "vocabulary has 264"));
  EXPECT_THAT(failure([](auto &root) {
                root.functions.push_back(
                    std::make_unique<schema::FunctionT>(*root.functions[0]));
                root.functions[1]->name = "text.small";
                root.functions[1]->results[0] = 9;
              }),
              HasSubstr("function 'text.small' gives rows of 9 logits, but the "
                        "vocabulary has 264"));
  EXPECT_THAT(
      failure([](auto &root) { root.functions[0]->results = {264, 0}; }),
      HasSubstr("function 'text' gives rows of 0 numbers; expected 1"));
  EXPECT_THAT(failure([](auto &root) {
                root.functions[0]->inputs.push_back(
                    std::make_unique<schema::RowsInputT>());
                root.functions[0]->inputs[0]->width = 5;
                root.functions[0]->inputs[0]->stride = 4;
              }),
              HasSubstr("function 'text' takes rows of 5 numbers, 4 apart"));
  EXPECT_THAT(failure([](auto &root) {
                root.functions.push_back(std::make_unique<schema::FunctionT>());
                root.functions[1]->name = "draft";
              }),
              HasSubstr("function 'draft' has no results"));
  EXPECT_THAT(failure([](auto &root) {
                root.functions.push_back(
                    std::make_unique<schema::FunctionT>(*root.functions[0]));
                root.functions[1]->name = "draft";
              }),
              HasSubstr("function 'draft' has no programs"));
  EXPECT_THAT(failure([](auto &root) { root.programs[2]->function = 1; }),
              HasSubstr("program 'many' is of function 1 of 1"));
}

TEST_F(ArtifactFile, ChecksSections) {
  EXPECT_THAT(failure([](auto &root) { root.sections[0]->offset += 64; }),
              HasSubstr("section 'weights' begins at byte 65600, not at a "
                        "multiple of 65536"));
  EXPECT_THAT(failure([](auto &root) { root.sections[2]->size = 1000000; }),
              HasSubstr("section 'tokenizer' ends at byte 1196608, but the "
                        "artifact has"));
  EXPECT_THAT(failure([](auto &root) { root.sections[2]->size = ~0ull; }),
              HasSubstr("section 'tokenizer' ends at byte 2^48 or above"));
  EXPECT_THAT(failure([](auto &root) { root.sections[1]->offset = 65536; }),
              HasSubstr("begins at byte 65536, but what lies before it ends"));
  EXPECT_THAT(failure([](auto &root) { root.sections[0]->offset = 0; }),
              HasSubstr("section 'weights' begins at byte 0, but what lies "
                        "before it ends"));
  EXPECT_THAT(failure([](auto &root) {
                root.sections[2]->kind = schema::SectionKind(9);
              }),
              HasSubstr("section 'tokenizer' has the unknown kind 9"));
  EXPECT_THAT(failure([](auto &root) {
                root.sections[2]->kind = schema::SectionKind::Weights;
              }),
              HasSubstr("expected one section of kind Weights, but there are "
                        "2"));
  EXPECT_THAT(failure([](auto &root) { root.sections[1]->name = "weights"; }),
              HasSubstr("two sections are called 'weights'"));
}

TEST_F(ArtifactFile, ChecksCaches) {
  EXPECT_THAT(failure([](auto &root) {
                root.caches[0]->page_tokens = 0;
                root.caches[0]->window = 4;
              }),
              HasSubstr("cache 'global' field 'page_tokens' is 0, but there is "
                        "a window of 4"));
  EXPECT_THAT(failure([](auto &root) { root.caches[1]->page_bytes = 0; }),
              HasSubstr("cache 'local' field 'page_bytes' is 0"));
  EXPECT_THAT(failure([](auto &root) { root.caches[1]->page_bytes = ~0ull; }),
              HasSubstr("cache 'local' field 'page_bytes' is"));
}

TEST_F(ArtifactFile, ChecksPrograms) {
  EXPECT_THAT(failure([](auto &root) { root.programs.clear(); }),
              HasSubstr("function 'text' has no programs"));
  EXPECT_THAT(failure([](auto &root) { root.programs[0]->min_rows = 0; }),
              HasSubstr("program 'one' is for 0 to 1 rows"));
  EXPECT_THAT(failure([](auto &root) { root.programs[2]->max_rows = ~0u; }),
              HasSubstr("program 'many' is for 6 to 4294967295 rows"));
  EXPECT_THAT(failure([](auto &root) { root.programs[1]->max_rows = 4; }),
              HasSubstr("program 'many' begins at 6 rows, but those before it "
                        "end at 4"));
  EXPECT_THAT(failure([](auto &root) { root.programs[0]->block_rows = 0; }),
              HasSubstr("program 'one' field 'block_rows' is 0"));
  EXPECT_THAT(
      failure([](auto &root) { root.programs[0]->arena_bytes = ~0ull; }),
      HasSubstr("program 'one' field 'arena_bytes' is"));
  EXPECT_THAT(
      failure([](auto &root) { root.programs[0]->scratch_bytes = ~0ull; }),
      HasSubstr("program 'one' field 'scratch_bytes' is"));
  EXPECT_THAT(failure([](auto &root) { root.programs[1]->name = "one"; }),
              HasSubstr("two programs are called 'one'"));
}

TEST_F(ArtifactFile, ChecksCommands) {
  auto command = [](auto &root) -> auto & {
    return *root.programs[0]->commands[2];
  };
  EXPECT_THAT(failure([&](auto &root) { command(root).kernel = 11; }),
              HasSubstr("program 'one' command 2 calls kernel 11 of 11"));
  EXPECT_THAT(failure([&](auto &root) { command(root).slices = 0; }),
              HasSubstr("program 'one' command 2 field 'slices' is 0"));
  EXPECT_THAT(failure([](auto &root) {
                root.programs[2]->max_rows = 1 << 20;
                root.programs[2]->commands[3]->slices = 1 << 21;
              }),
              HasSubstr("program 'many' command 3 field 'slices' is 2097152"));
  EXPECT_THAT(
      failure([&](auto &root) { command(root).unit = schema::GridUnit(7); }),
      HasSubstr("program 'one' command 2 has the unknown unit 7"));
  EXPECT_THAT(
      failure([&](auto &root) {
        command(root).arithmetic = schema::Arithmetic(9);
      }),
      HasSubstr("program 'one' command 2 has the unknown arithmetic 9"));
  EXPECT_THAT(
      failure([&](auto &root) { command(root).purpose = schema::Purpose(3); }),
      HasSubstr("program 'one' command 2 has the unknown purpose 3"));
}

TEST_F(ArtifactFile, ChecksLimits) {
  EXPECT_THAT(failure([](auto &root) { root.limits[0]->commands.clear(); }),
              HasSubstr("limit 'limit.read' has 0 commands; expected 1"));
  EXPECT_THAT(failure([](auto &root) {
                root.limits[0]->commands[0]->operands = {
                    {schema::OperandKind::Tokens, 0}};
              }),
              HasSubstr("limit 'limit.read' has an operand of kind 2; expected "
                        "a weight"));
}

TEST_F(ArtifactFile, ChecksOperands) {
  using schema::Operand, schema::OperandKind;
  auto with = [this](OperandKind kind, uint64_t value) {
    return failure([&](auto &root) {
      root.programs[0]->commands[1]->operands[0] = Operand(kind, value);
    });
  };
  EXPECT_THAT(with(OperandKind::Arena, 640),
              HasSubstr("program 'one' command 1 has the Arena operand 640; "
                        "expected less than 640"));
  EXPECT_THAT(with(OperandKind::Weight, 1056),
              HasSubstr("Weight operand 1056; expected less than 1056"));
  EXPECT_THAT(with(OperandKind::Pages, 2),
              HasSubstr("Pages operand 2; expected less than 2"));
  EXPECT_THAT(with(OperandKind::Best, 0),
              HasSubstr("Best operand 0; expected less than 0"));
  EXPECT_THAT(with(OperandKind::Allowed, 0),
              HasSubstr("Allowed operand 0; expected less than 0"));
  EXPECT_THAT(with(OperandKind(77), 0),
              HasSubstr("has an operand of the unknown kind 77"));
}

TEST_F(ArtifactFile, ChecksBuffers) {
  auto buffer = [](auto &root) -> auto & {
    return *root.programs[0]->buffers[0];
  };
  EXPECT_THAT(failure([&](auto &root) { buffer(root).offset = 641; }),
              HasSubstr("buffer 'keys' at byte 641 with 128 bytes leaves the "
                        "arena of 640"));
  EXPECT_THAT(failure([&](auto &root) { buffer(root).size = ~0ull; }),
              HasSubstr("leaves the arena of 640"));
  EXPECT_THAT(failure([&](auto &root) { buffer(root).last_command = 7; }),
              HasSubstr("buffer 'keys' lives from command 1 to 7 of 7"));
}

TEST_F(ArtifactFile, ChecksVariants) {
  EXPECT_THAT(failure([](auto &root) { root.variants[0]->code = 3; }),
              HasSubstr("variant 'plain' has its code in section 3 of 3"));
  EXPECT_THAT(failure([](auto &root) { root.variants[0]->code = 0; }),
              HasSubstr("variant 'plain' has its code in section 'weights' of "
                        "kind Weights"));
  EXPECT_THAT(failure([](auto &root) { root.variants[0]->entries.pop_back(); }),
              HasSubstr("variant 'plain' has 10 entries for 11 kernels"));
  EXPECT_THAT(
      failure([](auto &root) { root.variants[0]->entries[2] = 1 << 20; }),
      HasSubstr("variant 'plain' has an entry at byte 1048576 of a section"));
}

TEST_F(ArtifactFile, ChecksWeights) {
  EXPECT_THAT(failure([](auto &root) { root.weights[0]->offset = 4; }),
              HasSubstr("weight 'table' at byte 4 with 1056 bytes leaves the "
                        "weights section of 1056"));
  EXPECT_THAT(failure([](auto &root) { root.weights[0]->row_bytes = 5; }),
              HasSubstr("weight 'table' has 1056 bytes, which are no rows of "
                        "5"));
}
