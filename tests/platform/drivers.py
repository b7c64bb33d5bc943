"""Packages where they run: each driver starts one on its platform's real part, or as the platform's
documents say that it is started, and gives it events. Answers are (status, body) as `wherry serve` has
them; `failed` of platforms that tell no status."""
import base64
import http.client
import http.server
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import threading
import time
import zipfile

PATIENCE_S = 60
NO_RESULT = "The action did not return a dictionary or array."


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def unpack(archive, directory):
    """As Info-ZIP does: with modes."""
    with zipfile.ZipFile(archive) as package:
        for entry in package.infolist():
            path = package.extract(entry, directory)
            os.chmod(path, entry.external_attr >> 16 & 0o777)
    return directory


def environment(**more):
    """As little as a platform gives."""
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **more}


class Process:
    """A process that ends with the `with`."""

    def __init__(self, command, log, **more):
        with open(log, "wb") as file:
            self.process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT,
                                            stdin=more.pop("stdin", subprocess.DEVNULL), **more)
        self.log_path = log

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def await_open(port, why):
    """Until somebody listens there."""
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError as error:
            if time.monotonic() > end:
                raise AssertionError(f"it did not start: {why()}") from error
            time.sleep(0.02)


def await_port(port, process, path="/healthz"):
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            return request(port, "GET", path)
        except OSError as error:
            if process.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"it did not start: {process.log()}") from error
            time.sleep(0.01)


def request(port, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


class HttpServer(Process):
    """Anything that serves on a port."""

    def __init__(self, command, log, port, **more):
        super().__init__(command, log, **more)
        self.port = port
        try:
            await_port(port, self)
        except BaseException:
            self.__exit__()
            raise

    def ask(self, event):
        return request(self.port, "POST", "/", event, {"Content-Type": "application/json"})


class RuntimeApi:
    """Lambda's Runtime API as its documents have it, for one invocation at a time."""

    def __init__(self):
        self.events, self.results = queue.Queue(), queue.Queue()
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                event = api.events.get()
                if event is None:
                    self.close_connection = True
                    return
                self.send_response(200)
                for name, value in {"Lambda-Runtime-Aws-Request-Id": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
                                    "Lambda-Runtime-Deadline-Ms": str(int(time.time() * 1000) + 60_000),
                                    "Content-Length": str(len(event))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(event)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                api.results.put((self.path, dict(self.headers), body))
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # a process that was killed
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"127.0.0.1:{self.server.server_address[1]}"

    def invoke(self, event):
        self.events.put(event)
        return self.results.get(timeout=PATIENCE_S)

    def close(self):
        self.events.put(None)
        self.server.shutdown()
        self.server.server_close()


def payload_2_0(event, method="POST", path="/", headers=None):
    """A request as a function URL or an HTTP API gives it."""
    return json.dumps({
        "version": "2.0", "routeKey": "$default", "rawPath": path.partition("?")[0],
        "rawQueryString": path.partition("?")[2], "headers": headers or {"content-type": "application/json"},
        "requestContext": {"http": {"method": method, "path": path.partition("?")[0], "protocol": "HTTP/1.1",
                                    "sourceIp": "192.0.2.1"}, "stage": "$default"},
        "body": base64.b64encode(event).decode(), "isBase64Encoded": True}).encode()


def response_of_proxy(body):
    """Of what a function answers to an HTTP event."""
    answer = json.loads(body)
    text = answer["body"].encode()
    return answer["statusCode"], base64.b64decode(text) if answer["isBase64Encoded"] else text


class LineProcess:
    """A process that answers a line with one that begins with RESULT, between others."""

    def __init__(self, command, **variables):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, env=environment(**variables))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        assert self.process.wait(PATIENCE_S) == 0

    def result(self, line):
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()
        for answer in self.process.stdout:
            if answer.startswith(b"RESULT "):
                return answer[7:].rstrip(b"\n")
        raise AssertionError("the process ended")


class Fun(LineProcess):
    """The zip in @vercel/fun, which has Lambda's Runtime API and stops the process between two events."""

    def __init__(self, module, archive, directory, **variables):
        command = ["node", os.path.join(os.path.dirname(os.path.abspath(__file__)), "fun.cjs"), module, archive]
        super().__init__(command + [f"{name}={value}" for name, value in variables.items()], HOME=directory,
                         XDG_CACHE_HOME=directory)

    def invoke(self, event):
        """(FunctionError or None, payload)"""
        line = json.dumps({"payload": event.decode("utf-8", "surrogateescape")}).encode()
        result = json.loads(self.result(line))
        return result.get("FunctionError"), result["Payload"].encode()

    def ask(self, event):
        error, payload = self.invoke(event)
        return ("failed", json.loads(payload)["errorMessage"]) if error else (200, payload)

    def ask_over_http(self, event):
        return response_of_proxy(self.invoke(payload_2_0(event))[1])


class Lambda:
    """The bootstrap, as Lambda starts it."""

    def __init__(self, directory, log):
        self.api = RuntimeApi()
        self.process = Process([os.path.join(directory, "bootstrap")], log, cwd=directory, env=environment(
            AWS_LAMBDA_RUNTIME_API=self.api.address, LAMBDA_TASK_ROOT=directory, _HANDLER="bootstrap"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.__exit__()
        self.api.close()

    def ask(self, event):
        path, headers, body = self.api.invoke(event)
        if path.endswith("/response"):
            return 200, body
        assert path.endswith("/error"), path
        error = json.loads(body)
        assert headers["Lambda-Runtime-Function-Error-Type"] == error["errorType"]
        return "failed", error["errorMessage"]

    def ask_over_http(self, event):
        _, _, body = self.api.invoke(payload_2_0(event))
        return response_of_proxy(body)


class OneActivation:
    """dockerskeleton's: a process for each, the last line is the result."""

    def __init__(self, directory):
        self.directory = directory

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def ask(self, event):
        arguments = [event.decode()] if len(event) <= 131071 else []
        done = subprocess.run([os.path.join(self.directory, "exec"), *arguments], input=event, cwd=self.directory,
                              env=environment(__OW_ACTIVATION_ID="1"), capture_output=True, timeout=PATIENCE_S)
        return result_of(done.stdout.rstrip(b"\n").rsplit(b"\n", 1)[-1])


class ActionLoop:
    """openwhisk-runtime-go's: one process, a line for each, results on descriptor 3."""

    def __init__(self, directory, log):
        read, write = os.pipe()
        command = ["bash", "-c", f"exec {os.path.join(directory, 'exec')} 3>&{write}"]  # sh knows descriptors up to 9
        self.process = Process(command, log, stdin=subprocess.PIPE, pass_fds=[write], cwd=directory,
                               env=environment(__OW_WAIT_FOR_ACK="1"))
        os.close(write)
        self.results = os.fdopen(read, "rb")
        assert self.results.readline() == b'{"ok":true}\n'

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.process.stdin.close()
        self.results.close()
        assert self.process.process.wait(PATIENCE_S) == 0

    def ask(self, event):
        self.process.process.stdin.write(b'{"value":' + event.replace(b"\n", b" ") + b"}\n")
        self.process.process.stdin.flush()
        return result_of(self.results.readline().rstrip(b"\n"))


def result_of(line):
    """As OpenWhisk's proxies and Lambda's users see it."""
    value = json.loads(line)
    if not isinstance(value, (dict, list)):
        return "failed", NO_RESULT
    if isinstance(value, dict) and set(value) == {"error"}:
        return "failed", value["error"]
    return 200, line


# What podman needs where it may not raise limits, and beside old cgroups.
CONTAINERS_CONF = """[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""


class OpenWhiskContainer:
    """An action container under podman, with the flags of OpenWhisk's invoker."""

    FLAGS = ["--cpu-shares", "256", "--memory", "256m", "--memory-swap", "256m", "--network", "host",
             "-e", "__OW_API_HOST=https://whisk.test", "--cap-drop", "NET_RAW", "--cap-drop", "NET_ADMIN",
             "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024", "--pids-limit", "1024"]

    def __init__(self, image, port, variables):
        self.port, self.variables = port, variables
        # The invoker has a network of containers, and this test a port of the host.
        command = ["run", "--detach", *self.FLAGS, "-e", f"PORT={port}", image]
        done = self.podman(*command)
        assert done.returncode == 0, done.stderr
        self.container = done.stdout.strip()
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                status, _ = self.post("/init", b'{"value":{"name":"f","main":"main","binary":false,"code":""}}')
                break
            except OSError as error:
                if time.monotonic() > end:
                    raise AssertionError(self.podman("logs", self.container)) from error
                time.sleep(0.05)
        assert status == 200, status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.podman("rm", "--force", "--time", "0", self.container)

    def podman(self, *arguments):
        return subprocess.run(["podman", *arguments], capture_output=True, text=True, timeout=PATIENCE_S, check=False,
                              env=self.variables)

    def post(self, path, body):
        return request(self.port, "POST", path, body, {"Content-Type": "application/json"})

    def ask(self, event):
        status, body = self.post("/run", b'{"value":' + event + b"}")
        return (200, body) if status == 200 else ("failed", json.loads(body)["error"])


class NodeFunction(LineProcess):
    """A function of Node's, in a process that gives it one event a line."""

    SCRIPT = """
import { createInterface } from "node:readline";
const { %(name)s: call } = await import(%(path)s).then((all) => all.default ?? all);
for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  let answer;
  try {
    answer = { value: await call(JSON.parse(line), {}) };
  } catch (error) {
    answer = { value: { error: error.message } };
  }
  process.stdout.write(`RESULT ${JSON.stringify(answer.value)}\\n`);
}
"""

    def __init__(self, path, name):
        script = self.SCRIPT % {"name": name, "path": json.dumps("file://" + path)}
        super().__init__(["node", "--input-type=module", "-e", script])

    def ask(self, event):
        return result_of(self.result(event.replace(b"\n", b" ")))


def why_no_containers(variables):
    """Empty if a container can be started here."""
    if shutil.which("podman") is None:
        return "podman is not installed"
    done = subprocess.run(["podman", "info"], capture_output=True, text=True, check=False, env=variables)
    return "" if done.returncode == 0 else f"podman does not work here: {done.stderr}"
