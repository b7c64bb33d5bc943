// A thread of pool.mjs: loads the package, says what it is, then runs one call after the other.
import { parentPort, workerData } from "node:worker_threads";
import { loadPackage } from "./node.mjs";
import { failure } from "./outcome.mjs";

function call(wherry, event) {
  try {
    return wherry.call(event);
  } catch (error) {
    const message = `the function could not be run: ${error.message}`;
    return { ...failure("internal", message), log: [], logTruncated: false };
  }
}

try {
  const wherry = loadPackage(workerData.directory);
  const { concurrency, queue, limits } = wherry.options;
  parentPort.postMessage({ name: wherry.name, abi: wherry.abi, limits, concurrency, queue });
  parentPort.on("message", (event) => parentPort.postMessage(call(wherry, event)));
} catch (error) {
  parentPort.postMessage({ error: error.message });
}
