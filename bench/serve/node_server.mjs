// Node's own HTTP server with the function in plain JavaScript: node node_server.mjs PORT
import { createServer } from "node:http";
import { textStats } from "./text_stats.mjs";

const server = createServer((request, response) => {
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", () => {
    const body = JSON.stringify(textStats(JSON.parse(Buffer.concat(pieces).toString()).text));
    response.writeHead(200, { "Content-Type": "application/json",
                              "Content-Length": Buffer.byteLength(body) });
    response.end(body);
  });
});
server.listen(Number(process.argv[2]), "127.0.0.1");
