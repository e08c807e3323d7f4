-- Keeps a node's lease, and looks for one that is over. KEYS: the leases. ARGV: lease, the time in ms that a lease lasts.
-- Returns whether the lease was still there, and a lease that is over.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local mine = redis.call('ZSCORE', KEYS[1], ARGV[1])
local is_kept = mine and tonumber(mine) > 0
if is_kept then redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1]) end
local over = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - ARGV[2]), 'LIMIT', 0, 1)
return { is_kept and 1 or 0, over[1] or '' }
