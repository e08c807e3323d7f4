-- Returns the tag of the message with this offset, if the history tells it: its entry does, or the one that follows it.
local function tag_of(stream, offset)
  local entry = redis.call('XRANGE', stream, offset, '+', 'COUNT', 1)[1]
  local first = entry and tonumber(entry[2][2])
  if not entry or first > offset + 1 then return nil end
  return first <= tonumber(offset) and string.match(entry[1], '%-(%d+)$') or entry[2][8]
end
