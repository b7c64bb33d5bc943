// Node's own HTTP server with the functions in plain JavaScript, /hello and the other: node node_server.mjs PORT
import { createServer } from "node:http";
import { textStats } from "./text_stats.mjs";

const server = createServer((request, response) => {
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", () => {
    const parameters = JSON.parse(Buffer.concat(pieces).toString());
    const result = request.url === "/hello" ? { greeting: `Hello, ${parameters.name}!` } : textStats(parameters.text);
    const body = JSON.stringify(result);
    response.writeHead(200, { "Content-Type": "application/json",
                              "Content-Length": Buffer.byteLength(body) });
    response.end(body);
  });
});
server.listen(Number(process.argv[2]), "127.0.0.1");
