// The module worker: the function's module, what it is, and the runtime. The module's name has its
// hash, so that another file does not take its place unnoticed.
import module from "./@MODULE_FILE@";
import manifest from "./function.json";
import { createWorker } from "./wherry/worker.mjs";

export default createWorker(module, manifest);
