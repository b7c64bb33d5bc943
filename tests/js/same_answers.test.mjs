// The same functions on `wherry serve` and on Node, the same requests: status, headers and body must
// be the same bytes.
import assert from "node:assert/strict";
import path from "node:path";
import test from "node:test";
import { comparable, kFunctions } from "./events.mjs";
import { fetchRaw, guest, makePackage, manifestIn, scratch, startNode, startWherry } from "./support.mjs";

for (const [title, { guest: named, manifest, files, events }] of Object.entries(kFunctions)) {
  test(title, async (t) => {
    const directory = scratch(t);
    const given = manifestIn(directory, manifest, files);
    const wasm = guest(named ?? title);
    const packed = path.join(directory, "package");
    makePackage(packed, wasm, given);
    const [reference, node] = await Promise.all([startWherry(t, directory, wasm, given), startNode(t, packed)]);
    for (const [name, event] of Object.entries(events)) {
      await t.test(name, async () => {
        const [wanted, actual] = await Promise.all([fetchRaw(reference.port, event), fetchRaw(node.port, event)]);
        assert.deepEqual(comparable(actual), comparable(wanted));
      });
    }
  });
}
