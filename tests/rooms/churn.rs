//! A hundred thousand random steps: nothing is left behind.

use ignitia::{
    prelude::*,
    rooms::{History, Overflow, RoomConfig},
    testing::{TestClient, TestSocket},
    websocket::WebSocketConfig,
};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use super::{Tell, rooms_with};
use crate::support::{Dice, RunningCount, heap, is_alone, until};

const ON_PURPOSE: &str = "on purpose";
const GUESTS: usize = 40;
const ROOMS: usize = 25;

/// Command for a handler.
enum Order {
    Join(String),
    Leave(usize),
    Broadcast(usize),
    Forget(usize),
    Return,
    Panic,
}

/// A connection: the client's end, the server's end, and the commands of its handler.
struct ChurnedConnection {
    socket: TestSocket,
    ws: WebSocketConnection,
    handler: UnboundedSender<Order>,
    /// Memberships that the test holds, not the handler.
    outside: Vec<Membership<Tell>>,
}

async fn handle(
    rooms: Rooms<Tell>,
    mut ws: WebSocketConnection,
    mut orders: UnboundedReceiver<Order>,
) -> Response {
    let mut memberships: Vec<Membership<Tell>> = Vec::new();
    loop {
        let order = tokio::select! {
            order = orders.recv() => order,
            message = ws.recv() => match message {
                Some(_) => continue,
                None => return Response::ok(),
            },
        };
        match order {
            Some(Order::Join(name)) => memberships.extend(rooms.join(name, &ws).ok()),
            Some(Order::Leave(n)) if n < memberships.len() => drop(memberships.swap_remove(n)),
            Some(Order::Forget(n)) if n < memberships.len() => {
                // A deliberate leak of a few bytes: it must not keep the membership.
                std::mem::forget(memberships.swap_remove(n));
            }
            Some(Order::Broadcast(n)) if n < memberships.len() => {
                memberships[n].broadcast(&Tell::padded(n, 300)).unwrap();
            }
            Some(Order::Return) | None => return Response::ok(),
            Some(Order::Panic) => panic!("{ON_PURPOSE}"),
            Some(_) => {}
        }
    }
}

type Opened = (WebSocketConnection, UnboundedSender<Order>);

fn serve(
    rooms: &Rooms<Tell>,
    alive: &RunningCount,
    cancel_on_close: bool,
) -> (TestClient, UnboundedReceiver<Opened>) {
    let (open, opened) = mpsc::unbounded_channel();
    let (rooms, alive) = (rooms.clone(), alive.clone());
    let handler = move |ws: WebSocketConnection| {
        let (sender, orders) = mpsc::unbounded_channel();
        let (rooms, open, life) = (rooms.clone(), open.clone(), alive.guard());
        async move {
            let _life = life;
            if ws.accept().await.is_ok() {
                let _ = open.send((ws.clone(), sender));
            }
            handle(rooms, ws, orders).await
        }
    };
    let config = WebSocketConfig::default()
        .cancel_on_close(cancel_on_close)
        .outbox_messages(16)
        .outbox_burst(1)
        .keepalive_interval(None);
    let router = Router::new().websocket("/", handler).websocket_config(config);
    (TestClient::new(router).unwrap().pipe_capacity(2_048), opened)
}

/// A source of connections, whose handlers are cancelled with them or not.
struct ConnectionSource {
    sources: [(TestClient, UnboundedReceiver<Opened>); 2],
}

impl ConnectionSource {
    async fn open(&mut self, dice: &mut Dice) -> ChurnedConnection {
        let (client, opened) = &mut self.sources[dice.roll(2)];
        let socket = client.connect("/").await;
        let (ws, handler) = opened.recv().await.unwrap();
        ChurnedConnection { socket, ws, handler, outside: Vec::new() }
    }
}

async fn churn(rooms: &Rooms<Tell>, alive: &RunningCount, forgets: bool, seed: u64, steps: usize) {
    let mut dice = Dice(seed);
    let mut sources = ConnectionSource { sources: [serve(rooms, alive, false), serve(rooms, alive, true)] };
    let mut guests: Vec<ChurnedConnection> = Vec::new();
    // Memberships whose connections ended long ago.
    let mut left_over: Vec<Membership<Tell>> = Vec::new();
    let mut watches = Vec::new();
    for _ in 0..steps {
        if guests.len() < GUESTS {
            guests.push(sources.open(&mut dice).await);
        }
        let at = dice.roll(guests.len());
        let room = format!("room {}", dice.roll(ROOMS));
        let guest = &mut guests[at];
        match dice.roll(1_000) {
            0..200 => drop(guest.handler.send(Order::Join(room))),
            200..400 => guest.outside.extend(rooms.join(room, &guest.ws).ok()),
            400..520 => drop(guest.handler.send(Order::Leave(dice.roll(4)))),
            520..640 => {
                if !guest.outside.is_empty() {
                    let n = dice.roll(guest.outside.len());
                    drop(guest.outside.swap_remove(n));
                }
            }
            640..700 => {
                if let Some(membership) = guest.outside.last_mut() {
                    let _ = membership.enter(&guest.ws);
                }
            }
            700..760 => drop(guest.handler.send(Order::Broadcast(dice.roll(4)))),
            760..820 => drop(rooms.room(room).broadcast(&Tell::padded(1, dice.roll(600))).unwrap()),
            820..840 => {
                watches.push(rooms.room(room).watch());
                if watches.len() > 20 {
                    watches.swap_remove(dice.roll(20));
                }
            }
            840..844 if forgets => drop(guest.handler.send(Order::Forget(dice.roll(4)))),
            // Some read now and then, some never.
            840..900 => {
                for _ in 0..dice.roll(4) {
                    let next = guest.socket.recv();
                    tokio::select! { biased; _ = next => {}, () = tokio::task::yield_now() => break }
                }
            }
            900..950 => tokio::task::yield_now().await,
            what => {
                let guest = guests.swap_remove(at);
                match what % 7 {
                    0 => drop(guest.handler.send(Order::Return)),
                    1 => drop(guest.handler.send(Order::Panic)),
                    2 => guest.socket.reset(),
                    3 => drop(guest.ws.close(None).await),
                    4 => drop(guest.handler),
                    _ => drop(guest.socket),
                }
                // Some memberships are dropped after their connection, in any order.
                left_over.extend(guest.outside);
                while left_over.len() > 30 {
                    left_over.swap_remove(dice.roll(30));
                }
            }
        }
    }
}

fn quiet() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let message = panic.payload().downcast_ref::<String>().map(String::as_str);
        if message.or_else(|| panic.payload().downcast_ref::<&str>().copied()) != Some(ON_PURPOSE) {
            report(panic);
        }
    }));
}

async fn nothing_is_left(config: RoomConfig<Tell>) {
    quiet();
    let rooms = rooms_with(config);
    let alive = RunningCount::default();
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let mut at_rest = Vec::new();
    for seed in 1..=4 {
        churn(&rooms, &alive, false, seed, 25_000).await;
        // The servers are dropped with their clients; closing connections take a while.
        until("all handlers and tasks are gone", || alive.get() == 0 && tasks() <= before).await;
        assert_eq!((rooms.len(), rooms.names().len()), (0, 0), "{:?}", rooms.names());
        at_rest.push(heap());
    }
    // The first round has allocated everything that is kept for good.
    let grown = at_rest[3].saturating_sub(at_rest[0]);
    assert!(grown < 50_000, "{grown} bytes more after 75,000 steps: {at_rest:?}");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_left_of_rooms_that_close_slow_members() {
    if !is_alone("rooms::churn::nothing_is_left_of_rooms_that_close_slow_members") {
        return;
    }
    nothing_is_left(RoomConfig::default()).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_left_of_rooms_that_drop_messages() {
    if !is_alone("rooms::churn::nothing_is_left_of_rooms_that_drop_messages") {
        return;
    }
    nothing_is_left(RoomConfig::default().overflow(Overflow::DropOldest).backlog(8)).await;
}

/// The rooms themselves are kept for a while: their members leave at once.
#[tokio::test(start_paused = true)]
async fn no_member_is_left_in_rooms_with_a_history() {
    quiet();
    let history = History::default().messages(10);
    let rooms = rooms_with(RoomConfig::default().history(history));
    let alive = RunningCount::default();
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    churn(&rooms, &alive, true, 9, 10_000).await;
    until("all handlers and tasks are gone", || alive.get() == 0 && tasks() <= before).await;
    assert!(rooms.len() <= ROOMS);
    for name in rooms.names() {
        assert_eq!(rooms.room(name.clone()).len(), 0, "{name}");
    }
}

/// The same on several threads at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_left_of_rooms_used_by_many_threads() {
    if !is_alone("rooms::churn::nothing_is_left_of_rooms_used_by_many_threads") {
        return;
    }
    quiet();
    let rooms = rooms_with(RoomConfig::default().overflow(Overflow::DropNewest));
    let alive = RunningCount::default();
    let mut churns = tokio::task::JoinSet::new();
    for seed in 11..15 {
        let (rooms, alive) = (rooms.clone(), alive.clone());
        churns.spawn(async move { churn(&rooms, &alive, true, seed, 5_000).await });
    }
    while let Some(churned) = churns.join_next().await {
        churned.unwrap();
    }
    until("all have left", || alive.get() == 0 && rooms.is_empty()).await;
}
