// A custom runtime for Lambda in plain JavaScript: its Runtime API, one event after the other.
import http from "node:http";
import { textStats } from "../serve/text_stats.mjs";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true });

function fetch(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, method, path: `/2018-06-01/runtime/invocation/${path}`, agent }, (answer) => {
      const pieces = [];
      answer.on("data", (piece) => pieces.push(piece));
      answer.on("end", () => resolve({ id: answer.headers["lambda-runtime-aws-request-id"], body: Buffer.concat(pieces) }));
    });
    request.on("error", reject);
    if (body !== undefined) request.setHeader("Content-Length", Buffer.byteLength(body));
    request.end(body);
  });
}

for (;;) {
  const { id, body } = await fetch("GET", "next");
  await fetch("POST", `${id}/response`, JSON.stringify(textStats(JSON.parse(body).text)));
}
