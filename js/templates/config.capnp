# For a workerd of one's own: workerd serve config.capnp
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [ (name = "main", worker = .worker) ],
  sockets = [ (name = "http", address = "*:8080", http = (), service = "main") ]
);

const worker :Workerd.Worker = (
  modules = [
    (name = "index.mjs", esModule = embed "index.mjs"),
    (name = "function.json", json = embed "function.json"),
    (name = "@MODULE_FILE@", wasm = embed "@MODULE_FILE@"),
    (name = "wherry/answer.mjs", esModule = embed "wherry/answer.mjs"),
    (name = "wherry/bytes.mjs", esModule = embed "wherry/bytes.mjs"),
    (name = "wherry/cgi.mjs", esModule = embed "wherry/cgi.mjs"),
    (name = "wherry/command.mjs", esModule = embed "wherry/command.mjs"),
    (name = "wherry/export.mjs", esModule = embed "wherry/export.mjs"),
    (name = "wherry/export_values.mjs", esModule = embed "wherry/export_values.mjs"),
    (name = "wherry/function.mjs", esModule = embed "wherry/function.mjs"),
    (name = "wherry/guest.mjs", esModule = embed "wherry/guest.mjs"),
    (name = "wherry/handler.mjs", esModule = embed "wherry/handler.mjs"),
    (name = "wherry/host.mjs", esModule = embed "wherry/host.mjs"),
    (name = "wherry/http_event.mjs", esModule = embed "wherry/http_event.mjs"),
    (name = "wherry/http_rules.mjs", esModule = embed "wherry/http_rules.mjs"),
    (name = "wherry/json.mjs", esModule = embed "wherry/json.mjs"),
    (name = "wherry/manifest.mjs", esModule = embed "wherry/manifest.mjs"),
    (name = "wherry/numbers.mjs", esModule = embed "wherry/numbers.mjs"),
    (name = "wherry/outcome.mjs", esModule = embed "wherry/outcome.mjs"),
    (name = "wherry/output.mjs", esModule = embed "wherry/output.mjs"),
    (name = "wherry/preview1.mjs", esModule = embed "wherry/preview1.mjs"),
    (name = "wherry/signature.mjs", esModule = embed "wherry/signature.mjs"),
    (name = "wherry/wasm_types.mjs", esModule = embed "wherry/wasm_types.mjs"),
    (name = "wherry/fetch_api.mjs", esModule = embed "wherry/fetch_api.mjs"),
    (name = "wherry/worker.mjs", esModule = embed "wherry/worker.mjs")
  ],
  compatibilityDate = "2025-10-01",
);
