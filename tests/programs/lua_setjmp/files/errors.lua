-- Errors and coroutines, which are setjmp and longjmp.
print(pcall(error, "plain"), pcall(error, "with level", 2), pcall(error, nil))
print(select(2, pcall(error, setmetatable({}, { __tostring = function() return "an object" end }))))
print(pcall(function() local x; return x.field end))
print(pcall(function() return 1 + {} end), pcall(function() return #5 end), pcall(function() return {} < 1 end))
print(pcall(string.rep, "x", -1), pcall(string.rep), pcall(math.tointeger, {}), pcall(load, 5))
print(load("x ="), load("for i = 1 do end"), load("goto nowhere"))
print(xpcall(function() error("traced") end, function(message) return "handled: " .. message end))
print((xpcall(error, debug.traceback, "with a traceback")))
print(select("#", pcall(pcall, pcall, error)))

-- Through many frames, C ones among them, with to-be-closed variables on the way.
local function closing(name)
  return setmetatable({}, { __close = function(_, why) print("close", name, why) end })
end
local function dive(depth)
  local guard <close> = depth % 40 == 0 and closing(depth) or nil
  if depth == 0 then error("bottom") end
  return (string.gsub("a", "a", function() return dive(depth - 1) end))
end
print(pcall(dive, 120))
print(pcall(table.sort, { 3, 1, 2, 5, 4 }, function(a, b) if a == 5 then error("in sort") end return a < b end))
local function endless(n) return 1 + endless(n + 1) end
print(pcall(endless, 1))
print(pcall(string.rep, "x", 1 << 30, "y"))

-- Errors in a loop leave nothing behind.
local caught = 0
for i = 1, 20000 do
  if not pcall(error, i) then caught = caught + 1 end
end
print(caught)

-- Coroutines: generators, passing values both ways, errors, closing, wrapping, yields across pcall.
local function permutations(list, n)
  n = n or #list
  if n <= 1 then return coroutine.yield(list) end
  for i = 1, n do
    list[n], list[i] = list[i], list[n]
    permutations(list, n - 1)
    list[n], list[i] = list[i], list[n]
  end
end
for p in coroutine.wrap(function() permutations({ "a", "b", "c" }) end) do io.write(table.concat(p), " ") end
print()
local talk = coroutine.create(function(...)
  print("started", ...)
  print("caught", pcall(function()
    print("resumed", coroutine.yield("first"))
    error("inside")
  end))
  local guard <close> = closing("coroutine")
  coroutine.yield("second")
  error({ code = 7 })
end)
print(coroutine.resume(talk, 1, 2))
print(coroutine.resume(talk, "three"))
print(coroutine.status(talk), coroutine.close(talk), coroutine.status(talk))
print(coroutine.resume(talk))
local failing = coroutine.create(function() local x = nil; x() end)
print(coroutine.resume(failing))
print(coroutine.isyieldable(), select(2, coroutine.running()))
local sum = 0
for i = 1, 3000 do
  local co = coroutine.wrap(function(a) for j = 1, 5 do a = coroutine.yield(a + j) end end)
  for j = 1, 5 do sum = sum + co(i) end
end
print(sum)
print(pcall(coroutine.wrap(function() error("from within") end)))
os.exit(pcall(error) and 1 or 4)
