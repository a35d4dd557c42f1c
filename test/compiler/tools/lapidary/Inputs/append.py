# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes one executable of a program and an artifact: append.py PROGRAM ARTIFACT RESULT."""
import os
import shutil
import struct
import sys

program, artifact, result = sys.argv[1:]
shutil.copy(shutil.which(program), result)
with open(result, "ab") as f:
    offset = -(-f.tell() // 65536) * 65536
    f.truncate(offset)
    f.seek(offset)
    with open(artifact, "rb") as g:
        shutil.copyfileobj(g, f)
    f.write(struct.pack("<QQ8sQ", offset, os.path.getsize(artifact), b"LAPIDARY", 0))
