#!/usr/bin/env python3
"""Huge functions of all shapes are compiled, and compute what they should. A stall is one of minutes,
which the test's own time limit ends.

usage: huge_functions_test.py PROGRAM-DIRECTORY KILOBYTES
"""
import os
import subprocess
import sys
import tempfile

import huge_functions


def main():
    programs, kilobytes = sys.argv[1], int(sys.argv[2])
    failures = 0
    with tempfile.TemporaryDirectory(prefix="wherry-huge-") as directory:
        module = os.path.join(directory, "module.wasm")
        compiled = os.path.join(directory, "module.wherry")
        for shape in huge_functions.SHAPES:
            with open(module, "wb") as file:
                file.write(shape(kilobytes * 1024))
            for command in ([os.path.join(programs, "wherry"), "compile", module, "-o", compiled],
                            [os.path.join(programs, "wherry-host"), "run", compiled]):
                done = subprocess.run(command, capture_output=True, text=True,
                                      env={**os.environ, "WHERRY_CACHE_SIZE": "0"})
                if done.returncode != 0:
                    failures += 1
                    print(f"{shape.__name__}: {command[1]} ended with {done.returncode}: {done.stderr}")
                    break
    print(f"{len(huge_functions.SHAPES)} functions of {kilobytes} KB, {failures} failed")
    sys.exit(failures != 0)


main()
