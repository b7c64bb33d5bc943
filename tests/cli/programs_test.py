#!/usr/bin/env python3
"""What the programs are made of: static, without the compiler, small; and what `compile` makes is
the same every time.

usage: programs_test.py PROGRAM-DIRECTORY GUEST-DIRECTORY [unittest arguments]
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAMS, GUESTS = sys.argv[1:3]
SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
MAX_HOST_BYTES = 3_800_000
PACKAGES = {"file": "file", "nm": "binutils", "readelf": "binutils", "strip": "binutils"}


def program(name):
    return os.path.join(PROGRAMS, name)


def output_of(tool, *arguments):
    if shutil.which(tool) is None:
        raise AssertionError(f"{tool} is missing: install the package {PACKAGES[tool]}")
    return subprocess.run([tool, *arguments], check=True, capture_output=True, text=True).stdout


class Programs(unittest.TestCase):
    def symbols(self, name):
        symbols = output_of("nm", "-C", program(name))
        self.assertIn(" main\n", symbols, "no symbols to look at")
        return symbols

    def test_the_host_is_static(self):
        for name in ("wherry", "wherry-host", "wherry-host-net"):
            self.assertIn("statically linked", output_of("file", "-b", program(name)))
            self.assertNotIn("(NEEDED)", output_of("readelf", "-d", program(name)))
            self.assertNotIn("INTERP", output_of("readelf", "-lW", program(name)))

    def test_only_the_compiler_holds_llvm(self):
        for name in ("wherry", "wherry-host", "wherry-host-net"):
            self.assertEqual(re.findall(r".*\b(?:llvm|lld)::.*", self.symbols(name)), [])
        self.assertIn("llvm::", self.symbols("wherry-compile"))

    def test_the_host_has_no_hashes_and_archives(self):
        wanted = r" \w (?:SHA256_\w+|archive_read_\w+|inflate|wherry::sha256\(.*|wherry::pack::only_wasm_in_zip\(.*)\n"
        self.assertEqual(re.findall(wanted, self.symbols("wherry-host")), [])
        self.assertNotEqual(re.findall(wanted, self.symbols("wherry")), [])

    def test_only_programs_that_call_other_hosts_have_names_and_tls(self):
        wanted = r" \w ((?:SSL|X509|EVP|ares)_\w+|wherry::outbound::.*)\n"
        self.assertEqual(re.findall(wanted, self.symbols("wherry-host")), [])
        for name in ("wherry", "wherry-host-net"):
            found = re.findall(wanted, self.symbols(name))
            for symbol in ("SSL_connect", "X509_verify_cert", "ares_getaddrinfo"):
                self.assertIn(symbol, found)

    def test_the_host_is_small(self):
        with tempfile.TemporaryDirectory(prefix="wherry-cli-") as directory:
            stripped = shutil.copy(program("wherry-host"), directory)
            output_of("strip", stripped)
            self.assertLessEqual(os.path.getsize(stripped), MAX_HOST_BYTES)

    def test_the_documents_list_every_exit_code(self):
        with open(os.path.join(SOURCES, "src/cli/exit_codes.h"), encoding="utf-8") as file:
            codes = re.findall(r"int kExit\w+ = (\d+);", file.read())
        with open(os.path.join(SOURCES, "docs/cli.md"), encoding="utf-8") as file:
            listed = re.findall(r"^\| (\d+) \|", file.read(), re.MULTILINE)
        self.assertNotEqual(codes, [])
        self.assertEqual(listed, codes)

    def test_compiling_twice_gives_the_same_bytes(self):
        module = os.path.join(GUESTS, "moods.wasm")
        with tempfile.TemporaryDirectory(prefix="wherry-cli-") as directory:
            # From other places and under other names, which must leave no trace.
            copy = shutil.copy(module, os.path.join(directory, "copy.wasm"))
            results = []
            for source, cwd in ((module, "/"), (copy, directory), (copy, directory)):
                target = os.path.join(directory, f"{len(results)}.wherry")
                subprocess.run([program("wherry"), "compile", os.path.abspath(source), "-o", target],
                               cwd=cwd, env={**os.environ, "WHERRY_CACHE_SIZE": "0"}, check=True)
                with open(target, "rb") as file:
                    results.append(file.read())
            one_thread = os.path.join(directory, "one-thread.wherry")
            level = subprocess.run([program("wherry"), "inspect", target], check=True,
                                   capture_output=True, text=True).stdout
            level = re.search(r"x86-64-(v[234])", level)[1]
            subprocess.run([program("wherry-compile"), copy, "-o", one_thread, "--cpu", level,
                            "--threads", "1"], check=True)
            with open(one_thread, "rb") as file:
                results.append(file.read())
            self.assertEqual([result == results[0] for result in results], [True] * 4)


if __name__ == "__main__":
    PROGRAMS, GUESTS = os.path.abspath(PROGRAMS), os.path.abspath(GUESTS)
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
