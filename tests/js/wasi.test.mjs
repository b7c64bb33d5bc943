// The programs of tests/wasi, which check themselves, on preview1.mjs with files_node.mjs. What
// differs from the C++ host is listed with its reason; a difference that is gone fails.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { bytesOfText, stringOfText, textOfBytes, utf8Text } from "../../js/wherry/bytes.mjs";
import { nodeFiles } from "../../js/wherry/files_node.mjs";
import "../../js/wherry/node.mjs";
import { BytesInput } from "../../js/wherry/guest.mjs";
import { endOfError } from "../../js/wherry/outcome.mjs";
import { World, systemClock } from "../../js/wherry/preview1.mjs";
import { guest, scratch } from "./support.mjs";

const kMicroseconds = "Node sets times to the microsecond";
const kDifferences = {
  files: { why: kMicroseconds, error: /files\.c:70: status\.st_mtim\.tv_nsec == 7/ },
  times: { why: kMicroseconds, error: /times\.c:54/ },
};

// {code, stdout, stderr, trap}
function run(name, { args = [], env = {}, directories = {}, stdin = "", deadlineMs } = {}) {
  const written = { stdout: "", stderr: "" };
  const stream = (to) => ({
    write: (pieces) => pieces.reduce((sum, piece) => {
      written[to] += textOfBytes(piece);
      return sum + piece.length;
    }, 0),
  });
  const clock = { ...systemClock, monotonic: () => process.hrtime.bigint() };
  const world = new World({
    arguments: [`wasi_${name}.wasm`, ...args].map(utf8Text),
    environment: Object.entries(env).map(([key, value]) => utf8Text(`${key}=${value}`)),
    directories: Object.entries(directories).map(([at, host]) => ({ directory: nodeFiles.directory(host), guest: at })),
    files: nodeFiles, clock, stdin: new BytesInput(bytesOfText(stdin)), stdout: stream("stdout"), stderr: stream("stderr"),
    deadline: deadlineMs === undefined ? undefined : clock.monotonic() + BigInt(deadlineMs) * 1_000_000n,
  });
  let how = { exit: 0 };
  try {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(fs.readFileSync(guest(`wasi_${name}`))),
      { wasi_snapshot_preview1: world.imports() });
    world.attach(instance.exports.memory);
    instance.exports._start();
  } catch (error) {
    how = endOfError(error);
    if (!how) throw error;
  } finally {
    world.close();
  }
  return { ...how, stdout: stringOfText(written.stdout), stderr: stringOfText(written.stderr) };
}

function succeeds(ended) {
  assert.deepEqual({ exit: ended.exit, trap: ended.trap }, { exit: 0, trap: undefined }, ended.stderr + ended.stdout);
}

function wasi(name, body) {
  test(name, (t) => {
    const known = kDifferences[name];
    if (!known) return body(t);
    assert.throws(() => body(t), known.error, `${name} passes now: ${known.why}`);
    return undefined;
  });
}

wasi("args_env", () => {
  succeeds(run("args_env", { args: ["one", "two words", "", "\u2603 = x"], env: { A: "1", EMPTY: "", SNOW: "\u2603" } }));
});
wasi("stdio", () => {
  const ended = run("stdio", { stdin: "first\nsecond\n" });
  succeeds(ended);
  assert.equal(ended.stdout.trim(), "output");
  assert.equal(ended.stderr.trim(), "error");
});
for (const name of ["clocks", "random", "denied"]) wasi(name, () => succeeds(run(name)));
for (const name of ["files", "directories", "rights", "bad_pointers", "links", "names", "path_open", "read_write",
  "readdir", "seek", "sizes", "sockets", "times"]) {
  wasi(name, (t) => succeeds(run(name, { directories: { "/data": scratch(t) } })));
}
for (const name of ["descriptors", "path_rename"]) {
  wasi(name, (t) => succeeds(run(name, { directories: { "/data": scratch(t), "/other": scratch(t) } })));
}
wasi("exit_code", () => {
  assert.equal(run("exit_code", { args: ["return", "0"] }).exit, 0);
  assert.equal(run("exit_code", { args: ["return", "3"] }).exit, 3);
  assert.equal(run("exit_code", { args: ["exit", "42"] }).exit, 42);
  assert.equal(run("exit_code", { args: ["abort"] }).trap, "unreachable");
});
wasi("block", () => {
  assert.ok(run("block", { args: ["sleep"], deadlineMs: 100 }).interrupted);
});

wasi("escape", (t) => {
  const work = scratch(t);
  const at = (name) => path.join(work, name);
  for (const name of ["box", "box/dir", "outside", "outside/dir"]) fs.mkdirSync(at(name));
  fs.writeFileSync(at("outside/secret"), "secret\n");
  fs.writeFileSync(at("box/file"), "file\n");
  const links = {
    "outside/link": "secret", "box/to_secret": "../outside/secret", "box/to_secret_absolute": at("outside/secret"),
    "box/to_outside": "../outside", "box/to_outside_absolute": at("outside"), "box/to_box_absolute": at("box"),
    "box/to_root": "/", "box/dir/to_above": "../..", "box/chain": "to_secret",
    "box/chain_of_directories": "dir/../to_outside", "box/to_device": "/dev/null", "box/proc": "/proc",
    "box/to_own_descriptor": "/proc/self/fd/0", "box/loop": "loop",
  };
  for (const [name, target] of Object.entries(links)) fs.symlinkSync(target, at(name));
  const outside = () => execFileSync("find", ["outside", "-printf", "%p %i %s %T@\n"], { cwd: work, encoding: "utf8" });
  const before = outside();
  succeeds(run("escape", { directories: { "/box": at("box") } }));
  assert.equal(outside(), before);
  assert.equal(fs.readFileSync(at("outside/secret"), "utf8"), "secret\n");
});
