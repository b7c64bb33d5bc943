// JSON texts as the C++ host reads and writes them: objects have their keys in the order of their
// bytes, whole numbers keep their digits, others are printed as it prints them, and an error names
// the byte. Texts are byte texts (bytes.mjs).
//
// Values: null, booleans, byte texts, arrays, Map for objects, BigInt for whole numbers, and Float
// for others, so that 1.0 stays 1.0.
import { Refusal, isUtf8 } from "./bytes.mjs";
import { jsonTextOfFloat } from "./numbers.mjs";

const kMaxDepth = 512;

export class Float {
  constructor(value) {
    this.value = value;
  }
}

export const isNumber = (value) => typeof value === "bigint" || value instanceof Float;
export const isObject = (value) => value instanceof Map;
export const isStructured = (value) => isObject(value) || Array.isArray(value);

function nestingDepth(text) {
  let depth = 0, deepest = 0, inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (inString) {
      if (c === 0x5c) i++;
      else if (c === 0x22) inString = false;
    } else if (c === 0x22) {
      inString = true;
    } else if (c === 0x5b || c === 0x7b) {
      if (++depth > deepest) deepest = depth;
    } else if (c === 0x5d || c === 0x7d) {
      depth--;
    }
  }
  return deepest;
}

const kEscapes = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const kRanges = (first) =>
  first >= 0xc2 && first <= 0xdf ? [[0x80, 0xbf]]
    : first === 0xe0 ? [[0xa0, 0xbf], [0x80, 0xbf]]
    : first === 0xed ? [[0x80, 0x9f], [0x80, 0xbf]]
    : first >= 0xe1 && first <= 0xef ? [[0x80, 0xbf], [0x80, 0xbf]]
    : first === 0xf0 ? [[0x90, 0xbf], [0x80, 0xbf], [0x80, 0xbf]]
    : first >= 0xf1 && first <= 0xf3 ? [[0x80, 0xbf], [0x80, 0xbf], [0x80, 0xbf]]
    : first === 0xf4 ? [[0x80, 0x8f], [0x80, 0xbf], [0x80, 0xbf]] : null;

function utf8OfCodePoint(point) {
  if (point < 0x80) return String.fromCharCode(point);
  if (point < 0x800) return String.fromCharCode(0xc0 | (point >> 6), 0x80 | (point & 63));
  if (point < 0x10000) {
    return String.fromCharCode(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
  }
  return String.fromCharCode(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63),
    0x80 | (point & 63));
}

// `at_` is what was read, the end counted as one byte: that is the byte of an error.
class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  fail() {
    throw new Refusal("invalid", `not JSON: syntax error at byte ${this.at}`);
  }

  // The next byte, or -1 at the end.
  get() {
    const at = this.at++;
    return at < this.text.length ? this.text.charCodeAt(at) : -1;
  }

  skipSpace() {
    let c;
    do c = this.get(); while (c === 0x20 || c === 0x09 || c === 0x0a || c === 0x0d);
    return c;
  }

  document() {
    if (this.text.charCodeAt(0) === 0xef) {
      this.get();
      if (this.get() !== 0xbb || this.get() !== 0xbf) this.fail();
    }
    const value = this.value(this.skipSpace());
    const more = this.skipSpace();
    if (more !== -1) this.unexpected(more);
    return value;
  }

  // Reads a token to its end, whose place is that of the error if it may not be there.
  token(c) {
    if (c === 0x22) this.string();
    else if (c === 0x2d || (c >= 0x30 && c <= 0x39)) this.numberText(c);
    else if (c === 0x74) this.literal("true");
    else if (c === 0x66) this.literal("false");
    else if (c === 0x6e) this.literal("null");
  }

  literal(word, value) {
    for (let i = 1; i < word.length; i++) {
      if (this.get() !== word.charCodeAt(i)) this.fail();
    }
    return value;
  }

  value(c) {
    switch (c) {
      case 0x7b: return this.object();
      case 0x5b: return this.array();
      case 0x22: return this.string();
      case 0x74: return this.literal("true", true);
      case 0x66: return this.literal("false", false);
      case 0x6e: return this.literal("null", null);
      default:
        if (c === 0x2d || (c >= 0x30 && c <= 0x39)) return this.number(c);
        return this.fail();
    }
  }

  object() {
    const object = new Map();
    let c = this.skipSpace();
    if (c === 0x7d) return object;
    while (true) {
      if (c !== 0x22) this.unexpected(c);
      const key = this.string();
      c = this.skipSpace();
      if (c !== 0x3a) this.unexpected(c);
      object.set(key, this.value(this.skipSpace()));
      c = this.skipSpace();
      if (c === 0x7d) return object;
      if (c !== 0x2c) this.unexpected(c);
      c = this.skipSpace();
    }
  }

  array() {
    const array = [];
    let c = this.skipSpace();
    if (c === 0x5d) return array;
    while (true) {
      array.push(this.value(c));
      c = this.skipSpace();
      if (c === 0x5d) return array;
      if (c !== 0x2c) this.unexpected(c);
      c = this.skipSpace();
    }
  }

  unexpected(c) {
    this.token(c);
    this.fail();
  }

  string() {
    // Most texts have no escapes: take all up to the quote at once.
    const start = this.at;
    const text = this.text;
    let i = start;
    for (; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c === 0x22) {
        this.at = i + 1;
        return text.slice(start, i);
      }
      if (c === 0x5c || c < 0x20 || c >= 0x80) break;
    }
    this.at = i;
    return this.longString(text.slice(start, i));
  }

  longString(begin) {
    const parts = [begin];
    let from = this.at;
    while (true) {
      const c = this.get();
      if (c === 0x22) {
        parts.push(this.text.slice(from, this.at - 1));
        return parts.join("");
      }
      if (c === 0x5c) {
        parts.push(this.text.slice(from, this.at - 1), this.escape());
        from = this.at;
      } else if (c < 0x20) {
        this.fail();
      } else if (c >= 0x80) {
        const ranges = kRanges(c);
        if (!ranges) this.fail();
        for (const [low, high] of ranges) {
          const next = this.get();
          if (next < low || next > high) this.fail();
        }
      }
    }
  }

  escape() {
    const c = this.get();
    if (c !== 0x75) return kEscapes[String.fromCharCode(c)] ?? this.fail();
    const first = this.hex();
    if (first >= 0xdc00 && first <= 0xdfff) this.fail();
    if (first < 0xd800 || first > 0xdbff) return utf8OfCodePoint(first);
    if (this.get() !== 0x5c || this.get() !== 0x75) this.fail();
    const second = this.hex();
    if (second < 0xdc00 || second > 0xdfff) this.fail();
    return utf8OfCodePoint(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00));
  }

  hex() {
    let point = 0;
    for (let i = 0; i < 4; i++) {
      const c = this.get();
      const digit = c >= 0x30 && c <= 0x39 ? c - 0x30 : (c | 32) >= 0x61 && (c | 32) <= 0x66 ? (c | 32) - 0x57 : -1;
      if (digit < 0) this.fail();
      point = point * 16 + digit;
    }
    return point;
  }

  digits(c) {
    while (c >= 0x30 && c <= 0x39) c = this.get();
    return c;
  }

  // {digits, isWhole}; whether it is a number that there can be, number() says.
  numberText(c) {
    const start = this.at - 1;
    const isDigit = (each) => each >= 0x30 && each <= 0x39;
    let isWhole = true;
    if (c === 0x2d) {
      c = this.get();
      if (!isDigit(c)) this.fail();
    }
    c = c === 0x30 ? this.get() : this.digits(c);
    if (c === 0x2e) {
      isWhole = false;
      c = this.get();
      if (!isDigit(c)) this.fail();
      c = this.digits(c);
    }
    if (c === 0x65 || c === 0x45) {
      isWhole = false;
      c = this.get();
      if (c === 0x2b || c === 0x2d) c = this.get();
      if (!isDigit(c)) this.fail();
      this.digits(c);
    }
    this.at--;  // what is behind the number
    return { digits: this.text.slice(start, this.at), isWhole };
  }

  number(c) {
    const { digits, isWhole } = this.numberText(c);
    if (isWhole && digits.length <= 20) {
      const whole = BigInt(digits);
      // "-0" is the integer 0.
      if (whole >= -(1n << 63n) && whole < 1n << 64n) return whole;
    }
    const number = Number(digits);
    if (!Number.isFinite(number)) {
      throw new Refusal("invalid",
        `not JSON: [json.exception.out_of_range.406] number overflow parsing '${digits}'`);
    }
    return new Float(number);
  }
}

export function parseJson(text) {
  const depth = nestingDepth(text);
  if (depth > kMaxDepth) throw new Refusal("limit", `JSON nested ${depth} deep, more than ${kMaxDepth}`);
  return new Reader(text).document();
}

const kNamed = { 8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\" };

// Ill-formed UTF-8 becomes U+FFFD: one for each maximal part of a sequence.
function replaceIllFormed(text) {
  let out = "";
  for (let i = 0; i < text.length;) {
    const first = text.charCodeAt(i);
    if (first < 0x80) {
      out += text[i++];
      continue;
    }
    const ranges = kRanges(first);
    let length = 1, isWhole = ranges !== null;
    for (const [low, high] of ranges ?? []) {
      const next = i + length < text.length ? text.charCodeAt(i + length) : -1;
      if (next < low || next > high) {
        isWhole = false;
        break;
      }
      length++;
    }
    out += isWhole ? text.slice(i, i + length) : "\xef\xbf\xbd";
    i += length;
  }
  return out;
}

export function quoted(text) {
  const whole = isUtf8(text) ? text : replaceIllFormed(text);
  // eslint-disable-next-line no-control-regex
  return `"${whole.replace(/[\x00-\x1f"\\]/g, (c) => {
    const code = c.charCodeAt(0);
    return kNamed[code] ?? `\\u${code.toString(16).padStart(4, "0")}`;
  })}"`;
}

export const sortedKeys = (object) => [...object.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));

export function writeJson(value) {
  if (value === null) return "null";
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value === "string") return quoted(value);
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Float) return jsonTextOfFloat(value.value);
  if (Array.isArray(value)) return `[${value.map(writeJson).join(",")}]`;
  return `{${sortedKeys(value).map((key) => `${quoted(key)}:${writeJson(value.get(key))}`).join(",")}}`;
}

// For messages: cut if it is long.
export function quotedText(text) {
  const kLongest = 60;
  if (text.length <= kLongest) return quoted(text);
  let end = kLongest;
  while (end > 0 && (text.charCodeAt(end) & 0xc0) === 0x80) end--;
  return quoted(`${text.slice(0, end)}\xe2\x80\xa6`);
}
