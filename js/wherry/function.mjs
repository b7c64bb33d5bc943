// A function: a module with a guest ABI, limits, and what it was given of the world. Each call gets
// a fresh instance. As src/function/function.cc and invocation.cc; nothing here needs Node.
import { Refusal, utf8Text } from "./bytes.mjs";
import { makeCgi } from "./cgi.mjs";
import { makeCommand } from "./command.mjs";
import { makeExport } from "./export.mjs";
import { makeHandler } from "./handler.mjs";
import { optionsOf } from "./manifest.mjs";
import { GuestEnd, endOfError, failure } from "./outcome.mjs";
import { kPreview1Types, systemClock } from "./preview1.mjs";

const kAbis = { command: makeCommand, cgi: makeCgi, export: makeExport, handler: makeHandler };
const kPageBytes = 65536;

export const speaksHttp = (abi) => abi === "cgi" || abi === "handler";

// Names of a module are JavaScript strings, ours are byte texts.
const named = (list) => list.map((each) => ({ ...each, name: utf8Text(each.name), module: utf8Text(each.module ?? "") }));

function exportsOf(description) {
  const exports = named(description.exports);
  const functions = exports.filter(({ kind }) => kind === "function");
  const entry = (name, type) => {
    const found = functions.find((each) => each.name === name);
    if (!found) return false;
    if (found.type === type) return true;
    throw new Refusal("invalid", `the module's ${name} is ${found.type} instead of ${type}`);
  };
  return {
    functions,
    entry,
    hasMemory: description.memories.length > 0,
    has: (name) => exports.some((each) => each.name === name),
    start() {
      if (entry("_start", "() -> ()")) return;
      throw new Refusal("unsupported", "the module exports no function _start",
        "build a WASI command (a program with main), not a library or reactor");
    },
    lacksHandler() {
      throw new Refusal("unsupported", "the module exports no function wherry_handle",
        "a handler is a reactor: build with -mexec-model=reactor (C) or as a cdylib (Rust)");
    },
  };
}

function checkImports(imports, importTypes, abi) {
  for (const { module, name, kind, type } of named(imports)) {
    const types = module === "wasi_snapshot_preview1" ? kPreview1Types : module === "wherry_1" ? importTypes : undefined;
    const known = kind === "function" ? types?.get(name) : undefined;
    if (known === undefined) {
      throw new Refusal("unsupported", `the module imports ${module}.${name}, which is not there`,
        abi === "handler" ? "a handler may import wherry_1 and wasi_snapshot_preview1 only"
          : "a function may import wasi_snapshot_preview1 only; build for wasm32-wasi");
    }
    if (type !== known) {
      throw new Refusal("invalid", `the module imports ${module}.${name} as ${type}, but it is ${known}`);
    }
  }
}

function checkMemory(memories, limit) {
  let left = limit;
  for (const pages of memories) {
    if (pages > Math.floor(left / kPageBytes)) {
      throw new Refusal("limit", `the module starts with ${pages} pages of memory (${kPageBytes} bytes each), ` +
        `more than the limit of ${limit} bytes`);
    }
    left -= pages * kPageBytes;
  }
}

function memoryOf(instance) {
  const { memory } = instance.exports;
  if (memory instanceof WebAssembly.Memory) return memory;
  return Object.values(instance.exports).find((each) => each instanceof WebAssembly.Memory);
}

// `() -> unreachable`: exceptions of JavaScript could be caught by a guest that catches all, traps
// cannot. Where code may not be made, as on Workers, the exception has to do.
let trap;
function uncatchable(work) {
  return (...args) => {
    try {
      return work(...args);
    } catch (error) {
      if (!(error instanceof GuestEnd) || !trap) throw error;
      uncatchable.end = error;
      trap();
    }
  };
}
try {
  trap = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(
    [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 116, 0, 0, 10, 5, 1, 3, 0, 0, 11])))
    .exports.t;
} catch {
  trap = undefined;
}
const guarded = (functions) =>
  Object.fromEntries(Object.entries(functions).map(([name, call]) => [name, trap ? uncatchable(call) : call]));

const emptyRequest = () => ({ method: "POST", target: "/", headers: [], body: new Uint8Array(0) });

class WherryFunction {
  constructor(module, description, options, host) {
    this.module = module;
    this.options = options;
    this.host = host;
    const exports = exportsOf(description);
    this.abi = options.abi ?? (exports.has("wherry_handle") ? "handler" : exports.has("_start") ? "command" : "export");
    this.adapter = kAbis[this.abi](exports, options);
    checkImports(description.imports, this.adapter.importTypes, this.abi);
    if (options.outbound.length > 0) {
      throw new Refusal("unsupported",
        `the function ${options.name} may call ${utf8Text(options.outbound[0])}, and this program cannot call other hosts`,
        "pack it for a target that runs wherry-host-net");
    }
    checkMemory(description.memories, options.limits.memory);
    this.directories = options.directories.map(({ host: path, guest, read_only: readOnly }) => {
      if (!host.files) {
        throw new Refusal("unsupported", utf8Text(`the function is given ${path}, and there are no files here`));
      }
      return { directory: host.files.directory(path), guest: utf8Text(guest), readOnly };
    });
  }

  get name() {
    return this.options.name;
  }

  // event: {id, parameters, signature, mount, remoteAddress, request: byte texts; environment: Map;
  // deadline: of Date.now()}. The outcome: {kind, result or response, message, exitCode, log,
  // logTruncated, durationMs, memoryBytes, status, begun}.
  call(event) {
    const began = performance.now();
    const { limits } = this.options;
    const cpu = limits.cpuTime > 0 && limits.cpuTime < limits.time;
    const own = cpu ? limits.cpuTime : limits.time;
    const untilDeadline = event.deadline === undefined ? Infinity : event.deadline - Date.now();
    const outcome = this.settle(event, {
      ms: Math.min(own, Math.max(0, untilDeadline)), deadlineWasEarlier: untilDeadline < own, cpuLimit: cpu,
    });
    outcome.durationMs = performance.now() - began;
    return outcome;
  }

  settle(event, { ms, deadlineWasEarlier, cpuLimit }) {
    const full = {
      id: "", parameters: "{}", signature: "", mount: "", remoteAddress: "", environment: new Map(),
      request: emptyRequest(), ...event,
    };
    const clock = this.host.clock ?? systemClock;
    const host = { ...this.host, clock, directories: this.directories, deadline: clock.monotonic() + BigInt(Math.round(ms * 1e6)) };
    let session;
    try {
      session = this.adapter.session(full, host);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { ...failure("bad event", error.text), log: [], logTruncated: false };
    }
    const run = { how: undefined, memory: undefined };
    try {
      const limit = this.host.limitTime ?? ((_, work) => work());
      run.how = this.run(session, run, (work) => limit(ms, work));
    } finally {
      session.guest.world.close();
    }
    if (run.how.interrupted) Object.assign(run.how, { deadlineWasEarlier, cpuLimit: cpuLimit && !deadlineWasEarlier });
    const outcome = session.end(run.how);
    outcome.memoryBytes = run.memory?.buffer.byteLength ?? 0;
    outcome.log = session.guest.output.log;
    outcome.logTruncated = session.guest.output.logTruncated;
    return outcome;
  }

  // How the guest ended: {result}, {trap}, {exit} or {interrupted}.
  run(session, run, limit) {
    uncatchable.end = undefined;
    try {
      return limit(() => {
        const instance = new WebAssembly.Instance(this.module, {
          wasi_snapshot_preview1: guarded(session.guest.world.imports()),
          wherry_1: guarded(session.imports ?? {}),
        });
        run.memory = memoryOf(instance);
        session.guest.world.attach(run.memory);
        return { result: session.run(instance, run.memory) };
      });
    } catch (error) {
      const how = endOfError(uncatchable.end ?? error);
      if (how) return how;
      throw error;
    }
  }
}

// `module` is a WebAssembly.Module; `manifest` is function.json; `host`: {describe: of its `package`
// if that has none, files, clock, readSecret, limitTime(ms, work)}. Refuses what does not fit.
export function createFunction(module, manifest, host = {}) {
  const { readSecret, ...rest } = host;
  const { exports, imports, memories } = manifest.package ?? {};
  if (!exports || !imports || !memories) throw new Refusal("invalid", "function.json does not describe its module");
  return new WherryFunction(module, { exports, imports, memories }, optionsOf(manifest, readSecret), rest);
}
