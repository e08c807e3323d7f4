-- Reads the end of a room's history before a place. ARGV: the room's key, epoch ('' = from the newest message on), offset, most
-- entries. Returns the epoch and the entries (id, first offset, items), the newest first.
local key = ARGV[1]
local stream = key .. ':s'
local epoch = redis.call('HGET', key .. ':m', 'e')
if not epoch or (ARGV[2] ~= '' and ARGV[2] ~= epoch) then return { '0', {} } end
local from = '+'
if ARGV[2] ~= '' then
  local last = redis.call('XRANGE', stream, string.format('%.0f', math.max(math.min(tonumber(ARGV[3]), 2 ^ 53) - 1, 0)), '+', 'COUNT', 1)[1]
  if last then from = last[1] end
end
local entries = {}
for _, entry in ipairs(redis.call('XREVRANGE', stream, from, '-', 'COUNT', ARGV[4])) do
  entries[#entries + 1] = { entry[1], entry[2][2], entry[2][4] }
end
return { epoch, entries }
