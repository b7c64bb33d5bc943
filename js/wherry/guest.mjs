// The WASI side that the ABIs have in common: a world with a function's arguments, environment and
// directories, whose standard error, and by default standard output, is the log. As
// src/function/guest_world.cc.
import { checkEnvironment } from "./manifest.mjs";
import { stopEnd } from "./outcome.mjs";
import { OutputCapture } from "./output.mjs";
import { World } from "./preview1.mjs";

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

// "NAME=value" each: the strongest first, then the event's over the function's own.
function environmentOf(options, event, strongest) {
  const all = new Map([...options.environment, ...event]);
  for (const each of strongest) all.delete(each.slice(0, each.indexOf("=")));
  const others = [...all].sort(([a], [b]) => compare(a, b)).map(([name, value]) => `${name}=${value}`);
  return [...strongest, ...others];
}

export class Guest {
  // {options, environment: of the event; host: {files, clock, directories, deadline}; arguments,
  // variables: of the ABI; stdin, stdout, beforeWait}
  constructor({ options, environment = new Map(), host, ...abi }) {
    checkEnvironment(environment);
    this.output = new OutputCapture(options.limits);
    this.world = new World({
      ...host,
      arguments: [options.name, ...options.arguments, ...(abi.arguments ?? [])],
      environment: environmentOf(options, environment, abi.variables ?? []),
      maxDescriptors: options.limits.openFiles,
      stdin: abi.stdin,
      stdout: abi.stdout ?? this.logStream(false),
      stderr: this.logStream(true),
      beforeWait: abi.beforeWait,
    });
  }

  log(isStderr, bytes) {
    const why = this.output.write(isStderr, bytes);
    if (why !== "") throw stopEnd(why);
  }

  logStream(isStderr) {
    return {
      write: (pieces) => {
        let done = 0;
        for (const piece of pieces) {
          this.log(isStderr, piece);
          done += piece.length;
        }
        return done;
      },
    };
  }
}

// Bytes, then the end.
export class BytesInput {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }
  readInto(into) {
    const count = Math.min(into.length, this.bytes.length - this.at);
    into.set(this.bytes.subarray(this.at, this.at + count));
    this.at += count;
    return count;
  }
  read(pieces) {
    return pieces.reduce((done, piece) => done + this.readInto(piece), 0);
  }
}
