# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a command and checks its exit code: exits.py CODE COMMAND...

Passes on what the command prints to stderr, so that it can be checked further.
"""
import subprocess
import sys

code = subprocess.run(sys.argv[2:], stdin=subprocess.DEVNULL).returncode
if code != int(sys.argv[1]):
    sys.exit(f"expected exit code {sys.argv[1]}, found {code}: {' '.join(sys.argv[2:])}")
