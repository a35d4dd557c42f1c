//===- SafeTensors_test.cpp - Good and hostile safetensors ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontends/huggingface/SafeTensors.h"
#include "test/frontends/huggingface/TestFiles.h"
#include "gmock/gmock.h"

using namespace lapidary::huggingface;
using testing::HasSubstr;

namespace {

class SafeTensorsTest : public testing::Test {
protected:
  /// What opening a file of these bytes says; empty for a success.
  std::string open(llvm::StringRef content) {
    std::string path = directory.write("model.safetensors", content);
    return getMessage(SafeTensors::open(path));
  }

  /// The same for a file of `header` and `dataBytes` zeros.
  std::string openHeader(llvm::StringRef header, size_t dataBytes = 0) {
    return open(makeSafeTensors(header, dataBytes));
  }

  TemporaryDirectory directory;
};

/// A header with one tensor 'w' of these fields.
std::string oneTensor(llvm::StringRef dtype, llvm::StringRef shape,
                      llvm::StringRef offsets) {
  return (R"({"w":{"dtype":")" + dtype + R"(","shape":)" + shape +
          R"(,"data_offsets":)" + offsets + "}}")
      .str();
}

TEST_F(SafeTensorsTest, FindsTensorsByName) {
  std::string header = R"({"__metadata__":{"format":"pt"},)"
                       R"("b":{"dtype":"BF16","shape":[2,3],)"
                       R"("data_offsets":[4,16]},)"
                       R"("a":{"dtype":"F32","shape":[],)"
                       R"("data_offsets":[0,4]}}  )";
  std::string path =
      directory.write("model.safetensors", makeSafeTensors(header, 16));
  auto file = llvm::cantFail(SafeTensors::open(path));
  ASSERT_EQ(file->getTensors().size(), 2u);
  EXPECT_EQ(file->getTensors()[0].name, "a");
  EXPECT_EQ(file->find("c"), nullptr);

  const Tensor *tensor = file->find("b");
  ASSERT_NE(tensor, nullptr);
  EXPECT_EQ(tensor->type, ElementType::BF16);
  EXPECT_THAT(tensor->shape, testing::ElementsAre(2, 3));
  EXPECT_EQ(tensor->file, path);
  EXPECT_EQ(tensor->fileOffset, 8 + header.size() + 4);
  EXPECT_EQ(tensor->bytes.size(), 12u);
}

TEST_F(SafeTensorsTest, TakesEmptyTensorsAndFiles) {
  EXPECT_EQ(openHeader("{}"), "");
  EXPECT_EQ(openHeader(oneTensor("F32", "[0, 7]", "[0, 0]")), "");
}

TEST_F(SafeTensorsTest, RefusesWhatIsNoFile) {
  EXPECT_THAT(getMessage(SafeTensors::open("absent.safetensors")),
              HasSubstr("absent.safetensors: cannot be read"));
  EXPECT_THAT(getMessage(SafeTensors::open(directory.getPath())),
              HasSubstr("expected a regular file"));
}

TEST_F(SafeTensorsTest, RefusesHeaderLengthsThatLie) {
  EXPECT_THAT(open(""), HasSubstr("at least 8 bytes, but it has 0"));
  EXPECT_THAT(open("1234567"), HasSubstr("at least 8 bytes, but it has 7"));
  EXPECT_THAT(open(makeSafeTensors("{}", 0, 3)),
              HasSubstr("header length is 3 bytes, but only 2 follow"));
  EXPECT_THAT(open(makeSafeTensors("{}", 0, ~0ull)),
              HasSubstr("at most 100000000 bytes, but it is "
                        "18446744073709551615"));
  EXPECT_THAT(open(makeSafeTensors("", 0)), HasSubstr("invalid JSON"));
  EXPECT_THAT(open(makeSafeTensors("{}", 0, 1)), HasSubstr("invalid JSON"));
}

TEST_F(SafeTensorsTest, RefusesHeadersThatAreNoJsonObject) {
  EXPECT_THAT(openHeader("{\"\xff\": 1}"), HasSubstr("byte 2 is not UTF-8"));
  EXPECT_THAT(openHeader("{\"a\": "), HasSubstr("invalid JSON"));
  EXPECT_THAT(openHeader("[]"),
              HasSubstr("expected a JSON object, but found an array"));
  EXPECT_THAT(openHeader(std::string(1000000, '[')),
              HasSubstr("nested more than 64 levels deep"));
}

TEST_F(SafeTensorsTest, RefusesEqualNames) {
  std::string tensor = R"({"dtype":"F32","shape":[1],"data_offsets":[0,4]})";
  EXPECT_THAT(openHeader("{\"w\":" + tensor + ",\"w\":" + tensor + "}", 4),
              HasSubstr("key 'w' appears twice"));
  EXPECT_THAT(
      openHeader("{\"w\":" + tensor + ",\"\\u0077\":" + tensor + "}", 4),
      HasSubstr("key 'w' appears twice"));
}

TEST_F(SafeTensorsTest, RefusesIncompleteTensors) {
  EXPECT_THAT(openHeader(R"({"w":3})"),
              HasSubstr("tensor 'w' must be an object, but it is 3"));
  EXPECT_THAT(openHeader(R"({"w":{}})"), HasSubstr("no string 'dtype'"));
  EXPECT_THAT(openHeader(R"({"w":{"dtype":"F32"}})"),
              HasSubstr("no array 'shape'"));
  EXPECT_THAT(openHeader(R"({"w":{"dtype":"F32","shape":[]}})"),
              HasSubstr("no array 'data_offsets'"));
  EXPECT_THAT(openHeader(oneTensor("F32", "[]", "[0]")),
              HasSubstr("no array 'data_offsets' of two numbers"));
}

TEST_F(SafeTensorsTest, RefusesUnknownTypes) {
  EXPECT_THAT(openHeader(oneTensor("F31", "[1]", "[0,4]"), 4),
              HasSubstr("tensor 'w' has the unknown dtype 'F31'"));
}

TEST_F(SafeTensorsTest, RefusesImpossibleShapes) {
  EXPECT_THAT(openHeader(oneTensor("F32", "[-1]", "[0,4]"), 4),
              HasSubstr("non-negative integers, but one is -1"));
  EXPECT_THAT(openHeader(oneTensor("F32", "[1.5]", "[0,4]"), 4),
              HasSubstr("but one is 1.5"));
  EXPECT_THAT(openHeader(oneTensor("F32", "[\"1\"]", "[0,4]"), 4),
              HasSubstr("but one is \"1\""));
  EXPECT_THAT(openHeader(oneTensor("F32", "[4611686018427387904,4]", "[0,0]")),
              HasSubstr("impossible shape [4611686018427387904, 4]"));
  EXPECT_THAT(openHeader(oneTensor("F32", "[1e300]", "[0,4]"), 4),
              HasSubstr("non-negative integers"));
}

TEST_F(SafeTensorsTest, RefusesOffsetsOutsideOfTheFile) {
  EXPECT_THAT(openHeader(oneTensor("F32", "[2]", "[0,8]"), 4),
              HasSubstr("ends at byte 8 of the data, but the file holds only "
                        "4"));
  EXPECT_THAT(openHeader(oneTensor("F32", "[1]", "[4,0]"), 4),
              HasSubstr("but they are [4, 0]"));
  EXPECT_THAT(openHeader(oneTensor("F32", "[1]", "[-4,0]"), 4),
              HasSubstr("but they are [-4, 0]"));
  EXPECT_THAT(
      openHeader(oneTensor("F32", "[1]", "[18446744073709551612,0]"), 4),
      HasSubstr("0 <= begin <= end"));
}

TEST_F(SafeTensorsTest, RefusesSizesThatDoNotMatchTheShape) {
  EXPECT_THAT(openHeader(oneTensor("BF16", "[2,2]", "[0,4]"), 4),
              HasSubstr("tensor 'w' of type BF16 and shape [2, 2] needs 8 "
                        "bytes, but its data_offsets span 4"));
}

TEST_F(SafeTensorsTest, RefusesOverlapsAndHoles) {
  auto two = [](llvm::StringRef offsets) {
    return (R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
            R"("b":{"dtype":"F32","shape":[1],"data_offsets":)" +
            offsets + "}}")
        .str();
  };
  EXPECT_EQ(openHeader(two("[4,8]"), 8), "");
  EXPECT_THAT(openHeader(two("[2,6]"), 8),
              HasSubstr("tensor 'b' must begin at byte 4"));
  EXPECT_THAT(openHeader(two("[0,4]"), 8),
              HasSubstr("tensor 'b' must begin at byte 4"));
  EXPECT_THAT(openHeader(two("[8,12]"), 12),
              HasSubstr("tensor 'b' must begin at byte 4 of the data, where "
                        "the one before it ends, but it begins at 8"));
  EXPECT_THAT(openHeader(two("[4,8]"), 9),
              HasSubstr("1 bytes after the last tensor belong to none"));
}

TEST_F(SafeTensorsTest, SurvivesEveryChangedByte) {
  std::string valid =
      makeSafeTensors(R"({"__metadata__":{"a":"b"},"w":{"dtype":"F32",)"
                      R"("shape":[2,1],"data_offsets":[0,8]}})",
                      8);
  for (size_t position = 0; position < valid.size(); ++position) {
    for (char byte : {'\0', '\xff', '"', '\\', '{', ']', ',', '9'}) {
      std::string changed = valid;
      changed[position] = byte;
      std::string path = directory.write("model.safetensors", changed);
      auto file = SafeTensors::open(path);
      if (!file) {
        EXPECT_NE(llvm::toString(file.takeError()), "");
        continue;
      }
      for (const Tensor &tensor : (*file)->getTensors())
        EXPECT_LE(tensor.fileOffset + tensor.bytes.size(), changed.size());
    }
  }
}

} // namespace
