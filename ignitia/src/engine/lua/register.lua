-- Gives a node a lease, if no other node has its number. KEYS: the leases, the seed. ARGV: lease, number of the node, a seed, the
-- lease that it had ('' = none). Returns whether it has the lease, and the seed that all nodes share.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, other in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if string.match(other, '^%d+') == ARGV[2] and ARGV[4] == '' then return { 0, '' } end
end
redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1])
redis.call('SET', KEYS[2], ARGV[3], 'NX')
return { 1, redis.call('GET', KEYS[2]) }
