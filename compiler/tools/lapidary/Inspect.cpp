//===- Inspect.cpp - lapidary inspect ---------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/Commands.h"
#include "compiler/tools/lapidary/Failure.h"
#include "compiler/tools/lapidary/Files.h"
#include "compiler/tools/lapidary/Inspection.h"
#include "compiler/tools/lapidary/Output.h"

#include <filesystem>
#include <memory>

using namespace lapidary;
using namespace lapidary::tool;

namespace {
struct InspectOptions {
  std::string source;
  bool json = false;
  std::optional<std::string> html;
};
} // namespace

static void inspect(const InspectOptions &options) {
  bool checkpoint = std::filesystem::is_directory(options.source);
  if (checkpoint && options.html)
    failUsage("--html draws the program of an artifact, but '", options.source,
              "' is a checkpoint");
  Document document = checkpoint ? describeCheckpoint(options.source)
                                 : describeArtifact(options.source);
  if (options.html) {
    NewFile file(*options.html);
    file.write(renderArtifactHtml(document));
    file.commit();
  }
  if (options.json)
    return printJson(document);
  if (options.html)
    return;
  print(checkpoint ? renderCheckpointText(document)
                   : renderArtifactText(document));
}

Action tool::defineInspect(Options &options) {
  options.describe("lapidary inspect MODEL|CHECKPOINT [--json] [--html FILE]",
                   "Shows what an artifact holds: model, caches, variants, "
                   "programs, memory plan, weights;\nor what a checkpoint "
                   "holds: configuration and tensors.",
                   "lapidary inspect gemma.lap --html gemma.html");
  auto values = std::make_shared<InspectOptions>();
  options.addOperand({"SOURCE", "", "a .lap file or a checkpoint directory"},
                     values->source);
  options.addFlag({"--json", "", "print all of it as JSON"}, values->json);
  options.add({"--html", "FILE", "write a page that draws the memory plan"},
              values->html);
  return [values] { inspect(*values); };
}
