-- For wrk, with one thread: each request of a plan (sending.py) is sent at its moment, each answer told in a line.
--     wrk -t1 -c1000 -d1m -s send.lua http://127.0.0.1:8000 -- FOLDER
local ffi = require("ffi")
ffi.cdef("typedef struct { long seconds; long nanoseconds; } moment; int clock_gettime(int clock, moment *read);")

local read = ffi.new("moment")
local due, name, text, sent = {}, {}, {}, {}
local waiting, sending, checked = 0, 0, false
local answers

local function now()
   ffi.C.clock_gettime(0, read)
   return tonumber(read.seconds) + tonumber(read.nanoseconds) / 1e9
end

function init(args)
   local folder = args[1]
   local requests = io.open(folder .. "/requests", "rb")
   for line in io.lines(folder .. "/plan") do
      local at, length, called = line:match("^(%S+) (%d+) (%S+)$")
      due[#due + 1], name[#name + 1], text[#text + 1] = tonumber(at), called, requests:read(tonumber(length))
   end
   requests:close()
   answers = io.open(folder .. "/answers", "w")
   answers:setvbuf("line")
end

-- A connection that is free waits for the next moment of the plan; when there is none left, for the end.
function delay()
   waiting = waiting + 1
   return due[waiting] and math.max(0, (due[waiting] - now()) * 1000) or 3600000
end

function request()
   if not checked then -- wrk asks for one before it begins, and does not send it
      checked = true
      return text[1]
   end
   sending = sending + 1
   sent[name[sending]] = now()
   return text[sending]
end

function response(status, headers, body)
   local of = headers["x-request-id"]
   answers:write(string.format("%s %.6f %.6f %d %s\n", of, sent[of], now(), status, body))
end
