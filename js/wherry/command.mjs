// The ABI of commands: parameters on standard input, the last line printed is the result. As
// src/function/command.cc.
import { bytesOfText } from "./bytes.mjs";
import { BytesInput, Guest } from "./guest.mjs";
import { outcomeOf } from "./outcome.mjs";

export function makeCommand(exports, options) {
  exports.start();
  return {
    session(event, host) {
      const stdin = new BytesInput(bytesOfText(`${event.parameters}\n`));
      const guest = new Guest({ options, environment: event.environment, host, stdin });
      return {
        guest,
        run: (instance) => instance.exports._start(),
        end: (how) => outcomeOf(how, guest.output, options.limits),
      };
    },
  };
}
