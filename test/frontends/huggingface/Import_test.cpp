//===- Import_test.cpp - Whole checkpoints, by headers alone ----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/gemma/Gemma.h"
#include "frontends/huggingface/Import.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "test/frontends/huggingface/TestFiles.h"
#include "llvm/Support/FormatVariadic.h"
#include "gmock/gmock.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

/// The sizes of one model, as its config.json gives them.
struct Sizes {
  std::string name;
  std::string prefix;
  int64_t hidden, intermediate, layers, heads, kvHeads, headDim, scalar, window,
      vocabulary;
};

const Sizes tiny = {"tiny", "model.", 4, 6, 2, 2, 1, 2, 2, 3, 5};

const Sizes released[] = {
    {"270M", "model.", 640, 2048, 18, 4, 1, 256, 256, 512, 262144},
    {"1B", "model.", 1152, 6912, 26, 4, 1, 256, 256, 512, 262144},
    {"4B", "language_model.model.", 2560, 10240, 34, 8, 4, 256, 256, 1024,
     262208},
    {"12B", "language_model.model.", 3840, 15360, 48, 16, 8, 256, 256, 1024,
     262208},
    {"27B", "model.language_model.", 5376, 21504, 62, 32, 16, 128, 168, 1024,
     262208},
};

/// Writes checkpoints whose weights are a hole in the file.
class ImportTest : public testing::Test {
protected:
  using Shapes = std::vector<std::pair<std::string, std::vector<int64_t>>>;

  static Shapes getShapes(const Sizes &sizes) {
    int64_t hidden = sizes.hidden, inner = sizes.intermediate;
    int64_t queries = sizes.heads * sizes.headDim;
    int64_t keys = sizes.kvHeads * sizes.headDim;
    Shapes shapes = {
        {sizes.prefix + "embed_tokens.weight", {sizes.vocabulary, hidden}},
        {sizes.prefix + "norm.weight", {hidden}}};
    for (int64_t index = 0; index < sizes.layers; ++index) {
      std::string layer = sizes.prefix + "layers." + std::to_string(index);
      for (auto &[name, shape] : Shapes{
               {"input_layernorm", {hidden}},
               {"post_attention_layernorm", {hidden}},
               {"pre_feedforward_layernorm", {hidden}},
               {"post_feedforward_layernorm", {hidden}},
               {"self_attn.q_proj", {queries, hidden}},
               {"self_attn.k_proj", {keys, hidden}},
               {"self_attn.v_proj", {keys, hidden}},
               {"self_attn.o_proj", {hidden, queries}},
               {"self_attn.q_norm", {sizes.headDim}},
               {"self_attn.k_norm", {sizes.headDim}},
               {"mlp.gate_proj", {inner, hidden}},
               {"mlp.up_proj", {inner, hidden}},
               {"mlp.down_proj", {hidden, inner}},
           })
        shapes.push_back({layer + "." + name + ".weight", shape});
    }
    return shapes;
  }

  static std::string makeConfig(const Sizes &sizes) {
    std::string text =
        llvm::formatv(R"("hidden_size":{0},"intermediate_size":{1},)"
                      R"("num_hidden_layers":{2},"num_attention_heads":{3},)"
                      R"("num_key_value_heads":{4},"head_dim":{5},)"
                      R"("query_pre_attn_scalar":{6},"sliding_window":{7},)"
                      R"("vocab_size":{8})",
                      sizes.hidden, sizes.intermediate, sizes.layers,
                      sizes.heads, sizes.kvHeads, sizes.headDim, sizes.scalar,
                      sizes.window, sizes.vocabulary)
            .str();
    if (sizes.prefix == "model.")
      return R"({"architectures":["Gemma3ForCausalLM"],)" + text + "}";
    return R"({"architectures":["Gemma3ForConditionalGeneration"],)"
           R"("text_config":{"rope_scaling":{"rope_type":"linear",)"
           R"("factor":8.0},)" +
           text + "}}";
  }

  void writeWeights(const Shapes &shapes) {
    std::string header;
    uint64_t end = 0;
    for (const auto &[name, shape] : shapes) {
      uint64_t begin = end, elements = 1;
      for (int64_t size : shape)
        elements *= size;
      end += 2 * elements;
      header += llvm::formatv(R"({0}"{1}":{{"dtype":"BF16","shape":[{2:$[,]}],)"
                              R"("data_offsets":[{3},{4}]})",
                              header.empty() ? "" : ",", name,
                              llvm::make_range(shape.begin(), shape.end()),
                              begin, end)
                    .str();
    }
    std::string start = makeSafeTensors("{" + header + "}", 0);
    std::string path = directory.write("model.safetensors", start);
    int descriptor = 0;
    llvm::cantFail(llvm::errorCodeToError(llvm::sys::fs::openFileForReadWrite(
        path, descriptor, llvm::sys::fs::CD_OpenExisting,
        llvm::sys::fs::OF_None)));
    llvm::cantFail(llvm::errorCodeToError(
        llvm::sys::fs::resize_file_sparse(descriptor, start.size() + end)));
    llvm::sys::fs::file_t file = descriptor;
    llvm::cantFail(llvm::errorCodeToError(llvm::sys::fs::closeFile(file)));
  }

  void write(const Sizes &sizes) {
    directory.write("config.json", makeConfig(sizes));
    writeWeights(getShapes(sizes));
  }

  llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> import() {
    return importCheckpoint(context, {directory.getPath(), {}, {}, {}});
  }

  TemporaryDirectory directory;
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  std::vector<std::string> diagnostics;
  mlir::ScopedDiagnosticHandler handler{
      &context, [this](mlir::Diagnostic &diagnostic) {
        diagnostics.push_back(diagnostic.str());
      }};
};

/// The operations of type `OpTy` in `module`.
template <typename OpTy>
std::vector<OpTy> collect(mlir::OwningOpRef<mlir::ModuleOp> &module) {
  std::vector<OpTy> ops;
  module->walk([&](OpTy op) { ops.push_back(op); });
  return ops;
}

class ReleasedSizes : public ImportTest,
                      public testing::WithParamInterface<Sizes> {};

TEST_P(ReleasedSizes, ImportsWithoutReadingWeights) {
  const Sizes &sizes = GetParam();
  write(sizes);
  auto module = llvm::cantFail(import());
  EXPECT_TRUE(succeeded(mlir::verify(*module)));
  EXPECT_THAT(diagnostics, IsEmpty());
  EXPECT_EQ(collect<gemma::ParamOp>(module).size(), 2u + 13 * sizes.layers);

  auto attentions = collect<gemma::AttentionOp>(module);
  ASSERT_EQ(int64_t(attentions.size()), sizes.layers);
  for (auto [index, attention] : llvm::enumerate(attentions)) {
    EXPECT_EQ(attention.getWindow(), index % 6 == 5 ? 0u : sizes.window);
    EXPECT_FLOAT_EQ(attention.getScale().convertToFloat(),
                    1 / std::sqrt(float(sizes.scalar)));
  }
  auto ropes = collect<gemma::RopeTableOp>(module);
  ASSERT_EQ(ropes.size(), 2u);
  EXPECT_EQ(ropes[0].getBase().convertToFloat(), 1e4f);
  EXPECT_EQ(ropes[0].getFactor().convertToFloat(), 1.0f);
  EXPECT_EQ(ropes[1].getBase().convertToFloat(), 1e6f);
  EXPECT_EQ(ropes[1].getFactor().convertToFloat(),
            sizes.prefix == "model." ? 1.0f : 8.0f);
}

INSTANTIATE_TEST_SUITE_P(Gemma3, ReleasedSizes, testing::ValuesIn(released),
                         [](const auto &info) { return info.param.name; });

TEST_F(ImportTest, SaysWhatTheModelIs) {
  write(tiny);
  directory.write("generation_config.json",
                  R"({"do_sample":true,"top_k":64,"eos_token_id":[1,3]})");
  directory.write("tokenizer_config.json",
                  R"({"chat_template":"<start_of_turn>"})");
  auto module = llvm::cantFail(import());
  auto config =
      (*module)->getAttrOfType<gemma::ConfigAttr>(gemma::kConfigAttrName);
  ASSERT_TRUE(config);
  EXPECT_EQ(config.getName(), directory.getPath().rsplit('/').second);
  EXPECT_EQ(config.getLayers(), 2);
  EXPECT_THAT(config.getEos(), ElementsAre(1, 3));
  EXPECT_EQ(config.getChatTemplate(), "gemma3");
  EXPECT_EQ(config.getTopK(), 64);
}

TEST_F(ImportTest, ScalesEmbeddingsByTheRootOfTheWidth) {
  Sizes sizes = tiny;
  sizes.hidden = 1152;
  write(sizes);
  auto module = llvm::cantFail(import());
  EXPECT_FLOAT_EQ(
      collect<gemma::ScaleOp>(module)[0].getFactor().convertToFloat(),
      33.941125f);
}

TEST_F(ImportTest, UsesASeparateHeadOnlyIfUntied) {
  write(tiny);
  Shapes shapes = getShapes(tiny);
  shapes.push_back({"lm_head.weight", {5, 4}});
  std::string config = makeConfig(tiny);
  config.pop_back();
  directory.write("config.json", config + R"(,"tie_word_embeddings":false})");
  EXPECT_THAT(getMessage(import()),
              HasSubstr("model.safetensors: tensor 'lm_head.weight' is "
                        "missing; expected shape [5, 4]"));
  writeWeights(shapes);
  auto untied = llvm::cantFail(import());
  EXPECT_EQ(collect<gemma::ParamOp>(untied).back().getSymName(), "lm_head");
  EXPECT_THAT(diagnostics, IsEmpty());

  directory.write("config.json", makeConfig(tiny));
  auto tied = llvm::cantFail(import());
  EXPECT_EQ(collect<gemma::ParamOp>(tied).back().getSymName(), "norm");
  EXPECT_THAT(diagnostics,
              ElementsAre(HasSubstr("tensor 'lm_head.weight' is not used")));
}

TEST_F(ImportTest, ReportsWhatItLeavesOut) {
  write(tiny);
  Shapes shapes = getShapes(tiny);
  shapes.push_back({"vision_tower.a.weight", {2}});
  shapes.push_back({"multi_modal_projector.b.weight", {2}});
  shapes.push_back({"model.layers.2.input_layernorm.weight", {4}});
  writeWeights(shapes);
  llvm::cantFail(import());
  EXPECT_THAT(
      diagnostics,
      ElementsAre(
          HasSubstr("left out 2 tensors of image and audio encoders"),
          HasSubstr("model.safetensors: tensor "
                    "'model.layers.2.input_layernorm.weight' is not used")));
}

TEST_F(ImportTest, FindsTheTextModelOfAClassifier) {
  Sizes sizes = tiny;
  sizes.prefix = "model.language_model.model.";
  Shapes shapes = getShapes(sizes);
  shapes.push_back({"model.vision_tower.a.weight", {2}});
  writeWeights(shapes);
  std::string config = makeConfig(sizes);
  llvm::StringRef fields = llvm::StringRef(config).split(',').second;
  directory.write(
      "config.json",
      (R"({"architectures":["ShieldGemma2ForImageClassification"],)" + fields)
          .str());
  EXPECT_EQ(getMessage(import()), "");
  EXPECT_THAT(diagnostics, ElementsAre(HasSubstr("left out 1 tensors of image "
                                                 "and audio encoders")));
}

TEST_F(ImportTest, NamesTheFirstTensorThatIsWrong) {
  write(tiny);
  Shapes shapes = getShapes(tiny);
  std::erase_if(shapes, [](const auto &entry) {
    return entry.first == "model.layers.1.mlp.up_proj.weight";
  });
  writeWeights(shapes);
  EXPECT_THAT(getMessage(import()),
              HasSubstr("model.safetensors: tensor "
                        "'model.layers.1.mlp.up_proj.weight' is missing; "
                        "expected shape [6, 4]"));
  shapes.push_back({"model.layers.1.mlp.up_proj.weight", {4, 6}});
  writeWeights(shapes);
  EXPECT_THAT(getMessage(import()),
              HasSubstr("must have shape [6, 4], but it has [4, 6]"));
}

TEST_F(ImportTest, ListsSupportedGenerations) {
  write(tiny);
  directory.write("config.json", R"({"architectures":["LlamaForCausalLM"]})");
  EXPECT_THAT(getMessage(import()),
              HasSubstr("config.json: field 'architectures' names "
                        "'LlamaForCausalLM', which is not supported; supported "
                        "are Gemma 1, Gemma 2, VaultGemma, Gemma 3, "));
  // Nothing of this name was ever released.
  directory.write("config.json", R"({"model_type":"gemma2_5"})");
  EXPECT_THAT(getMessage(import()),
              HasSubstr("field 'model_type' names 'gemma2_5', which is not "
                        "supported; supported are Gemma 1"));
}

TEST_F(ImportTest, FallsBackToTheModelType) {
  write(tiny);
  std::string config = makeConfig(tiny);
  llvm::StringRef fields = llvm::StringRef(config).split(',').second;
  directory.write("config.json",
                  (R"({"model_type":"gemma3_text",)" + fields).str());
  EXPECT_EQ(getMessage(import()), "");
}

} // namespace
