// The same functions on `wherry serve` and on Cloudflare's workerd, the same requests.
import assert from "node:assert/strict";
import path from "node:path";
import test from "node:test";
import { comparable, kFunctions } from "./events.mjs";
import { fetchRaw, guest, makePackage, scratch, startWherry, startWorkerd } from "./support.mjs";

// What cannot be the same there.
const kOther = {
  "nothing ends a guest that goes on": ["loop", "sleep", "forever"],
  "a guest may have more memory": ["grow"],
  "headers come in another form": ["describe", "describe, posted", "describe, chunked", "environment",
    "environment at its name", "its environment", "headers"],
  "a body is read before it is refused": ["a body that is too large"],
  "an answer is whole or an error": ["late", "short", "long", "much"],
};
const kSkipped = new Set(Object.values(kOther).flat());

// Names in lower case, in any order.
function normal(answer) {
  const { headers, ...rest } = comparable(answer);
  const lines = (headers ?? []).map((line) => line.replace(/^[^:]*/, (name) => name.toLowerCase())).sort();
  return { ...rest, headers: lines };
}

for (const [title, { guest: named, manifest = {}, files, events }] of Object.entries(kFunctions)) {
  if (files) continue;  // there are none
  test(title, async (t) => {
    const directory = scratch(t);
    const wasm = guest(named ?? title);
    const packed = path.join(directory, "package");
    makePackage(packed, wasm, manifest, "cloudflare");
    const [reference, worker] = await Promise.all([startWherry(t, directory, wasm, manifest), startWorkerd(t, packed)]);
    for (const [name, event] of Object.entries(events)) {
      if (kSkipped.has(name)) continue;
      await t.test(name, async () => {
        const [wanted, actual] = await Promise.all([fetchRaw(reference.port, event), fetchRaw(worker.port, event)]);
        assert.deepEqual(normal(actual), normal(wanted));
      });
    }
  });
}
