// JSON to the arguments of an exported function, and its results to JSON. As
// src/function/export_arguments.cc and export_results.cc; memory is that of the guest.
import { Refusal, bytesOfText, decodeBase64, encodeBase64, inContext, isUtf8, nearestOf, textOfBytes }
  from "./bytes.mjs";
import { Float, isNumber, isObject, parseJson, quoted, quotedText, sortedKeys, writeJson } from "./json.mjs";
import { textOfF32, textOfF64 } from "./numbers.mjs";

const kExactInDouble = 2n ** 53n;
const kRanges = {
  i32: [-(2n ** 31n), 2n ** 31n - 1n], u32: [0n, 2n ** 32n - 1n],
  i64: [-(2n ** 63n), 2n ** 63n - 1n], u64: [0n, 2n ** 64n - 1n],
};
// Pointer and length. Allocators that are not asked for an alignment may give any address.
const kResultPlaceBytes = 11;
const kMostTextBytes = 0xfffffffe;

function describe(value) {
  if (Array.isArray(value)) return "an array";
  if (isObject(value)) return "an object";
  return typeof value === "string" ? quotedText(value) : writeJson(value);
}

const nameOfParameter = (lowering, index) => lowering.parameters[index].name || String(index);

function wrong(name, wanted, value) {
  throw new Refusal("invalid", `parameter ${quotedText(name)} must be ${wanted}, not ${describe(value)}`);
}

function wholeNumber(value) {
  if (typeof value === "bigint") return value;
  if (!(value instanceof Float)) return undefined;
  // Such as 1.0 or 1e3; beyond 2^53 who knows what it was.
  if (!Number.isInteger(value.value) || Math.abs(value.value) > Number(kExactInDouble)) return undefined;
  return BigInt(value.value);
}

function wholeArgument(name, type, value) {
  const [least, most] = kRanges[type];
  const is64 = type === "i64" || type === "u64";
  let number = wholeNumber(value);
  if (is64 && typeof value === "string" && (type === "i64" ? /^-?[0-9]+$/ : /^[0-9]+$/).test(value)) {
    number = BigInt(value);
  }
  if (number !== undefined && number >= least && number <= most) {
    return is64 ? BigInt.asIntN(64, number) : Number(number) | 0;
  }
  return wrong(name, `${type[0] === "i" ? "an" : "a"} ${type}: a whole number from ${least} to ${most}${
    is64 ? ", as a string if it is beyond 2^53" : ""}`, value);
}

function floatArgument(name, type, value) {
  if (isNumber(value)) {
    const number = value instanceof Float ? value.value : Number(value);
    if (type === "f64" || Number.isFinite(Math.fround(number))) return number;
    return wrong(name, "a number within the range of f32", value);
  }
  if (value === "NaN") return NaN;
  if (value === "Infinity") return Infinity;
  if (value === "-Infinity") return -Infinity;
  return wrong(name, 'a number, "NaN", "Infinity" or "-Infinity"', value);
}

function textArgument(name, value, isCString) {
  if (typeof value !== "string") return wrong(name, "a string", value);
  if (isCString && value.includes("\0")) {
    return wrong(name, "a string without a zero character, as the function takes C's strings", value);
  }
  return bytesOfText(value);
}

function argumentOf(name, type, value, takesCStrings) {
  switch (type) {
    case "f32":
    case "f64": return floatArgument(name, type, value);
    case "bool": return typeof value === "boolean" ? Number(value) : wrong(name, "true or false", value);
    case "string": return textArgument(name, value, takesCStrings);
    case "bytes":
      if (typeof value !== "string") return wrong(name, "a base64 string", value);
      return inContext(`parameter ${quotedText(name)}`, () => decodeBase64(value, kMostTextBytes));
    default: return wholeArgument(name, type, value);
  }
}

const listOfParameters = (lowering) =>
  lowering.parameters.map(({ type }, i) => `${nameOfParameter(lowering, i)}: ${type}`).join(", ");

function byPosition(array, lowering) {
  const count = lowering.parameters.length;
  if (array.length !== count) {
    throw new Refusal("invalid", `${quotedText(lowering.function)} takes ${count} parameter${count === 1 ? "" : "s"}${
      count === 0 ? "" : ` (${listOfParameters(lowering)})`}, and was given ${array.length}`);
  }
  return array;
}

function byName(object, lowering) {
  const names = lowering.parameters.map((_, i) => nameOfParameter(lowering, i));
  for (const name of sortedKeys(object)) {
    if (names.includes(name)) continue;
    const nearest = nearestOf(name, names);
    const rest = names.length === 0 ? ", it takes none" : nearest !== undefined ? `; did you mean "${nearest}"?`
      : `, it takes ${listOfParameters(lowering)}`;
    throw new Refusal("invalid", `${quotedText(lowering.function)} has no parameter ${quotedText(name)}${rest}`);
  }
  return names.map((name) => {
    if (object.has(name)) return object.get(name);
    throw new Refusal("invalid",
      `parameter ${quotedText(name)} is missing: ${quotedText(lowering.function)} takes ${listOfParameters(lowering)}`);
  });
}

// Numbers, and Uint8Array for what is to lie in memory. Refusals are the caller's fault.
export function readArguments(parameters, lowering) {
  const given = parseJson(parameters);
  if (!Array.isArray(given) && !isObject(given)) {
    throw new Refusal("invalid",
      `parameters must be a JSON object, by name, or an array, by position; not ${describe(given)}`);
  }
  const values = Array.isArray(given) ? byPosition(given, lowering) : byName(given, lowering);
  return values.map((value, i) =>
    argumentOf(nameOfParameter(lowering, i), lowering.parameters[i].type, value, lowering.takesCStrings));
}

const hex = (number) => `0x${number.toString(16)}`;

// Has the guest allocate room for one text. Refusals are the guest's fault.
function allocated(allocate, memory, count) {
  const pointer = allocate(count) >>> 0;
  if (pointer === 0) throw new Refusal("guest", `the function's allocator has no ${count} bytes`);
  if (pointer + count > memory.buffer.byteLength) {
    throw new Refusal("guest",
      `the function's allocator gave ${count} bytes at ${hex(pointer)}, which are not in memory`);
  }
  return pointer;
}

// {values, resultPointer}: WebAssembly's values of the arguments, whose texts are now in memory.
export function placeArguments(args, lowering, allocate, memory) {
  const values = [];
  let resultPointer = 0;
  if (lowering.givesThroughPointer) {
    const pointer = allocated(allocate, memory, kResultPlaceBytes);
    new Uint8Array(memory.buffer, pointer, kResultPlaceBytes).fill(0);
    resultPointer = Math.ceil(pointer / 4) * 4;
    values.push(resultPointer | 0);
  }
  args.forEach((argument, i) => {
    if (!(argument instanceof Uint8Array)) {
      values.push(argument);
      return;
    }
    const isCString = lowering.takesCStrings && lowering.parameters[i].type === "string";
    // Allocators may give no address for no bytes.
    const count = Math.max(1, argument.length + (isCString ? 1 : 0));
    const pointer = allocated(allocate, memory, count);
    const into = new Uint8Array(memory.buffer, pointer, count);
    into.set(argument);
    if (isCString) into[argument.length] = 0;
    values.push(pointer | 0);
    if (!isCString) values.push(argument.length);
  });
  return { values, resultPointer };
}

function wholeText(number) {
  return number <= kExactInDouble && number >= -kExactInDouble ? number.toString() : `"${number}"`;
}

class ResultReader {
  constructor(values, lowering, memory, limit) {
    this.values = values;
    this.at = 0;
    this.lowering = lowering;
    this.memory = memory;
    this.limit = limit;
  }

  read(resultPointer) {
    const { results, givesThroughPointer } = this.lowering;
    if (givesThroughPointer) {
      if (resultPointer + 8 > this.size()) this.outside(resultPointer, 8);
      const view = new DataView(this.memory.buffer);
      this.values = [view.getInt32(resultPointer, true), view.getInt32(resultPointer + 4, true)];
    }
    let text = '{"result":';
    if (results.length === 0) text += "null";
    if (results.length > 1) text += "[";
    results.forEach((type, i) => {
      if (i > 0) text += ",";
      text += this.value(type);
      if (text.length > this.limit) this.tooLong(text.length);
    });
    text += results.length > 1 ? "]}" : "}";
    if (text.length > this.limit) this.tooLong(text.length);
    return text;
  }

  next() {
    return this.values[this.at++];
  }
  size() {
    return this.memory ? this.memory.buffer.byteLength : 0;
  }

  value(type) {
    switch (type) {
      case "i32": return String(this.next() | 0);
      case "u32": return String(this.next() >>> 0);
      case "i64": return wholeText(BigInt.asIntN(64, this.next()));
      case "u64": return wholeText(BigInt.asUintN(64, this.next()));
      case "f32": return textOfF32(this.next());
      case "f64": return textOfF64(this.next());
      case "bool": return this.next() === 0 ? "false" : "true";
      case "string": return this.string();
      default: return `"${encodeBase64(this.bytes())}"`;
    }
  }

  string() {
    let bytes;
    if (this.lowering.givesCStrings) {
      const pointer = this.next() >>> 0;
      if (pointer === 0) return "null";
      bytes = this.cString(pointer);
    } else {
      bytes = this.bytes();
    }
    const text = textOfBytes(bytes);
    if (!isUtf8(text)) {
      throw new Refusal("guest",
        "the function's result of type string is not UTF-8; use bytes for what is no text");
    }
    return quoted(text);
  }

  bytes() {
    const pointer = this.next() >>> 0, length = this.next() >>> 0;
    if (length === 0) return new Uint8Array(0);
    if (length > this.limit) this.tooLong(length);
    if (pointer + length > this.size()) this.outside(pointer, length);
    return new Uint8Array(this.memory.buffer, pointer, length);
  }

  cString(pointer) {
    if (pointer >= this.size()) this.outside(pointer, 1);
    const most = Math.min(this.size() - pointer, this.limit + 1);
    const bytes = new Uint8Array(this.memory.buffer, pointer, most);
    const end = bytes.indexOf(0);
    if (end >= 0) return bytes.subarray(0, end);
    if (most > this.limit) this.tooLong(most);
    throw new Refusal("guest", `the function's result at ${hex(pointer)} is not ended by a zero byte`);
  }

  outside(pointer, bytes) {
    throw new Refusal("guest",
      `the function's result of ${bytes} bytes at ${hex(pointer)} is not in its memory of ${this.size()} bytes`);
  }
  tooLong(bytes) {
    throw new Refusal("limit", `the function's result has ${bytes} bytes or more, and its limit is ${this.limit}`);
  }
}

export function readResults(values, resultPointer, lowering, memory, limit) {
  return new ResultReader(values, lowering, memory, limit).read(resultPointer);
}
