//! Publishers: members that say numbers, and never repeat one.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use tests::engine_app::Ask;
use tokio::{
    net::TcpStream,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

use super::{
    cluster::Addresses,
    incoming::{Incoming, Saying, StoryPlace, publisher_name},
    room_story::RoomStory,
};
use crate::support::Visit;

/// Time in which a node answers.
const PATIENCE: Duration = Duration::from_secs(15);

/// Publisher in a room.
pub(super) struct StormPublisher {
    pub(super) number: usize,
    pub(super) story: Arc<RoomStory>,
    pub(super) addresses: Addresses,
    pub(super) period: Duration,
    pub(super) ends: Arc<AtomicBool>,
}

/// Outcome of all sayings of a publisher.
#[derive(Debug, Default)]
pub(super) struct PublisherTotals {
    pub(super) accepted: u64,
    pub(super) refused: u64,
    pub(super) unknown: u64,
    /// Last saying, with its place if the room has a history.
    pub(super) last: Option<(Option<StoryPlace>, Saying)>,
    /// Accepted sayings by the node.
    pub(super) accepted_by: Vec<(SocketAddr, u64)>,
}

impl StormPublisher {
    /// Publishes until the end, and then one last time, so that clients know when they have all.
    pub(super) async fn run(self) -> PublisherTotals {
        let mut totals = PublisherTotals::default();
        let mut ticks = interval(self.period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut turn = self.number;
        let mut n = 0;
        loop {
            let addr = self.addresses.pick(turn);
            turn += 1;
            let visit = Visit::new(&self.story.name, &publisher_name(self.number));
            let Ok(Ok(mut socket)) = timeout(PATIENCE, visit.open_socket(addr)).await else {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            let mut by_node = 0;
            loop {
                ticks.tick().await;
                let is_last = self.ends.load(Ordering::Relaxed);
                n += 1;
                let saying = Saying { publisher: self.number, n };
                match self.publish(&mut socket, n).await {
                    Some(Ok(place)) => {
                        self.story.accept(place, saying);
                        totals.accepted += 1;
                        by_node += 1;
                        if is_last {
                            totals.last = Some((place, saying));
                            totals.accepted_by.push((addr, by_node));
                            let _ = socket.close(None).await;
                            return totals;
                        }
                    }
                    Some(Err(text)) => {
                        totals.refused += 1;
                        // It was queued, and its time was over: it may still be taken.
                        if text.contains("may still") || text.contains("refuses") {
                            self.story.forget_outcome(saying);
                        }
                    }
                    None => {
                        totals.unknown += 1;
                        self.story.forget_outcome(saying);
                        break;
                    }
                }
            }
            totals.accepted_by.push((addr, by_node));
        }
    }

    /// Publishes a number. Returns `None` if the connection has ended.
    async fn publish(
        &self,
        socket: &mut WebSocketStream<TcpStream>,
        n: u64,
    ) -> Option<Result<Option<StoryPlace>, String>> {
        let ask = serde_json::to_string(&Ask::Publish { n }).unwrap();
        let answer = async {
            socket.send(Message::text(ask)).await.ok()?;
            loop {
                let Message::Text(text) = socket.next().await?.ok()? else { continue };
                let message: Incoming<'_> = serde_json::from_str(&text).unwrap();
                match &*message.kind {
                    "accepted" => {
                        return Some(Ok(message.accepted_at.map(|at| StoryPlace::parse(&at))));
                    }
                    "refused" => return Some(Err(text.to_string())),
                    _ => {}
                }
            }
        };
        timeout(PATIENCE, answer).await.ok()?
    }
}
