#!/usr/bin/env python3
"""The cases of OpenWhisk's own suites for action containers, on the three packages that `wherry pack` makes for it.

The cases are those of BasicActionRunnerTests, ActionProxyContainerTests, DockerExampleContainerTests and
ActionLoopContainerTests (Apache OpenWhisk). The image is run by podman, the zips by stand-ins (proxies.py).
docs/platforms/openwhisk-cases.md is what this file says of itself.

usage: conformance_test.py PROGRAM-DIRECTORY GUEST-DIRECTORY TABLE [unittest arguments], or
       conformance_test.py --print-table
"""
import base64
import os
import re
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
import drivers  # noqa: E402
import proxies  # noqa: E402
from proxies import SENTINEL  # noqa: E402

REINIT = "Cannot initialize the action more than once."
# Both are for the whole, so that podman's images and packages are made once.
STATE = {"packages": {}, "images": {}}


def main_arguments():
    STATE["wherry"] = os.path.join(os.path.abspath(sys.argv.pop(1)), "wherry")
    STATE["guests"], STATE["table"] = (os.path.abspath(sys.argv.pop(1)) for _ in range(2))


def package(guest, target, manifest=""):
    """The path of the package, made once."""
    key = guest, target, manifest
    if key not in STATE["packages"]:
        directory = os.path.join(STATE["directory"], str(len(STATE["packages"])))
        os.mkdir(directory)
        source = os.path.join(STATE["guests"], guest + ".wasm")
        function = os.path.join(directory, "wherry.toml")
        with open(function, "w", encoding="utf-8") as file:
            file.write(f'[function]\nname = "{guest}"\nmodule = "{source}"\n{manifest}')
        output = os.path.join(directory, guest + (".tar" if target == "openwhisk" else ".zip"))
        done = subprocess.run([STATE["wherry"], "pack", "--for", target, function, "-o", output], capture_output=True,
                              text=True, check=False)
        assert done.returncode == 0, done.stderr
        STATE["packages"][key] = output
    return STATE["packages"][key]


class Cases:
    """A method for each case, named with its group's number."""

    # Cases that are none of the package, and whose they are; cases that hold in a way of its own.
    ELSEWHERE, HOW = {}, {}

    def action(self, guest, manifest="", **environment):
        raise NotImplementedError

    def ready(self, guest, manifest="", **environment):
        """An action after /init."""
        action = self.action(guest, manifest, **environment)
        self.assertEqual(action.init()[0], 200)
        return action

    def check_streams(self, action, activations, out="", err=""):
        """Both streams are this, and the package has written as many sentinels as its contract says."""
        for text, wanted in zip(action.streams(), (out, err)):
            if action.ends_logs:
                self.assertEqual(text.count(SENTINEL + "\n"), activations, text)
            self.assertEqual(text.replace(SENTINEL + "\n", "") if action.ends_logs else text, wanted)

    def expect_failure(self, answer, *parts):
        """The action's own failure, told as this package can."""
        raise NotImplementedError

    def test_01_init_without_code(self):
        """`/init` with empty code: 200 where there is a stub"""
        self.assertEqual(self.action("echo").init(code="")[0], 200)

    def test_02_init_with_nothing(self):
        """`/init` with `{}`: 200 where there is a stub"""
        self.assertEqual(self.action("echo").init_raw({})[0], 200)

    def test_03_result_that_is_no_object(self):
        """a result that is no object or array: refused, with that text; one sentinel"""
        for mood in ("scalar", "silent"):
            with self.subTest(mood=mood):
                action = self.ready("moods")
                status, answer = action.run({"mood": mood})
                self.assertEqual((status, answer), (502, {"error": drivers.NO_RESULT}))
                self.check_sentinels(action, 1)

    def check_sentinels(self, action, count):
        for text in action.streams():
            self.assertEqual(text.count(SENTINEL), count if action.ends_logs else 0, text)

    def test_04_init_twice(self):
        """a second `/init`: refused, said on both streams, no sentinel"""
        action = self.ready("echo")
        for _ in range(2):
            self.assertEqual(action.init(), (403, {"error": REINIT}))
        self.check_streams(action, 0, f"{REINIT}\n" * 2, f"{REINIT}\n" * 2)
        self.assertEqual(action.run({"a": 1}), (200, {"a": 1}))

    def test_05_another_main(self):
        """an entry point that is not called `main`"""
        action = self.action("echo")
        self.assertEqual(action.init(main="niam")[0], 200)
        self.assertEqual(action.run({"string": "hello"}), (200, {"string": "hello"}))
        self.check_streams(action, 1, "hello stdout\n", "hello stderr\n")

    def test_06_four_arguments(self):
        """four arguments are echoed, and logged with a sentinel each"""
        values = [{"string": "hello"}, {"unicode": "\u2744 \u2603 \u2744 \U0001d11e \" \\"},
                  {"numbers": [42, 1, -1.5]}, {"object": {"a": {"b": [None, True, {}]}}}]
        action = self.ready("echo")
        for value in values:
            self.assertEqual(action.run(value), (200, value))
        self.check_streams(action, 4, "hello stdout\n" * 4, "hello stderr\n" * 4)

    def test_07_unicode(self):
        """unicode in argument, result and log"""
        action = self.ready("winter")
        self.assertEqual(action.run({"delimiter": "\u2744"}), (200, {"winter": "\u2744 \u2603 \u2744"}))
        self.check_streams(action, 1, "\u2744 \u2603 \u2744\n")

    def test_08_environment_of_init(self):
        """variables of `/init`, an empty one among them"""
        action = self.action("environment")
        self.assertEqual(action.init(env={"SOME_VAR": "xyz", "ANOTHER_VAR": ""})[0], 200)
        status, answer = action.run({})
        self.assertEqual((status, answer["SOME_VAR"], answer["ANOTHER_VAR"]), (200, "xyz", ""))

    def test_09_context_of_the_activation(self):
        """the activation's context as `__OW_…`; nothing in the logs"""
        context = {"api_key": "abc", "namespace": "zzz", "action_name": "xxx", "action_version": "0.0.1",
                   "activation_id": "iii", "deadline": "123"}
        action = self.ready("environment", __OW_API_HOST=proxies.API_HOST)
        status, answer = action.run({}, **context)
        self.assertEqual(status, 200)
        wanted = {"__OW_" + name.upper(): value for name, value in {**context, "api_host": proxies.API_HOST}.items()}
        self.assertEqual({name: answer.get(name) for name in wanted}, wanted)
        self.check_streams(action, 1)

    def test_10_large_argument(self):
        """an argument of 1 MiB"""
        value = {"arg": "a" * 1048561}
        self.assertEqual(self.ready("echo").run(value), (200, value))

    def test_11_run_without_init(self):
        """`/run` without `/init`: the stub's answer"""
        self.assertEqual(self.action("echo").run({"a": 1}), (200, {"a": 1}))

    def test_11_init_with_null(self):
        """`/init` with `null` code, then `/run`: the stub's answer"""
        action = self.action("echo")
        self.assertEqual(action.init(code=None)[0], 200)
        self.assertEqual(action.run({}), (200, {}))

    def test_11_argument_that_is_no_object(self):
        """`value` that is no object or array: 404; nothing but sentinels in the logs"""
        action = self.ready("echo")
        self.assertEqual(action.run("A")[0], 404)
        self.check_streams(action, 1)

    def test_11_bad_script(self):
        """output that is no JSON: 502, and the output is in the log"""
        action = self.ready("moods")
        self.assertEqual(action.run({"mood": "text"}), (502, {"error": drivers.NO_RESULT}))
        self.assertIn("this is not JSON", "".join(action.streams()))

    def test_11_binary_code(self):
        """binary code in `/init`"""
        compiled = os.path.join(STATE["directory"], "winter.wherry")
        module = os.path.join(STATE["guests"], "winter.wasm")
        done = subprocess.run([STATE["wherry"], "compile", module, "-o", compiled], capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(compiled, "rb") as file:
            code = base64.b64encode(file.read()).decode()
        action = self.action("echo")
        self.assertEqual(action.init(code=code, binary=True), (200, {"ok": True}))
        self.assertEqual(action.run({"delimiter": "x"}), (200, {"winter": "x \u2603 x"}))

    def test_11_array_result(self):
        """an array as result"""
        self.assertEqual(self.ready("moods").run({"mood": "array"}), (200, ["a", {"b": 2}, 3]))

    def test_11_array_argument(self):
        """an array as argument"""
        self.assertEqual(self.ready("echo").run(["a", {"b": "c"}]), (200, ["a", {"b": "c"}]))

    def test_12_run_that_sleeps(self):
        """an activation that sleeps: ended at the function's limit, and the next is answered"""
        action = self.ready("moods", 'time = "300 ms"\n')
        self.expect_failure(action.run({"mood": "sleep"}), "300 ms")
        self.assertEqual(action.run({"a": 1}), (200, {"a": 1}))

    def test_12_run_that_exits(self):
        """a program that ends in the middle, by exit or trap: an error that says so, and the next is answered"""
        action = self.ready("moods")
        self.expect_failure(action.run({"mood": "exit_3"}), "3")
        self.expect_failure(action.run({"mood": "unreachable"}), "unreachable")
        self.assertEqual(action.run({"a": 1}), (200, {"a": 1}))

    def test_13_concurrency(self):
        """several activations at a time: each its answer, a sentinel each"""
        action = self.ready("echo", __OW_ALLOW_CONCURRENT="true")
        values = [{"number": number} for number in range(16)]
        self.assertEqual(action.run_many(values), [(200, value) for value in values])
        self.check_streams(action, len(values), "hello stdout\n" * len(values), "hello stderr\n" * len(values))


class Image(Cases, unittest.TestCase):
    """image, in podman"""

    HOW = {"11_binary_code": "holds: a compiled file", "12_run_that_sleeps": "holds: 502",
           "12_run_that_exits": "holds: 502"}

    def setUp(self):
        if STATE["why_no_containers"]:
            self.skipTest(STATE["why_no_containers"])

    def action(self, guest, manifest="", **environment):
        archive = package(guest, "openwhisk", manifest)
        if archive not in STATE["images"]:
            loaded = subprocess.run(["podman", "load", "--input", archive], env=STATE["variables"], check=True,
                                    capture_output=True, text=True)
            STATE["images"][archive] = re.search(r"Loaded image: (\S+)", loaded.stdout + loaded.stderr)[1]
        action = proxies.Image(STATE["images"][archive], STATE["variables"], environment)
        self.addCleanup(action.close)
        return action

    def expect_failure(self, answer, *parts):
        self.assertEqual(answer[0], 502, answer)
        for part in parts:
            self.assertIn(part, answer[1]["error"])


class Zip(Cases):
    TARGET, PROXY = "openwhisk-native", None
    HOW = {"12_run_that_sleeps": "holds: `{error}`", "12_run_that_exits": "holds: `{error}`"}

    def action(self, guest, manifest="", **environment):
        action = self.PROXY(package(guest, self.TARGET, manifest), environment)
        self.addCleanup(action.close)
        return action

    def expect_failure(self, answer, *parts):
        self.assertEqual((answer[0], list(answer[1])), (200, ["error"]), answer)
        for part in parts:
            self.assertIn(part, answer[1]["error"])


OF_ALL_PROXIES = {
    "01_init_without_code": "the proxy's", "02_init_with_nothing": "the proxy's", "04_init_twice": "the proxy's",
    "11_run_without_init": "the proxy's", "11_init_with_null": "the proxy's",
    "11_argument_that_is_no_object": "the proxy's", "11_binary_code": "every case begins so",
}


class Skeleton(Zip, unittest.TestCase):
    """native zip, as dockerskeleton runs it"""

    PROXY = proxies.Skeleton
    ELSEWHERE = {**OF_ALL_PROXIES, "13_concurrency": "one at a time"}


class ActionLoop(Zip, unittest.TestCase):
    """native zip, as ActionLoop runs it"""

    PROXY = proxies.ActionLoop
    ELSEWHERE = {**OF_ALL_PROXIES, "13_concurrency": "one at a time"}


class Node(Zip, unittest.TestCase):
    """Node zip, as the Node.js runtime runs it"""

    TARGET, PROXY = "openwhisk-nodejs", proxies.NodeRuntime
    ELSEWHERE = {**OF_ALL_PROXIES, "05_another_main": "its one export is `main`"}


COLUMNS = (Image, Skeleton, ActionLoop, Node)
for column in COLUMNS:
    for case in column.ELSEWHERE:
        assert hasattr(Cases, "test_" + case), case
        setattr(column, "test_" + case, None)


def table():
    lines = ["| group | case | " + " | ".join(column.__doc__ for column in COLUMNS) + " |",
             "|---|---|" + "---|" * len(COLUMNS)]
    for name in sorted(name for name in dir(Cases) if name.startswith("test_")):
        case = name.removeprefix("test_")
        cells = [column.ELSEWHERE.get(case, column.HOW.get(case, "holds")) for column in COLUMNS]
        lines.append(f"| {int(case[:2])} | {getattr(Cases, name).__doc__} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


class Table(unittest.TestCase):
    def test_the_documentation_lists_each_case(self):
        with open(STATE["table"], encoding="utf-8") as file:
            self.assertIn(table(), file.read(), "conformance_test.py --print-table prints it")


if __name__ == "__main__":
    if sys.argv[1:] == ["--print-table"]:
        print(table(), end="")
        sys.exit()
    main_arguments()
    with tempfile.TemporaryDirectory(prefix="wherry-openwhisk-") as temporary:
        STATE["directory"] = temporary
        configuration = os.path.join(temporary, "containers.conf")
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(drivers.CONTAINERS_CONF)
        STATE["variables"] = {**os.environ, "CONTAINERS_CONF": configuration}
        STATE["why_no_containers"] = drivers.why_no_containers(STATE["variables"])
        unittest.main(verbosity=2)
