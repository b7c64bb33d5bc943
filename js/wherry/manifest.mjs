// function.json: the manifest of one function as JSON (docs/manifest.md has the keys), and what
// package it is in. Texts of the result are byte texts.
import { Refusal, utf8Text } from "./bytes.mjs";

const kAbis = ["command", "cgi", "export", "handler"];
const kUnits = { B: 1, KiB: 1 << 10, MiB: 1 << 20, GiB: 1 << 30 };
const kTimes = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 };

function quantity(key, value, units, otherwise) {
  if (value === undefined) return otherwise;
  if (Number.isSafeInteger(value) && value >= 0) return value;
  const match = /^([0-9]+) ?([A-Za-z]+)$/.exec(value);
  const unit = match && Object.hasOwn(units, match[2]) ? units[match[2]] : undefined;
  if (!unit) throw new Refusal("invalid", `function.json: ${key} is ${JSON.stringify(value)}`);
  return Number(match[1]) * unit;
}

export function limitsOf(manifest) {
  const size = (key, otherwise) => quantity(key, manifest[key], kUnits, otherwise);
  const time = (key, otherwise) => quantity(key, manifest[key], kTimes, otherwise);
  return {
    time: time("time", 60_000),
    cpuTime: time("cpu_time", 0),
    memory: size("memory", 256 * 1024 * 1024),
    result: size("result", 2 << 20),
    body: size("body", 64 << 20),
    output: size("output", 16 << 20),
    log: size("log", 1 << 20),
    logLines: manifest.log_lines ?? 65_536,
    openFiles: manifest.open_files ?? 256,
  };
}

function variable(name, value) {
  if (name === "" || /[=\0]/.test(name) || value.includes("\0")) {
    throw new Refusal("invalid",
      `the environment variable '${name}' has an empty name, a '=' in its name or a zero byte`);
  }
  return [name, value];
}

// Refuses what no variable can be; names and values are byte texts.
export function checkEnvironment(variables) {
  for (const [name, value] of variables) variable(name, value);
}

// Secrets come from where the platform keeps them: `read(name)` is the value of its variable, or
// undefined.
function secretsOf(manifest, read) {
  return Object.entries(manifest.secrets ?? {}).map(([name, { environment }]) => {
    const value = read(environment);
    if (typeof value !== "string") {
      throw new Refusal("notFound", utf8Text(
        `the secret ${name} of the function ${manifest.name} is not there: set the variable ${environment} on the platform`));
    }
    return variable(utf8Text(name), utf8Text(value));
  });
}

// `manifest` is function.json, parsed.
export function optionsOf(manifest, readSecret = () => undefined) {
  if (manifest.abi !== undefined && !kAbis.includes(manifest.abi)) {
    throw new Refusal("invalid", `function.json: abi is ${JSON.stringify(manifest.abi)}`);
  }
  const environment = new Map();
  for (const [name, value] of Object.entries(manifest.environment ?? {})) {
    environment.set(...variable(utf8Text(name), utf8Text(String(value))));
  }
  for (const [name, value] of secretsOf(manifest, readSecret)) environment.set(name, value);
  const args = (manifest.arguments ?? []).map(utf8Text);
  if (args.some((each) => each.includes("\0"))) throw new Refusal("invalid", "an argument holds a zero byte");
  return {
    name: utf8Text(manifest.name ?? "function"),
    abi: manifest.abi,
    signature: utf8Text(manifest.signature ?? ""),
    arguments: args,
    environment,
    directories: manifest.directories ?? [],
    outbound: manifest.outbound ?? [],
    limits: limitsOf(manifest),
    concurrency: manifest.concurrency || 128,
    queue: manifest.queue ?? 100,
  };
}
