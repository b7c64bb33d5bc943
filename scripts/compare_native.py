#!/usr/bin/env python3
"""Runs programs natively and by Wherry, in turns, and compares outputs and CPU time.

Each PROGRAM is NAME[:ARG…]; NAME.native and NAME.wherry lie in --directory. CPU time is user plus
system time of the whole process, start-up included; the figure is the median of --runs rounds, in
which the two sides take turns. Exits 1 if an output differs or a program fails.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile


def run(command):
    """(standard output, exit code, CPU seconds) of one process."""
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        return output.read(), child.returncode, usage.ru_utime + usage.ru_stime


def compare(name, arguments, directory, host, runs):
    sides = {
        "native": [str(directory / f"{name}.native"), *arguments],
        "wherry": [host, "run", str(directory / f"{name}.wherry"), *arguments],
    }
    times = {side: [] for side in sides}
    outputs = {}
    for _ in range(runs):
        for side, command in sides.items():
            outputs[side], code, seconds = run(command)
            times[side].append(seconds)
            if code != 0:
                sys.exit(f"{' '.join(command)}: exit code {code}")
    row = {"program": " ".join([name, *arguments]), "same": outputs["native"] == outputs["wherry"],
           "output": outputs["wherry"].decode().strip()}
    for side in sides:
        row[side] = statistics.median(times[side])
        row[side + "_times"] = times[side]
    row["ratio"] = row["wherry"] / row["native"]
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--directory", type=pathlib.Path, required=True)
    parser.add_argument("--host", required=True, help="the wherry-host program")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=pathlib.Path, help="write the figures here")
    parser.add_argument("programs", nargs="+", metavar="NAME[:ARG...]")
    options = parser.parse_args()

    print(f"{'program':<24}{'native':>10}{'wherry':>10}{'ratio':>8}  output")
    rows = []
    for program in options.programs:
        name, *arguments = program.split(":")
        row = compare(name, arguments, options.directory, options.host, options.runs)
        rows.append(row)
        verdict = row["output"] if row["same"] else "DIFFERENT OUTPUTS"
        print(f"{row['program']:<24}{row['native']:>8.3f} s{row['wherry']:>8.3f} s"
              f"{row['ratio']:>8.2f}  {verdict}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")
    return 0 if all(row["same"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
