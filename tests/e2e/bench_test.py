#!/usr/bin/env python3
"""`wherry bench`: real engines beside stand-ins that are wrong, crash, hang or are missing; interrupts; the files it
leaves, by their schema; packages; bad input.

usage: bench_test.py PROGRAMS GUESTS
"""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import unittest

PROGRAMS, GUESTS = (os.path.abspath(sys.argv.pop(1)) for _ in range(2))
WHERRY = os.path.join(PROGRAMS, "wherry")
PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCHEMA = os.path.join(PROJECT, "docs/bench-results.schema.json")
PATIENCE_S = 240
GUEST = "environment.wasm"
# As ./dev setup has it.
WORKERD = os.path.join(PROJECT, "build/npm/workerd/node_modules/workerd/bin/workerd")
# Debian's python3-jsonschema is there for Debian's Python.
VALIDATE = "import json, jsonschema, sys; jsonschema.validate(*(json.load(open(path)) for path in sys.argv[1:]))"


class Bench(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="wherry-bench-")
        self.addCleanup(temporary.cleanup)
        self.directory = temporary.name
        self.out = self.path("out")
        os.makedirs(self.path("engines/bin"))
        os.symlink(WORKERD, self.path("engines/bin/workerd"))

    def path(self, *names):
        return os.path.join(self.directory, *names)

    def write(self, name, text, mode=0o644):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(name), mode)
        return self.path(name)

    def start(self, *arguments):
        return subprocess.Popen([WHERRY, "bench", *arguments], cwd=self.directory, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env={**os.environ, "WHERRY_ENGINES": self.path("engines")})

    def bench(self, *arguments, code=0):
        process = self.start(*arguments)
        output, errors = process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, code, f"{arguments}: {output}{errors}")
        return output if code != 2 and code != 3 else errors

    def engine(self, name, body, **more):
        """An entry of a table whose program is a shell script; its arguments are the module and the program's."""
        program = self.write(name, f"#!/bin/sh\n[ \"$1\" = --version ] && {{ echo {name} 1; exit; }}\n{body}\n", 0o755)
        return {"name": name, "programs": {"program": [program]}, "version": ["{program}", "--version"],
                "run": ["{program}", "{module}", "{arguments}"], **more}

    def engine_file(self, *engines):
        return self.write("engines.json", json.dumps({"engines": engines}))

    def results(self):
        with open(os.path.join(self.out, "results.json"), encoding="utf-8") as file:
            results = json.load(file)
        subprocess.run(["/usr/bin/python3", "-W", "ignore", "-c", VALIDATE, self.path("out/results.json"), SCHEMA],
                       check=True)
        return results

    def runs(self, results, workload=0):
        return {run["engine"]: run for run in results["workloads"][workload]["runs"]}


class RealEngines(Bench):
    def test_the_reports_programs(self):
        output = self.bench("report-2019", "--quick", "--engines", "clang,gcc,rustc,wherry,wasm2c,node", "--only",
                            "^(empty|fibonacci|rust-fibonacci|bubble-sort-1000$)", "--rounds", "2", "--no-platforms",
                            "--out", self.out)
        results = self.results()
        self.assertEqual([workload["name"] for workload in results["workloads"]],
                         ["empty", "fibonacci-40", "bubble-sort-1000", "rust-fibonacci-40"])
        for workload in results["workloads"]:
            native = ["rustc"] if workload["language"] == "rust" else ["clang", "gcc"]
            self.assertEqual([run["engine"] for run in workload["runs"]], native + ["wherry", "wasm2c", "node"])
            for run in workload["runs"]:
                self.assertEqual((run["state"], run["why"]), ("ok", ""), workload["name"])
                self.assertEqual(len(run["samples"]), 2)
            self.assertEqual(workload["baseline"], native[0])
        sort = self.runs(results, 2)
        self.assertTrue(all("own_s" in run for run in sort.values()))
        self.assertRegex(output, r"fibonacci-40 +[\d.]+ m?s +[\d.]+ ")
        for name in ("page.html", "tables.md", "results.csv"):
            self.assertGreater(os.path.getsize(os.path.join(self.out, name)), 1000)
        with open(self.path("out/tables.md"), encoding="utf-8") as tables:
            self.assertIn("Which engine", tables.read())

    def test_a_module_with_input_and_arguments(self):
        source = self.write("program.c", """#include <stdio.h>
int main(int argc, char** argv) {
  int c, count = 0;
  while ((c = getchar()) != EOF) count++;
  printf("%d bytes, %s\\n", count, argv[argc - 1]);
}
""")
        module = self.path("program.wasm")
        subprocess.run(["clang-22", "--target=wasm32-wasi", "-Wno-deprecated", "-O1", "--no-wasm-opt", source,
                        "-o", module], check=True)
        given = self.write("input", "x" * 1000)
        self.bench(module, "--stdin", given, "--source", source, "--engines", "clang,wherry,node,workerd",
                   "--rounds", "1", "--out", self.out, "--", "--level", "3")
        runs = self.runs(self.results())
        self.assertEqual({name: run["state"] for name, run in runs.items()},
                         {"clang": "ok", "wherry": "ok", "node": "ok", "workerd": "ok"})
        self.assertEqual(self.results()["workloads"][0]["output"]["bytes"], len("1000 bytes, 3\n"))

    def test_packages(self):
        self.bench("report-2019", "--quick", "--only", "^empty$", "--engines", "clang,wherry", "--rounds", "1",
                   "--out", self.out)
        rows = {row["target"]: row for row in self.results()["platforms"]["rows"]}
        for name in ("native", "wherry-host run", "openwhisk-native", "lambda", "lambda-nodejs", "openwhisk-nodejs",
                     "azure", "node", "systemd"):
            row = rows[name]
            self.assertEqual(row["problem"], "", name)
            self.assertEqual((len(row["cold_s"]), len(row["long_s"])), (5, 3), f"{name}: {row['where']}")
            self.assertGreater(row["per_second"], 0)
        self.assertIn("needs a cluster", rows["kubernetes"]["where"])

    def test_engines_are_listed(self):
        listed = json.loads(self.bench("engines", "--json"))
        there = {engine["name"]: engine for engine in listed}
        for name in ("clang", "gcc", "wherry", "wasm2c", "node"):
            self.assertTrue(there[name]["installed"], name)
        missing = self.write("more.json", json.dumps({"engines": [
            {"name": "absent", "programs": {"p": ["no-such-program"]}, "version": ["{p}"], "run": ["{p}"],
             "get": "apt install absent"}]}))
        text = self.bench("engines", "--engine-file", missing)
        self.assertRegex(text, r"absent +just in time +no-such-program is not installed; to get it: apt install absent")


class StandIns(Bench):
    def setUp(self):
        super().setUp()
        self.module = self.path("module.wasm")
        with open(os.path.join(GUESTS, GUEST), "rb") as guest, open(self.module, "wb") as copy:
            copy.write(guest.read())

    def measure(self, *engines, code, more=()):
        names = ",".join(["wherry"] + [engine["name"] for engine in engines])
        return self.bench(self.module, "--engine-file", self.engine_file(*engines), "--engines", names, "--rounds", "2",
                          "--timeout", "2000", "--out", self.out, *more, code=code)

    def test_one_that_goes_wrong_does_not_spoil_the_rest(self):
        right = f"exec '{WHERRY}' run \"$1\""
        absent = {"name": "absent", "programs": {"p": ["no-such-program"]}, "version": ["{p}"], "run": ["{p}"]}
        output = self.measure(
            self.engine("right", right), self.engine("wrong", "echo something else"),
            self.engine("crash", "kill -SEGV $$"), self.engine("hang", f"{right[5:]}; sleep 1000"),
            self.engine("flood", "exec cat /dev/zero"), self.engine("failing", f"{right[5:]}; exit 4"),
            self.engine("refusing", right, prepare=[["/bin/sh", "-c", "echo no such opcode >&2; exit 1"]]),
            absent, code=1)
        runs = self.runs(self.results())
        states = {name: run["state"] for name, run in runs.items()}
        self.assertEqual(states, {"wherry": "ok", "right": "ok", "wrong": "wrong output", "crash": "crashed",
                                  "hang": "timed out", "flood": states["flood"], "failing": "failed",
                                  "refusing": "refused", "absent": "not installed"})
        self.assertIn(states["flood"], ("crashed", "timed out"))
        self.assertEqual(len(runs["wherry"]["samples"]), 2)
        self.assertEqual(len(runs["right"]["samples"]), 2)
        self.assertRegex(output, r"module, wrong: wrong output: printed \"something else\\n\"")
        self.assertRegex(output, r"module, crash: crashed: killed by signal 11")
        self.assertRegex(output, r"module, hang: timed out: gave up after 2 s")
        self.assertRegex(output, r"module, refusing: refused: .*no such opcode")
        self.assertRegex(output, r"absent: no-such-program is not installed")

    def test_an_interrupt_keeps_what_was_measured(self):
        runs, there = self.path("runs"), self.path("there")
        endless = self.engine("slow", f"'{WHERRY}' run \"$1\"; echo x >> '{runs}'; "
                              f"if [ $(wc -l < '{runs}') -ge 3 ]; then echo > '{there}'; sleep 1000; fi")
        os.mkfifo(there)
        process = self.start(self.module, "--engine-file", self.engine_file(endless), "--engines", "wherry,slow",
                             "--rounds", "50", "--out", self.out)
        with open(there, encoding="utf-8") as fifo:
            fifo.read()
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, 130, output + errors)
        results = self.results()
        self.assertTrue(results["interrupted"])
        runs = self.runs(results)
        self.assertEqual((runs["slow"]["state"], len(runs["slow"]["samples"])), ("ok", 1))
        self.assertGreaterEqual(len(runs["wherry"]["samples"]), 1)

    def test_two_results_are_compared_and_the_page_is_made_anew(self):
        self.measure(self.engine("right", f"exec '{WHERRY}' run \"$1\""), code=0)
        self.assertRegex(self.bench("compare", self.out, self.out), r"module +wherry +1\.000 .*too few rounds to tell")
        compared = json.loads(self.bench("compare", self.out, os.path.join(self.out, "results.json"), "--json"))
        self.assertEqual([change["ratio"] for change in compared["changes"]], [1, 1])
        self.bench("render", self.out, "--out", self.path("again"))
        for name in ("results.json", "page.html", "tables.md", "results.csv"):
            with open(os.path.join(self.out, name), "rb") as first, open(self.path("again", name), "rb") as second:
                self.assertEqual(first.read(), second.read(), name)

    def test_results_of_their_own_without_out(self):
        self.bench(self.module, "--engines", "wherry", "--rounds", "1")
        made = os.listdir(self.path("wherry-bench"))
        self.assertEqual(len(made), 1)
        self.assertRegex(made[0], r"^module-\d{8}T\d{6}Z$")


class BadInput(Bench):
    def refused(self, text, *arguments, code=2):
        self.assertIn(text, self.bench(*arguments, code=code))

    def test_each_is_told(self):
        self.refused("try: did you mean report-2019?", "report-2018", code=3)
        self.refused("there is no such engine", "kernels", "--engines", "whery")
        self.refused("did you mean wherry?", "kernels", "--engines", "whery")
        self.refused("no workload's name matches", "kernels", "--only", "^nothing$", code=3)
        self.refused("no regular expression", "kernels", "--only", "(")
        self.refused("missing.wasm", "missing.wasm", code=3)
        self.refused("--stdin and --source are for a module", "kernels", "--stdin", "x")
        self.refused("takes no arguments", "kernels", "more")
        self.refused("compare takes two results", "compare", "one")
        self.refused("results: there is no format", "compare", self.write("a.json", "{}"), self.path("a.json"))
        self.refused("there is no key \"nam\"", self.write("suite.json", '{"name": "s", "workloads": [{"nam": "w"}]}'))
        self.refused("engines have to be a list", "engines", "--engine-file", self.write("e.json", '{"engines": 1}'))
        self.refused("excludes", "kernels", "--quick", "--full")

    def test_what_is_no_module_is_refused_by_every_engine(self):
        junk = self.write("junk.wasm", "not a module")
        process = self.start(junk, "--engines", "wherry,node", "--rounds", "1", "--out", self.out)
        output, _ = process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, 1)
        self.assertTrue(re.search(r"junk, wherry: refused: .*junk|junk, wherry: refused", output), output)
        self.assertRegex(output, r"junk, node: failed")


if __name__ == "__main__":
    unittest.main()
