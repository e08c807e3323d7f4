//! A hundred thousand members: the cost of one must not depend on their number.

use std::{future::Future, pin::Pin};

use axum::{body::Body, extract::Request};
use futures_util::poll;
use ignitia::{prelude::*, rooms::RoomEvent, websocket::WebSocketConfig};
use tokio::sync::mpsc::{self, UnboundedReceiver};

use super::event;
use crate::support::{Dice, HEAP, heap, is_alone};

/// Size of a large room, and of one that is a hundred times smaller.
const MANY: usize = 100_000;
const FEW: usize = 1_000;

/// Memberships of each connection: opening connections takes the time.
const SEATS: usize = 5;

/// Opens connections whose handlers never decide: there is no transport behind them, but everything
/// that a room uses.
pub(super) struct UndecidedConnector {
    app: axum::Router,
    opened: UnboundedReceiver<WebSocketConnection>,
}

/// A connection and its request. When the request is dropped, the connection ends.
pub(super) struct Undecided {
    pub(super) ws: WebSocketConnection,
    _request: Pin<Box<dyn Future<Output = ()>>>,
}

impl UndecidedConnector {
    pub(super) fn new() -> Self {
        Self::with(WebSocketConfig::default())
    }

    pub(super) fn with(config: WebSocketConfig) -> Self {
        let (open, opened) = mpsc::unbounded_channel();
        let handler = move |ws: WebSocketConnection| {
            open.send(ws).unwrap();
            std::future::pending::<Response>()
        };
        let config = config.decision_window(None);
        let app = Router::new().websocket("/", handler).websocket_config(config).into_axum().unwrap();
        Self { app, opened }
    }

    pub(super) async fn connect(&mut self) -> Undecided {
        let mut request = Request::builder()
            .uri("/")
            .header("host", "localhost")
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", crate::support::KEY)
            .body(Body::empty())
            .unwrap();
        // A server does this for an upgrade; here it never comes.
        let upgrade = hyper::upgrade::on(&mut request);
        request.extensions_mut().insert(upgrade);
        let answer = tower_service::Service::call(&mut self.app, request);
        let mut request: Pin<Box<dyn Future<Output = ()>>> =
            Box::pin(tokio::task::unconstrained(async { drop(answer.await) }));
        assert!(poll!(&mut request).is_pending(), "it was answered");
        Undecided { ws: self.opened.try_recv().unwrap(), _request: request }
    }

    async fn crowd(&mut self, size: usize) -> Vec<Undecided> {
        let mut crowd = Vec::with_capacity(size);
        for _ in 0..size {
            crowd.push(self.connect().await);
        }
        crowd
    }
}

/// Cost of an operation: allocations per member.
#[derive(Debug, Clone, Copy, Default)]
struct Cost(f64);

impl Cost {
    fn of<R>(count: usize, run: impl FnOnce() -> R) -> (R, Self) {
        let before = allocations();
        let result = run();
        (result, Self((allocations() - before) as f64 / count as f64))
    }

    fn add(&mut self, other: Self) {
        self.0 += other.0;
    }

    fn divide(&mut self, by: usize) {
        self.0 /= by as f64;
    }
}

/// Tables that grow are moved, which costs a little more the larger they are.
fn assert_alike(what: &str, few: Cost, many: Cost) {
    assert!(many.0 <= few.0 * 1.01 + 0.02, "{what}: {few:?} of few, {many:?} of many");
}

fn allocations() -> usize {
    let stats = HEAP.stats();
    stats.allocations + stats.reallocations
}

/// Returns the cost of each step per member, from the first join to the last leave.
async fn life_of_a_room(size: usize) -> [Cost; 5] {
    let crowd = UndecidedConnector::new().crowd(size / SEATS).await;
    let rooms = Rooms::<Message, u32>::new();
    let room = rooms.room("room");
    let mut seats = Vec::with_capacity(size);
    let ((), join) = Cost::of(size, || {
        let guests = (0..SEATS).flat_map(|_| &crowd);
        seats.extend(guests.zip(0..).map(|(guest, n)| rooms.join_as("room", &guest.ws, n).unwrap()));
    });
    assert_eq!((room.len(), rooms.len()), (size, 1));

    let message = Message::from("what all are told");
    // The first allocation of the queues is not the room's.
    assert_eq!(room.broadcast(&message).unwrap().queued, size);
    let (delivered, broadcast) = Cost::of(size, || room.broadcast(&message).unwrap());
    assert_eq!(delivered.queued, size);

    let (members, list) = Cost::of(size, || room.members());
    assert_eq!(members.len(), size);
    let ids = seats.iter().map(|seat| seat.id().unwrap());
    assert!(members.iter().map(|member| member.id).eq(ids), "in the order in which they came");
    assert!(members.iter().map(|member| *member.presence).eq(0..size as u32));
    drop(members);

    let mut watch = room.watch();
    // The watch is behind from the first change on: the oldest event makes room.
    (0..256).for_each(|_| seats[0].set_presence(0));
    let ((), change) = Cost::of(size, || seats.iter().zip(1..).for_each(|(seat, n)| seat.set_presence(n)));
    // Half of the members leave by themselves, in an order that is bad for a list; the others with
    // their connections.
    let mut dice = Dice(7);
    let half = size / 2;
    let ((), leave) = Cost::of(half, || {
        for _ in 0..half {
            let seat = dice.roll(seats.len());
            drop(seats.swap_remove(seat));
        }
    });
    assert_eq!(room.len(), size - half);
    drop(crowd);
    assert_eq!((room.len(), rooms.len()), (0, 0), "all have left with their connections");
    let mut last = None;
    drop((seats, room, rooms));
    while let Some(event) = watch.recv().await {
        last = Some(event);
    }
    assert!(matches!(last, Some(RoomEvent::Left(_))), "{last:?}");
    [join, broadcast, list, change, leave]
}

#[tokio::test]
async fn the_cost_of_a_member_does_not_depend_on_their_number() {
    if !is_alone("rooms::crowds::the_cost_of_a_member_does_not_depend_on_their_number") {
        return;
    }
    // The first life allocates everything that is kept for good.
    life_of_a_room(FEW).await;
    let before = heap();
    let many = life_of_a_room(MANY).await;
    let left = heap().saturating_sub(before);
    assert!(left < 4_096, "{left} bytes are left of {MANY} members");
    // The clock of the kernel is coarse: the same amount of work for both.
    let mut few = [Cost::default(); 5];
    for _ in 0..MANY / FEW {
        few.iter_mut().zip(life_of_a_room(FEW).await).for_each(|(sum, cost)| sum.add(cost));
    }
    for (n, step) in ["join", "broadcast", "members", "set_presence", "leave"].into_iter().enumerate() {
        few[n].divide(MANY / FEW);
        assert_alike(step, few[n], many[n]);
    }
}

/// Watches of a room without events: the room forgets those that were dropped.
#[tokio::test]
async fn dropped_watches_are_forgotten_without_any_event() {
    if !is_alone("rooms::crowds::dropped_watches_are_forgotten_without_any_event") {
        return;
    }
    let rooms = Rooms::<Message>::new();
    let guest = UndecidedConnector::new().connect().await;
    let seat = rooms.join("room", &guest.ws).unwrap();
    let room = rooms.room("room");
    let kept = room.watch();
    let before = heap();
    for _ in 0..MANY {
        drop(room.watch());
    }
    let grown = heap().saturating_sub(before);
    assert!(grown < 4_096, "{grown} bytes are left of {MANY} watches");
    // The watch that was not dropped is not forgotten.
    drop(seat);
    let mut kept = kept;
    assert_eq!(event(&mut kept).await.0, "left");
    drop((room, rooms));
    assert_eq!(event(&mut kept).await.0, "over");
}

/// A watch that is neither read nor dropped holds a bounded number of events.
#[tokio::test]
async fn a_watch_that_is_not_read_is_bounded() {
    if !is_alone("rooms::crowds::a_watch_that_is_not_read_is_bounded") {
        return;
    }
    let rooms = Rooms::<Message, [u8; 1_000]>::new();
    let guest = UndecidedConnector::new().connect().await;
    let seat = rooms.join_as("room", &guest.ws, [0; 1_000]).unwrap();
    std::mem::forget(seat.watch());
    let before = heap();
    for n in 0..10_000 {
        seat.set_presence([n as u8; 1_000]);
    }
    let grown = heap().saturating_sub(before);
    assert!((256 * 1_000..400_000).contains(&grown), "{grown} bytes");
}

/// Rooms come and go: only the table keeps space for as many names.
#[tokio::test]
async fn nothing_is_left_of_many_rooms() {
    if !is_alone("rooms::crowds::nothing_is_left_of_many_rooms") {
        return;
    }
    let rooms = Rooms::<Message>::new();
    let guest = UndecidedConnector::new().connect().await;
    let long = "a long name ".repeat(20);
    let before = heap();
    for n in 0..MANY {
        drop(rooms.join(format!("{long}{n}"), &guest.ws).unwrap());
    }
    assert!(rooms.is_empty());
    let grown = heap().saturating_sub(before);
    assert!(grown < 64 << 10, "{grown} bytes are left of {MANY} rooms");
}
