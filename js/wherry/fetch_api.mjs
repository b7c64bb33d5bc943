// Requests and responses of the Fetch API, which Node, Workers and browsers share.
import { utf8Text } from "./bytes.mjs";
import { headersToSend } from "./host.mjs";
import { statusHasBody } from "./http_rules.mjs";

// `request` is a Request, or an object like one: {method, url, headers, body}.
export async function requestOfFetch(request) {
  const url = new URL(request.url ?? "/", "http://localhost");
  const headers = request.headers instanceof Headers ? [...request.headers]
    : Object.entries(request.headers ?? {}).map(([name, value]) => [name, String(value)]);
  if (!headers.some(([name]) => name.toLowerCase() === "host") && request.url) headers.unshift(["host", url.host]);
  return {
    method: utf8Text(request.method ?? "GET"),
    target: utf8Text(url.pathname + url.search),
    headers: headers.map(([name, value]) => [utf8Text(name), utf8Text(value)]),
    body: await bodyOf(request),
  };
}

async function bodyOf(request) {
  if (typeof request.arrayBuffer === "function") return new Uint8Array(await request.arrayBuffer());
  const { body } = request;
  if (body === undefined || body === null) return new Uint8Array(0);
  if (typeof body === "string") return new TextEncoder().encode(body);
  return new Uint8Array(body);
}

export function fetchResponseOf(response) {
  const headers = new Headers();
  for (const [name, value] of headersToSend(response.headers)) headers.append(name, value);
  const body = statusHasBody(response.status) ? response.body : null;
  return new Response(body, { status: response.status, headers });
}

