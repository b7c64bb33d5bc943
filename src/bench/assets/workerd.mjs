// The worker of workerd.capnp. A worker prints whole lines of text.
import args from "arguments.json";
import input from "input";
import module from "module.wasm";
import { runCommand } from "./run_wasi.mjs";
import { bytesOfText } from "./wherry/bytes.mjs";

function print(text, write) {
  if (text === "") return;
  if (!text.endsWith("\n")) throw new Error("workerd cannot print what does not end with a newline");
  write(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytesOfText(text.slice(0, -1))));
}

export default {
  async test() {
    const { code, stdout, stderr } = runCommand(module, args, new Uint8Array(input));
    print(stdout, console.log);
    print(stderr, console.error);
    if (code !== 0) throw new Error(`exit code ${code}`);
  },
};
