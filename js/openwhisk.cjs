// OpenWhisk's Node.js runtimes load an action as a CommonJS module.
"use strict";

const runtime = import("./openwhisk.mjs");
runtime.catch(() => {});  // told by the first call

exports.main = async (parameters) => (await runtime).main(parameters);
