# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Interrupts `lapidary run` and `lapidary chat` in the middle of answers."""
import json
import signal
import subprocess
import sys

# Goes on until the context is full.
ENDLESS = ["--ignore-eos", "--temperature", "2"]
PIPE = subprocess.PIPE


def start(*words, **streams):
    return subprocess.Popen(["lapidary", *words], stdout=PIPE, stderr=PIPE, **streams)


def run_prints_what_it_has(model):
    process = start("run", model, "-p", "The", *ENDLESS)
    begin = process.stdout.read(1)
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate()
    assert begin and rest.endswith(b"\n") and not errors, (rest, errors)
    assert process.returncode == 130, process.returncode


def run_json_is_whole(model):
    process = start("run", model, "-p", "The", "--json", *ENDLESS)
    # Nothing tells when it has begun; a signal before that ends it at once.
    try:
        process.wait(0.5)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        assert json.loads(process.communicate()[0])["stop_reason"] == "interrupted"
        assert process.returncode == 130, process.returncode


def chat_goes_on(model):
    process = start("chat", model, "--temperature", "0", stdin=PIPE)
    process.stdin.write(b"What is the price of Corvane?\n")
    process.stdin.flush()
    answer = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(b"/reset\nWhat is the price of Corvane?\n")
    assert process.returncode == 0, process.returncode
    assert rest == answer, (rest, answer)


def reader_may_leave(model):
    process = start("run", model, "-p", "The", *ENDLESS)
    process.stdout.read(1)
    process.stdout.close()
    assert process.wait() == 0 and not process.stderr.read()


for test in (run_prints_what_it_has, run_json_is_whole, chat_goes_on, reader_may_leave):
    test(sys.argv[1])
