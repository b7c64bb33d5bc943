// The function as an HTTP server: at `/`, and /healthz beside it, on HOST and PORT (0.0.0.0:8080
// without). SIGTERM and SIGINT let calls end that are under way.
import http from "node:http";
import { fileURLToPath, pathToFileURL } from "node:url";
import { equalIgnoringCase, utf8Text } from "./wherry/bytes.mjs";
import { errorResponse } from "./wherry/http_event.mjs";
import { statusHasBody } from "./wherry/http_rules.mjs";
import { answerOf, headersToSend, maxBodyBytes, routeOf, tooLarge } from "./wherry/host.mjs";
import { writeLog } from "./wherry/node.mjs";
import { Pool } from "./wherry/pool.mjs";

const kStreamedBytes = 64 * 1024;

// Undefined if it is larger than the limit.
function readBody(request, limit) {
  return new Promise((resolve, reject) => {
    const pieces = [];
    let size = 0;
    request.on("data", (piece) => {
      size += piece.length;
      if (size <= limit) {
        pieces.push(piece);
      } else {
        resolve(undefined);
      }
    });
    request.on("end", () => resolve(new Uint8Array(Buffer.concat(pieces))));
    request.on("error", reject);
  });
}

function pairsOf(rawHeaders) {
  const pairs = [];
  for (let i = 0; i < rawHeaders.length; i += 2) pairs.push([rawHeaders[i], rawHeaders[i + 1]]);
  return pairs;
}

function send(response, to) {
  const headers = headersToSend(response.headers);
  if (response.headers.some(([name, value]) => equalIgnoringCase(name, "connection") && /\bclose\b/i.test(value))) {
    headers.push(["Connection", "close"]);
  }
  to.sendDate = false;
  if (response.broken) {
    // The client sees how far it got, and that there is no end.
    to.writeHead(response.status, headers.flat());
    to.flushHeaders();
    to.write(Buffer.concat(response.pieces), () => to.destroy());
    if (response.pieces.length === 0) setImmediate(() => to.destroy());
    return;
  }
  if (statusHasBody(response.status)) {
    headers.push(["Content-Length", String(response.contentLength ?? response.body.length)]);
  }
  to.writeHead(response.status, headers.flat());
  to.end(response.body);
}

const busy = (name) => {
  const response = errorResponse(429, `${name} is busy and its queue is full`);
  response.headers.push(["Retry-After", "1"]);
  return response;
};

async function answer(pool, request) {
  const { described } = pool;
  const limit = maxBodyBytes(described.abi);
  const length = request.headers["content-length"];
  if (Number(length) > limit) return tooLarge(described.abi, length);
  const body = await readBody(request, limit);
  if (!body) return tooLarge(described.abi);
  const asked = { method: request.method, target: request.url, headers: pairsOf(request.rawHeaders), body };
  // A large body whose length was not told is one that is still arriving when a function begins.
  asked.isLengthUnknown = length === undefined && body.length > kStreamedBytes;
  const remoteAddress = (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  const { response, event } = routeOf(described, asked, { remoteAddress });
  if (response) return response;
  if (pool.isFull) return busy(described.name);
  const outcome = await pool.call(event);
  writeLog(outcome);
  return answerOf(outcome, event);
}

// Serves the package in `directory`. The server is listening when this resolves; close() waits for
// calls under way.
export async function serve({ directory = fileURLToPath(new URL(".", import.meta.url)), host = "0.0.0.0", port = 8080,
  threads } = {}) {
  const pool = new Pool(directory, threads);
  await pool.start();
  const server = http.createServer((request, response) => {
    answer(pool, request).finally(() => request.resume()).then((what) => send(what, response), (error) => {
      if (!response.headersSent && !request.destroyed) {
        send(errorResponse(500, utf8Text(error.message)), response);
      } else {
        response.destroy();
      }
    });
  });
  server.on("clientError", (error, socket) => socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"));
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections?.();
    await closed;
    await pool.close();
  };
  return { server, pool, port: server.address().port, close };
}

async function main() {
  const port = Number(process.env.PORT ?? 8080);
  const host = process.env.HOST ?? "0.0.0.0";
  const { pool, port: actual, close } = await serve({ host, port });
  process.stderr.write(`${pool.described.name} is served at http://${host}:${actual}/\n`);
  let isStopping = false;
  for (const signal of ["SIGTERM", "SIGINT"]) {
    process.on(signal, () => {
      if (isStopping) process.exit(130);
      isStopping = true;
      close().then(() => process.exit(0));
    });
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch((error) => {
    process.stderr.write(`error: ${error.message}\n`);
    process.exit(1);
  });
}
