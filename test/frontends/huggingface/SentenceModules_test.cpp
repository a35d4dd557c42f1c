//===- SentenceModules_test.cpp - Lists of modules --------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontends/huggingface/SentenceModules.h"
#include "test/frontends/huggingface/TestFiles.h"
#include "llvm/Support/FormatVariadic.h"
#include "gmock/gmock.h"

using namespace lapidary::huggingface;
using testing::HasSubstr;

namespace {

class SentenceModulesTest : public testing::Test {
protected:
  SentenceModulesTest() {
    directory.write("config.json", "{}");
    directory.write("model.safetensors", makeSafeTensors("{}", 0));
    checkpoint = llvm::cantFail(Checkpoint::open(directory.getPath()));
    writeFile("pool", "config.json", R"({"pooling_mode_mean_tokens":true})");
    writeDense("dense", 2, 3);
  }

  void writeFile(llvm::StringRef folder, llvm::StringRef name,
                 llvm::StringRef content) {
    llvm::cantFail(llvm::errorCodeToError(
        llvm::sys::fs::create_directories(directory.getPath() + "/" + folder)));
    directory.write((folder + "/" + name).str(), content);
  }

  /// A linear layer in `folder`.
  void writeDense(llvm::StringRef folder, int64_t inputs, int64_t outputs,
                  llvm::StringRef fields =
                      R"("bias":false,"activation_function":"a.Identity")") {
    writeFile(folder, "config.json",
              llvm::formatv(R"({{"in_features":{0},"out_features":{1},{2}})",
                            inputs, outputs, fields)
                  .str());
    std::string header =
        llvm::formatv(R"({{"linear.weight":{{"dtype":"F32","shape":[{0},{1}],)"
                      R"("data_offsets":[0,{2}]}})",
                      outputs, inputs, 4 * inputs * outputs);
    writeFile(folder, "model.safetensors",
              makeSafeTensors(header, 4 * inputs * outputs));
  }

  /// Lists modules of these kinds, each with its folder.
  void writeList(std::vector<std::pair<std::string, std::string>> modules) {
    std::string list;
    for (const auto &[kind, folder] : modules)
      list += llvm::formatv(R"({0}{{"type":"sentence_transformers.models.{1}",)"
                            R"("path":"{2}"})",
                            list.empty() ? "" : ",", kind, folder);
    directory.write("modules.json", "[" + list + "]");
  }

  llvm::Expected<SentenceModules> tryRead() {
    return readSentenceModules(*checkpoint, /*width=*/2);
  }
  SentenceModules read() { return llvm::cantFail(tryRead()); }
  std::string fail() { return getMessage(tryRead()); }

  TemporaryDirectory directory;
  std::unique_ptr<Checkpoint> checkpoint;
};

TEST_F(SentenceModulesTest, NormalizesWithoutAList) {
  SentenceModules modules = read();
  EXPECT_TRUE(modules.dense.empty());
  EXPECT_TRUE(modules.normalizes);
}

TEST_F(SentenceModulesTest, FollowsTheList) {
  writeList({{"Transformer", ""}, {"Pooling", "pool"}});
  EXPECT_TRUE(read().dense.empty());
  EXPECT_FALSE(read().normalizes);

  writeDense("second", 3, 5);
  writeList({{"Transformer", ""},
             {"Pooling", "pool"},
             {"Dense", "dense"},
             {"Dense", "second"},
             {"Normalize", "norm"}});
  SentenceModules modules = read();
  ASSERT_EQ(modules.dense.size(), 2u);
  EXPECT_EQ(modules.dense[0].name, "dense");
  EXPECT_EQ(modules.dense[1].weight->shape[0], 5);
  EXPECT_TRUE(modules.normalizes);
}

TEST_F(SentenceModulesTest, RefusesOtherModulesAndOrders) {
  writeList({{"Transformer", ""}, {"Pooling", "pool"}, {"LSTM", "lstm"}});
  EXPECT_THAT(fail(), HasSubstr("modules.json: expected 'Transformer', "
                                "'Pooling', any number of 'Dense' and maybe "
                                "'Normalize', but module 2 is 'LSTM'"));
  writeList({{"Transformer", ""}, {"Dense", "dense"}, {"Pooling", "pool"}});
  EXPECT_THAT(fail(), HasSubstr("module 1 is 'Dense'"));
  writeList({{"Transformer", ""},
             {"Pooling", "pool"},
             {"Normalize", "norm"},
             {"Dense", "dense"}});
  EXPECT_THAT(fail(), HasSubstr("module 2 is 'Normalize'"));
  writeList({{"Transformer", ""}});
  EXPECT_THAT(fail(), HasSubstr("expected at least 2 modules"));
}

TEST_F(SentenceModulesTest, RefusesOtherPooling) {
  writeList({{"Transformer", ""}, {"Pooling", "pool"}});
  writeFile("pool", "config.json",
            R"({"pooling_mode_cls_token":true,)"
            R"("pooling_mode_mean_tokens":false})");
  EXPECT_THAT(fail(), HasSubstr("pool/config.json: field "
                                "'pooling_mode_cls_token' must be false, since "
                                "only means are supported, but it is true"));
  writeFile("pool", "config.json",
            R"({"pooling_mode_max_tokens":true,)"
            R"("pooling_mode_mean_tokens":true})");
  EXPECT_THAT(fail(), HasSubstr("'pooling_mode_max_tokens' must be false"));
  writeFile("pool", "config.json",
            R"({"pooling_mode_mean_tokens":true,)"
            R"("include_prompt":false})");
  EXPECT_THAT(fail(), HasSubstr("'include_prompt' must be true"));
  writeFile("pool", "config.json", R"({"pooling_mode_mean_tokens":false})");
  EXPECT_THAT(fail(), HasSubstr("'pooling_mode_mean_tokens' must be true"));
  writeFile("pool", "config.json", R"({"pooling_mode":"lasttoken"})");
  EXPECT_THAT(fail(), HasSubstr("field 'pooling_mode' must be 'mean', since no "
                                "other is supported, but it is \"lasttoken\""));
}

TEST_F(SentenceModulesTest, RefusesOtherLinearLayers) {
  writeList({{"Transformer", ""}, {"Pooling", "pool"}, {"Dense", "dense"}});
  writeDense("dense", 2, 3, R"("activation_function":"a.Identity")");
  EXPECT_THAT(fail(),
              HasSubstr("dense/config.json: field 'bias' must be false, "
                        "since biases are not supported, but it is "
                        "absent"));
  writeDense("dense", 2, 3, R"("bias":false,"activation_function":"a.Tanh")");
  EXPECT_THAT(fail(), HasSubstr("'activation_function' must be "
                                "'torch.nn.modules.linear.Identity'"));
  writeDense("dense", 4, 3);
  EXPECT_THAT(fail(), HasSubstr("field 'in_features' must be the 2 columns of "
                                "what comes before, but it is 4"));
  writeDense("dense", 2, 3);
  writeFile("dense", "model.safetensors", makeSafeTensors("{}", 0));
  EXPECT_THAT(fail(), HasSubstr("dense/model.safetensors: tensor "
                                "'linear.weight' is missing; expected shape "
                                "[3, 2]"));
}

TEST_F(SentenceModulesTest, RefusesListsThatAreNone) {
  directory.write("modules.json", "{}");
  EXPECT_THAT(fail(),
              HasSubstr("modules.json: expected a JSON array, but found "
                        "an object"));
  directory.write("modules.json", "[3]");
  EXPECT_THAT(fail(),
              HasSubstr("expected an array of objects, but one entry is "
                        "3"));
  writeList({{"Transformer", ""}, {"Pooling", "../pool"}});
  EXPECT_THAT(fail(),
              HasSubstr("field 'path' must be the name of a folder, but "
                        "it is \"../pool\""));
}

} // namespace
