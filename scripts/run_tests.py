# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs every test of a finished build, prints the counts of each kind and, last,
`N passed, N failed, N skipped`; exits 1 when anything failed."""
import collections
import json
import os
import pathlib
import subprocess
import sys
import time
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
SANITIZED = ROOT / "build-sanitize"
LIT = "/usr/lib/llvm-22/bin/lit"
JOBS = f"-j{os.environ.get('JOBS') or os.cpu_count()}"


def run(command):
    """Runs a command with its output shown; returns whether it exited with 0."""
    sys.stdout.flush()
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL).returncode == 0


def unit_tests(kind, build):
    """GoogleTest cases, one ctest test each: yields (kind, outcome)."""
    report = build / "ctest.xml"
    report.unlink(missing_ok=True)
    yield kind, run(["ctest", "--test-dir", str(build), JOBS, "--quiet", "--output-junit", str(report)])
    if not report.exists():
        return
    for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
        outcome = {"run": "passed", "fail": "failed"}.get(case.get("status"), "skipped")
        if outcome == "failed":
            print(f"FAIL: {case.get('name')} ({build.name})\n{case.findtext('system-out')}")
        yield kind, outcome


def lit_tests():
    """Yields (kind, outcome); the kind is the folder below test/."""
    report = BUILD / "lit.json"
    report.unlink(missing_ok=True)
    yield "lit", run([LIT, JOBS, "-sv", "--no-progress-bar", "-o", str(report), str(BUILD / "test")])
    if not report.exists():
        return
    for test in json.loads(report.read_text())["tests"]:
        kind = "lit " + test["name"].removeprefix("lapidary :: ").split("/")[0]
        outcome = {"PASS": "passed", "FLAKYPASS": "passed", "XFAIL": "passed",
                   "UNSUPPORTED": "skipped", "SKIPPED": "skipped", "EXCLUDED": "skipped"}.get(test["code"], "failed")
        yield kind, outcome


def checks():
    """The lines of scripts/check: `passed format`, `skipped tidy: ...`."""
    result = subprocess.run([sys.executable, "scripts/check"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    print(result.stdout, end="")
    yield "checks", result.returncode == 0
    for line in result.stdout.splitlines():
        outcome = line.split(" ")[0]
        if outcome in ("passed", "failed", "skipped"):
            yield "checks", outcome


def count(results, counts):
    """Adds up the outcomes. The first item of a runner is whether it exited with
    0: a runner that fails without naming a failed test counts as one."""
    kind, succeeded = next(results)
    failed = False
    for kind, outcome in results:
        counts[kind][outcome] += 1
        failed = failed or outcome == "failed"
    if not succeeded and not failed:
        print(f"{kind}: the runner itself failed")
        counts[kind]["failed"] += 1


def main():
    start = time.time()
    counts = collections.defaultdict(collections.Counter)
    count(unit_tests("unit tests", BUILD), counts)
    count(unit_tests("unit tests, sanitized", SANITIZED), counts)
    count(lit_tests(), counts)
    count(checks(), counts)

    print(f"\n{'kind':24}{'passed':>8}{'failed':>8}{'skipped':>8}")
    for kind, by_outcome in counts.items():
        print(f"{kind:24}{by_outcome['passed']:8}{by_outcome['failed']:8}{by_outcome['skipped']:8}")
    print(f"in {time.time() - start:.0f} s")
    total = sum(counts.values(), collections.Counter())
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    return 1 if total["failed"] or not total["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
