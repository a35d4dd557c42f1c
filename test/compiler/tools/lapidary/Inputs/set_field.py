# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Changes one field of a JSON file: set_field.py FILE NAME TEXT."""
import json
import sys

path, name, text = sys.argv[1:]
with open(path, encoding="utf-8") as f:
    document = json.load(f)
document[name] = text
with open(path, "w", encoding="utf-8") as f:
    json.dump(document, f)
