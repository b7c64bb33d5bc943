#!/usr/bin/env python3
"""Doors between rooms open downwards only.

Reads the DEPS of each wherry_room() in src/*/CMakeLists.txt and refuses, with file and line:
an include of a room that is not declared, a room that nobody declares, a cycle, and a third-party
header outside the room that owns it. Exits 1 if there is any. `--root DIR` checks another tree.
"""
import argparse
import pathlib
import re
import sys

# Third-party headers by prefix, and the one room that may include them; others go through that
# room's own headers.
OWNERS = {
    "CLI/": "cli",
    "archive": "pack",
    "ares": "outbound",
    "curl/": "deploy",
    "fmt/": "base",
    "lld/": "compile",
    "llvm/": "compile",
    "llvm-c/": "compile",
    "nlohmann/": "base",
    "openssl/sha": "base",
    "openssl/": "outbound",
    "sqlite3": "store",
    "toml++/": "function",
}
# Headers that any room may include (tests only for gtest).
ALLOWED_ANYWHERE = ("gtest/", "gmock/")
# Owned by none because they are compiled into each user: artifacts and type identities.
INLINE_ONLY = {"xxhash.h": {"artifact", "compile", "pack"}}

ROOM = re.compile(r"wherry_room\s*\(\s*(\w+)(.*?)\)", re.S)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
LISTS = ("DEPS", "TEST_DEPS", "PROGRAM_DEPS")
KEYWORDS = {"SOURCES", "TESTS", "LIBS", "PUBLIC_LIBS", *LISTS}


def read_rooms(src):
    """{room: {name: set for name in LISTS}}, from the CMake files."""
    rooms = {}
    for cmake in sorted(src.glob("*/CMakeLists.txt")):
        text = re.sub(r"#.*", "", cmake.read_text())
        for name, body in ROOM.findall(text):
            lists, current = {name: set() for name in LISTS}, None
            for word in body.split():
                if word in KEYWORDS:
                    current = word
                elif current in lists:
                    lists[current].add(word)
            rooms[name] = lists
    return rooms


def find_cycle(rooms):
    done, path = set(), []

    def visit(room):
        if room in path:
            return path[path.index(room):] + [room]
        if room in done:
            return None
        path.append(room)
        for dep in sorted(rooms.get(room, {"DEPS": set()})["DEPS"]):
            cycle = visit(dep)
            if cycle:
                return cycle
        path.pop()
        done.add(room)
        return None

    for room in sorted(rooms):
        cycle = visit(room)
        if cycle:
            return cycle
    return None


def check_file(path, room, rooms, all_rooms):
    """Yields one sentence for each include that is not allowed."""
    allowed = {room} | rooms[room]["DEPS"]
    if path.stem.endswith("_test"):
        allowed |= rooms[room]["TEST_DEPS"]
    if path.stem.endswith("_main"):
        allowed |= rooms[room]["PROGRAM_DEPS"]
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        header = match.group(2)
        if header.startswith(ALLOWED_ANYWHERE):
            continue
        if header in INLINE_ONLY:
            if room not in INLINE_ONLY[header]:
                yield number, f"<{header}> is not for the room {room}"
            continue
        owner = next((o for prefix, o in OWNERS.items() if header.startswith(prefix)), None)
        if owner and owner != room:
            yield number, f"<{header}> belongs to the room {owner}; include {owner}'s own header"
        first = header.split("/")[0]
        if match.group(1) == '"' and first in all_rooms and first not in allowed:
            yield number, f'"{header}": {room} does not declare the room {first} in its DEPS'


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    src = parser.parse_args().root / "src"
    rooms = read_rooms(src)
    folders = {p.name for p in src.iterdir() if p.is_dir()}
    problems = [f"src/{room}: has no wherry_room()" for room in sorted(folders - set(rooms))]
    for room in sorted(rooms):
        unknown = set().union(*rooms[room].values()) - set(rooms)
        problems += [f"src/{room}/CMakeLists.txt: no room {dep}" for dep in sorted(unknown)]
        for path in sorted((src / room).glob("*")):
            if path.suffix in (".h", ".cc", ".c", ".def", ".S"):
                for number, problem in check_file(path, room, rooms, folders):
                    problems.append(f"src/{room}/{path.name}:{number}: {problem}")
    cycle = find_cycle(rooms)
    if cycle:
        problems.append("cycle: " + " -> ".join(cycle))
    for problem in problems:
        print(problem)
    if problems:
        return 1
    print(f"layers: {len(rooms)} rooms, every include declared, no cycle")
    return 0


if __name__ == "__main__":
    sys.exit(main())
