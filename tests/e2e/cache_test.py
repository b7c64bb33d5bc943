#!/usr/bin/env python3
"""The cache of compiled modules: several processes that want the same module, processes that are
killed while they compile, and caches that cannot be used.

usage: cache_test.py PROGRAM-DIRECTORY GUEST-DIRECTORY [unittest arguments]
"""
import os
import subprocess
import sys
import unittest

from cache_case import MODULE, PATIENCE_S, PROGRAMS, Case, compilers, wait_until


class Cache(Case):
    """One profile, and nothing in the background."""

    def setUp(self):
        super().setUp()
        self.environment["WHERRY_BACKGROUND"] = "0"

    def test_six_at_a_time_compile_once(self):
        self.gate.let(6)
        processes = [self.start(MODULE, "array") for _ in range(6)]
        for process in processes:
            self.expect_answer(process)
        self.assertEqual(self.gate.left(), 5)
        self.assertEqual(sorted(os.listdir(self.cache)), self.entries())
        self.assertEqual(self.profiles(), ["release"])

    def test_who_waits_goes_on_when_the_compiling_process_is_killed(self):
        for _ in range(5):
            first = self.start(MODULE, "array")
            killed = self.wait_at_gate()
            others = [self.start(MODULE, "array") for _ in range(3)]
            first.kill()
            first.communicate(timeout=PATIENCE_S)
            self.assertEqual(self.entries(), [])
            # The killed one's compiler ends with it, and one of the others compiles.
            wait_until(lambda: not compilers(self.cache).keys() & killed.keys(), "its end")
            self.wait_at_gate()
            self.gate.let(4)
            for process in others:
                self.expect_answer(process)
            self.assertEqual(self.gate.left(), 3)
            self.assertEqual(sorted(os.listdir(self.cache)), self.entries(), "nothing is left behind")
            os.remove(os.path.join(self.cache, *self.entries()))

    def test_killed_anywhere(self):
        # Without a gate; as soon as there is anything to be seen of it.
        self.environment["WHERRY_COMPILE"] = os.path.join(PROGRAMS, "wherry-compile")
        for _ in range(10):
            before = set(os.listdir(self.cache))
            process = self.start(MODULE, "array")
            wait_until(lambda: set(os.listdir(self.cache)) - before or process.poll() is not None,
                       "a file in the cache")
            process.kill()
            process.communicate(timeout=PATIENCE_S)
            self.assertLessEqual(len(self.entries()), 1)
        self.run_it()
        self.run_it("--profile", "dev")
        self.assertEqual(sorted(os.listdir(self.cache)), self.entries(), "nothing is left behind")
        self.assertEqual(self.profiles(), ["dev", "release"])

    def test_a_damaged_entry_is_made_anew(self):
        self.gate.let(5)
        self.run_it()
        (name,) = os.listdir(self.cache)
        path = os.path.join(self.cache, name)
        with open(path, "rb") as file:
            good = file.read()
        for bad in (b"", good[:5000], good[:-100] + b"x" * 100, b"garbage"):
            # As a new file: running processes may have mapped the old one.
            with open(path + ".new", "wb") as file:
                file.write(bad)
            os.rename(path + ".new", path)
            self.run_it()
            with open(path, "rb") as file:
                self.assertEqual(file.read(), good)

    def test_all_verbs_share_it(self):
        self.gate.let(9)
        self.run_it()
        done = self.start("--json", '{"a":1}', MODULE, verb="invoke")
        self.assertEqual(done.communicate(timeout=PATIENCE_S), ('{"a":1}\n', ""))
        output = os.path.join(self.place, "out.wherry")
        done = self.start(MODULE, "-o", output, verb="compile")
        self.assertEqual(done.communicate(timeout=PATIENCE_S), ("", ""))
        with open(output, "rb") as file, open(os.path.join(self.cache, *self.entries()), "rb") as kept:
            self.assertEqual(file.read(), kept.read())
        self.assertEqual(self.gate.left(), 8)
        # And what is compiled to a file is there for the others.
        self.gate.let(9)
        self.start("--profile", "max", MODULE, "-o", output, verb="compile").communicate()
        self.run_it("--profile", "max")
        self.assertEqual(self.gate.left(), 8)

    def test_another_compiler_makes_its_own(self):
        self.gate.let(9)
        self.run_it()
        self.gate.set(self.gate.script + "# another\n")
        self.run_it()
        self.assertEqual(self.gate.left(), 7)

    def test_the_least_recently_used_goes(self):
        self.environment["WHERRY_CACHE_SIZE"] = "1"
        modules = [self.another_module(number) for number in range(16)]
        self.gate.let(99)
        for module in modules:
            self.run_it("--profile", "dev", module=module)
            self.run_it("--profile", "dev", module=modules[0])  # used again and again
        self.assertEqual(self.gate.left(), 99 - len(modules))
        sizes = [os.path.getsize(os.path.join(self.cache, name)) for name in self.entries()]
        self.assertLessEqual(sum(sizes), 1 << 20)
        self.assertGreater(sum(sizes) + max(sizes), 1 << 20, "no more was removed than needed")
        self.gate.let(1)
        self.run_it("--profile", "dev", module=modules[1])
        self.assertEqual(self.gate.left(), 0, "the second is gone")

    def test_a_cache_of_nothing(self):
        self.environment["WHERRY_CACHE_SIZE"] = "0"
        self.gate.let(1)
        self.run_it()
        self.assertEqual(os.listdir(self.cache), [])


class Unusable(Case):
    """It runs all the same, on release code, and says why nothing is kept."""

    def setUp(self):
        super().setUp()
        self.gate.let(1)

    def tearDown(self):
        self.assertEqual(self.gate.left(), 0)
        self.assertEqual(self.entries(), [])

    def test_a_path_that_cannot_be_made(self):
        blocked = os.path.join(self.place, "file")
        open(blocked, "w", encoding="ascii").close()
        self.environment["WHERRY_CACHE_DIR"] = os.path.join(blocked, "below")
        self.run_it(note="note: compiled modules are not kept: ")

    def test_others_may_write_to_it(self):
        for mode in (0o777, 0o770, 0o1777):
            os.chmod(self.cache, mode)
            self.gate.let(1)
            self.run_it(note=f"others may write to it (mode {mode:o})\ntry: chmod go-w ")
        self.gate.left()

    @unittest.skipUnless(os.geteuid() == 0, "only root can give a directory away")
    def test_it_belongs_to_another(self):
        os.chown(self.cache, 12345, 12345)
        self.run_it(note="belongs to the user 12345, and we are 0")

    def test_nothing_can_be_written_there(self):
        # What the compiler says when its disk is full.
        self.gate.set(f'case $3 in {self.cache}/*) echo "error: $3: No space left on device" >&2; exit 6;;'
                      f'esac\n{self.gate.script}')
        self.run_it(note="module.wherry: No space left on device")

    def test_the_module_is_larger_than_the_cache(self):
        self.environment["WHERRY_CACHE_SIZE"] = "1"
        path = os.path.join(self.place, "large.wasm")
        # Two megabytes of data that the memory starts with.
        subprocess.run(["wat2wasm", "-", "-o", path], check=True, text=True, input=f"""
            (module (memory (export "memory") 40) (func (export "_start"))
              (data (i32.const 0) "{'x' * (2 << 20)}"))""")
        process = self.start("--profile", "release", path)
        _, err = process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, 0)
        self.assertIn("is larger than the 1048576 bytes of the cache\ntry: set WHERRY_CACHE_SIZE", err)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
