// The ABI of handlers: a reactor whose `wherry_handle` is called for a request, which it reads and
// answers by functions of `wherry_1`. As src/function/handler.cc and handler_calls.cc.
import { bytesOfText, equalIgnoringCase, textOfBytes } from "./bytes.mjs";
import { Answer } from "./answer.mjs";
import { BytesInput, Guest } from "./guest.mjs";
import { findHeader, isHeaderName, isHeaderValue, isHopByHop, joinedHeader, parseLength, pathBehind, pathOf, queryOf }
  from "./http_rules.mjs";
import { failure, failureOf, stopEnd, trapEnd } from "./outcome.mjs";
import { WasiError, typeOfLetters } from "./preview1.mjs";

const kAlreadySent = -2, kRefused = -3, kAbsent = -1;
const kMostHeadBytes = 64 * 1024;
const kMostRead = 1 << 30;
const kLevels = ["error: ", "warning: ", "", "debug: "].map(bytesOfText);
const kNewline = bytesOfText("\n");

export const kHandlerTypes = new Map(Object.entries({
  request_get: "iii:i", request_header: "iiii:i", request_header_count: ":i", request_header_at: "iiiiii:i",
  request_body_size: ":I", request_read: "ii:i", response_status: "i:i", response_header: "iiii:i",
  response_write: "ii:i", response_flush: ":i", log: "iii:",
}).map(([name, letters]) => [name, typeOfLetters(...letters.split(":"))]));

function fieldOf(event, field) {
  const { request } = event;
  switch (field) {
    case 0: return request.method;
    case 1: return pathBehind(pathOf(request.target), event.mount);
    case 2: return queryOf(request.target);
    case 3: return event.mount;
    case 4: return event.remoteAddress;
    case 5: return event.id;
    case 6: return findHeader(request.headers, "traceparent") ?? "";
    case 7: return request.target;
    default: return undefined;
  }
}

// As snprintf: as much as fits, and how much there is.
function giveText(text, into) {
  into.set(bytesOfText(text.slice(0, into.length)));
  return text.length;
}

function handlerCalls(event, answer, body, guest) {
  // The door for all of a guest's pointers: what is not in memory is a trap.
  const at = (address, length) => {
    try {
      return guest.world.at(address, length >>> 0);
    } catch (error) {
      throw error instanceof WasiError ? trapEnd("out of bounds memory access") : error;
    }
  };
  const text = (address, length) => textOfBytes(at(address, length));
  const { headers } = event.request;
  let headBytes = 0;
  return {
    request_get(field, into, capacity) {
      const to = at(into, capacity);
      const value = fieldOf(event, field);
      return value === undefined ? kAbsent : giveText(value, to);
    },
    request_header(name, nameLength, into, capacity) {
      const wanted = text(name, nameLength);
      const to = at(into, capacity);
      const value = joinedHeader(headers, wanted);
      return value === undefined ? kAbsent : giveText(value, to);
    },
    request_header_count: () => headers.length,
    request_header_at(index, name, nameCapacity, value, valueCapacity, lengths) {
      if (index >>> 0 >= headers.length) return kAbsent;
      const nameTo = at(name, nameCapacity), valueTo = at(value, valueCapacity);
      const both = at(lengths, 8);
      const [headerName, headerValue] = headers[index >>> 0];
      giveText(headerName, nameTo);
      giveText(headerValue, valueTo);
      const view = new DataView(both.buffer, both.byteOffset, 8);
      view.setUint32(0, headerName.length, true);
      view.setUint32(4, headerValue.length, true);
      return 0;
    },
    request_body_size: () => (event.request.isLengthUnknown ? -1n : BigInt(event.request.body.length)),
    request_read(into, capacity) {
      return body.readInto(at(into, capacity).subarray(0, kMostRead));
    },
    response_status(status) {
      if (answer.isStarted) return kAlreadySent;
      if (status < 200 || status > 599) return kRefused;
      answer.status = status;
      return 0;
    },
    response_header(nameAt, nameLength, valueAt, valueLength) {
      const name = text(nameAt, nameLength), value = text(valueAt, valueLength);
      if (answer.isStarted) return kAlreadySent;
      if (!isHeaderName(name) || !isHeaderValue(value) || isHopByHop(name)) return kRefused;
      const bytes = name.length + value.length + 4;
      if (bytes > kMostHeadBytes - headBytes) return kRefused;
      headBytes += bytes;
      if (equalIgnoringCase(name, "content-length")) {
        const length = parseLength(value);
        if (length !== undefined) answer.length = length;
        return length === undefined ? kRefused : 0;
      }
      answer.headers.push([name, value]);
      return 0;
    },
    response_write(from, length) {
      if (answer.write(at(from, length)) === "all") return 0;
      if (answer.isOverLimit) throw stopEnd("wrote more than an answer may have");
      return kRefused;
    },
    response_flush() {
      answer.start();
      return 0;
    },
    log(level, from, length) {
      const line = at(from, length);
      guest.log(true, kLevels[Math.min(3, Math.max(0, level))]);
      guest.log(true, line);
      guest.log(true, kNewline);
    },
  };
}

// How an invocation of cgi or handler ended: the answer is complete, or there is none. An answer
// that was begun has a status whatever came of it.
export function endOfAnswer(how, answer, guest, limits, failureOfAbi) {
  guest.output.finish();
  guest.output.logLastLine();
  const failed = answer.isOverLimit
    ? failure("output limit", `the function was stopped because its answer is longer than ${limits.body} bytes`)
    : failureOfAbi() ?? failureOf(how, guest.output, limits);
  if (failed) {
    const begun = answer.isStarted ? { status: answer.status, headers: answer.headers, pieces: answer.pieces } : undefined;
    return { ...failed, status: answer.isStarted ? answer.status : 0, begun };
  }
  if (answer.finish()) return { kind: "success", status: answer.status, response: answer.response };
  return {
    ...failure("no result", "the function's answer is shorter than its Content-Length"),
    status: answer.status, begun: { status: answer.status, headers: answer.headers, pieces: answer.pieces },
  };
}

function failureOfHandler({ result }) {
  if (!result) return undefined;
  const code = result >>> 0;
  return { ...failure("exit", `the function failed with code ${code}`), exitCode: code };
}

export function makeHandler(exports, options) {
  const initialize = exports.entry("_initialize", "() -> ()");
  if (!exports.entry("wherry_handle", "() -> (i32)")) exports.lacksHandler();
  return {
    importTypes: kHandlerTypes,
    session(event, host) {
      const answer = new Answer(event.request, options.limits.body);
      const guest = new Guest({ options, environment: event.environment, host });
      return {
        guest,
        imports: handlerCalls(event, answer, new BytesInput(event.request.body), guest),
        run(instance) {
          if (initialize) instance.exports._initialize();
          return instance.exports.wherry_handle();
        },
        end: (how) => endOfAnswer(how, answer, guest, options.limits, () => failureOfHandler(how)),
      };
    },
  };
}
