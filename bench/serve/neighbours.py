#!/usr/bin/env python3
"""How long requests of a quick function take while another function loops to its limit in all its slots,
beside how long they take when it is quiet.

Server and client have a core each. Quiet and disturbed rounds take turns; the table has medians.
"""
import argparse
import http.client
import os
import pathlib
import tempfile
import threading

from serve import Contestant, free_port

LOOPING_CLIENTS = 48  # more than a function has slots, fewer than slots and queue


def parse():
    parser = argparse.ArgumentParser(prog="./dev bench neighbours", description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--handler", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--loop", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="of each kind (5)")
    parser.add_argument("--seconds", type=int, default=4, metavar="N", help="of a round (4)")
    parser.add_argument("--connections", type=int, default=32, metavar="N", help="at a time (32)")
    return parser.parse_args()


class LoopingClients:
    def __init__(self, port):
        self.port, self.ending = port, threading.Event()
        self.statuses = {}
        self.threads = [threading.Thread(target=self._client) for _ in range(LOOPING_CLIENTS)]
        for thread in self.threads:
            thread.start()

    def _client(self):
        while not self.ending.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            connection.request("POST", "/loop", '{"mood": "loop"}')
            status = connection.getresponse().status
            self.statuses[status] = self.statuses.get(status, 0) + 1
            connection.close()

    def stop(self):
        self.ending.set()
        for thread in self.threads:
            thread.join()


def main():
    flags = parse()
    server_core, client_core = sorted(os.sched_getaffinity(0))[:2]
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="wherry-bench-") as directory:
        manifest = pathlib.Path(directory) / "wherry.toml"
        manifest.write_text(
            '[server]\nlog_level = "error"\nadmin = "none"\n'
            f'[[function]]\nname = "quick"\nmodule = "{flags.handler.resolve()}"\n'
            f'[[function]]\nname = "loop"\nmodule = "{flags.loop.resolve()}"\ntime = "1 s"\n')
        command = [flags.programs / "wherry", "serve", "--profile", "release", "--listen",
                   f"127.0.0.1:{port}", "--workers", "1", "--config", manifest]
        quiet, disturbed = (Contestant(name, command, port, "/quick", parameters={"text": "Over HTTP."})
                            for name in ("quiet", "disturbed"))
        quiet.start(server_core)
        disturbed.process = quiet.process
        statuses = {}
        try:
            for _ in range(flags.rounds):
                quiet.measure(client_core, flags.connections, flags.seconds, pathlib.Path(directory))
                looping = LoopingClients(port)
                disturbed.measure(client_core, flags.connections, flags.seconds, pathlib.Path(directory))
                looping.stop()
                for status, count in looping.statuses.items():
                    statuses[status] = statuses.get(status, 0) + count
        finally:
            quiet.stop()
    for one in (quiet, disturbed):
        print(f"{one.name:<12}{one.median('requests_per_second'):>10.0f} requests/s   p50 "
              f"{one.median('p50_us'):>6.0f} us   p99 {one.median('p99_us'):>6.0f} us")
    print(f"p99 disturbed / quiet: {disturbed.median('p99_us') / quiet.median('p99_us'):.2f}   "
          f"the looping function was answered {statuses}")


if __name__ == "__main__":
    main()
