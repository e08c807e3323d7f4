-- Tells where a room is, and what came after a place that a node has seen. KEYS: the leases.
-- ARGV: the room's key, the node's lease, then the place: epoch ('' = none), o, tag of o ('' = not known), k, v, tag ('' = not known); most entries, epoch of a room
-- that begins or has forked, the time in ms that a room is known.
-- Returns: what (new, ok, lost or fork), epoch, o, tag of o, k, v, tag; the entries (id, first offset, items); the members by
-- lease, or nothing if they are as before.
local key, lease = ARGV[1], ARGV[2]
local meta, stream = key .. ':m', key .. ':s'
local at = redis.call('HMGET', meta, 'e', 'o', 'ot', 'k', 'v', 't')
if not at[1] then
  -- The room is new, or all that was known of it is lost.
  redis.call('DEL', stream)
  redis.call('HSET', meta, 'e', ARGV[10], 'o', '0', 'k', '0', 'v', '0', 't', '0')
  at = { ARGV[10], '0', '0', '0', '0', '0' }
end
at[3] = at[3] or '0'
-- What is looked at does not expire.
for _, looked in ipairs({ meta, key .. ':w', key .. ':w:' .. lease }) do
  if redis.call('PTTL', looked) < tonumber(ARGV[11]) then redis.call('PEXPIRE', looked, ARGV[11]) end
end

local function members()
  local all = {}
  for _, one in ipairs(redis.call('SMEMBERS', key .. ':w')) do
    local of_lease = redis.call('HGETALL', key .. ':w:' .. one)
    if #of_lease == 0 then redis.call('SREM', key .. ':w', one) end
    for _, part in ipairs(of_lease) do all[#all + 1] = part end
  end
  return all
end
local function answer(what, entries, all) return { what, at[1], at[2], at[3], at[4], at[5], at[6], entries, all } end

if ARGV[3] == '' then return answer('new', {}, { members() }) end
if ARGV[3] ~= at[1] then return answer('lost', {}, { members() }) end
local o, k, v = tonumber(ARGV[4]), tonumber(ARGV[6]), tonumber(ARGV[7])
local top, top_k, top_v = tonumber(at[2]), tonumber(at[4]), tonumber(at[5])
local is_behind = o < top
local entries = {}
local is_lost = false
local is_fork = o > top or k > top_k or v > top_v
  or (o == top and o > 0 and ARGV[5] ~= '' and ARGV[5] ~= at[3])
  or (o == top and k == top_k and v == top_v and ARGV[8] ~= '' and ARGV[8] ~= at[6])
if is_behind and not is_fork then
  if o > 0 then
    -- The message that the node has seen last has to be the same.
    local tag = tag_of(stream, ARGV[4])
    is_lost = not tag
    is_fork = not is_lost and ARGV[5] ~= '' and tag ~= ARGV[5]
  end
  if not is_lost and not is_fork then
    local next = string.format('%.0f', o + 1)
    for _, entry in ipairs(redis.call('XRANGE', stream, next, '+', 'COUNT', ARGV[9])) do
      entries[#entries + 1] = { entry[1], entry[2][2], entry[2][4] }
    end
    is_lost = #entries == 0 or tonumber(entries[1][2]) > o + 1
    if is_lost then entries = {} end
  end
end
if is_fork then
  -- A node has seen what the store does not know any more: numbers are given a second time, so this is another life.
  at[1] = ARGV[10]
  redis.call('HSET', meta, 'e', at[1])
  redis.call('DEL', stream)
  redis.call('PUBLISH', key .. ':c', '1 ' .. at[1] .. ' ' .. at[2] .. ' ' .. at[4] .. ' ' .. at[5] .. ' ' .. at[6] .. '\n')
  return answer('fork', {}, { members() })
end
local all = {}
if v ~= top_v then all = { members() } end
return answer(is_lost and 'lost' or 'ok', entries, all)
