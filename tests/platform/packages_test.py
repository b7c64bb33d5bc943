#!/usr/bin/env python3
"""`wherry pack`: every target of real functions, started where it runs, answers what `wherry serve` answers."""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
import zipfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import drivers  # noqa: E402

PROGRAMS, GUESTS, NPM = (os.path.abspath(sys.argv.pop(1)) for _ in range(3))
WHERRY = os.path.join(PROGRAMS, "wherry")
TARGETS = ("openwhisk", "openwhisk-native", "openwhisk-nodejs", "lambda", "lambda-nodejs", "knative",
           "kubernetes", "azure", "cloudflare", "node", "oci", "systemd")
ARCHIVES = {"openwhisk": ".tar", "openwhisk-native": ".zip", "openwhisk-nodejs": ".zip", "lambda": ".zip",
            "lambda-nodejs": ".zip", "azure": ".zip"}
MAX_PACKAGE_BYTES = 3_000_000

ECHO_EVENTS = {
    "empty": b"{}", "object": b'{"b":1,"a":[true,false,null,"x"]}', "array": b'[1,2,{"c":3}]',
    "unicode": '{"winter":"\u2744 \u2603 \U0001f600 \u00e9"}'.encode(), "escapes": b'{"a":"\\u00e9\\ud83d\\ude00\\n\\u0001"}',
    "numbers": b'{"i":-42,"d":0.1,"big":9007199254740991}', "binary as base64": b'{"data":"AAEC/f7/"}',
    "1 MiB": b'{"text":"' + b"x" * (1 << 20) + b'"}', "deep": b"[" * 100 + b"]" * 100,
    "spaces": b' { "a" : [ 1 , 2 ] } ',
}
MOODS = ("divide", "overflow", "unreachable", "null_call", "wild_read", "exit_3", "silent", "text", "scalar", "array",
         "broken", "no_newline")


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, **more)


def as_node_writes(status, body):
    """Its platforms give and take values, not texts."""
    return status, json.loads(body) if status == 200 else body


def pack(function, target, output, *more):
    done = run(WHERRY, "pack", "--for", target, function, "-o", output, *more)
    assert done.returncode == 0, done.stderr
    return done.stdout


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


class Packages(Directory):
    def test_every_target_packs_examples_in_c_and_rust(self):
        for guest in ("echo", "example_csv_to_json", "example_fibonacci", "example_roman", "handler_c", "cgi_rust"):
            with self.subTest(guest=guest):
                function = os.path.join(GUESTS, guest + ".wasm")
                if guest == "cgi_rust":
                    function = self.write("cgi/wherry.toml", f'[function]\nmodule = "{function}"\nabi = "cgi"\n')
                said = pack(function, "all", self.path(guest))
                for target in TARGETS:
                    self.assertTrue(os.path.exists(self.path(guest, target + ARCHIVES.get(target, ""))), target)
                self.assertEqual(said.count("  next: "), len(TARGETS))
                self.assertNotIn("@", said.replace("fileb://", ""))

    def test_the_same_function_makes_the_same_packages(self):
        for name in ("first", "second"):
            pack(os.path.join(GUESTS, "echo.wasm"), "all", self.path(name))
        done = run("diff", "-r", self.path("first"), self.path("second"))
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_packages_are_small(self):
        pack(os.path.join(GUESTS, "echo.wasm"), "lambda,openwhisk", self.path("out"))
        for name in ("lambda.zip", "openwhisk.tar"):
            self.assertLessEqual(os.path.getsize(self.path("out", name)), MAX_PACKAGE_BYTES)

    def test_a_zip_has_executables(self):
        pack(os.path.join(GUESTS, "echo.wasm"), "lambda", self.path("l.zip"))
        with zipfile.ZipFile(self.path("l.zip")) as package:
            self.assertIsNone(package.testzip())
            modes = {entry.filename: entry.external_attr >> 16 & 0o777 for entry in package.infolist()}
        self.assertEqual(modes["bootstrap"], 0o755)
        self.assertEqual(modes["function.wherry"], 0o644)

    def test_images_are_what_registries_take(self):
        pack(os.path.join(GUESTS, "echo.wasm"), "openwhisk,oci", self.path("out"))
        done = run("skopeo", "inspect", "--config", "oci-archive:" + self.path("out", "openwhisk.tar"))
        self.assertEqual(done.returncode, 0, done.stderr)
        config = json.loads(done.stdout)
        self.assertEqual(config["config"]["User"], "65532:65532")
        self.assertEqual(config["config"]["Entrypoint"], ["/function/wherry-host"])
        done = run("skopeo", "inspect", "--config", "oci-archive:" + self.path("out", "oci", "image.tar"))
        self.assertEqual(json.loads(done.stdout)["os"], "wasip1")
        done = run("skopeo", "copy", "oci-archive:" + self.path("out", "oci", "artifact.tar"), "dir:" + self.path("copy"))
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(self.path("copy", "manifest.json"), encoding="utf-8") as file:
            layers = json.load(file)["layers"]
        with open(self.path("copy", layers[0]["digest"].removeprefix("sha256:")), "rb") as layer, \
                open(os.path.join(GUESTS, "echo.wasm"), "rb") as module:
            self.assertEqual(layer.read(), module.read())


class Refusals(Directory):
    def refused(self, *arguments):
        done = run(WHERRY, "pack", *arguments, "-o", self.path("out"))
        self.assertNotEqual(done.returncode, 0)
        self.assertFalse(os.path.exists(self.path("out")), "something was written")
        self.assertRegex(done.stderr, r"^error: .*\ntry: .*\n$")
        return done.stderr

    def test_unknown_targets(self):
        self.assertIn("--for lamda: no such target", self.refused("--for", "lamda", os.path.join(GUESTS, "echo.wasm")))

    def test_what_a_platform_does_not_have(self):
        echo = os.path.join(GUESTS, "echo.wasm")
        os.mkdir(self.path("data"))
        writable = self.write("w/wherry.toml", f'[function]\nmodule = "{echo}"\ndirectories = ["../data::/data"]\n')
        self.assertIn("would be lost", self.refused("--for", "lambda", writable))
        read_only = self.write("r/wherry.toml", f'[function]\nmodule = "{echo}"\ndirectories = ["../data::/data::ro"]\n')
        self.assertIn("there are no files", self.refused("--for", "cloudflare", read_only))
        calling = self.write("o/wherry.toml", f'[function]\nmodule = "{echo}"\noutbound = ["api.example.com"]\n')
        self.assertIn("cannot call api.example.com", self.refused("--for", "node", calling))

    def test_of_all_platforms_those_are_left_out(self):
        echo = os.path.join(GUESTS, "echo.wasm")
        self.write("data/a.txt", "a")
        manifest = self.write("wherry.toml", f'[function]\nmodule = "{echo}"\ndirectories = ["data::/data::ro"]\n')
        done = run(WHERRY, "pack", "--for", "all", manifest, "-o", self.path("out"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("not for cloudflare", done.stderr)
        self.assertFalse(os.path.exists(self.path("out", "cloudflare")))
        self.assertTrue(os.path.exists(self.path("out", "lambda.zip")))

    def test_what_is_no_function(self):
        self.assertIn("neither a WebAssembly module", self.refused("--for", "lambda", os.path.abspath(__file__)))
        self.refused("--for", "lambda", os.path.join(GUESTS, "wanting.wasm"))

    def test_a_directory_that_is_there(self):
        os.mkdir(self.path("out"))
        done = run(WHERRY, "pack", "--for", "node", os.path.join(GUESTS, "echo.wasm"), "-o", self.path("out"))
        self.assertEqual(done.returncode, 2)
        self.assertEqual(os.listdir(self.path("out")), [])


class Tampering(Directory):
    def test_another_file_of_a_package_is_found_at_start(self):
        for name, guest in (("a", "echo"), ("b", "moods")):
            pack(os.path.join(GUESTS, guest + ".wasm"), "lambda", self.path(name + ".zip"))
            drivers.unpack(self.path(name + ".zip"), self.path(name))
        command = [self.path("a", "bootstrap"), "invoke", "--json", '{"a":1}']
        self.assertEqual(run(*command).stdout, '{"a":1}\n')
        os.replace(self.path("b", "function.wherry"), self.path("a", "function.wherry"))
        done = run(*command)
        self.assertEqual(done.returncode, 2)
        self.assertIn("function.wherry: is not the file that was packed", done.stderr)
        os.remove(self.path("a", "wherry.package.json"))
        self.assertNotEqual(run(*command).returncode, 0)

    def test_where_it_does_not_run(self):
        pack(os.path.join(GUESTS, "echo.wasm"), "lambda", self.path("l.zip"))
        drivers.unpack(self.path("l.zip"), self.path("l"))
        done = run(self.path("l", "bootstrap"), env=drivers.environment())
        self.assertEqual(done.returncode, 2)
        self.assertIn("this package is for lambda", done.stderr)


class World(Directory):
    def test_secrets_come_from_the_platform_and_files_from_the_package(self):
        secret = self.write("token", "of the author")
        self.write("data/a.txt", "some text")
        manifest = self.write("wherry.toml", f'''[function]
module = "{os.path.join(GUESTS, "environment.wasm")}"
environment = {{ LEVEL = "3" }}
secrets = {{ TOKEN = "{secret}" }}
directories = ["data::/data::ro"]
''')
        pack(manifest, "lambda", self.path("l.zip"))
        drivers.unpack(self.path("l.zip"), self.path("l"))
        for name in os.listdir(self.path("l")):
            if os.path.isfile(self.path("l", name)):
                with open(self.path("l", name), "rb") as file:
                    self.assertNotIn(b"of the author", file.read())
        self.assertTrue(os.path.exists(self.path("l", "files", "0", "a.txt")))
        bootstrap = self.path("l", "bootstrap")
        done = run(bootstrap, "invoke", env=drivers.environment())
        self.assertIn("no variable TOKEN", done.stderr)
        self.assertIn("try: set TOKEN", done.stderr)
        done = run(bootstrap, "invoke", env=drivers.environment(TOKEN="of the platform"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("of the platform", done.stdout)


class SameAnswers(Directory):
    """Echo and moods on each platform, beside `wherry serve`."""

    def setUp(self):
        super().setUp()
        self.events = {("echo", name): event for name, event in ECHO_EVENTS.items()}
        self.events |= {("moods", mood): json.dumps({"mood": mood}).encode() for mood in MOODS}
        self.wanted = {}
        for guest in ("echo", "moods"):
            port = drivers.free_port()
            with drivers.HttpServer([WHERRY, "serve", "--profile", "release", "--listen", f"127.0.0.1:{port}",
                                     os.path.join(GUESTS, guest + ".wasm")], self.path("serve.log"), port) as server:
                for key, event in self.events.items():
                    if key[0] == guest:
                        self.wanted[key] = server.ask(event)

    def package(self, guest, target):
        ending = ARCHIVES.get(target, "")
        output = self.path(f"{guest}-{target}{ending}")
        pack(os.path.join(GUESTS, guest + ".wasm"), target, output)
        return drivers.unpack(output, self.path(f"{guest}-{target}")) if ending == ".zip" else output

    def compare(self, guest, ask, tells_status, seen_as=lambda status, body: (status, body)):
        for (which, name), event in self.events.items():
            if which != guest:
                continue
            status, body = self.wanted[which, name]
            if status != 200 and not tells_status:
                error = json.loads(body)
                status, body = "failed", error["error"]
                got = ask(event)
                if got[1] == drivers.NO_RESULT:
                    self.assertEqual(error["kind"], "no result", name)
                    continue
                self.assertEqual(got, (status, body), name)
            else:
                self.assertEqual(ask(event), seen_as(status, body), name)

    def on_http(self, target, command, **more):
        for guest in ("echo", "moods"):
            directory, port = self.package(guest, target), drivers.free_port()
            started = [part.format(directory=directory, port=port, name=guest) for part in command]
            variables = {name: value.format(port=port) for name, value in more.items()}
            with drivers.HttpServer(started, self.path("log"), port, env=drivers.environment(**variables),
                                    cwd=directory) as server:
                self.compare(guest, server.ask, True)

    def test_lambda(self):
        for guest in ("echo", "moods"):
            with drivers.Lambda(self.package(guest, "lambda"), self.path("log")) as function:
                self.compare(guest, function.ask, False)
                self.compare(guest, function.ask_over_http, True)

    def test_lambda_in_vercel_fun(self):
        module = os.path.join(NPM, "fun/node_modules/@vercel/fun")
        for guest in ("echo", "moods"):
            self.package(guest, "lambda")
            with drivers.Fun(module, self.path(f"{guest}-lambda.zip"), self.path()) as function:
                self.compare(guest, function.ask, False)
                self.compare(guest, function.ask_over_http, True)

    def test_openwhisk_native_as_in_dockerskeleton(self):
        for guest in ("echo", "moods"):
            with drivers.OneActivation(self.package(guest, "openwhisk-native")) as action:
                self.compare(guest, action.ask, False)

    def test_openwhisk_native_in_an_action_loop(self):
        for guest in ("echo", "moods"):
            with drivers.ActionLoop(self.package(guest, "openwhisk-native"), self.path("log")) as action:
                self.compare(guest, action.ask, False)

    def test_azure(self):
        self.on_http("azure", ["{directory}/handler"], FUNCTIONS_CUSTOMHANDLER_PORT="{port}")

    def test_node(self):
        self.on_http("node", ["node", "{directory}/server.mjs"], PORT="{port}")

    def test_systemd(self):
        self.on_http("systemd", ["systemd-socket-activate", "--listen=127.0.0.1:{port}", "{directory}/{name}/wherry-host"])

    def test_cloudflare(self):
        workerd = os.path.join(NPM, "workerd/node_modules/workerd/bin/workerd")
        for guest in ("echo", "moods"):
            directory, port = self.package(guest, "cloudflare"), drivers.free_port()
            with open(os.path.join(directory, "config.capnp"), encoding="utf-8") as file:
                config = file.read()
            self.assertIn('"*:8080"', config)
            with open(os.path.join(directory, "config.capnp"), "w", encoding="utf-8") as file:
                file.write(config.replace('"*:8080"', f'"127.0.0.1:{port}"'))
            with drivers.HttpServer([workerd, "serve", os.path.join(directory, "config.capnp")], self.path("log"),
                                    port) as server:
                self.compare(guest, server.ask, True)

    def test_node_functions_of_lambda_and_openwhisk(self):
        for target, file, name in (("lambda-nodejs", "index.mjs", "handler"), ("openwhisk-nodejs", "index.js", "main")):
            for guest in ("echo", "moods"):
                path = os.path.join(self.package(guest, target), file)
                with drivers.NodeFunction(path, name) as function:
                    self.compare(guest, lambda event: as_node_writes(*function.ask(event)), False, as_node_writes)

    def test_openwhisk_image(self):
        containers = {**os.environ, "CONTAINERS_CONF": self.write("containers.conf", drivers.CONTAINERS_CONF)}
        if why := drivers.why_no_containers(containers):
            self.skipTest(why)
        for guest in ("echo", "moods"):
            archive = self.package(guest, "openwhisk")
            loaded = run("podman", "load", "--input", archive, env=containers)
            self.assertEqual(loaded.returncode, 0, loaded.stderr)
            image = re.search(r"Loaded image: (\S+)", loaded.stdout + loaded.stderr)[1]
            with drivers.OpenWhiskContainer(image, drivers.free_port(), containers) as container:
                self.compare(guest, container.ask, False)


if __name__ == "__main__":
    unittest.main(verbosity=2)
