// WASI preview 1: all functions of `wasi_snapshot_preview1`, on a world of streams, clocks, random
// numbers and directories. What each returns is what src/wasi returns; docs/wasi.md is the
// contract. Files are behind an interface (files_node.mjs); without one there are none.
import { bytesOfText, isUtf8, textOfBytes } from "./bytes.mjs";
import { exitEnd, interruptedEnd } from "./outcome.mjs";

const kErrnoNames = ("success 2big acces addrinuse addrnotavail afnosupport again already badf badmsg busy canceled " +
  "child connaborted connrefused connreset deadlk destaddrreq dom dquot exist fault fbig hostunreach idrm ilseq " +
  "inprogress intr inval io isconn isdir loop mfile mlink msgsize multihop nametoolong netdown netreset netunreach " +
  "nfile nobufs nodev noent noexec nolck nolink nomem nomsg noprotoopt nospc nosys notconn notdir notempty " +
  "notrecoverable notsock notsup notty nxio overflow ownerdead perm pipe proto protonosupport prototype range rofs " +
  "spipe srch stale timedout txtbsy xdev notcapable").split(" ");
export const kErrno = Object.fromEntries(kErrnoNames.map((name, i) => [name, i]));
const E = kErrno;

// What a function answers instead of success.
export class WasiError extends Error {
  constructor(name) {
    super(name);
    this.errno = E[name] ?? E.io;
  }
}
const fail = (name) => {
  throw new WasiError(name);
};

const right = (bit) => 1n << BigInt(bit);
export const kRights = {
  fdDatasync: right(0), fdRead: right(1), fdSeek: right(2), fdFdstatSetFlags: right(3), fdSync: right(4),
  fdTell: right(5), fdWrite: right(6), fdAdvise: right(7), fdAllocate: right(8), pathCreateDirectory: right(9),
  pathCreateFile: right(10), pathLinkSource: right(11), pathLinkTarget: right(12), pathOpen: right(13),
  fdReaddir: right(14), pathReadlink: right(15), pathRenameSource: right(16), pathRenameTarget: right(17),
  pathFilestatGet: right(18), pathFilestatSetSize: right(19), pathFilestatSetTimes: right(20),
  fdFilestatGet: right(21), fdFilestatSetSize: right(22), fdFilestatSetTimes: right(23), pathSymlink: right(24),
  pathRemoveDirectory: right(25), pathUnlinkFile: right(26), pollFdReadwrite: right(27),
};
const R = kRights;
const kChangesFile = R.fdDatasync | R.fdWrite | R.fdAllocate | R.fdFilestatSetSize | R.fdFilestatSetTimes;
const kChangesDirectory = R.pathCreateDirectory | R.pathCreateFile | R.pathLinkSource | R.pathLinkTarget |
  R.pathRenameSource | R.pathRenameTarget | R.pathFilestatSetSize | R.pathFilestatSetTimes | R.pathSymlink |
  R.pathRemoveDirectory | R.pathUnlinkFile | R.fdFilestatSetTimes;
const kFileRights = kChangesFile | R.fdRead | R.fdSeek | R.fdFdstatSetFlags | R.fdSync | R.fdTell | R.fdAdvise |
  R.fdFilestatGet | R.pollFdReadwrite;
const kDirectoryRights = kChangesDirectory | R.fdFdstatSetFlags | R.fdSync | R.pathOpen | R.fdReaddir |
  R.pathReadlink | R.pathFilestatGet | R.fdFilestatGet;
const kInputRights = R.fdRead | R.fdFdstatSetFlags | R.fdFilestatGet | R.pollFdReadwrite;
const kOutputRights = R.fdWrite | R.fdFdstatSetFlags | R.fdFilestatGet | R.pollFdReadwrite;

export const kFileType = { unknown: 0, block: 1, character: 2, directory: 3, regular: 4, socket: 6, link: 7 };
const kFlags = { append: 1, dsync: 2, nonblock: 4, rsync: 8, sync: 16 };
const kOpen = { create: 1, directory: 2, exclusive: 4, truncate: 8 };
const kMaxPathBytes = 4096, kMaxIoVecs = 1024, kMaxTransfer = 2 ** 30, kMaxSubscriptions = 1024;
const kNever = 2n ** 64n - 1n;

const u64 = (value) => BigInt.asUintN(64, value);

export const systemClock = {
  realtime: () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6)),
  monotonic: () => BigInt(Math.round(performance.now() * 1e6)),
  // Blocks for so many milliseconds.
  sleep: (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms),
};

export class World {
  // {arguments, environment: byte texts, `environment` as NAME=value; stdin: {read(pieces)}; stdout,
  // stderr: {write(pieces)}; directories: [{directory, guest, readOnly}]; files; clock; maxDescriptors;
  // beforeWait; deadline: of the clock's monotonic time}
  constructor(options) {
    this.arguments = options.arguments ?? [];
    this.environment = options.environment ?? [];
    this.files = options.files;
    this.clock = options.clock ?? systemClock;
    this.maxDescriptors = options.maxDescriptors ?? 256;
    this.beforeWait = options.beforeWait ?? (() => {});
    this.deadline = options.deadline;
    this.began = this.clock.monotonic();
    this.slept = 0n;
    const input = { type: kFileType.unknown, input: options.stdin ?? { read: () => 0 }, rights: kInputRights };
    const output = (stream) => ({ type: kFileType.unknown, output: stream ?? { write: sizeOf }, rights: kOutputRights });
    this.descriptors = [input, output(options.stdout), output(options.stderr)]
      .map((each) => ({ inheriting: 0n, flags: 0, ...each }));
    for (const each of options.directories ?? []) this.addDirectory(each);
  }

  addDirectory({ directory, guest, readOnly }) {
    let rights = kDirectoryRights, inheriting = kDirectoryRights | kFileRights;
    if (readOnly) {
      rights &= ~kChangesDirectory;
      inheriting &= ~(kChangesDirectory | kChangesFile);
    }
    this.insert({ type: kFileType.directory, directory, rights, inheriting, flags: 0, preopenName: guest });
  }

  // Once there is an instance. A module without memory has no address.
  attach(memory) {
    this.memory = memory;
  }

  lowestFree() {
    let fd = 0;
    while (this.descriptors[fd]) fd++;
    return fd;
  }
  insert(descriptor) {
    const fd = this.lowestFree();
    if (fd >= this.maxDescriptors) fail("mfile");
    this.descriptors[fd] = descriptor;
    return fd;
  }

  // The guest has ended: what it left open is closed.
  close() {
    for (const descriptor of this.descriptors) descriptor?.file?.close();
    this.descriptors = [];
  }

  find(fd, needed = 0n) {
    const descriptor = this.descriptors[fd >>> 0] ?? fail("badf");
    if ((descriptor.rights & needed) !== needed) fail("notcapable");
    return descriptor;
  }
  findDirectory(fd, needed) {
    const descriptor = this.descriptors[fd >>> 0] ?? fail("badf");
    if (!descriptor.directory) fail("notdir");
    return this.find(fd, needed);
  }
  findFile(fd, needed) {
    const descriptor = this.descriptors[fd >>> 0] ?? fail("badf");
    if (descriptor.directory) fail("badf");
    if (!descriptor.file) fail("spipe");
    return this.find(fd, needed);
  }
  // Reading what was opened for writing is badf, as POSIX has it.
  findTransferable(fd, needed) {
    const descriptor = this.find(fd);
    if (descriptor.directory || (descriptor.rights & needed) === 0n) fail("badf");
    return descriptor;
  }

  // The door for all of a guest's pointers.
  at(address, length) {
    const buffer = this.memory?.buffer;
    address >>>= 0;
    if (!buffer || address + length > buffer.byteLength) fail("fault");
    return new Uint8Array(buffer, address, length);
  }
  view(address, length) {
    const bytes = this.at(address, length);
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }
  store32(address, value) {
    this.view(address, 4).setUint32(0, value, true);
  }
  store64(address, value) {
    this.view(address, 8).setBigUint64(0, u64(value), true);
  }

  path(address, length) {
    length >>>= 0;
    const bytes = this.at(address, length);
    if (length > kMaxPathBytes) fail("nametoolong");
    const text = textOfBytes(bytes);
    if (text === "") fail("noent");
    if (text[0] === "/") fail("perm");
    if (text.includes("\0")) fail("inval");
    if (!isUtf8(text)) fail("ilseq");
    // The kernel counts the zero byte at the end.
    if (length === kMaxPathBytes) fail("nametoolong");
    return text;
  }

  // The guest's scattered buffers, checked once.
  pieces(address, given) {
    given >>>= 0;
    this.at(address, given * 8);
    const count = Math.min(given, kMaxIoVecs);
    const view = this.view(address, count * 8);
    const pieces = [];
    let left = kMaxTransfer;
    for (let i = 0; i < count; i++) {
      const length = view.getUint32(i * 8 + 4, true);
      const piece = this.at(view.getUint32(i * 8, true), length);
      pieces.push(length > left ? piece.subarray(0, left) : piece);
      left -= Math.min(length, left);
    }
    if (given > count && left === kMaxTransfer) fail("inval");
    return pieces;
  }

  time(id) {
    switch (id >>> 0) {
      case 0: return this.clock.realtime();
      case 1: return this.clock.monotonic();
      case 2:
      case 3: return this.clock.monotonic() - this.began - this.slept;
      default: return fail("inval");
    }
  }

  // Blocks for so many nanoseconds; a deadline ends the guest.
  wait(ns) {
    const left = this.deadline === undefined ? kNever : this.deadline - this.clock.monotonic();
    const wanted = left < ns ? left : ns;
    if (wanted > 0n) {
      this.clock.sleep(Number(wanted) / 1e6);
      this.slept += wanted;
    }
    if (left <= ns) throw interruptedEnd();
  }

  // The functions of `wasi_snapshot_preview1`, for an import object.
  imports() {
    const functions = {};
    for (const [name, call] of Object.entries(kFunctions)) {
      functions[name] = (...args) => {
        try {
          return call(this, ...args) ?? E.success;
        } catch (error) {
          if (error instanceof WasiError) return error.errno;
          throw error;
        }
      };
    }
    functions.proc_exit = (code) => {
      throw exitEnd(code >>> 0);
    };
    return functions;
  }
}

const sizeOf = (pieces) => pieces.reduce((sum, piece) => sum + piece.length, 0);

function storeStrings(world, pointers, text, strings) {
  const size = strings.reduce((sum, each) => sum + each.length + 1, 0);
  const to = world.at(text, size);
  const list = world.view(pointers, strings.length * 4);
  let at = 0;
  strings.forEach((string, i) => {
    list.setUint32(i * 4, (text >>> 0) + at, true);
    to.set(bytesOfText(string), at);
    to[at + string.length] = 0;
    at += string.length + 1;
  });
}
function storeSizes(world, count, size, strings) {
  world.store32(count, strings.length);
  world.store32(size, strings.reduce((sum, each) => sum + each.length + 1, 0));
}

function storeFilestat(world, address, { device = 0n, inode = 0n, type, links = 0n, size = 0n, times = [0n, 0n, 0n] }) {
  const view = world.view(address, 64);
  [device, inode, BigInt(type), links, size, ...times].forEach((value, i) => view.setBigUint64(i * 8, u64(value), true));
}

// [access, modification]: nanoseconds, "now", or undefined to leave as it is.
function fileTimes(access, modification, flags) {
  flags >>>= 0;
  if ((flags & ~0xf) !== 0 || (flags & 3) === 3 || (flags & 12) === 12) fail("inval");
  const timeOf = (ns, set, now) => (now ? "now" : set ? u64(ns) : undefined);
  return [timeOf(access, flags & 1, flags & 2), timeOf(modification, flags & 4, flags & 8)];
}

function checkLookup(flags) {
  if ((flags & ~1) !== 0) fail("inval");
}

const isNegative = (offset) => BigInt.asIntN(64, offset) < 0n;

function seekTo(world, descriptor, offset, whence, address) {
  world.at(address, 8);
  const base = whence === 0 ? 0n : whence === 1 ? descriptor.file.position : descriptor.file.status().size;
  const position = base + BigInt.asIntN(64, offset);
  if (position < 0n || position >= 2n ** 63n) fail("inval");
  descriptor.file.position = position;
  world.store64(address, position);
}

function notASocket(world, fd) {
  fail(world.descriptors[fd >>> 0] ? "notsock" : "badf");
}

function changeRights(opened, rights, wantsWrite, directory) {
  if (opened.directory) {
    opened.rights = directory.inheriting & kDirectoryRights;
    opened.inheriting = directory.inheriting;
    return;
  }
  opened.rights = directory.inheriting & kFileRights;
  if (!(rights & R.fdRead)) opened.rights &= ~R.fdRead;
  if (!wantsWrite) opened.rights &= ~kChangesFile | R.fdFilestatSetTimes;
}

function openPath(world, fd, lookup, pathAt, pathLength, oflags, rights, _inheriting, fdflags, into) {
  if ((oflags & ~0xf) !== 0 || (fdflags & ~0x1f) !== 0) fail("inval");
  checkLookup(lookup);
  if ((oflags & kOpen.create) && (oflags & kOpen.directory)) fail("inval");
  let needed = R.pathOpen;
  if (oflags & kOpen.create) needed |= R.pathCreateFile;
  if (oflags & kOpen.truncate) needed |= R.pathFilestatSetSize;
  const directory = world.findDirectory(fd, needed);
  const wantsWrite = (rights & R.fdWrite) !== 0n, wantsRead = (rights & (R.fdRead | R.fdReaddir)) !== 0n;
  const wantsDirectory = (oflags & kOpen.directory) !== 0;
  if (wantsWrite && (directory.inheriting & R.fdWrite) === 0n && !wantsDirectory) fail("notcapable");
  const path = world.path(pathAt, pathLength);
  world.at(into, 4);
  if (world.lowestFree() >= world.maxDescriptors) fail("mfile");
  const opened = world.files.open(directory.directory, path, {
    write: wantsWrite && !wantsDirectory, read: wantsRead, directory: wantsDirectory, follow: (lookup & 1) !== 0,
    create: (oflags & kOpen.create) !== 0, exclusive: (oflags & kOpen.exclusive) !== 0,
    truncate: (oflags & kOpen.truncate) !== 0, sync: (fdflags & (kFlags.sync | kFlags.rsync)) !== 0,
    dsync: (fdflags & kFlags.dsync) !== 0,
  });
  if (wantsDirectory && wantsWrite) fail("isdir");
  const descriptor = { ...opened, rights: 0n, inheriting: 0n, flags: fdflags };
  changeRights(descriptor, rights, wantsWrite, directory);
  world.store32(into, world.insert(descriptor));
}

function readDirectory(world, fd, into, length, cookie, used) {
  const descriptor = world.findDirectory(fd, R.fdReaddir);
  length >>>= 0;
  const buffer = world.at(into, length);
  world.at(used, 4);
  // Of the names as they were when the guest began to read, those that are still there.
  if (cookie === 0n || !descriptor.names) descriptor.names = world.files.list(descriptor.directory);
  let at = 0;
  const put = (bytes) => {
    const count = Math.min(bytes.length, length - at);
    buffer.set(bytes.subarray(0, count), at);
    at += count;
  };
  const { names } = descriptor;
  for (let i = Number(u64(cookie)); i < names.length && at < length; i++) {
    const entry = world.files.entry(descriptor.directory, names[i]);
    if (!entry) continue;
    const name = bytesOfText(names[i]);
    const record = new DataView(new ArrayBuffer(24));
    record.setBigUint64(0, BigInt(i + 1), true);
    record.setBigUint64(8, u64(entry.inode), true);
    record.setUint32(16, name.length, true);
    record.setUint32(20, entry.type, true);
    put(new Uint8Array(record.buffer));
    put(name);
  }
  world.store32(used, at);
}

// One subscription: what it is about, and the event that tells of it.
function subscriptionOf(world, view, at) {
  const waiter = { userdata: view.getBigUint64(at, true), type: view.getUint8(at + 8), error: 0, bytes: 0n };
  try {
    if (waiter.type === 0) {
      const id = view.getUint32(at + 16, true);
      if (id > 1) fail(id <= 3 ? "notsup" : "inval");
      const timeout = view.getBigUint64(at + 24, true);
      const now = world.time(id);
      const isAbsolute = (view.getUint16(at + 40, true) & 1) !== 0;
      waiter.remaining = !isAbsolute ? timeout : timeout > now ? timeout - now : 0n;
      return waiter;
    }
    if (waiter.type > 2) fail("inval");
    const descriptor = world.find(view.getUint32(at + 16, true), R.pollFdReadwrite);
    const isRead = waiter.type === 1;
    if (isRead ? descriptor.output : descriptor.input) fail("badf");
    waiter.bytes = 1n;
    if (isRead && descriptor.file) {
      const left = descriptor.file.status().size - descriptor.file.position;
      waiter.bytes = left > 0n ? left : 0n;
    }
  } catch (error) {
    if (!(error instanceof WasiError)) throw error;
    waiter.error = error.errno;
  }
  waiter.isReady = true;
  return waiter;
}

function poll(world, from, into, count, used) {
  count >>>= 0;
  if (count === 0 || count > kMaxSubscriptions) fail("inval");
  const subscriptions = world.at(from, count * 48).slice();
  world.at(into, count * 32);
  world.at(used, 4);
  world.beforeWait();
  const view = new DataView(subscriptions.buffer);
  const waiters = Array.from({ length: count }, (_, i) => subscriptionOf(world, view, i * 48));
  const isClock = (each) => each.remaining !== undefined;
  if (!waiters.some((each) => each.isReady)) {
    let shortest = kNever;
    for (const each of waiters) if (each.remaining < shortest) shortest = each.remaining;
    world.wait(shortest);
    for (const each of waiters) if (isClock(each)) each.remaining -= shortest;
  }
  const events = waiters.filter((each) => each.isReady || (isClock(each) && each.remaining === 0n));
  events.forEach((event, i) => {
    const record = world.view((into >>> 0) + i * 32, 32);
    record.setBigUint64(0, event.userdata, true);
    record.setUint16(8, event.error, true);
    record.setUint8(10, event.type);
    for (let k = 11; k < 16; k++) record.setUint8(k, 0);
    record.setBigUint64(16, event.bytes, true);
    record.setBigUint64(24, 0n, true);
  });
  world.store32(used, events.length);
}

function renameBetween(world, fd, at, length, toFd, toAt, toLength) {
  const from = world.findDirectory(fd, R.pathRenameSource);
  const fromPath = world.path(at, length);
  const fromPlace = world.files.place(from.directory, fromPath, "inval");
  const to = world.findDirectory(toFd, R.pathRenameTarget);
  const toPath = world.path(toAt, toLength);
  world.files.rename(fromPlace, world.files.place(to.directory, toPath, "inval"));
}

function transfer(world, fd, needed, iovs, count, used) {
  const descriptor = world.findTransferable(fd, needed);
  const pieces = world.pieces(iovs, count);
  world.at(used, 4);
  return { descriptor, pieces };
}

const kFunctions = {
  args_get: (world, pointers, text) => storeStrings(world, pointers, text, world.arguments),
  args_sizes_get: (world, count, size) => storeSizes(world, count, size, world.arguments),
  environ_get: (world, pointers, text) => storeStrings(world, pointers, text, world.environment),
  environ_sizes_get: (world, count, size) => storeSizes(world, count, size, world.environment),

  clock_res_get(world, id, into) {
    if (id >>> 0 > 3) fail("inval");
    world.store64(into, 1n);
  },
  clock_time_get: (world, id, _precision, into) => world.store64(into, world.time(id)),
  random_get(world, into, length) {
    const bytes = world.at(into, length >>> 0);
    // Browsers' limit of one call, which the platforms have taken over.
    for (let i = 0; i < bytes.length; i += 65536) {
      const piece = new Uint8Array(Math.min(65536, bytes.length - i));
      globalThis.crypto.getRandomValues(piece);
      bytes.set(piece, i);
    }
  },
  sched_yield() {},
  proc_raise: () => fail("notsup"),
  sock_accept: notASocket,
  sock_recv: notASocket,
  sock_send: notASocket,
  sock_shutdown: notASocket,
  poll_oneoff: poll,

  fd_read(world, fd, iovs, count, used) {
    const { descriptor, pieces } = transfer(world, fd, R.fdRead, iovs, count, used);
    world.store32(used, descriptor.input ? descriptor.input.read(pieces) : descriptor.file.read(pieces));
  },
  fd_write(world, fd, iovs, count, used) {
    const { descriptor, pieces } = transfer(world, fd, R.fdWrite, iovs, count, used);
    const isAppend = (descriptor.flags & kFlags.append) !== 0;
    world.store32(used, descriptor.output ? descriptor.output.write(pieces) : descriptor.file.write(pieces, isAppend));
  },
  fd_pread(world, fd, iovs, count, offset, used) {
    const { descriptor, pieces } = transfer(world, fd, R.fdRead, iovs, count, used);
    if (!descriptor.file) fail("spipe");
    if (isNegative(offset)) fail("inval");
    world.store32(used, descriptor.file.readAt(pieces, offset));
  },
  fd_pwrite(world, fd, iovs, count, offset, used) {
    const { descriptor, pieces } = transfer(world, fd, R.fdWrite, iovs, count, used);
    if (!descriptor.file) fail("spipe");
    if (isNegative(offset)) fail("inval");
    const isAppend = (descriptor.flags & kFlags.append) !== 0;
    world.store32(used, descriptor.file.writeAt(pieces, isAppend ? descriptor.file.status().size : offset));
  },
  fd_seek(world, fd, offset, whence, into) {
    whence &= 0xff;
    if (whence > 2) fail("inval");
    const onlyTells = whence === 1 && offset === 0n;
    seekTo(world, world.findFile(fd, onlyTells ? R.fdTell : R.fdSeek), offset, whence, into);
  },
  fd_tell: (world, fd, into) => seekTo(world, world.findFile(fd, R.fdTell), 0n, 1, into),
  fd_sync(world, fd) {
    if (isStream(world, fd)) fail("inval");
    world.find(fd, R.fdSync).file?.sync();
  },
  fd_datasync(world, fd) {
    if (isStream(world, fd)) fail("inval");
    world.find(fd, R.fdDatasync).file?.sync();
  },
  fd_advise(world, fd, _offset, length, advice) {
    world.findFile(fd, R.fdAdvise);
    if (advice >>> 0 > 5 || isNegative(length)) fail("inval");
  },
  fd_allocate(world, fd, offset, length) {
    const { file } = world.findFile(fd, R.fdAllocate);
    if (isNegative(offset) || BigInt.asIntN(64, length) <= 0n) fail("inval");
    if (offset + length >= 2n ** 63n) fail("fbig");
    if (offset + length > file.status().size) file.setSize(offset + length);
  },
  fd_close(world, fd) {
    world.find(fd).file?.close();
    world.descriptors[fd >>> 0] = undefined;
  },
  fd_renumber(world, from, to) {
    world.find(from);
    const replaced = world.find(to);
    if (from === to) return;
    replaced.file?.close();
    world.descriptors[to >>> 0] = world.descriptors[from >>> 0];
    world.descriptors[from >>> 0] = undefined;
  },
  fd_fdstat_get(world, fd, into) {
    const { type, flags, rights, inheriting } = world.find(fd);
    const view = world.view(into, 24);
    view.setUint16(0, type, true);
    view.setUint16(2, flags, true);
    view.setUint32(4, 0, true);
    view.setBigUint64(8, rights, true);
    view.setBigUint64(16, inheriting, true);
  },
  fd_fdstat_set_flags(world, fd, flags) {
    const descriptor = world.find(fd, R.fdFdstatSetFlags);
    if ((flags & ~0x1f) !== 0) fail("inval");
    const kept = kFlags.dsync | kFlags.rsync | kFlags.sync;
    if (((flags ^ descriptor.flags) & kept) !== 0) fail("notsup");
    descriptor.flags = flags;
  },
  fd_fdstat_set_rights(world, fd, rights, inheriting) {
    const descriptor = world.find(fd);
    if ((u64(rights) & ~descriptor.rights) || (u64(inheriting) & ~descriptor.inheriting)) fail("notcapable");
    descriptor.rights = u64(rights);
    descriptor.inheriting = u64(inheriting);
  },
  fd_filestat_get(world, fd, into) {
    const descriptor = world.find(fd, R.fdFilestatGet);
    if (descriptor.directory) storeFilestat(world, into, world.files.statusOf(descriptor.directory));
    else storeFilestat(world, into, descriptor.file ? descriptor.file.status() : { type: descriptor.type });
  },
  fd_filestat_set_size(world, fd, size) {
    const descriptor = world.descriptors[fd >>> 0];
    if (descriptor && !descriptor.directory && !descriptor.file) fail("inval");
    const { rights, file } = world.findFile(fd, 0n);
    if (!(rights & R.fdFilestatSetSize)) fail(rights & R.fdWrite ? "notcapable" : "inval");
    if (isNegative(size)) fail("inval");
    file.setSize(size);
  },
  fd_filestat_set_times(world, fd, access, modification, flags) {
    const descriptor = world.find(fd, R.fdFilestatSetTimes);
    const times = fileTimes(access, modification, flags);
    if (descriptor.directory) world.files.setTimesOf(descriptor.directory, times);
    else descriptor.file.setTimes(times);
  },
  fd_prestat_get(world, fd, into) {
    const { preopenName } = world.find(fd);
    if (preopenName === undefined) fail("badf");
    const view = world.view(into, 8);
    view.setUint32(0, 0, true);
    view.setUint32(4, preopenName.length, true);
  },
  fd_prestat_dir_name(world, fd, into, length) {
    const { preopenName } = world.find(fd);
    if (preopenName === undefined) fail("badf");
    if (length >>> 0 < preopenName.length) fail("nametoolong");
    world.at(into, preopenName.length).set(bytesOfText(preopenName));
  },
  fd_readdir: readDirectory,

  path_open: openPath,
  path_filestat_get(world, fd, lookup, at, length, into) {
    checkLookup(lookup);
    const { directory } = world.findDirectory(fd, R.pathFilestatGet);
    storeFilestat(world, into, world.files.statusAt(directory, world.path(at, length), lookup === 1));
  },
  path_filestat_set_times(world, fd, lookup, at, length, access, modification, flags) {
    const times = fileTimes(access, modification, flags);
    checkLookup(lookup);
    const { directory } = world.findDirectory(fd, R.pathFilestatSetTimes);
    world.files.setTimesAt(directory, world.path(at, length), lookup === 1, times);
  },
  path_readlink(world, fd, at, length, into, room, used) {
    const { directory } = world.findDirectory(fd, R.pathReadlink);
    const target = world.files.readLink(directory, world.path(at, length));
    const count = Math.min(target.length, room >>> 0);
    const to = world.at(into, room >>> 0);
    world.store32(used, count);
    to.set(bytesOfText(target.slice(0, count)));
  },
  path_create_directory(world, fd, at, length) {
    const { directory } = world.findDirectory(fd, R.pathCreateDirectory);
    world.files.createDirectory(world.files.place(directory, world.path(at, length), "exist"));
  },
  path_remove_directory(world, fd, at, length) {
    const { directory } = world.findDirectory(fd, R.pathRemoveDirectory);
    world.files.removeDirectory(world.files.place(directory, world.path(at, length), "inval"));
  },
  path_unlink_file(world, fd, at, length) {
    const { directory } = world.findDirectory(fd, R.pathUnlinkFile);
    world.files.unlink(world.files.place(directory, world.path(at, length), "isdir"));
  },
  path_rename: renameBetween,
  path_link(world, fd, lookup, at, length, toFd, toAt, toLength) {
    checkLookup(lookup);
    const source = world.findDirectory(fd, R.pathLinkSource);
    const from = world.files.place(source.directory, world.path(at, length), "perm");
    const target = world.findDirectory(toFd, R.pathLinkTarget);
    world.files.link(from, world.files.place(target.directory, world.path(toAt, toLength), "exist"), lookup === 1);
  },
  path_symlink(world, targetAt, targetLength, fd, at, length) {
    const target = world.path(targetAt, targetLength);
    const { directory } = world.findDirectory(fd, R.pathSymlink);
    world.files.symlink(target, world.files.place(directory, world.path(at, length), "exist"));
  },
};

function isStream(world, fd) {
  const descriptor = world.descriptors[fd >>> 0];
  return descriptor !== undefined && !descriptor.directory && !descriptor.file;
}

// Names and types, as typeText has them.
const kSignatures = `args_get ii args_sizes_get ii clock_res_get ii clock_time_get iIi environ_get ii environ_sizes_get ii
  fd_advise iIIi fd_allocate iII fd_close i fd_datasync i fd_fdstat_get ii fd_fdstat_set_flags ii
  fd_fdstat_set_rights iII fd_filestat_get ii fd_filestat_set_size iI fd_filestat_set_times iIIi fd_pread iiiIi
  fd_prestat_dir_name iii fd_prestat_get ii fd_pwrite iiiIi fd_read iiii fd_readdir iiiIi fd_renumber ii fd_seek iIii
  fd_sync i fd_tell ii fd_write iiii path_create_directory iii path_filestat_get iiiii
  path_filestat_set_times iiiiIIi path_link iiiiiii path_open iiiiiIIii path_readlink iiiiii path_remove_directory iii
  path_rename iiiiii path_symlink iiiii path_unlink_file iii poll_oneoff iiii proc_raise i random_get ii
  sock_accept iii sock_recv iiiiii sock_send iiiii sock_shutdown ii`.split(/\s+/);

const spelled = (letters) => [...letters].map((letter) => (letter === "I" ? "i64" : "i32")).join(" ");
export const typeOfLetters = (params, results) => `(${spelled(params)}) -> (${spelled(results)})`;

export const kPreview1Types = new Map([["proc_exit", "(i32) -> ()"], ["sched_yield", "() -> (i32)"]]);
for (let i = 0; i < kSignatures.length; i += 2) {
  kPreview1Types.set(kSignatures[i], typeOfLetters(kSignatures[i + 1], "i"));
}
