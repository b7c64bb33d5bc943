#!/usr/bin/env python3
"""Functions that call other hosts, by the programs as they are shipped: HTTPS with an authority of our
own, calls that are not allowed, many that wait at a time.

usage: outbound_test.py PROGRAM-DIRECTORY GUEST-DIRECTORY [unittest arguments]
"""
import http.server
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest

from server import PATIENCE_S, Server

PROGRAMS, GUESTS = map(os.path.abspath, sys.argv[1:3])
WAITING = 200


def program(name):
    return os.path.join(PROGRAMS, name)


class Greeter(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = b"hello"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def make_certificate(directory):
    if shutil.which("openssl") is None:
        raise AssertionError("openssl is missing: install the package openssl")
    key, certificate = (os.path.join(directory, name) for name in ("key.pem", "certificate.pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=test",
                    "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True)
    return key, certificate


class Outbound(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="wherry-e2e-"))
        key, cls.certificate = make_certificate(cls.directory)
        cls.secure = cls.enterClassContext(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Greeter))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cls.certificate, key)
        cls.secure.socket = context.wrap_socket(cls.secure.socket, server_side=True)
        threading.Thread(target=cls.secure.serve_forever, daemon=True).start()
        # Takes connections, and is looked at by those tests that want to.
        cls.slow = cls.enterClassContext(socket.create_server(("127.0.0.1", 0), backlog=2 * WAITING))
        compiled = os.path.join(cls.directory, "fetch.wherry")
        subprocess.run([program("wherry"), "compile", os.path.join(GUESTS, "fetch_c.wasm"), "-o",
                        compiled, "--profile", "dev"], check=True, timeout=PATIENCE_S)
        cls.manifest = os.path.join(cls.directory, "wherry.toml")
        with open(cls.manifest, "w", encoding="utf-8") as file:
            file.write(f"""[function]
module = "fetch.wherry"
concurrency = {WAITING}
outbound = ["https://localhost:{cls.port_of(cls.secure.socket)}",
            "http://127.0.0.1:{cls.port_of(cls.slow)}"]
""")

    @classmethod
    def tearDownClass(cls):
        cls.secure.shutdown()

    @staticmethod
    def port_of(listener):
        return listener.getsockname()[1]

    def invoke(self, name, url, **environment):
        return subprocess.run(
            [program(name), "invoke", self.manifest, "--header", f"X-Url: {url}"],
            capture_output=True, text=True, timeout=PATIENCE_S, env={**os.environ, **environment})

    def secure_url(self, host="localhost"):
        return f"https://{host}:{self.port_of(self.secure.socket)}/"

    def test_https_with_an_authority_that_is_named(self):
        for name in ("wherry", "wherry-host-net"):
            done = self.invoke(name, self.secure_url(), SSL_CERT_FILE=self.certificate)
            self.assertEqual((done.returncode, done.stdout), (0, "hello"), done.stderr)

    def test_https_with_an_authority_that_is_not(self):
        empty = os.path.join(self.directory, "empty.pem")
        with open(empty, "w", encoding="utf-8"):
            pass
        for environment, why in (({}, "its certificate is not to be trusted"),
                                 ({"SSL_CERT_FILE": empty}, "no certificate authorities in")):
            done = self.invoke("wherry-host-net", self.secure_url(), **environment)
            self.assertRegex(done.stdout, f"^failed -6 .*{why}|^failed -6 no certificate authorities")

    def test_hosts_that_are_not_named(self):
        done = self.invoke("wherry-host-net", self.secure_url("127.0.0.1"),
                           SSL_CERT_FILE=self.certificate)
        self.assertRegex(done.stdout, "^failed -2 the function may not call https://127.0.0.1:")

    def test_the_small_host_refuses_functions_that_name_hosts(self):
        done = self.invoke("wherry-host", self.secure_url())
        self.assertEqual((done.returncode, done.stdout), (4, ""))
        self.assertRegex(done.stderr, "this program cannot call other hosts\n"
                                      "try: run it with wherry or wherry-host-net")

    def test_many_wait_without_a_thread_each(self):
        with Server(program("wherry-host-net"), self.manifest) as server:
            url = f"http://127.0.0.1:{self.port_of(self.slow)}/"
            answers = []
            callers = [threading.Thread(target=lambda: answers.append(
                server.request("GET", "/", headers={"X-Url": url}).body)) for _ in range(WAITING)]
            for caller in callers:
                caller.start()
            calls = []
            for _ in range(WAITING):  # now all of them wait
                call, _ = self.slow.accept()
                calls.append(call)
            threads = len(os.listdir(f"/proc/{server.process.pid}/task"))
            self.assertLess(threads, WAITING / 4)
            for call in calls:
                call.recv(65536)
                call.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
                call.close()
            for caller in callers:
                caller.join(PATIENCE_S)
            self.assertEqual(answers, [b"hello"] * WAITING)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
