// The ABI of CGI programs (RFC 3875, with the extras of WAGI). As src/function/cgi.cc, cgi_head.cc
// and cgi_variables.cc.
import { equalIgnoringCase, lower, textOfBytes } from "./bytes.mjs";
import { Answer } from "./answer.mjs";
import { BytesInput, Guest } from "./guest.mjs";
import { findHeader, isHeaderName, isHeaderValue, isHopByHop, parseLength, pathBehind, pathOf, queryOf }
  from "./http_rules.mjs";
import { failure, failureOf, stopEnd } from "./outcome.mjs";
import { endOfAnswer } from "./handler.mjs";

const kMostHeadBytes = 64 * 1024;
const kLongestHoldMs = 20;

// %41 is A; what is no such escape stays as it is.
const decoded = (text) =>
  text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits) => String.fromCharCode(parseInt(digits, 16)));

// Undefined for what is told otherwise, or is dangerous, or looks like another.
function variableOfHeader(name) {
  if (["content-type", "content-length", "proxy"].includes(lower(name)) || isHopByHop(name)) return undefined;
  if (!/^[A-Za-z0-9-]*$/.test(name)) return undefined;
  return `HTTP_${name.replaceAll("-", "_").toUpperCase()}`;
}

function headerVariables(request) {
  const values = new Map();
  for (const [name, value] of request.headers) {
    const variable = variableOfHeader(name);
    if (variable === undefined) continue;
    const before = values.get(variable);
    values.set(variable,
      before === undefined ? value : before + (variable === "HTTP_COOKIE" ? "; " : ", ") + value);
  }
  return [...values].sort(([a], [b]) => (a < b ? -1 : 1));
}

function splitHost(host) {
  const colon = host.lastIndexOf(":");
  if (colon < 0 || host.indexOf("]", colon) >= 0) return [host, "80"];
  return [host.slice(0, colon), host.slice(colon + 1)];
}

export function cgiVariables(request, event) {
  const path = pathBehind(pathOf(request.target), event.mount);
  const name = findHeader(request.headers, "host") || "localhost";
  const [host, port] = splitHost(name);
  const scheme = findHeader(request.headers, "x-forwarded-proto") === "https" ? "https" : "http";
  const variables = [
    ["REQUEST_METHOD", request.method], ["SCRIPT_NAME", event.mount], ["PATH_INFO", decoded(path)],
    ["PATH_TRANSLATED", decoded(path)], ["X_RAW_PATH_INFO", path], ["QUERY_STRING", queryOf(request.target)],
    ["REMOTE_ADDR", event.remoteAddress], ["REMOTE_HOST", event.remoteAddress],
    ["X_MATCHED_ROUTE", `${event.mount}/...`], ["SERVER_NAME", host], ["SERVER_PORT", port],
    ["SERVER_PROTOCOL", "HTTP/1.1"], ["SERVER_SOFTWARE", "wherry"], ["GATEWAY_INTERFACE", "CGI/1.1"],
    ["X_FULL_URL", `${scheme}://${name}${request.target}`],
  ];
  const type = findHeader(request.headers, "content-type");
  if (type !== undefined) variables.push(["CONTENT_TYPE", type]);
  const hasLength = request.body.length > 0 || findHeader(request.headers, "content-length") !== undefined;
  if (hasLength && !request.isLengthUnknown) {
    variables.push(["CONTENT_LENGTH", String(request.body.length)]);
  }
  variables.push(...headerVariables(request));
  // A value with a zero byte cannot be told, and is left out.
  return variables.filter(([, value]) => !value.includes("\0")).map(([each, value]) => `${each}=${value}`);
}

// The parts of a query between `&`, decoded: arguments of the program, as WAGI has them.
export const cgiArguments = (query) =>
  query.split("&").map(decoded).filter((each) => each !== "" && !each.includes("\0"));

// The offset behind the empty line, or undefined. `from` is how much was looked at before.
export function endOfCgiHead(text, from) {
  let at = from < 2 ? 0 : from - 2;
  if (at === 0) {
    if (text.startsWith("\n")) return 1;
    if (text.startsWith("\r\n")) return 2;
  }
  while ((at = text.indexOf("\n", at)) >= 0) {
    at++;
    if (text.startsWith("\n", at)) return at + 1;
    if (text.startsWith("\r\n", at)) return at + 2;
  }
  return undefined;
}

function parseStatus(value) {
  const match = /^([0-9]+)( |$)/.exec(value);
  const status = match ? Number(match[1]) : 0;
  return status >= 200 && status <= 599 ? status : undefined;
}

function takeField(name, value, head, fields) {
  const bad = (shown) => `the field ${name} has the value "${shown}"`;
  if (!isHeaderName(name)) return `the head has a line that is no field: "${name.slice(0, 40)}"`;
  if (!isHeaderValue(value)) return bad("\xe2\x80\xa6");
  if (equalIgnoringCase(name, "status")) {
    fields.status = parseStatus(value);
    return fields.status === undefined ? bad(value) : "";
  }
  if (equalIgnoringCase(name, "content-length")) {
    head.length = parseLength(value);
    return head.length === undefined ? bad(value) : "";
  }
  if (isHopByHop(name)) return "";
  if (equalIgnoringCase(name, "content-type")) fields.hasType = true;
  if (equalIgnoringCase(name, "location")) fields.hasLocation = true;
  head.headers.push([name, value]);
  return "";
}

// {status, headers, length}, or {error} that says what is wrong with the head.
export function parseCgiHead(text) {
  const head = { headers: [] };
  const fields = {};
  for (let line of text.replace(/\n$/, "").split("\n")) {
    if (line.endsWith("\r")) line = line.slice(0, -1);
    if (line === "") break;
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "\n" : line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "");
    const error = takeField(name, value, head, fields);
    if (error !== "") return { error };
  }
  if (!fields.hasType && !fields.hasLocation && fields.status === undefined) {
    return { error: "the head has none of Content-Type, Location and Status" };
  }
  head.status = fields.status ?? (fields.hasLocation ? 302 : 200);
  return head;
}

// Standard output: the head, then the body.
class CgiOutput {
  constructor(answer) {
    this.answer = answer;
    this.head = "";
    this.headError = "";
    this.isHeadComplete = false;
    this.heldSince = 0;
  }

  write(pieces) {
    let done = 0;
    for (const piece of pieces) {
      let left = piece;
      while (left.length > 0) {
        const count = this.isHeadComplete ? this.writeBody(left) : this.writeHead(left);
        done += count;
        left = left.subarray(count);
      }
    }
    return done;
  }

  refuse(why) {
    this.headError = why;
    throw stopEnd(why);
  }

  // Takes what belongs to the head.
  writeHead(bytes) {
    const before = this.head.length;
    this.head += textOfBytes(bytes.subarray(0, kMostHeadBytes + 1 - before));
    const end = endOfCgiHead(this.head, before);
    if (end === undefined) {
      if (this.head.length > kMostHeadBytes) this.refuse("its head is longer than 64 KiB");
      return this.head.length - before;
    }
    const head = parseCgiHead(this.head.slice(0, end));
    if (head.error) this.refuse(head.error);
    this.isHeadComplete = true;
    this.answer.status = head.status;
    this.answer.headers = head.headers;
    this.answer.length = head.length;
    this.heldSince = performance.now();
    return end - before;
  }

  writeBody(bytes) {
    if (performance.now() - this.heldSince > kLongestHoldMs) this.sendWhatIsHeld();
    if (this.answer.write(bytes) === "tooMuch") throw stopEnd("wrote more than its answer may have");
    return bytes.length;
  }

  sendWhatIsHeld() {
    if (this.isHeadComplete && this.answer.bodyBytes > 0) this.answer.start();
  }
}

function failureOfHead(how, output, guest, limits) {
  const failed = (why) => failure("no result", `the function printed no CGI answer: ${why}`);
  if (output.headError !== "") return failed(output.headError);
  if (output.isHeadComplete || failureOf(how, guest.output, limits)) return undefined;
  return failed(output.head === "" ? "it printed nothing" : "no empty line ends its head");
}

// A body that arrives in pieces: a read takes the first buffer only.
class BodyInput extends BytesInput {
  read(pieces) {
    const first = pieces.find((piece) => piece.length > 0);
    return first ? this.readInto(first) : 0;
  }
}

export function makeCgi(exports, options) {
  exports.start();
  return {
    session(event, host) {
      const answer = new Answer(event.request, options.limits.body);
      const output = new CgiOutput(answer);
      const guest = new Guest({
        options, environment: event.environment, host,
        arguments: cgiArguments(queryOf(event.request.target)),
        variables: cgiVariables(event.request, event),
        stdin: new BodyInput(event.request.body),
        stdout: output,
        beforeWait: () => output.sendWhatIsHeld(),
      });
      return {
        guest,
        run: (instance) => instance.exports._start(),
        end: (how) => endOfAnswer(how, answer, guest, options.limits,
          () => failureOfHead(how, output, guest, options.limits)),
      };
    },
  };
}

