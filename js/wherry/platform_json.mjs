// Between the values that a JavaScript platform gives and takes, and the JSON texts of functions.
// Values have lost what JavaScript does not know: 1.0 is 1, digits beyond 2^53 are gone.
import { encodeBase64, isUtf8, stringOfText, textOfBytes, utf8Text } from "./bytes.mjs";
import { findHeader, isTextType } from "./http_rules.mjs";
import { parseJson, writeJson } from "./json.mjs";

// As the other hosts write the same parameters: names in the order of their bytes.
export const parametersOfValue = (value) => writeJson(parseJson(utf8Text(JSON.stringify(value ?? {}))));

// Newer versions of V8 can keep the digits of a number.
const keepDigits = (_, value, context) =>
  typeof value === "number" && context && String(value) !== context.source ? JSON.rawJSON(context.source) : value;

export const valueOfResult = (text) =>
  JSON.parse(stringOfText(text), typeof JSON.rawJSON === "function" ? keepDigits : undefined);

// A response's body as platforms want it in JSON: a string, and whether that is base64.
export function bodyOfResponse({ headers, body }) {
  const type = findHeader(headers, "content-type");
  const text = textOfBytes(body);
  if ((type === undefined || isTextType(type)) && isUtf8(text)) return { body: stringOfText(text), isBase64: false };
  return { body: encodeBase64(body), isBase64: true };
}

