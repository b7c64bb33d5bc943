#!/usr/bin/env python3
"""Many functions on one host: paths, CloudEvents, OpenWhisk by name, limits, reload and the end under
load, and the operators' verbs.

usage: functions_test.py PROGRAM-DIRECTORY GUEST-DIRECTORY [unittest arguments]
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

from load import Load, wait_until
from server import PATIENCE_S, SENTINEL, Server

PROGRAMS, GUESTS = sys.argv[1:3]
WHERRY = os.path.join(PROGRAMS, "wherry")


def guest_path(name):
    return os.path.join(GUESTS, name + ".wasm")


def wherry(*arguments):
    return subprocess.run([WHERRY, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=PATIENCE_S, text=True)


class Case(unittest.TestCase):
    def setUp(self):
        self.directory = self.enterContext(tempfile.TemporaryDirectory(prefix="wherry-e2e-"))

    def put(self, name, guest):
        """Puts a module in place, as a careful deployment does."""
        path = os.path.join(self.directory, name)
        shutil.copyfile(guest_path(guest), path + ".new")
        os.rename(path + ".new", path)

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(path + ".new", path)
        return path

    def serve(self, *arguments, **options):
        return self.enterContext(Server(WHERRY, *arguments, **options))

    def expect(self, answer, status, value):
        self.assertEqual((answer.status, answer.json), (status, value))


class Paths(Case):
    def setUp(self):
        super().setUp()
        for name in ("echo", "moods", "environment"):
            self.put(name + ".wasm", name)
        self.write("broken.wasm", "no module at all")
        self.server = self.serve("--timeout", "2000", self.directory)

    def test_each_has_its_path_and_any_method(self):
        self.expect(self.server.post("/echo", {"a": "❄"}), 200, {"a": "❄"})
        self.expect(self.server.post("/moods", {"mood": "array"}), 200, ["a", {"b": 2}, 3])
        self.expect(self.server.request("GET", "/echo?a=1&b=x%20y"), 200, {"a": "1", "b": "x y"})
        for method in ("PUT", "PATCH", "DELETE", "OPTIONS"):
            self.expect(self.server.request(method, "/echo", b'{"a":1}'), 200, {"a": 1})
        head = self.server.request("HEAD", "/echo")
        self.assertEqual((head.status, head.body), (200, b""))

    def test_what_is_not_there(self):
        for path in ("/", "/nowhere", "/broken", "/echo/more", "/init", "/run", "/ech", "/echo%00"):
            answer = self.server.post(path, {})
            self.assertEqual(answer.status, 404, path)
            self.assertIn("error", answer.json)

    def test_health_and_metrics(self):
        self.expect(self.server.request("GET", "/healthz"), 200, {"status": "ok"})
        self.server.post("/echo", {})
        self.server.post("/moods", {"mood": "exit_3"})
        text = self.server.request("GET", "/metrics").body.decode()
        self.assertRegex(text, r'wherry_invocations_total\{function="echo",outcome="success"\} 1\n')
        self.assertRegex(text, r'wherry_invocations_total\{function="moods",outcome="exit"\} 1\n')
        self.assertRegex(text, r'wherry_invocation_duration_seconds_count\{function="echo"\} 1\n')
        for line in text.splitlines():
            self.assertRegex(line, r'^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? [0-9.e+-]+|\w+\S* \+Inf)$')

    def test_failures_have_an_id_that_the_log_has_too(self):
        answer = self.server.post("/moods", {"mood": "divide"})
        self.assertEqual((answer.status, answer.json["kind"]), (502, "trap"))
        activation = answer.headers["Wherry-Activation-Id"]
        self.assertRegex(activation, "^[0-9a-f]{32}$")
        self.server.stop()
        lines = [line for line in self.server.log("stderr").splitlines() if activation in line]
        self.assertTrue(any("integer divide by zero" in line for line in lines), lines)
        self.assertTrue(any("divide_inner" in line for line in lines), lines)

    def test_cloud_events_of_both_modes(self):
        attributes = {"specversion": "1.0", "id": "7", "source": "/test", "type": "made.up"}
        expected = {**attributes, "datacontenttype": "application/json", "data": {"a": "❄"}}
        binary = self.server.request(
            "POST", "/echo", '{"a":"❄"}'.encode(),
            {"Content-Type": "application/json", **{"ce-" + k: v for k, v in attributes.items()}})
        self.expect(binary, 200, expected)
        structured = self.server.request("POST", "/echo", json.dumps(expected).encode(),
                                         {"Content-Type": "application/cloudevents+json"})
        self.expect(structured, 200, expected)
        bad = self.server.request("POST", "/echo", b"", {"ce-specversion": "1.0", "ce-id": "7"})
        self.assertEqual((bad.status, bad.json["error"]), (400, "the CloudEvent has no source"))

    def test_openwhisk_by_name(self):
        self.expect(self.server.post("/environment/init", {"value": {"env": {"SOME_VAR": "x"}}}), 200,
                    {"ok": True})
        self.expect(self.server.post("/environment/run", {"value": {}, "activation_id": "1"}), 200,
                    {"SOME_VAR": "x", "__OW_ACTIVATION_ID": "1"})
        self.server.stop()
        self.assertEqual(self.server.log("stdout"), f"{SENTINEL}\n")

    def test_logs_are_events(self):
        self.server.post("/moods", {"mood": "logs"})
        self.server.stop()
        log = self.server.log("stderr")
        self.assertEqual(self.server.log("stdout"), "")
        for stream, text in (("stdout", "to stdout"), ("stderr", "to stderr")):
            self.assertRegex(log, rf'(?m)^.*function=moods.*{stream}.*"?{text}"?$')
        self.assertRegex(log, r"function=broken|broken\.wasm")

    def test_json_logs(self):
        with Server(WHERRY, "--log-format", "json", self.directory) as server:
            server.request("POST", "/moods", b'{"mood":"logs"}',
                           {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"})
            server.stop()
            events = [json.loads(line) for line in server.log("stderr").splitlines()]
        mine = [event for event in events if event.get("function") == "moods" and "activation" in event]
        self.assertEqual(len({event["activation"] for event in mine}), 1)
        invocation = [event for event in mine if event["event"] == "invocation"]
        self.assertEqual(len(invocation), 1, mine)
        self.assertEqual(invocation[0]["traceparent"][3:35], "0af7651916cd43dd8448eb211c80319c")
        self.assertGreater(int(invocation[0]["duration_us"]), 0)

    def test_a_loop_does_not_hold_up_others(self):
        looping = threading.Thread(target=lambda: self.server.post("/moods", {"mood": "loop"}))
        looping.start()
        for turn in range(50):
            self.expect(self.server.post("/echo", {"turn": turn}), 200, {"turn": turn})
        looping.join(PATIENCE_S)


class Manifests(Case):
    def test_limits_environment_secrets_and_names(self):
        self.put("environment.wasm", "environment")
        self.put("moods.wasm", "moods")
        self.write("token", "s3cret\n")
        os.chmod(os.path.join(self.directory, "token"), 0o600)
        manifest = self.write("wherry.toml", """
            [server]
            log_format = "text"
            [[function]]
            name = "env"
            module = "environment.wasm"
            environment = { SOME_VAR = "xyz", NUMBER = 7 }
            secrets = { SECRET = "token" }
            [[function]]
            module = "moods.wasm"
            time = "200 ms"
            memory = "2 MiB"
            concurrency = 1
            queue = 0
            """)
        server = self.serve("--config", manifest)
        answer = server.post("/env", {})
        self.assertEqual({k: v for k, v in answer.json.items() if k in ("SOME_VAR", "NUMBER", "SECRET")},
                         {"SOME_VAR": "xyz", "NUMBER": "7", "SECRET": "s3cret"})
        self.assertLessEqual(server.post("/moods", {"mood": "grow"}).json["pages"], 32)
        slow = server.post("/moods", {"mood": "loop"})
        self.assertEqual((slow.status, slow.json["kind"]), (504, "timeout"))
        self.assertIn("200 ms", slow.json["error"])

    def test_one_too_many_is_told_to_come_back(self):
        self.put("moods.wasm", "moods")
        manifest = self.write("wherry.toml", """
            [function]
            module = "moods.wasm"
            time = "5 s"
            concurrency = 1
            queue = 1
            """)
        server = self.serve(manifest)
        answers = []
        threads = [threading.Thread(
            target=lambda: answers.append(server.post("/", {"mood": "loop"}))) for _ in range(3)]
        for thread in threads:
            thread.start()
        wait_until(lambda: answers, "the one that is refused")
        self.assertEqual((answers[0].status, answers[0].headers["Retry-After"]), (429, "1"))
        # The others are not lost: one runs to its limit, then the other does.
        for thread in threads:
            thread.join(PATIENCE_S)
        self.assertEqual(sorted(answer.status for answer in answers), [429, 504, 504])

    def test_mistakes_are_told_with_their_place(self):
        self.put("echo.wasm", "echo")
        manifest = self.write("wherry.toml", '[function]\nmodule = "echo.wasm"\nmemmory = "1 MiB"\n')
        done = wherry("serve", "--listen", "127.0.0.1:0", manifest)
        self.assertEqual(done.returncode, 2)
        self.assertIn("wherry.toml:3:1: unknown key \"memmory\"", done.stderr)
        self.assertIn("memory", done.stderr)


class Changes(Case):
    def test_reload_under_load_loses_nothing(self):
        self.put("f.wasm", "echo")
        self.put("g.wasm", "echo")
        server = self.serve("--log-level", "warn", self.directory)
        def judge(number, turn, status, body):
            assert status == 200, (status, body)
            value = json.loads(body)
            # `echo` gives back what it was given, and so does `moods` of no mood.
            assert value == {"n": number, "t": turn}, value

        load = Load(server.port, 8, lambda number, turn: (
            "POST", "/f" if number % 2 else "/g", json.dumps({"n": number, "t": turn}).encode()), judge)
        for version in ("moods", "echo", "moods"):
            load.wait_for(200)
            self.put("f.wasm", version)
            server.process.send_signal(signal.SIGHUP)
            load.wait_for(200)
            server.process.send_signal(signal.SIGHUP)
            load.wait_for(200)
        self.assertGreater(load.stop(), 1800)
        wait_until(lambda: server.post("/f", {"mood": "array"}).json == ["a", {"b": 2}, 3],
                   "the last version")

    def test_functions_come_and_go(self):
        self.put("a.wasm", "echo")
        server = self.serve(self.directory)
        self.assertEqual(server.post("/b", {}).status, 404)
        self.put("b.wasm", "echo")
        wait_until(lambda: server.post("/b", {"x": 1}).status == 200, "b")
        self.write("b.wasm", "broken")
        server.process.send_signal(signal.SIGHUP)
        self.expect(server.post("/b", {"x": 1}), 200, {"x": 1})
        os.remove(os.path.join(self.directory, "b.wasm"))
        wait_until(lambda: server.post("/b", {}).status == 404, "the end of b")
        self.expect(server.post("/a", {"x": 1}), 200, {"x": 1})

    def test_sigterm_under_load_loses_nothing(self):
        self.put("echo.wasm", "echo")
        server = self.serve("--log-level", "warn", self.directory)

        def judge(number, turn, status, body):
            assert status == 200 and json.loads(body) == {"n": number}, (status, body)

        load = Load(server.port, 16,
                    lambda number, turn: ("POST", "/echo", json.dumps({"n": number}).encode()), judge)
        load.wait_for(500)
        load.may_refuse = True
        self.assertEqual(server.stop(), 0)
        load.stop()


class Operators(Case):
    def setUp(self):
        super().setUp()
        for name in ("echo", "moods"):
            self.put(name + ".wasm", name)
        self.admin = "unix:" + os.path.join(self.directory, "admin.sock")
        self.server = self.serve("--admin", self.admin, "--timeout", "1000", self.directory)

    def test_functions(self):
        done = wherry("functions", "--server", self.admin)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"(?m)^echo +command ")
        self.server.post("/echo", {})
        listed = json.loads(wherry("functions", "--server", self.admin, "--json").stdout)
        self.assertEqual([one["name"] for one in listed], ["echo", "moods"])
        self.assertEqual(listed[0]["invocations"], 1)

    def test_the_default_address_is_that_of_the_port(self):
        with tempfile.TemporaryDirectory(prefix="wherry-e2e-") as runtime:
            environment = {"XDG_RUNTIME_DIR": runtime}
            with Server(WHERRY, self.directory, environment=environment) as server:
                os.environ.update(environment)
                try:
                    done = wherry("functions", "--server", f"127.0.0.1:{server.port}")
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertEqual(os.stat(os.path.join(runtime, "wherry")).st_mode & 0o777, 0o700)
                    missing = wherry("functions")
                    self.assertEqual(missing.returncode, 3, missing.stderr)
                    self.assertIn("try: --server", missing.stderr)
                finally:
                    del os.environ["XDG_RUNTIME_DIR"]

    def test_logs(self):
        self.server.post("/moods", {"mood": "logs"})
        self.server.post("/echo", {})
        everything = wherry("logs", "--server", self.admin).stdout
        self.assertIn("to stderr", everything)
        self.assertIn("function=echo", everything)
        only = wherry("logs", "moods", "--server", self.admin, "--json").stdout
        for line in only.splitlines():
            self.assertEqual(json.loads(line)["function"], "moods")
        self.assertGreater(len(only.splitlines()), 2)

    def test_logs_follow(self):
        following = subprocess.Popen([WHERRY, "logs", "-f", "moods", "--server", self.admin],
                                     stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        try:
            for turn in range(3):
                self.server.post("/moods", {"mood": "logs"})
                while "to stderr" not in following.stdout.readline():
                    self.assertIsNone(following.poll(), turn)
        finally:
            following.kill()
            following.wait()
            following.stdout.close()

    def test_top(self):
        self.server.post("/moods", {"mood": "exit_3"})
        table = wherry("top", "--once", "--server", self.admin)
        self.assertEqual((table.returncode, table.stderr), (0, ""))
        self.assertRegex(table.stdout, r"(?m)^moods ")
        self.assertIsInstance(json.loads(wherry("top", "--json", "--once", "--server", self.admin).stdout),
                              (dict, list))

    def test_doctor(self):
        done = wherry("doctor", self.directory)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"(?m)^ok +cpu +x86-64-v\d")
        self.assertRegex(done.stdout, r"(?m)^ok +function echo +command")
        self.write("broken.wasm", "no module")
        done = wherry("doctor", self.directory, "--json")
        self.assertEqual(done.returncode, 4, done.stdout + done.stderr)
        checks = {check["name"]: check for check in json.loads(done.stdout)}
        self.assertEqual(checks["function broken"]["verdict"], "bad")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="wherry-e2e-cache-") as cache:
        os.environ["WHERRY_CACHE_DIR"] = cache
        os.environ["WHERRY_BACKGROUND"] = "0"
        os.environ["XDG_RUNTIME_DIR"] = cache  # nothing is left in /tmp
        unittest.main(argv=sys.argv[:1] + sys.argv[3:])
