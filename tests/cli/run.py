#!/usr/bin/env python3
"""Runs one transcript: `$ command`, its exact output (standard output and error together), and
`[exit N]` unless N is 0. Lines before the first command are for readers.

Each transcript has its own directory, home and cache, a PATH that starts with the programs under
test, and the compiled test programs (tests/guests) below `guests/`. `--update` rewrites the
transcript with what really came out.

usage: run.py [--update] TRANSCRIPT GUEST-DIRECTORY PROGRAM...
"""
import os
import re
import subprocess
import sys
import tempfile


# What depends on the exact bytes that the compiler makes.
MASKED = [
    (re.compile(r"checksum [0-9a-f]{16} where its header says [0-9a-f]{16}"),
     "checksum SUM where its header says SUM"),
    (re.compile(r"\d+ bytes long where its header says \d+"),
     "N bytes long where its header says N"),
]


def parse(text):
    """The lines before the first command, and (command, expected output) pairs."""
    intro, steps = [], []
    for line in text.splitlines(keepends=True):
        if line.startswith("$ "):
            steps.append((line[2:].rstrip("\n"), []))
        elif steps:
            steps[-1][1].append(line)
        else:
            intro.append(line)
    return "".join(intro), [(command, "".join(lines)) for command, lines in steps]


def run(command, directory, environment):
    done = subprocess.run(
        ["bash", "-c", command], cwd=directory, env=environment, timeout=120,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = done.stdout.decode("utf-8", "backslashreplace").replace(directory, "$DIRECTORY")
    for pattern, mask in MASKED:
        output = pattern.sub(mask, output)
    if output and not output.endswith("\n"):
        output += "\n[no newline]\n"
    return output + (f"[exit {done.returncode}]\n" if done.returncode else "")


def main():
    arguments = sys.argv[1:]
    update = arguments[:1] == ["--update"]
    transcript, guests, *programs = arguments[1:] if update else arguments
    with open(transcript, encoding="utf-8") as file:
        intro, steps = parse(file.read())
    if not steps:
        sys.exit(f"{transcript}: no commands in it")
    failures, actual = 0, intro
    with tempfile.TemporaryDirectory(prefix="wherry-cli-") as directory:
        tools = os.path.join(directory, ".bin")
        os.mkdir(tools)
        for program in programs:
            os.symlink(os.path.abspath(program), os.path.join(tools, os.path.basename(program)))
        os.symlink(os.path.abspath(guests), os.path.join(directory, "guests"))
        environment = {"PATH": tools + ":/usr/bin:/bin", "HOME": directory, "LC_ALL": "C",
                       "WHERRY_CACHE_DIR": os.path.join(directory, ".cache"),
                       # What goes on in the background would be in one transcript and not in another.
                       "WHERRY_BACKGROUND": "0"}
        for command, expected in steps:
            output = run(command, directory, environment)
            actual += f"$ {command}\n{output}"
            if output != expected:
                failures += 1
                print(f"{transcript}: $ {command}\nexpected:\n{expected}got:\n{output}")
    if update:
        with open(transcript, "w", encoding="utf-8") as file:
            file.write(actual)
    elif failures:
        sys.exit(f"{failures} of {len(steps)} commands differ")


main()
