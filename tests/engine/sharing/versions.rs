//! Nodes of a newer version, which publish what this one does not know.

use crate::support::{Machines, StoreServer, Visit};

/// Item of a kind that this version does not know: its length, then the kind.
const REMEMBERED: &str = r"\0\0\0\1\63";
const UNREMEMBERED: &str = r"\0\0\0\1\127";

/// Publishes an item as a node does. ARGV: the room's key, the counter that it belongs to.
const PUBLISH: &str = r"
local key, counter, item = ARGV[1], ARGV[2], 'ITEM'
local at = redis.call('HMGET', key .. ':m', 'e', 'o', 'k', 'v', 'z')
local time = redis.call('TIME')
local tag = string.format('%.0f', time[1] * 1000000 + time[2])
local n = redis.call('HINCRBY', key .. ':m', counter, 1)
redis.call('HSET', key .. ':m', 't', tag)
if counter == 'o' then
  redis.call('HSET', key .. ':m', 'ot', tag)
  redis.call('XADD', key .. ':s', n .. '-' .. tag, 'f', n, 'b', item, 'z', at[5] or '0')
end
redis.call('PUBLISH', key .. ':c', 'VERSION ' .. at[1] .. ' ' .. at[2] .. ' ' .. at[3] .. ' ' .. at[4] .. ' ' .. tag .. '\n' .. item)
return n";

async fn publish(server: &StoreServer, key: &str, version: u8, counter: &str, item: &str) {
    let script = PUBLISH.replace("VERSION", &version.to_string()).replace("ITEM", item);
    server.command::<u64>(&["EVAL", &script, "0", key, counter]).await;
}

fn key(machines: &Machines, room: &str) -> String {
    machines.key(room, "").trim_end_matches(':').to_owned()
}

#[tokio::test]
async fn a_message_of_an_unknown_kind_is_a_hole_that_is_told() {
    let machines = Machines::start(2).await;
    let server = &machines.server;
    for (room, counter, item) in [("history+told-1", "o", REMEMBERED), ("told-1", "k", UNREMEMBERED)] {
        let mut members = machines.member_on_each(room).await;
        machines.publish(0, room, [1]).await;
        publish(server, &key(&machines, room), 1, counter, item).await;
        machines.publish(1, room, [2]).await;
        for member in &mut members {
            assert_eq!(member.numbers_up_to(2).await, [1, 2], "{room}");
            let kinds: Vec<_> = member
                .told()
                .iter()
                .map(|told| told["type"].clone())
                .filter(|kind| *kind != "$joined")
                .collect();
            assert_eq!(kinds, ["said", "$lagged", "said"], "{room}");
            assert_eq!(member.first("$lagged").await["missed"], 1);
        }
    }
}

#[tokio::test]
async fn clients_that_return_are_told_of_a_message_of_an_unknown_kind() {
    let machines = Machines::start(2).await;
    let room = "history-1";
    let mut member = machines.member(0, &Visit::new(room, "ann")).await;
    machines.publish(0, room, [1]).await;
    member.numbers(1).await;
    let at = member.last_at();
    drop(member);
    publish(&machines.server, &key(&machines, room), 1, "o", REMEMBERED).await;
    machines.publish(0, room, [2]).await;
    let mut again = machines.member(1, &Visit::new(room, "ann").at(at)).await;
    assert_eq!(again.first("$resumed").await["lost"], true);
    machines.publish(0, room, [3]).await;
    assert_eq!(again.numbers(1).await, [3]);
}

#[tokio::test]
async fn a_packet_of_another_version_is_looked_up() {
    let machines = Machines::start(2).await;
    let room = "told-1";
    let mut members = machines.member_on_each(room).await;
    machines.publish(0, room, [1]).await;
    publish(&machines.server, &key(&machines, room), 2, "k", UNREMEMBERED).await;
    for member in &mut members {
        assert_eq!(member.first("$lagged").await["missed"], 1);
    }
    // What is no packet at all does no harm.
    let channel = machines.key(room, "c");
    for payload in ["", "\n", "1 1 1 1 1 1\nx", "9 9 9 9 9 9\n"] {
        machines.server.command::<u64>(&["PUBLISH", &channel, payload]).await;
    }
    machines.publish(1, room, [2]).await;
    for member in &mut members {
        assert_eq!(member.numbers_up_to(2).await, [1, 2]);
        assert_eq!(member.count("$lagged"), 1);
    }
}
