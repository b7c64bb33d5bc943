#!/usr/bin/env python3
"""A kernel with little work: compiled by Wherry from plain WebAssembly and from WebAssembly with
vectors, it prints what its native build prints. A module that differs from the first in custom
sections only, since there was nothing to vectorize, is not compiled again.

usage: test.py WHERRY WHERRY-HOST NATIVE PLAIN.wasm SIMD.wasm
"""
import os
import subprocess
import sys
import tempfile

ROUNDS = "4"  # the work of a kernel may take turns


def output_of(command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit code {done.returncode}: {done.stderr.decode()}")
    return done.stdout


def sections_of(path):
    """The bytes of a module without its custom sections."""
    with open(path, "rb") as file:
        module = file.read()
    sections, at = [], 8
    while at < len(module):
        kind, start, size, shift = module[at], at, 0, 0
        at += 1
        while True:
            size |= (module[at] & 0x7f) << shift
            shift += 7
            at += 1
            if module[at - 1] < 0x80:
                break
        at += size
        if kind != 0:
            sections.append(module[start:at])
    return b"".join(sections)


def main():
    wherry, host, native, *modules = sys.argv[1:]
    expected, seen = output_of([native, ROUNDS]), []
    with tempfile.TemporaryDirectory(prefix="wherry-kernel-") as directory:
        compiled = os.path.join(directory, "kernel.wherry")
        for module in modules:
            sections = sections_of(module)
            if sections in seen:
                continue
            seen.append(sections)
            subprocess.run([wherry, "compile", module, "-o", compiled], check=True, timeout=60)
            actual = output_of([host, "run", compiled, ROUNDS])
            if actual != expected:
                sys.exit(f"{module}: expected {expected!r}, got {actual!r}")
    print(f"{len(seen)} modules print {expected.decode().strip()!r}")


main()
