// Directories of the host's for preview1.mjs, by node:fs. A guest's path is followed here, name by
// name: `..` beyond the directory, absolute paths and links that lead outside are `perm`. What is
// opened is never a link. Directories that someone else changes meanwhile are not for this: Node has
// no openat2, which the C++ host uses.
import fs from "node:fs";
import { textOfBytes } from "./bytes.mjs";
import { WasiError, kErrno, kFileType } from "./preview1.mjs";

const kMostLinks = 40;
const { constants } = fs;

// Names are bytes on Linux.
const native = (text) => Buffer.from(text, "latin1");
const join = (directory, name) => `${directory}/${name}`;

function errorOf(error) {
  const name = typeof error?.code === "string" ? error.code.slice(1).toLowerCase() : "";
  if (name === "opnotsupp") return new WasiError("notsup");
  return error instanceof WasiError || !error?.code ? error : new WasiError(name in kErrno ? name : "io");
}
// Node's errors as WASI's.
function host(work) {
  try {
    return work();
  } catch (error) {
    throw errorOf(error);
  }
}
const fail = (name) => {
  throw new WasiError(name);
};

function typeOf(info) {
  return info.isFile() ? kFileType.regular : info.isDirectory() ? kFileType.directory
    : info.isSymbolicLink() ? kFileType.link : info.isCharacterDevice() ? kFileType.character
    : info.isBlockDevice() ? kFileType.block : info.isSocket() ? kFileType.socket : kFileType.unknown;
}

function statusOfInfo(info) {
  return {
    device: info.dev, inode: info.ino, type: typeOf(info), links: info.nlink, size: info.size,
    times: [info.atimeNs, info.mtimeNs, info.ctimeNs].map((ns) => (ns > 0n ? ns : 0n)),
  };
}

// Undefined if there is nothing.
function look(path) {
  try {
    return fs.lstatSync(native(path), { bigint: true });
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw errorOf(error);
  }
}

// Where a path leads below a directory: {path, info}; info is undefined if its last name is missing.
function walk(directory, path, followLast) {
  const stack = [directory];
  let todo = path.split("/").filter((name) => name !== "");
  let mustBeDirectory = path.endsWith("/"), links = 0;
  while (todo.length > 0) {
    const name = todo.shift();
    if (name === ".") continue;
    if (name === "..") {
      if (stack.length === 1) fail("perm");
      stack.pop();
      continue;
    }
    const isLast = todo.length === 0;
    const full = join(stack.at(-1), name);
    const info = look(full);
    if (!info) {
      if (!isLast) fail("noent");
      return { path: full, mustBeDirectory };
    }
    if (info.isSymbolicLink() && (!isLast || followLast || mustBeDirectory)) {
      if (++links > kMostLinks) fail("loop");
      const target = textOfBytes(host(() => fs.readlinkSync(native(full), "buffer")));
      if (target.startsWith("/")) fail("perm");
      if (isLast && target.endsWith("/")) mustBeDirectory = true;
      todo = target.split("/").filter((each) => each !== "").concat(todo);
      continue;
    }
    if ((!isLast || mustBeDirectory) && !info.isDirectory()) fail("notdir");
    if (isLast) return { path: full, info, mustBeDirectory };
    stack.push(full);
  }
  return { path: stack.at(-1), info: look(stack.at(-1)) ?? fail("noent"), mustBeDirectory: true };
}

function utimes(set, fallback, [access, modification]) {
  const seconds = (time, was) => (time === "now" ? Date.now() / 1000 : Number(time ?? was) / 1e9);
  const info = fallback();
  host(() => set(seconds(access, info.atimeNs), seconds(modification, info.mtimeNs)));
}

class OpenFile {
  constructor(fd, isRegular) {
    this.fd = fd;
    this.isRegular = isRegular;
    this.position = 0n;
  }
  transfer(pieces, offset, call) {
    let done = 0;
    for (const piece of pieces) {
      if (piece.length === 0) continue;
      const at = this.isRegular ? offset + BigInt(done) : null;
      if (at !== null && at + BigInt(piece.length) > BigInt(Number.MAX_SAFE_INTEGER)) fail("fbig");
      const count = call(this.fd, piece, 0, piece.length, at === null ? null : Number(at));
      done += count;
      if (count < piece.length) break;
    }
    return done;
  }
  readAt(pieces, offset) {
    if (this.isRegular && offset >= this.status().size) return 0;
    return host(() => this.transfer(pieces, offset, fs.readSync));
  }
  writeAt(pieces, offset) {
    return host(() => this.transfer(pieces, offset, fs.writeSync));
  }
  read(pieces) {
    const count = this.readAt(pieces, this.position);
    this.position += BigInt(count);
    return count;
  }
  write(pieces, isAppend) {
    if (isAppend) this.position = this.status().size;
    const count = this.writeAt(pieces, this.position);
    this.position += BigInt(count);
    return count;
  }
  status() {
    return statusOfInfo(this.info());
  }
  info() {
    return host(() => fs.fstatSync(this.fd, { bigint: true }));
  }
  setSize(size) {
    if (size > BigInt(Number.MAX_SAFE_INTEGER)) fail("fbig");
    host(() => fs.ftruncateSync(this.fd, Number(size)));
  }
  setTimes(times) {
    utimes((access, modification) => fs.futimesSync(this.fd, access, modification), () => this.info(), times);
  }
  sync() {
    host(() => fs.fsyncSync(this.fd));
  }
  close() {
    fs.closeSync(this.fd);
  }
}

function openFlags(how, exists) {
  let flags = how.write ? (how.read ? constants.O_RDWR : constants.O_WRONLY) : constants.O_RDONLY;
  if (how.create) flags |= constants.O_CREAT | (exists ? 0 : constants.O_EXCL);
  if (how.truncate) flags |= constants.O_TRUNC;
  if (how.sync) flags |= constants.O_SYNC;
  if (how.dsync) flags |= constants.O_DSYNC;
  return flags | constants.O_NOFOLLOW | constants.O_NOCTTY | constants.O_NONBLOCK;
}

// A name in a directory, for what changes it: {path, info, trailingSlash}.
function placeOf(directory, path, ifDots) {
  const trailingSlash = path.endsWith("/");
  const parts = path.replace(/\/+$/, "");
  const slash = parts.lastIndexOf("/");
  const last = parts.slice(slash + 1);
  if (last === "." || last === "..") {
    if (!walk(directory, path, true).info.isDirectory()) fail("notdir");
    fail(ifDots);
  }
  const parent = slash < 0 ? "." : parts.slice(0, slash).replace(/\/+$/, "") || ".";
  const found = walk(directory, parent, true);
  if (!found.info) fail("noent");
  if (!found.info.isDirectory()) fail("notdir");
  const full = join(found.path, last);
  return { path: full, info: look(full), trailingSlash };
}

// For a new name that ends in a slash and is not to be a directory.
function refuseTrailingSlash({ info }) {
  fail(!info ? "noent" : info.isDirectory() ? "exist" : "notdir");
}

export const nodeFiles = {
  // A directory of the host's, which must be there.
  directory(path) {
    const real = fs.realpathSync(path);
    if (!fs.statSync(real).isDirectory()) throw new Error(`${path} is no directory`);
    return textOfBytes(Buffer.from(real));
  },

  open(directory, path, how) {
    const isNew = how.create && how.exclusive;
    const found = walk(directory, path, how.follow && !isNew);
    const { info } = found;
    if (isNew && info) fail("exist");
    if (!info && !how.create) fail("noent");
    if (how.create && found.mustBeDirectory) fail("isdir");
    if (info?.isSymbolicLink()) fail(how.directory ? "notdir" : "loop");
    if (how.directory && !info.isDirectory()) fail("notdir");
    if (info?.isDirectory()) {
      if (how.write || how.create || how.truncate) fail("isdir");
      return { type: kFileType.directory, directory: found.path };
    }
    const fd = host(() => fs.openSync(native(found.path), openFlags(how, info !== undefined), 0o666));
    const opened = fs.fstatSync(fd, { bigint: true });
    return { type: typeOf(opened), file: new OpenFile(fd, opened.isFile()) };
  },

  statusOf: (directory) => statusOfInfo(look(directory) ?? fail("noent")),
  statusAt: (directory, path, follow) => statusOfInfo(walk(directory, path, follow).info ?? fail("noent")),
  setTimesOf(directory, times) {
    utimes((access, modification) => fs.utimesSync(native(directory), access, modification),
      () => look(directory) ?? fail("noent"), times);
  },
  setTimesAt(directory, path, follow, times) {
    const { path: full, info } = walk(directory, path, follow);
    if (!info) fail("noent");
    utimes((access, modification) => fs.lutimesSync(native(full), access, modification), () => info, times);
  },
  readLink(directory, path) {
    const { path: full, info } = walk(directory, path, false);
    if (!info) fail("noent");
    if (!info.isSymbolicLink()) fail("inval");
    return textOfBytes(host(() => fs.readlinkSync(native(full), "buffer")));
  },
  // Names in the file system's order.
  list(directory) {
    const names = [".", ".."];
    const open = host(() => fs.opendirSync(native(directory), { encoding: "buffer" }));
    try {
      for (let entry = open.readSync(); entry; entry = open.readSync()) names.push(textOfBytes(entry.name));
    } finally {
      open.closeSync();
    }
    return names;
  },
  // {inode, type}, or undefined if it is gone. The number of `..` is not the guest's business.
  entry(directory, name) {
    if (name === "..") return { inode: 0n, type: kFileType.directory };
    const info = look(name === "." ? directory : join(directory, name));
    return info && { inode: info.ino, type: typeOf(info) };
  },

  place: placeOf,
  createDirectory: ({ path }) => host(() => fs.mkdirSync(native(path), 0o777)),
  removeDirectory: ({ path }) => host(() => fs.rmdirSync(native(path))),
  unlink({ path, info, trailingSlash }) {
    if (!info) fail("noent");
    if (info.isDirectory()) fail("isdir");
    if (trailingSlash) fail("notdir");
    host(() => fs.unlinkSync(native(path)));
  },
  rename(from, to) {
    if (!from.info) fail("noent");
    if ((from.trailingSlash || to.trailingSlash) && !from.info.isDirectory()) fail("notdir");
    host(() => fs.renameSync(native(from.path), native(to.path)));
  },
  link(from, to, follow) {
    if (!from.info) fail("noent");
    if (from.trailingSlash && !from.info.isDirectory()) fail("notdir");
    if (follow && from.info.isSymbolicLink()) fail("inval");
    if (to.trailingSlash) refuseTrailingSlash(to);
    host(() => fs.linkSync(native(from.path), native(to.path)));
  },
  symlink(target, to) {
    if (to.trailingSlash) refuseTrailingSlash(to);
    host(() => fs.symlinkSync(native(target), native(to.path)));
  },
};
