// One function as `wherry serve FILE` has it: the function at `/` and at `/NAME`, /healthz beside
// it. Requests to events, outcomes to answers. As src/host/router.cc and host.cc.
import { Refusal, stringOfText } from "./bytes.mjs";
import { speaksHttp } from "./function.mjs";
import { errorResponse, jsonResponse, kMaxParametersBytes, parametersOf, responseOf } from "./http_event.mjs";
import { isHeaderName, isHeaderValue, pathOf } from "./http_rules.mjs";

const kMaxBodyBytes = 2 ** 30;

// 32 hexadecimal digits, another each time.
export function newActivationId() {
  const numbers = globalThis.crypto.getRandomValues(new Uint32Array(4));
  return Array.from(numbers, (each) => each.toString(16).padStart(8, "0")).join("");
}

export const maxBodyBytes = (abi) => (speaksHttp(abi) ? kMaxBodyBytes : kMaxParametersBytes);

// `length`: of the body, if it was told beforehand.
export function tooLarge(abi, length) {
  return errorResponse(413, length === undefined ? "the request's body is too large"
    : `the request's body of ${length} bytes is larger than the limit of ${maxBodyBytes(abi)}`);
}

function onlyGet(request, response) {
  if (request.method === "GET" || request.method === "HEAD") return response;
  const refusal = errorResponse(405, `${pathOf(request.target)} takes GET`);
  refusal.headers.push(["Allow", "GET, HEAD"]);
  return refusal;
}

// {mount, exportName}, or undefined if the path is nobody's.
function targetOf({ name, abi }, path) {
  if (!path.startsWith("/")) return undefined;
  const slash = path.indexOf("/", 1);
  const end = slash < 0 ? path.length : slash;
  const isNamed = path.slice(1, end) === name;
  const mount = isNamed ? path.slice(0, end) : "";
  const rest = isNamed ? path.slice(end) : path;
  const isWhole = speaksHttp(abi) || rest === "" || rest === "/";
  const isExport = abi === "export" && rest.indexOf("/", 1) < 0;
  if (!isWhole && !isExport) return undefined;
  return { mount, exportName: isWhole ? "" : rest.slice(1) };
}

// What a request asks for: {response}, or {event} for the function.
export function routeOf(described, request, { remoteAddress = "", environment } = {}) {
  const path = pathOf(request.target);
  if (path === "/healthz") return { response: onlyGet(request, jsonResponse(200, '{"status":"ok"}')) };
  const target = targetOf(described, path);
  if (!target) {
    return { response: errorResponse(404, "nothing here: / calls the function, GET /healthz is 200") };
  }
  const event = { id: newActivationId(), mount: target.mount, remoteAddress, request, signature: target.exportName };
  if (environment) event.environment = environment;
  if (speaksHttp(described.abi)) return { event };
  try {
    event.parameters = parametersOf(request);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { response: errorResponse(400, error.text) };
  }
  return { event };
}

const kOfTheConnection = ["upgrade", "connection", "keep-alive", "content-length", "transfer-encoding"];

// The headers that travel: names and values that HTTP takes, none about the connection.
export const headersToSend = (headers) => headers.filter(([name, value]) =>
  isHeaderName(name) && isHeaderValue(value) && !kOfTheConnection.includes(name.toLowerCase()));

// The answer to an outcome. `broken`: it had begun when the function failed; its pieces are what
// a client would have seen of it.
export function answerOf(outcome, event) {
  if (outcome.response) return outcome.response;
  if (outcome.begun) return { ...outcome.begun, broken: true };
  const response = responseOf(outcome);
  response.headers.push(["Wherry-Activation-Id", event.id]);
  return response;
}

// A failed outcome's answer for platforms that cannot break off.
export const wholeAnswerOf = (outcome, event) => answerOf({ ...outcome, begun: undefined }, event);

// `  at name (function 17 + 0x2a)` of each of WebAssembly's frames in V8's stack.
function backtraceOf(stack = "") {
  const frames = [];
  for (const line of stack.split("\n")) {
    const match = /^ *at (?:(.*) \()?wasm:\/\/[^)]*wasm-function\[(\d+)\]:(0x[0-9a-f]+)\)?$/.exec(line);
    if (match) frames.push(`  at ${(match[1] ?? `function[${match[2]}]`).replace(/^.*\./, "")} (function ${match[2]} + ${match[3]})`);
  }
  return frames;
}

// What an outcome has for the log: {stdout, stderr}, lists of lines.
export function logOf(outcome) {
  const stdout = [], stderr = [];
  for (const { isStderr, text } of outcome.log) (isStderr ? stderr : stdout).push(stringOfText(text));
  if (outcome.logTruncated) stderr.push("the log was cut here: it is longer than the function's limit");
  if (outcome.stack !== undefined) stderr.push(stringOfText(outcome.message), ...backtraceOf(outcome.stack));
  return { stdout, stderr };
}
