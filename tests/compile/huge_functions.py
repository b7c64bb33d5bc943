"""Modules of one huge function, in the shapes that compilers stall on. Each has a `_start` that calls
it and traps unless the result is what it has to be."""

I32, I64, F64 = 0x7F, 0x7E, 0x7C
MASK = 0xFFFFFFFF
END, ELSE = b"\x0b", b"\x05"


def leb(value):
    """Signed LEB128, which for the small numbers here is unsigned as well if it ends so."""
    out = bytearray()
    while True:
        byte, value = value & 0x7F, value >> 7
        if (value == 0 and not byte & 0x40) or (value == -1 and byte & 0x40):
            return bytes(out) + bytes([byte])
        out.append(byte | 0x80)


def uleb(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def signed32(value):
    return (value & MASK) - ((value & 0x80000000) << 1)


def const(value):
    return b"\x41" + leb(signed32(value))


def get(local):
    return b"\x20" + uleb(local)


def put(local):
    return b"\x21" + uleb(local)


ADD, SUB, MUL, XOR, ROTL = b"\x6a", b"\x6b", b"\x6c", b"\x73", b"\x77"


def section(number, *items, count=True):
    content = (uleb(len(items)) if count else b"") + b"".join(items)
    return bytes([number]) + uleb(len(content)) + content


def body(code, locals_i32=0):
    declared = b"\x01" + uleb(locals_i32) + bytes([I32]) if locals_i32 else b"\x00"
    content = declared + code + END
    return uleb(len(content)) + content


def module(code, expected, argument=1, locals_i32=0):
    """`code` computes an i32 from the i32 in local 0; function 1 is `x * 3 + 1`, for calls."""
    start = const(argument) + b"\x10\x00" + const(expected) + b"\x47\x04\x40\x00" + END
    return b"".join([
        b"\0asm\1\0\0\0",
        section(1, bytes([0x60, 1, I32, 1, I32]), b"\x60\0\0"),
        section(3, b"\x00", b"\x00", b"\x01"),
        section(5, b"\x00\x02"),
        section(7, b"\x06memory\x02\x00", b"\x06_start\x00\x02"),
        section(10, body(code, locals_i32), body(get(0) + const(3) + MUL + const(1) + ADD),
                body(start)),
    ])


def rotl(value, by):
    by &= 31
    return ((value << by) | (value >> (32 - by))) & MASK if by else value


def straight_line(size):
    """One value through one operation after the other."""
    code, value, n = bytearray(get(0)), 1, 0
    while len(code) < size:
        code += const(n * 7919) + ADD + const(n & 31) + ROTL
        value = rotl((value + n * 7919) & MASK, n & 31)
        n += 1
    return module(bytes(code), value)


def live_values(size):
    """Five hundred locals, all of them alive from the first to the last instruction."""
    count = 500
    values = [(i * 2654435761 + 1) & MASK for i in range(count)]
    code = bytearray()
    for i, value in enumerate(values):
        code += const(value) + get(0) + MUL + put(i + 1)
    n = 0
    while len(code) < size:
        a, b, c = n % count, (n * 7 + 3) % count, (n * 13 + 5) % count
        code += get(b + 1) + get(c + 1) + ADD + get(a + 1) + XOR + put(a + 1)
        values[a] ^= (values[b] + values[c]) & MASK
        n += 1
    total = 0
    code += const(0)
    for i, value in enumerate(values):
        code += get(i + 1) + ADD
        total += value
    return module(bytes(code), total, locals_i32=count)


def many_locals(size):
    """Forty thousand locals, each set once and read once."""
    count = min(40000, size // 10)
    code = bytearray()
    total = 0
    for i in range(count):
        code += get(0) + const(i) + XOR + put(i + 1)
    code += const(0)
    for i in range(count):
        code += get(i + 1) + ADD
        total += i ^ 1
    return module(bytes(code), total, locals_i32=count)


def switch(size):
    """A loop over a table with thousands of cases, as an interpreter has them; a thousand turns."""
    cases, turns = size // 22, 1000
    rem_u, not_zero = b"\x70", b"\x0d"
    code = bytearray(const(turns) + put(2) + b"\x02\x40\x03\x40")  # block, loop
    code += get(2) + const(1) + SUB + b"\x22\x02\x45" + not_zero + uleb(1)
    code += b"\x02\x40" * cases
    code += get(0) + const(cases) + rem_u + b"\x0e" + uleb(cases - 1)
    code += b"".join(uleb(i) for i in range(cases))
    for i in range(cases):
        code += END + get(0) + const(i * 31 + 7) + ADD + const(i % 31 + 1) + ROTL + put(0)
        code += b"\x0c" + uleb(cases - 1 - i)
    code += END + END + get(0)
    value = 1
    for _ in range(turns - 1):
        i = value % cases
        value = rotl((value + i * 31 + 7) & MASK, i % 31 + 1)
    return module(bytes(code), value, locals_i32=2)


def states(size):
    """A machine with thousands of states, each of which knows the next one."""
    cases = size // 18
    code = bytearray(b"\x03\x40")  # loop
    code += b"\x02\x40" * (cases + 1)
    # Case n sets the state to the next one; the last leaves.
    code += get(0) + b"\x0e" + uleb(cases) + b"".join(uleb(i) for i in range(cases)) + uleb(cases)
    state, total = 1, 0
    step = {}
    for i in range(cases):
        following = i + 1 if i % 7 else i + 3
        code += END + get(1) + const(i * 31 + 1) + ADD + put(1) + const(following) + put(0)
        code += b"\x0c" + uleb(cases - i)
        step[i] = following
    code += END + END + get(1)
    seen = set()
    while state in step:
        if state in seen:
            raise AssertionError("an endless loop")
        seen.add(state)
        total += state * 31 + 1
        state = step[state]
    return module(bytes(code), total, locals_i32=1)


def branches(size):
    """One condition after the other, on values that come from all of them."""
    code, value, n = bytearray(), 1, 0
    while len(code) < size:
        code += get(0) + const(1 << (n % 31)) + b"\x71\x04\x40"  # and, if
        code += get(0) + const(n * 40503) + ADD + put(0) + ELSE
        code += get(0) + const(n * 30011) + XOR + put(0) + END
        value = ((value + n * 40503) if value & (1 << (n % 31)) else value ^ (n * 30011)) & MASK
        n += 1
    return module(bytes(code) + get(0), value)


def nested(size):
    """Blocks in blocks, each left by a condition of its own."""
    depth = min(size // 12, 40000)
    code = bytearray(b"\x02\x40" * depth)
    value = 1
    left_at = None
    for i in range(depth):
        code += get(0) + const(3) + ADD + b"\x22\x00" + const(-5 - i) + b"\x46\x0d" + uleb(min(i, depth - 1 - i))
        code += END
        value += 3
    return module(bytes(code) + get(0), value)


def calls(size):
    """Nothing but calls."""
    code, value = bytearray(get(0)), 1
    while len(code) < size:
        code += b"\x10\x01"
        value = (value * 3 + 1) & MASK
    return module(bytes(code), value)


def stores(size):
    """Stores and loads, of which the optimizer asks which may be the same."""
    code, n = bytearray(), 0
    memory = {}
    while len(code) < size:
        to, of = (n * 52) % 65536, (n * 84) % 65536
        code += const(to) + const(of) + b"\x28\x02\x00" + get(0) + ADD + const(n) + XOR + b"\x36\x02\x00"
        memory[to] = ((memory.get(of, 0) + 1) & MASK) ^ n
        n += 1
    code += const(0) + b"\x28\x02\x00"
    return module(bytes(code), memory.get(0, 0))


def loops(size):
    """Thousands of small loops over memory, one behind the other: each a candidate for vectors."""
    code = bytearray()
    total = 0
    while len(code) < size:
        code += const(256) + put(1)
        code += b"\x03\x40" + get(1) + get(1) + b"\x28\x02\x00" + get(0) + ADD + b"\x36\x02\x00"
        code += get(1) + const(4) + SUB + b"\x22\x01\x0d\x00" + END
        total += 1
    code += const(64) + b"\x28\x02\x00"
    return module(bytes(code), total, locals_i32=1)


def loop_nests(size):
    """Loops in loops, fifty deep, over and over; each goes around once."""
    code = bytearray()
    total = 0
    depth = 50
    while len(code) < size:
        code += b"\x03\x40" * depth
        code += get(0) + const(1) + ADD + put(0)
        for _ in range(depth):
            code += get(0) + b"\x45\x0d\x00" + END
        total += 1
    return module(bytes(code) + get(0), total + 1)


def chains(size):
    """Loops that make one value from one chain of squares, in which any link could be a copy's end."""
    code, value, links, turns = bytearray(), 1, 110, 3
    while len(code) < size:
        code += const(turns * 240) + put(1) + b"\x03\x40"  # 240 can be many copies' steps
        code += get(0) + const(0) + b"\x28\x02\x00" + const(4) + b"\x28\x02\x00" + ADD + ADD + put(0)
        for i in range(links):
            code += get(0) + get(0) + MUL + const(i * 7 + 3) + XOR + put(0)
        code += get(1) + const(240) + SUB + b"\x22\x01\x0d\x00" + END
        for _ in range(turns):
            for i in range(links):
                value = (value * value & MASK) ^ (i * 7 + 3)
    return module(bytes(code) + get(0), value, locals_i32=1)


SHAPES = [straight_line, live_values, many_locals, switch, states, branches, nested, calls, stores, loops,
          loop_nests, chains]
