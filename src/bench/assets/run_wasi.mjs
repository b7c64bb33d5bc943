// Runs a WASI command on Wherry's WASI in JavaScript, for runtimes that have none of their own.
import { textOfBytes, utf8Text } from "./wherry/bytes.mjs";
import { GuestEnd } from "./wherry/outcome.mjs";
import { World } from "./wherry/preview1.mjs";

class Input {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }
  read(pieces) {
    const began = this.at;
    for (const piece of pieces) {
      const part = this.bytes.subarray(this.at, this.at + piece.length);
      piece.set(part);
      this.at += part.length;
    }
    return this.at - began;
  }
}

// `module` is a WebAssembly.Module, `args` strings, `input` a Uint8Array. Returns {code, stdout, stderr}, the
// latter byte texts.
export function runCommand(module, args, input) {
  const printed = { stdout: [], stderr: [] };
  const output = (name) => ({
    write(pieces) {
      printed[name].push(...pieces.map(textOfBytes));
      return pieces.reduce((sum, piece) => sum + piece.length, 0);
    },
  });
  const world = new World({
    arguments: args.map(utf8Text), stdin: new Input(input), stdout: output("stdout"), stderr: output("stderr"),
  });
  const { exports } = new WebAssembly.Instance(module, { wasi_snapshot_preview1: world.imports() });
  world.attach(exports.memory);
  let code = 0;
  try {
    exports._start();
  } catch (error) {
    if (!(error instanceof GuestEnd) || error.how.exit === undefined) throw error;
    code = error.how.exit;
  }
  return { code, stdout: printed.stdout.join(""), stderr: printed.stderr.join("") };
}
