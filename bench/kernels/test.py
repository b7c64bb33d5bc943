#!/usr/bin/env python3
"""A kernel with little work: compiled by Wherry from plain WebAssembly and from WebAssembly with
vectors, it prints what its native build prints.

usage: test.py WHERRY WHERRY-HOST NATIVE PLAIN.wasm SIMD.wasm
"""
import os
import subprocess
import sys
import tempfile

ROUNDS = "1"


def output_of(command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit code {done.returncode}: {done.stderr.decode()}")
    return done.stdout


def main():
    wherry, host, native, *modules = sys.argv[1:]
    expected = output_of([native, ROUNDS])
    with tempfile.TemporaryDirectory(prefix="wherry-kernel-") as directory:
        compiled = os.path.join(directory, "kernel.wherry")
        for module in modules:
            subprocess.run([wherry, "compile", module, "-o", compiled], check=True, timeout=60)
            actual = output_of([host, "run", compiled, ROUNDS])
            if actual != expected:
                sys.exit(f"{module}: expected {expected!r}, got {actual!r}")
    print(f"{len(modules)} modules print {expected.decode().strip()!r}")


main()
