// The entries for OpenWhisk and Lambda and the ES module, each as its platform loads it. OpenWhisk's
// answers are compared with those of the C++ host's /run.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";
import { fetchRaw, guest, makePackage, scratch, startWherry } from "./support.mjs";

const require = createRequire(import.meta.url);

function packed(t, name, target, manifest = {}) {
  const directory = scratch(t);
  makePackage(directory, guest(name), manifest, target);
  return directory;
}

// The log of guests is not the test's.
async function quietly(work) {
  const { stdout, stderr } = process;
  const [out, err] = [stdout.write, stderr.write];
  const log = [];
  stdout.write = (text) => log.push(String(text));
  stderr.write = (text) => log.push(String(text));
  try {
    return { value: await work(), log: log.join("") };
  } finally {
    stdout.write = out;
    stderr.write = err;
  }
}

async function action(t, name, manifest) {
  const directory = packed(t, name, "openwhisk-nodejs", manifest);
  const { main } = require(directory);
  return async (parameters) => (await quietly(() => main(parameters))).value;
}

const kActions = {
  echo: [{}, { a: 1, b: "\u2744" }, { text: "x".repeat(1 << 20) }, [1, 2]],
  moods: ["unreachable", "exit_3", "scalar", "silent", "divide", "loop"].map((mood) => ({ mood })),
  handler_c: [{ __ow_method: "get", __ow_path: "/describe", __ow_headers: { accept: "text/*" }, __ow_query: "name=x" },
    { __ow_method: "post", __ow_path: "/echo", __ow_headers: { "content-type": "application/octet-stream" },
      __ow_body: "AAEC/w==" }, { __ow_method: "get", __ow_path: "/none", x: 1 }, { __ow_method: 7 }, { a: 1 },
    { __ow_method: "post", __ow_path: "/whole", a: "\u00e9" }, { __ow_method: "get", __ow_path: "/headers" },
    { __ow_method: "get", __ow_path: "/trap" }, { __ow_method: "get", __ow_path: "/late" }],
  exports_text: [[1], {}],
};
for (const [name, all] of Object.entries(kActions)) {
  test(`OpenWhisk: ${name}`, async (t) => {
    const manifest = { time: "400 ms" };
    const main = await action(t, name, manifest);
    const { port } = await startWherry(t, scratch(t), guest(name), manifest);
    for (const value of all) {
      const body = JSON.stringify({ value });
      const wanted = await fetchRaw(port, { method: "POST", path: "/run", body });
      const expected = JSON.parse(Buffer.from(wanted.body, "latin1").toString());
      assert.equal("error" in expected, wanted.status !== 200);
      // A result that is none is no object here: the runtime makes an error of it, with the same text.
      const result = await main(value);
      const actual = typeof result === "string" ? { error: result } : result;
      assert.deepEqual(hideIds(actual), hideIds(expected), body);
    }
  });
}
const hideIds = (value) => JSON.parse(JSON.stringify(value).replace(/id=[0-9a-f]*/g, "id="));

test("OpenWhisk: the activation and the action's variables reach the guest", async (t) => {
  const directory = packed(t, "environment", "openwhisk-nodejs", { environment: { OWN: "1" } });
  const script = `process.env.SOME_VAR = "xyz"; process.env.ANOTHER_VAR = ""; process.env.__OW_ACTION_NAME = "/ns/a";
    process.env.__OW_DEADLINE = "123"; require(${JSON.stringify(directory)}).main({}).then((r) => console.log(JSON.stringify(r)))`;
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", script],
    { env: { PATH: process.env.PATH, __OW_API_HOST: "host", HOME: "/" }, encoding: "utf8" });
  assert.deepEqual(JSON.parse(stdout || stderr), { OWN: "1", SOME_VAR: "xyz", ANOTHER_VAR: "", __OW_ACTION_NAME: "/ns/a",
    __OW_API_HOST: "host", __OW_DEADLINE: "123" });
});

async function lambda(t, name, manifest) {
  const directory = packed(t, name, "lambda-nodejs", manifest);
  const { handler } = await import(pathToFileURL(path.join(directory, "index.mjs")).href);
  const context = { awsRequestId: "8476a536-e9f4-11e8-9739-2dfe598c3fcd", getRemainingTimeInMillis: () => 3000 };
  return async (event, ms = 3000) =>
    (await quietly(() => handler(event, { ...context, getRemainingTimeInMillis: () => ms }))).value;
}

const http2 = (method, rawPath, more = {}) => ({
  version: "2.0", routeKey: "$default", rawPath, rawQueryString: "", headers: { host: "x.lambda-url.eu.on.aws" },
  requestContext: { http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: "203.0.113.7" } },
  isBase64Encoded: false, ...more,
});

test("Lambda: direct events", async (t) => {
  const invoke = await lambda(t, "echo");
  assert.deepEqual(await invoke({ b: 1, a: "\u2744" }), { a: "\u2744", b: 1 });
  assert.deepEqual(await invoke([1]), [1]);
});

test("Lambda: failures are errors", async (t) => {
  const invoke = await lambda(t, "moods");
  await assert.rejects(invoke({ mood: "exit_3" }), (error) => {
    assert.equal(error.name, "Function.Exit");
    assert.equal(error.message, "the function exited with code 3");
    return true;
  });
  await assert.rejects(invoke({ mood: "silent" }), { name: "Function.NoResult" });
  await assert.rejects(invoke({ mood: "unreachable" }), { name: "Function.Trap", message: "the function trapped: unreachable" });
  await assert.rejects(invoke({ mood: "loop" }, 200), { name: "Function.Timeout",
    message: "the function was stopped at the deadline of its event" });
});

test("Lambda: HTTP events of a function of JSON", async (t) => {
  const invoke = await lambda(t, "echo");
  const answer = await invoke(http2("POST", "/", { body: '{"a":1}', rawQueryString: "b=2" }));
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.body, '{"a":1,"b":"2"}');
  assert.equal(answer.headers["Content-Type"], "application/json");
  assert.equal(answer.isBase64Encoded, false);
  assert.equal((await invoke(http2("POST", "/", { body: "no" }))).statusCode, 400);
  assert.equal((await invoke(http2("POST", "/elsewhere", { body: "{}" }))).statusCode, 404);
});

test("Lambda: HTTP events of a handler, as payload 2.0, 1.0 and from a load balancer", async (t) => {
  const invoke = await lambda(t, "handler_c");
  const described = await invoke(http2("GET", "/describe", { rawQueryString: "name=a+b", cookies: ["a=1", "b=2"],
    headers: { host: "h", accept: "text/*" } }));
  assert.match(described.body, /^method=GET\npath=\/describe\nquery=name=a\+b\nmount=\nremote=203\.0\.113\.7\n/);
  assert.match(described.body, /accept:text\/\*:6\nhost:h:1\ncookie:a=1; b=2:8\nname=a b\n$/);

  const binary = await invoke(http2("POST", "/echo", { headers: { "content-type": "application/octet-stream" },
    body: "AAEC/w==", isBase64Encoded: true }));
  assert.deepEqual([binary.body, binary.isBase64Encoded], ["AAEC/w==", true]);

  const cookies = await invoke(http2("GET", "/headers"));
  assert.deepEqual(cookies.cookies, ["a=1", "b=2"]);
  assert.equal(cookies.statusCode, 203);

  const rest = await invoke({ httpMethod: "GET", path: "/describe", headers: { Accept: "a" },
    multiValueHeaders: { Accept: ["a", "b"] }, multiValueQueryStringParameters: { name: ["a b", "c"] },
    requestContext: { identity: { sourceIp: "198.51.100.1" } }, body: null, isBase64Encoded: false });
  assert.match(rest.body, /query=name=a%20b&name=c\nmount=\nremote=198\.51\.100\.1\n/);
  assert.match(rest.body, /accept=a, b\n/);

  const balancer = await invoke({ httpMethod: "GET", path: "/describe", queryStringParameters: { name: "a%20b" },
    headers: {}, requestContext: { elb: { targetGroupArn: "arn" } }, body: "", isBase64Encoded: false });
  assert.match(balancer.body, /query=name=a%20b\n/);
});

test("Lambda: a direct event of a handler is a request, and its answer the object of one", async (t) => {
  const invoke = await lambda(t, "handler_c");
  assert.deepEqual(await invoke({ a: 1 }),
    { body: "no /\n", headers: {}, isBase64Encoded: false, statusCode: 404 });
});

test("the ES module", (t) => {
  const directory = packed(t, "exports_c", "node", { signature: "greet(name: string, times: i32) -> string" });
  const script = `
    import { invoke, invokeText, handle, FunctionError } from ${JSON.stringify(path.join(directory, "index.mjs"))};
    const errors = [];
    await invoke({}).catch((e) => errors.push([e instanceof FunctionError, e.kind, e.status, e.message]));
    await invoke([1, 0], { signature: "divide" }).catch((e) => errors.push([e.kind, e.status, e.message]));
    const response = await handle(new Request("http://h/negate", { method: "POST", body: '["9007199254740993"]' }));
    console.log(JSON.stringify({ greeting: await invoke({ name: "\u2603", times: 2 }),
      text: await invokeText("[1,2]", { signature: "add" }), errors, status: response.status, body: await response.text(),
      plain: await (await handle({ method: "POST", url: "/add", body: "[3,4]" })).json() }));`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "-e", script],
    { encoding: "utf8", timeout: 20_000 });
  assert.equal(status, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), {
    greeting: { result: "Hello, \u2603!Hello, \u2603!" }, text: '{"result":3}',
    errors: [[true, "bad event", 400, 'parameter "name" is missing: "greet" takes name: string, times: i32'],
      ["trap", 502, "the function trapped: integer divide by zero"]],
    status: 200, body: '{"result":"-9007199254740993"}', plain: { result: 7 },
  });
});
