# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks that every help screen is one screen, and the same however asked for."""
import re
import subprocess

MAX_LINES, MAX_COLUMNS = 24, 100


def ask(*words):
    return subprocess.run(["lapidary", *words], check=True, stdout=subprocess.PIPE, text=True).stdout


overview = ask("help")
assert overview == ask("--help") == ask("-h")
commands = re.findall(r"^  ([a-z]+) +\S", overview.split("commands:")[1].split("options:")[0], re.M)
screens = {command: ask("help", command) for command in commands}
for command, screen in {"": overview, **screens}.items():
    lines = screen.splitlines()
    assert lines[0].startswith(f"usage: lapidary {command or 'COMMAND'}"), screen
    assert any(line.startswith(f"example: lapidary {command}") for line in lines), screen
    assert len(lines) <= MAX_LINES, f"{command}: {len(lines)} lines"
    assert max(map(len, lines)) <= MAX_COLUMNS, f"{command}: {max(map(len, lines))} columns"
for command, screen in screens.items():
    assert screen == ask(command, "--help") == ask(command, "-h", "--wrong")
print("commands:", *commands)
