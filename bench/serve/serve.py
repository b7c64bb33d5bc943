#!/usr/bin/env python3
"""Requests a second of JSON functions: in Wherry with a fresh instance for each, in a Node server in plain
JavaScript, and in workerd with the same module and a fresh instance for each; beside the same bytes answered by
Wherry's HTTP server without a function (the HTTP ceiling). text-stats computes for a microsecond; hello does
next to nothing.

Server and client have a core each. All servers take turns, round by round; the table has medians: requests a
second, the server's processor time for one, latencies, and the most memory that was resident. What they answer
is compared before anything is measured.
"""
import argparse
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
TEXT_STATS = {"text": "Compile once. Run everywhere! The quick brown fox jumps over the lazy dog, and "
                      "everyone wonders why it never tires of that."}
HELLO = {"name": "World"}
# What the functions answer, byte by byte.
TEXT_STATS_ANSWER = ('{"characters": 123, "words": 22, "sentences": 3, "longest_word": "everywhere", '
                     '"reading_seconds": 6}\n')
HELLO_ANSWER = '{"greeting": "Hello, World!"}'
STARTING_S = 30


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Contestant:
    """A server that is started once and measured many times."""

    def __init__(self, name, command, port, path="/", *, parameters):
        self.name, self.command, self.port, self.path, self.parameters = name, command, port, path, parameters
        self.process = None
        self.rounds = []

    def start(self, core):
        self.process = subprocess.Popen(["taskset", "-c", str(core), *map(str, self.command)],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        end = time.monotonic() + STARTING_S
        while True:
            try:
                return self.ask()
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    sys.exit(f"{self.name} did not start: {' '.join(map(str, self.command))}")
                time.sleep(0.05)

    def ask(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=STARTING_S)
        connection.request("POST", self.path, json.dumps(self.parameters), {"Content-Type": "application/json"})
        response = connection.getresponse()
        if response.status != 200:
            sys.exit(f"{self.name} answered {response.status}: {response.read()[:200]}")
        return json.loads(response.read())

    def measure(self, core, connections, seconds, directory):
        script = directory / "post.lua"
        script.write_text(f"wrk.method = 'POST'\nwrk.body = [=[{json.dumps(self.parameters)}]=]\n"
                          "wrk.headers['Content-Type'] = 'application/json'\n")
        command = ["taskset", "-c", str(core), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency",
                   "-s", script]
        before = self.cpu_s()
        done = subprocess.run(command + [f"http://127.0.0.1:{self.port}{self.path}"], check=True,
                              capture_output=True, text=True).stdout
        cpu_us = (self.cpu_s() - before) * 1e6 / int(re.search(r"(\d+) requests in", done)[1])
        errors = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)", done)
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", done)[1])
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as file:
            resident = int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")
        self.rounds.append({"requests_per_second": rate, "cpu_us": cpu_us, "p50_us": latency(done, "50%"),
                            "p99_us": latency(done, "99%"), "resident_bytes": resident,
                            "errors": errors[0] if errors else None})

    def cpu_s(self):
        """The processor time of all its threads, in the kernel too."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            user, system = file.read().rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def median(self, key):
        return statistics.median(one[key] for one in self.rounds)


def latency(text, percentile):
    number, unit = re.search(rf"{percentile}\s+([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 1, "ms": 1e3, "s": 1e6}[unit]


def contestants(flags, directory):
    programs = flags.programs
    wherry_port = free_port()
    functions = directory / "functions"
    functions.mkdir()
    manifest = ["[server]", 'log_level = "warn"', 'admin = "none"']
    for name, module in flags.functions.items():
        manifest += ["[[function]]", f'name = "{name}"', f'module = "{module}"']
    (functions / "wherry.toml").write_text("\n".join(manifest) + "\n")
    wherry = [programs / "wherry", "serve", "--profile", "release", "--listen", f"127.0.0.1:{wherry_port}",
              "--workers", "1", "--config", functions / "wherry.toml"]
    all_of_them = [Contestant("text-stats: command", wherry, wherry_port, "/command", parameters=TEXT_STATS),
                   Contestant("text-stats: handler", wherry, wherry_port, "/handler", parameters=TEXT_STATS)]
    port = free_port()
    node = ["node", HERE / "node_server.mjs", port]
    all_of_them.append(Contestant("text-stats: node", node, port, "/", parameters=TEXT_STATS))
    if flags.workerd:
        port = free_port()
        config = (HERE / "workerd.capnp.in").read_text().replace("@PORT@", str(port))
        (directory / "config.capnp").write_text(config)
        shutil.copyfile(HERE / "worker.mjs", directory / "worker.mjs")
        shutil.copyfile(flags.functions["command"], directory / "function.wasm")
        all_of_them.append(Contestant("text-stats: workerd", [flags.workerd, "serve", directory / "config.capnp"],
                                      port, "/", parameters=TEXT_STATS))
    static = static_answer(flags, directory, "text-stats", TEXT_STATS_ANSWER)
    all_of_them.append(Contestant("text-stats: static", *static, parameters=TEXT_STATS))
    all_of_them.append(Contestant("hello: handler", wherry, wherry_port, "/hello", parameters=HELLO))
    all_of_them.append(Contestant("hello: node", node, node[-1], "/hello", parameters=HELLO))
    static = static_answer(flags, directory, "hello", HELLO_ANSWER)
    all_of_them.append(Contestant("hello: static", *static, parameters=HELLO))
    return all_of_them


def static_answer(flags, directory, name, answer):
    """The ceiling: the server's command and port."""
    (directory / f"{name}.json").write_text(answer)
    port = free_port()
    return [flags.static_answer, f"127.0.0.1:{port}", directory / f"{name}.json"], port


def parse():
    parser = argparse.ArgumentParser(prog="./dev bench serve", description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--command", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--handler", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--hello", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--static-answer", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--workerd", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="of each server (5)")
    parser.add_argument("--seconds", type=int, default=4, metavar="N", help="of a round (4)")
    parser.add_argument("--connections", type=int, default=32, metavar="N", help="at a time (32)")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="save every round here")
    flags = parser.parse_args()
    flags.functions = {"command": flags.command.resolve(), "handler": flags.handler.resolve(),
                       "hello": flags.hello.resolve()}
    return flags


def function_of(server):
    return server.name.split(":")[0]


def print_table(servers):
    ceilings = {function_of(server): server.median("requests_per_second") for server in servers
                if server.name.endswith(": static")}
    print(f"{'server':<22}{'requests/s':>12}{'of ceiling':>12}{'cpu us':>9}{'p50 us':>9}{'p99 us':>9}{'MiB':>8}")
    for server in servers:
        rate = server.median("requests_per_second")
        of_ceiling = rate / ceilings[function_of(server)]
        print(f"{server.name:<22}{rate:>12.0f}{of_ceiling:>12.2f}{server.median('cpu_us'):>9.2f}"
              f"{server.median('p50_us'):>9.0f}{server.median('p99_us'):>9.0f}"
              f"{max(one['resident_bytes'] for one in server.rounds) / 2**20:>8.0f}")


def main():
    flags = parse()
    server_core, client_core = sorted(os.sched_getaffinity(0))[:2]
    with tempfile.TemporaryDirectory(prefix="wherry-bench-") as directory:
        servers = contestants(flags, pathlib.Path(directory))
        # Those of one command are one process.
        running, expected = {}, {}
        for server in servers:
            if server.port in running:
                server.process = running[server.port].process
            answer = server.ask() if server.port in running else None
            if answer is None:
                answer = server.start(server_core)
                running[server.port] = server
            wanted = expected.setdefault(function_of(server), answer)
            if answer != wanted:
                sys.exit(f"{server.name} answered {answer}, not {wanted}")
        try:
            for number in range(flags.rounds):
                for server in servers:
                    print(f"\rround {number + 1} of {flags.rounds}: {server.name:<22}", end="",
                          file=sys.stderr, flush=True)
                    server.measure(client_core, flags.connections, flags.seconds, pathlib.Path(directory))
        finally:
            print("\r" + " " * 50 + "\r", end="", file=sys.stderr)
            for server in running.values():
                server.stop()
    print_table(servers)
    errors = [f"{server.name}: {one['errors']}" for server in servers for one in server.rounds if one["errors"]]
    if flags.json:
        flags.json.write_text(json.dumps(
            {"connections": flags.connections, "seconds": flags.seconds,
             "servers": [{"name": server.name, "parameters": server.parameters, "rounds": server.rounds}
                         for server in servers]}, indent=2))
    for error in errors:
        print("bench:", error, file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
