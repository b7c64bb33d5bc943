// Texts as the C++ host has them: bytes. A *byte text* here is a JavaScript string with one
// character (0 to 255) for each byte, so that comparing and cutting count bytes. Names, headers,
// messages and JSON are byte texts; bodies are Uint8Array.

const kPiece = 8192;

export function textOfBytes(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; i += kPiece) {
    text += String.fromCharCode.apply(null, bytes.subarray(i, i + kPiece));
  }
  return text;
}

export function bytesOfText(text) {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

const encoder = new TextEncoder();

// A JavaScript string as the byte text of its UTF-8; a lone surrogate is U+FFFD.
export function utf8Text(string) {
  for (let i = 0; i < string.length; i++) {
    if (string.charCodeAt(i) >= 0x80) return textOfBytes(encoder.encode(string));
  }
  return string;
}

// The JavaScript string of a byte text in UTF-8; what is none is U+FFFD.
export function stringOfText(text) {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) >= 0x80) return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytesOfText(text));
  }
  return text;
}

export const lower = (text) => text.replace(/[A-Z]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 32));
export const upper = (text) => text.replace(/[a-z]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 32));
export const equalIgnoringCase = (a, b) => a.length === b.length && lower(a) === lower(b);

// The length of the well-formed UTF-8 sequence at `i`, or 0.
function sequenceLength(text, i, end) {
  const first = text.charCodeAt(i);
  if (first < 0x80) return 1;
  const length = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3
    : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  if (length === 0 || length > end - i) return 0;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  const second = text.charCodeAt(i + 1);
  if (second < low || second > high) return 0;
  for (let k = 2; k < length; k++) {
    if ((text.charCodeAt(i + k) & 0xc0) !== 0x80) return 0;
  }
  return length;
}

export function isUtf8(text) {
  for (let i = 0; i < text.length;) {
    const length = sequenceLength(text, i, text.length);
    if (length === 0) return false;
    i += length;
  }
  return true;
}

// Each byte that is not part of well-formed UTF-8 becomes U+FFFD.
export function toUtf8(text) {
  if (isUtf8(text)) return text;
  let out = "";
  for (let i = 0; i < text.length;) {
    const length = sequenceLength(text, i, text.length);
    out += length === 0 ? "\xef\xbf\xbd" : text.slice(i, i + length);
    i += Math.max(1, length);
  }
  return out;
}

const kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const kValues = new Int8Array(256).fill(-1);
for (let i = 0; i < 64; i++) kValues[kAlphabet.charCodeAt(i)] = i;

export function encodeBase64(bytes) {
  let out = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const have = Math.min(3, bytes.length - i);
    const group = (bytes[i] << 16) | (have > 1 ? bytes[i + 1] << 8 : 0) | (have > 2 ? bytes[i + 2] : 0);
    out += kAlphabet[group >> 18] + kAlphabet[(group >> 12) & 63] +
      (have > 1 ? kAlphabet[(group >> 6) & 63] : "=") + (have > 2 ? kAlphabet[group & 63] : "=");
  }
  return out;
}

// What the event, the guest or the platform did wrong. `kind` is "invalid", "limit", "notFound",
// "unsupported" or "guest"; the message is a byte text.
export class Refusal extends Error {
  constructor(kind, text, hint = "") {
    super(stringOfText(text));
    this.kind = kind;
    this.text = text;
    this.hint = hint;
  }
  within(outer) {
    return new Refusal(this.kind, `${outer}: ${this.text}`, this.hint);
  }
}

// Runs `work`; a Refusal says where it was.
export function inContext(outer, work) {
  try {
    return work();
  } catch (error) {
    throw error instanceof Refusal ? error.within(outer) : error;
  }
}

export function decodeBase64(text, limit = Number.MAX_SAFE_INTEGER) {
  if (text.length % 4 !== 0) {
    throw new Refusal("invalid", `base64 text of ${text.length} characters: the length must be a multiple of 4`);
  }
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const size = (text.length / 4) * 3 - padding;
  if (size > limit) {
    throw new Refusal("limit", `base64 text holds ${size} bytes, more than the limit of ${limit}`);
  }
  const out = new Uint8Array(Math.max(0, size));
  const digits = text.length - padding;
  let group = 0, at = 0;
  for (let i = 0; i < digits; i++) {
    const value = kValues[text.charCodeAt(i)];
    if (value < 0) {
      const byte = text.charCodeAt(i).toString(16).padStart(2, "0");
      throw new Refusal("invalid", `byte 0x${byte} at offset ${i} is not a base64 character`);
    }
    group = ((group << 6) | value) & 0xffffff;
    if (i % 4 !== 0) out[at++] = group >> (6 - 2 * (i % 4));
  }
  if ((padding === 2 ? group & 15 : padding === 1 ? group & 3 : 0) !== 0) {
    throw new Refusal("invalid", "base64 text ends in bits that belong to no byte");
  }
  return out;
}

function editDistance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j), above = [], over = [];
  for (let i = 1; i <= a.length; i++) {
    [over, above, row] = [above, row, [i]];
    for (let j = 1; j <= b.length; j++) {
      row[j] = Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] !== b[j - 1] ? 1 : 0));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j], over[j - 2] + 1);
      }
    }
  }
  return row[b.length];
}

// The candidate that was probably meant, or nothing.
export function nearestOf(word, candidates) {
  const kLongest = 64;
  if (word.length > kLongest) return undefined;
  let nearest, smallest = 0;
  for (const candidate of candidates) {
    if (candidate.length > kLongest) continue;
    const length = Math.max(word.length, candidate.length);
    const distance = editDistance(word, candidate);
    if (distance > Math.floor((length + 2) / 3) || distance >= length) continue;
    if (nearest !== undefined && distance >= smallest) continue;
    nearest = candidate;
    smallest = distance;
  }
  return nearest;
}
