// Functions that speak HTTP as OpenWhisk's actions, by the conventions of its web actions. As
// src/platform/web_action.cc.
import { Refusal, bytesOfText, decodeBase64, inContext, stringOfText, textOfBytes, upper } from "./bytes.mjs";
import { bodyOfResponse, valueOfResult } from "./platform_json.mjs";
import { findHeader, isTextType } from "./http_rules.mjs";
import { isObject, isStructured, parseJson, sortedKeys, writeJson } from "./json.mjs";

function takeText(parameters, name) {
  const value = parameters.get(name) ?? "";
  if (!parameters.has(name)) return "";
  if (typeof value !== "string") throw new Refusal("invalid", `${name} is not a string`);
  parameters.delete(name);
  return value;
}

const plainText = (value) => (typeof value === "string" ? value : writeJson(value));

function takeHeaders(parameters) {
  if (!parameters.has("__ow_headers")) return [];
  const headers = parameters.get("__ow_headers");
  if (!isObject(headers)) throw new Refusal("invalid", "__ow_headers is not an object");
  parameters.delete("__ow_headers");
  return sortedKeys(headers).map((name) => [name, plainText(headers.get(name))]);
}

const percentEncoded = (text) => text.replace(/[^A-Za-z0-9\-._~]/g,
  (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);

const queryOfParameters = (parameters) => sortedKeys(parameters)
  .map((name) => `${percentEncoded(name)}=${percentEncoded(plainText(parameters.get(name)))}`).join("&");

function requestOfWebAction(parameters) {
  const method = upper(takeText(parameters, "__ow_method"));
  const path = takeText(parameters, "__ow_path");
  let query = takeText(parameters, "__ow_query");
  const headers = takeHeaders(parameters);
  const hasBody = parameters.has("__ow_body");
  const bodyText = takeText(parameters, "__ow_body");
  const type = findHeader(headers, "content-type");
  let body = bytesOfText(bodyText);
  if (hasBody && type !== undefined && !isTextType(type)) body = inContext("__ow_body", () => decodeBase64(bodyText));
  parameters.delete("__ow_user");
  const hasMore = parameters.size > 0;
  if (hasMore && query === "" && (method === "GET" || method === "HEAD")) {
    query = queryOfParameters(parameters);
  } else if (hasMore && !hasBody) {
    body = bytesOfText(writeJson(parameters));
  }
  const target = (path.startsWith("/") ? path : `/${path}`) + (query === "" ? "" : `?${query}`);
  return { method, target, headers, body };
}

// The request that the parameters (JSON text) stand for, and whether the event was a web action's.
export function requestOfParameters(text) {
  const parameters = parseJson(text);
  const isWeb = text.includes("__ow_method");
  if (isObject(parameters) && parameters.has("__ow_method")) return { request: requestOfWebAction(parameters), isWeb };
  const headers = [["Content-Type", "application/json"]];
  return { request: { method: "POST", target: "/", headers, body: bytesOfText(text) }, isWeb };
}

// The value that stands for an answer.
export function valueOfResponse(response, isWeb) {
  const { status } = response;
  if (!isWeb && status >= 200 && status < 300) {
    const text = textOfBytes(response.body);
    try {
      if (isStructured(parseJson(text))) return valueOfResult(text);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }
  const headers = {};
  for (const [name, value] of [...response.headers].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) {
    headers[stringOfText(name)] = stringOfText(value);
  }
  return { body: bodyOfResponse(response).body, headers, statusCode: status };
}

