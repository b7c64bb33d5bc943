#!/usr/bin/env python3
"""Clients that are malformed, slow, greedy or gone: none of them may harm the others.

run_cases(host, port, path) sends each case of CASES to a running server, looks at the status of the
answer or at the connection's end, and then asks the server for something ordinary. Cases that wait
for the server's time limits run beside each other.

usage: hostile_clients.py HOST PORT PATH

The server should have limits that are quickly reached: bodies of at most a few MiB, and times of a
second or so. GET and POST to PATH must be answered with 200.
"""
import select
import socket
import struct
import sys
import threading
import time

# Longer than anything may take; reached only when a server hangs.
PATIENCE_S = 30
CLOSED = "closed"  # without an answer


class Wire:
    """A connection that says how it ended."""

    def __init__(self, address):
        self.socket = socket.create_connection(address, timeout=PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """False if the server takes no more."""
        try:
            self.socket.sendall(data)
            return True
        except (BrokenPipeError, ConnectionResetError):
            return False

    def end(self):
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def has_answer(self):
        return bool(select.select([self.socket], [], [], 0)[0])

    def read_until(self, enough):
        data = b""
        while not enough(data):
            try:
                piece = self.socket.recv(65536)
            except ConnectionResetError:
                break
            if not piece:
                break
            data += piece
        return data

    def all(self):
        return self.read_until(lambda data: False)

    def statuses(self):
        """Those of all answers up to the end, without interim ones, or CLOSED."""
        return parse_statuses(self.all()) or CLOSED


def parse_statuses(data):
    """Of answers that lie behind each other; a body that looks like an answer counts as one, too:
    only the framing may say where the next begins."""
    found = []
    while data:
        head, separator, data = data.partition(b"\r\n\r\n")
        assert separator and head.startswith(b"HTTP/1.1 "), f"not an answer: {head[:200]!r}"
        status = int(head.split()[1])
        lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n")
                   if line.startswith(b"content-length:")]
        assert len(lengths) <= 1, f"two lengths: {head!r}"
        length = int(lengths[0]) if lengths else 0
        assert len(data) >= length, f"a body of {len(data)} bytes, not {length}"
        data = data[length:]
        if status >= 200:
            found.append(status)
    return found


def head(path, method="GET", extra="", version="HTTP/1.1", host="Host: x\r\n"):
    return f"{method} {path} {version}\r\n{host}{extra}\r\n".encode("latin-1")


def raw(expected, make, half_close=True):
    """A case that sends bytes and looks at all statuses up to the end. `make` is called with the
    path; `expected` is one status (of the first answer; then the server has to close), a list of
    all, or CLOSED."""
    def case(address, path):
        with Wire(address) as wire:
            wire.send(make(path))
            if half_close:
                wire.end()
            statuses = wire.statuses()
        wanted = [expected] if isinstance(expected, int) else expected
        allowed = wanted if isinstance(wanted, tuple) else (wanted,)
        assert statuses in [[one] if isinstance(one, int) else one for one in allowed], \
            f"answered {statuses}, not {expected}"
    return case


def chunks(text, extra=""):
    return lambda path: head(path, "POST", f"Transfer-Encoding: chunked\r\n{extra}") + text


def with_headers(extra, method="POST"):
    return lambda path: head(path, method, extra)


def first_line(line):
    return lambda path: line.replace("PATH", path).encode("latin-1") + b"\r\nHost: x\r\n\r\n"


# What must be refused, and how.
MALFORMED = {
    "no http at all": raw(400, lambda path: b"hello\r\n\r\n"),
    "empty lines and nonsense": raw(400, lambda path: b"\r\n\r\nnonsense\r\n\r\n"),
    "tls": raw(400, lambda path: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200)),
    "ssh": raw(400, lambda path: b"SSH-2.0-OpenSSH_9.2\r\n"),
    "http/2 preface": raw(505, lambda path: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "nul bytes": raw(400, lambda path: bytes(1000)),
    "random bytes": raw(400, lambda path: bytes(range(128, 256)) * 8),
    "no version": raw(400, first_line("GET PATH")),
    "no target": raw(400, first_line("GET HTTP/1.1")),
    "two spaces": raw(400, first_line("GET  PATH HTTP/1.1")),
    "a space in the target": raw(400, first_line("GET PATH b HTTP/1.1")),
    "a space at the end": raw(400, first_line("GET PATH HTTP/1.1 ")),
    "a space at the start": raw(400, first_line(" GET PATH HTTP/1.1")),
    "a tab as separator": raw(400, first_line("GET\tPATH\tHTTP/1.1")),
    "a relative target": raw(400, first_line("GET a HTTP/1.1")),
    "a fragment": raw(400, first_line("GET PATH#a HTTP/1.1")),
    "a nul in the target": raw(400, first_line("GET PATH\0 HTTP/1.1")),
    "a control character in the target": raw(400, first_line("GET PATH\x01 HTTP/1.1")),
    "a star with GET": raw(400, first_line("GET * HTTP/1.1")),
    "a url of another scheme": raw(400, first_line("GET ftp://x/ HTTP/1.1")),
    "a url without a host": raw(400, first_line("GET http:/// HTTP/1.1")),
    "a url with a user": raw(400, first_line("GET http://a@b/ HTTP/1.1")),
    "connect": raw(501, first_line("CONNECT x:443 HTTP/1.1")),
    "a method with a bad character": raw(400, first_line("G(T PATH HTTP/1.1")),
    "a lower-case version": raw(400, first_line("GET PATH http/1.1")),
    "version 0.9": raw(505, first_line("GET PATH HTTP/0.9")),
    "version 1.2": raw(505, first_line("GET PATH HTTP/1.2")),
    "version 2.0": raw(505, first_line("GET PATH HTTP/2.0")),
    "version 1.1.1": raw(400, first_line("GET PATH HTTP/1.1.1")),
    "line feeds only": raw(400, lambda path: b"GET / HTTP/1.1\nHost: x\n\n"),
    "a line feed only behind a header": raw(
        400, lambda path: b"GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n"),
    "a carriage return in a header": raw(400, with_headers("A: b\rC: d\r\n", "GET")),
    "a nul in a header": raw(400, with_headers("A: b\0c\r\n", "GET")),
    "a control character in a header": raw(400, with_headers("A: b\x01c\r\n", "GET")),
    "a header without a colon": raw(400, with_headers("abc\r\n", "GET")),
    "a header without a name": raw(400, with_headers(": b\r\n", "GET")),
    "a space before the colon": raw(400, with_headers("A : b\r\n", "GET")),
    "a space before the colon of a length": raw(400, with_headers("Content-Length : 3\r\n")),
    "a folded header": raw(400, with_headers("A: b\r\n c\r\n", "GET")),
    "a folded length": raw(400, with_headers("Content-Length:\r\n 3\r\n")),
    "a folded first header": raw(400, lambda path: b"GET / HTTP/1.1\r\n A: b\r\nHost: x\r\n\r\n"),
    "no host": raw(400, lambda path: head(path, host="")),
    "two hosts": raw(400, lambda path: head(path, extra="Host: y\r\n")),
    "the same host twice": raw(400, lambda path: head(path, extra="Host: x\r\n")),
    "a host with a path": raw(400, lambda path: head(path, host="Host: x/y\r\n")),
    "the end within the head": raw(400, lambda path: b"GET / HTTP/1.1\r\nHos"),
    "the end within the body": raw(
        400, lambda path: head(path, "POST", "Content-Length: 10\r\n") + b"abc"),
    "the end within a chunk": raw(400, chunks(b"5\r\nabc")),
    "the end between chunks": raw(400, chunks(b"3\r\nabc\r\n")),
    "the end within the trailer": raw(400, chunks(b"0\r\nA: b\r\n")),
}

# Two parties that read these differently disagree about where the next request begins.
SMUGGLING = {
    "a length and chunks": raw(400, chunks(b"0\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
                                           "Content-Length: 5\r\n")),
    "chunks and a length": raw(400, with_headers(
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")),
    "two lengths": raw(400, with_headers("Content-Length: 3\r\nContent-Length: 4\r\n")),
    "a list of lengths": raw(400, with_headers("Content-Length: 3, 4\r\n")),
    "a length with a sign": raw(400, with_headers("Content-Length: +3\r\n")),
    "a negative length": raw(400, with_headers("Content-Length: -1\r\n")),
    "a hexadecimal length": raw(400, with_headers("Content-Length: 0x3\r\n")),
    "a length with a space": raw(400, with_headers("Content-Length: 1 2\r\n")),
    "an empty length": raw(400, with_headers("Content-Length:\r\n")),
    "a length beyond 64 bits": raw(400, with_headers("Content-Length: 18446744073709551617\r\n")),
    "chunked twice": raw(400, with_headers(
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")),
    "an unknown encoding": raw(501, with_headers("Transfer-Encoding: gzip\r\n")),
    "an unknown encoding before chunked": raw(501, with_headers(
        "Transfer-Encoding: gzip, chunked\r\n")),
    "identity": raw(501, with_headers("Transfer-Encoding: identity\r\n")),
    "almost chunked": raw(501, with_headers("Transfer-Encoding: xchunked\r\n")),
    "chunked in quotes": raw(501, with_headers('Transfer-Encoding: "chunked"\r\n')),
    "chunked behind a vertical tab": raw(400, with_headers("Transfer-Encoding: \x0bchunked\r\n")),
    "chunked in http/1.0": raw(400, lambda path: head(
        path, "POST", "Transfer-Encoding: chunked\r\n", "HTTP/1.0") + b"0\r\n\r\n"),
    "a chunk size that is none": raw(400, chunks(b"x\r\n")),
    "an empty chunk size": raw(400, chunks(b"\r\nabc\r\n0\r\n\r\n")),
    "a chunk size with a sign": raw(400, chunks(b"+3\r\nabc\r\n0\r\n\r\n")),
    "a negative chunk size": raw(400, chunks(b"-3\r\nabc\r\n0\r\n\r\n")),
    "a chunk size with a prefix": raw(400, chunks(b"0x3\r\nabc\r\n0\r\n\r\n")),
    "a chunk size with spaces": raw(400, chunks(b"3 \r\nabc\r\n0\r\n\r\n")),
    "a chunk size beyond 64 bits": raw(400, chunks(b"10000000000000003\r\nabc\r\n0\r\n\r\n")),
    "a chunk size line with a line feed only": raw(400, chunks(b"3\nabc\r\n0\r\n\r\n")),
    "a chunk longer than its size": raw(400, chunks(b"3\r\nabcd\r\n0\r\n\r\n")),
    "a chunk with a line feed only": raw(400, chunks(b"3\r\nabc\n0\r\n\r\n")),
    "a carriage return in an extension": raw(400, chunks(b"3;a\rb\r\nabc\r\n0\r\n\r\n")),
    "a trailer that is none": raw(400, chunks(b"0\r\n a\r\n\r\n")),
    "a request as the body of another": raw([200, 200], lambda path: head(
        path, "POST", f"Content-Length: {len(head('/hidden'))}\r\n") + head("/hidden") + head(path)),
}

# Larger than allowed.
GREEDY = {
    "a long target": raw(431, lambda path: b"GET /" + b"a" * 100_000),
    "a long header": raw(431, with_headers("A: " + "a" * 100_000 + "\r\n", "GET")),
    "a long header name": raw(431, lambda path: b"GET / HTTP/1.1\r\n" + b"a" * 100_000),
    "many headers": raw(431, with_headers("A: b\r\n" * 101, "GET")),
    "a hundred thousand headers": raw(431, with_headers("A: b\r\n" * 100_000, "GET")),
    "the largest length": raw(413, with_headers("Content-Length: 18446744073709551615\r\n")),
    "a terabyte": raw(413, with_headers("Content-Length: 1099511627776\r\n")),
    "a huge chunk": raw(413, chunks(b"ffffffffffffffff\r\nabc")),
    "endless chunk extensions": raw(400, chunks(b"1;" + b"a" * 100_000)),
    "many chunk extensions": raw(400, chunks(b"1;aaaaaaaaaaaaaaaaaaaaa\r\na\r\n" * 5_000)),
    "endless trailers": raw(400, chunks(b"0\r\n" + b"A: b\r\n" * 10_000)),
    "another expectation": raw(417, with_headers("Expect: tea\r\nContent-Length: 3\r\n")),
}


def answered_while_sending(address, path):
    """An answer to a body that is too large arrives although the client goes on sending."""
    with Wire(address) as wire:
        wire.send(head(path, "POST", "Content-Length: 1099511627776\r\n"))
        for _ in range(30):
            if not wire.send(bytes(100_000)):
                break
        wire.end()
        assert wire.statuses() == [413]


def pipelined(address, path):
    with Wire(address) as wire:
        wire.send(head(path) * 200)
        wire.end()
        assert wire.statuses() == [200] * 200


def pipelined_and_not_read(address, path):
    """The server must not collect answers without limit for a client that does not read."""
    with Wire(address) as wire:
        wire.socket.settimeout(1)
        try:
            for _ in range(200):
                wire.socket.sendall(head(path) * 1000)
        except (TimeoutError, ConnectionError):
            pass


def pipelined_up_to_an_error(address, path):
    with Wire(address) as wire:
        wire.send(head(path) * 3 + b"nonsense\r\n\r\n" + head(path) * 3)
        wire.end()
        assert wire.statuses() == [200, 200, 200, 400]


def byte_by_byte(address, path):
    with Wire(address) as wire:
        for byte in head(path, "POST", "Content-Length: 3\r\nConnection: close\r\n") + b"abc":
            wire.send(bytes([byte]))
        assert wire.statuses() == [200]


def waits_for_continue(address, path):
    with Wire(address) as wire:
        wire.send(head(path, "POST",
                       "Expect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n"))
        interim = wire.read_until(lambda data: data.endswith(b"\r\n\r\n"))
        assert interim.startswith(b"HTTP/1.1 100 "), interim
        wire.send(b"abc")
        assert wire.statuses() == [200]


def whole_url(address, path):
    with Wire(address) as wire:
        wire.send(head("http://example.org" + path, extra="Connection: close\r\n"))
        assert wire.statuses() == [200]


def http_1_0(address, path):
    with Wire(address) as wire:
        wire.send(head(path, version="HTTP/1.0", host=""))
        assert wire.statuses() == [200]


def head_has_no_body(address, path):
    with Wire(address) as wire:
        wire.send(head(path, "HEAD", "Connection: close\r\n"))
        data = wire.all()
        assert data.startswith(b"HTTP/1.1 200 ") and data.endswith(b"\r\n\r\n"), data


def connects_and_goes(address, path):
    for _ in range(200):
        Wire(address).socket.close()


def resets(address, path, data):
    for _ in range(50):
        with Wire(address) as wire:
            wire.send(data)
            wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def resets_after_the_request(address, path):
    resets(address, path, head(path))


def resets_within_the_head(address, path):
    resets(address, path, head(path)[:-5])


def resets_within_the_body(address, path):
    resets(address, path, head(path, "POST", "Content-Length: 1000\r\n") + bytes(500))


def resets_a_pipeline(address, path):
    resets(address, path, head(path) * 100)


def half_closes(address, path):
    with Wire(address) as wire:
        wire.send(head(path))
        wire.end()
        assert wire.statuses() == [200]


ODD = {function.__name__.replace("_", " "): function for function in (
    answered_while_sending, pipelined, pipelined_and_not_read, pipelined_up_to_an_error,
    byte_by_byte, waits_for_continue, whole_url, http_1_0, head_has_no_body, connects_and_goes,
    resets_after_the_request, resets_within_the_head, resets_within_the_body, resets_a_pipeline,
    half_closes)}


def trickle(wire, data, pause_s):
    """Sends byte by byte until the server has had enough."""
    for byte in data:
        if not wire.send(bytes([byte])) or wire.has_answer():
            return
        time.sleep(pause_s)


def slow(expected, start, drip=b"", pause_s=0.05):
    """Sends `start`, then `drip` again and again, slowly; waits for the server's patience to end."""
    def case(address, path):
        with Wire(address) as wire:
            wire.send(start(path))
            if drip:
                trickle(wire, drip * 10_000, pause_s)
            statuses = wire.statuses()
            assert statuses == expected, f"answered {statuses}, not {expected}"
    return case


def never_reads(address, path):
    """Asks for much and reads nothing: the server must let go of the connection."""
    with Wire(address) as wire:
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.socket.settimeout(PATIENCE_S)
        request = head(path) * 1000
        try:
            for _ in range(10_000):
                wire.socket.sendall(request)
        except TimeoutError:
            raise AssertionError("the server keeps a connection that is not read")
        except ConnectionError:
            return
        raise AssertionError("the server took everything")


SLOW = {
    "says nothing": slow(CLOSED, lambda path: b""),
    "says nothing more": slow([200], head),
    "stops within the first line": slow([408], lambda path: b"GET / HT"),
    "stops within a header": slow([408], lambda path: b"GET / HTTP/1.1\r\nHost"),
    "stops before the empty line": slow([408], lambda path: head(path)[:-2]),
    "only empty lines": slow([408], lambda path: b"\r\n", b"\r\n"),
    "drips headers": slow([408], lambda path: b"GET / HTTP/1.1\r\nHost: x\r\n", b"A: b\r\n"),
    "drips a header": slow([408], lambda path: b"GET / HTTP/1.1\r\nHost: x\r\nA: ", b"a"),
    "stops before the body": slow([408], with_headers("Content-Length: 10\r\n")),
    "stops within the body": slow(
        [408], lambda path: head(path, "POST", "Content-Length: 10\r\n") + b"abc"),
    "drips the body": slow([408], with_headers("Content-Length: 900\r\n"), b"a"),
    "stops before a chunk": slow([408], chunks(b"")),
    "stops within a chunk": slow([408], chunks(b"5\r\nabc")),
    "drips chunks": slow([408], chunks(b""), b"1\r\na\r\n"),
    "drips a chunk extension": slow([408], chunks(b"1;"), b"a"),
    "drips a trailer": slow([408], chunks(b"0\r\n"), b"A: b\r\n"),
    "asks for continue and stops": slow(
        [408], with_headers("Expect: 100-continue\r\nContent-Length: 3\r\n")),
    "never reads": never_reads,
}

QUICK = {**MALFORMED, **SMUGGLING, **GREEDY, **ODD}
CASES = {**QUICK, **SLOW}


def is_well(address, path):
    """Raises unless the server answers an ordinary request."""
    with Wire(address) as wire:
        wire.send(head(path, extra="Connection: close\r\n"))
        statuses = wire.statuses()
        assert statuses == [200], f"an ordinary request is answered with {statuses}"


def run_case(name, address, path, failures):
    for step, what in ((CASES[name], name), (is_well, f"after: {name}")):
        try:
            step(address, path)
        except (AssertionError, OSError, ValueError) as error:
            failures.append(f"{what}: {error or type(error).__name__}")


def run_cases(host, port, path):
    """What failed, a line each; empty if nothing did."""
    address = (host, port)
    failures = []
    threads = [threading.Thread(target=run_case, args=(name, address, path, failures))
               for name in SLOW]
    for thread in threads:
        thread.start()
    for name in QUICK:
        run_case(name, address, path, failures)
    for thread in threads:
        thread.join()
    return failures


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    failures = run_cases(sys.argv[1], int(sys.argv[2]), sys.argv[3])
    for failure in failures:
        print(failure)
    print(f"{len(CASES)} hostile clients, {len(failures)} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
