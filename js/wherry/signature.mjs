// Signatures of exported functions, and how they fit what WebAssembly makes of them:
// `greet(name: string, times: i32) -> string`. As src/function/signature.cc.
import { Refusal, nearestOf } from "./bytes.mjs";
import { quotedText } from "./json.mjs";
import { partsOfType, typeText } from "./wasm_types.mjs";

const kTypes = ["i32", "u32", "i64", "u64", "f32", "f64", "bool", "string", "bytes"];
const kMostParameters = 256;

export const isInMemory = (type) => type === "string" || type === "bytes";
export const valueTypeOf = (type) =>
  type === "i64" || type === "u64" ? "i64" : type === "f32" || type === "f64" ? type : "i32";

class Parser {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  parse() {
    const signature = { function: this.functionName() };
    this.skipSpace();
    if (this.at === this.text.length) return signature;
    this.expect("(");
    signature.parameters = this.parameters();
    if (this.takes("->")) signature.results = this.results();
    this.skipSpace();
    if (this.at !== this.text.length) this.fail("the end");
    return signature;
  }

  // Exports may have any name; in a signature it ends at a parenthesis or at the end.
  functionName() {
    this.skipSpace();
    const parenthesis = this.text.indexOf("(", this.at);
    const name = this.text.slice(this.at, parenthesis < 0 ? undefined : parenthesis).replace(/[ \t]+$/, "");
    if (name === "") this.fail("a function's name");
    this.at += name.length;
    return name;
  }

  parameters() {
    const parameters = [];
    if (this.takes(")")) return parameters;
    do {
      const parameter = this.parameter();
      if (parameter.name !== "" && parameters.some((other) => other.name === parameter.name)) {
        throw new Refusal("invalid",
          `signature ${quotedText(this.text)}: two parameters are named ${quotedText(parameter.name)}`);
      }
      parameters.push(parameter);
      if (parameters.length > kMostParameters) this.tooMany();
    } while (this.takes(","));
    this.expect(")");
    return parameters;
  }

  parameter() {
    const start = this.at;
    const name = this.word();
    if (name === "") this.fail("a parameter");
    if (this.takes(":")) return { name, type: this.type() };
    if (kTypes.includes(name)) return { name: "", type: name };
    this.skipSpace();
    if (this.at < this.text.length && this.text[this.at] !== "," && this.text[this.at] !== ")") this.fail('":"');
    this.at = start;
    return this.noSuchType(this.word());
  }

  results() {
    if (!this.takes("(")) return [this.type()];
    const results = [];
    if (this.takes(")")) return results;
    do {
      results.push(this.type());
      if (results.length > kMostParameters) this.tooMany();
    } while (this.takes(","));
    this.expect(")");
    return results;
  }

  type() {
    const name = this.word();
    if (name === "") this.fail("a type");
    return kTypes.includes(name) ? name : this.noSuchType(name);
  }

  noSuchType(name) {
    const nearest = nearestOf(name, kTypes);
    throw new Refusal("invalid",
      `signature ${quotedText(this.text)}: no type ${quotedText(name)}${nearest ? `; did you mean "${nearest}"?` : ""}`,
      "types are i32, u32, i64, u64, f32, f64, bool, string and bytes");
  }

  tooMany() {
    throw new Refusal("limit",
      `signature ${quotedText(this.text)}: more than ${kMostParameters} parameters or results`);
  }

  fail(wanted) {
    throw new Refusal("invalid", `signature ${quotedText(this.text)}: expected ${wanted} at column ${this.at + 1}`,
      "a signature is like: greet(name: string, times: i32) -> string");
  }

  skipSpace() {
    while (this.text[this.at] === " " || this.text[this.at] === "\t") this.at++;
  }
  word() {
    this.skipSpace();
    const start = this.at;
    while (this.at < this.text.length && /[A-Za-z0-9_$.]/.test(this.text[this.at])) this.at++;
    return this.text.slice(start, this.at);
  }
  takes(token) {
    this.skipSpace();
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }
  expect(token) {
    if (!this.takes(token)) this.fail(`"${token}"`);
  }
}

export const parseSignature = (text) => new Parser(text).parse();

export function textOfSignature({ function: name, parameters, results }) {
  if (!parameters) return name;
  const list = parameters.map((each) => (each.name ? `${each.name}: ` : "") + each.type).join(", ");
  if (!results) return `${name}(${list})`;
  return `${name}(${list}) -> ${results.length === 1 ? results[0] : `(${results.join(", ")})`}`;
}

const typesOf = (type, isCString) =>
  isInMemory(type) && !(isCString && type === "string") ? [valueTypeOf(type), "i32"] : [valueTypeOf(type)];

// The type that an export of this lowering has.
function typeOfLowering(lowering) {
  const params = lowering.parameters.flatMap(({ type }) => typesOf(type, lowering.takesCStrings));
  if (lowering.givesThroughPointer) return typeText(["i32", ...params], []);
  return typeText(params, lowering.results.flatMap((type) => typesOf(type, lowering.givesCStrings)));
}

// Every way in which a signature may be passed, the usual ones first.
function loweringsOf(plain) {
  const inputs = [plain];
  if (plain.parameters.some(({ type }) => type === "string")) inputs.push({ ...plain, takesCStrings: true });
  return inputs.flatMap((input) => {
    const all = [input];
    if (input.results.length === 1 && isInMemory(input.results[0])) all.push({ ...input, givesThroughPointer: true });
    if (input.results.includes("string")) all.push({ ...input, givesCStrings: true });
    return all;
  });
}

function ownType(type, signature, of) {
  if (/^[if](32|64)$/.test(type)) return type;
  throw new Refusal("unsupported",
    `${quotedText(signature.function)} is of type ${of}, and JSON has no value of type ${type}`);
}

export const needsAllocator = (lowering) =>
  Boolean(lowering.givesThroughPointer) || lowering.parameters.some(({ type }) => isInMemory(type));
export const needsMemory = (lowering) => needsAllocator(lowering) || lowering.results.some(isInMemory);

// How a signature and an export's type agree; refuses if they do not, with all types that would.
export function lower(signature, type) {
  const { params, results } = partsOfType(type);
  const plain = {
    function: signature.function,
    parameters: signature.parameters ?? params.map((each) => ({ name: "", type: ownType(each, signature, type) })),
    results: signature.results ?? results.map((each) => ownType(each, signature, type)),
  };
  const lowerings = loweringsOf(plain);
  for (const lowering of lowerings) {
    if (typeOfLowering(lowering) === type) return lowering;
  }
  const wanted = lowerings.map(typeOfLowering);
  const last = wanted.pop();
  throw new Refusal("invalid", `${textOfSignature(signature)} must be an export of type ${
    wanted.length ? `${wanted.join(", ")} or ${last}` : last}, and it is ${type}`);
}
