// The ABI of exported functions: arguments and result as JSON. As src/function/export.cc and
// export_choice.cc.
import { Refusal, nearestOf, stringOfText } from "./bytes.mjs";
import { placeArguments, readArguments, readResults } from "./export_values.mjs";
import { Guest } from "./guest.mjs";
import { quotedText } from "./json.mjs";
import { failure, failureOf } from "./outcome.mjs";
import { lower, needsAllocator, needsMemory, parseSignature } from "./signature.mjs";

const kAllocators = [["wherry_alloc", "(i32) -> (i32)"], ["cabi_realloc", "(i32 i32 i32 i32) -> (i32)"],
  ["malloc", "(i32) -> (i32)"], ["__wherry_alloc", "(i32) -> (i32)"]];
// What else compilers and bindings export.
const kOfTheRuntime = ["_initialize", "_start", "calloc", "free", "malloc", "realloc", "wherry_alloc", "wherry_free"];

export const isOfTheRuntime = (name) =>
  ["__", "cabi_", "wizer.", "wizer-"].some((prefix) => name.startsWith(prefix)) || kOfTheRuntime.includes(name);

// `"a", "b" and "c"`, the first of many.
function listOf(names) {
  const kMost = 10;
  const shown = names.slice(0, kMost).map(quotedText);
  if (names.length > kMost) return `${shown.join(", ")} and ${names.length - kMost} more`;
  const last = shown.pop();
  return shown.length ? `${shown.join(", ")} and ${last}` : last;
}

export function chooseFunction(functions, name) {
  const candidates = functions.map((each) => each.name).filter((each) => !isOfTheRuntime(each));
  if (name === "") {
    if (candidates.length === 1) return functions.find((each) => each.name === candidates[0]);
    if (candidates.length === 0) {
      throw new Refusal("unsupported", "the module exports no function to call",
        "build a WASI command (a program with main), or export a function");
    }
    throw new Refusal("invalid",
      `the module exports ${candidates.length} functions, say which: ${listOf(candidates)}`);
  }
  const found = functions.find((each) => each.name === name);
  if (found) return found;
  const nearest = nearestOf(name, candidates);
  throw new Refusal("notFound", `the module exports no function ${quotedText(name)}${
    nearest !== undefined ? `; did you mean ${quotedText(nearest)}?`
      : candidates.length === 0 ? "" : `, it exports ${listOf(candidates)}`}`);
}

export function chooseAllocator(functions) {
  let others = "";
  for (const [name, type] of kAllocators) {
    const found = functions.find((each) => each.name === name);
    if (!found) continue;
    if (found.type === type) return name;
    others += `; its ${name} is ${found.type}`;
  }
  throw new Refusal("invalid",
    "the module exports no allocator, which strings and bytes need: wherry_alloc of type (i32) -> (i32), " +
    `cabi_realloc of type (i32 i32 i32 i32) -> (i32), or malloc of type (i32) -> (i32)${others}`,
    "clang: -Wl,--export=malloc");
}

class ExportChooser {
  constructor({ functions, hasMemory }, options) {
    this.functions = functions;
    this.hasMemory = hasMemory;
    const signature = options.signature ? parseSignature(options.signature) : { function: "" };
    let chosen;
    try {
      chosen = chooseFunction(functions, signature.function);
    } catch (error) {
      if (!(error instanceof Refusal) || options.signature || error.kind === "unsupported") throw error;
      this.whyNoDefault = error;
      return;
    }
    this.default = this.loweringOf(chosen, signature);
  }

  loweringOf(chosen, signature) {
    const lowering = lower({ ...signature, function: chosen.name }, chosen.type);
    if (needsAllocator(lowering)) chooseAllocator(this.functions);
    if (needsMemory(lowering) && !this.hasMemory) {
      throw new Refusal("invalid", "the module has no memory, where strings and bytes would be");
    }
    return lowering;
  }

  // `signature` is the event's.
  loweringFor(signature) {
    if (!signature) {
      if (this.default) return this.default;
      throw this.whyNoDefault;
    }
    const parsed = parseSignature(signature);
    const isName = !parsed.parameters && !parsed.results;
    if (isName && this.default?.function === parsed.function) return this.default;
    const chosen = chooseFunction(this.functions, parsed.function);
    if (isOfTheRuntime(chosen.name)) {
      throw new Refusal("notFound", `${parsed.function} is no function for events`);
    }
    return this.loweringOf(chosen, parsed);
  }
}

function outcomeOfExport(how, guest, limits, refused, text) {
  guest.output.finish();
  guest.output.logLastLine();
  const failed = failureOf(how, guest.output, limits);
  if (failed) return failed;
  if (refused) return failure(refused.kind === "limit" ? "output limit" : "no result", refused.text);
  if (text === undefined) return failure("no result", "the function exited without a result");
  return { kind: "success", result: text };
}

const asArray = (result) => (result === undefined ? [] : Array.isArray(result) ? result : [result]);

export function makeExport(exports, options) {
  const chooser = new ExportChooser(exports, options);
  const initialize = exports.functions.some(({ name, type }) => name === "_initialize" && type === "() -> ()");
  return {
    session(event, host) {
      const lowering = chooser.loweringFor(event.signature);
      const args = readArguments(event.parameters, lowering);
      const guest = new Guest({ options, environment: event.environment, host });
      let refused, text;
      return {
        guest,
        run(instance, memory) {
          if (initialize) instance.exports._initialize();
          const allocate = (bytes) => {
            const name = chooseAllocator(exports.functions);
            return instance.exports[name](...(name === "cabi_realloc" ? [0, 0, 1] : []), bytes);
          };
          try {
            const { values, resultPointer } = placeArguments(args, lowering, allocate, memory);
            const results = asArray(instance.exports[stringOfText(lowering.function)](...values));
            text = readResults(results, resultPointer, lowering, memory, options.limits.result);
          } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            refused = error;
          }
        },
        end: (how) => outcomeOfExport(how, guest, options.limits, refused, text),
      };
    },
  };
}
