// Parts on their own: what is hard to reach from outside.
import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";
import { bytesOfText, decodeBase64, encodeBase64, nearestOf, textOfBytes, toUtf8, utf8Text } from "../../js/wherry/bytes.mjs";
import { endOfCgiHead, parseCgiHead } from "../../js/wherry/cgi.mjs";
import { queryPairs } from "../../js/wherry/http_rules.mjs";
import { optionsOf } from "../../js/wherry/manifest.mjs";
import { OutputCapture } from "../../js/wherry/output.mjs";
import { World, kErrno } from "../../js/wherry/preview1.mjs";
import { lower, parseSignature, textOfSignature } from "../../js/wherry/signature.mjs";
import { describeModule, limitMemory } from "../../js/wherry/wasm_types.mjs";
import { guest } from "./support.mjs";

test("base64 is strict, both ways", () => {
  for (let size = 0; size < 10; size++) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => 255 - i * 37);
    assert.equal(encodeBase64(bytes), Buffer.from(bytes).toString("base64"));
    assert.deepEqual(decodeBase64(encodeBase64(bytes)), bytes);
  }
  assert.throws(() => decodeBase64("abc"), /the length must be a multiple of 4/);
  assert.throws(() => decodeBase64("ab\n="), /byte 0x0a at offset 2/);
  assert.throws(() => decodeBase64("abc=", 1), /holds 2 bytes, more than the limit of 1/);
});

test("bytes that are not UTF-8 are replaced one by one", () => {
  assert.equal(toUtf8("a\xff\xc3\xa9\xe2\x98"), utf8Text("a\ufffd\u00e9\ufffd\ufffd"));
});

test("the nearest of several words", () => {
  assert.equal(nearestOf("nmae", ["name", "time"]), "name");
  assert.equal(nearestOf("xyz", ["name"]), undefined);
});

test("queries as forms have them", () => {
  assert.deepEqual(queryPairs("a=1&&b&c=%zz+x&=d&e=f=g"), [["a", "1"], ["b", ""], ["c", "%zz+x"], ["", "d"], ["e", "f=g"]]);
});

test("heads of CGI programs", () => {
  assert.equal(endOfCgiHead("A: b\r\n\r\nbody", 0), 8);
  assert.equal(endOfCgiHead("A: b\n\nbody", 5), 6);
  assert.equal(endOfCgiHead("A: b\n", 0), undefined);
  assert.deepEqual(parseCgiHead("Content-Type: a \nX: 1\n\n"), { headers: [["Content-Type", "a"], ["X", "1"]], status: 200 });
  assert.deepEqual(parseCgiHead("Status: 404 Not Found\n\n"), { headers: [], status: 404 });
  assert.deepEqual(parseCgiHead("Location: /x\n\n"), { headers: [["Location", "/x"]], status: 302 });
  assert.match(parseCgiHead("Status: 99\n\n").error, /the field Status has the value "99"/);
  assert.match(parseCgiHead("no field\n\n").error, /a line that is no field: "no field"/);
  assert.match(parseCgiHead("X: 1\n\n").error, /none of Content-Type, Location and Status/);
});

function captured(limits, ...pieces) {
  const output = new OutputCapture({ result: 100, log: 100, logLines: 10, output: 1000, ...limits });
  const stops = pieces.map(([isStderr, text]) => output.write(isStderr, bytesOfText(text)));
  output.finish();
  return { last: output.candidate, log: output.log.map(({ text }) => text), stops, isCut: output.logTruncated };
}

test("lines of both streams, in the order in which they end", () => {
  const { last, log } = captured({}, [false, "one\ntw"], [true, "err"], [false, "o\n \n"], [true, "or\n"], [false, "{}"]);
  assert.deepEqual(last, { text: "{}", cut: false });
  assert.deepEqual(log, ["one", "two", " ", "error"]);
});

test("a log that is full, a line that is too long, too much output", () => {
  assert.deepEqual(captured({ log: 8 }, [true, "abc\ndef\nghi\n"]).log, ["abc", "def"]);
  assert.equal(captured({ log: 8 }, [true, "abc\ndef\nghi\n"]).isCut, true);
  assert.deepEqual(captured({ logLines: 1 }, [true, "a\nb\n"]).log, ["a"]);
  assert.deepEqual(captured({ result: 3 }, [false, "abcdef\n"]).last, { text: "abc", cut: true });
  assert.deepEqual(captured({ output: 4 }, [true, "abc"], [true, "de"]).stops, ["", "wrote more than the limit of 4 bytes"]);
});

test("signatures", () => {
  for (const text of ["f", "f()", "f(a: i32, string) -> bytes", "f(i64) -> (f32, f64)", "f() -> ()"]) {
    assert.equal(textOfSignature(parseSignature(text)), text);
  }
  assert.throws(() => parseSignature("f(a: i23)"), /no type "i23"; did you mean "i32"\?/);
  assert.throws(() => parseSignature("f(a: i32"), /expected "\)" at column 9/);
  assert.deepEqual(lower(parseSignature("f(s: string) -> string"), "(i32 i32 i32) -> ()").givesThroughPointer, true);
  assert.deepEqual(lower(parseSignature("f(s: string) -> string"), "(i32) -> (i32)").takesCStrings, true);
});

test("what a module's sections say", () => {
  const { imports, exports, memories } = describeModule(fs.readFileSync(guest("exports_c")));
  const module = new WebAssembly.Module(fs.readFileSync(guest("exports_c")));
  const bare = (list) => list.map(({ type, ...rest }) => rest);
  assert.deepEqual(bare(imports), WebAssembly.Module.imports(module));
  assert.deepEqual(bare(exports), WebAssembly.Module.exports(module));
  assert.equal(exports.find(({ name }) => name === "negate").type, "(i64) -> (i64)");
  assert.equal(memories.length, 1);
  assert.throws(() => describeModule(new Uint8Array([1, 2, 3])), /no WebAssembly module/);
});

test("a module whose memory is limited", () => {
  const bytes = fs.readFileSync(guest("exports_text"));
  const limited = limitMemory(bytes, 3 * 65536 + 1);
  const { memory } = new WebAssembly.Instance(new WebAssembly.Module(limited)).exports;
  assert.equal(memory.grow(2), 1);
  assert.throws(() => memory.grow(1), RangeError);
  assert.equal(limitMemory(limited, 3 * 65536), limited);
});

test("the manifest's sizes and times, and what is wrong with it", () => {
  const { limits } = optionsOf({ memory: "1 MiB", time: "2 min", result: 7, cpu_time: "500 ms" });
  assert.deepEqual([limits.memory, limits.time, limits.result, limits.cpuTime, limits.log], [1 << 20, 120_000, 7, 500, 1 << 20]);
  assert.throws(() => optionsOf({ time: "2 days" }), /function\.json: time is "2 days"/);
  assert.throws(() => optionsOf({ abi: "fcgi" }), /function\.json: abi is "fcgi"/);
  assert.throws(() => optionsOf({ environment: { "A=B": "" } }), /cannot|a '=' in its name/);
});

test("without files every path is refused, and time passes while a guest sleeps", () => {
  let now = 0n;
  const clock = { realtime: () => now, monotonic: () => now, sleep: (ms) => (now += BigInt(ms * 1e6)) };
  const world = new World({ clock });
  world.attach(new WebAssembly.Memory({ initial: 1 }));
  const calls = world.imports();
  assert.equal(calls.path_open(3, 0, 0, 1, 0, 0n, 0n, 0, 8), kErrno.badf);
  assert.equal(calls.fd_prestat_get(3, 0), kErrno.badf);
  const subscription = world.view(64, 48);
  subscription.setBigUint64(0, 42n, true);
  subscription.setUint32(16, 1, true);
  subscription.setBigUint64(24, 5_000_000n, true);
  assert.equal(calls.poll_oneoff(64, 256, 1, 512), kErrno.success);
  assert.equal(now, 5_000_000n);
  assert.equal(world.view(256, 8).getBigUint64(0, true), 42n);
  assert.equal(calls.clock_time_get(1, 0n, 512), kErrno.success);
  assert.equal(calls.clock_time_get(9, 0n, 512), kErrno.inval);
  assert.equal(calls.args_get(65533, 0), kErrno.success);
  assert.equal(calls.args_sizes_get(65533, 0), kErrno.fault);
});

test("texts and bytes", () => {
  assert.equal(textOfBytes(bytesOfText("\0\xff")), "\0\xff");
});
