#!/usr/bin/env python3
"""Every guest ABI with guests in C and Rust: over HTTP and by `invoke`, with unicode, binary and large bodies;
and clients that mean harm.

usage: abis_test.py PROGRAM-DIRECTORY GUEST-DIRECTORY [unittest arguments]
"""
import base64
import hashlib
import http.client
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

import hostile_clients
from server import PATIENCE_S, Answer, Server

PROGRAMS, GUESTS = map(os.path.abspath, sys.argv[1:3])
WHERRY = os.path.join(PROGRAMS, "wherry")

# Guests, and how their manifest says what they are.
FUNCTIONS = {
    "command_c": ("echo", ""), "command_rust": ("command_rust", 'environment = { WORD = "☕" }'),
    "cgi_c": ("cgi_c", 'abi = "cgi"'), "cgi_rust": ("cgi_rust", 'abi = "cgi"'),
    "handler_c": ("handler_c", ""), "handler_rust": ("handler_rust", ""),
    "greet_c": ("exports_c", 'signature = "greet(name: string, times: i32) -> string"'),
    "reverse_c": ("exports_c", 'signature = "reverse(data: bytes) -> bytes"\nresult = "4 MiB"'),
    "exports_c": ("exports_c", ""),
    "upper_rust": ("exports_rust", 'signature = "upper(text: string) -> string"\nresult = "4 MiB"'),
    "exports_text": ("exports_text", ""),
}
BODIES = {
    "empty": b"",
    "unicode": "❄ ☃ ❄ 𝄞 \u0000 é".encode(),
    "binary": bytes(range(256)) * 4,
    "1 MiB": random.Random(1).randbytes(1 << 20),
}
# Through functions that answer while they read, so that nobody may read only when all is sent.
LARGE = random.Random(2).randbytes(16 << 20)


def guest_path(name):
    return os.path.join(GUESTS, name + ".wasm")


def wherry(*arguments, stdin=b""):
    return subprocess.run([WHERRY, *arguments], input=stdin, capture_output=True, timeout=PATIENCE_S)


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="wherry-e2e-"))
        cls.manifest = os.path.join(cls.directory, "wherry.toml")
        with open(cls.manifest, "w", encoding="utf-8") as file:
            file.write('[server]\nlog_level = "error"\nadmin = "none"\n')
            for name, (guest, more) in FUNCTIONS.items():
                file.write(f'[[function]]\nname = "{name}"\nmodule = "{guest_path(guest)}"\n{more}\n'
                           'time = "5 s"\n')
        cls.server = cls.enterClassContext(Server(WHERRY, "--config", cls.manifest))

    def invoke(self, name, *arguments, stdin=b""):
        return wherry("invoke", self.manifest, "--function", name, *arguments, stdin=stdin)

    def both(self, name, value, expected):
        """The same parameters over HTTP and by `invoke`: the same answer."""
        text = json.dumps(value, ensure_ascii=False).encode()
        answer = self.server.request("POST", "/" + name, text)
        self.assertEqual(answer.status, 200, answer)
        done = self.invoke(name, "--json", "-", stdin=text)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(answer.body, done.stdout.removesuffix(b"\n"))
        self.assertEqual(answer.json, expected)


class Commands(Case):
    def test_c(self):
        for value in ({"a": "❄ ☃ ❄ 𝄞 \u0000"}, {"large": "é" * (1 << 19)}, [1, None, {"b": []}]):
            self.both("command_c", value, value)

    def test_rust(self):
        for value in ({}, {"a": "❄"}, {"large": "x" * (1 << 20)}):
            text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            self.both("command_rust", value, {"length": len(text.encode()), "word": "☕"})


class ThatSpeakHttp(Case):
    NAMES = ("cgi_c", "cgi_rust", "handler_c", "handler_rust")

    def test_bodies_come_back_as_they_were(self):
        for name in self.NAMES:
            for what, body in BODIES.items():
                with self.subTest(name=name, body=what):
                    answer = self.server.request("POST", f"/{name}/echo", body, {"Content-Type": "x/y"})
                    self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "x/y"))
                    self.assertEqual(hashlib.sha256(answer.body).digest(), hashlib.sha256(body).digest())
                    done = self.invoke(name, "--method", "POST", "--path", "/echo", "--header",
                                       "Content-Type: x/y", "--body", "-", stdin=body)
                    self.assertEqual((done.returncode, done.stderr), (0, b""))
                    self.assertEqual(hashlib.sha256(done.stdout).digest(), hashlib.sha256(body).digest())

    def test_large_bodies_both_ways_at_once(self):
        for name in self.NAMES:
            with self.subTest(name=name), \
                    socket.create_connection(("127.0.0.1", self.server.port), PATIENCE_S) as peer:
                head = (f"POST /{name}/echo HTTP/1.1\r\nHost: x\r\nContent-Type: x/y\r\n"
                        f"Content-Length: {len(LARGE)}\r\n\r\n").encode()
                sender = threading.Thread(target=lambda peer=peer: peer.sendall(head + LARGE))
                sender.start()
                response = http.client.HTTPResponse(peer, method="POST")
                response.begin()
                body = response.read()
                sender.join(PATIENCE_S)
                self.assertEqual((response.status, hashlib.sha256(body).digest()),
                                 (200, hashlib.sha256(LARGE).digest()))

    def test_bodies_in_chunks(self):
        for name in self.NAMES:
            for size in (10, 100_000, 3 << 20):
                with self.subTest(name=name, size=size):
                    body = random.Random(size).randbytes(size)
                    pieces = [body[at:at + 70_001] for at in range(0, size, 70_001)]
                    connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=PATIENCE_S)
                    connection.request("POST", f"/{name}/echo", iter(pieces), {"Content-Type": "x/y"},
                                       encode_chunked=True)
                    answer = Answer(connection.getresponse())
                    connection.close()
                    self.assertEqual((answer.status, answer.body == body), (200, True))

    def test_the_head_of_an_answer(self):
        answer = self.server.request("GET", "/handler_c/headers")
        self.assertEqual((answer.status, answer.headers["X-One"]), (203, "1"))
        self.assertEqual(answer.headers.get_all("Set-Cookie"), ["a=1", "b=2"])
        answer = self.server.request("GET", "/cgi_c/status")
        self.assertEqual((answer.status, answer.headers["X-Why"], answer.body), (404, "none", b"gone\n"))
        answer = self.server.request("GET", "/cgi_c/redirect")
        self.assertEqual((answer.status, answer.headers["Location"]), (302, "/elsewhere"))
        done = self.invoke("cgi_c", "--path", "/status", "--include")
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stdout.startswith(b"404 Not Found\n"), done.stdout)
        self.assertIn(b"X-Why: none\n", done.stdout)

    def test_what_a_request_says(self):
        text = self.server.request("GET", "/handler_c/describe?name=x%20y",
                                   headers={"Accept": "a/b", "traceparent": "00-1-2-01"}).body.decode()
        for line in ("method=GET", "path=/describe", "query=name=x%20y", "mount=/handler_c",
                     "remote=127.0.0.1", "trace=00-1-2-01", "target=/handler_c/describe?name=x%20y",
                     "accept=a/b", "name=x y"):
            self.assertIn(line + "\n", text)
        text = self.server.request("GET", "/cgi_c/environment?a=1&b", headers={"X-Y": "❄".encode()}).body.decode()
        for line in ("REQUEST_METHOD=GET", "PATH_INFO=/environment", "SCRIPT_NAME=/cgi_c", "QUERY_STRING=a=1&b",
                     "REMOTE_ADDR=127.0.0.1", "GATEWAY_INTERFACE=CGI/1.1", "HTTP_X_Y=❄",
                     f"SERVER_PORT={self.server.port}"):
            self.assertIn(line + "\n", text)

    def test_streams_come_as_they_are_written(self):
        with socket.create_connection(("127.0.0.1", self.server.port), PATIENCE_S) as peer:
            # The function waits for the rest of the body with the beginning of its answer sent.
            peer.sendall(b"POST /handler_c/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" +
                         b"a" * 100_000)
            received = b""
            while received.count(b"a") < 60_000:
                received += peer.recv(65536)
            self.assertIn(b"Transfer-Encoding: chunked", received)
        for path in ("handler_c/stream", "handler_rust/stream", "cgi_c/wait"):
            self.assertGreater(len(self.server.request("GET", "/" + path).body.splitlines()), 1)

    def test_failures_before_and_after_the_head(self):
        for path, status, kind in (("handler_c/fail", 502, "exit"), ("handler_c/exit", 502, "exit"),
                                   ("handler_c/trap", 502, "trap"), ("handler_c/pointer", 502, "trap"),
                                   ("handler_rust/panic", 502, "trap"), ("handler_rust/error", 502, "exit"),
                                   ("cgi_c/malformed", 502, "no result"), ("cgi_c/none", 502, "no result"),
                                   ("cgi_c/silent", 502, "no result"), ("cgi_c/fail", 502, "exit"),
                                   ("handler_c/loop", 504, "timeout")):
            answer = self.server.request("GET", "/" + path)
            self.assertEqual((answer.status, answer.json["kind"].replace("_", " ")), (status, kind), path)
            self.assertRegex(answer.headers["Wherry-Activation-Id"], "^[0-9a-f]{32}$")
        for path in ("handler_c/late", "handler_rust/late", "cgi_c/late", "handler_c/short"):
            # What was not on its way yet when the function failed may be held back altogether.
            with self.assertRaises((http.client.IncompleteRead, http.client.RemoteDisconnected), msg=path):
                self.server.request("GET", "/" + path)

    def test_too_much_output_is_cut_off(self):
        for path in ("handler_c/much", "cgi_c/much"):
            with self.assertRaises(http.client.IncompleteRead, msg=path) as caught:
                self.server.request("GET", "/" + path)
            self.assertLessEqual(len(caught.exception.partial), 64 << 20)

    def test_head_and_no_content(self):
        answer = self.server.request("HEAD", "/handler_c/count")
        self.assertEqual((answer.status, answer.body), (200, b""))
        answer = self.server.request("GET", "/handler_c/nothing")
        self.assertEqual((answer.status, answer.body, answer.length), (204, b"", None))

    def test_every_request_has_a_fresh_instance(self):
        for _ in range(3):
            self.assertEqual(self.server.request("GET", "/handler_c/count").body, b"1")

    def test_clients_that_leave_in_the_middle(self):
        for name in self.NAMES:
            for sent in (b"", b"x" * 100_000):
                connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=PATIENCE_S)
                connection.putrequest("POST", f"/{name}/echo")
                connection.putheader("Content-Length", "10000000")
                connection.endheaders(sent)
                connection.close()
            self.assertEqual(self.server.request("POST", f"/{name}/echo", b"still here", {
                "Content-Type": "x/y"}).body, b"still here")


class Exports(Case):
    def test_c(self):
        self.both("greet_c", {"name": "❄", "times": 2}, {"result": "Hello, ❄!Hello, ❄!"})
        self.both("greet_c", ["", 1], {"result": "Hello, !"})
        for body in BODIES["binary"], BODIES["1 MiB"]:
            self.both("reverse_c", {"data": base64.b64encode(body).decode()},
                      {"result": base64.b64encode(body[::-1]).decode()})

    def test_rust(self):
        self.both("upper_rust", {"text": "straße ❄"}, {"result": "STRASSE ❄"})
        self.both("upper_rust", {"text": "é" * (1 << 19)}, {"result": "É" * (1 << 19)})

    def test_the_path_names_the_export(self):
        for path, value, expected in (("add", [2, 3], 5), ("negate", ["9223372036854775807"],
                                                          "-9223372036854775807"),
                                      ("negate", [5], -5), ("root", [2], 2 ** 0.5), ("third", [1], None)):
            answer = self.server.post("/exports_c/" + path, value)
            self.assertEqual(answer.status, 200, answer)
            if expected is not None:
                self.assertEqual(answer.json, {"result": expected})
        done = wherry("invoke", guest_path("exports_c"), "--export", "add(a: i32, b: i32) -> i32",
                      "--param", "b=4", "--param", "a=3")
        self.assertEqual((done.returncode, json.loads(done.stdout)), (0, {"result": 7}))

    def test_what_does_not_fit(self):
        for path, value in (("greet_c", {"name": "x"}), ("greet_c", {"name": "x", "times": "y"}),
                            ("greet_c", {"name": "x", "tmies": 1}), ("exports_c/add", [1]),
                            ("exports_c/add", [1, 2147483648]), ("exports_c/nowhere", []),
                            ("exports_c/malloc", [1 << 20])):
            answer = self.server.post("/" + path, value)
            self.assertEqual(answer.status, 400, (path, value, answer))
        answer = self.server.post("/exports_c/divide", [1, 0])
        self.assertEqual((answer.status, answer.json["kind"]), (502, "trap"))


class Hostile(Case):
    def test_clients_that_mean_harm(self):
        self.assertGreaterEqual(len(hostile_clients.CASES), 60)
        manifest = os.path.join(self.directory, "hostile.toml")
        with open(manifest, "w", encoding="utf-8") as file:
            file.write('[server]\nlog_level = "error"\nadmin = "none"\nheader_timeout = "1 s"\n'
                       'body_timeout = "1 s"\nidle_timeout = "2 s"\nwrite_timeout = "2 s"\n')
            file.write(f'[[function]]\nmodule = "{guest_path("handler_c")}"\n')
        with Server(WHERRY, "--config", manifest) as server:
            self.assertEqual(
                hostile_clients.run_cases("127.0.0.1", server.port, "/handler_c/count"), [])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="wherry-e2e-cache-") as cache:
        os.environ["WHERRY_CACHE_DIR"] = cache
        os.environ["WHERRY_BACKGROUND"] = "0"
        os.environ["XDG_RUNTIME_DIR"] = cache
        unittest.main(argv=sys.argv[:1] + sys.argv[3:])
