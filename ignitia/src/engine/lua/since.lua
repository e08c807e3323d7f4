-- Reads a room's history after a place that a client has seen. ARGV: the room's key, epoch, offset, the tag's lower 32 bits, most
-- entries. Returns: what (ok or lost), epoch, offset and tag of the newest message, and the entries (id, first offset, items).
local key = ARGV[1]
local stream = key .. ':s'
local at = redis.call('HMGET', key .. ':m', 'e', 'o', 'ot')
if not at[1] then return { 'lost', '0', '0', '0', {} } end
local o, top = tonumber(ARGV[3]), tonumber(at[2] or 0)
local function answer(what, entries) return { what, at[1], at[2] or '0', at[3] or '0', entries } end
local function is_seen(tag) return string.format('%.0f', tonumber(tag) % 4294967296) == ARGV[4] end

if ARGV[2] ~= at[1] or o > top then return answer('lost', {}) end
if o == top then return answer((o == 0 or is_seen(at[3] or '0')) and 'ok' or 'lost', {}) end
if o > 0 then
  local tag = tag_of(stream, ARGV[3])
  if not tag or not is_seen(tag) then return answer('lost', {}) end
end
local entries = {}
for _, entry in ipairs(redis.call('XRANGE', stream, string.format('%.0f', o + 1), '+', 'COUNT', ARGV[5])) do
  entries[#entries + 1] = { entry[1], entry[2][2], entry[2][4] }
end
if #entries == 0 or tonumber(entries[1][2]) > o + 1 then return answer('lost', {}) end
return answer('ok', entries)
