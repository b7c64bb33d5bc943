// The function as a Lambda function of a Node.js runtime: direct events are its parameters, HTTP
// events (payload 2.0 and 1.0, ALB) requests.
import { fileURLToPath } from "node:url";
import { bytesOfText, stringOfText, utf8Text } from "./wherry/bytes.mjs";
import { speaksHttp } from "./wherry/function.mjs";
import { routeOf, wholeAnswerOf } from "./wherry/host.mjs";
import { isHttpEvent, proxyObjectOf, requestOfEvent } from "./wherry/lambda_event.mjs";
import { loadPackage, writeLog } from "./wherry/node.mjs";
import { parametersOfValue, valueOfResult } from "./wherry/platform_json.mjs";

const wherry = loadPackage(fileURLToPath(new URL(".", import.meta.url)));

function deadlineOf(context) {
  const left = context?.getRemainingTimeInMillis?.();
  return Number.isFinite(left) ? Date.now() + left : undefined;
}

function call(event) {
  const outcome = wherry.call(event);
  writeLog(outcome);
  return outcome;
}

// "no result" to Function.NoResult.
function errorOf({ kind, message }) {
  const error = new Error(stringOfText(message));
  error.name = `Function.${kind.replace(/(?:^| )([a-z])/g, (_, letter) => letter.toUpperCase())}`;
  error.stack = "";
  return error;
}

function answer(request, remoteAddress, event, context) {
  const route = routeOf(wherry, request, { remoteAddress });
  if (route.response) return proxyObjectOf(route.response, event);
  const asked = { ...route.event, deadline: deadlineOf(context) };
  return proxyObjectOf(wholeAnswerOf(call(asked), asked), event);
}

export async function handler(event, context) {
  if (isHttpEvent(event)) {
    const { request, remoteAddress } = requestOfEvent(event);
    return answer(request, remoteAddress, event, context);
  }
  const parameters = parametersOfValue(event);
  if (speaksHttp(wherry.abi)) {
    const headers = [["Content-Type", "application/json"]];
    const request = { method: "POST", target: "/", headers, body: bytesOfText(parameters) };
    return answer(request, "", undefined, context);
  }
  const trace = process.env._X_AMZN_TRACE_ID;
  const environment = trace === undefined ? undefined : new Map([["_X_AMZN_TRACE_ID", utf8Text(trace)]]);
  const outcome = call({ id: context?.awsRequestId ?? "", parameters, environment, deadline: deadlineOf(context) });
  if (outcome.kind !== "success") throw errorOf(outcome);
  return valueOfResult(outcome.result);
}
