#!/usr/bin/env python3
"""Takes the steps of a test with compiled guests, whose root has copies of the test's FILES and an
empty directory `out`, and compares standard output, standard error and exit code of each step, and
all files that are there in the end, with an expected text or with native builds of the same programs
on the same steps.

A line of STEPS is `[NAME=VALUE...] PROGRAM [ARGUMENT...] [<FILE]`, in a shell's quoting, all paths
relative. `--update` rewrites the expected text.

usage: run_steps.py WHERRY --steps FILE --files DIRECTORY-OR-FILE... --guest NAME=FILE.wherry...
                    (--native NAME=FILE... | --expected FILE [--update])
"""
import argparse
import difflib
import functools
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

TIMEOUT_S = 240


def parse_step(line):
    """(environment, program, arguments, input file or None) of a line of STEPS."""
    words = shlex.split(line)
    environment, source = {}, None
    while words and re.match(r"^[A-Z_]+=", words[0]):
        name, value = words.pop(0).split("=", 1)
        environment[name] = value
    if words[-1].startswith("<"):
        source = words.pop()[1:]
    return environment, words[0], words[1:], source


def files_below(directory):
    """A line for each file and directory: its path, and size and hash of its bytes."""
    for folder, folders, files in sorted(os.walk(directory)):
        for name in sorted(folders):
            yield os.path.relpath(os.path.join(folder, name), directory) + "/\n"
        for name in sorted(files):
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                data = file.read()
            digest = hashlib.sha256(data).hexdigest()[:16]
            yield f"{os.path.relpath(path, directory)}: {len(data)} bytes, sha256 {digest}\n"


def as_lines(title, data):
    text = data.decode("utf-8", "backslashreplace")
    if text and not text.endswith("\n"):
        text += "[no newline]\n"
    return [title + line for line in text.splitlines(keepends=True)]


def run_guest(wherry, guests, parent, environment, program, arguments, stdin):
    flags = [word for pair in environment.items() for word in ("--env", "=".join(pair))]
    # A guest's name is the path that `wherry run` was given.
    if not os.path.exists(os.path.join(parent, program)):
        os.symlink(guests[program], os.path.join(parent, program))
    return subprocess.run([wherry, "run", "--dir", "root::/", *flags, program, *arguments],
                          cwd=parent, stdin=stdin, capture_output=True, timeout=TIMEOUT_S)


def run_native(natives, parent, environment, program, arguments, stdin):
    return subprocess.run([program, *arguments], executable=natives[program], env=environment,
                          cwd=os.path.join(parent, "root"), stdin=stdin, capture_output=True,
                          timeout=TIMEOUT_S)


def transcript(steps, files, run):
    """What the steps did, as lines; `run` runs a program in the folder that has `root`."""
    lines = []
    with tempfile.TemporaryDirectory(prefix="wherry-guest-") as parent:
        directory = os.path.join(parent, "root")
        os.makedirs(os.path.join(directory, "out"))
        for source in files:
            if os.path.isdir(source):
                shutil.copytree(source, directory, dirs_exist_ok=True)
            else:
                shutil.copy(source, directory)
        for line in steps:
            environment, program, arguments, source = parse_step(line)
            with open(os.path.join(directory, source) if source else os.devnull, "rb") as stdin:
                done = run(parent, environment, program, arguments, stdin)
            lines.append(f"$ {line}\n")
            lines += as_lines("", done.stdout) + as_lines("error: ", done.stderr)
            if done.returncode != 0:
                lines.append(f"[exit {done.returncode}]\n")
        lines.append("files:\n")
        lines += files_below(directory)
    return lines


def pairs(words):
    """NAME=FILE words as a dictionary, for use from any directory."""
    return {name: os.path.abspath(file) for name, file in (word.split("=", 1) for word in words)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("wherry")
    parser.add_argument("--steps", required=True)
    parser.add_argument("--files", action="append", default=[])
    parser.add_argument("--guest", action="append", required=True)
    parser.add_argument("--native", action="append", default=[])
    parser.add_argument("--expected")
    parser.add_argument("--update", action="store_true")
    flags = parser.parse_args()
    guests, natives = pairs(flags.guest), pairs(flags.native)
    wherry = os.path.abspath(flags.wherry)
    if bool(natives) == bool(flags.expected):
        parser.error("either --native or --expected")
    with open(flags.steps, encoding="utf-8") as file:
        steps = [line.strip() for line in file if line.strip() and not line.startswith("#")]

    actual = transcript(steps, flags.files, functools.partial(run_guest, wherry, guests))
    if natives:
        expected = transcript(steps, flags.files, functools.partial(run_native, natives))
    elif flags.update:
        with open(flags.expected, "w", encoding="utf-8") as file:
            file.writelines(actual)
        return
    else:
        with open(flags.expected, encoding="utf-8") as file:
            expected = file.readlines()
    if actual != expected:
        sys.stdout.writelines(difflib.unified_diff(expected, actual, "expected", "actual"))
        sys.exit(f"{flags.steps}: what the guest did differs")
    print(f"{len(steps)} steps, {len(actual)} lines compared")


main()
