#!/usr/bin/env python3
"""How long each package takes from the start of its process or container to its first answer, beside plain
JavaScript in Node that computes the same.

All contestants take turns, run by run; the table has medians. The first answer of each is checked.
"""
import argparse
import json
import os
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests/platform"))
import drivers  # noqa: E402

EVENT = {"text": "Compile once. Run everywhere! The quick brown fox jumps over the lazy dog."}
EVENT_TEXT = json.dumps(EVENT).encode()
KNOCK_S = 0.0001
REPORTS_IMAGE = "the report's image had 1 GB"


def parse():
    parser = argparse.ArgumentParser(prog="./dev bench starts", description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--function", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--workerd", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--runs", type=int, default=20, metavar="N", help="of each (20)")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="save every run here")
    return parser.parse_args()


def first_answer_on(port, process):
    """Knocks until somebody listens, and asks. Without the pauses it would keep the server from its core."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return drivers.request(port, "POST", "/", EVENT_TEXT, {"Content-Type": "application/json"})
        except OSError:
            if process.poll() is not None:
                raise SystemExit("a server ended at its start") from None
            time.sleep(KNOCK_S)


class Contestant:
    """`prepare` gives what is timed: it starts the contestant, and gives its answer and how to end it."""

    def __init__(self, name, prepare, package=None, equivalent=None):
        self.name, self.prepare, self.package, self.equivalent = name, prepare, package, equivalent
        self.seconds = []

    def run(self):
        start = self.prepare()
        began = time.perf_counter()
        body, end = start()
        self.seconds.append(time.perf_counter() - began)
        end()
        answer = json.loads(body)
        if answer.get("words") != 13:
            raise SystemExit(f"{self.name} answered {body!r}")

    def median_ms(self):
        return statistics.median(self.seconds) * 1000

    def size(self):
        if self.package is None:
            return ""
        files = [self.package] if self.package.is_file() else [f for f in self.package.rglob("*") if f.is_file()]
        return f"{sum(file.stat().st_size for file in files) / 1e6:.2f} MB"


def spawn(command, directory, **variables):
    return subprocess.Popen([str(part) for part in command], cwd=directory, stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=drivers.environment(**variables))


def server(command, port_of, directory=None):
    """A process that is told a port, and its first answer."""
    def prepare():
        port = drivers.free_port()
        said, more = port_of(port)

        def start():
            process = spawn(command + said, directory, **more)

            def end():
                process.terminate()
                process.wait()
            _, body = first_answer_on(port, process)
            return body, end
        return start
    return prepare


def one_process(command):
    """A process that is given the event as its last argument and prints the answer as its last line."""
    def start():
        done = subprocess.run([str(part) for part in command] + [EVENT_TEXT.decode()], stdin=subprocess.DEVNULL,
                              capture_output=True, check=True, env=drivers.environment())
        return done.stdout.rstrip(b"\n").rsplit(b"\n", 1)[-1], lambda: None
    return lambda: start


def runtime_api(command, directory):
    """A bootstrap, until its first answer at Lambda's Runtime API."""
    def prepare():
        api = drivers.RuntimeApi()

        def start():
            process = spawn(command, directory, AWS_LAMBDA_RUNTIME_API=api.address)

            def end():
                process.kill()
                process.wait()
                api.close()
            _, _, body = api.invoke(EVENT_TEXT)
            return body, end
        return start
    return prepare


def container(image, variables):
    def start():
        action = drivers.OpenWhiskContainer(image, drivers.free_port(), variables)
        status, body = action.ask(EVENT_TEXT)
        if status != 200:
            raise SystemExit(f"the container answered {status}: {body}")
        return body, lambda: action.__exit__()
    return lambda: start


def contestants(flags, directory):
    packages = directory / "packages"
    subprocess.run([flags.programs / "wherry", "pack", "--for", "all", flags.function, "-o", packages], check=True,
                   stdout=subprocess.DEVNULL)
    for archive in packages.glob("*.zip"):
        drivers.unpack(archive, directory / archive.stem)
    name = flags.function.stem
    node, run_node = ["node"], ["node", HERE / "node_action.mjs"]
    by_variable = lambda variable: lambda port: ([], {variable: str(port)})  # noqa: E731
    found = [
        Contestant("openwhisk-native, a process", one_process([directory / "openwhisk-native/exec"]),
                   packages / "openwhisk-native.zip", "a Node script"),
        Contestant("lambda, bootstrap", runtime_api([directory / "lambda/bootstrap"], directory / "lambda"),
                   packages / "lambda.zip", "a Node bootstrap"),
        Contestant("azure, handler", server([directory / "azure/handler"], by_variable("FUNCTIONS_CUSTOMHANDLER_PORT"),
                                            directory / "azure"), packages / "azure.zip", "a Node server"),
        Contestant("systemd, its host on a port", server(
            [packages / "systemd" / name / "wherry-host", "serve"],
            lambda port: (["--listen", f"127.0.0.1:{port}"], {})), packages / "systemd", "a Node server"),
        Contestant("node, server.mjs", server(node + [packages / "node/server.mjs"], by_variable("PORT")),
                   packages / "node", "a Node server"),
        Contestant("lambda-nodejs, handler", one_process(run_node + [directory / "lambda-nodejs/index.mjs", "handler"]),
                   packages / "lambda-nodejs.zip", "a Node script"),
        Contestant("openwhisk-nodejs, main", one_process(run_node + [directory / "openwhisk-nodejs/index.js", "main"]),
                   packages / "openwhisk-nodejs.zip", "a Node script"),
        Contestant("cloudflare, workerd", server(
            [flags.workerd, "serve", packages / "cloudflare/config.capnp"],
            lambda port: ([f"--socket-addr=http=127.0.0.1:{port}"], {})), packages / "cloudflare", "a Node server"),
        Contestant("a Node script", one_process(run_node + [HERE / "plain_function.mjs", "main"])),
        Contestant("a Node bootstrap", runtime_api(node + [HERE / "node_bootstrap.mjs"], HERE)),
        Contestant("a Node server", server(node + [HERE.parent / "serve/node_server.mjs"],
                                           lambda port: ([str(port)], {}))),
    ]
    configuration = directory / "containers.conf"
    configuration.write_text(drivers.CONTAINERS_CONF)
    variables = {**os.environ, "CONTAINERS_CONF": str(configuration)}
    if why := drivers.why_no_containers(variables):
        print(f"without containers: {why}", file=sys.stderr)
        return found
    loaded = subprocess.run(["podman", "load", "--input", packages / "openwhisk.tar"], env=variables, check=True,
                            capture_output=True, text=True)
    image = re.search(r"Loaded image: (\S+)", loaded.stdout + loaded.stderr)[1]
    found.insert(0, Contestant("openwhisk, podman", container(image, variables), packages / "openwhisk.tar"))
    return found


def main():
    flags = parse()
    with tempfile.TemporaryDirectory(prefix="wherry-starts-") as temporary:
        all_of_them = contestants(flags, pathlib.Path(temporary))
        for one in all_of_them:
            one.run()
            one.seconds.clear()  # files are in memory from now on
        for number in range(flags.runs):
            print(f"\rrun {number + 1} of {flags.runs}", end="", file=sys.stderr)
            for one in all_of_them:
                one.run()
        print("\r", end="", file=sys.stderr)
        by_name = {one.name: one for one in all_of_them}
        print(f"{'package':<30}{'first answer':>14}{'plain Node':>14}{'ratio':>8}   size ({REPORTS_IMAGE})")
        for one in all_of_them:
            equivalent = by_name.get(one.equivalent)
            beside = f"{equivalent.median_ms():>11.1f} ms{equivalent.median_ms() / one.median_ms():>8.1f}" if equivalent else ""
            print(f"{one.name:<30}{one.median_ms():>11.1f} ms{beside:<22}   {one.size()}".rstrip())
    if flags.json:
        flags.json.write_text(json.dumps({one.name: one.seconds for one in all_of_them}, indent=1))


if __name__ == "__main__":
    main()
