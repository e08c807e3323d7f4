//! Probe of a server at the start: everything that an engine does is done once, so that a missing
//! right, or a server that is too old, is an error at once.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt;
use tokio::{sync::oneshot, time::timeout};

use super::{
    batch::Batch,
    config::EngineConfig,
    dial::Connections,
    fault::EngineFault,
    history_limits::HistoryLimits,
    item::{Item, PublishedMessage, StoredMember},
    keys::{NodeKeys, channel},
    lease::{Lease, reap_command, register_command, renew_command},
    look::{LookArguments, look_command},
    node::{Node, new_seed},
    op::{Publication, Read, Target},
    place::Place,
    reads,
    scripts::Scripts,
};

/// Number of the probe's node, which is none that a node can have.
const PROBE: u32 = 1 << 20;
/// Time of the probe's lease: a probe is over long before.
const PROBE_LEASE: Duration = Duration::from_secs(60);

/// Does everything once, in a room of its own.
pub(super) async fn probe(
    connections: &mut Connections,
    scripts: &Arc<Scripts>,
    app: &str,
    config: &EngineConfig,
) -> Result<(), EngineFault> {
    let Connections { commands, subscriptions, messages } = connections;
    let keys = NodeKeys::new(app, PROBE);
    let unique = uuid::Uuid::new_v4().simple().to_string();
    let lease = Lease::new(PROBE);
    let room: Arc<str> = format!("{app}:!probe-{unique}").into();
    let heard = channel(&room);
    let subscribed = timeout(config.patience, subscriptions.subscribe(&heard)).await;
    subscribed.map_err(|_| EngineFault::silence("SUBSCRIBE"))??;

    // As if it had had one: several nodes may probe at the same time.
    register_command(scripts, &keys, lease, new_seed(), "probe").query_async::<()>(commands).await?;
    renew_command(scripts, &keys, lease, PROBE_LEASE).query_async::<()>(commands).await?;
    let lease = lease.name();

    // Other nodes may probe at the same time, or have failed to before.
    let mut batch = Batch::new(uuid::Uuid::new_v4().as_u64_pair().0 >> 16);
    let member = StoredMember { id: 1, encoded: bytes::Bytes::new() };
    let message = Item::Message { is_remembered: true, message: nothing() };
    for item in [message, Item::Joined(member), Item::Left { member: 2 }] {
        let limits = HistoryLimits { messages: 1, bytes: 1, age: config.lease };
        let targets = vec![Target { room: room.clone(), item, history: Some(limits) }];
        batch.push(Publication::message(targets, None));
    }
    let command = batch.command(&scripts.publish, &keys, &lease, Node::new_epoch());
    command.query_async::<String>(commands).await?;
    let wait = async {
        loop {
            match messages.next().await {
                Some(message) if message.get_channel_name() == heard => return Ok(()),
                Some(_) => {}
                None => return Err(EngineFault::connection("the listening connection has ended")),
            }
        }
    };
    timeout(config.patience, wait).await.map_err(|_| EngineFault::silence("a message to this node"))??;

    let arguments = LookArguments {
        leases: &keys.leases,
        lease: &lease,
        room: &room,
        at: None,
        new_epoch: Node::new_epoch(),
        life: 60_000,
    };
    look_command(&scripts.look, &arguments).query_async::<()>(commands).await?;
    for read in questions() {
        if let Some(fault) = reads::answer(scripts.clone(), commands.clone(), room.clone(), read).await {
            return Err(fault);
        }
    }

    let command = reap_command(scripts, &keys, &lease, PROBE_LEASE, true);
    while command.query_async::<u8>(commands).await? == 1 {}
    let mut command = redis::cmd("DEL");
    command.arg(format!("{room}:m")).arg(format!("{room}:s")).arg(&keys.last_batch);
    command.query_async::<()>(commands).await?;
    let unsubscribed = timeout(config.patience, subscriptions.unsubscribe(heard)).await;
    Ok(unsubscribed.map_err(|_| EngineFault::silence("UNSUBSCRIBE"))??)
}

fn nothing() -> PublishedMessage {
    PublishedMessage {
        is_binary: false,
        is_uncompressed: false,
        coalesce_key: None,
        except: None,
        rooms: Vec::new(),
        payload: bytes::Bytes::new(),
    }
}

fn questions() -> [Read; 3] {
    let from = Place { epoch: 1, offset: 0, tag: 0 };
    // The answers are of no interest.
    [
        Read::Since { from, answer: oneshot::channel().0 },
        Read::Before { end: None, messages: 1, answer: oneshot::channel().0 },
        Read::Members { answer: oneshot::channel().0 },
    ]
}
