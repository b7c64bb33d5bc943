#!/usr/bin/env python3
"""Compiles a guest in one profile, and says how long it took.

usage: compile.py WHERRY PROFILE MODULE.wasm OUTPUT.wherry
"""
import os
import subprocess
import sys
import time

# The flags of `wherry compile` that make a profile.
PROFILES = {
    "dev": ["--profile", "dev"],
    "release": [],
}


def main():
    wherry, profile, module, output = sys.argv[1:]
    start = time.monotonic()
    subprocess.run([wherry, "compile", *PROFILES[profile], module, "-o", output], check=True,
                   env={**os.environ, "WHERRY_CACHE_SIZE": "0"})
    seconds = time.monotonic() - start
    size = os.path.getsize(module)
    print(f"{os.path.basename(module)}: {size} bytes in {seconds:.1f} s, "
          f"{size / 1000 / seconds:.0f} KB/s, {os.path.getsize(output)} bytes compiled")


main()
