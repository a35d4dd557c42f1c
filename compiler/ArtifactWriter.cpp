//===- ArtifactWriter.cpp - A planned module becomes a file -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sections go first and the root table last, when all offsets and checksums
// are known; the header at the start is filled in at the end.
#include "compiler/ArtifactWriter.h"
#include "compiler/OutputFile.h"
#include "compiler/Packing.h"
#include "dialects/kernel/Layouts.h"
#include "dialects/plan/Plan.h"
#include "runtime/schema/artifact_generated.h"
#include "runtime/schema/file_header.h"
#include "runtime/schema/section_sum.h"

#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Parallel.h"

using namespace mlir;
using namespace lapidary;
using llvm::Error;

// Packed bytes that are in memory at a time.
static constexpr int64_t kChunkBytes = 8 << 20;
static constexpr int64_t kReleaseBytes = 128 << 20;

namespace {

class Writer {
public:
  Writer(const ArtifactContents &contents, OutputFile file,
         llvm::function_ref<void(double)> progress)
      : contents(contents), module(contents.module), file(std::move(file)),
        progress(progress) {}

  Error run();

private:
  Error writeExecutable();
  Error beginSection(schema::SectionKind kind, StringRef name);
  Error append(StringRef bytes);
  void endSection();
  Error writeWeights();
  void releaseSources(int64_t packed);
  /// Writes `packed` and empties it.
  Error writePacked();
  /// Where in the section the next weight begins.
  uint64_t weightPosition() const {
    return file.position() - origin - root.sections.back()->offset +
           packed.size();
  }
  Error writeMatrix(plan::PackOp op);
  /// Writes `count` stripes that `pack` fills, of `bytes` each.
  Error writeStripes(
      int64_t count, size_t bytes,
      llvm::function_ref<void(int64_t, llvm::MutableArrayRef<char>)> pack);
  Error writeVector(Operation *op, kernel::VectorType type, int64_t offset);
  Error finish();

  void describeModel();
  void describeCaches();
  void describeKernels();
  uint32_t describeFunction(plan::ProgramOp program);
  std::unique_ptr<schema::ProgramT> describeProgram(plan::ProgramOp program);
  void describeVariants();
  schema::Operand describeOperand(Value value);

  const ArtifactContents &contents;
  ModuleOp module;
  OutputFile file;
  llvm::function_ref<void(double)> progress;
  SourceFiles sources;
  schema::ArtifactT root;
  /// Where the artifact begins in the file.
  uint64_t origin = 0;
  schema::SectionSum checksum;
  uint64_t weightBytes = 0, weightsDone = 0;
  /// A chunk of a matrix that is being packed, and what comes before it, which
  /// is written meanwhile.
  std::vector<char> packing, packed;
  /// Packed since the sources were let go of.
  int64_t unreleased = 0;
  /// Indices by symbol.
  llvm::StringMap<uint32_t> kernels, caches, functions;
};

} // namespace

//===----------------------------------------------------------------------===//
// Sections
//===----------------------------------------------------------------------===//

Error Writer::beginSection(schema::SectionKind kind, StringRef name) {
  if (Error error = file.align(schema::kSectionAlignment, origin))
    return error;
  auto section = std::make_unique<schema::SectionT>();
  section->kind = kind;
  section->name = name.str();
  section->offset = file.position() - origin;
  root.sections.push_back(std::move(section));
  checksum = schema::SectionSum();
  return Error::success();
}

Error Writer::append(StringRef bytes) {
  checksum.append(bytes.data(), bytes.size());
  return file.write(bytes);
}

void Writer::endSection() {
  schema::SectionT &section = *root.sections.back();
  section.size = file.position() - origin - section.offset;
  section.checksum = checksum.finish();
}

/// Lets go of what `packed` bytes and those before came from. Not each time,
/// since that goes through the page tables of whole files.
void Writer::releaseSources(int64_t packed) {
  unreleased += packed;
  if (unreleased < kReleaseBytes)
    return;
  unreleased = 0;
  sources.release();
}

Error Writer::writePacked() {
  Error error = append(StringRef(packed.data(), packed.size()));
  packed.clear();
  return error;
}

Error Writer::writeMatrix(plan::PackOp op) {
  auto recipe = WeightRecipe::create(op.getSource(), sources);
  if (!recipe)
    return recipe.takeError();
  const WeightRecipe &rows = **recipe;
  if (auto table = dyn_cast<kernel::TableType>(op.getStoredType()))
    return writeStripes(table.getRows(), kernel::tableStride(table),
                        [&](int64_t row, llvm::MutableArrayRef<char> out) {
                          packTableRow(rows, table, row, out);
                        });
  auto matrix = cast<kernel::WeightType>(op.getStoredType());
  int64_t panels = matrix.getStack() * kernel::panelCount(matrix);
  if (Error error =
          writeStripes(panels, kernel::panelBytes(matrix),
                       [&](int64_t panel, llvm::MutableArrayRef<char> out) {
                         packPanel(rows, matrix, panel, out);
                       }))
    return error;
  if (matrix.getFormat() != kernel::WeightFormat::Planes)
    return Error::success();
  std::vector<float> norms(panels * kernel::kPanelRows);
  if (Error error =
          writeStripes(panels, kernel::lowerPanelBytes(matrix),
                       [&](int64_t panel, llvm::MutableArrayRef<char> out) {
                         llvm::MutableArrayRef<float> own(norms);
                         packLowerPanel(rows, matrix, panel, out,
                                        own.slice(panel * kernel::kPanelRows,
                                                  kernel::kPanelRows));
                       }))
    return error;
  StringRef bytes(reinterpret_cast<const char *>(norms.data()),
                  norms.size() * sizeof(float));
  weightsDone += bytes.size();
  llvm::append_range(packed, bytes);
  return Error::success();
}

Error Writer::writeStripes(
    int64_t stripes, size_t bytes,
    llvm::function_ref<void(int64_t, llvm::MutableArrayRef<char>)> pack) {
  int64_t atOnce = std::max<int64_t>(2, kChunkBytes / bytes);
  for (int64_t first = 0; first < stripes; first += atOnce) {
    int64_t count = std::min(atOnce, stripes - first);
    packing.resize(count * bytes);
    std::optional<Error> written;
    llvm::parallelFor(0, count + 1, [&](size_t i) {
      if (i == 0)
        return void(written = writePacked());
      pack(first + i - 1, {packing.data() + (i - 1) * bytes, bytes});
    });
    if (*written)
      return std::move(*written);
    std::swap(packing, packed);
    releaseSources(packed.size());
    weightsDone += packed.size();
    progress(double(weightsDone) / weightBytes);
  }
  return Error::success();
}

Error Writer::writeVector(Operation *op, kernel::VectorType type,
                          int64_t offset) {
  std::vector<char> bytes(kernel::vectorBytes(type));
  if (auto frequencies = dyn_cast<plan::RopeFrequenciesOp>(op)) {
    packRopeFrequencies(frequencies.getBase().convertToFloat(),
                        frequencies.getFactor().convertToFloat(),
                        frequencies.getPairs(), type, bytes);
  } else {
    auto recipe =
        WeightRecipe::create(cast<plan::PackOp>(op).getSource(), sources);
    if (!recipe)
      return recipe.takeError();
    packVector(**recipe, type, bytes);
  }
  weightsDone += bytes.size();
  llvm::append_range(packed, bytes);
  return Error::success();
}

/// The name that people know a packed weight by.
static std::string weightName(Operation *op) {
  if (auto rope = dyn_cast<plan::RopeFrequenciesOp>(op))
    return llvm::formatv("rope.base_{0:f0}.factor_{1:f0}.{2}of{3}",
                         rope.getBase().convertToFloat(),
                         rope.getFactor().convertToFloat(), rope.getPairs(),
                         rope.getType().getWidth());
  Value value = cast<plan::PackOp>(op).getSource();
  std::string suffix;
  while (!isa<gemma::WeightOp>(value.getDefiningOp())) {
    if (auto fill = value.getDefiningOp<gemma::FillOp>())
      return llvm::formatv("fill_{0:f0}x{1}", fill.getValue().convertToFloat(),
                           fill.getType().getDimSize(0));
    if (isa<gemma::ConcatRowsOp, gemma::InterleaveRowsOp>(
            value.getDefiningOp()))
      suffix += "+";
    if (auto slice = value.getDefiningOp<gemma::SliceOp>())
      suffix += llvm::formatv("[{0}:{1},{2}:{3}]", slice.getAt()[0],
                              slice.getAt()[0] + slice.getType().getDimSize(0),
                              slice.getAt()[1],
                              slice.getAt()[1] + slice.getType().getDimSize(1));
    value = value.getDefiningOp()->getOperand(0);
  }
  return (value.getDefiningOp<gemma::WeightOp>().getParam() + suffix).str();
}

/// Whether steps find rows of the packed table by token.
static bool isLookedUp(Operation *pack) {
  return llvm::any_of(pack->getUsers(), [](Operation *user) {
    auto dispatch = cast<plan::DispatchOp>(user);
    auto func = SymbolTable::lookupNearestSymbolFrom<kernel::FuncOp>(
        dispatch, dispatch.getKernelAttr());
    return !func.getBody().getOps<kernel::EmbedOp>().empty();
  });
}

/// What is stored of a packed weight or of frequencies.
static Type storedType(Operation *op) {
  auto pack = dyn_cast<plan::PackOp>(op);
  return pack ? pack.getStoredType() : op->getResult(0).getType();
}

Error Writer::writeWeights() {
  std::map<int64_t, Operation *> byOffset;
  module.walk([&](Operation *op) {
    llvm::TypeSwitch<Operation *>(op)
        .Case<plan::PackOp, plan::RopeFrequenciesOp>([&](auto pack) {
          // Programs share what has one place.
          if (pack.getOffset() &&
              byOffset.insert({*pack.getOffset(), op}).second)
            weightBytes += kernel::packedBytes(storedType(pack));
        });
  });
  if (Error error = beginSection(schema::SectionKind::Weights, "weights"))
    return error;
  for (auto [offset, op] : byOffset) {
    auto weight = std::make_unique<schema::WeightT>();
    weight->name = weightName(op);
    weight->offset = offset;
    Error error =
        llvm::TypeSwitch<Type, Error>(storedType(op))
            .Case<kernel::WeightType, kernel::TableType>([&](auto matrix) {
              auto pack = cast<plan::PackOp>(op);
              weight->format = stringifyWeightFormat(matrix.getFormat()).str();
              for (int64_t size : pack.getSource().getType().getShape())
                weight->shape.push_back(size);
              return writeMatrix(pack);
            })
            .Case([&](kernel::VectorType vector) {
              weight->format = "f32";
              weight->shape = {static_cast<uint64_t>(vector.getWidth())};
              return writeVector(op, vector, offset);
            });
    if (error)
      return error;
    auto table = dyn_cast<kernel::TableType>(storedType(op));
    if (table && isLookedUp(op))
      weight->row_bytes = kernel::tableStride(table);
    weight->size = weightPosition() - offset;
    root.weights.push_back(std::move(weight));
  }
  if (Error error = writePacked())
    return error;
  endSection();
  return Error::success();
}

//===----------------------------------------------------------------------===//
// The root table
//===----------------------------------------------------------------------===//

static int64_t countElements(Value weight) {
  return cast<ShapedType>(weight.getType()).getNumElements();
}

/// Numbers of the checkpoint that programs use, each counted once.
static int64_t countParameters(ModuleOp module) {
  llvm::StringMap<int64_t> counts;
  module.walk([&](gemma::WeightOp weight) {
    int64_t slices = 0;
    for (Operation *user : weight->getUsers())
      if (isa<gemma::SliceOp>(user))
        slices += countElements(user->getResult(0));
    int64_t &count = counts[weight.getParam()];
    count = std::max(count, slices ? slices : countElements(weight));
  });
  int64_t sum = 0;
  for (const auto &entry : counts)
    sum += entry.second;
  return sum;
}

void Writer::describeModel() {
  auto config =
      module->getAttrOfType<gemma::ConfigAttr>(gemma::kConfigAttrName);
  auto model = std::make_unique<schema::ModelT>();
  model->name = config.getName().str();
  model->architecture = config.getArchitecture().str();
  model->quantization = contents.quantization;
  model->parameters = countParameters(module);
  model->vocabulary = config.getVocabulary();
  model->hidden = config.getHidden();
  model->layers = config.getLayers();
  model->context = config.getMaxPositions();
  model->bos = config.getBos();
  model->pad = config.getPad();
  model->eos.assign(config.getEos().begin(), config.getEos().end());
  model->chat_template = config.getChatTemplate().str();
  model->temperature = config.getTemperature().getValue().convertToFloat();
  model->top_k = config.getTopK();
  model->top_p = config.getTopP().getValue().convertToFloat();
  model->kind = module.lookupSymbol(gemma::kEmbedName)
                    ? schema::ModelKind::Embedding
                    : schema::ModelKind::Text;
  for (const auto &[name, text] : contents.prompts.texts) {
    model->prompts.push_back(std::make_unique<schema::PromptT>());
    model->prompts.back()->name = name;
    model->prompts.back()->text = text;
  }
  model->default_prompt = contents.prompts.defaultName;
  root.model = std::move(model);
}

void Writer::describeCaches() {
  for (auto cache : module.getOps<plan::CacheOp>()) {
    auto group = std::make_unique<schema::CacheGroupT>();
    group->name = cache.getSymName().str();
    group->window = cache.getWindow();
    group->page_tokens = cache.getPageTokens();
    group->page_bytes = cache.getPageBytes();
    group->source = cache.getSource();
    group->saved_bytes = cache.getSavedBytes();
    caches[cache.getSymName()] = root.caches.size();
    root.caches.push_back(std::move(group));
  }
}

schema::Operand Writer::describeOperand(Value value) {
  using schema::Operand;
  using schema::OperandKind;
  return llvm::TypeSwitch<Operation *, Operand>(value.getDefiningOp())
      .Case([](plan::BufferOp op) {
        return Operand(OperandKind::Arena, *op.getOffset());
      })
      .Case([](plan::PackOp op) {
        return Operand(OperandKind::Weight, *op.getOffset());
      })
      .Case([](plan::RopeFrequenciesOp op) {
        return Operand(OperandKind::Weight, *op.getOffset());
      })
      .Case([](plan::InputOp op) {
        return Operand(OperandKind::Input, op.getNumber());
      })
      .Case([](plan::ResultOp op) {
        return Operand(OperandKind::Result, op.getNumber());
      })
      .Case([](plan::BestOp) { return Operand(OperandKind::Best, 0); })
      .Case([](plan::AllowedOp) { return Operand(OperandKind::Allowed, 0); })
      .Case([&](plan::PagesOp op) {
        return Operand(OperandKind::Pages, caches.lookup(op.getCache()));
      })
      .Case([](plan::OffsetOp op) {
        return Operand(OperandKind::Immediate, op.getValue());
      })
      .Case([](plan::StepListOp op) {
        switch (op.getList()) {
        case plan::StepList::Tokens:
          return Operand(OperandKind::Tokens, 0);
        case plan::StepList::Positions:
          return Operand(OperandKind::Positions, 0);
        case plan::StepList::Blocks:
          return Operand(OperandKind::Blocks, 0);
        case plan::StepList::Wanted:
          return Operand(OperandKind::Wanted, 0);
        case plan::StepList::Ends:
          return Operand(OperandKind::Ends, 0);
        case plan::StepList::SourceEnds:
          return Operand(OperandKind::SourceEnds, 0);
        }
        llvm_unreachable("all lists are handled");
      });
}

static schema::Arithmetic arithmeticOf(kernel::WeightFormat format) {
  switch (format) {
  case kernel::WeightFormat::F32:
    return schema::Arithmetic::F32;
  case kernel::WeightFormat::BF16:
    return schema::Arithmetic::BF16;
  case kernel::WeightFormat::Int8:
  case kernel::WeightFormat::Int4:
  case kernel::WeightFormat::Planes:
    return schema::Arithmetic::Int8;
  }
  llvm_unreachable("all formats are handled");
}

/// What a kernel does that only measures.
static void countLimits(kernel::FuncOp func, schema::CommandT &command) {
  for (auto read : func.getBody().getOps<kernel::ReadOp>())
    command.weight_bytes =
        std::min<int64_t>(func.getSlices() * kernel::kReadBytes,
                          kernel::packedBytes(read.getWeight().getType()));
  for (auto multiply : func.getBody().getOps<kernel::MultiplyOp>()) {
    command.flops_per_row = func.getSlices() * kernel::kMultiplyOperations;
    command.arithmetic = arithmeticOf(multiply.getFormat());
  }
}

/// Bytes and operations of attention for each position seen.
static void countAttention(kernel::FuncOp func, schema::CommandT &command) {
  for (auto attention : func.getBody().getOps<kernel::AttentionOp>()) {
    int64_t tokens = attention.getPageTokens();
    command.bytes_per_key +=
        kernel::layerPageBytes(attention.getKvHeads(), attention.getHeadDim(),
                               tokens, attention.getKvFormat(),
                               bool(attention.getKeyWeight())) /
        tokens;
    command.flops_per_key += 4 * attention.getHeads() * attention.getHeadDim();
    command.arithmetic = schema::Arithmetic::F32;
  }
}

/// Bytes and operations of the products of `func`.
static void countWork(kernel::FuncOp func, schema::CommandT &command) {
  countLimits(func, command);
  countAttention(func, command);
  if (func.getUnit() == kernel::GridUnit::Wanted)
    command.rows = schema::GridUnit::Wanted;
  for (auto matmul : func.getBody().getOps<kernel::MatmulOp>()) {
    // Of a stack, what one row needs.
    kernel::WeightType type = matmul.getWeight().getType();
    command.rows = static_cast<schema::GridUnit>(matmul.getRows());
    command.arithmetic = arithmeticOf(type.getFormat());
    int64_t matrices =
        matmul.getRouting() ? matmul.getRouting().getType().getTop() : 1;
    command.weight_bytes +=
        matrices * (matmul.getUpper() ? kernel::lowerPlane(type)
                                      : kernel::matrixBytes(type));
    command.flops_per_row += matrices * 2 * type.getRows() * type.getColumns();
  }
  for (auto blocks : func.getBody().getOps<kernel::BlockLinearOp>()) {
    kernel::TableType type = blocks.getWeight().getType();
    command.rows = static_cast<schema::GridUnit>(blocks.getRows());
    command.arithmetic = schema::Arithmetic::F32;
    command.weight_bytes += kernel::packedBytes(type);
    command.flops_per_row += 2 * type.getRows() * type.getColumns();
  }
}

void Writer::describeKernels() {
  for (auto func : module.getOps<kernel::FuncOp>()) {
    auto kernel = std::make_unique<schema::KernelT>();
    kernel->name = func.getSymName().str();
    kernels[func.getSymName()] = root.kernels.size();
    root.kernels.push_back(std::move(kernel));
  }
}

/// Describes the function that `program` is of, unless one before it was.
uint32_t Writer::describeFunction(plan::ProgramOp program) {
  auto [known, isNew] =
      functions.insert({program.getFunctionName(), root.functions.size()});
  if (!isNew)
    return known->second;
  auto function = std::make_unique<schema::FunctionT>();
  function->name = program.getFunctionName().str();
  for (auto input : program.getOps<plan::InputOp>()) {
    if (function->inputs.size() <= input.getNumber())
      function->inputs.resize(input.getNumber() + 1);
    auto rows = std::make_unique<schema::RowsInputT>();
    rows->width = input.getType().getWidth();
    rows->stride = kernel::rowStride(input.getType()) / sizeof(float);
    function->inputs[input.getNumber()] = std::move(rows);
  }
  for (auto result : program.getOps<plan::ResultOp>()) {
    if (function->results.size() <= result.getNumber())
      function->results.resize(result.getNumber() + 1);
    function->results[result.getNumber()] = result.getType().getWidth();
  }
  if (!program.getOps<plan::BestOp>().empty()) {
    function->best = kernel::kBest;
    function->best_rows = kernel::kBestRows;
  }
  root.functions.push_back(std::move(function));
  return known->second;
}

std::unique_ptr<schema::ProgramT>
Writer::describeProgram(plan::ProgramOp program) {
  auto description = std::make_unique<schema::ProgramT>();
  description->name = program.getSymName().str();
  description->min_rows = program.getMinRows();
  description->max_rows = program.getMaxRows();
  description->block_rows = program.getBlockRows();
  description->arena_bytes = program.getArenaBytes().value_or(0);
  for (const CompiledVariant &variant : contents.variants)
    description->scratch_bytes =
        std::max(description->scratch_bytes, variant.image.scratchBytes);

  SymbolTable symbols(module);
  llvm::MapVector<Operation *, schema::BufferT> buffers;
  for (auto dispatch : program.getOps<plan::DispatchOp>()) {
    auto func = symbols.lookup<kernel::FuncOp>(dispatch.getKernel());
    auto command = std::make_unique<schema::CommandT>();
    command->kernel = kernels.lookup(dispatch.getKernel());
    command->unit = static_cast<schema::GridUnit>(func.getUnit());
    command->slices = func.getSlices();
    command->label = dispatch.getLabel().str();
    if (auto purpose = dispatch.getPurpose())
      command->purpose = *purpose == plan::Purpose::Best
                             ? schema::Purpose::Best
                             : schema::Purpose::Logits;
    countWork(func, *command);
    uint32_t index = description->commands.size();
    for (Value operand : dispatch.getOperands()) {
      command->operands.push_back(describeOperand(operand));
      auto buffer = operand.getDefiningOp<plan::BufferOp>();
      if (!buffer)
        continue;
      auto [entry, isNew] = buffers.insert({buffer, {}});
      schema::BufferT &place = entry->second;
      if (isNew) {
        place.name = buffer.getName().str();
        place.offset = *buffer.getOffset();
        place.size = buffer.getBytes(program.getMaxRows());
        place.first_command = index;
      }
      place.last_command = index;
    }
    description->commands.push_back(std::move(command));
  }
  for (auto &[op, place] : buffers)
    description->buffers.push_back(
        std::make_unique<schema::BufferT>(std::move(place)));
  return description;
}

void Writer::describeVariants() {
  // Code sections come after the weights, in the order of the variants.
  for (auto [i, variant] : llvm::enumerate(contents.variants)) {
    auto description = std::make_unique<schema::VariantT>();
    description->name = variant.target->name().str();
    description->architecture = variant.target->architecture().str();
    for (StringRef feature : variant.target->features())
      description->features.push_back(feature.str());
    description->code = 1 + i;
    description->entries = variant.image.entries;
    root.variants.push_back(std::move(description));
  }
}

//===----------------------------------------------------------------------===//
// The file
//===----------------------------------------------------------------------===//

Error Writer::writeExecutable() {
  if (contents.executable.empty())
    return Error::success();
  if (Error error = file.write(contents.executable))
    return error;
  if (Error error = file.align(schema::kSectionAlignment, 0))
    return error;
  origin = file.position();
  return Error::success();
}

Error Writer::finish() {
  root.producer = "lapidary 0.1";
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::Artifact::Pack(builder, &root),
                 schema::ArtifactIdentifier());
  StringRef table(reinterpret_cast<const char *>(builder.GetBufferPointer()),
                  builder.GetSize());
  if (Error error = file.align(64, origin))
    return error;
  schema::FileHeader header = {};
  std::memcpy(header.magic, schema::kMagic, sizeof(header.magic));
  header.format_version = schema::kFormatVersion;
  header.root_offset = file.position() - origin;
  header.root_size = table.size();
  header.root_checksum = XXH3_64bits(table.data(), table.size());
  header.file_size = header.root_offset + table.size();
  if (Error error = file.write(table))
    return error;
  if (Error error = file.rewrite(
          origin,
          StringRef(reinterpret_cast<const char *>(&header), sizeof(header))))
    return error;
  if (origin) {
    schema::FileTrailer trailer = {origin, header.file_size, {}, 0};
    std::memcpy(trailer.magic, schema::kMagic, sizeof(trailer.magic));
    if (Error error = file.write(StringRef(
            reinterpret_cast<const char *>(&trailer), sizeof(trailer))))
      return error;
  }
  return file.keep(/*executable=*/origin != 0);
}

Error Writer::run() {
  if (Error error = writeExecutable())
    return error;
  if (Error error = file.write(std::string(sizeof(schema::FileHeader), '\0')))
    return error;
  if (Error error = writeWeights())
    return error;
  for (const CompiledVariant &variant : contents.variants) {
    if (Error error =
            beginSection(schema::SectionKind::Code, variant.target->name()))
      return error;
    if (Error error = append(variant.image.bytes))
      return error;
    endSection();
  }
  if (!contents.tokenizer.empty()) {
    if (Error error = beginSection(schema::SectionKind::Tokenizer, "tokenizer"))
      return error;
    if (Error error = append(
            StringRef(reinterpret_cast<const char *>(contents.tokenizer.data()),
                      contents.tokenizer.size())))
      return error;
    endSection();
  }
  describeModel();
  describeCaches();
  describeKernels();
  for (auto program : module.getOps<plan::ProgramOp>()) {
    auto description = describeProgram(program);
    if (program.getLimit()) {
      root.limits.push_back(std::move(description));
      continue;
    }
    description->function = describeFunction(program);
    root.programs.push_back(std::move(description));
  }
  describeVariants();
  return finish();
}

Error lapidary::writeArtifact(const ArtifactContents &contents, StringRef path,
                              llvm::function_ref<void(double)> progress) {
  auto file = OutputFile::create(path);
  if (!file)
    return file.takeError();
  return Writer(contents, std::move(*file), progress).run();
}
