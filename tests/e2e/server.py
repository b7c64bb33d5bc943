"""A real `wherry serve` on a port of its own choosing, and the requests tests send to it."""
import base64
import http.client
import io
import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import zipfile

SENTINEL = "XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX"
# Longer than anything here may take; reached only when a server hangs.
PATIENCE_S = 60


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.length = response.getheader("Content-Length")
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


class Server:
    """Runs from `with` to its end; then it is stopped by SIGTERM, and has to exit with 0."""

    def __init__(self, program, *arguments, environment=None):
        self.directory = tempfile.TemporaryDirectory(prefix="wherry-e2e-")
        self.files = {name: open(os.path.join(self.directory.name, name), "wb+")
                      for name in ("stdout", "stderr")}
        self.process = subprocess.Popen(
            [program, "serve", "--listen", "127.0.0.1:0", *arguments],
            stdin=subprocess.DEVNULL, stdout=self.files["stdout"], stderr=subprocess.PIPE,
            env={**os.environ, **(environment or {})})
        self.port = None
        self.listening = threading.Event()
        self.reader = threading.Thread(target=self._read_stderr, daemon=True)
        self.reader.start()
        if not self.listening.wait(PATIENCE_S) or self.port is None:
            self.kill()
            raise AssertionError(f"the server did not start: {self.log('stderr')}")

    def _read_stderr(self):
        for line in self.process.stderr:
            match = re.fullmatch(rb"listening on http://127\.0\.0\.1:(\d+)\n", line)
            if match:
                self.port = int(match[1])
                self.listening.set()
            else:
                self.files["stderr"].write(line)
                self.files["stderr"].flush()
        self.listening.set()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        try:
            if kind is not None:
                self.kill()
            elif self.process.returncode is None:
                self.stop()
        finally:
            for file in [*self.files.values(), self.process.stderr]:
                file.close()
            self.directory.cleanup()

    def _ended(self):
        code = self.process.wait(PATIENCE_S)
        self.reader.join(PATIENCE_S)
        return code

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self._ended()
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        assert code == 0, f"the server ended with {code}: {self.log('stderr')}"
        return code

    def kill(self):
        self.process.kill()
        self._ended()

    def log(self, stream):
        """All that came out on a stream so far; complete for standard error once stopped."""
        with open(self.files[stream].name, encoding="utf-8") as file:
            return file.read()

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.request(method, path, body, headers or {"Content-Type": "application/json"})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def post(self, path, value):
        return self.request("POST", path, json.dumps(value, ensure_ascii=False).encode())

    def init(self, code, **more):
        """`code`: bytes, sent as base64; text or None, sent as they are."""
        value = {"name": "test", "main": "main", "binary": isinstance(code, bytes), **more}
        value["code"] = base64.b64encode(code).decode() if isinstance(code, bytes) else code
        return self.post("/init", {"value": value})

    def run(self, value, **context):
        return self.post("/run", {"value": value, **context})


def zip_with(**files):
    """A zip archive; `__` in a name stands for a dot."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return data.getvalue()
