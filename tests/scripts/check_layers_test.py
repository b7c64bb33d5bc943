#!/usr/bin/env python3
"""check_layers.py passes on this tree, and fails on each kind of wrong include planted in a copy."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "check_layers.py"


class CheckLayers(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.directory.name)
        shutil.copytree(ROOT / "src", self.root / "src")

    def tearDown(self):
        self.directory.cleanup()

    def check(self):
        done = subprocess.run([sys.executable, SCRIPT, "--root", self.root],
                              capture_output=True, text=True)
        return done.returncode, done.stdout

    def plant(self, file, line):
        path = self.root / "src" / file
        path.write_text(line + "\n" + path.read_text())

    def assert_refused(self, place, why):
        code, output = self.check()
        self.assertEqual(code, 1, output)
        self.assertIn(place, output)
        self.assertIn(why, output)

    def test_this_tree_passes(self):
        code, output = self.check()
        self.assertEqual(code, 0, output)

    def test_an_undeclared_room_is_refused(self):
        self.plant("base/bytes.cc", '#include "runtime/store.h"')
        self.assert_refused("src/base/bytes.cc:1", "does not declare the room runtime")

    def test_the_runtime_may_not_see_llvm(self):
        self.plant("runtime/store.cc", "#include <llvm/IR/Module.h>")
        self.assert_refused("src/runtime/store.cc:1", "belongs to the room compile")

    def test_a_cycle_is_refused(self):
        path = self.root / "src/base/CMakeLists.txt"
        text = path.read_text()
        self.assertIn("LIBS", text)
        path.write_text(text.replace("LIBS", "DEPS runtime\n  LIBS", 1))
        self.assert_refused("cycle: ", "base")

    def test_a_folder_without_a_room_is_refused(self):
        (self.root / "src" / "annex").mkdir()
        self.assert_refused("src/annex", "has no wherry_room()")


if __name__ == "__main__":
    unittest.main()
