#!/usr/bin/env python3
"""200 functions on one host, 10 of which misbehave in every way they know, under load: the others must not
lose a request, and the host's memory must not grow.

usage: soak.py PROGRAM-DIRECTORY GUEST-DIRECTORY [--seconds N] [--functions N] [--clients N] [--json FILE]

Prints what it counted, a line every ten seconds; exits with 1 if a request of a good function was lost or
answered wrongly, if a bad one was answered with anything but its own failure (or 429), or if memory grew.
"""
import argparse
import collections
import http.client
import json
import os
import random
import shutil
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from load import Load  # noqa: E402
from server import Server  # noqa: E402

# How the bad ones of tests/guests/moods.c behave, and what they may be answered. 429: their slots are full.
BAD = {
    "loop": (504,), "sleep": (504,), "divide": (502,), "wild_read": (502,), "recurse": (502,),
    "grow": (200,), "flood": (502,), "flood_line": (502,), "long_result": (502,), "broken": (502,),
}
RAMP_S = 10  # memory is compared with what it was then
GROWTH_LIMIT = 1.10


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs")
    parser.add_argument("guests")
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--functions", type=int, default=200)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--json")
    return parser.parse_args()


def write_functions(directory, guests, count):
    """`good0`… echo what they are given; one function for each way to be bad."""
    good = [f"good{number}" for number in range(count - len(BAD))]
    for guest in ("echo", "moods"):
        shutil.copyfile(os.path.join(guests, guest + ".wasm"), os.path.join(directory, guest + ".module"))
    lines = ["[server]", 'log_level = "error"', f'admin = "unix:{directory}/admin.sock"']
    for name, guest in [(name, "echo") for name in good] + [("bad-" + mood, "moods") for mood in BAD]:
        lines += ["[[function]]", f'name = "{name}"', f'module = "{guest}.module"', 'time = "1 s"',
                  'memory = "64 MiB"']
        if guest == "moods":
            lines += ["concurrency = 4", "queue = 8"]
    path = os.path.join(directory, "wherry.toml")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return path, good


class BadClients:
    """One for each way to be bad, all the time."""

    def __init__(self, port):
        self.port = port
        self.ending = threading.Event()
        self.statuses = {mood: collections.Counter() for mood in BAD}
        self.failures = []
        self.threads = [threading.Thread(target=self._client, args=[mood]) for mood in BAD for _ in range(2)]
        for thread in self.threads:
            thread.start()

    def _client(self, mood):
        body = json.dumps({"mood": mood}).encode()
        while not self.ending.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                connection.request("POST", "/bad-" + mood, body)
                status = connection.getresponse().status
                self.statuses[mood][status] += 1
                if status not in BAD[mood] + (429,):
                    self.failures.append(f"{mood} was answered {status}")
            except Exception as error:  # shown at the end
                self.failures.append(f"{mood}: {error!r}")
            finally:
                connection.close()

    def stop(self):
        self.ending.set()
        for thread in self.threads:
            thread.join(60)


def resident_bytes(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="wherry-soak-") as directory:
        manifest, good = write_functions(directory, options.guests, options.functions)
        choose = random.Random(1)
        targets = [choose.choice(good) for _ in range(1000)]

        def request(number, turn):
            name = targets[(number * 61 + turn) % len(targets)]
            return "POST", "/" + name, json.dumps({"n": number, "t": turn}).encode()

        def judge(number, turn, status, body):
            assert status == 200 and json.loads(body) == {"n": number, "t": turn}, (status, body)

        with Server(os.path.join(options.programs, "wherry"), "--config", manifest) as server:
            pid = server.process.pid
            load = Load(server.port, options.clients, request, judge)
            bad = BadClients(server.port)
            samples = []
            start = time.monotonic()
            while time.monotonic() - start < options.seconds and not load.failures:
                time.sleep(min(RAMP_S, options.seconds))
                samples.append(resident_bytes(pid))
                print(f"{time.monotonic() - start:6.0f} s  {sum(load.answered):9} good answers  "
                      f"{sum(sum(c.values()) for c in bad.statuses.values()):7} bad ones  "
                      f"{samples[-1] / 2**20:6.1f} MiB resident", flush=True)
            bad.stop()
            answered = load.stop()
    result = {"functions": options.functions, "bad": len(BAD), "seconds": options.seconds,
              "good_answers": answered, "bad_failures": bad.failures[:20],
              "bad_statuses": {mood: dict(counts) for mood, counts in bad.statuses.items()},
              "resident_mib": [round(sample / 2**20, 1) for sample in samples]}
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=2)
    print(json.dumps(result["bad_statuses"]))
    problems = list(bad.failures[:5])
    if len(samples) > 2 and max(samples[len(samples) // 2:]) > GROWTH_LIMIT * max(samples[:len(samples) // 2]):
        problems.append(f"memory grew: {result['resident_mib']} MiB")
    for problem in problems:
        print("soak:", problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
