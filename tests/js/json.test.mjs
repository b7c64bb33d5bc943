// JSON and numbers against the C++ host: random numbers, texts that are nearly JSON. The seed is
// said with a failure; SEED repeats it.
import assert from "node:assert/strict";
import test from "node:test";
import { bytesOfText, textOfBytes, utf8Text } from "../../js/wherry/bytes.mjs";
import { parametersOf } from "../../js/wherry/http_event.mjs";
import { parseJson, writeJson } from "../../js/wherry/json.mjs";
import { jsonTextOfFloat, textOfF32, textOfF64 } from "../../js/wherry/numbers.mjs";
import { guest, scratch, startWherry } from "./support.mjs";

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
let state = seed;
// Mulberry32.
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return (t ^ (t >>> 14)) >>> 0;
}
const below = (n) => random() % n;

const view = new DataView(new ArrayBuffer(8));
function randomDouble() {
  while (true) {
    view.setUint32(0, random());
    view.setUint32(4, random());
    const number = view.getFloat64(0);
    if (Number.isFinite(number)) return number;
  }
}
function randomFloat() {
  while (true) {
    view.setUint32(0, random());
    // Powers of two have the interval that is not even.
    if (below(8) === 0) view.setUint32(0, view.getUint32(0) & 0xff800000);
    const number = view.getFloat32(0);
    if (Number.isFinite(number)) return number;
  }
}
// Of all sizes, and such as people write.
function randomNumber() {
  switch (below(4)) {
    case 0: return randomDouble();
    case 1: return (below(2 ** 31) - 2 ** 30) / 10 ** below(12);
    case 2: return 2 ** (below(2046) - 1022);
    default: return Number(`${below(100000)}e${below(60) - 30}`);
  }
}

async function post(port, body, path = "/") {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", body });
  return { status: response.status, text: textOfBytes(new Uint8Array(await response.arrayBuffer())) };
}

test(`numbers in JSON are passed on as the C++ host writes them (seed ${seed})`, async (t) => {
  const { port } = await startWherry(t, scratch(t), guest("echo"));
  for (let round = 0; round < 20; round++) {
    const text = `[${Array.from({ length: 2000 }, () => randomNumber().toExponential()).join(",")}]`;
    const { text: wanted } = await post(port, text);
    const actual = writeJson(parseJson(text));
    if (actual === wanted) continue;
    const given = JSON.parse(text), a = actual.slice(1, -1).split(","), w = wanted.slice(1, -1).split(",");
    const i = a.findIndex((each, k) => each !== w[k]);
    assert.equal(a[i], w[i], `of ${given[i]}, seed ${seed}`);
  }
});

test(`results are printed as the C++ host prints them (seed ${seed})`, async (t) => {
  const { port } = await startWherry(t, scratch(t), guest("exports_text"), { signature: "raw" });
  for (let round = 0; round < 1500; round++) {
    const f32 = randomFloat(), f64 = randomNumber();
    const { text } = await post(port, `[0,0,${jsonTextOfFloat(f32)},${jsonTextOfFloat(f64)}]`);
    assert.equal(`{"result":[0,0,${textOfF32(f32)},${textOfF64(f64)}]}`, text, `of ${f32}, ${f64}, seed ${seed}`);
  }
});

const kSeeds = ['{"a":1,"b":[true,false,null],"c":{"d":"e\\u00e9\\n"}}', '[1.5,-0,1e10,12345678901234567890,"\u2744"]',
  '{"":"","a":{"b":{"c":[[],{}]}}}', '["\\ud83d\\ude00"," \\"\\\\\\/"]', ' \t{ "x" : -1.0e-5 } \r\n'];
const kPieces = ['"', "\\", "{", "}", "[", "]", ",", ":", "1", "-", ".", "e", "+", "0", "t", "n", "u", " ", "\0", "\x1f",
  "\x7f", "\x80", "\xc3", "\xe2", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "\\u", "d800", "true", "nul", "\xef\xbb\xbf"];

function mutated() {
  let text = utf8Text(kSeeds[below(kSeeds.length)]);
  for (let n = 1 + below(3); n > 0; n--) {
    const at = below(text.length + 1);
    const piece = below(3) === 0 ? "" : kPieces[below(kPieces.length)];
    text = text.slice(0, at) + piece + text.slice(at + below(3));
  }
  return text;
}

function answerTo(text) {
  try {
    const body = parametersOf({ method: "POST", target: "/", headers: [], body: bytesOfText(text) });
    return { status: 200, text: body };
  } catch (error) {
    return { status: 400, text: `{"error":${JSON.stringify(error.text)}}` };
  }
}

test(`texts that are nearly JSON have the same errors (seed ${seed})`, async (t) => {
  const { port } = await startWherry(t, scratch(t), guest("echo"));
  for (let round = 0; round < 3000; round++) {
    const text = mutated();
    const response = await fetch(`http://127.0.0.1:${port}/`,
      { method: "POST", body: bytesOfText(text), headers: { "Content-Type": "application/json" } });
    const wanted = { status: response.status, text: textOfBytes(new Uint8Array(await response.arrayBuffer())) };
    assert.deepEqual(answerTo(text), wanted, `${JSON.stringify(text)}, seed ${seed}`);
  }
});

test("numbers as JSON has them", () => {
  const kTexts = [[0, "0.0"], [-0, "-0.0"], [1, "1.0"], [0.1, "0.1"], [1e15, "1e+15"], [123456789012345, "123456789012345.0"],
    [1e-4, "0.0001"], [1e-5, "1e-05"], [5e-324, "5e-324"], [1.7976931348623157e308, "1.7976931348623157e+308"]];
  for (const [number, text] of kTexts) assert.equal(jsonTextOfFloat(number), text);
});

test("results that are numbers", () => {
  const f64 = [[0, "0"], [-0, "-0.0"], [1, "1"], [NaN, '"NaN"'], [-Infinity, '"-Infinity"'], [1e15, "1000000000000000"],
    [1e16, "1e+16"], [1e-4, "0.0001"], [1e-5, "1e-05"], [0.30000000000000004, "0.30000000000000004"]];
  for (const [number, text] of f64) assert.equal(textOfF64(number), text);
  const f32 = [[Math.fround(0.1), "0.1"], [16777216, "16777216"], [Math.fround(1e21), "1e+21"],
    [1.401298464324817e-45, "1e-45"], [Math.fround(3.4028234663852886e38), "3.4028235e+38"]];
  for (const [number, text] of f32) assert.equal(textOfF32(number), text);
});
