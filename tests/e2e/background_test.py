#!/usr/bin/env python3
"""Programs that start on dev code, and release code that is made in the background for their next
start or for a server's next request.

usage: background_test.py PROGRAM-DIRECTORY GUEST-DIRECTORY [unittest arguments]
"""
import os
import signal
import sys
import threading
import unittest

from cache_case import GUESTS, MODULE, PATIENCE_S, PROGRAMS, Case, compilers, wait_until
from server import Server


class Background(Case):
    def setUp(self):
        super().setUp()
        # Dev code is made at once; the lines are for release code.
        self.at_once = f'[ "$7" != dev ] || exec {self.gate.real} "$@"\n'
        self.gate.set(self.at_once + self.gate.script)

    def wait_for(self, profiles):
        """Until these are there and nobody is at work any more."""
        wait_until(lambda: self.profiles() == profiles, f"{profiles} in the cache")
        wait_until(lambda: os.listdir(self.cache) and
                   sorted(os.listdir(self.cache)) == self.entries(), "the end of all work")

    def failures(self):
        return [name for name in os.listdir(self.cache) if name.endswith(".failed")]


class ForTheNextStart(Background):
    def test_release_code_is_there_for_the_next_start(self):
        # The run is over, and all that it had open is closed, while the compiler still waits.
        self.run_it()
        ((compiler, worker),) = self.wait_at_gate().items()
        self.assertEqual(self.profiles(), ["dev"])
        for pid in (compiler, worker):
            self.assertEqual(os.getpriority(os.PRIO_PROCESS, pid), 19)
            self.assertNotEqual(os.getsid(pid), os.getsid(0))
        for fd in range(3):
            self.assertEqual(os.readlink(f"/proc/{worker}/fd/{fd}"), "/dev/null")
        self.gate.let(1)
        self.wait_for(["dev", "release"])
        self.run_it()
        self.run_it("--profile", "release")
        self.assertEqual(self.gate.left(), 0)

    def test_one_compiler_for_many_starts(self):
        for _ in range(5):
            self.run_it()
            self.wait_at_gate()
        self.gate.let(2)
        self.wait_for(["dev", "release"])
        self.assertEqual(self.gate.left(), 1)

    def test_one_compiler_for_many_modules(self):
        modules = [self.another_module(number) for number in range(12)]
        for module in modules:
            self.run_it(module=module)
        for _ in modules:
            self.wait_at_gate()
            self.gate.let(1)
        self.wait_for(["dev"] * 12 + ["release"] * 12)
        for module in modules:
            self.run_it(module=module)

    def test_whoever_asks_for_release_code_waits_for_it(self):
        self.run_it()
        self.wait_at_gate()
        second = self.start("--profile", "release", MODULE, "array")
        self.gate.let(1)
        self.expect_answer(second)
        self.assertEqual(self.gate.left(), 0, "it was compiled once")
        self.wait_for(["dev", "release"])

    def test_killed_workers_leave_nothing_to_be_seen(self):
        self.run_it()
        for kill_compiler in (False, True):
            ((compiler, worker),) = self.wait_at_gate().items()
            os.kill(worker, signal.SIGKILL)
            if kill_compiler:
                os.kill(compiler, signal.SIGKILL)
            wait_until(lambda: not compilers(self.cache), "the compiler's end with its parent")
            self.assertEqual(self.profiles(), ["dev"])
            self.assertEqual(self.failures(), [])
            self.run_it()  # and has another one started
        self.wait_at_gate()
        self.gate.let(1)
        self.wait_for(["dev", "release"])

    def test_what_fails_is_not_tried_at_each_start(self):
        self.gate.set(self.at_once + 'echo "error: $1: too hard" >&2\nexit 5\n')
        self.run_it()
        wait_until(self.failures, "a note of the failure")
        wait_until(lambda: len(os.listdir(self.cache)) == 2, "the worker's end")
        self.run_it(note=f"note: {MODULE} runs on dev code: release code: too hard\n"
                         "try: --profile release\n")
        process = self.start("--profile", "release", MODULE, "array")
        _, err = process.communicate(timeout=PATIENCE_S)
        self.assertEqual((process.returncode, err), (5, f"error: {MODULE}: too hard\n"))
        self.assertEqual(self.profiles(), ["dev"])

    def test_invoke_does_it_too(self):
        self.gate.let(1)
        done = self.start("--json", '{"a":1}', MODULE, verb="invoke")
        self.assertEqual(done.communicate(timeout=PATIENCE_S), ('{"a":1}\n', ""))
        self.wait_for(["dev", "release"])

    def test_turned_off(self):
        for flags, environment in ((["--no-background"], {}), ([], {"WHERRY_BACKGROUND": "0"})):
            self.environment.update(environment)
            self.gate.let(2)
            self.run_it(*flags)
            self.assertEqual(self.profiles(), ["release"])
            self.assertEqual(self.gate.left(), 1)
            os.remove(os.path.join(self.cache, *self.entries()))

    def test_what_is_compiled_quickly_is_compiled_once(self):
        self.gate.let(2)
        process = self.start(os.path.join(GUESTS, "echo.wasm"))
        self.assertIn("hello stdout", process.communicate(timeout=PATIENCE_S)[0])
        self.assertEqual(self.profiles(), ["release"])
        self.assertEqual(self.gate.left(), 1)


class ForAServer(Background):
    """Requests before, during and after the change of code."""

    def serve(self, *arguments):
        return Server(os.path.join(PROGRAMS, "wherry"), *arguments, environment=self.environment)

    def clients(self, server, ask, count=6):
        """Starts clients that ask until they are stopped; returns how to stop them."""
        stopping, wrong, asked = threading.Event(), [], [0] * count

        def client(number):
            try:
                while not stopping.is_set():
                    value = {"client": number, "turn": asked[number]}
                    answer = ask(value)
                    if (answer.status, answer.json) != (200, value):
                        wrong.append(answer)
                    asked[number] += 1
            except Exception as error:  # shown by the main thread
                wrong.append(error)
        threads = [threading.Thread(target=client, args=[number]) for number in range(count)]
        for thread in threads:
            thread.start()

        def more(turns=20):
            """Waits until each client has asked so many times more."""
            goal = [before + turns for before in asked]
            wait_until(lambda: wrong or all(a >= b for a, b in zip(asked, goal)), "answers")
            self.assertEqual(wrong, [])

        def stop():
            stopping.set()
            for thread in threads:
                thread.join(PATIENCE_S)
            self.assertEqual(wrong, [])
        return more, stop

    def change_code_under_load(self, server, ask):
        more, stop = self.clients(server, ask)
        try:
            more()
            self.assertNotIn("release_code", server.log("stderr"))
            self.wait_at_gate()
            self.gate.let(1)
            wait_until(lambda: " release_code function=" in server.log("stderr"), "the new code")
            more()
        finally:
            stop()
        self.assertEqual(self.gate.left(), 0)
        self.assertEqual(server.log("stderr").count("release_code"), 1)

    def test_no_request_is_lost(self):
        with self.serve("--workers", "3", "--timeout", "5000", MODULE) as server:
            # It ends on the code that it began with, which is in use no more by then.
            answers = []
            loop = threading.Thread(
                target=lambda: answers.append(server.post("/", {"mood": "loop"})))
            loop.start()
            # Dev code has a frame for each function, which tells one from the other.
            self.assertEqual(server.post("/", {"mood": "unreachable"}).status, 502)
            wait_until(lambda: "  at unreachable_inner" in server.log("stderr"), "a backtrace")
            self.change_code_under_load(server, lambda value: server.post("/", value))
            self.assertEqual(server.post("/", {"mood": "unreachable"}).status, 502)
            loop.join(PATIENCE_S)
            self.assertEqual([(a.status, a.json["kind"]) for a in answers], [(504, "timeout")])
            server.stop()
            log = server.log("stderr")
            self.assertEqual(log.count("  at unreachable ("), 2)
            self.assertEqual(log.count("  at unreachable_inner"), 1)
        self.assertEqual(self.profiles(), ["dev", "release"])
        # The next one has it from the start.
        with self.serve(MODULE) as server:
            self.assertEqual(server.post("/", {"a": 1}).json, {"a": 1})
            server.stop()
            self.assertEqual(server.log("stderr"), "")

    def test_what_openwhisk_sends(self):
        with open(MODULE, "rb") as file:
            code = file.read()
        with self.serve() as server:
            self.assertEqual(server.init(code).status, 200)
            self.change_code_under_load(server, server.run)

    def test_without_a_cache(self):
        self.environment["WHERRY_CACHE_SIZE"] = "0"
        with self.serve(MODULE) as server:
            more, stop = self.clients(server, lambda value: server.post("/", value))
            self.gate.let(1)
            wait_until(lambda: "release_code" in server.log("stderr"), "the new code")
            more()
            stop()
        self.assertEqual(os.listdir(self.cache), [])

    def test_dev_code_serves_on_when_release_code_fails(self):
        self.gate.set(self.at_once + 'echo "error: $1: too hard" >&2\nexit 5\n')
        with self.serve(MODULE) as server:
            wait_until(lambda: "no_release_code" in server.log("stderr"), "the failure")
            self.assertEqual(server.post("/", {"a": 1}).json, {"a": 1})
            server.stop()
            self.assertIn(f'no_release_code function=moods error="{MODULE}: too hard"',
                          server.log("stderr"))
        with self.serve(MODULE) as server:
            self.assertEqual(server.post("/", {"a": 1}).json, {"a": 1})
            server.stop()
            self.assertIn(f"note: {MODULE} runs on dev code: ", server.log("stderr"))

    def test_one_compiler_for_servers_and_programs(self):
        self.run_it(module=self.another_module(1))
        self.wait_at_gate()
        with self.serve(MODULE) as server:
            self.wait_at_gate()
            self.gate.let(1)
            wait_until(lambda: self.profiles() == ["dev", "dev", "release"], "the first's")
            self.wait_at_gate()
            self.run_it(module=self.another_module(2))  # while the server compiles
            self.wait_at_gate()
            self.gate.let(1)
            wait_until(lambda: "release_code" in server.log("stderr"), "the server's")
            self.wait_at_gate()
        self.gate.let(1)
        self.wait_for(["dev"] * 3 + ["release"] * 3)

    def test_a_server_that_is_stopped_takes_its_compiler_along(self):
        with self.serve(MODULE) as server:
            self.wait_at_gate()
            self.assertEqual(server.stop(), 0)
            self.assertEqual(compilers(self.cache), {})
        self.assertEqual(sorted(os.listdir(self.cache)), self.entries(), "nothing is left behind")
        self.assertEqual(self.profiles(), ["dev"])

    def test_turned_off(self):
        self.gate.let(1)
        with self.serve("--no-background", MODULE):
            self.assertEqual(self.profiles(), ["release"])
        self.assertEqual(self.gate.left(), 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
