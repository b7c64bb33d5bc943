#!/usr/bin/env python3
"""`wherry verify`: real functions whose packages answer the same, and one whose packages cannot."""
import html.parser
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import drivers  # noqa: E402

PROGRAMS, GUESTS, NPM = (os.path.abspath(sys.argv.pop(1)) for _ in range(3))
WHERRY = os.path.join(PROGRAMS, "wherry")
WORKERD = os.path.join(NPM, "workerd/node_modules/workerd/bin/workerd")
# But for containers, which are started where podman works.
RUN_HERE = {"openwhisk-native", "openwhisk-nodejs", "lambda", "lambda-nodejs", "azure", "cloudflare", "node", "systemd"}
IN_CONTAINERS = {"openwhisk", "knative"}


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.cells = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag == "td":
            self.cells.append(dict(attributes).get("class"))


class Verify(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="wherry-verify-")
        self.addCleanup(self.temporary.cleanup)
        with open(self.path("containers.conf"), "w", encoding="utf-8") as file:
            file.write(drivers.CONTAINERS_CONF)
        self.variables = {**os.environ, "CONTAINERS_CONF": self.path("containers.conf")}
        self.targets = set(RUN_HERE)
        self.why_no_containers = drivers.why_no_containers(self.variables)
        if not self.why_no_containers:
            self.targets |= IN_CONTAINERS

    def path(self, *names):
        return os.path.join(self.temporary.name, *names)

    def verify(self, guest, *more, targets=None):
        function = guest if guest.endswith(".toml") else os.path.join(GUESTS, guest + ".wasm")
        return subprocess.run(
            [WHERRY, "verify", function, "--workerd", WORKERD,
             "--targets", ",".join(sorted(targets or self.targets)), *more],
            capture_output=True, text=True, timeout=300, check=False, env=self.variables)

    def all_the_same(self, guest, least_events, *more):
        done = self.verify(guest, "--json", *more)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        matrix = json.loads(done.stdout)
        self.assertTrue(matrix["same"])
        self.assertEqual({row["target"] for row in matrix["targets"] if row["run"]}, self.targets)
        for row in matrix["targets"]:
            self.assertGreaterEqual(len(row["events"]), least_events)
            self.assertGreater(sum(event["result"] == "same" for event in row["events"]), 1)
        return matrix

    def test_functions_in_c_and_rust_answer_the_same_everywhere(self):
        for guest in ("echo", "handler_c", "handler_rust", "example_csv_to_json"):
            with self.subTest(guest=guest):
                self.all_the_same(guest, 20)
        if self.why_no_containers:
            print("without containers:", self.why_no_containers, file=sys.stderr)

    def write_events(self, texts):
        os.mkdir(self.path("events"))
        for name, text in texts.items():
            with open(self.path("events", name + ".json"), "w", encoding="utf-8") as file:
                file.write(text)

    def test_failures_are_the_same_everywhere(self):
        moods = ("divide", "overflow", "unreachable", "null_call", "wild_read", "exit_3", "silent", "blank", "text",
                 "scalar", "array", "broken", "no_newline", "logs", "recurse")
        self.write_events({mood: json.dumps({"mood": mood}) for mood in moods} | {
            "empty": "{}", "unicode": '{"\u2744": "\U0001f600"}', "by-position": "[1, 2]", "no-json": "{",
            "scalar-event": "7", "1-mib": json.dumps({"text": "x" * (1 << 20)})})
        self.all_the_same("moods", 21, "--events", self.path("events"))

    def test_variables_are_the_same_everywhere(self):
        self.write_events({"any": "{}", "other": '{"a": 1}'})
        with open(self.path("wherry.toml"), "w", encoding="utf-8") as file:
            file.write(f'[function]\nname = "variables"\nmodule = "{GUESTS}/environment.wasm"\n'
                       'environment = { GREETING = "\u00e9 \u2744", EMPTY = "" }\n')
        self.targets -= {"openwhisk", "openwhisk-native", "openwhisk-nodejs"}  # they have __OW_ variables of their own
        self.all_the_same(self.path("wherry.toml"), 2, "--events", self.path("events"))

    def test_a_function_that_is_called_by_its_name(self):
        self.write_events({"small": '{"n": 20}', "by-position": "[21]", "beyond-53-bits": '{"n": 90}', "none": "{}",
                           "too-many": "[1, 2]", "not-a-number": '{"n": "x"}'})
        with open(self.path("wherry.toml"), "w", encoding="utf-8") as file:
            file.write(f'[function]\nname = "fibonacci"\nmodule = "{GUESTS}/example_fibonacci.wasm"\n'
                       'signature = "fibonacci(n: u32) -> u64"\n')
        self.all_the_same(self.path("wherry.toml"), 6, "--events", self.path("events"))

    def test_what_it_says(self):
        done = self.verify("handler_c", "--html", self.path("matrix.html"), targets={"node", "lambda", "oci"})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, "")
        events = int(re.match(r"handler_c: (\d+) events, compared with wherry serve\n", done.stdout)[1])
        self.assertRegex(done.stdout, rf"(?m)^lambda +{events} same +the Runtime API's exchanges$")
        self.assertRegex(done.stdout, r"(?m)^oci +not run +needs a runtime")
        with open(self.path("matrix.html"), encoding="utf-8") as file:
            self.assertEqual(Page(file.read()).cells.count("same"), 2 * events)

    def test_what_differs_is_told(self):
        done = self.verify("dice", "--html", self.path("matrix.html"), targets={"node", "lambda", "openwhisk-native"})
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stdout, r'(?m)^  empty-object: "\{\\"dice\\".*" instead of ')
        with open(self.path("matrix.html"), encoding="utf-8") as file:
            self.assertIn("different", Page(file.read()).cells)

    def test_bad_input(self):
        for arguments, why in (
                (["--events", self.path("nowhere")], "no events lie there"),
                (["--targets", "moon"], "--targets moon: no such target")):
            done = subprocess.run([WHERRY, "verify", os.path.join(GUESTS, "echo.wasm"), *arguments],
                                  capture_output=True, text=True, timeout=60, check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(why, done.stderr)
            self.assertIn("\ntry: ", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
