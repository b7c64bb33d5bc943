#!/usr/bin/env python3
"""`sales` of one language as a function: called on the command line and over HTTP.

usage: functions_test.py WHERRY LANGUAGE COMPILED
"""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "e2e"))
from server import Server  # noqa: E402

# (parameters, result, lines of the log)
CALLS = [
    ({"csv": 'head\n2024-01-01,n,"a é, ""b"" ☕",3,2.50\nx\n2024-01-02,n,\\,1,0.05', "currency": "USD"},
     {"currency": "USD", "sales": 2, "bad": 1, "revenue": "7.55",
      "products": [{"name": 'a é, "b" ☕', "units": 3, "revenue": "7.50"},
                   {"name": "\\", "units": 1, "revenue": "0.05"}]},
     ["csv:3: has 1 fields, not 5"]),
    ({"csv": ""}, {"currency": "EUR", "sales": 0, "bad": 0, "revenue": "0.00", "products": []}, []),
    ({"text": "no table"}, {"error": "no csv"}, []),
]

# What `sales panic` ends with, where a language has panics: exit code and words on standard error.
PANICS = {
    "rust": (7, ["thread 'main' panicked at 'index out of bounds", "trap: unreachable"]),
    "go": (2, ["panic: runtime error: index out of range [1]", "goroutine 1 [running]:"]),
}


def expect(what, actual, expected):
    if actual != expected:
        sys.exit(f"{what}: expected {expected!r}, got {actual!r}")


def invoke(wherry, compiled):
    for parameters, result, log in CALLS:
        done = subprocess.run([wherry, "invoke", compiled, "--json", json.dumps(parameters)],
                              capture_output=True, timeout=60, text=True)
        expect("exit code", (done.returncode, done.stderr.splitlines()), (0, log))
        expect(parameters, json.loads(done.stdout), result)


def serve(wherry, compiled):
    with Server(wherry, compiled) as server:
        for parameters, result, _ in CALLS:
            answer = server.post("/", parameters)
            expect(parameters, answer.json, result)
        server.stop()
        expected = [line for _, _, log in CALLS for line in log]
        expect("log", server.log("stderr").splitlines(), expected)


def panic(wherry, compiled, code, words):
    done = subprocess.run([wherry, "run", compiled, "panic"], stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=60, text=True)
    expect("panic", done.returncode, code)
    for word in words:
        if word not in done.stderr:
            sys.exit(f"panic: no {word!r} in {done.stderr!r}")


def main():
    wherry, language, compiled = sys.argv[1:]
    invoke(wherry, compiled)
    serve(wherry, compiled)
    if language in PANICS:
        panic(wherry, compiled, *PANICS[language])


main()
