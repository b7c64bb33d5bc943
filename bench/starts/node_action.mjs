// Calls an exported function once, as Node's runtimes of platforms do, and prints its result:
// node node_action.mjs MODULE EXPORT EVENT
import { pathToFileURL } from "node:url";

const [path, name, event] = process.argv.slice(2);
const all = await import(pathToFileURL(path));
const call = all[name] ?? all.default[name];
console.log(JSON.stringify(await call(JSON.parse(event), {})));
