# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the commands that README.md shows in its first block, and expects the
output that it shows.

  readme.py README.md ARTIFACT      ARTIFACT stands for the file that they write
"""
import re
import shlex
import sys

import lapidary


def main():
    readme, artifact = sys.argv[1:]
    with open(readme, encoding="utf-8") as f:
        block = re.search(r"^```console\n(.*?)^```$", f.read(), re.M | re.S).group(1)
    expected = found = ""
    for line in block.split("...\n", 1)[1].splitlines(keepends=True):
        if line.startswith("+ "):
            command = shlex.split(line[2:].replace("build/bin/", "").replace("build/pebble.lap", artifact))
            found += line + lapidary.run(command)
        expected += line
    report = lapidary.Report()
    report.equal("the first block of README.md", found.splitlines(), expected.splitlines())
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
