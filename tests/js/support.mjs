// What the tests of the JavaScript runtime share: packages as `wherry pack` makes them, servers of
// both kinds, and a client that sees every byte. The environment says where the parts are:
// WHERRY (the program), WHERRY_GUESTS (built guests), WHERRY_NPM (npm's packages).
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describeModule } from "../../js/wherry/wasm_types.mjs";

export const js = fileURLToPath(new URL("../../js", import.meta.url));
export const wherry = process.env.WHERRY;
const targets = JSON.parse(fs.readFileSync(path.join(js, "targets.json"), "utf8"));

export function guest(name) {
  const file = path.join(process.env.WHERRY_GUESTS, `${name}.wasm`);
  if (!fs.existsSync(file)) throw new Error(`${file} is missing: build the target guest_${name}`);
  return file;
}

// A directory that is gone after the test.
export function scratch(t) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "wherry-js-"));
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}

// A manifest whose directory DATA lies in `directory`, with these files.
export function manifestIn(directory, manifest = {}, files = {}) {
  const data = path.join(directory, "data");
  fs.mkdirSync(data);
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(data, name), text);
  return JSON.parse(JSON.stringify(manifest).replaceAll('"DATA"', JSON.stringify(data)));
}

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

// Every file that a package of this target has, but function.json and the module: [to, from].
export function filesOf(target) {
  const { files, shared } = targets[target];
  return [...Object.entries(files), ...shared.flatMap((list) => targets.shared[list].map((file) => [file, file]))];
}

// Makes a package in `directory`; `manifest` is what function.json has beyond the defaults.
export function makePackage(directory, wasm, manifest = {}, target = "node") {
  const bytes = typeof wasm === "string" ? fs.readFileSync(wasm) : wasm;
  const name = manifest.name ?? path.basename(String(wasm), ".wasm");
  const hash = sha256(bytes);
  const moduleFile = target === "cloudflare" ? `${hash}.wasm` : `${name}.wasm`;
  for (const [to, from] of filesOf(target)) {
    fs.mkdirSync(path.dirname(path.join(directory, to)), { recursive: true });
    fs.copyFileSync(path.join(js, from), path.join(directory, to));
  }
  for (const [to, template] of Object.entries(targets[target].generated)) {
    if (template === null) continue;
    const text = fs.readFileSync(path.join(js, template), "utf8").replaceAll("@MODULE_FILE@", moduleFile)
      .replaceAll("@NAME_LOWER@", name.toLowerCase().replace(/[^a-z0-9]+/g, "-"));
    fs.writeFileSync(path.join(directory, to), text);
  }
  fs.writeFileSync(path.join(directory, moduleFile), bytes);
  const files = (manifest.files ?? []).map((file) => {
    const content = fs.readFileSync(path.join(directory, file));
    return { path: file, size: content.length, sha256: sha256(content) };
  });
  const described = { ...manifest, name, files: undefined,
    package: { target, module_file: moduleFile, module_sha256: hash, ...describeModule(bytes), files } };
  fs.writeFileSync(path.join(directory, "function.json"), JSON.stringify(described, null, 1));
  return described;
}

function tomlValue(value) {
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(", ")}]`;
  if (typeof value === "object") {
    return `{ ${Object.entries(value).map(([key, each]) => `${JSON.stringify(key)} = ${tomlValue(each)}`).join(", ")} }`;
  }
  return JSON.stringify(value);
}

const workerd = path.join(process.env.WHERRY_NPM ?? "", "workerd/node_modules/@cloudflare/workerd-linux-64/bin/workerd");

// workerd says on a descriptor of its own where it listens.
export function startWorkerd(t, directory) {
  if (!fs.existsSync(workerd)) throw new Error(`${workerd} is missing: ./dev setup installs it`);
  const args = ["serve", "config.capnp", "--socket-addr=http=127.0.0.1:0", "--control-fd=1"];
  return startServer(t, workerd, args, {}, /"event":"listen","socket":"http","port":(\d+)/, directory);
}

// Starts a program and waits for its line that says where it listens. It is ended after the test.
async function startServer(t, command, args, env, pattern, cwd) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  t.after(async () => {
    child.kill("SIGTERM");
    await ended;
  });
  let text = "";
  const port = await new Promise((resolve, reject) => {
    const look = (piece) => {
      text += piece;
      const match = pattern.exec(text);
      if (match) resolve(Number(match[1]));
    };
    child.stderr.on("data", look);
    child.stdout.on("data", look);
    child.once("exit", (code) => reject(new Error(`${command} ended with ${code}: ${text}`)));
  });
  return { port, child, ended, output: () => text };
}

// The reference: `wherry serve` with the same manifest.
export function startWherry(t, directory, wasm, manifest = {}) {
  const { files: _, ...keys } = manifest;
  const toml = ["[function]", `module = ${JSON.stringify(wasm)}`,
    ...Object.entries(keys).map(([key, value]) => `${key} = ${tomlValue(value)}`)].join("\n");
  const config = path.join(directory, "wherry.toml");
  fs.writeFileSync(config, toml);
  const env = { WHERRY_CACHE_DIR: path.join(directory, "cache") };
  const args = ["serve", "--listen", "127.0.0.1:0", "--admin", "none", "--profile", "dev", config];
  return startServer(t, wherry, args, env, /listening on http:\/\/127\.0\.0\.1:(\d+)/);
}

export function startNode(t, directory, env = {}) {
  return startServer(t, process.execPath, [path.join(directory, "server.mjs")], { HOST: "127.0.0.1", PORT: "0", ...env },
    /is served at http:\/\/127\.0\.0\.1:(\d+)/);
}

// {status, headers: lines, body: latin1}, or {broken} if the server broke off before the end.
// `announced` is the length of a body that is said to come, and does not.
export function fetchRaw(port, { method = "GET", path: target = "/", headers = {}, body, announced } = {}) {
  return new Promise((resolve, reject) => {
    const sent = { Host: "example.test", ...headers };
    if (body !== undefined && !sent["Transfer-Encoding"]) sent["Content-Length"] = Buffer.byteLength(body);
    if (announced !== undefined) sent["Content-Length"] = announced;
    const request = http.request({ port, host: "127.0.0.1", method, path: target, headers: sent, agent: false });
    request.on("error", (error) => (error.code === "ECONNRESET" ? resolve({ broken: true }) : reject(error)));
    request.on("response", (response) => {
      const pieces = [];
      response.on("data", (piece) => pieces.push(piece));
      response.on("end", () => resolve({
        status: response.statusCode, headers: linesOf(response.rawHeaders), body: Buffer.concat(pieces).toString("latin1"),
      }));
      response.on("error", () => resolve({ broken: true }));
      if (announced !== undefined) response.on("end", () => request.destroy());
    });
    if (announced === undefined) request.end(body);
    else request.flushHeaders();
  });
}

const kOfTheConnection = /^(date|connection|keep-alive|transfer-encoding|content-length|wherry-activation-id):/i;
function linesOf(rawHeaders) {
  const lines = [];
  for (let i = 0; i < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  return lines.filter((line) => !kOfTheConnection.test(line));
}
