// Lambda's HTTP events (payload 2.0 of function URLs and HTTP APIs, 1.0 of REST APIs, ALB) to
// requests, and answers to the object that Lambda makes an HTTP answer of.
import { bytesOfText, decodeBase64, equalIgnoringCase, stringOfText, utf8Text } from "./bytes.mjs";
import { bodyOfResponse } from "./platform_json.mjs";
import { headersToSend } from "./host.mjs";

export function isHttpEvent(event) {
  const context = event?.requestContext;
  if (typeof context !== "object" || context === null) return false;
  if (typeof context.http?.method === "string") return true;
  return typeof event.httpMethod === "string" && typeof event.path === "string";
}

const isVersion2 = (event) => typeof event.requestContext.http?.method === "string";

// What may not stand in a target as it is.
const escaped = (text) => utf8Text(text).replace(/[\x00-\x20\x7f-\xff#]/g,
  (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
const byBytes = ([a], [b]) => (a < b ? -1 : a > b ? 1 : 0);
const entriesOf = (object) =>
  Object.entries(object ?? {}).map(([name, value]) => [utf8Text(name), value]).sort(byBytes);

function headersOf(event) {
  const many = event.multiValueHeaders;
  const headers = many
    ? entriesOf(many).flatMap(([name, values]) => values.map((value) => [name, utf8Text(String(value))]))
    : entriesOf(event.headers).map(([name, value]) => [name, utf8Text(String(value))]);
  if (Array.isArray(event.cookies) && event.cookies.length > 0) {
    headers.push(["cookie", utf8Text(event.cookies.join("; "))]);
  }
  return headers;
}

// REST APIs tell names and values decoded, load balancers as they were sent.
function queryOf(event) {
  if (isVersion2(event)) return event.rawQueryString ? escaped(event.rawQueryString) : "";
  const encode = event.requestContext.elb ? escaped : (text) => escaped(encodeURIComponent(text));
  const many = event.multiValueQueryStringParameters;
  const pairs = many ? entriesOf(many).flatMap(([name, values]) => values.map((value) => [name, value]))
    : entriesOf(event.queryStringParameters);
  return pairs.map(([name, value]) => `${encode(stringOfText(name))}=${encode(value ?? "")}`).join("&");
}

// {request, remoteAddress}
export function requestOfEvent(event) {
  const context = event.requestContext;
  const path = escaped((isVersion2(event) ? event.rawPath : event.path) || "/");
  const query = queryOf(event);
  const text = event.body ?? "";
  return {
    request: {
      method: utf8Text(isVersion2(event) ? context.http.method : event.httpMethod),
      target: path + (query === "" ? "" : `?${query}`),
      headers: headersOf(event),
      body: event.isBase64Encoded ? decodeBase64(utf8Text(text)) : bytesOfText(utf8Text(text)),
    },
    remoteAddress: utf8Text(context.http?.sourceIp ?? context.identity?.sourceIp ?? ""),
  };
}

// Headers of one name are joined; cookies cannot be.
export function proxyObjectOf(response, event) {
  const headers = {}, cookies = [];
  for (const [name, value] of headersToSend(response.headers)) {
    if (equalIgnoringCase(name, "set-cookie")) {
      cookies.push(stringOfText(value));
      continue;
    }
    const known = Object.keys(headers).find((each) => equalIgnoringCase(each, name));
    headers[known ?? name] = known ? `${headers[known]}, ${stringOfText(value)}` : stringOfText(value);
  }
  const { body, isBase64 } = bodyOfResponse(response);
  const object = { body };
  const isOld = event !== undefined && !isVersion2(event);
  if (cookies.length > 0 && !isOld) object.cookies = cookies;
  object.headers = Object.fromEntries(Object.entries(headers).sort(byBytes));
  object.isBase64Encoded = isBase64;
  if (isOld && (cookies.length > 0 || event.multiValueHeaders)) {
    object.multiValueHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
    if (cookies.length > 0) object.multiValueHeaders["Set-Cookie"] = cookies;
  }
  object.statusCode = response.status;
  return object;
}
