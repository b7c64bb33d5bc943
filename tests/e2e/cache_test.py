#!/usr/bin/env python3
"""The cache of compiled modules: processes that are killed while they compile, and several that
compile the same module at the same time.

usage: cache_test.py PROGRAM-DIRECTORY GUEST-DIRECTORY [unittest arguments]
"""
import os
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAMS, GUESTS = sys.argv[1:3]
MODULE = os.path.join(GUESTS, "moods.wasm")
PATIENCE_S = 60


class Cache(unittest.TestCase):
    def setUp(self):
        self.cache = self.enterContext(tempfile.TemporaryDirectory(prefix="wherry-e2e-"))
        self.environment = {**os.environ, "WHERRY_CACHE_DIR": self.cache}

    def start(self, *arguments):
        return subprocess.Popen(
            [os.path.join(PROGRAMS, "wherry"), "run", *arguments], env=self.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def expect_answer(self, process):
        out, err = process.communicate(timeout=PATIENCE_S)
        self.assertEqual((process.returncode, out, err), (0, '["a",{"b":2},3]\n', ""))

    def names(self, is_working_directory):
        return {name for name in os.listdir(self.cache)
                if name.startswith("wherry-") == is_working_directory}

    def kill_while_compiling(self):
        """Kills a run as soon as its working directory is there; says which that is."""
        before = self.names(is_working_directory=True)
        process = self.start(MODULE, "array")
        give_up = time.monotonic() + PATIENCE_S
        while not (new := self.names(is_working_directory=True) - before):
            self.assertLess(time.monotonic(), give_up, "nothing is compiled")
            self.assertIsNone(process.poll(), "it ended before it was seen to compile")
        process.kill()
        process.communicate(timeout=PATIENCE_S)
        return new

    def run_six(self):
        processes = [self.start(MODULE, "array") for _ in range(6)]
        for process in processes:
            self.expect_answer(process)

    def test_six_at_a_time(self):
        self.run_six()
        self.assertEqual(len(self.names(is_working_directory=False)), 1)
        self.assertEqual(self.names(is_working_directory=True), set())

    def test_killed_compilations_leave_nothing_for_good(self):
        for _ in range(5):
            left = self.kill_while_compiling()
            self.assertEqual(self.names(is_working_directory=False), set())
            self.assertEqual(self.names(is_working_directory=True), left,
                             "the next one removes what the one before left")
        self.run_six()
        self.assertEqual(len(self.names(is_working_directory=False)), 1)
        self.assertEqual(self.names(is_working_directory=True), set())

    def test_a_damaged_entry_is_made_anew(self):
        self.expect_answer(self.start(MODULE, "array"))
        (name,) = os.listdir(self.cache)
        path = os.path.join(self.cache, name)
        with open(path, "rb") as file:
            good = file.read()
        for bad in (b"", good[:5000], good[:-100] + b"x" * 100, b"garbage"):
            # As a new file: running processes may have mapped the old one.
            with open(path + ".new", "wb") as file:
                file.write(bad)
            os.rename(path + ".new", path)
            self.expect_answer(self.start(MODULE, "array"))
            with open(path, "rb") as file:
                self.assertEqual(file.read(), good)

    def test_a_cache_that_cannot_be_used(self):
        blocked = os.path.join(self.cache, "file")
        open(blocked, "w").close()
        self.environment["WHERRY_CACHE_DIR"] = os.path.join(blocked, "below")
        self.expect_answer(self.start(MODULE, "array"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
