// The function as an ES module. Calls run in threads (wherry/pool.mjs), which start with the first
// one and do not keep a process alive that has nothing else to do.
import { fileURLToPath } from "node:url";
import { stringOfText, utf8Text } from "./wherry/bytes.mjs";
import { speaksHttp } from "./wherry/function.mjs";
import { fetchResponseOf, requestOfFetch } from "./wherry/fetch_api.mjs";
import { errorResponse, statusOf } from "./wherry/http_event.mjs";
import { newActivationId, routeOf, wholeAnswerOf } from "./wherry/host.mjs";
import { parseJson, writeJson } from "./wherry/json.mjs";
import { writeLog } from "./wherry/node.mjs";
import { Pool } from "./wherry/pool.mjs";

// What invoke() throws: `kind` is the outcome's ("trap", "exit", "timeout", …), `status` what it is
// worth in HTTP.
export class FunctionError extends Error {
  constructor(outcome) {
    super(stringOfText(outcome.message));
    this.name = "FunctionError";
    this.kind = outcome.kind;
    this.status = statusOf(outcome.kind);
    this.exitCode = outcome.exitCode;
  }
}

let started;
function pool() {
  started ??= (async () => {
    const made = new Pool(fileURLToPath(new URL(".", import.meta.url)));
    await made.start();
    return made;
  })();
  return started;
}

// JSON text in, JSON text out: the same bytes as from any other host.
export async function invokeText(text = "{}", { environment = {}, signature = "" } = {}) {
  const running = await pool();
  if (speaksHttp(running.described.abi)) throw new TypeError("the function answers HTTP requests: use handle()");
  const variables = Object.entries(environment).map((pair) => pair.map((each) => utf8Text(String(each))));
  const outcome = await running.call({
    id: newActivationId(), parameters: writeJson(parseJson(utf8Text(text))), environment: new Map(variables),
    signature: utf8Text(signature),
  });
  writeLog(outcome);
  if (outcome.kind !== "success") throw new FunctionError(outcome);
  return stringOfText(outcome.result);
}

export async function invoke(parameters = {}, options = {}) {
  return JSON.parse(await invokeText(JSON.stringify(parameters), options));
}

// Answers a Request of the Fetch API, or an object like one, with a Response.
export async function handle(request) {
  const running = await pool();
  const { response, event } = routeOf(running.described, await requestOfFetch(request));
  if (response) return fetchResponseOf(response);
  if (running.isFull) return fetchResponseOf(errorResponse(429, `${running.described.name} is busy and its queue is full`));
  const outcome = await running.call(event);
  writeLog(outcome);
  return fetchResponseOf(wholeAnswerOf(outcome, event));
}

export default { fetch: handle, handle, invoke, invokeText };
