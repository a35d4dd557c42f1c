# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Completion of `lapidary` for bash. Words come from the program's own help
# screens, so that there is nothing to keep up to date here.

# The value of option $1, as the help screen $2 names it: "f32 | bf16 | int8".
_lapidary_choices() {
  # A description that goes on in the next lines is joined to one line first.
  awk '/^  -/ { print row; row = $0; next } { row = row " " $0 } END { print row }' <<<"$2" |
    grep -oE -- "$1 [A-Z].*" | grep -oE '[a-z0-9]+( *\([^)]*\))?( \| [a-z0-9]+)+' | head -n 1 |
    sed -E 's/\([^)]*\)//g; s/\|/ /g'
}

_lapidary() {
  local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]}
  local before=${COMP_WORDS[COMP_CWORD - 1]} candidates="" help
  COMPREPLY=()
  if ((COMP_CWORD == 1)) || [[ ${COMP_WORDS[1]} == help ]]; then
    candidates="help $("$program" help 2>/dev/null | sed -nE '/^commands:/,/^options:/s/^  ([a-z]+) .*/\1/p')"
    [[ $word == -* ]] && candidates="--help --version"
  else
    help=$("$program" help "${COMP_WORDS[1]}" 2>/dev/null)
    if [[ $word == -* ]]; then
      candidates="--help $(sed -nE 's/^  (-., )?(--[a-z-]+).*/\2/p' <<<"$help")"
    elif [[ $before == --target ]]; then
      candidates="host $("$program" targets 2>/dev/null | sed -nE '2,$s/^([^ ]+) +([^ ]+) .*/\1\n\2/p' | sort -u)"
    elif [[ $before == -* ]]; then
      candidates=$(_lapidary_choices "$before" "$help")
    fi
  fi
  # Where nothing is known, bash completes names of files.
  [[ -z $candidates ]] || mapfile -t COMPREPLY < <(compgen -W "$candidates" -- "$word")
}

complete -o bashdefault -o default -F _lapidary lapidary
