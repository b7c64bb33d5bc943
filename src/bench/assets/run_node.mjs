// Runs a WASI command in Node, as node:wasi has it.
//
// usage: node --no-warnings --no-liftoff run_node.mjs MODULE.wasm [ARGUMENT…]
import { readFileSync } from "node:fs";
import { WASI } from "node:wasi";

const wasi = new WASI({ version: "preview1", args: process.argv.slice(2) });
const module = new WebAssembly.Module(readFileSync(process.argv[2]));
process.exitCode = wasi.start(new WebAssembly.Instance(module, wasi.getImportObject()));
