"""The engines that kernels.py compares: how each makes something to run of a kernel, how it is run,
and which version it is.

An engine has a `name`, the `builds` of a kernel that it runs, the `version` (None if it is not
installed, and then `hint` says how to get it), and prepare(kernel, module, directory), which makes files in the directory and returns
(commands to prepare, command to run).
"""
import os
import pathlib
import shutil
import subprocess

BENCH = pathlib.Path(__file__).resolve().parent
WASM2C_RUNTIME = pathlib.Path("/usr/share/wabt/wasm2c")


def version_of(command):
    """The first line that a program prints about itself; None if there is no such program."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip().splitlines()[0]


class Native:
    name = "native"
    builds = ("plain", "simd")
    hint = "clang-22 (./dev setup installs it)"

    def __init__(self, _programs):
        self.version = version_of(["clang-22", "--version"])

    def prepare(self, kernel, _build, _directory):
        return [], [kernel["native"]["file"]]


class Wherry:
    name = "wherry"
    builds = ("plain", "simd")
    hint = "./dev build"

    def __init__(self, programs):
        self.wherry, self.host = str(programs / "wherry"), str(programs / "wherry-host")
        self.version = version_of([self.wherry, "--version"])

    def prepare(self, kernel, build, directory):
        compiled = str(directory / f"{kernel['name']}.wherry")
        return ([[self.wherry, "compile", kernel[build]["file"], "-o", compiled]],
                [self.host, "run", compiled])


class Wasm2c:
    """wasm2c as it comes, its C code and runtime compiled in one go. Debian 12's has no vectors."""
    name = "wasm2c"
    builds = ("plain",)
    hint = "Debian's package wabt (./dev setup installs it)"

    def __init__(self, _programs):
        version = version_of(["wasm2c", "--version"])
        there = version and (WASM2C_RUNTIME / "wasm-rt-impl.c").exists()
        self.version = f"{version} and {version_of(['clang-22', '--version'])}" if there else None

    def prepare(self, kernel, build, directory):
        source, program = directory / kernel["name"], str(directory / f"{kernel['name']}.wasm2c")
        source.mkdir(exist_ok=True)
        return ([["wasm2c", "-n", "kernel", kernel[build]["file"], "-o", str(source / "module.c")],
                 ["clang-22", "-O3", "-w", f"-I{source}", f"-I{WASM2C_RUNTIME}",
                  str(source / "module.c"), str(BENCH / "wasi_for_wasm2c.c"),
                  str(WASM2C_RUNTIME / "wasm-rt-impl.c"), "-lm", "-o", program]],
                [program])


class Node:
    """V8 optimizing at once: by default it keeps a function that runs but once, as main() does when
    all is inlined into it, in its first, slow code."""
    name = "node"
    builds = ("plain", "simd")
    hint = "Node 18 or later (./dev setup installs Debian's)"

    def __init__(self, _programs):
        self.version = version_of(["node", "--version"])

    def prepare(self, kernel, build, _directory):
        return [], ["node", "--no-warnings", "--no-liftoff", str(BENCH / "run_node.mjs"), kernel[build]["file"]]


class Wasmtime:
    name = "wasmtime"
    builds = ("plain", "simd")
    hint = "`cargo install wasmtime-cli --locked`, on the PATH or as $WASMTIME"

    def __init__(self, _programs):
        self.program = os.environ.get("WASMTIME") or shutil.which("wasmtime") or "wasmtime"
        self.version = version_of([self.program, "--version"])

    def prepare(self, kernel, build, directory):
        compiled = str(directory / f"{kernel['name']}.cwasm")
        return ([[self.program, "compile", kernel[build]["file"], "-o", compiled]],
                [self.program, "run", "--allow-precompiled", compiled])


ENGINES = (Native, Wherry, Wasm2c, Node, Wasmtime)
