# A module with its arguments and input as a worker whose test is to run it: `workerd test` is a process that
# runs to its end.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .main)],
  # V8 leaves a function that runs but once in its first, slow code.
  v8Flags = ["--no-liftoff"],
);

const main :Workerd.Worker = (
  compatibilityDate = "2026-01-01",
  modules = [
    (name = "workerd.mjs", esModule = embed "workerd.mjs"),
    (name = "run_wasi.mjs", esModule = embed "run_wasi.mjs"),
    (name = "wherry/bytes.mjs", esModule = embed "wherry/bytes.mjs"),
    (name = "wherry/json.mjs", esModule = embed "wherry/json.mjs"),
    (name = "wherry/numbers.mjs", esModule = embed "wherry/numbers.mjs"),
    (name = "wherry/outcome.mjs", esModule = embed "wherry/outcome.mjs"),
    (name = "wherry/preview1.mjs", esModule = embed "wherry/preview1.mjs"),
    (name = "module.wasm", wasm = embed "module.wasm"),
    (name = "arguments.json", json = embed "arguments.json"),
    (name = "input", data = embed "input"),
  ],
);
