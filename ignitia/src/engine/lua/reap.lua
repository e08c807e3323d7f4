-- Removes members of a node whose lease is over. KEYS: the leases, the rooms of the lease. ARGV: the lease, the time in ms that a
-- lease lasts, an encoded item that says that the node has no members, most rooms, '1' if it is given back before its time.
-- Returns whether there may be more rooms.
local lease = ARGV[1]
local node = string.match(lease, '^%d+')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local tag = string.format('%.0f', time[1] * 1000000 + time[2])
local beat = redis.call('ZSCORE', KEYS[1], lease)
if not beat then return 0 end
if ARGV[5] ~= '1' and tonumber(beat) > now - ARGV[2] then return 0 end
-- From now on the node cannot use it any more, should it come back.
redis.call('ZADD', KEYS[1], '0', lease)
local rooms = redis.call('SPOP', KEYS[2], ARGV[4])
for _, key in ipairs(rooms) do
  redis.call('DEL', key .. ':w:' .. lease)
  redis.call('SREM', key .. ':w', lease)
  local at = redis.call('HMGET', key .. ':m', 'e', 'o', 'k', 'v')
  -- A node that has come back with another lease has told its members anew.
  local is_back = false
  for _, other in ipairs(redis.call('SMEMBERS', key .. ':w')) do is_back = is_back or string.match(other, '^%d+') == node end
  if at[1] and not is_back then
    redis.call('HSET', key .. ':m', 'v', string.format('%.0f', at[4] + 1), 't', tag)
    redis.call('PUBLISH', key .. ':c', '1 ' .. at[1] .. ' ' .. at[2] .. ' ' .. at[3] .. ' ' .. at[4] .. ' ' .. tag .. '\n' .. ARGV[3])
  end
end
if #rooms > 0 then return 1 end
redis.call('ZREM', KEYS[1], lease)
return 0
