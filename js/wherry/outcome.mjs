// How the ends of a call become an outcome. As src/function/outcome.cc.
import { Refusal, toUtf8 } from "./bytes.mjs";
import { isStructured, parseJson } from "./json.mjs";

// A guest that ended in another way than by returning: {trap}, {exit}, {interrupted}.
export class GuestEnd extends Error {
  constructor(how) {
    super("the guest has ended");
    this.how = how;
  }
}
export const trapEnd = (message) => new GuestEnd({ trap: message });
export const exitEnd = (code) => new GuestEnd({ exit: code });
// A host function refused; the text says why.
export const stopEnd = (why) => trapEnd(`host function failed: ${why}`);
export const interruptedEnd = () => new GuestEnd({ interrupted: true });

export const failure = (kind, message) => ({ kind, message });

// V8's texts, and ours for the same. Where V8 has one text for two traps it is that of the trap
// which programs meet.
const kTraps = [
  [/^unreachable/, "unreachable"],
  [/^memory access out of bounds/, "out of bounds memory access"],
  [/^data segment.*out of bounds/, "out of bounds memory access"],
  [/^(divide|remainder) by zero/, "integer divide by zero"],
  [/^divide result unrepresentable/, "integer overflow"],
  [/^float unrepresentable in integer range/, "integer overflow"],
  [/^table index is out of bounds/, "undefined element"],
  [/^(table access out of bounds|table or element segment.*out of bounds|element segment.*out of bounds)/,
    "out of bounds table access"],
  [/^null function/, "uninitialized element"],
  [/signature mismatch/, "indirect call type mismatch"],
  [/^dereferencing a null pointer/, "null reference"],
  [/^operation does not support unaligned accesses/, "unaligned atomic"],
  [/^Maximum call stack size exceeded/, "call stack exhausted"],
  [/^Atomics\.wait cannot be called/, "expected shared memory"],
];

// How a call ended that threw; undefined if that was not the guest's doing.
export function endOfError(error) {
  if (error instanceof GuestEnd) return error.how;
  const isTrap = error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
  if (isTrap) {
    const known = kTraps.find(([pattern]) => pattern.test(error.message));
    if (known) return { trap: known[1], stack: error.stack };
    if (error instanceof WebAssembly.RuntimeError) return { trap: error.message, stack: error.stack };
  }
  if (typeof WebAssembly.Exception === "function" && error instanceof WebAssembly.Exception) {
    return { trap: "uncaught exception" };
  }
  return undefined;
}

// What is a failure whatever the ABI; undefined if the guest returned, or exited with 0.
export function failureOf(end, output, limits) {
  if (output.isOverLimit) {
    return failure("output limit", `the function was stopped because it wrote more than ${limits.output} bytes`);
  }
  if (end.interrupted) {
    if (end.cpuLimit) {
      return failure("cpu limit", `the function was stopped at its limit of ${limits.cpuTime} ms of processor time`);
    }
    return failure("timeout", end.deadlineWasEarlier ? "the function was stopped at the deadline of its event"
      : `the function was stopped at its time limit of ${limits.time} ms`);
  }
  if (end.trap !== undefined) return { ...failure("trap", `the function trapped: ${end.trap}`), stack: end.stack };
  if (end.exit) {
    return { ...failure("exit", `the function exited with code ${end.exit}`), exitCode: end.exit };
  }
  return undefined;
}

const kQuotedBytes = 80;
function quote(text) {
  const quoted = toUtf8(text.slice(0, kQuotedBytes));
  return text.length > kQuotedBytes ? `${quoted}\xe2\x80\xa6` : quoted;
}

function outcomeOfOutput(output, limits) {
  const line = output.candidate;
  if (!line) {
    return failure("no result", "the function printed nothing; its last line must be a JSON object or array");
  }
  if (line.cut) {
    return failure("output limit",
      `the function's last line is longer than the result limit of ${limits.result} bytes`);
  }
  let why = "";
  try {
    if (isStructured(parseJson(line.text))) return { kind: "success", result: line.text };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    why = ` (${error.text})`;
  }
  return failure("no result",
    `the function printed no JSON object or array as its last line; it printed "${quote(line.text)}"${why}`);
}

// Of a command.
export function outcomeOf(end, output, limits) {
  output.finish();
  const outcome = failureOf(end, output, limits) ?? outcomeOfOutput(output, limits);
  if (outcome.kind !== "success") output.logLastLine();
  return outcome;
}
