// HTTP's rules as far as functions meet them: headers, targets, queries. Requests and responses are
// {method, target, headers: [[name, value]], body: Uint8Array} and {status, headers, body}, of byte
// texts. As src/function/http_rules.cc and src/http/message.cc.
import { equalIgnoringCase, lower } from "./bytes.mjs";

export const isHeaderName = (name) => /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/.test(name);
// eslint-disable-next-line no-control-regex
export const isHeaderValue = (value) => !/[\x00-\x08\x0a-\x1f\x7f]/.test(value);

const kHopByHop = ["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];
export const isHopByHop = (name) => kHopByHop.includes(lower(name));

// The number in a Content-Length, or undefined.
export function parseLength(value) {
  if (!/^[0-9]+$/.test(value)) return undefined;
  const number = BigInt(value);
  return number < 1n << 64n ? Number(number) : undefined;
}

export const pathOf = (target) => target.split("?", 1)[0];
export function queryOf(target) {
  const mark = target.indexOf("?");
  return mark < 0 ? "" : target.slice(mark + 1);
}

export function findHeader(headers, name) {
  for (const [each, value] of headers) {
    if (equalIgnoringCase(each, name)) return value;
  }
  return undefined;
}

// All values of a header, joined with ", "; undefined if it is absent.
export function joinedHeader(headers, name) {
  const values = headers.filter(([each]) => equalIgnoringCase(each, name)).map(([, value]) => value);
  return values.length > 0 ? values.join(", ") : undefined;
}

// The path behind the mount, as sent; begins with a slash.
export function pathBehind(path, mount) {
  if (path.startsWith(mount) && (path.length === mount.length || path[mount.length] === "/")) {
    path = path.slice(mount.length);
  }
  return path.startsWith("/") ? path : "/";
}

// Undefined if a `%` is not followed by two hexadecimal digits.
export function percentDecode(text) {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  return text.replace(/%(..)/g, (_, digits) => String.fromCharCode(parseInt(digits, 16)));
}

function formDecode(text) {
  return percentDecode(text.replaceAll("+", " ")) ?? text;
}

// `a=1&b=x+y` as pairs in their order, decoded as forms are.
export function queryPairs(query) {
  return query.split("&").filter((pair) => pair !== "").map((pair) => {
    const equals = pair.indexOf("=");
    return equals < 0 ? [formDecode(pair), ""] : [formDecode(pair.slice(0, equals)), formDecode(pair.slice(equals + 1))];
  });
}

export const statusHasBody = (status) => status >= 200 && status !== 204 && status !== 304;

export function mediaTypeOf(contentType) {
  return lower(contentType.split(";", 1)[0].replace(/^[ \t]+|[ \t]+$/g, ""));
}
export function isJsonType(contentType) {
  const type = mediaTypeOf(contentType);
  return type === "application/json" || type === "text/json" || type.endsWith("+json");
}
export function isTextType(contentType) {
  const type = mediaTypeOf(contentType);
  return type.startsWith("text/") || isJsonType(type) || type.endsWith("+xml") || type === "application/xml" ||
    type === "application/javascript" || type === "application/x-www-form-urlencoded";
}
