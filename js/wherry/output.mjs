// What a guest writes: cut into lines, kept within limits, and told apart into result and log.
// As src/function/output.cc.
import { textOfBytes, toUtf8 } from "./bytes.mjs";

const isBlank = (text) => !/[^ \t\r\v\f]/.test(text);
const kNone = () => ({ pieces: [], length: 0, cut: false, started: false });

export class OutputCapture {
  constructor(limits) {
    this.limits = limits;
    this.lines = [kNone(), kNone()];  // under way: standard output, standard error
    this.candidate = undefined;       // the last line that is more than white space
    this.candidatePosition = 0;
    this.log = [];
    this.logBytes = 0;
    this.writtenBytes = 0;
    this.logTruncated = false;
    this.isOverLimit = false;
  }

  // Takes bytes of either stream. Not empty: the guest has written too much and is to be stopped.
  write(isStderr, bytes) {
    if (this.isOverLimit || bytes.length > this.limits.output - this.writtenBytes) {
      this.isOverLimit = true;
      return `wrote more than the limit of ${this.limits.output} bytes`;
    }
    this.writtenBytes += bytes.length;
    let from = 0;
    while (from < bytes.length) {
      const line = this.lines[Number(isStderr)];
      const newline = bytes.indexOf(10, from);
      const end = newline < 0 ? bytes.length : newline;
      const room = this.limits.result - line.length;
      line.started = true;
      if (end - from > room) line.cut = true;
      const piece = textOfBytes(bytes.subarray(from, Math.min(end, from + room)));
      line.pieces.push(piece);
      line.length += piece.length;
      if (newline < 0) break;
      this.endLine(isStderr);
      from = newline + 1;
    }
    return "";
  }

  // The guest has ended: lines without a newline are lines too.
  finish() {
    for (const isStderr of [false, true]) {
      if (this.lines[Number(isStderr)].started) this.endLine(isStderr);
    }
  }

  endLine(isStderr) {
    const { pieces, cut } = this.lines[Number(isStderr)];
    const line = { text: pieces.join(""), cut };
    this.lines[Number(isStderr)] = kNone();
    if (isStderr || isBlank(line.text)) {
      this.addLog(this.log.length, isStderr, line);
      return;
    }
    this.logLastLine();
    this.candidate = line;
    this.candidatePosition = this.log.length;
  }

  // Makes the last line part of the log: it is no result.
  logLastLine() {
    if (!this.candidate) return;
    this.addLog(this.candidatePosition, false, this.candidate);
    this.candidate = undefined;
  }

  addLog(position, isStderr, { text, cut }) {
    const room = this.limits.log - this.logBytes;
    const isFull = this.log.length >= this.limits.logLines;
    if (cut || text.length >= room || isFull) this.logTruncated = true;
    if (room === 0 || isFull) return;
    const kept = text.slice(0, room - 1);  // with its newline, what is kept fits
    this.logBytes += kept.length + 1;
    this.log.splice(position, 0, { isStderr, text: toUtf8(kept) });
  }
}
