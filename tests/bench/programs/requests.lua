-- For wrk: the prepared requests of a file, each once; then what came of them, as a line of JSON.
--
--   wrk --threads 1 … --script requests.lua URL -- FILE [again]

local file, again
local threads = {}
used_up = 0 -- global, so that done() may ask for it

function setup(thread)
    table.insert(threads, thread)
end

function init(args)
    file, again = assert(io.open(args[1], "rb")), args[2]
end

function request()
    local length = file:read(4)
    if not length and again then
        file:seek("set")
        length = file:read(4)
    elseif not length then
        used_up = 1
        wrk.thread:stop()
        return "GET / HTTP/1.1\r\n\r\n" -- never sent
    end
    local a, b, c, d = length:byte(1, 4)
    return file:read(((a * 256 + b) * 256 + c) * 256 + d)
end

function done(summary, latency)
    local errors = summary.errors
    print(string.format(
        '{"seconds": %.6f, "answered": %d, "refused": %d, "unanswered": %d, "used_up": %d,'
            .. ' "p50": %.3f, "p99": %.3f}',
        summary.duration / 1e6, summary.requests, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout, threads[1]:get("used_up"),
        latency:percentile(50) / 1e3, latency:percentile(99) / 1e3
    ))
end
