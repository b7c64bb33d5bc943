// Runs a WASI command in Bun, whose own node:wasi lacks functions that programs import.
//
// usage: bun run_bun.mjs MODULE.wasm [ARGUMENT…]
import { readFileSync, writeSync } from "node:fs";
import { runCommand } from "./run_wasi.mjs";
import { bytesOfText } from "./wherry/bytes.mjs";

const [path, ...args] = process.argv.slice(2);
const module = new WebAssembly.Module(readFileSync(path));
const { code, stdout, stderr } = runCommand(module, [path, ...args], readFileSync(0));
for (const [fd, text] of [[1, stdout], [2, stderr]]) {
  const bytes = bytesOfText(text);
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}
process.exitCode = code;
