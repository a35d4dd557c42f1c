#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Says, as the tester of lapidary-reduce does, whether the module is interesting:
# 1 when it has a softcap, else 0.
if grep -q gemma.softcap "$1"; then exit 1; fi
exit 0
