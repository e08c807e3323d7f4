//! Beginning and end of the storm.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{sync::watch, task::JoinHandle};

use super::{
    client::{ClientProgress, StormClient},
    cluster::Cluster,
    findings::Findings,
    publisher::{PublisherTotals, StormPublisher},
    room_story::RoomStory,
    settings::StormSettings,
    verdict::{Verdict, check_counters, check_members},
};
use crate::support::{until, within};

/// Rooms of each kind, and the kinds.
const ROOMS: usize = 8;
const KINDS: [&str; 3] = ["history", "history+told", "told"];
/// Publishers in a room with a history. In the others the number of a message tells its order, so
/// there is one.
const PUBLISHERS: usize = 2;
/// The same in a busy room.
const BUSY_PUBLISHERS: usize = 8;

/// Share of the messages that the first room of each kind has, in percent. Few clients are there:
/// the processors have to do for all deliveries.
const BUSY_SHARE: u64 = 90;
/// One client in so many is in a busy room.
const CLIENTS_PER_BUSY: usize = 30;

/// Running storm.
pub(super) struct Stages {
    stories: Vec<Arc<RoomStory>>,
    clients: Vec<RunningClient>,
    publishers: Vec<(Arc<RoomStory>, JoinHandle<PublisherTotals>)>,
    findings: Findings,
    clients_end: Arc<AtomicBool>,
    publishers_end: Arc<AtomicBool>,
    keeps_data: bool,
}

struct RunningClient {
    name: String,
    story: Arc<RoomStory>,
    progress: watch::Receiver<ClientProgress>,
    task: JoinHandle<()>,
}

impl Stages {
    /// Connects all clients, and begins to publish.
    pub(super) async fn begin(settings: &StormSettings, cluster: &Cluster, keeps_data: bool) -> Self {
        let findings = Findings::default();
        let names = KINDS.iter().flat_map(|kind| (0..ROOMS).map(move |n| format!("{kind}-{n}")));
        let stories: Vec<Arc<RoomStory>> =
            names.map(|name| Arc::new(RoomStory::new(name, findings.clone()))).collect();
        // Each kind begins with its busy room.
        let is_busy = |(n, _): &(usize, _)| n % ROOMS == 0;
        let (busy, quiet): (Vec<_>, Vec<_>) = stories.iter().cloned().enumerate().partition(is_busy);
        let [busy, quiet] =
            [busy, quiet].map(|rooms| rooms.into_iter().map(|(_, room)| room).collect::<Vec<_>>());
        let (clients_end, publishers_end) =
            (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let mut clients = Vec::new();
        for number in 0..settings.clients {
            let is_busy = number % CLIENTS_PER_BUSY == 0;
            let (rooms, place) = if is_busy { (&busy, number / CLIENTS_PER_BUSY) } else { (&quiet, number) };
            let story = rooms[place % rooms.len()].clone();
            let client = StormClient {
                number,
                story: story.clone(),
                findings: findings.clone(),
                addresses: cluster.addresses.clone(),
                keeps_data,
                ends: clients_end.clone(),
            };
            let (sender, progress) = watch::channel(ClientProgress::default());
            let name = client.name();
            clients.push(RunningClient { name, story, progress, task: tokio::spawn(client.run(sender)) });
        }
        for client in &mut clients {
            within("a client connects", client.progress.wait_for(|progress| progress.is_open)).await.unwrap();
        }
        let mut publishers = Vec::new();
        for (rooms, share, of_history) in
            [(&busy, BUSY_SHARE, BUSY_PUBLISHERS), (&quiet, 100 - BUSY_SHARE, PUBLISHERS)]
        {
            let number_of = |story: &RoomStory| if story.has_history() { of_history } else { 1 };
            let count: usize = rooms.iter().map(|story| number_of(story)).sum();
            let rate = settings.rate as f64 * share as f64 / 100.0;
            let period = Duration::from_secs_f64(count as f64 / rate);
            for story in rooms.iter().flat_map(|story| std::iter::repeat_n(story, number_of(story))) {
                let publisher = StormPublisher {
                    number: publishers.len(),
                    story: story.clone(),
                    addresses: cluster.addresses.clone(),
                    period,
                    ends: publishers_end.clone(),
                };
                publishers.push((story.clone(), tokio::spawn(publisher.run())));
            }
        }
        Self { stories, clients, publishers, findings, clients_end, publishers_end, keeps_data }
    }

    /// Ends the storm, and checks everything.
    pub(super) async fn end(self, cluster: &Cluster) {
        let Self { stories, mut clients, publishers, findings, .. } = self;
        self.publishers_end.store(true, Ordering::Relaxed);
        let mut verdict = Verdict::default();
        let mut last_of_room = HashMap::new();
        let mut accepted_by = HashMap::new();
        for (story, publisher) in publishers {
            let totals = within("the last message of a publisher", publisher).await.unwrap();
            verdict.add_publisher(&totals);
            for (addr, accepted) in totals.accepted_by {
                *accepted_by.entry(addr).or_insert(0) += accepted;
            }
            let (place, saying) = totals.last.unwrap();
            let last = last_of_room.entry(story.name.clone()).or_insert((place, saying));
            // Of several publishers in a room, one is last. After a loss, only lives tell.
            if place.map(|place| place.offset) > last.0.map(|place| place.offset) {
                *last = (place, saying);
            }
        }
        for client in &mut clients {
            let (place, saying) = last_of_room[&client.story.name];
            let story = client.story.clone();
            let reached = client.progress.wait_for(|progress| match place {
                _ if !progress.is_open => false,
                None => progress.last == Some(saying),
                Some(place) => {
                    progress.place.is_some_and(|now| now.offset >= place.offset && now.life == place.life)
                }
            });
            if tokio::time::timeout(Duration::from_secs(60), reached).await.is_err() {
                let progress = *client.progress.borrow();
                findings
                    .add(|| format!("{} in {} is at {progress:?}, not {place:?}", client.name, story.name));
            }
            verdict.add_client(*client.progress.borrow());
        }
        for story in &stories {
            verdict.checked += story.check_accepted(self.keeps_data);
        }
        let mut expected: HashMap<String, Vec<String>> = HashMap::new();
        for client in &clients {
            expected.entry(client.story.name.clone()).or_default().push(client.name.clone());
        }
        check_members(cluster, &expected, &findings).await;
        check_counters(cluster, &accepted_by, self.keeps_data, &findings).await;
        println!("{verdict:?}");
        self.clients_end.store(true, Ordering::Relaxed);
        for client in &clients {
            client.task.abort();
        }
        until("clients are gone", async || clients.iter().all(|client| client.task.is_finished())).await;
        findings.assert_none();
        verdict.assert_plausible();
    }
}
