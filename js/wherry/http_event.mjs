// Plain HTTP to a function's JSON parameters, and its outcome to an answer: for functions that do
// not speak HTTP themselves. As src/platform/http_event.cc and cloud_events.cc.
import { Refusal, bytesOfText, encodeBase64, inContext, isUtf8, lower, textOfBytes } from "./bytes.mjs";
import { findHeader, isJsonType, isTextType, mediaTypeOf, percentDecode, queryOf, queryPairs } from "./http_rules.mjs";
import { isObject, isStructured, parseJson, quoted, writeJson } from "./json.mjs";

export const kMaxParametersBytes = 8 << 20;

const isBlank = (text) => !/[^ \t\r\n]/.test(text);

function isStructuredEvent(request) {
  const type = findHeader(request.headers, "content-type");
  return type !== undefined && mediaTypeOf(type) === "application/cloudevents+json";
}

export const isCloudEvent = (request) =>
  findHeader(request.headers, "ce-specversion") !== undefined || isStructuredEvent(request);

function addData(event, bodyText, contentType) {
  if (contentType !== undefined) event.set("datacontenttype", contentType);
  if (bodyText === "") return;
  if (contentType === undefined || isJsonType(contentType)) {
    event.set("data", inContext("the CloudEvent's data", () => parseJson(bodyText)));
  } else if (isTextType(contentType) && isUtf8(bodyText)) {
    event.set("data", bodyText);
  } else {
    event.set("data_base64", encodeBase64(bytesOfText(bodyText)));
  }
}

function cloudEventOf(request, bodyText) {
  let event = new Map();
  if (isStructuredEvent(request)) {
    event = inContext("the CloudEvent", () => parseJson(bodyText));
    if (!isObject(event)) throw new Refusal("invalid", "the CloudEvent is no JSON object");
  } else {
    for (const [name, value] of request.headers) {
      if (!lower(name).startsWith("ce-")) continue;
      event.set(lower(name).slice(3), percentDecode(value) ?? value);
    }
    addData(event, bodyText, findHeader(request.headers, "content-type"));
  }
  for (const name of ["specversion", "id", "source", "type"]) {
    const value = event.get(name);
    if (typeof value !== "string" || value === "") throw new Refusal("invalid", `the CloudEvent has no ${name}`);
  }
  if (event.get("specversion") !== "1.0") {
    throw new Refusal("invalid", `the CloudEvent's specversion is ${quoted(event.get("specversion"))}, not 1.0`);
  }
  return writeJson(event);
}

// A form, unless it looks like JSON: that is how curl labels everything.
function isForm(request, bodyText) {
  const type = findHeader(request.headers, "content-type");
  if (type === undefined || mediaTypeOf(type) !== "application/x-www-form-urlencoded") return false;
  const first = /[^ \t\r\n]/.exec(bodyText);
  return !first || (first[0] !== "{" && first[0] !== "[");
}

function bodyOf(request, bodyText) {
  if (isBlank(bodyText)) return new Map();
  if (isForm(request, bodyText)) return new Map(queryPairs(bodyText));
  const body = parseJson(bodyText);
  if (!isStructured(body)) throw new Refusal("invalid", "the body is neither a JSON object nor an array");
  return body;
}

// JSON text. Refuses a malformed body.
export function parametersOf(request) {
  const bodyText = textOfBytes(request.body);
  if (isCloudEvent(request)) return cloudEventOf(request, bodyText);
  const query = queryOf(request.target);
  if (query === "" && isBlank(bodyText)) return "{}";
  const body = bodyOf(request, bodyText);
  if (query === "" || !isObject(body)) return writeJson(body);
  return writeJson(new Map([...queryPairs(query), ...body]));
}

export function statusOf(kind) {
  switch (kind) {
    case "success": return 200;
    case "bad event": return 400;
    case "timeout":
    case "cpu limit": return 504;
    case "internal": return 500;
    default: return 502;
  }
}

export const jsonResponse = (status, text) =>
  ({ status, headers: [["Content-Type", "application/json"]], body: bytesOfText(text) });
export const errorResponse = (status, message) => jsonResponse(status, `{"error":${quoted(message)}}`);

// What an outcome without an answer of its own is worth.
export function responseOf(outcome) {
  if (outcome.kind === "success") return jsonResponse(200, outcome.result);
  return jsonResponse(statusOf(outcome.kind), `{"error":${quoted(outcome.message)},"kind":"${outcome.kind}"}`);
}
