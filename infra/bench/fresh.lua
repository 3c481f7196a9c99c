-- wrk asks for each path of a file once, in order, and stops when none is left. Told: the file.
local paths, last, taken = {}, 0, 0

function init(args)
  for line in io.lines(args[1]) do
    last = last + 1
    paths[last] = wrk.format("GET", line)
  end
end

function request()
  taken = taken + 1
  if taken >= last then wrk.thread:stop() end
  return paths[math.min(taken, last)]
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "microseconds": %d, "refused": %d, "broken": %d, "p50": %d, "p99": %d}\n',
    summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
