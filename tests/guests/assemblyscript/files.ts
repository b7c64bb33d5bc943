// Files below the first preopened directory: AssemblyScript's WASI shim has none, only the calls
// themselves. Paths are relative to that directory. Errors end the program with what failed.
import {
  errnoToString,
  fd_close,
  fd_read,
  fd_readdir,
  fd_write,
  oflags,
  path_open,
  path_rename,
  rights,
} from "@assemblyscript/wasi-shim/assembly/bindings/wasi_snapshot_preview1";

const kPreopened: u32 = 3;
const scratch = memory.data(32);

function check(path: string, error: u16): void {
  if (error == 0) return;
  process.stderr.write(path + ": " + errnoToString(error) + "\n");
  process.exit(1);
}

function open(path: string, flags: u16, wanted: u64): u32 {
  const name = String.UTF8.encode(path);
  check(
    path,
    path_open(kPreopened, 1, changetype<usize>(name), name.byteLength, flags, wanted, 0, 0, scratch),
  );
  return load<u32>(scratch);
}

/** All bytes up to the end of a descriptor, as text. */
export function readDescriptor(fd: u32, name: string): string {
  let buffer = new ArrayBuffer(4096);
  let length = 0;
  let got: i32 = 0;
  do {
    if (length == buffer.byteLength) {
      const larger = new ArrayBuffer(length * 2);
      memory.copy(changetype<usize>(larger), changetype<usize>(buffer), length);
      buffer = larger;
    }
    store<usize>(scratch, changetype<usize>(buffer) + length);
    store<usize>(scratch, buffer.byteLength - length, 4);
    check(name, fd_read(fd, scratch, 1, scratch + 8));
    got = load<i32>(scratch, 8);
    length += got;
  } while (got > 0);
  return String.UTF8.decodeUnsafe(changetype<usize>(buffer), length);
}

export function readFile(path: string): string {
  const fd = open(path, 0, rights.FD_READ);
  const text = readDescriptor(fd, path);
  check(path, fd_close(fd));
  return text;
}

export function writeFile(path: string, text: string): void {
  const fd = open(path, oflags.CREAT | oflags.TRUNC, rights.FD_WRITE);
  const bytes = String.UTF8.encode(text);
  for (let done = 0; done < bytes.byteLength; done += load<u32>(scratch, 8)) {
    store<usize>(scratch, changetype<usize>(bytes) + done);
    store<usize>(scratch, bytes.byteLength - done, 4);
    check(path, fd_write(fd, scratch, 1, scratch + 8));
  }
  check(path, fd_close(fd));
}

export function rename(from: string, to: string): void {
  const a = String.UTF8.encode(from);
  const b = String.UTF8.encode(to);
  check(
    from,
    path_rename(
      kPreopened, changetype<usize>(a), a.byteLength,
      kPreopened, changetype<usize>(b), b.byteLength,
    ),
  );
}

/** The names in a directory, without "." and "..", in the order of the system. */
export function readDirectory(path: string): string[] {
  const names: string[] = [];
  const fd = open(path, oflags.DIRECTORY, rights.FD_READDIR);
  // So small that a directory takes several calls.
  const buffer = new ArrayBuffer(256);
  const start = changetype<usize>(buffer);
  let cookie: u64 = 0;
  for (;;) {
    check(path, fd_readdir(fd, start, buffer.byteLength, cookie, scratch));
    const used = load<u32>(scratch);
    let at: u32 = 0;
    // An entry that the buffer's end cuts off comes again, whole, in the next call.
    while (used - at >= 24 && used - at - 24 >= load<u32>(start + at, 16)) {
      const length = load<u32>(start + at, 16);
      const name = String.UTF8.decodeUnsafe(start + at + 24, length);
      if (name != "." && name != "..") names.push(name);
      cookie = load<u64>(start + at);
      at += 24 + length;
    }
    if (used < <u32>buffer.byteLength) break;
  }
  check(path, fd_close(fd));
  return names;
}
