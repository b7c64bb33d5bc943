// A package on Node: what lies beside function.json is checked and loaded.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import vm from "node:vm";
import { Refusal } from "./bytes.mjs";
import { nodeFiles } from "./files_node.mjs";
import { createFunction } from "./function.mjs";
import { logOf } from "./host.mjs";
import { limitsOf } from "./manifest.mjs";
import { interruptedEnd } from "./outcome.mjs";
import { systemClock } from "./preview1.mjs";
import { describeModule, limitMemory } from "./wasm_types.mjs";

// crypto.getRandomValues is global from Node 19 on.
if (!globalThis.crypto) {
  const { webcrypto } = await import("node:crypto");
  globalThis.crypto = webcrypto;
}

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

function readPart(directory, name, wantedHash, wantedSize) {
  let bytes;
  try {
    bytes = fs.readFileSync(path.join(directory, name));
  } catch (error) {
    throw new Error(`the package is not whole: ${name}: ${error.code ?? error.message}`);
  }
  if (wantedSize !== undefined && bytes.length !== wantedSize) {
    throw new Error(`the package is not as it was packed: ${name} has ${bytes.length} bytes instead of ${wantedSize}`);
  }
  if (sha256(bytes) !== wantedHash) {
    throw new Error(`the package is not as it was packed: ${name} has another sha256 than function.json says`);
  }
  return bytes;
}

// Ends a guest that computes for too long: V8 interrupts what a script calls.
const kSlot = Symbol.for("wherry.work");
let script;
function limitTime(ms, work) {
  if (ms <= 0) throw interruptedEnd();
  script ??= new vm.Script('globalThis[Symbol.for("wherry.work")]()');
  let result;
  globalThis[kSlot] = () => {
    result = work();
  };
  try {
    script.runInThisContext({ timeout: Math.min(0xffffffff, Math.max(1, Math.ceil(ms))) });
  } catch (error) {
    throw error?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT" ? interruptedEnd() : error;
  }
  return result;
}

const clock = { ...systemClock, monotonic: () => process.hrtime.bigint() };

// `directory` is the package's. Throws an Error that says what is wrong with it.
export function loadPackage(directory) {
  const manifest = JSON.parse(fs.readFileSync(path.join(directory, "function.json"), "utf8"));
  const { module_file: moduleFile, module_sha256: moduleHash, files = [] } = manifest.package;
  const bytes = readPart(directory, moduleFile, moduleHash);
  for (const file of files) readPart(directory, file.path, file.sha256, file.size);
  manifest.package = { ...manifest.package, ...describeModule(bytes) };
  const directories = manifest.directories ?? [];
  manifest.directories = directories.map((each) => ({ ...each, host: path.resolve(directory, each.host) }));
  try {
    const limited = limitMemory(bytes, limitsOf(manifest).memory);
    return createFunction(new WebAssembly.Module(limited), manifest, {
      files: nodeFiles, clock, limitTime, readSecret: (name) => process.env[name],
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Error(error.hint ? `${error.message} (${error.hint})` : error.message);
  }
}

// Writes an outcome's log to the process's own streams.
export function writeLog(outcome) {
  const { stdout, stderr } = logOf(outcome);
  if (stdout.length > 0) process.stdout.write(`${stdout.join("\n")}\n`);
  if (stderr.length > 0) process.stderr.write(`${stderr.join("\n")}\n`);
}

