// Adds up sales: tests/guests/README.md says what every language's `sales` does. Here with
// AssemblyScript's classes, maps, closures without captures, strings (UTF-16) and garbage collector.
import { readDescriptor, readDirectory, readFile, rename, writeFile } from "./files";

class Sum {
  units: u64 = 0;
  cents: u64 = 0;
  constructor(public name: string) {}
  add(units: u64, cents: u64): void {
    this.units += units;
    this.cents += cents;
  }
}

function split(line: string): string[] {
  const fields: string[] = [];
  let field = "";
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const c = line.charAt(i);
    if (c == '"' && quoted && line.charAt(i + 1) == '"') {
      field += c;
      i++;
    } else if (c == '"' && (quoted || field.length == 0)) {
      quoted = !quoted;
    } else if (c == "," && !quoted) {
      fields.push(field);
      field = "";
    } else {
      field += c;
    }
  }
  fields.push(field);
  return fields;
}

/** The number that the digits say, or -1. */
function number(text: string): i64 {
  if (text.length == 0 || text.length > 9) return -1;
  let value: i64 = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function centsOf(text: string): i64 {
  const parts = text.split(".");
  const whole = number(parts[0]);
  if (whole < 0 || parts.length > 2) return -1;
  if (parts.length == 1) return whole * 100;
  const hundredths = number(parts[1]);
  return parts[1].length == 2 && hundredths >= 0 ? whole * 100 + hundredths : -1;
}

function isDate(text: string): bool {
  const parts = text.split("-");
  return (
    parts.length == 3 &&
    parts[0].length == 4 &&
    parts[1].length == 2 &&
    parts[2].length == 2 &&
    parts.every((part) => number(part) >= 0)
  );
}

function money(cents: u64): string {
  return (cents / 100).toString() + "." + (cents % 100).toString().padStart(2, "0");
}

function quoted(text: string): string {
  let json = '"';
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code == 34 || code == 92) json += "\\" + text.charAt(i);
    else if (code < 32) json += "\\u" + code.toString(16).padStart(4, "0");
    else json += text.charAt(i);
  }
  return json + '"';
}

class Ledger {
  products: Map<string, Sum> = new Map();
  regions: Map<string, Sum> = new Map();
  sales: i32 = 0;
  bad: i32 = 0;
  cents: u64 = 0;
  first: string = "9999-99-99";
  last: string = "0000-00-00";

  /** The first line is the header. */
  take(name: string, text: string): void {
    const lines = text.split("\n");
    for (let i = 1; i < lines.length; i++) {
      const line = lines[i].endsWith("\r") ? lines[i].slice(0, -1) : lines[i];
      if (line.length == 0) continue;
      const problem = this.takeLine(split(line));
      if (problem.length == 0) continue;
      this.bad++;
      process.stderr.write(name + ":" + (i + 1).toString() + ": " + problem + "\n");
    }
  }

  private takeLine(fields: string[]): string {
    if (fields.length != 5) return "has " + fields.length.toString() + " fields, not 5";
    const units = number(fields[3]);
    const price = centsOf(fields[4]);
    if (!isDate(fields[0])) return 'bad date "' + fields[0] + '"';
    if (units < 0) return 'bad units "' + fields[3] + '"';
    if (price < 0) return 'bad price "' + fields[4] + '"';
    const cents = units * price;
    Ledger.sumOf(this.products, fields[2]).add(units, cents);
    Ledger.sumOf(this.regions, fields[1]).add(units, cents);
    this.sales++;
    this.cents += cents;
    if (fields[0] < this.first) this.first = fields[0];
    if (fields[0] > this.last) this.last = fields[0];
    return "";
  }

  private static sumOf(sums: Map<string, Sum>, name: string): Sum {
    if (!sums.has(name)) sums.set(name, new Sum(name));
    return sums.get(name);
  }

  private static byName(a: Sum, b: Sum): i32 {
    return a.name < b.name ? -1 : i32(a.name > b.name);
  }

  productsInOrder(): Sum[] {
    return this.products.values().sort((a, b) => {
      if (a.cents != b.cents) return a.cents > b.cents ? -1 : 1;
      return Ledger.byName(a, b);
    });
  }

  regionsInOrder(): Sum[] {
    return this.regions.values().sort((a, b) => Ledger.byName(a, b));
  }

  table(title: string, sums: Sum[]): string {
    let text = row(title, "units", "revenue", "share");
    for (let i = 0; i < sums.length; i++) {
      const sum = sums[i];
      const tenths = (sum.cents * 1000 + this.cents / 2) / max<u64>(1, this.cents);
      const share = (tenths / 10).toString() + "." + (tenths % 10).toString() + "%";
      text += row(sum.name, sum.units.toString(), money(sum.cents), share);
    }
    return text;
  }

  summary(currency: string): string {
    const products = this.productsInOrder().map<string>(
      (sum) =>
        '{"name":' + quoted(sum.name) + ',"units":' + sum.units.toString() +
        ',"revenue":"' + money(sum.cents) + '"}',
    );
    return (
      '{"currency":' + quoted(currency) + ',"sales":' + this.sales.toString() +
      ',"bad":' + this.bad.toString() + ',"revenue":"' + money(this.cents) +
      '","products":[' + products.join(",") + "]}\n"
    );
  }
}

function row(name: string, units: string, revenue: string, share: string): string {
  return name.padEnd(24) + units.padStart(8) + revenue.padStart(12) + share.padStart(8) + "\n";
}

/** The string that belongs to `key` in a flat JSON object, or null. */
function stringField(json: string, key: string): string | null {
  const name = '"' + key + '"';
  let at = json.indexOf(name);
  if (at < 0) return null;
  at += name.length;
  while (json.charAt(at) == ":" || json.charAt(at) == " ") at++;
  if (json.charAt(at) != '"') return null;
  let text = "";
  for (at++; at < json.length && json.charAt(at) != '"'; at++) {
    if (json.charAt(at) != "\\") {
      text += json.charAt(at);
      continue;
    }
    const escape = json.charAt(++at);
    if (escape == "u") {
      text += String.fromCharCode(<i32>parseInt(json.substr(at + 1, 4), 16));
      at += 4;
    } else if (escape == "n") text += "\n";
    else if (escape == "t") text += "\t";
    else if (escape == "r") text += "\r";
    else text += escape;
  }
  return text;
}

function runFunction(): void {
  const json = readDescriptor(0, "stdin");
  const csv = stringField(json, "csv");
  if (csv === null) {
    console.log('{"error":"no csv"}');
    return;
  }
  const ledger = new Ledger();
  ledger.take("csv", csv);
  const currency = stringField(json, "currency");
  process.stdout.write(ledger.summary(currency === null ? "EUR" : currency));
}

function hashOf(bytes: Uint8Array): string {
  let hash: u64 = 0xcbf29ce484222325;
  for (let i = 0; i < bytes.length; i++) hash = (hash ^ bytes[i]) * 0x100000001b3;
  return hash.toString(16).padStart(16, "0");
}

function runCommand(input: string, output: string): void {
  const ledger = new Ledger();
  const names = readDirectory(input).filter((name) => name.endsWith(".csv"));
  names.sort();
  for (let i = 0; i < names.length; i++) {
    ledger.take(names[i], readFile(input + "/" + names[i]));
  }
  ledger.take("stdin", readDescriptor(0, "stdin"));
  const currency = process.env.has("CURRENCY") ? process.env.get("CURRENCY") : "EUR";
  process.stdout.write(
    names.length.toString() + " files, " + ledger.sales.toString() + " sales, " +
      ledger.bad.toString() + " bad lines, " + ledger.first + " to " + ledger.last +
      ", in " + currency + "\n",
  );
  process.stdout.write(ledger.table("product", ledger.productsInOrder()));
  process.stdout.write(ledger.table("region", ledger.regionsInOrder()));
  const path = output + "/summary.json";
  writeFile(path + ".new", ledger.summary(currency));
  rename(path + ".new", path);
  const bytes = Uint8Array.wrap(String.UTF8.encode(readFile(path)));
  process.stdout.write(
    path + ": " + bytes.length.toString() + " bytes, fnv1a " + hashOf(bytes) + "\n",
  );
  if (ledger.bad > 0) process.exit(3);
}

if (process.argv.length == 1) {
  runFunction();
} else if (process.argv.length == 3) {
  runCommand(process.argv[1], process.argv[2]);
} else {
  process.stderr.write("usage: sales INPUT-DIRECTORY OUTPUT-DIRECTORY\n");
  process.exit(2);
}
