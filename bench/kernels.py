#!/usr/bin/env python3
"""Runs the kernels natively and in WebAssembly engines, in turns, and prints a table.

CPU time is user plus system time of the whole process, starting included. All engines run a kernel
once in each round; the table has the least time of all rounds: native in seconds, the others
relative to it. An output that is not native's makes the exit code 1. Interrupted, it prints and saves
what it has.
"""
import argparse
import json
import os
import pathlib
import platform
import re
import subprocess
import sys

import rounds
import table
from engines import ENGINES

STARTING_RUNS = 10  # for each of --runs: the kernel that does nothing takes a millisecond


def commit():
    """What is measured; "-dirty" if there is more than what is committed."""
    done = subprocess.run(["git", "describe", "--always", "--dirty", "--abbrev=40"],
                          capture_output=True, text=True)
    return done.stdout.strip() or None


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = re.search(r"model name\s*: (.*)", file.read())
    return {"cpu": model.group(1) if model else platform.processor(), "cores": os.cpu_count(),
            "kernel": platform.release()}


def parse():
    parser = argparse.ArgumentParser(prog="./dev bench kernels", description=__doc__.splitlines()[0])
    parser.add_argument("--kernels", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--programs", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="rounds (5)")
    parser.add_argument("--rounds", metavar="N", help="work for each kernel of ours, instead of about "
                        "half a second of it")
    parser.add_argument("--simd", action="store_true", help="modules with vectors")
    parser.add_argument("--only", metavar="REGEX", default="", help="kernels with such names")
    parser.add_argument("--engines", metavar="LIST", help="beside native: " +
                        ",".join(engine.name for engine in ENGINES[1:]))
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="save every time here")
    flags = parser.parse_args()
    names = [engine.name for engine in ENGINES]
    flags.engines = {"native", *(flags.engines or ",".join(names)).split(",")}
    if flags.engines - set(names):
        parser.error(f"no such engine: {', '.join(sorted(flags.engines - set(names)))}")
    flags.list = [kernel for kernel in json.loads(flags.kernels.read_text())
                  if re.search(flags.only, kernel["name"])]
    if not flags.list or flags.runs < 1:
        parser.error(f"no kernel is called {flags.only}" if flags.runs > 0 else "--runs is at least 1")
    return flags


def main():
    flags = parse()
    engines = [engine(flags.programs) for engine in ENGINES if engine.name in flags.engines]
    build, results, interrupted = "simd" if flags.simd else "plain", [], False
    taking_part = [engine for engine in engines if engine.version and build in engine.builds]
    names = [engine.name for engine in taking_part]
    print(table.header(names), flush=True)
    try:
        for kernel in flags.list:
            arguments = kernel["arguments"] or ([flags.rounds] if flags.rounds else [])
            result = {"kernel": kernel["name"], "built": [kernel["native"]["command"],
                                                         kernel[build]["command"]], "engines": {}}
            results.append(result)
            for engine in taking_part:
                result["engines"][engine.name] = rounds.prepare(
                    engine, kernel, arguments, build, flags.kernels.parent / build)
            starting = STARTING_RUNS if kernel["name"] == table.STARTING else 1
            rounds.measure(result, flags.runs * starting)
            print(table.row(result, names), flush=True)
    except KeyboardInterrupt:
        interrupted = True
        print("\n".join(table.row(result, names) for result in results[-1:]))
    print("\n".join(table.footer(results, names)))
    for engine in engines:
        if not engine.version:
            print(f"{engine.name} is not installed: {engine.hint}")
        elif build not in engine.builds:
            print(f"{engine.name} does not run modules with vectors")
    if flags.json:
        flags.json.write_text(json.dumps({
            "machine": machine(), "commit": commit(), "build": build, "runs": flags.runs, "interrupted": interrupted,
            "versions": {engine.name: engine.version for engine in engines},
            "geomean": table.summary(results, names), "results": results}, indent=1) + "\n")
    problems = any(measured["problem"] for result in results
                   for measured in result["engines"].values())
    return 130 if interrupted else 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
