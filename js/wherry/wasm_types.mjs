// What a module's sections say that WebAssembly.Module does not: the types of its imports and
// exports, and how large its memories are. And a module whose memories may not grow beyond a limit.
import { Refusal } from "./bytes.mjs";

const kMagic = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const kKinds = ["function", "table", "memory", "global", "tag"];
const kNumbers = { 0x7f: "i32", 0x7e: "i64", 0x7d: "f32", 0x7c: "f64", 0x7b: "v128", 0x70: "funcref", 0x6f: "externref",
  0x69: "exnref" };

class Cursor {
  constructor(bytes, at, end) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }
  byte() {
    if (this.at >= this.end) throw new Refusal("invalid", `the module is cut short at offset ${this.at}`);
    return this.bytes[this.at++];
  }
  // Of up to 64 bits, as far as a double is exact.
  number() {
    let value = 0, unit = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
      unit *= 128;
    }
    throw new Refusal("invalid", `a number at offset ${this.at} of the module is too long`);
  }
  name() {
    const length = this.number();
    const text = new TextDecoder().decode(this.bytes.subarray(this.at, this.at + length));
    this.at += length;
    return text;
  }
  valueType() {
    const code = this.byte();
    if (code === 0x63 || code === 0x64) {
      this.number();
      return "ref";
    }
    return kNumbers[code] ?? "ref";
  }
  limits() {
    const flags = this.byte();
    const limits = { flags, min: this.number() };
    if (flags & 1) limits.max = this.number();
    limits.pageLog2 = flags & 8 ? this.number() : 16;
    return limits;
  }
}

const listOf = (types) => `(${types.join(" ")})`;
export const typeText = (params, results) => `${listOf(params)} -> ${listOf(results)}`;

// "(i32 i64) -> (i32)" to its parts.
export function partsOfType(text) {
  const [params, results] = text.split(" -> ").map((list) => list.slice(1, -1).split(" ").filter(Boolean));
  return { params, results };
}

function functionTypes(cursor) {
  const types = [];
  for (let count = cursor.number(); count > 0; count--) {
    const form = cursor.byte();
    // Types of the garbage collection proposal: none of ours has them at its border.
    if (form !== 0x60) return types;
    const list = () => Array.from({ length: cursor.number() }, () => cursor.valueType());
    types.push(typeText(list(), list()));
  }
  return types;
}

function* sectionsOf(bytes) {
  if (kMagic.some((each, i) => bytes[i] !== each)) {
    throw new Refusal("invalid", "the file is no WebAssembly module");
  }
  const cursor = new Cursor(bytes, 8, bytes.length);
  while (cursor.at < bytes.length) {
    const start = cursor.at;
    const id = cursor.byte();
    const size = cursor.number();
    const from = cursor.at;
    if (size > bytes.length - from) throw new Refusal("invalid", `the module is cut short at offset ${start}`);
    yield { id, start, from, end: from + size, cursor: new Cursor(bytes, from, from + size) };
    cursor.at = from + size;
  }
}

function importOf(cursor, types) {
  const entry = { module: cursor.name(), name: cursor.name() };
  const kind = cursor.byte();
  entry.kind = kKinds[kind];
  if (kind === 0) entry.type = types[cursor.number()];
  else if (kind === 1) cursor.valueType(), cursor.limits();
  else if (kind === 2) entry.limits = cursor.limits();
  else if (kind === 3) cursor.valueType(), cursor.byte();
  else cursor.byte(), cursor.number();
  return entry;
}

// {exports, imports, memories} as in function.json's `package`.
export function describeModule(bytes) {
  let types = [];
  const imports = [], functions = [], exports = [], memories = [];
  for (const { id, cursor } of sectionsOf(bytes)) {
    if (id === 1) types = functionTypes(cursor);
    if (id === 2) {
      for (let n = cursor.number(); n > 0; n--) {
        const { limits, ...entry } = importOf(cursor, types);
        imports.push(entry);
        if (entry.kind === "function") functions.push(entry.type);
        if (limits) memories.push(limits.min);
      }
    }
    if (id === 3) for (let n = cursor.number(); n > 0; n--) functions.push(types[cursor.number()]);
    if (id === 5) for (let n = cursor.number(); n > 0; n--) memories.push(cursor.limits().min);
    if (id === 7) {
      for (let n = cursor.number(); n > 0; n--) {
        const entry = { name: cursor.name(), kind: kKinds[cursor.byte()] };
        const index = cursor.number();
        if (entry.kind === "function") entry.type = functions[index];
        exports.push(entry);
      }
    }
  }
  return { exports, imports, memories };
}

function encoded(value) {
  const bytes = [];
  do {
    const low = value % 128;
    value = Math.floor(value / 128);
    bytes.push(low | (value > 0 ? 0x80 : 0));
  } while (value > 0);
  return bytes;
}

// The same module with memories that cannot be larger than the limit: V8 knows no other way to have
// memory.grow fail. The same bytes if they are limited already.
export function limitMemory(bytes, limitBytes) {
  for (const { id, start, end, cursor } of sectionsOf(bytes)) {
    if (id !== 5) continue;
    const count = cursor.number();
    const body = encoded(count);
    let isChanged = false;
    for (let i = 0; i < count; i++) {
      const { flags, min, max, pageLog2 } = cursor.limits();
      const most = Math.max(min, Math.floor(limitBytes / 2 ** pageLog2));
      isChanged ||= max === undefined || max > most;
      body.push(flags | 1, ...encoded(min), ...encoded(Math.min(max ?? most, most)));
      if (flags & 8) body.push(...encoded(pageLog2));
    }
    if (!isChanged) return bytes;
    const section = [5, ...encoded(body.length), ...body];
    const limited = new Uint8Array(start + section.length + bytes.length - end);
    limited.set(bytes.subarray(0, start));
    limited.set(section, start);
    limited.set(bytes.subarray(end), start + section.length);
    return limited;
  }
  return bytes;
}
