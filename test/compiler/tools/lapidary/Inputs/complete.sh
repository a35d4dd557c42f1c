# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Prints what bash would offer for some command lines: complete.sh COMPLETIONS
source "$1"

offer() {
  COMP_WORDS=(lapidary "$@") COMP_CWORD=$#
  _lapidary
  echo "$*:${COMPREPLY[*]}"
}

offer r
offer ""
offer help e
offer run m.lap --te
offer run m.lap ""
offer compile c --quant ""
offer compile c --kv i
offer compile c --emit ""
offer compile c --target aa
