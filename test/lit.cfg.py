# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The lit suites: every .mlir and .test file below test/.

Substitutions besides lit's own (%s, %S, %t, %T):
  %python    the interpreter; for scripts that need numpy
  %examples  the folder examples/
  %golden    the folder test/golden/
  %e2e       the folder test/end-to-end/
  %pebble    examples/pebble/model, compiled with --quant f32
  %aarch64-neon, %aarch64-dotprod, %aarch64-i8mm
             `lapidary` of the aarch64 build on an emulated processor for which
             this target is the best (REQUIRES: aarch64-runtime)
  %amx       `lapidary` with emulated AMX (REQUIRES: amx-runtime)
  lapidary, lapidary-opt, FileCheck, not, ... are found on the PATH.
"""
import os
import platform
import shutil

import lit.formats

config.name = "lapidary"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
# Data, not tests.
config.excludes = ["golden", "Inputs"]
config.test_source_root = os.path.join(config.source_root, "test")
config.test_exec_root = os.path.join(config.build_root, "test")

tools = [os.path.join(config.build_root, "bin"), config.llvm_tools_dir]
config.environment["PATH"] = os.pathsep.join(tools + [os.environ["PATH"]])
config.environment["PYTHONDONTWRITEBYTECODE"] = "1"
config.environment["ASAN_OPTIONS"] = config.asan_options
# A checkpoint given where an artifact is expected is compiled into a cache.
config.environment["XDG_CACHE_HOME"] = os.path.join(config.build_root, "test", "cache")

config.substitutions += [
    ("%python", config.python),
    ("%examples", os.path.join(config.source_root, "examples")),
    ("%golden", os.path.join(config.test_source_root, "golden")),
    ("%e2e", os.path.join(config.test_source_root, "end-to-end")),
    ("%pebble", os.path.join(config.test_exec_root, "pebble.lap")),
]

# The runtime built for another machine (`cmake --preset aarch64`), emulated. Each
# target has a processor that lacks what the better ones need.
aarch64 = os.path.join(config.source_root, "build-aarch64", "bin", "lapidary")
emulator = shutil.which("qemu-aarch64-static")
if emulator and os.path.exists(aarch64):
    config.available_features.add("aarch64-runtime")
    for target, processor in (("neon", "cortex-a53"), ("dotprod", "cortex-a76"), ("i8mm", "max")):
        config.substitutions.append((f"%aarch64-{target}", f"{emulator} -cpu {processor} {aarch64}"))
elif config.has_compiler:
    lit_config.note("tests that run aarch64 code are skipped: " +
                    (f"{aarch64} is missing" if emulator else "qemu-aarch64-static is missing"))

# This machine's own programs on a processor that has AVX2 and no more.
emulator = shutil.which("qemu-x86_64-static")
if emulator and config.has_compiler:
    config.available_features.add("haswell-runtime")
    config.substitutions.append(("%haswell", f"{emulator} -cpu Haswell {config.build_root}/bin/lapidary"))

# Only tiles are emulated: the machine must have the rest of what goes with them.
amx = os.path.join(config.build_root, "test", "bin", "lapidary-amx")
if os.path.exists(amx):
    with open("/proc/cpuinfo", encoding="ascii") as f:
        flags = next((line.split() for line in f if line.startswith("flags")), [])
    if {"avx512bw", "avx512_vnni", "avx512_bf16"} <= set(flags):
        config.available_features.add("amx-runtime")
        config.substitutions.append(("%amx", amx))

# `REQUIRES: x86_64` and the like.
config.available_features.add(platform.machine())
if config.has_compiler:
    config.available_features.add("compiler")
if config.sanitizers:
    config.available_features.add("sanitizers")
if not config.has_compiler:
    config.excludes += ["dialects", "passes", "targets", "frontends", "compiler", "end-to-end"]
