// Threads that run a package's function, so that a call that computes does not hold up the others
// and the server. A call ends itself at its limit (node.mjs); a thread that does not is ended and
// replaced.
import os from "node:os";
import { Worker } from "node:worker_threads";
import { failure } from "./outcome.mjs";

// Beyond a call's own limit: then something holds it that cannot be interrupted.
const kGraceMs = 2000;

class Thread {
  constructor(pool) {
    this.pool = pool;
    this.job = undefined;
    this.worker = new Worker(new URL("./pool_worker.mjs", import.meta.url),
      { workerData: { directory: pool.directory }, execArgv: [] });
    this.ready = new Promise((resolve, reject) => {
      this.worker.once("message", (message) => {
        if (message.error) return reject(new Error(message.error));
        this.described = message;
        this.worker.on("message", (outcome) => this.done(outcome));
        this.worker.unref();
        return resolve(this);
      });
      this.worker.once("error", reject);
    });
    this.worker.on("error", (error) => this.lost(error.message));
    this.worker.on("exit", () => this.lost("its thread has ended"));
  }

  run(job) {
    this.job = job;
    this.worker.ref();
    this.timer = setTimeout(() => this.worker.terminate(), this.described.limits.time + kGraceMs);
    this.worker.postMessage(job.event);
  }

  settle(outcome) {
    const { job } = this;
    this.job = undefined;
    clearTimeout(this.timer);
    job?.resolve(outcome);
  }
  done(outcome) {
    this.settle(outcome);
    this.worker.unref();
    this.pool.next(this);
  }
  lost(why) {
    if (this.isLost) return;
    this.isLost = true;
    this.settle({ ...failure("internal", `the function could not be run: ${why}`), log: [], logTruncated: false });
    this.pool.replace(this);
  }
}

export class Pool {
  // {name, abi, limits, concurrency, queue} of the function are known once start() has resolved.
  constructor(directory, size = os.availableParallelism?.() ?? os.cpus().length) {
    this.directory = directory;
    this.size = Math.max(1, size);
    this.threads = [];
    this.idle = [];
    this.waiting = [];
    this.running = 0;
  }

  // The first thread; the package is checked there.
  async start() {
    const first = new Thread(this);
    await first.ready;
    this.described = first.described;
    this.threads.push(first);
    this.idle.push(first);
    return this.described;
  }

  // Whether another call would be one too many.
  get isFull() {
    const { concurrency, queue } = this.described;
    return this.running >= concurrency + queue;
  }

  call(event) {
    this.running++;
    return new Promise((resolve) => {
      this.waiting.push({
        event,
        resolve: (outcome) => {
          this.running--;
          resolve(outcome);
        },
      });
      this.go();
    });
  }

  go() {
    while (this.waiting.length > 0 && this.idle.length > 0) this.idle.pop().run(this.waiting.shift());
    if (this.waiting.length > 0 && this.threads.length < this.size) this.add();
  }
  add() {
    const thread = new Thread(this);
    this.threads.push(thread);
    thread.ready.then(() => this.next(thread), () => {});
  }
  next(thread) {
    this.idle.push(thread);
    this.go();
  }
  replace(thread) {
    this.threads = this.threads.filter((each) => each !== thread);
    this.idle = this.idle.filter((each) => each !== thread);
    if (this.described && !this.isClosed) this.go();
  }

  async close() {
    this.isClosed = true;
    await Promise.all(this.threads.map((thread) => thread.worker.terminate()));
  }
}
