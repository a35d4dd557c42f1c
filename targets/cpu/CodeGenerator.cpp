//===- CodeGenerator.cpp - The llvm dialect to machine code -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/cpu/CodeGenerator.h"

#include "lld/Common/Driver.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Parallel.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

LLD_HAS_DRIVER(elf)

using namespace mlir;
using namespace lapidary;
using namespace lapidary::cpu;

static llvm::Error failure(const Machine &machine, const llvm::Twine &what) {
  return llvm::createStringError("target '" + machine.name() + "': " + what);
}

static llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const Machine &machine) {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeAllTargetInfos();
    llvm::InitializeAllTargets();
    llvm::InitializeAllTargetMCs();
    llvm::InitializeAllAsmPrinters();
  });
  llvm::Triple triple(machine.triple());
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return failure(machine, error);
  std::string features;
  for (StringRef feature : machine.features())
    features += (features.empty() ? "+" : ",+") + feature.str();
  llvm::TargetOptions options;
  // Contracting is ours to decide: results must not depend on the optimizer.
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(
      triple, machine.cpu(), features, options, llvm::Reloc::PIC_, std::nullopt,
      llvm::CodeGenOptLevel::Default));
}

static void optimize(llvm::Module &module, llvm::TargetMachine &target) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PipelineTuningOptions tuning;
  // Emitters have unrolled and vectorized what pays.
  tuning.LoopVectorization = tuning.SLPVectorization = false;
  llvm::PassBuilder builder(&target, tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2)
      .run(module, modules);
}

/// Loops that the optimizer takes for memset or memcpy would become calls.
static void forbidCalls(llvm::Module &module) {
  for (llvm::Function &function : module)
    if (!function.isDeclaration())
      function.addFnAttr("no-builtins");
}

static llvm::Expected<std::string> emitObject(ModuleOp source,
                                              const Machine &machine) {
  auto target = createTargetMachine(machine);
  if (!target)
    return target.takeError();
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> module =
      translateModuleToLLVMIR(source, context, "kernels");
  if (!module)
    return failure(machine, "kernels could not be translated to LLVM");
  module->setTargetTriple((*target)->getTargetTriple());
  module->setDataLayout((*target)->createDataLayout());
  forbidCalls(*module);
  optimize(*module, **target);
  SmallVector<char, 0> object;
  llvm::raw_svector_ostream out(object);
  llvm::legacy::PassManager passes;
  if ((*target)->addPassesToEmitFile(passes, out, nullptr,
                                     llvm::CodeGenFileType::ObjectFile))
    return failure(machine, "LLVM cannot emit objects for it");
  passes.run(*module);
  return std::string(object.begin(), object.end());
}

llvm::Expected<std::vector<std::string>>
cpu::emitObjects(ArrayRef<ModuleOp> modules, const Machine &machine) {
  std::vector<std::string> objects(modules.size());
  if (modules.empty())
    return objects;
  registerBuiltinDialectTranslation(*modules.front()->getContext());
  registerLLVMDialectTranslation(*modules.front()->getContext());
  auto indices = llvm::seq<size_t>(0, modules.size());
  auto emit = [&](size_t i) {
    return emitObject(modules[i], machine).moveInto(objects[i]);
  };
  if (auto error = llvm::parallelForEachError(indices, emit))
    return error;
  return objects;
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
cpu::archiveObjects(ArrayRef<llvm::MemoryBufferRef> objects) {
  SmallVector<llvm::NewArchiveMember> members(objects.begin(), objects.end());
  return llvm::writeArchiveToBuffer(members, llvm::SymtabWritingMode::NoSymtab,
                                    llvm::object::Archive::K_GNU,
                                    /*Deterministic=*/true, /*Thin=*/false);
}

// Code and constants in one stretch, so that addresses between them are fixed;
// the rest serves a dynamic linker, which loading does without.
static constexpr StringLiteral kLinkerScript = R"(
SECTIONS {
  . = 0;
  .image : ALIGN(64) { *(.text .text.*) *(.rodata .rodata.*) }
  /DISCARD/ : { *(.comment) *(.note*) *(.eh_frame) *(.llvm*) }
}
)";

/// A temporary file that holds `text` until the object goes.
class TemporaryFile {
public:
  static llvm::Expected<TemporaryFile> create(StringRef suffix,
                                              StringRef text) {
    TemporaryFile file;
    int descriptor;
    if (std::error_code error = llvm::sys::fs::createTemporaryFile(
            "lapidary", suffix, descriptor, file.path))
      return llvm::createStringError(error, "cannot create a temporary file");
    llvm::raw_fd_ostream out(descriptor, /*shouldClose=*/true);
    out << text;
    out.flush();
    if (std::error_code error = out.error()) {
      out.clear_error();
      return llvm::createStringError(error, "cannot write '" + file.path + "'");
    }
    return file;
  }
  TemporaryFile(TemporaryFile &&other) : path(other.path) {
    other.path.clear();
  }
  ~TemporaryFile() {
    if (!path.empty())
      (void)llvm::sys::fs::remove(path);
  }
  SmallString<128> path;

private:
  TemporaryFile() = default;
};

/// Links the objects in `archive` to a shared object in memory.
static llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
link(StringRef archive, const Machine &machine) {
  auto input = TemporaryFile::create("a", archive);
  auto script = TemporaryFile::create("ld", kLinkerScript);
  auto output = TemporaryFile::create("so", "");
  for (auto *file : {&input, &script, &output})
    if (!*file)
      return file->takeError();
  const char *arguments[] = {"ld.lld",
                             "-shared",
                             "--no-undefined",
                             "-Bsymbolic",
                             "-T",
                             script->path.c_str(),
                             "-o",
                             output->path.c_str(),
                             "--whole-archive",
                             input->path.c_str()};
  std::string messages;
  llvm::raw_string_ostream out(messages);
  lld::Result result =
      lld::lldMain(arguments, out, out, {{lld::Gnu, &lld::elf::link}});
  if (result.retCode)
    return failure(machine, "kernels could not be linked: " + messages);
  auto buffer = llvm::MemoryBuffer::getFile(output->path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false,
                                            /*IsVolatile=*/true);
  if (!buffer)
    return failure(machine, buffer.getError().message());
  return std::move(*buffer);
}

llvm::Expected<CodeImage>
cpu::linkImage(ArrayRef<llvm::MemoryBufferRef> objects,
               const Machine &machine) {
  auto archive = archiveObjects(objects);
  if (!archive)
    return archive.takeError();
  auto linked = link((*archive)->getBuffer(), machine);
  if (!linked)
    return linked.takeError();
  auto file = llvm::object::ObjectFile::createELFObjectFile(
      (*linked)->getMemBufferRef());
  if (!file)
    return file.takeError();

  CodeImage image;
  for (llvm::object::SectionRef section : (*file)->sections()) {
    auto name = section.getName();
    if (!name)
      return name.takeError();
    if (name->starts_with(".rela") && section.getSize())
      return failure(machine, "code needs relocations");
    if (*name != ".image")
      continue;
    auto contents = section.getContents();
    if (!contents)
      return contents.takeError();
    image.bytes.assign(section.getAddress(), '\0');
    image.bytes += *contents;
  }
  llvm::StringMap<uint64_t> addresses;
  for (llvm::object::SymbolRef symbol : (*file)->symbols()) {
    auto name = symbol.getName();
    auto address = symbol.getAddress();
    if (!name || !address)
      return llvm::joinErrors(name.takeError(), address.takeError());
    addresses[*name] = *address;
  }
  for (const llvm::MemoryBufferRef &object : objects)
    image.entries.push_back(addresses.lookup(object.getBufferIdentifier()));
  return image;
}
