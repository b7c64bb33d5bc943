#!/usr/bin/env python3
"""`wherry pack` and the parts of others that take packages: registries, Info-ZIP, systemd. And that packages
depend on nothing but the function."""
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

PROGRAMS, GUESTS = (os.path.abspath(sys.argv.pop(1)) for _ in range(2))
WHERRY = os.path.join(PROGRAMS, "wherry")
PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PATIENCE_S = 30
UNIT_COMPLAINTS = ("wherry", "echo")  # what lines of systemd-analyze must not be about


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, **more)


class Directory(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="wherry-pack-")
        self.addCleanup(self.temporary.cleanup)

    def path(self, *names):
        return os.path.join(self.temporary.name, *names)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def succeed(self, *command, **more):
        done = run(*command, **more)
        self.assertEqual(done.returncode, 0, f"{command}: {done.stdout}{done.stderr}")
        return done.stdout

    def pack(self, target, function, output, **more):
        return self.succeed(WHERRY, "pack", "--for", target, function, "-o", output, **more)

    def write_function(self, name):
        self.write(f"{name}/data/a.txt", "some text\n")
        self.write(f"{name}/data/ä ö/ü.txt", "")
        self.write(f"{name}/data/{'long' * 40}.txt", "long\n")
        with open(os.path.join(GUESTS, "echo.wasm"), "rb") as module, \
                open(self.path(name, "echo.wasm"), "wb") as copy:
            copy.write(module.read())
        self.write(f"{name}/wherry.toml", """[function]
module = "echo.wasm"
environment = { LEVEL = 3 }
directories = [{ host = "data", guest = "/data", read_only = true }]
""")
        return self.path(name)


class SameBytes(Directory):
    def test_wherever_and_by_whomever_it_is_packed(self):
        self.pack("all", self.write_function("here"), self.path("first"))
        function = self.write_function("some/where/else")
        os.utime(os.path.join(function, "echo.wasm"), (0, 0))
        surroundings = {**os.environ, "TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8", "HOME": self.path("home")}
        self.pack("all", ".", self.path("second") + "/", cwd=function, env=surroundings, umask=0o077)
        done = run("diff", "-r", self.path("first"), self.path("second"))
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_the_host_does_not_say_where_it_was_built(self):
        self.pack("systemd", os.path.join(GUESTS, "echo.wasm"), self.path("out"))
        with open(self.path("out", "echo", "wherry-host"), "rb") as file:
            host = file.read()
        self.assertIn(b"check failed", host)
        for path in (PROJECT, "../src/", "/src/base/"):
            self.assertNotIn(path.encode(), host)

    def test_names_of_all_kinds_arrive(self):
        function = self.write_function("f")
        self.pack("lambda,openwhisk", function, self.path("out"))
        self.succeed("unzip", "-tq", self.path("out", "lambda.zip"))
        self.succeed("unzip", "-q", self.path("out", "lambda.zip"), "-d", self.path("unzipped"))
        self.succeed("diff", "-r", os.path.join(function, "data"), self.path("unzipped", "files", "0"))
        bootstrap = self.path("unzipped", "bootstrap")
        self.assertEqual(self.succeed(bootstrap, "invoke", "--json", '{"a":1}'), '{"a":1}\n')
        self.succeed("skopeo", "copy", "oci-archive:" + self.path("out", "openwhisk.tar"), "dir:" + self.path("image"))
        with open(self.path("image", "manifest.json"), encoding="utf-8") as file:
            layer = json.load(file)["layers"][0]["digest"].removeprefix("sha256:")
        os.mkdir(self.path("root"))
        self.succeed("tar", "-xzf", self.path("image", layer), "-C", self.path("root"))
        self.succeed("diff", "-r", os.path.join(function, "data"), self.path("root", "function", "files", "0"))
        host = self.path("root", "function", "wherry-host")
        self.assertEqual(self.succeed(host, "invoke", "--json", "[2]"), "[2]\n")


class Registry(Directory):
    """Images and artifacts, to docker-registry and back."""

    def setUp(self):
        super().setUp()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{probe.getsockname()[1]}"
        config = self.write("registry.yml", f"""version: 0.1
log: {{ level: error }}
storage: {{ filesystem: {{ rootdirectory: {self.path("blobs")} }} }}
http: {{ addr: "{self.address}" }}
""")
        with open(self.path("registry.log"), "wb") as log:
            registry = subprocess.Popen(["docker-registry", "serve", config], stdout=log, stderr=log)
        self.addCleanup(registry.wait, timeout=PATIENCE_S)
        self.addCleanup(registry.terminate)
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                urllib.request.urlopen(f"http://{self.address}/v2/", timeout=5).close()
                return
            except urllib.error.URLError:
                self.assertIsNone(registry.poll(), "docker-registry ended")
                self.assertLess(time.monotonic(), end, "docker-registry does not answer")

    def there_and_back(self, archive):
        name = f"docker://{self.address}/echo:latest"
        self.succeed("skopeo", "copy", "--dest-tls-verify=false", "oci-archive:" + archive, name)
        directory = tempfile.mkdtemp(dir=self.path())
        self.succeed("skopeo", "copy", "--src-tls-verify=false", name, "dir:" + directory)
        with open(os.path.join(directory, "manifest.json"), encoding="utf-8") as file:
            return directory, json.load(file)

    def test_keeps_images_and_artifacts(self):
        self.pack("openwhisk,knative,oci", os.path.join(GUESTS, "echo.wasm"), self.path("out"))
        for archive in ("openwhisk.tar", "knative/image.tar", "oci/image.tar"):
            with self.subTest(archive=archive):
                _, manifest = self.there_and_back(self.path("out", archive))
                self.assertEqual(manifest["config"]["mediaType"], "application/vnd.oci.image.config.v1+json")
                self.assertEqual(len(manifest["layers"]), 1)
        directory, manifest = self.there_and_back(self.path("out", "oci", "artifact.tar"))
        self.assertEqual(manifest["config"]["mediaType"], "application/vnd.wasm.config.v0+json")
        layer = manifest["layers"][0]
        self.assertEqual(layer["mediaType"], "application/wasm")
        self.succeed("cmp", os.path.join(directory, layer["digest"].removeprefix("sha256:")),
                     os.path.join(GUESTS, "echo.wasm"))


class Units(Directory):
    def test_systemd_takes_them(self):
        os.mkdir(self.path("state"))
        function = self.write("wherry.toml", f"""[function]
module = "{os.path.join(GUESTS, "echo.wasm")}"
directories = [{{ host = "state", guest = "/state" }}]
secrets = {{ TOKEN = {{ environment = "TOKEN" }} }}
""")
        said = self.pack("systemd", function, self.path("out"))
        self.assertIn("  secrets: set TOKEN on the platform\n", said)
        units = {}
        for name in ("echo.service", "echo.socket"):
            with open(self.path("out", name), encoding="utf-8") as file:
                units[name] = file.read()
            # As if it lay in /opt.
            self.write("units/" + name, units[name].replace("/opt/echo/", self.path("out", "echo") + "/"))
        self.assertIn("\nStateDirectory=echo/0\n", units["echo.service"])
        self.assertIn("\nEnvironmentFile=/etc/echo.env\n", units["echo.service"])
        done = run("systemd-analyze", "verify", "--man=no", self.path("units", "echo.service"),
                   self.path("units", "echo.socket"))
        complaints = [line for line in done.stderr.splitlines() if any(name in line for name in UNIT_COMPLAINTS)]
        self.assertEqual(complaints, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
