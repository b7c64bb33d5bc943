// The Node server beyond single answers: many calls at a time, calls that do not end, its end.
import assert from "node:assert/strict";
import path from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";
import { fetchRaw, guest, makePackage, scratch, startNode } from "./support.mjs";

async function started(t, name, manifest = {}, env = {}) {
  const directory = scratch(t);
  makePackage(directory, guest(name), manifest);
  return { ...(await startNode(t, directory, env)) };
}
const json = (value) => ({ method: "POST", body: JSON.stringify(value) });

test("calls share nothing, however many run", async (t) => {
  const { port } = await started(t, "exports_c", { signature: "count" });
  const answers = await Promise.all(Array.from({ length: 40 }, () => fetchRaw(port, json([]))));
  assert.deepEqual([...new Set(answers.map(({ body }) => body))], ['{"result":1}']);
});

test("a call that computes without end is ended, and holds up neither health nor the next", async (t) => {
  const { port } = await started(t, "moods", { time: "300 ms" });
  const loop = fetchRaw(port, json({ mood: "loop" }));
  assert.equal((await fetchRaw(port, { path: "/healthz" })).status, 200);
  const { status, body } = await loop;
  assert.equal(status, 504);
  assert.equal(body, '{"error":"the function was stopped at its time limit of 300 ms","kind":"timeout"}');
  assert.equal((await fetchRaw(port, json({ a: 1 }))).body, '{"a":1}\n'.trim());
});

test("a limit of processor time", async (t) => {
  const { port } = await started(t, "moods", { cpu_time: "200 ms" });
  assert.equal((await fetchRaw(port, json({ mood: "loop" }))).body,
    '{"error":"the function was stopped at its limit of 200 ms of processor time","kind":"cpu limit"}');
});

test("what was logged before the end is logged", async (t) => {
  const { port, output } = await started(t, "moods", { time: "200 ms" });
  await fetchRaw(port, json({ mood: "logs" }));
  assert.match(output(), /to stdout\n/);
  assert.match(output(), /to stderr\nafter the result\n/);
  await fetchRaw(port, json({ mood: "unreachable" }));
  assert.match(output(), /the function trapped: unreachable\n {2}at unreachable_inner \(function \d+ \+ 0x[0-9a-f]+\)\n/);
});

test("a queue that is full", async (t) => {
  const { port } = await started(t, "moods", { time: "500 ms", concurrency: 1, queue: 1 });
  const answers = await Promise.all(Array.from({ length: 4 }, () => fetchRaw(port, json({ mood: "loop" }))));
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [429, 429, 504, 504]);
  const busy = answers.find(({ status }) => status === 429);
  assert.equal(busy.body, '{"error":"moods is busy and its queue is full"}');
  assert.ok(busy.headers.includes("Retry-After: 1"));
});

test("SIGTERM lets calls end that are under way", async (t) => {
  const { port, child, ended } = await started(t, "moods", { time: "400 ms" });
  const loop = fetchRaw(port, json({ mood: "loop" }));
  await fetchRaw(port, json({ a: 1 }));
  child.kill("SIGTERM");
  assert.equal((await loop).status, 504);
  assert.equal(await ended, 0);
  await assert.rejects(fetchRaw(port), { code: "ECONNREFUSED" });
});


test("several requests on one connection, bodies in pieces", async (t) => {
  const { port } = await started(t, "handler_c");
  const base = `http://127.0.0.1:${port}`;
  for (let i = 0; i < 3; i++) {
    const body = new ReadableStream({
      start(controller) {
        for (const piece of ["one ", "two ", "three"]) controller.enqueue(new TextEncoder().encode(piece));
        controller.close();
      },
    });
    const response = await fetch(`${base}/echo`, { method: "POST", body, duplex: "half" });
    assert.equal(await response.text(), "one two three");
  }
});

test("a thread that dies fails its own call, and is replaced", async (t) => {
  const directory = scratch(t);
  makePackage(directory, guest("moods"), { time: "10 s" });
  const { serve } = await import(pathToFileURL(path.join(directory, "server.mjs")).href);
  const { port, pool, close } = await serve({ directory, host: "127.0.0.1", port: 0, threads: 1 });
  t.after(close);
  const lost = fetchRaw(port, json({ mood: "loop" }));
  while (!pool.threads[0].job) await new Promise(setImmediate);
  await pool.threads[0].worker.terminate();
  assert.equal((await lost).body, '{"error":"the function could not be run: its thread has ended","kind":"internal"}');
  assert.equal((await fetchRaw(port, json({ a: 1 }))).status, 200);
});
