// Runs a plan (plan.h) on Node's engine and writes what came of it, as outcome.h takes it.
//
// usage: node run_node.mjs MODULE.wasm PLAN.json OUTCOMES.json
import { readFileSync, writeFileSync } from "node:fs";

const [modulePath, planPath, outcomesPath] = process.argv.slice(2);
const module = new WebAssembly.Module(readFileSync(modulePath));
const plan = JSON.parse(readFileSync(planPath, "utf8"));

const kHashedBytes = 64 << 20;
const kErrnoNosys = 52;
const scratch = new DataView(new ArrayBuffer(8));

function valueOf(type, bits) {
  scratch.setBigUint64(0, BigInt(bits));
  switch (type) {
    case "i32": return scratch.getInt32(4);
    case "i64": return scratch.getBigInt64(0);
    case "f32": return scratch.getFloat32(4);
    case "f64": return scratch.getFloat64(0);
    default: return null; // references
  }
}

function bitsOf(type, value) {
  scratch.setBigUint64(0, 0n);
  switch (type) {
    case "i32": scratch.setInt32(4, value); break;
    case "i64": scratch.setBigInt64(0, value); break;
    case "f32": scratch.setFloat32(4, value); break;
    case "f64": scratch.setFloat64(0, value); break;
    default: scratch.setBigUint64(0, value === null ? 0n : 1n);
  }
  return "0x" + scratch.getBigUint64(0).toString(16);
}

class Exit extends Error {}

class World {
  turn = 0;
  imports = {};

  constructor() {
    for (const item of plan.imports) {
      this.imports[item.module] ??= {};
      this.imports[item.module][item.name] = this.make(item);
    }
  }

  next(type) {
    const bits = BigInt(plan.import_values[this.turn++ % plan.import_values.length]);
    // Small whole numbers for floats: no NaN goes in.
    if (type === "f32" || type === "f64") return Number(bits & 0xffffn);
    return valueOf(type, bits);
  }

  make(item) {
    switch (item.kind) {
      case "memory": return new WebAssembly.Memory(item.limits);
      case "table": {
        const element = item.type === "funcref" ? "anyfunc" : "externref";
        return new WebAssembly.Table({ ...item.limits, element }, null);
      }
      case "global":
        return new WebAssembly.Global({ value: item.type, mutable: item.mutable }, this.next(item.type));
    }
    if (item.module === "wasi_snapshot_preview1") {
      if (item.name !== "proc_exit") return () => kErrnoNosys;
      return () => {
        throw new Exit("exit");
      };
    }
    return () => {
      const results = item.results.map((type) => this.next(type));
      return results.length > 1 ? results : results[0];
    };
  }
}

function memoryOf(instance, world) {
  if (plan.memory === null) return null;
  const { module: from, name } = plan.memory;
  return from === undefined ? instance.exports[name] : world.imports[from][name];
}

function fill(memory, round) {
  const bytes = new Uint8Array(memory.buffer, round.fill_at, round.fill_bytes);
  let seed = round.fill_seed;
  for (let i = 0; i < bytes.length; i++) {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    bytes[i] = i & 64 ? 97 + ((seed >>> 0) % 26) : seed >>> 8;
  }
}

function hashOf(memory) {
  if (memory.buffer.byteLength > kHashedBytes) return "0x0";
  const words = new Int32Array(memory.buffer);
  let a = 1;
  let b = 2;
  for (let i = 0; i < words.length; i += 2) {
    a ^= words[i];
    a = Math.imul((a << 13) | (a >>> 19), 0x9e3779b1);
    b ^= words[i + 1];
    b = Math.imul((b << 17) | (b >>> 15), 0x85ebca77);
  }
  return "0x" + ((BigInt(a >>> 0) << 32n) | BigInt(b >>> 0)).toString(16);
}

function run(round) {
  const world = new World();
  const instance = new WebAssembly.Instance(module, world.imports);
  const memory = memoryOf(instance, world);
  instance.exports._initialize?.();
  if (round.fill_bytes > 0) fill(memory, round);
  const outcomes = [];
  for (const call of round.calls) {
    const outcome = {};
    try {
      const values = call.arguments.map(([type, bits]) => valueOf(type, bits));
      const result = instance.exports[call.function](...values);
      const types = plan.results[call.function];
      const results = types.length > 1 ? [...result] : [result];
      outcome.results = types.map((type, i) => [type, bitsOf(type, results[i])]);
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError || error instanceof RangeError ||
            error instanceof Exit)) throw error;
      outcome.error = error.message;
    }
    if (memory !== null) {
      outcome.memory_bytes = memory.buffer.byteLength;
      outcome.memory_hash = hashOf(memory);
    }
    outcome.globals = plan.globals.map(([name, type]) =>
      [type, bitsOf(type, instance.exports[name].value)]);
    outcomes.push(outcome);
    if (outcome.error !== undefined && outcome.error !== "exit") break;
  }
  return { round: round.round, outcomes };
}

writeFileSync(outcomesPath, JSON.stringify(plan.rounds.map(run)));
