// Lambda's Runtime API and process model as @vercel/fun has them: functions from zips, processes that are
// stopped between two events. fun.cjs MODULE ZIP [NAME=VALUE…]; a line of {payload} in, a line of its result out.
const readline = require("node:readline");

const [module_path, zip, ...variables] = process.argv.slice(2);
const { createFunction } = require(module_path);

(async () => {
  const lambda = await createFunction({
    Code: { ZipFile: zip }, Handler: "bootstrap", Runtime: "provided",
    Environment: { Variables: Object.fromEntries(variables.map((text) => text.split(/=(.*)/s).slice(0, 2))) },
  });
  for await (const line of readline.createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    const result = await lambda.invoke({ InvocationType: "RequestResponse", Payload: JSON.parse(line).payload });
    process.stdout.write(`RESULT ${JSON.stringify(result)}\n`);
  }
  await lambda.destroy();
})();
