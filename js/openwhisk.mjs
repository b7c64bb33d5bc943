// The function as an action of OpenWhisk's Node.js runtimes: parameters in, result out; functions
// that speak HTTP are web actions. As src/platform/openwhisk.cc.
import fs from "node:fs";
import { fileURLToPath } from "node:url";
import { Refusal, stringOfText, utf8Text } from "./wherry/bytes.mjs";
import { speaksHttp } from "./wherry/function.mjs";
import { loadPackage, writeLog } from "./wherry/node.mjs";
import { parametersOfValue, valueOfResult } from "./wherry/platform_json.mjs";
import { requestOfParameters, valueOfResponse } from "./wherry/web_action.mjs";

const kDayMs = 24 * 3600 * 1000;

// What the container was started with is the image's; what the runtime has set since then are the
// action's parameters that are variables (/init) and the activation's (/run).
const initial = new Set();
try {
  for (const each of fs.readFileSync("/proc/self/environ", "latin1").split("\0")) initial.add(each);
} catch {
  for (const [name, value] of Object.entries(process.env)) initial.add(`${utf8Text(name)}=${utf8Text(value)}`);
}

function environment() {
  const variables = new Map();
  for (const [name, value] of Object.entries(process.env)) {
    const pair = [utf8Text(name), utf8Text(value)];
    if (pair[0].startsWith("__OW_") || !initial.has(pair.join("="))) variables.set(...pair);
  }
  return variables;
}

// A deadline in the past is none, and so is one that is more than a day ahead.
function deadline(text = "") {
  const ms = /^-?[0-9]+$/.test(text) ? Number(text) : 0;
  const now = Date.now();
  return ms > now && ms - now <= kDayMs ? ms : undefined;
}

const wherry = loadPackage(fileURLToPath(new URL(".", import.meta.url)));

function errorOf(outcome) {
  // No object: so the runtime refuses it, and says the same.
  if (outcome.kind === "no result") return "The action did not return a dictionary or array.";
  return { error: stringOfText(outcome.message) };
}

export async function main(parameters) {
  const event = { id: process.env.__OW_ACTIVATION_ID ?? "", parameters: parametersOfValue(parameters),
    environment: environment(), deadline: deadline(process.env.__OW_DEADLINE) };
  let isWeb = false;
  if (speaksHttp(wherry.abi)) {
    try {
      ({ request: event.request, isWeb } = requestOfParameters(event.parameters));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { error: error.message };
    }
  }
  const outcome = wherry.call(event);
  writeLog(outcome);
  if (outcome.kind !== "success") return errorOf(outcome);
  return outcome.response ? valueOfResponse(outcome.response, isWeb) : valueOfResult(outcome.result);
}
