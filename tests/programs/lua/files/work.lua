-- Strings, tables, closures, metatables, integers and floats, packing, UTF-8 and files. It makes no
-- error and no coroutine, for the build without setjmp.
local input, output = ...

-- Words of a text, counted and sorted.
local counts, order = {}, {}
for line in io.lines(input) do
  for word in line:lower():gmatch("%a[%a_']+") do
    if not counts[word] then
      counts[word] = 0
      order[#order + 1] = word
    end
    counts[word] = counts[word] + 1
  end
end
table.sort(order, function(a, b)
  if counts[a] ~= counts[b] then return counts[a] > counts[b] end
  return a < b
end)
for i = 1, 12 do print(("%-12s %6d"):format(order[i], counts[order[i]])) end
print(#order .. " words")

-- The order of pairs() is part of what is compared: hashing and rehashing of tables.
local keys = {}
for word in pairs(counts) do keys[#keys + 1] = word end
print(table.concat(keys, " ", 1, 40))

-- Closures and varargs.
local function compose(...)
  local functions = table.pack(...)
  return function(x)
    for i = functions.n, 1, -1 do x = functions[i](x) end
    return x
  end
end
local function add(n) return function(x) return x + n end end
print(compose(add(1), math.tointeger, add(0.5), add(0.5))(40))

-- A class, with operators and inheritance.
local Vector = {}
Vector.__index = Vector
Vector.__add = function(a, b) return Vector.new(a.x + b.x, a.y + b.y) end
Vector.__eq = function(a, b) return a.x == b.x and a.y == b.y end
Vector.__lt = function(a, b) return a:length() < b:length() end
Vector.__tostring = function(v) return ("(%g, %g)"):format(v.x, v.y) end
Vector.__concat = function(a, b) return tostring(a) .. tostring(b) end
Vector.__len = function() return 2 end
Vector.__call = function(v, name) return v[name] end
Vector.__close = function(v) print("closed " .. v) end
function Vector.new(x, y) return setmetatable({ x = x, y = y }, Vector) end
function Vector:length() return (self.x ^ 2 + self.y ^ 2) ^ 0.5 end
do
  local v <close> = Vector.new(3, 4)
  local w <const> = Vector.new(0.1, -0.2)
  print(v + w, v:length(), v < w, v == Vector.new(3.0, 4), v .. w, #v, v("y"))
end

-- Numbers: wraparound, floor division and modulo of all signs, conversions, formats.
print(math.maxinteger + 1 == math.mininteger, 7 // -2, -7 // 2, 7 % -3, -7 % 3, 7.5 // -2, -7.5 % 2)
print(1 / 0, -1 / 0, math.type(1), math.type(1.0), 1e15, 1e16, 2 ^ 53, 0x7fffffffffffffff, 0x1p-4)
print(10 / 3, 1e100, 5e-324, 0.1 + 0.2, 100000000000000, 1e14, -0.0, 3 | 4 ~ 1, ~0 >> 60, 1 << 63)
print(math.floor(-3.5), math.ceil(-3.5), math.fmod(-7, 3), math.ult(1, -1), math.tointeger("8"))
print(("%5.2f|%-8d|%+d|%x|%q|%e|%a"):format(3.14159, 42, 7, 255, 'a\n"b"\0c', 12345.678, 0.5))
print(tostring(3) == "3", 10 == "10", "10" + 5, "0x10" * 2, tonumber("z", 36), tonumber("1e1"))
for i = 1, 3 do io.write(string.format("%.14g ", math.sqrt(i))) end
print()

-- Pseudo-random numbers of a fixed seed, sieved and summed.
math.randomseed(42, 7)
local sum = 0
for _ = 1, 100000 do sum = sum + math.random(1, 1000000) end
print(sum, math.random(0), math.random())
local sieve, primes = {}, 0
for i = 2, 200000 do
  if not sieve[i] then
    primes = primes + 1
    for j = i * i, 200000, i do sieve[j] = true end
  end
end
print(primes)

-- Strings.
print(("hello world"):gsub("o", "0"), ("k=v, x=y"):gsub("(%w+)=(%w+)", "%2=%1"), ("x"):rep(5, "-"))
print(("abc"):byte(1, -1), ("%d+"):len(), ("a,b,,c"):find(",", 3, true), ("[[x]]"):match("%[(%b[])%]"))
print(("THE (quick) fox"):find("%((%a+)%)"), ("äöü"):upper(), utf8.len("äöü☃"), utf8.char(228, 9731, 128512))
for position, code in utf8.codes("aé☃") do io.write(position, ":", code, " ") end
print()
local packed = string.pack("<i4 >I2 z s1 d n", -2, 65534, "zero", "short", 1 / 3, -0.5)
print(#packed, packed:byte(1, 12))
print(string.unpack("<i4 >I2 z s1 d n", packed))

-- Tables.
local t = table.move({ 1, 2, 3, 4, 5 }, 2, 4, 1)
print(table.concat(t, ","), table.unpack(t, 2, 4), select("#", table.unpack({}, 1, 3)))
table.insert(t, 1, "first")
print(table.remove(t), table.remove(t, 1), #t, next({}), rawlen({ 1, 2 }), rawequal(t, t))

-- Garbage: a million short-lived objects, and weak references to dead ones.
local weak = setmetatable({}, { __mode = "v" })
for i = 1, 300000 do weak[i % 10 + 1] = { i, tostring(i) } end
collectgarbage()
print(#weak, next(weak))

-- Code at run time.
print(load("local a, b = ... return a * b + (function() goto out ::out:: return 2 end)()")(5, 8))

-- Files: writing, seeking, reading back in every way, renaming, removing.
local file = assert(io.open(output .. "/report.txt", "w"))
for i = 1, 5 do file:write(i, " ", i ^ 2, " ", order[i], "\n") end
print(file:seek("cur"), file:seek("set", 2))
file:write("X")
file:close()
for line in io.lines(output .. "/report.txt") do io.write("[", line, "]") end
print()
file = io.open(output .. "/report.txt", "r")
print(file:read("n", "n", "l", "L", 4))
print(file:seek("end"), file:read(1), file:read(0), io.type(file), file:close(), io.type(file))
file = io.open(output .. "/report.txt", "a+b")
file:setvbuf("full", 16)
file:write(packed)
file:close()
-- The third value of a failure, errno, is another number in WASI.
local _, why = os.remove(output .. "/nothing")
print(os.rename(output .. "/report.txt", output .. "/final.bin"), why)
print((select(2, io.open("nowhere/at/all"))))
print(os.date("!%Y-%m-%d %H:%M:%S", 86400 * 365), os.time({ year = 2024, month = 2, day = 30, hour = 12 }))
print(os.getenv("LEVEL"), os.getenv("MISSING"), arg[0], #arg, arg[-1] ~= nil)
io.stderr:write("to standard error\n")
print(io.read("l"), io.read("n"), io.read("a"))
os.exit(9)
