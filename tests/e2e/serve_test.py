#!/usr/bin/env python3
"""The real server over real sockets: OpenWhisk's contract with the cases of its own conformance
suites, functions that misbehave, requests at the same time, and the end by SIGTERM.

usage: serve_test.py PROGRAM-DIRECTORY GUEST-DIRECTORY [unittest arguments]
"""
import http.client
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from server import PATIENCE_S, SENTINEL, Server, zip_with

PROGRAMS, GUESTS = sys.argv[1:3]
WHERRY = os.path.join(PROGRAMS, "wherry")
REINIT = "Cannot initialize the action more than once."
NO_RESULT = "The action did not return a dictionary or array."


def guest_path(name):
    return os.path.join(GUESTS, name + ".wasm")


def guest(name):
    with open(guest_path(name), "rb") as file:
        return file.read()


def serve(*arguments, **options):
    return Server(WHERRY, *arguments, **options)


class Case(unittest.TestCase):
    def expect(self, answer, status, value):
        self.assertEqual((answer.status, answer.json), (status, value))
        self.assertEqual(answer.length, str(len(answer.body)))

    def expect_error(self, answer, status, *parts):
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.length, str(len(answer.body)))
        self.assertEqual(list(answer.json)[:1], ["error"])
        for part in parts:
            self.assertIn(part, answer.json["error"])

    def expect_sentinels(self, server, count):
        """Call it when the server has stopped."""
        for stream in ("stdout", "stderr"):
            self.assertEqual(server.log(stream).count(SENTINEL + "\n"), count, stream)


class ActionContainer(Case):
    """OpenWhisk's /init and /run, on an empty container."""

    def test_init_takes_a_module_once(self):
        with serve() as server:
            self.expect(server.init(guest("echo")), 200, {"ok": True})
            for _ in range(2):
                self.expect(server.init(guest("echo")), 403, {"error": REINIT})
            self.expect(server.run({"a": 1}), 200, {"a": 1})
            server.stop()
            self.assertEqual(server.log("stdout"),
                             f"{REINIT}\n" * 2 + f"hello stdout\n{SENTINEL}\n")
            self.assertEqual(server.log("stderr"),
                             f"{REINIT}\n" * 2 + f"hello stderr\n{SENTINEL}\n")

    def test_init_takes_a_zip_with_one_module(self):
        with serve() as server:
            archive = zip_with(README__md="read me", exec__wasm=guest("echo"))
            self.expect(server.init(archive), 200, {"ok": True})
            self.expect(server.run({"a": 1}), 200, {"a": 1})

    def test_init_takes_a_compiled_module(self):
        with tempfile.TemporaryDirectory(prefix="wherry-e2e-") as directory:
            compiled = os.path.join(directory, "echo.wherry")
            subprocess.run([WHERRY, "compile", guest_path("echo"), "-o", compiled], check=True)
            with open(compiled, "rb") as file:
                code = file.read()
        with Server(os.path.join(PROGRAMS, "wherry-host")) as server:
            self.expect_error(server.init(guest("echo")), 502, "has no compiler")
            self.expect(server.init(code), 200, {"ok": True})
            self.expect(server.run({"a": 1}), 200, {"a": 1})

    def test_run_before_init(self):
        with serve() as server:
            self.expect(server.run({}), 500, {"error": "no action defined yet"})
            self.expect(server.init(guest("echo")), 200, {"ok": True})
            server.stop()
            self.expect_sentinels(server, 1)

    def test_init_without_code(self):
        with serve() as server:
            missing = {"error": "Missing main/no code to execute."}
            self.expect(server.init(""), 403, missing)
            self.expect(server.init(None), 403, missing)
            self.expect(server.post("/init", {}), 403, missing)
            self.expect(server.init(guest("echo")), 200, {"ok": True})
            server.stop()
            self.expect_sentinels(server, 3)

    def test_init_with_bad_code(self):
        module = guest("echo")
        cases = [
            (module[:100], "are left"),
            (b"\0asm\1\0\0\0" + bytes(range(100, 200)), "offset 0x8"),
            (b"\0asm\x0d\0\1\0" + module[8:], "component"),
            (b"garbage, and no module", "neither a WebAssembly module"),
            (zip_with(README__md="read me"), "no .wasm"),
            (zip_with(a__wasm=module, b__wasm=module), ".wasm"),
            (zip_with(a__wasm=b"garbage"), "neither a WebAssembly module"),
            (zip_with(a__wasm=module)[:-30], ""),
            (guest("wanting"), "moon.phase"),
        ]
        with serve() as server:
            for code, why in cases:
                with self.subTest(why=why, code=code[:20]):
                    answer = server.init(code)
                    self.expect_error(answer, 502, "Initialization has failed due to: ", why)
                    self.assertNotIn("\n", answer.json["error"])
            self.expect_error(server.init("AAA*", binary=True), 502, "base64")
            self.expect_error(server.init("function main() {}"), 502, "the code is text")
            self.expect_error(server.request("POST", "/init", b"{"), 400, "not JSON")
            # None of it is in the way of a good one.
            self.expect(server.init(module), 200, {"ok": True})
            self.expect(server.run({"a": 1}), 200, {"a": 1})
            server.stop()
            self.expect_sentinels(server, len(cases) + 4)

    def test_four_arguments_are_echoed(self):
        values = [{"string": "hello"}, {"unicode": "❄ ☃ ❄ 𝄞 \u0000 \" \\"},
                  {"numbers": [0, -1, 1.5e300, 9007199254740993]},
                  {"object": {"a": {"b": [None, True, {}]}}}]
        with serve() as server:
            server.init(guest("echo"))
            for value in values:
                self.expect(server.run(value), 200, value)
            server.stop()
            self.expect_sentinels(server, 4)
            self.assertEqual(server.log("stdout").count("hello stdout"), 4)
            self.assertEqual(server.log("stderr").count("hello stderr"), 4)

    def test_unicode(self):
        with serve() as server:
            server.init(guest("winter"))
            self.expect(server.run({"delimiter": "❄"}), 200, {"winter": "❄ ☃ ❄"})
            server.stop()
            self.assertEqual(server.log("stdout"), f"❄ ☃ ❄\n{SENTINEL}\n")
            self.assertEqual(server.log("stderr"), f"{SENTINEL}\n")

    def test_a_large_argument(self):
        # 1 MiB as a whole, the most that OpenWhisk sends.
        value = {"arg": "a" * 1048561}
        with serve() as server:
            server.init(guest("echo"))
            self.expect(server.run(value), 200, value)

    def test_environment_of_init_and_activation(self):
        context = {"api_key": "key:secret", "namespace": "guest", "action_name": "/guest/env",
                   "action_version": "0.0.1", "activation_id": "0" * 32,
                   "transaction_id": "tid", "deadline": "4102444800000"}
        with serve(environment={"__OW_API_HOST": "https://host", "SECRET": "host's own"}) as server:
            server.init(guest("environment"), main="niam",
                        env={"SOME_VAR": "xyz", "ANOTHER_VAR": "", "NUMBER": 7})
            answer = server.run({}, **context)
            self.expect(answer, 200, {
                "SOME_VAR": "xyz", "ANOTHER_VAR": "", "NUMBER": "7", "__OW_MAIN": "niam",
                "__OW_API_HOST": "https://host",
                **{"__OW_" + name.upper(): value for name, value in context.items()}})
            # Nothing of one activation is left for the next.
            self.assertNotIn("__OW_ACTIVATION_ID", server.run({}).json)
            server.stop()
            self.assertEqual(server.log("stdout"), f"{SENTINEL}\n" * 2)

    def test_arrays_in_and_out(self):
        with serve() as server:
            server.init(guest("moods"))
            self.expect(server.run([1, {"a": "b"}]), 200, [1, {"a": "b"}])
            self.expect(server.run({"mood": "array"}), 200, ["a", {"b": 2}, 3])
            self.expect(server.run([]), 200, [])

    def test_a_value_that_is_no_object(self):
        with serve() as server:
            server.init(guest("echo"))
            for value in ("A", 1, None, True):
                self.expect_error(server.run(value), 404, "did not receive a dictionary or array")
            server.stop()
            self.assertEqual(server.log("stdout"), f"{SENTINEL}\n" * 4)
            self.assertEqual(server.log("stderr"), f"{SENTINEL}\n" * 4)

    def test_results_that_are_no_objects(self):
        with serve() as server:
            server.init(guest("moods"))
            for mood in ("scalar", "text", "silent", "blank", "broken", "not_utf8"):
                self.expect(server.run({"mood": mood}), 502, {"error": NO_RESULT})
            self.expect(server.run({"mood": "no_newline"}), 200, {"ok": True})
            server.stop()
            self.expect_sentinels(server, 7)
            self.assertIn("this is not JSON\n", server.log("stdout"))

    def test_a_deadline_in_the_activation(self):
        with serve() as server:
            server.init(guest("moods"))
            deadline = str(int(time.time() * 1000) + 1000)
            self.expect_error(server.run({"mood": "loop"}, deadline=deadline), 502, "deadline")
            self.expect(server.run({"a": 1}), 200, {"a": 1})


class Misbehaving(Case):
    """A preset function, and after each mishap a good request."""

    def setUp(self):
        self.server = self.enterContext(serve("--timeout", "300", guest_path("moods")))

    def after(self, answer):
        good = {"a": "❄"}
        self.expect(self.server.post("/", good), 200, good)
        self.expect(self.server.run(good), 200, good)
        return answer

    def moody(self, mood):
        """The same mood through both routes: their statuses, and the errors' texts."""
        return (self.after(self.server.post("/", {"mood": mood})),
                self.after(self.server.run({"mood": mood})))

    def test_loops_and_sleeps_are_stopped(self):
        for mood in ("loop", "sleep"):
            plain, whisk = self.moody(mood)
            self.expect_error(plain, 504, "stopped at its time limit of 300 ms")
            self.assertEqual(plain.json["kind"], "timeout")
            self.expect_error(whisk, 502, "stopped at its time limit of 300 ms")

    def test_traps_say_what_and_where(self):
        texts = {"divide": "integer divide by zero", "overflow": "integer overflow",
                 "unreachable": "unreachable", "null_call": "uninitialized element",
                 "wild_read": "out of bounds memory access", "recurse": ""}
        for mood, text in texts.items():
            plain, whisk = self.moody(mood)
            self.expect_error(plain, 502, "the function trapped: " + text)
            self.assertEqual(plain.json["kind"], "trap")
            self.expect_error(whisk, 502, "the function trapped: " + text)
        self.server.stop()
        log = self.server.log("stderr")
        for mood, text in texts.items():
            self.assertIn("the function trapped: " + text, log)
            self.assertIn("  at depth_of (" if mood == "recurse" else f"  at {mood} (", log)
        self.assertIn("  at _start", log)

    def test_exit_codes(self):
        plain, whisk = self.moody("exit_3")
        self.expect(plain, 502, {"error": "the function exited with code 3", "kind": "exit"})
        self.expect(whisk, 502, {"error": "the function exited with code 3"})

    def test_no_result(self):
        for mood in ("scalar", "text", "silent", "broken"):
            plain, whisk = self.moody(mood)
            self.expect_error(plain, 502, "printed no")
            self.assertEqual(plain.json["kind"], "no result")
            self.expect(whisk, 502, {"error": NO_RESULT})

    def test_floods_are_stopped(self):
        for mood in ("flood", "flood_line", "long_result"):
            for answer in self.moody(mood):
                self.expect_error(answer, 502)
                self.assertLess(len(answer.body), 1000)
        self.server.stop()
        # The log is cut, not kept whole: 1 MiB a call.
        self.assertLess(len(self.server.log("stdout")), 6 * (1 << 20) + 100000)
        self.assertIn("the log was cut here", self.server.log("stderr"))

    def test_memory_ends_at_the_limit(self):
        plain, _ = self.moody("grow")
        self.assertEqual(plain.status, 200)
        self.assertLessEqual(plain.json["pages"], 4096)
        self.assertGreater(plain.json["pages"], 4000)

    def test_bad_bodies(self):
        for path in ("/", "/run"):
            for body in (b"{", b"not JSON", b'{"a":"\xff"}', b'{"a":1}x', b"[" * 100000):
                self.after(self.server.request("POST", path, body))
                self.expect_error(self.server.request("POST", path, body), 400)
        self.expect_error(self.after(self.server.post("/", 7)), 400)
        self.expect_error(self.after(self.server.request("POST", "/", b"x" * (9 << 20))), 413)

    def test_other_methods_and_paths(self):
        self.expect_error(self.after(self.server.request("GET", "/run")), 405)
        self.expect_error(self.after(self.server.request("GET", "/nowhere")), 404)
        self.expect(self.server.request("GET", "/healthz"), 200, {"status": "ok"})

    def test_not_http(self):
        for text in (b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"POST / HTTP/1.1\r\n", b""):
            with socket.create_connection(("127.0.0.1", self.server.port), PATIENCE_S) as peer:
                peer.sendall(text)
                peer.shutdown(socket.SHUT_WR)
                while peer.recv(4096):
                    pass
            self.after(None)

    def test_clients_that_leave(self):
        body = b'{"mood":"loop"}'
        with socket.create_connection(("127.0.0.1", self.server.port), PATIENCE_S) as peer:
            peer.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" %
                         (len(body), body))
        self.after(None)

    def test_logs_go_to_the_streams(self):
        self.expect(self.server.post("/", {"mood": "logs"}), 200, {"ok": True})
        self.server.stop()
        self.assertEqual(self.server.log("stdout"), "to stdout\n")
        self.assertEqual(self.server.log("stderr"), "to stderr\nafter the result\n")

    def test_a_port_in_use(self):
        second = subprocess.run(
            [WHERRY, "serve", "--listen", f"127.0.0.1:{self.server.port}"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_S, text=True)
        self.assertEqual(second.returncode, 6, second.stderr)
        self.assertRegex(second.stderr,
                         rf"^error: .*127\.0\.0\.1:{self.server.port}.*in use")
        self.after(None)


class AtTheSameTime(Case):
    def test_eight_clients_while_one_guest_loops(self):
        failures = []

        def client(number):
            try:
                for turn in range(20):
                    value = {"client": number, "turn": turn}
                    self.expect(server.post("/", value), 200, value)
            except Exception as error:  # shown by the main thread
                failures.append(error)

        with serve("--workers", "4", "--timeout", "2000", guest_path("moods")) as server:
            looping = threading.Thread(target=lambda: server.post("/", {"mood": "loop"}))
            looping.start()
            clients = [threading.Thread(target=client, args=[number]) for number in range(8)]
            for thread in clients:
                thread.start()
            for thread in clients + [looping]:
                thread.join(PATIENCE_S)
        self.assertEqual(failures, [])

    def test_sigterm_lets_requests_finish(self):
        with serve("--timeout", "1500", guest_path("moods")) as server:
            body = json.dumps({"mood": "loop"}).encode()
            with socket.create_connection(("127.0.0.1", server.port), PATIENCE_S) as peer:
                # "100 Continue" says that the server is at this request: no guessing with clocks.
                peer.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                             b"Content-Length: %d\r\n\r\n" % len(body))
                self.assertTrue(peer.recv(4096).startswith(b"HTTP/1.1 100"))
                peer.sendall(body)
                server.process.send_signal(signal.SIGTERM)
                answer = b""
                while piece := peer.recv(4096):
                    answer += piece
            self.assertTrue(answer.startswith(b"HTTP/1.1 504"), answer)
            self.assertEqual(server.process.wait(PATIENCE_S), 0)


class WithoutRoom(Case):
    """A machine that has no more of something."""

    def served(self, command, **more):
        """`command` with a port behind it, until the test's end; how to ask it."""
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        process = subprocess.Popen([*command, "--listen", f"127.0.0.1:{port}"], stdin=subprocess.DEVNULL, **more)
        self.addCleanup(process.wait, PATIENCE_S)
        self.addCleanup(process.terminate)
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return process, port
            except OSError:
                self.assertIsNone(process.poll(), "the server did not start")
                self.assertLess(time.monotonic(), end)
                time.sleep(0.02)

    def ask(self, port, value):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        try:
            connection.request("POST", "/", json.dumps(value), {"Content-Type": "application/json"})
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def test_logs_on_a_full_disk(self):
        with open("/dev/full", "wb") as full:
            process, port = self.served([WHERRY, "serve", guest_path("moods")], stdout=full, stderr=full)
        for _ in range(100):
            self.assertEqual(self.ask(port, {"mood": "logs"}), {"ok": True})
        process.terminate()
        self.assertEqual(process.wait(PATIENCE_S), 0)

    def test_a_cache_on_a_full_disk(self):
        if subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode != 0:
            self.skipTest("no file system can be mounted here")
        with tempfile.TemporaryDirectory() as cache, tempfile.TemporaryFile() as log:
            mount = 'mount -t tmpfs -o size=16k,mode=0700 tmpfs "$WHERRY_CACHE_DIR" && exec "$@"'
            _, port = self.served(
                ["unshare", "--mount", "sh", "-c", mount, "sh", WHERRY, "serve", guest_path("moods")],
                env={**os.environ, "WHERRY_CACHE_DIR": cache}, stderr=log)
            self.assertEqual(self.ask(port, {"a": 1}), {"a": 1})
            log.seek(0)
            self.assertIn("No space left", log.read().decode())

    def test_descriptors_are_exhausted(self):
        most = 40
        _, port = self.served([WHERRY, "serve", guest_path("echo")], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most)))
        for _ in range(3):
            idle = [socket.create_connection(("127.0.0.1", port), PATIENCE_S) for _ in range(2 * most)]
            for one in idle:
                one.close()
            self.assertEqual(self.ask(port, {"a": 1}), {"a": 1})


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="wherry-e2e-cache-") as cache:
        os.environ["WHERRY_CACHE_DIR"] = cache
        os.environ["WHERRY_BACKGROUND"] = "0"  # background_test.py turns it on
        unittest.main(argv=sys.argv[:1] + sys.argv[3:])
