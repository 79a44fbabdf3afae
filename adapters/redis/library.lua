-- The only writes to the log. Each function runs to its end alone; nothing is pushed before every check has passed.
local SEGMENT = 65536

-- The segment that takes the next entry, and how full it is. `hint` is where the caller saw the end last.
local function last_segment(prefix, hint)
  local segment = hint
  local length = redis.call('LLEN', prefix .. segment)
  while length >= SEGMENT do
    segment = segment + 1
    length = redis.call('LLEN', prefix .. segment)
  end
  while length == 0 and segment > 0 do
    local below = redis.call('LLEN', prefix .. (segment - 1))
    if below >= SEGMENT then break end
    segment = segment - 1
    length = below
  end
  return segment, length
end

-- KEYS: subject, segment, outbox lists. ARGV: expected version, segment hint, number of entries, entries, then (outbox number, job) pairs.
local function append(keys, argv)
  local version = redis.call('LLEN', keys[1])
  if version ~= tonumber(argv[1]) then return {'conflict', version} end
  for i = 3, #keys do redis.call('LLEN', keys[i]) end -- a key of the wrong type fails here, before the first write
  local prefix = string.gsub(keys[2], '%d+$', '')
  local segment, length = last_segment(prefix, tonumber(argv[2]))
  local count = tonumber(argv[3])
  local first = segment * SEGMENT + length
  if length + count <= SEGMENT then
    redis.call('RPUSH', prefix .. segment, unpack(argv, 4, 3 + count))
  else
    for i = 0, count - 1 do
      redis.call('RPUSH', prefix .. math.floor((first + i) / SEGMENT), argv[4 + i])
    end
  end
  local indices = {}
  for i = 1, count do indices[i] = string.format('%.0f', first + i - 1) end
  redis.call('RPUSH', keys[1], unpack(indices))
  for i = 4 + count, #argv, 2 do redis.call('RPUSH', keys[2 + tonumber(argv[i])], argv[i + 1]) end
  redis.call('PUBLISH', 'cs:appended', first + count)
  return {'ok', first, math.floor((first + count - 1) / SEGMENT)}
end

-- KEYS: subject, any segment. ARGV: position within the subject to start at. Returns the subject's version, then index, bytes, index, bytes, ...
local function read_subject(keys, argv)
  local prefix = string.gsub(keys[2], '%d+$', '')
  local indices = redis.call('LRANGE', keys[1], argv[1], -1)
  local found = {redis.call('LLEN', keys[1])}
  local i = 1
  while i <= #indices do
    local start = tonumber(indices[i])
    local last = i
    while last < #indices and tonumber(indices[last + 1]) == start + (last + 1 - i)
      and (start + (last + 1 - i)) % SEGMENT ~= 0 do last = last + 1 end
    local offset = start % SEGMENT
    local bytes = redis.call('LRANGE', prefix .. math.floor(start / SEGMENT), offset, offset + last - i)
    for j = i, last do
      found[#found + 1] = indices[j]
      found[#found + 1] = bytes[j - i + 1] or ''
    end
    i = last + 1
  end
  return found
end

-- KEYS: lease. ARGV: owner, milliseconds. 1 when the lease is held by the owner now.
local function lease(keys, argv)
  local owner = redis.call('GET', keys[1])
  if owner and owner ~= argv[1] then return 0 end
  redis.call('SET', keys[1], argv[1], 'PX', argv[2])
  return 1
end

-- KEYS: lease, checkpoints, tiles. ARGV: owner, note, tiles expected before, tile hashes. Fenced: an owner that lost the lease publishes nothing.
local function publish_checkpoint(keys, argv)
  if redis.call('GET', keys[1]) ~= argv[1] then return 0 end
  if #argv > 3 then
    if redis.call('LLEN', keys[3]) ~= tonumber(argv[3]) then return -1 end
    redis.call('RPUSH', keys[3], unpack(argv, 4))
  end
  redis.call('RPUSH', keys[2], argv[2])
  redis.call('PUBLISH', 'cs:sealed', argv[2])
  return 1
end

redis.register_function('cs_append', append)
redis.register_function{function_name = 'cs_read_subject', callback = read_subject, flags = {'no-writes'}}
redis.register_function('cs_lease', lease)
redis.register_function('cs_publish_checkpoint', publish_checkpoint)
