-- Publishes one batch of a node. KEYS: the node's last batch, the leases, and what the sets of rooms begin with.
-- ARGV: number of the batch, lease, epoch of rooms that begin; then for each room: its key, the numbers of its remembered,
-- unremembered and presence items, the items, those of them that the history keeps ('' = none, '=' = all), the history's limits
-- (messages, bytes, age in ms), the time in ms that the room is known, the number of its presence changes, and these: what
-- ('set', 'del' or 'all'), the member, the encoded member ('all' is followed by pairs of them, their number in place of the
-- member).
--
-- The outcome is recorded first, then the entries are made, then all is told. Should the server stop the script midway, a hole
-- shows; never is something told twice, or an offset used that the room does not know.
local done = redis.call('HMGET', KEYS[1], 'n', 'r', 'x')
if done[1] == ARGV[1] then return done[2] end
local lease = ARGV[2]
local beat = redis.call('ZSCORE', KEYS[2], lease)
if not beat or tonumber(beat) <= 0 then return redis.error_reply('LEASE the lease is over') end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local tag = string.format('%.0f', time[1] * 1000000 + time[2])
local function text(number) return string.format('%.0f', number) end

local rooms, lines, i = {}, { tag }, 4
while i <= #ARGV do
  local room = {
    key = ARGV[i], remembered = tonumber(ARGV[i + 1]), unremembered = tonumber(ARGV[i + 2]), presence = tonumber(ARGV[i + 3]),
    items = ARGV[i + 4], kept = ARGV[i + 5], messages = tonumber(ARGV[i + 6]), bytes = tonumber(ARGV[i + 7]),
    age = tonumber(ARGV[i + 8]), life = tonumber(ARGV[i + 9]), changes = {},
  }
  local changes = tonumber(ARGV[i + 10])
  i = i + 11
  for n = 1, changes do
    if ARGV[i] == 'all' then
      local count = tonumber(ARGV[i + 1])
      local all = {}
      for m = 1, 2 * count do all[m] = ARGV[i + 1 + m] end
      room.changes[n] = { 'all', all }
      i = i + 2 + 2 * count
    else
      room.changes[n] = { ARGV[i], ARGV[i + 1], ARGV[i + 2] }
      i = i + 3
    end
  end
  local at = redis.call('HMGET', room.key .. ':m', 'e', 'o', 'k', 'v', 'z', 'y', 'x', 'l', 'ot')
  room.is_new = not at[1]
  room.epoch = at[1] or ARGV[3]
  room.o, room.k, room.v = tonumber(at[2] or 0), tonumber(at[3] or 0), tonumber(at[4] or 0)
  room.written, room.trimmed, room.checked = tonumber(at[5] or 0), tonumber(at[6] or 0), tonumber(at[7] or 0)
  room.lengthened, room.follows = tonumber(at[8] or 0), at[9] or '0'
  -- What the server keeps as a text needs no other form.
  local offset = at[2] or '0'
  room.place = room.epoch .. ' ' .. offset .. ' ' .. (at[3] or '0') .. ' ' .. (at[4] or '0') .. ' ' .. tag
  rooms[#rooms + 1] = room
  lines[#lines + 1] = room.epoch .. ' ' .. offset
end
local reply = table.concat(lines, '\n')

-- A node may come back to a batch after an outage of hours.
local outcome = { 'n', ARGV[1], 'r', reply }
local is_first = now - tonumber(done[3] or 0) > 3600000
if is_first then outcome[5], outcome[6] = 'x', text(now) end
redis.call('HSET', KEYS[1], unpack(outcome))
if is_first then redis.call('PEXPIRE', KEYS[1], 90000000) end

-- Drops the oldest entries of a history as long as `is_over` says so. Returns the bytes written before the first one that stays.
local function trim(room, is_over)
  local from, count = '-', 1
  while true do
    local oldest = redis.call('XRANGE', room.key .. ':s', from, '+', 'COUNT', count)
    count = 32
    if #oldest == 0 then return room.written end
    for _, entry in ipairs(oldest) do
      local written = tonumber(entry[2][6])
      if not is_over(entry[1], written) then
        redis.call('XTRIM', room.key .. ':s', 'MINID', '=', entry[1])
        return written
      end
      from = '(' .. entry[1]
    end
  end
end

for _, room in ipairs(rooms) do
  local meta, stream = room.key .. ':m', room.key .. ':s'
  -- A history without the room's state is of another life: it was evicted, or has expired.
  if room.is_new then redis.call('DEL', stream) end
  room.top = room.o + room.remembered
  local fields = { 't', tag }
  local function set(field, value)
    fields[#fields + 1] = field
    fields[#fields + 1] = value
  end
  if room.is_new then set('e', room.epoch) end
  if room.unremembered > 0 or room.is_new then set('k', text(room.k + room.unremembered)) end
  if room.presence > 0 or room.is_new then set('v', text(room.v + room.presence)) end
  if room.remembered > 0 then
    if room.kept == '=' then room.kept = room.items end
    set('o', text(room.top))
    set('ot', tag)
    set('z', text(room.written + #room.kept))
  elseif room.is_new then
    set('o', '0')
  end
  -- The time of the last look at the ages of the history, which only a message of it brings about.
  room.is_due = room.remembered > 0 and now - room.checked > math.min(room.age, 600000) / 8
  if room.is_due then set('x', text(now)) end
  -- The time of the last look at the time that the room is known: it is never shortened.
  local is_to_be_lengthened = room.is_new or room.is_due or now - room.lengthened > 300000
  if is_to_be_lengthened then set('l', text(now)) end
  redis.call('HSET', meta, unpack(fields))
  if is_to_be_lengthened and redis.call('PTTL', meta) < room.life then redis.call('PEXPIRE', meta, text(room.life)) end
end
for _, room in ipairs(rooms) do
  if #room.changes > 0 then
    local members = room.key .. ':w:' .. lease
    for _, change in ipairs(room.changes) do
      if change[1] == 'set' then
        redis.call('HSET', members, change[2], change[3])
      elseif change[1] == 'del' then
        redis.call('HDEL', members, change[2])
      else
        redis.call('DEL', members)
        for m = 1, #change[2], 2 do redis.call('HSET', members, change[2][m], change[2][m + 1]) end
      end
    end
    if redis.call('EXISTS', members) == 1 then
      redis.call('SADD', room.key .. ':w', lease)
      redis.call('SADD', KEYS[3] .. lease, room.key)
    else
      redis.call('SREM', room.key .. ':w', lease)
      redis.call('SREM', KEYS[3] .. lease, room.key)
    end
  end
  if room.remembered > 0 then
    local stream = room.key .. ':s'
    local id = text(room.top) .. '-' .. tag
    redis.call('XADD', stream, 'MINID', '~', text(math.max(room.top - room.messages + 1, 0)), id,
      'f', text(room.o + 1), 'b', room.kept, 'z', text(room.written), 'p', room.follows)
    local written = room.written + #room.kept
    if written - room.trimmed > room.bytes + room.bytes / 8 then
      local stays = trim(room, function(entry, before) return entry ~= id and written - before > room.bytes end)
      redis.call('HSET', room.key .. ':m', 'y', text(stays))
    end
    if room.is_due then
      local cutoff = (now - room.age) * 1000
      trim(room, function(entry) return entry ~= id and tonumber(string.match(entry, '%-(%d+)$')) < cutoff end)
      redis.call('PEXPIRE', stream, text(room.age + room.age / 8 + 1000))
    end
  end
end
for _, room in ipairs(rooms) do
  redis.call('PUBLISH', room.key .. ':c', '1 ' .. room.place .. '\n' .. room.items)
end
return reply
