//! Client that listens, and comes back whenever it is cut off, to any node.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::StreamExt;
use tokio::{net::TcpStream, sync::watch, time::timeout};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::CloseFrame},
};

use super::{
    cluster::Addresses,
    findings::Findings,
    incoming::{Incoming, Saying, StoryPlace},
    room_story::RoomStory,
};
use crate::support::Visit;

/// Time in which a node that is alive sends or answers something, or else the client comes back to
/// another one. A node may be frozen for a while.
const SILENCE: Duration = Duration::from_secs(20);

/// Client that listens.
pub(super) struct StormClient {
    pub(super) number: usize,
    pub(super) story: Arc<RoomStory>,
    pub(super) findings: Findings,
    pub(super) addresses: Addresses,
    /// True if the server keeps its data.
    pub(super) keeps_data: bool,
    pub(super) ends: Arc<AtomicBool>,
}

/// Progress of a client.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ClientProgress {
    pub(super) place: Option<StoryPlace>,
    pub(super) last: Option<Saying>,
    pub(super) is_open: bool,
    pub(super) received: u64,
    pub(super) recoveries: u64,
    /// Times that it was told that something is missing.
    pub(super) told_losses: u64,
}

/// State of one connection to a room without history.
#[derive(Default)]
struct Account {
    first: Option<Saying>,
    last: Option<Saying>,
    received: u64,
    /// Number of messages that were told as missing between the first and the last one; `None` if
    /// it is not known.
    missed: Option<u64>,
    /// The same, since the last one.
    missed_since: Option<u64>,
}

impl StormClient {
    pub(super) fn name(&self) -> String {
        format!("client-{}", self.number)
    }

    /// Listens until the end.
    pub(super) async fn run(self, progress: watch::Sender<ClientProgress>) {
        let mut turn = self.number;
        while !self.ends.load(Ordering::Relaxed) {
            let at = progress.borrow().place.map(|place| {
                let epoch = u64::from(place.life) << 32 | u64::from(place.tag);
                format!("{epoch:x}.{}", place.offset)
            });
            let visit = Visit::new(&self.story.name, &self.name()).at(at);
            let addr = self.addresses.pick(turn);
            turn += 1;
            match timeout(SILENCE, visit.open_socket(addr)).await {
                Ok(Ok(socket)) => {
                    progress.send_modify(|progress| progress.is_open = true);
                    self.listen(socket, &progress).await;
                    progress.send_modify(|progress| progress.is_open = false);
                }
                // The node is being replaced.
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    async fn listen(&self, mut socket: WebSocketStream<TcpStream>, progress: &watch::Sender<ClientProgress>) {
        let mut account = Account { missed: Some(0), missed_since: Some(0), ..Account::default() };
        let mut last_of: HashMap<usize, u64> = HashMap::new();
        loop {
            let message = match timeout(SILENCE, socket.next()).await {
                Ok(Some(Ok(Message::Text(text)))) => text,
                Ok(Some(Ok(Message::Close(frame)))) => {
                    self.on_close(frame.as_ref(), progress);
                    break;
                }
                Ok(Some(Ok(_))) => continue,
                _ => break,
            };
            let message: Incoming<'_> = serde_json::from_str(&message).unwrap();
            match &*message.kind {
                "said" if self.story.has_history() => self.on_remembered(&message, progress),
                "said" => self.on_plain(&message, &mut account, &mut last_of, progress),
                "$joined" | "$resumed" => self.on_entered(&message, progress),
                "$lagged" => {
                    self.on_lagged(&message, progress);
                    account.missed_since = account.missed_since.zip(message.missed).map(|(a, b)| a + b);
                }
                // The engine was away for longer than the entrance waits: the client comes back.
                "$error" if message.code.as_deref() == Some("unavailable") => {}
                kind => self.findings.add(|| format!("{}: unexpected {kind}", self.name())),
            }
        }
        self.settle(&account);
    }

    fn on_entered(&self, message: &Incoming<'_>, progress: &watch::Sender<ClientProgress>) {
        let place = message.at.as_ref().map(|at| StoryPlace::parse(at));
        let had_place = progress.borrow().place.is_some();
        self.findings.check(!(message.lost && self.keeps_data), || {
            format!("{} in {}: lost at {:?}", self.name(), self.story.name, progress.borrow().place)
        });
        self.findings.check(!(message.kind == "$joined" && had_place), || {
            format!("{} in {}: is taken for a new client", self.name(), self.story.name)
        });
        progress.send_modify(|progress| {
            if message.lost || message.kind == "$joined" {
                progress.place = place;
            } else {
                progress.recoveries += 1;
            }
            progress.told_losses += u64::from(message.lost);
        });
    }

    fn on_remembered(&self, message: &Incoming<'_>, progress: &watch::Sender<ClientProgress>) {
        let place = StoryPlace::parse(message.at.as_ref().unwrap());
        let saying = Saying::of(message);
        let before = progress.borrow().place;
        let follows =
            before.is_none_or(|before| before.life == place.life && before.offset + 1 == place.offset);
        self.findings
            .check(follows, || format!("{} in {}: {place:?} after {before:?}", self.name(), self.story.name));
        self.story.tell(place, saying);
        progress.send_modify(|progress| {
            progress.place = Some(place);
            progress.last = Some(saying);
            progress.received += 1;
        });
    }

    fn on_plain(
        &self,
        message: &Incoming<'_>,
        account: &mut Account,
        last_of: &mut HashMap<usize, u64>,
        progress: &watch::Sender<ClientProgress>,
    ) {
        let saying = Saying::of(message);
        let before = last_of.insert(saying.publisher, saying.n);
        self.findings.check(before.is_none_or(|before| before < saying.n), || {
            format!("{} in {}: {saying:?} after {before:?}", self.name(), self.story.name)
        });
        if account.first.is_none() {
            account.first = Some(saying);
            account.missed_since = Some(0);
        } else {
            account.received += 1;
            account.missed = account.missed.zip(account.missed_since).map(|(a, b)| a + b);
            account.missed_since = Some(0);
        }
        account.last = Some(saying);
        progress.send_modify(|progress| {
            progress.last = Some(saying);
            progress.received += 1;
        });
    }

    fn on_lagged(&self, message: &Incoming<'_>, progress: &watch::Sender<ClientProgress>) {
        let is_allowed = !self.keeps_data || (!self.story.has_history() && message.missed.is_some());
        self.findings.check(is_allowed, || {
            format!("{} in {}: {:?} are missing", self.name(), self.story.name, message.missed)
        });
        progress.send_modify(|progress| {
            // The next message is anywhere.
            progress.place = None;
            progress.told_losses += 1;
        });
    }

    fn on_close(&self, frame: Option<&CloseFrame>, progress: &watch::Sender<ClientProgress>) {
        let Some(frame) = frame else { return };
        let code = u16::from(frame.code);
        // The drain; an engine that is away when the client enters; or a room that closes members
        // which miss something.
        let is_away = code == 1012 || (code == 1013 && frame.reason.as_str() == "unavailable");
        let may_miss = !(self.keeps_data && self.story.has_history());
        let is_lagging = code == 1013 && frame.reason.as_str() == "lagged" && may_miss;
        self.findings.check(is_away || is_lagging || self.ends.load(Ordering::Relaxed), || {
            format!("{} in {}: closed by {code} {}", self.name(), self.story.name, frame.reason)
        });
        if is_lagging {
            progress.send_modify(|progress| progress.told_losses += 1);
        }
    }

    /// Checks that what is missing in a room without history was told, to the number.
    fn settle(&self, account: &Account) {
        let (Some(first), Some(last), Some(missed)) = (account.first, account.last, account.missed) else {
            return;
        };
        if self.story.has_history() || first == last {
            return;
        }
        let (accepted, unknown) = self.story.count_between(first, last);
        // The last one is not between them.
        let received = account.received - 1;
        let is_exact = accepted <= received + missed && received + missed <= accepted + unknown;
        self.findings.check(is_exact, || {
            format!(
                "{} in {}: between {first:?} and {last:?}, {received} were received and {missed} told as \
                 missing, of {accepted} and perhaps {unknown} more",
                self.name(),
                self.story.name
            )
        });
    }
}
