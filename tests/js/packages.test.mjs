// Packages whose parts are missing, changed or mixed do not start, and say why.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { filesOf, guest, js, makePackage, scratch, startNode, startWorkerd } from "./support.mjs";

function startError(directory, env = {}) {
  const { status, stderr } = spawnSync(process.execPath, ["server.mjs"],
    { cwd: directory, env: { ...process.env, PORT: "0", HOST: "127.0.0.1", ...env }, encoding: "utf8", timeout: 20_000 });
  assert.equal(status, 1, stderr);
  return stderr;
}

function packed(t, name = "echo", manifest = {}, target = "node") {
  const directory = scratch(t);
  makePackage(directory, guest(name), manifest, target);
  return directory;
}

test("a module of which a byte was changed", (t) => {
  const directory = packed(t);
  const file = path.join(directory, "echo.wasm");
  const bytes = fs.readFileSync(file);
  bytes[bytes.length - 1] ^= 1;
  fs.writeFileSync(file, bytes);
  assert.match(startError(directory), /error: the package is not as it was packed: echo\.wasm has another sha256/);
});

test("a module that is missing", (t) => {
  const directory = packed(t);
  fs.unlinkSync(path.join(directory, "echo.wasm"));
  assert.match(startError(directory), /error: the package is not whole: echo\.wasm: ENOENT/);
});

test("a file that was changed, cut, or is missing", (t) => {
  const directory = scratch(t);
  fs.mkdirSync(path.join(directory, "files/0"), { recursive: true });
  const file = path.join(directory, "files/0/a.txt");
  fs.writeFileSync(file, "abc");
  makePackage(directory, guest("echo"), {
    directories: [{ host: "files/0", guest: "/data", read_only: true }], files: ["files/0/a.txt"],
  });
  fs.writeFileSync(file, "abd");
  assert.match(startError(directory), /files\/0\/a\.txt has another sha256/);
  fs.writeFileSync(file, "ab");
  assert.match(startError(directory), /files\/0\/a\.txt has 2 bytes instead of 3/);
  fs.unlinkSync(file);
  assert.match(startError(directory), /not whole: files\/0\/a\.txt: ENOENT/);
});

test("directories are relative to the package, not to where it is started", async (t) => {
  const directory = scratch(t);
  fs.mkdirSync(path.join(directory, "files/0"), { recursive: true });
  fs.writeFileSync(path.join(directory, "files/0/a.json"), '{"a":1}\n');
  makePackage(directory, guest("files"), {
    arguments: ["/data/a.json"], directories: [{ host: "files/0", guest: "/data", read_only: true }],
    files: ["files/0/a.json"],
  });
  const { port } = await startNode(t, directory);
  assert.deepEqual(await (await fetch(`http://127.0.0.1:${port}/`)).json(), { a: 1 });
});

test("a secret that is not there, and one that is", async (t) => {
  const directory = packed(t, "environment", { secrets: { TOKEN: { environment: "MY_TOKEN" } } });
  assert.match(startError(directory),
    /error: the secret TOKEN of the function environment is not there: set the variable MY_TOKEN on the platform/);
  const { port } = await startNode(t, directory, { MY_TOKEN: "s3cret" });
  assert.deepEqual(await (await fetch(`http://127.0.0.1:${port}/`)).json(), { TOKEN: "s3cret" });
});

test("a secret that a worker lacks", async (t) => {
  const { port } = await startWorkerd(t, packed(t, "environment", { secrets: { TOKEN: { environment: "MY_TOKEN" } } },
    "cloudflare"));
  const response = await fetch(`http://127.0.0.1:${port}/`);
  assert.equal(response.status, 500);
  assert.match((await response.json()).error, /^the secret TOKEN of the function environment is not there/);
});

test("a worker with another module", async (t) => {
  const directory = packed(t, "echo", {}, "cloudflare");
  const [moduleFile] = fs.readdirSync(directory).filter((name) => name.endsWith(".wasm"));
  fs.copyFileSync(guest("handler_c"), path.join(directory, moduleFile));
  await assert.rejects(startWorkerd(t, directory), /the package is not as it was packed: its module has other imports or exports/);
});

const kRefused = {
  "imports that nobody has": [guest("wanting"), {}, /the module imports moon\.phase, which is not there/],
  "calls to other hosts": [guest("fetch_c"), {}, /the module imports wherry_1\.fetch.*, which is not there/],
  "outbound hosts": [guest("echo"), { outbound: ["example.com"] },
    /the function echo may call example\.com, and this program cannot call other hosts/],
  "no _start": [guest("exports_c"), { abi: "command" }, /the module exports no function _start/],
  "no wherry_handle": [guest("echo"), { abi: "handler" }, /the module exports no function wherry_handle/],
  "a signature that does not fit": [guest("exports_c"), { signature: "root(string) -> f64" },
    /root\(string\) -> f64 must be an export of type \(i32 i32\) -> \(f64\) or \(i32\) -> \(f64\), and it is \(f64\) -> \(f64\)/],
  "more memory than the limit": [guest("exports_c"), { memory: "64 KiB" },
    /the module starts with \d+ pages of memory \(65536 bytes each\), more than the limit of 65536 bytes/],
};
for (const [title, [wasm, manifest, error]] of Object.entries(kRefused)) {
  test(`refused at start: ${title}`, (t) => {
    const directory = scratch(t);
    makePackage(directory, wasm, manifest);
    assert.match(startError(directory), error);
  });
}

test("every file of js/ is part of a package, and no other", () => {
  const all = ["openwhisk-nodejs", "lambda-nodejs", "node", "cloudflare"].flatMap(filesOf).map(([, from]) => from);
  const there = fs.readdirSync(js, { recursive: true }).filter((name) => /\.(mjs|cjs|ts)$/.test(name))
    .filter((name) => !name.startsWith("templates/"));
  assert.deepEqual([...new Set(all)].sort(), there.sort());
});

test("the templates name every shared file", () => {
  const config = fs.readFileSync(path.join(js, "templates/config.capnp"), "utf8");
  const named = [...config.matchAll(/name = "(wherry\/[^"]+)"/g)].map(([, name]) => name);
  assert.deepEqual(named.sort(), filesOf("cloudflare").map(([to]) => to).sort());
});
