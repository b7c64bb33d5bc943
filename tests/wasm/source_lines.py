#!/usr/bin/env python3
"""What we read from a module's DWARF, compared with llvm-symbolizer, instruction by instruction:
lines, columns, files, and names of inlined functions.

usage: source_lines.py WHERRY-SOURCE-LINES LLVM-SYMBOLIZER MODULE.wasm
"""
import json
import subprocess
import sys


def frames_of(line):
    """The offset, and (name, file, line, column) of each frame."""
    offset, *fields = line.split("\t")
    return offset, [(fields[i], fields[i + 1], int(fields[i + 2]), int(fields[i + 3]))
                    for i in range(0, len(fields), 4)]


def agree(ours, theirs):
    if not ours:
        return all(frame["Line"] == 0 for frame in theirs)
    if len(ours) != len(theirs):
        return False
    for i, ((name, path, line, column), their) in enumerate(zip(ours, theirs)):
        # Ours are as the compiler was given them, theirs are made absolute.
        if line != their["Line"] or not their["FileName"].endswith(path):
            return False
        if line and column != their["Column"]:
            return False
        # The outermost one is the WebAssembly function, whose name is not in DWARF's hands.
        is_inlined = i + 1 < len(ours)
        if is_inlined and name != their["FunctionName"] and \
                not name.endswith("::" + their["FunctionName"]):
            return False
    return True


def main():
    tool, symbolizer, module = sys.argv[1:]
    printed = subprocess.run([tool, "print", module], check=True, capture_output=True, text=True).stdout
    ours = [frames_of(line) for line in printed.splitlines()]
    theirs = subprocess.run(
        [symbolizer, f"--obj={module}", "--functions=short", "--output-style=JSON"], check=True,
        input="".join(offset + "\n" for offset, _ in ours), capture_output=True, text=True,
    ).stdout.splitlines()
    if len(ours) != len(theirs):
        sys.exit(f"{len(ours)} instructions, {len(theirs)} answers of {symbolizer}")
    differences, with_lines, inlined = 0, 0, 0
    for (offset, frames), answer in zip(ours, theirs):
        symbols = json.loads(answer).get("Symbol", [])
        with_lines += any(frame[2] for frame in frames)
        inlined += len(frames) > 1
        if not agree(frames, symbols):
            differences += 1
            if differences <= 5:
                print(f"{offset}: {frames}\n  llvm-symbolizer: {symbols}")
    print(f"{len(ours)} instructions, {with_lines} with lines, {inlined} inlined, "
          f"{differences} differ")
    if differences or not with_lines or not inlined:
        sys.exit(1)


main()
