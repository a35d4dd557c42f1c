//===- Machine.cpp - A class of CPUs as a target ----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/cpu/Machine.h"
#include "targets/cpu/CodeGenerator.h"
#include "targets/cpu/ExpandKernels.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace lapidary;
using namespace lapidary::cpu;

/// Writes what `print` prints to `<directory>/<name>` if a directory is given.
static llvm::Error dump(StringRef directory, const llvm::Twine &name,
                        llvm::function_ref<void(llvm::raw_ostream &)> print) {
  if (directory.empty())
    return llvm::Error::success();
  std::error_code error;
  llvm::raw_fd_ostream out((directory + "/" + name).str(), error);
  if (error)
    return llvm::createStringError(error,
                                   "cannot write to '" + directory + "'");
  print(out);
  return llvm::Error::success();
}

/// All that decides the code of `kernel` on `machine` besides this program.
static std::string describeKernel(kernel::FuncOp kernel,
                                  const Machine &machine) {
  std::string text;
  llvm::raw_string_ostream out(text);
  out << machine.name() << ' ' << machine.triple() << ' ' << machine.cpu();
  for (StringRef feature : machine.features())
    out << ' ' << feature;
  out << '\n';
  kernel->print(out, OpPrintingFlags().useLocalScope());
  return text;
}

namespace {
/// A kernel on its way to code.
struct Job {
  kernel::FuncOp kernel;
  std::string text;
  KernelCode code;
};
} // namespace

/// Compiles the kernels of `jobs`.
static llvm::Error generate(llvm::ArrayRef<Job *> jobs, const Machine &machine,
                            StringRef dumpDirectory) {
  if (jobs.empty())
    return llvm::Error::success();
  OwningOpRef<ModuleOp> code = ModuleOp::create(jobs.front()->kernel.getLoc());
  SmallVector<ModuleOp> modules;
  OpBuilder builder(code->getBodyRegion());
  for (Job *job : jobs) {
    builder.setInsertionPointToEnd(code->getBody());
    modules.push_back(ModuleOp::create(builder, job->kernel.getLoc()));
    builder.setInsertionPointToEnd(modules.back().getBody());
    job->code.scratchBytes =
        expandKernel(job->kernel, machine.tiles(), builder);
  }
  auto printCode = [&](llvm::raw_ostream &out) { code->print(out); };
  StringRef name = machine.name();
  if (auto error = dump(dumpDirectory, name + ".loops.mlir", printCode))
    return error;
  if (failed(lowerToLlvm(*code)))
    return llvm::createStringError("target '" + name +
                                   "': kernels could not be lowered to LLVM");
  if (auto error = dump(dumpDirectory, name + ".llvm.mlir", printCode))
    return error;
  auto objects = emitObjects(modules, machine);
  if (!objects)
    return objects.takeError();
  for (auto [job, object] : llvm::zip_equal(jobs, *objects))
    job->code.object = std::move(object);
  return llvm::Error::success();
}

static llvm::Error dumpObjects(llvm::ArrayRef<llvm::MemoryBufferRef> objects,
                               const Machine &machine, StringRef directory) {
  auto archive = archiveObjects(objects);
  if (!archive)
    return archive.takeError();
  return dump(directory, machine.name() + ".a",
              [&](llvm::raw_ostream &out) { out << (*archive)->getBuffer(); });
}

/// Links the code of `jobs`.
static llvm::Expected<CodeImage> link(llvm::ArrayRef<Job> jobs,
                                      const Machine &machine,
                                      StringRef dumpDirectory) {
  SmallVector<llvm::MemoryBufferRef> objects;
  uint64_t scratchBytes = 0;
  for (const Job &job : jobs) {
    kernel::FuncOp kernel = job.kernel;
    objects.emplace_back(job.code.object, kernel.getSymName());
    scratchBytes = std::max(scratchBytes, job.code.scratchBytes);
  }
  if (auto error = dumpObjects(objects, machine, dumpDirectory))
    return error;
  auto image = linkImage(objects, machine);
  if (image)
    image->scratchBytes = scratchBytes;
  return image;
}

llvm::Expected<CodeImage> Machine::compile(ModuleOp module, CodeCache &cache,
                                           StringRef dumpDirectory) const {
  std::vector<Job> jobs;
  for (auto kernel : module.getOps<kernel::FuncOp>())
    jobs.push_back({kernel, describeKernel(kernel, *this), {}});
  SmallVector<Job *> missing;
  for (Job &job : jobs) {
    auto found = dumpDirectory.empty() ? cache.find(job.text) : std::nullopt;
    if (found)
      job.code = std::move(*found);
    else
      missing.push_back(&job);
  }
  if (auto error = generate(missing, *this, dumpDirectory))
    return error;
  for (const Job *job : missing)
    cache.keep(job->text, job->code);
  auto image = link(jobs, *this, dumpDirectory);
  if (image)
    image->cachedKernels = jobs.size() - missing.size();
  return image;
}
