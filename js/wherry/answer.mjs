// An answer on its way from a guest to its response, for cgi and handler. Nobody reads along here,
// so all is kept; what counts is when the answer has begun. As src/function/answer.cc with
// src/http/buffered_exchange.cc.

export const kHeldBytes = 64 * 1024;

export class Answer {
  constructor(request, limit) {
    this.request = request;
    this.limit = limit;
    this.status = 200;
    this.headers = [];
    this.length = undefined;  // a Content-Length
    this.pieces = [];
    this.bodyBytes = 0;
    this.isStarted = false;
    this.isOverLimit = false;
    this.response = undefined;  // once it is complete
  }

  // "all", or "tooMuch": more than the limit, or than the length that the head says.
  write(bytes) {
    const room = Math.min(this.limit, this.length ?? Infinity) - this.bodyBytes;
    if (bytes.length > room) {
      if (bytes.length > this.limit - this.bodyBytes) this.isOverLimit = true;
      return "tooMuch";
    }
    if (!this.isStarted && bytes.length > kHeldBytes - this.bodyBytes) this.start();
    this.pieces.push(bytes.slice());
    this.bodyBytes += bytes.length;
    return "all";
  }

  start() {
    this.isStarted = true;
  }

  // An answer to HEAD, or "not modified": its length is that of another answer's body.
  tellsOfAnother() {
    return this.length !== undefined && this.bodyBytes === 0 &&
      (this.status === 304 || this.request.method === "HEAD");
  }

  // The guest has ended well: whether the answer is complete.
  finish() {
    const isShort = this.length !== undefined && this.bodyBytes !== this.length && !this.tellsOfAnother();
    if (this.isStarted && isShort) return false;
    const body = new Uint8Array(this.bodyBytes);
    let at = 0;
    for (const piece of this.pieces) {
      body.set(piece, at);
      at += piece.length;
    }
    this.response = { status: this.status, headers: this.headers, body };
    if (this.tellsOfAnother()) this.response.contentLength = this.length;
    return true;
  }
}
