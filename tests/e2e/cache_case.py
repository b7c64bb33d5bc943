"""What tests of the cache have in common: a cache of their own, and compilers that wait until a test
lets them go on, in the place of `wherry-compile`, before it.

A compilation may write nowhere but beside its output, yet it may read: each takes one line from a
pipe. So a test decides when compilations go on, and can count them.
"""
import os
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAMS, GUESTS = map(os.path.abspath, sys.argv[1:3])
MODULE = os.path.join(GUESTS, "moods.wasm")
ANSWER = '["a",{"b":2},3]\n'
PATIENCE_S = 60


class Gate:
    def __init__(self, directory, real):
        self.path = os.path.join(directory, "compiler")
        pipe = os.path.join(directory, "gate")
        os.mkfifo(pipe)
        # For both, so that it is never closed on the other side.
        self.pipe = os.open(pipe, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self.real = real
        self.script = f'read line < {pipe}\nexec {real} "$@"\n'
        self.set(self.script)

    def set(self, script):
        """Replaces what a compilation runs. `$1` is the module, `$3` the output, `$7` the profile."""
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n" + script)
        os.chmod(self.path + ".new", 0o755)
        os.rename(self.path + ".new", self.path)

    def let(self, count):
        os.write(self.pipe, b"\n" * count)

    def left(self):
        """How many nobody took; none is left afterwards."""
        try:
            return len(os.read(self.pipe, 10000))
        except BlockingIOError:
            return 0

    def close(self):
        os.close(self.pipe)


def wait_until(condition, what):
    """For what other processes do: waits until it is so, and returns it."""
    give_up = time.monotonic() + PATIENCE_S
    while not (result := condition()):
        if time.monotonic() > give_up:
            raise AssertionError(f"in vain: {what}")
        time.sleep(0.002)
    return result


def compilers(directory):
    """The processes that compile below a directory: {pid: parent's pid}."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                state, parent = file.read().rpartition(")")[2].split()[:2]
        except OSError:
            continue  # it has ended
        below = directory.encode() + b"/wherry-"
        if b"-o" in words and state != "Z" and any(word.startswith(below) for word in words):
            found[int(pid)] = int(parent)
    return found


class Case(unittest.TestCase):
    def setUp(self):
        self.cache = self.enterContext(tempfile.TemporaryDirectory(prefix="wherry-e2e-"))
        self.place = self.enterContext(tempfile.TemporaryDirectory(prefix="wherry-e2e-"))
        self.gate = Gate(self.place, os.path.join(PROGRAMS, "wherry-compile"))
        self.addCleanup(self.gate.close)
        self.environment = {**os.environ, "WHERRY_CACHE_DIR": self.cache,
                            "WHERRY_COMPILE": self.gate.path}

    def start(self, *arguments, verb="run"):
        return subprocess.Popen(
            [os.path.join(PROGRAMS, "wherry"), verb, *arguments], env=self.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def expect_answer(self, process, note=""):
        out, err = process.communicate(timeout=PATIENCE_S)
        self.assertEqual((process.returncode, out), (0, ANSWER), err)
        if note:
            self.assertIn(note, err)
        else:
            self.assertEqual(err, "")

    def run_it(self, *flags, module=MODULE, note=""):
        self.expect_answer(self.start(*flags, module, "array"), note)

    def entries(self):
        return sorted(name for name in os.listdir(self.cache) if name.endswith(".wherry"))

    def profiles(self):
        return sorted(name.split("-")[1] for name in self.entries())

    def another_module(self, number):
        """The same program in other bytes: with a custom section behind it."""
        path = os.path.join(self.place, f"{number}.wasm")
        with open(MODULE, "rb") as module, open(path, "wb") as file:
            file.write(module.read() + bytes([0, 6, 1, ord("n")]) + b"%04d" % number)
        return path

    def wait_at_gate(self, count=1):
        """Until so many compilers are waiting for a line: {pid: parent's pid}."""
        def waiting():
            found = compilers(self.cache)
            return found if len(found) == count else None
        return wait_until(waiting, f"{count} compilers at work")
