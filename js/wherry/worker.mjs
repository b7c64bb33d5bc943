// The function as a module worker of Cloudflare's workerd. There are no threads and no way to end a
// guest: the platform's own limits do. Time stands still while a guest runs, so one that sleeps is
// told that the time has passed.
import { Refusal, stringOfText, utf8Text } from "./bytes.mjs";
import { fetchResponseOf, requestOfFetch } from "./fetch_api.mjs";
import { createFunction } from "./function.mjs";
import { errorResponse } from "./http_event.mjs";
import { logOf, maxBodyBytes, routeOf, tooLarge, wholeAnswerOf } from "./host.mjs";

let asleep = 0n;
const now = () => BigInt(Date.now()) * 1_000_000n + asleep;
const clock = {
  realtime: now,
  monotonic: now,
  sleep: (ms) => {
    asleep += BigInt(Math.round(ms * 1e6));
  },
};

const listOf = (descriptors) =>
  descriptors.map(({ module, name, kind }) => [module ?? "", name, kind].join("\0")).join("\n");

// The module is compiled already, so its hash cannot be known: what it asks and offers must fit.
function checkModule(module, { exports, imports }) {
  const fits = listOf(WebAssembly.Module.exports(module)) === listOf(exports) &&
    listOf(WebAssembly.Module.imports(module)) === listOf(imports);
  if (!fits) throw new Error("the package is not as it was packed: its module has other imports or exports than function.json says");
}

export function createWorker(module, manifest) {
  checkModule(module, manifest.package);
  // Secrets come with the first request.
  let wherry;
  const load = (env) => {
    wherry ??= createFunction(module, manifest, { clock, readSecret: (name) => env[name] });
    return wherry;
  };
  // What needs no secret is found out when the worker is deployed.
  if (Object.keys(manifest.secrets ?? {}).length === 0) load({});

  async function answer(request, env) {
    const asked = await requestOfFetch(request);
    const { abi } = load(env);
    if (asked.body.length > maxBodyBytes(abi)) return tooLarge(abi, asked.body.length);
    const remoteAddress = utf8Text(request.headers.get("cf-connecting-ip") ?? "");
    const { response, event } = routeOf(wherry, asked, { remoteAddress });
    if (response) return response;
    const outcome = wherry.call(event);
    const { stdout, stderr } = logOf(outcome);
    for (const line of [...stdout, ...stderr]) console.log(line);
    return wholeAnswerOf(outcome, event);
  }

  return {
    async fetch(request, env) {
      try {
        return fetchResponseOf(await answer(request, env));
      } catch (error) {
        const text = error instanceof Refusal ? error.text : utf8Text(`the function could not be run: ${error.message}`);
        console.log(`error: ${stringOfText(text)}`);
        return fetchResponseOf(errorResponse(500, text));
      }
    },
  };
}
