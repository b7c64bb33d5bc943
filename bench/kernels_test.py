#!/usr/bin/env python3
"""./dev bench kernels on a few kernels with little work: the real engines, and in place of Wasmtime a
program that is right, wrong, fails, or never ends.

usage: kernels_test.py KERNELS.json PROGRAMS
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

BENCH = pathlib.Path(__file__).resolve().parent
# What the stand-in does with a kernel; all others it runs right.
STAND_IN = """#!/usr/bin/env python3
import json, os, pathlib, signal, sys
if sys.argv[1] == "--version":
    print("stand-in 1")
elif sys.argv[1] == "compile":
    open(sys.argv[4], "w").close()
else:
    name, mood = pathlib.Path(sys.argv[3]).stem, json.loads(os.environ["MOODS"])
    if mood.get(name) == "wrong":
        print("0000000000000000")
    elif mood.get(name) == "fails":
        sys.exit(3)
    elif mood.get(name) == "endless":
        open(os.environ["FIFO"], "w").close()
        signal.pause()
    else:
        os.execv(os.path.join(os.environ["NATIVE"], name), [name, *sys.argv[4:]])
"""


class Bench:
    def __init__(self, kernels, programs, directory):
        self.kernels, self.programs, self.directory = kernels, programs, pathlib.Path(directory)
        self.stand_in, self.fifo = self.directory / "stand-in", self.directory / "fifo"
        self.stand_in.write_text(STAND_IN)
        self.stand_in.chmod(0o755)
        os.mkfifo(self.fifo)

    def start(self, arguments, moods=None, wasmtime=None):
        self.json = self.directory / "result.json"
        self.json.unlink(missing_ok=True)
        environment = dict(os.environ, MOODS=json.dumps(moods or {}), FIFO=str(self.fifo),
                           WASMTIME=str(wasmtime or self.stand_in),
                           NATIVE=str(pathlib.Path(self.kernels).parent / "native"))
        return subprocess.Popen(
            [sys.executable, BENCH / "kernels.py", "--kernels", self.kernels, "--programs",
             self.programs, "--rounds", "1", "--json", self.json, *arguments],
            env=environment, stdout=subprocess.PIPE, text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))

    def finish(self, process, code):
        output, _ = process.communicate(timeout=120)
        check(process.returncode == code, f"exit code {process.returncode}, not {code}:\n{output}")
        return output, json.loads(self.json.read_text())


def check(condition, what):
    if not condition:
        sys.exit(what)


def engines_of(result, kernel):
    return next(entry["engines"] for entry in result["results"] if entry["kernel"] == kernel)


def test_outputs_are_compared(bench):
    output, result = bench.finish(bench.start(
        ["--runs", "2", "--only", "^(sha256|crc32|queens)$"],
        {"crc32": "fails", "queens": "wrong"}), 1)
    for kernel in "sha256", "crc32", "queens":
        for engine in "native", "wherry", "wasm2c", "node":
            measured = engines_of(result, kernel)[engine]
            check(len(measured["seconds"]) == 2 and not measured["problem"],
                  f"{kernel}, {engine}: {measured}")
    for kernel, word in ("crc32", "FAILED"), ("queens", "WRONG"):
        measured = engines_of(result, kernel)["wasmtime"]
        check(measured["problem"]["word"] == word and not measured["seconds"], f"{measured}")
        check(any(line.startswith(kernel) and word in line for line in output.splitlines()), output)
    check("wasmtime: its mean is of 1 of 3 kernels" in output, output)
    hashes = engines_of(result, "sha256")
    ratio = min(hashes["wasmtime"]["seconds"]) / min(hashes["native"]["seconds"])
    check(abs(result["geomean"]["wasmtime"]["minima"] - ratio) < 1e-9, f"mean is not {ratio}")
    check(result["versions"]["wasmtime"] == "stand-in 1" and result["machine"]["cpu"], f"{result}")


def test_missing_engines_are_named(bench):
    output, result = bench.finish(bench.start(
        ["--runs", "1", "--only", "^(empty|queens)$", "--simd", "--engines", "wherry,wasm2c,wasmtime"],
        wasmtime=bench.directory / "nowhere"), 0)
    check("wasmtime is not installed: `cargo install" in output, output)
    measured = engines_of(result, "queens")
    check(set(measured) == {"native", "wherry"}, f"wasm2c has no vectors: {set(measured)}")
    check("wasm2c does not run modules with vectors" in output, output)
    check("-msimd128" in result["results"][0]["built"][1], "not built with vectors")
    check(len(engines_of(result, "empty")["wherry"]["seconds"]) == 10, "the empty kernel: 10 a run")
    check("simd/queens.wasm" in measured["wherry"]["prepare"][0][2], f"{measured['wherry']}")


def test_an_interruption_saves(bench):
    process = bench.start(["--runs", "1", "--only", "^(sha256|queens)$", "--engines", "wasmtime"],
                          {"queens": "endless"})
    with open(bench.fifo, encoding="utf-8") as fifo:
        fifo.read()
    process.send_signal(signal.SIGINT)
    output, result = bench.finish(process, 130)
    check(result["interrupted"] and len(engines_of(result, "sha256")["wasmtime"]["seconds"]) == 1,
          f"{result}")
    check(not engines_of(result, "queens")["wasmtime"]["seconds"], "a run that did not end counts")
    check("geomean of minima" in output, output)


def main():
    kernels, programs = sys.argv[1:]
    for test in test_outputs_are_compared, test_missing_engines_are_named, test_an_interruption_saves:
        with tempfile.TemporaryDirectory(prefix="wherry-bench-") as directory:
            test(Bench(kernels, programs, directory))
        print(f"{test.__name__}: passed")


main()
