#!/usr/bin/env python3
"""What Lambda packages do where more than an answer counts: errors, the API's limits, several events at a time,
answers that are streamed. In @vercel/fun where that has it, else by the Runtime API's documented exchanges."""
import base64
import http.client
import json
import os
import queue
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import drivers  # noqa: E402

PROGRAMS, GUESTS, NPM = (os.path.abspath(sys.argv.pop(1)) for _ in range(3))
WHERRY = os.path.join(PROGRAMS, "wherry")
FUN = os.path.join(NPM, "fun/node_modules/@vercel/fun")
NEXT, RESULT = "/2018-06-01/runtime/invocation/next", "/2018-06-01/runtime/invocation/{}/{}"
HEADERS = {"content-type": "text/plain", "accept": "text/*"}


def rest_api(event, path):
    """Payload 1.0, with what API Gateway adds."""
    return json.dumps({
        "resource": "/{proxy+}", "path": path, "httpMethod": "POST", "headers": HEADERS,
        "multiValueHeaders": {name: [value] for name, value in HEADERS.items()}, "queryStringParameters": {"name": "x y"},
        "multiValueQueryStringParameters": {"name": ["x y"]}, "pathParameters": {"proxy": path[1:]}, "stageVariables": None,
        "requestContext": {"resourcePath": "/{proxy+}", "httpMethod": "POST", "path": "/prod" + path, "stage": "prod",
                           "identity": {"sourceIp": "192.0.2.1"}},
        "body": event.decode(), "isBase64Encoded": False}).encode()


def load_balancer(event, path):
    return json.dumps({
        "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/x/1"}},
        "httpMethod": "POST", "path": path, "queryStringParameters": {"name": "x%20y"},
        "headers": {**HEADERS, "x-forwarded-for": "192.0.2.1"}, "body": base64.b64encode(event).decode(),
        "isBase64Encoded": True}).encode()


def function_url(event, path):
    return drivers.payload_2_0(event, "POST", path + "?name=x%20y", HEADERS)


class Api:
    """The Runtime API for processes that ask several times at once, or stream: requests are taken as they come, and
    `next` is answered when the test says so."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.asked, self.told, self.connections = queue.Queue(), queue.Queue(), []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection.makefile("rb") as stream:
            self.take(connection, stream)

    def take(self, connection, stream):
        line = stream.readline().split()
        if len(line) < 2:
            return connection.close()
        headers = http.client.parse_headers(stream)
        path = line[1].decode()
        if path == NEXT:
            self.asked.put(connection)
            return
        pieces, trailers = [], {}
        if headers.get("Transfer-Encoding") == "chunked":
            while size := int(stream.readline(), 16):
                pieces.append(stream.read(size))
                stream.readline()
            trailers = dict(http.client.parse_headers(stream))
        else:
            pieces.append(stream.read(int(headers["Content-Length"])))
        connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        connection.close()
        self.told.put((path, headers, pieces, trailers))

    def waiting(self):
        """A process's question, to be answered later."""
        return self.asked.get(timeout=drivers.PATIENCE_S)

    def give(self, connection, event, request_id, **headers):
        head = f"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: {request_id}\r\nContent-Length: {len(event)}\r\n"
        head += "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        connection.sendall(head.encode() + b"Connection: close\r\n\r\n" + event)
        connection.close()

    def result(self):
        return self.told.get(timeout=drivers.PATIENCE_S)

    def close(self):
        if self.listener.fileno() >= 0:
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.connections:
            connection.close()


class LambdaCase(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="wherry-lambda-")
        self.addCleanup(self.temporary.cleanup)

    def path(self, *names):
        return os.path.join(self.temporary.name, *names)

    def package(self, guest, manifest=""):
        function = self.path("wherry.toml")
        with open(function, "w", encoding="utf-8") as file:
            file.write(f'[function]\nmodule = "{os.path.join(GUESTS, guest + ".wasm")}"\n{manifest}')
        done = subprocess.run([WHERRY, "pack", "--for", "lambda", function, "-o", self.path(guest + ".zip")],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.path(guest + ".zip")

    def fun(self, guest, manifest="", **variables):
        return drivers.Fun(FUN, self.package(guest, manifest), self.path(), **variables)

    def bootstrap(self, api, guest, manifest="", **variables):
        directory = drivers.unpack(self.package(guest, manifest), self.path(guest))
        process = drivers.Process([os.path.join(directory, "bootstrap")], self.path("log"), cwd=directory,
                                  env=drivers.environment(AWS_LAMBDA_RUNTIME_API=api.address, **variables))
        self.addCleanup(process.__exit__)
        self.addCleanup(api.close)  # before that
        return process


class InFun(LambdaCase):
    def test_how_a_function_fails(self):
        kinds = {"unreachable": "Function.Trap", "exit_3": "Function.Exit", "silent": "Function.NoResult",
                 "sleep": "Function.Timeout"}
        with self.fun("moods", 'time = "200 ms"\n') as function:
            for mood, kind in kinds.items():
                error, payload = function.invoke(json.dumps({"mood": mood}).encode())
                error_object = json.loads(payload)
                self.assertEqual((error, error_object["errorType"], error_object["stackTrace"]), ("Handled", kind, []))
                self.assertNotEqual(error_object["errorMessage"], "")
            self.assertEqual(function.ask(b'{"a":1}'), (200, b'{"a":1}'), "after failures")

    def test_a_function_that_cannot_be_loaded(self):
        manifest = 'secrets = { TOKEN = { environment = "TOKEN" } }\n'
        with self.fun("environment", manifest) as function:
            error, payload = function.invoke(b"{}")
            self.assertEqual((error, json.loads(payload)["errorType"]), ("Unhandled", "Runtime.FunctionNotLoaded"))
            self.assertIn("TOKEN", json.loads(payload)["errorMessage"])
        with self.fun("environment", manifest, TOKEN="secret") as function:
            self.assertEqual(json.loads(function.ask(b"{}")[1])["TOKEN"], "secret")

    def test_events_that_are_none(self):
        with self.fun("echo") as function:
            for event in (b"not JSON", b'{"a":', b"\xff"):
                error, payload = function.invoke(event)
                self.assertEqual((error, json.loads(payload)["errorType"]), ("Handled", "Function.BadEvent"))
            self.assertEqual(function.ask(b'{"a":1}'), (200, b'{"a":1}'))

    def test_an_answer_that_is_too_large(self):
        with self.fun("handler_c") as function:
            text = b"x" * (4 << 20)
            self.assertEqual(drivers.response_of_proxy(function.invoke(function_url(text, "/echo"))[1]), (200, text))
            error, payload = function.invoke(function_url(bytes(range(256)) * (20 << 10), "/echo"))
            self.assertEqual((error, json.loads(payload)["errorType"]), ("Handled", "Function.ResponseSizeTooLarge"))
            self.assertEqual(function.invoke(function_url(b"", "/count"))[0], None)

    def test_http_events_of_each_kind_are_the_same_request(self):
        with self.fun("handler_c") as function:
            answers = {make.__name__: drivers.response_of_proxy(function.invoke(make(b"\xc3\xa9", "/describe"))[1])
                       for make in (function_url, rest_api, load_balancer)}
        for name, (status, body) in answers.items():
            text = body.decode()
            for line in ("method=POST", "path=/describe", "query=name=x%20y", "size=2", "accept=text/*", "name=x y"):
                self.assertIn(line + "\n", text, name)
            self.assertEqual(status, 200)


class ByExchanges(LambdaCase):
    def test_several_events_at_a_time(self):
        api = Api()
        self.bootstrap(api, "echo", AWS_LAMBDA_MAX_CONCURRENCY="4")
        waiting = [api.waiting() for _ in range(4)]
        for number, connection in enumerate(waiting):
            api.give(connection, json.dumps({"number": number}).encode(), f"id-{number}")
        results = {path: b"".join(pieces) for path, _, pieces, _ in (api.result() for _ in waiting)}
        self.assertEqual(results, {RESULT.format(f"id-{n}", "response"): b'{"number":%d}' % n for n in range(4)})

    def test_the_trace(self):
        api = Api()
        self.bootstrap(api, "environment")
        api.give(api.waiting(), b"{}", "id", Lambda_Runtime_Trace_Id="Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700")
        self.assertEqual(json.loads(b"".join(api.result()[2]))["_X_AMZN_TRACE_ID"],
                         "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700")

    def test_an_api_that_goes_away(self):
        api = Api()
        process = self.bootstrap(api, "echo")
        api.waiting()
        api.close()
        self.assertNotEqual(process.process.wait(drivers.PATIENCE_S), 0)
        self.assertIn("cannot reach", process.log())


class Streamed(LambdaCase):
    def stream(self, guest, path, manifest=""):
        api = Api()
        self.bootstrap(api, guest, manifest, WHERRY_LAMBDA_STREAMS="1")
        api.give(api.waiting(), function_url(b'{"a":1}', path), "id")
        path, headers, pieces, trailers = api.result()
        self.assertEqual(path, RESULT.format("id", "response"))
        self.assertEqual(headers["Lambda-Runtime-Function-Response-Mode"], "streaming")
        self.assertEqual(headers["Content-Type"], "application/vnd.awslambda.http-integration-response")
        head, separator, body = b"".join(pieces).partition(bytes(8))
        self.assertEqual(separator, bytes(8))
        return json.loads(head), body, pieces, trailers

    def test_pieces_go_out_as_they_are_written(self):
        head, body, pieces, trailers = self.stream("handler_c", "/much")
        # What is too much for a function, much later, is told behind it.
        self.assertEqual((head["statusCode"], trailers["Lambda-Runtime-Function-Error-Type"]),
                         (200, "Function.OutputLimit"))
        self.assertGreater(len(body), 6 << 20, "more than an answer that is not streamed may have")
        self.assertGreater(len(pieces), 10)

    def test_head_and_cookies(self):
        head, body, _, _ = self.stream("handler_c", "/headers")
        self.assertEqual((head["statusCode"], head["cookies"], head["headers"]["X-One"]), (203, ["a=1", "b=2"], "1"))
        self.assertNotEqual(body, b"")

    def test_functions_of_json_answer_whole(self):
        head, body, _, _ = self.stream("echo", "/")
        self.assertEqual((head["statusCode"], json.loads(body)), (200, {"a": 1, "name": "x y"}))

    def test_a_failure_before_the_answer_is_an_answer(self):
        head, body, _, trailers = self.stream("handler_c", "/trap")
        self.assertEqual((head["statusCode"], trailers), (502, {}))
        self.assertIn("unreachable", json.loads(body)["error"])

    def test_a_failure_within_the_answer_is_in_the_trailers(self):
        head, _, _, trailers = self.stream("handler_c", "/late")
        self.assertEqual(head["statusCode"], 200)
        self.assertEqual(trailers["Lambda-Runtime-Function-Error-Type"], "Function.Exit")
        error = json.loads(base64.b64decode(trailers["Lambda-Runtime-Function-Error-Body"]))
        self.assertEqual(error["errorType"], "Function.Exit")
        self.assertIn("5", error["errorMessage"])

    def test_less_than_was_announced(self):
        _, _, _, trailers = self.stream("handler_c", "/short")
        self.assertEqual(trailers["Lambda-Runtime-Function-Error-Type"], "Function.NoResult")


if __name__ == "__main__":
    unittest.main(verbosity=2)
