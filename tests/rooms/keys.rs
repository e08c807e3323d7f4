//! Members by key: the user, whichever connection it has.

use std::time::Duration;

use ignitia::{
    prelude::*,
    rooms::{MemberKey, RoomConfig, RoomEvent, Seats},
    testing::TestSocket,
    websocket::WebSocketConfig,
};

use super::{Connector, Seen, Tell, counts, event, rooms_with};
use crate::support::{Transport, close, until, within};

/// Close frame for a user's older connection.
fn taken_over() -> CloseFrame {
    CloseFrame { code: 4001, reason: "you are here from elsewhere".into() }
}

fn replacing() -> Rooms<Tell, &'static str> {
    Rooms::with_config(RoomConfig::default().seats(Seats::Replace(taken_over())))
}

fn refusing() -> Rooms<Tell, &'static str> {
    Rooms::with_config(RoomConfig::default().seats(Seats::Refuse))
}

fn ids<P>(members: &[ignitia::rooms::Member<P>]) -> Vec<u64> {
    members.iter().map(|member| member.id.get()).collect()
}

/// Returns the messages before a close frame, and the close frame.
async fn up_to_close(socket: &mut TestSocket) -> (Vec<usize>, u16, String) {
    let mut numbers = Vec::new();
    loop {
        match socket.recv().await {
            Some(Message::Text(text)) => numbers.push(serde_json::from_str::<Seen>(&text).unwrap().n),
            Some(Message::Close(Some(frame))) => return (numbers, frame.code, frame.reason.to_string()),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_second_connection_takes_the_seat_of_the_first() {
    let mut connector = Connector::new();
    let rooms = replacing();
    let mut watch = rooms.room("room").watch();
    let (mut old_socket, old_ws) = connector.open().await;
    let (mut new_socket, new_ws) = connector.open().await;
    let old = rooms.join_keyed("room", &old_ws, 7, "old").unwrap();
    let elsewhere = rooms.join("elsewhere", &old_ws).unwrap();
    for n in 1..=3 {
        old.broadcast(&Tell::number(n)).unwrap();
    }
    let new = rooms.join_keyed("room", &new_ws, "7", "new").unwrap();
    // The old connection leaves at once, whatever its peer does, and from all its rooms.
    assert!(old_ws.is_closed());
    assert_eq!((ids(&new.members()), elsewhere.len()), (vec![new.id().unwrap().get()], 0));
    assert_eq!(counts(new.broadcast(&Tell::number(4)).unwrap()), (1, 0, 0));
    let (numbers, code, reason) = up_to_close(&mut old_socket).await;
    assert_eq!((numbers, code, &*reason), (vec![1, 2, 3], 4001, "you are here from elsewhere"));
    assert_eq!(new_socket.recv_json::<Seen>().await.n, 4);
    let [old_id, new_id] = [&old, &new].map(|seat| seat.id().unwrap().get());
    for expected in [("joined", old_id), ("joined", new_id), ("left", old_id)] {
        assert_eq!(event(&mut watch).await, expected);
    }
    // The old membership has nothing left to remove.
    drop((old, elsewhere));
    assert_eq!(new.len(), 1);
}

/// The first connection broke unnoticed: its user is neither kept out nor a member twice.
#[tokio::test]
async fn a_half_open_connection_is_replaced_at_once() {
    let rooms = replacing();
    let handler = |rooms: Rooms<Tell, &'static str>, mut ws: WebSocketConnection| async move {
        let _seat = rooms.join_keyed("room", &ws, "ann", "")?;
        while ws.recv().await.is_some() {}
        Ok::<_, Error>(Response::ok())
    };
    for transport in [Transport::Plain, Transport::Tls, Transport::Http2] {
        let router = Router::new().state(rooms.clone()).websocket("/", handler);
        let server = transport.serve(router).await;
        let mut ghost = server.connect_narrow().await;
        ghost.upgrade("/").await;
        let room = rooms.room("room");
        until("the ghost is in", || room.len() == 1).await;
        // The peer reads nothing any more: not even the close frame.
        let before = ids(&room.members());
        let mut back = server.open("/").await;
        until("she is back", || room.len() == 1 && ids(&room.members()) != before).await;
        assert_eq!(ids(&room.present()), ids(&room.members()));
        back.send(&close(1000, "")).await;
        back.expect_close(1000).await;
        until("she has left", || room.is_empty()).await;
        drop(ghost);
    }
}

/// The same connection joins again, from another part of the program: it is not closed, and gets
/// everything once.
#[tokio::test]
async fn a_connection_that_joins_twice_with_its_key_has_one_seat() {
    let mut connector = Connector::new();
    let rooms = replacing();
    let (mut socket, ws) = connector.open().await;
    let first = rooms.join_keyed("room", &ws, "ann", "first").unwrap();
    first.broadcast(&Tell::number(1)).unwrap();
    let second = rooms.join_keyed("room", &ws, "ann", "second").unwrap();
    assert_eq!(counts(second.broadcast(&Tell::number(2)).unwrap()), (1, 0, 0));
    assert_eq!((socket.recv_json::<Seen>().await.n, socket.recv_json::<Seen>().await.n), (1, 2));
    drop(first);
    assert_eq!((second.len(), ws.is_closed()), (1, false));
    second.broadcast(&Tell::number(3)).unwrap();
    assert_eq!(socket.recv_json::<Seen>().await.n, 3);
}

/// Without a key it is a member twice, and gets everything twice; when one membership ends, the
/// other stays.
#[tokio::test]
async fn a_connection_that_joins_twice_is_a_member_twice() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    let (mut socket, ws) = connector.open().await;
    let [first, second] = [(); 2].map(|()| rooms.join("room", &ws).unwrap());
    assert_eq!((first.len(), first.members().len(), first.present().len()), (2, 2, 2));
    assert_eq!(counts(first.broadcast(&Tell::number(1)).unwrap()), (2, 0, 0));
    drop(first);
    assert_eq!(counts(second.broadcast(&Tell::number(2)).unwrap()), (1, 0, 0));
    for n in [1, 1, 2] {
        assert_eq!(socket.recv_json::<Seen>().await.n, n);
    }
}

#[tokio::test]
async fn a_taken_seat_is_refused_until_it_is_free() {
    let mut connector = Connector::new();
    let rooms = refusing();
    let (_ann_socket, ann_ws) = connector.open().await;
    let (_other_socket, other_ws) = connector.open().await;
    let ann = rooms.join_keyed("room", &ann_ws, "ann", "").unwrap();
    for ws in [&other_ws, &ann_ws] {
        let refused = rooms.join_keyed("room", ws, "ann", "").unwrap_err();
        assert!(refused.is_taken() && !refused.is_closed());
    }
    assert_eq!(ann.len(), 1);
    // Other keys, no key, and other rooms are free.
    let bob = rooms.join_keyed("room", &other_ws, "bob", "").unwrap();
    let nobody = rooms.join_as("room", &other_ws, "").unwrap();
    let elsewhere = rooms.join_keyed("elsewhere", &other_ws, "ann", "").unwrap();
    drop((bob, nobody, elsewhere));
    // A membership that is entered again frees its own seat first.
    let mut ann = ann;
    ann.enter_keyed(&ann_ws, "ann", "").unwrap();
    drop(ann);
    let mut ann = rooms.join_keyed("room", &other_ws, "ann", "").unwrap();
    // A closing connection has left, whatever its peer does.
    other_ws.close(None).await.unwrap();
    let again = rooms.join_keyed("room", &ann_ws, "ann", "").unwrap();
    ann.leave();
    assert_eq!(ids(&again.members()), [again.id().unwrap().get()]);
}

/// The refusal comes before the upgrade, so the handler's outcome is a real 409.
#[tokio::test]
async fn a_refused_seat_is_a_409() {
    let rooms = refusing();
    let handler = |rooms: Rooms<Tell, &'static str>, mut ws: WebSocketConnection| async move {
        let _seat = rooms.join_keyed("room", &ws, "ann", "")?;
        while ws.recv().await.is_some() {}
        Ok::<_, Error>(Response::ok())
    };
    let client =
        ignitia::testing::TestClient::new(Router::new().state(rooms.clone()).websocket("/", handler))
            .unwrap();
    let socket = client.connect("/").await;
    until("she is in", || rooms.room("room").len() == 1).await;
    let refused = client.request("/").rejection().await;
    assert_eq!((refused.status, refused.text()), (StatusCode::CONFLICT, "the seat is taken".into()));
    drop(socket);
}

#[tokio::test]
async fn a_key_is_present_from_its_first_connection_to_its_last() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell, &'static str>::new();
    let room = rooms.room("room");
    let mut present = room.watch_present();
    let mut guests = Vec::new();
    for _ in 0..4 {
        guests.push(connector.open().await);
    }
    let join = |guest: usize, key: &str, presence| {
        rooms.join_keyed("room", &guests[guest].1, key, presence).unwrap()
    };
    let phone = join(0, "ann", "phone");
    let laptop = join(1, "ann", "laptop");
    let bob = join(2, "bob", "bob");
    let nobody = rooms.join_as("room", &guests[3].1, "nobody").unwrap();
    let [phone_id, laptop_id, bob_id, nobody_id] =
        [&phone, &laptop, &bob, &nobody].map(|seat| seat.id().unwrap().get());
    assert_eq!(ids(&room.members()), [phone_id, laptop_id, bob_id, nobody_id]);
    assert_eq!(ids(&room.present()), [phone_id, bob_id, nobody_id]);
    let keys = room.present().into_iter().map(|member| member.key.map(|key| key.to_string()));
    assert_eq!(keys.collect::<Vec<_>>(), [Some("ann".into()), Some("bob".into()), None]);
    assert_eq!(ids(room.watch_present().members()), [phone_id, bob_id, nobody_id]);
    // The first connection represents the key; when it leaves, the next one does.
    laptop.set_presence("laptop, away");
    phone.set_presence("phone, away");
    drop(phone);
    let phone = join(0, "ann", "phone");
    laptop.set_presence("laptop, back");
    drop((phone, laptop, nobody));
    drop(bob);
    for expected in [
        ("joined", phone_id),
        ("joined", bob_id),
        ("joined", nobody_id),
        ("changed", phone_id),
        ("changed", laptop_id),
        ("changed", laptop_id),
        ("left", laptop_id),
        ("left", nobody_id),
        ("left", bob_id),
    ] {
        assert_eq!(event(&mut present).await, expected);
    }
}

struct Seat {
    room: Membership<Tell, &'static str>,
}

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum Nothing {
    Never,
}

#[websocket("/seat", message = Nothing, reply = Tell)]
impl Seat {
    async fn accept(rooms: Rooms<Tell, &'static str>) -> Self {
        Self { room: rooms.reserve("room") }
    }

    async fn on_open(&mut self, ws: &WebSocketConnection) -> Result<()> {
        self.room.enter_keyed(ws, "ann", "")?;
        Ok(())
    }

    #[on(Never)]
    async fn never(&mut self) {}
}

/// A session decides after the upgrade, so the refusal is a close code.
#[tokio::test]
async fn a_refused_seat_of_a_session_is_a_1008() {
    let rooms = refusing();
    let mut watch = rooms.room("room").watch();
    let router = Router::new().state(rooms).mount_session::<Seat>();
    let client = ignitia::testing::TestClient::new(router).unwrap();
    let _ann = client.connect("/seat").await;
    assert!(matches!(watch.recv().await, Some(RoomEvent::Joined(_))));
    let mut second = client.connect("/seat").await;
    assert_eq!(second.recv_json::<serde_json::Value>().await["code"], "taken");
    assert_eq!(second.expect_close(1008).await.reason, "taken");
}

/// A key whose seat is taken over does not leave and join: another connection represents it.
#[tokio::test]
async fn a_seat_that_changes_hands_leaves_its_key_present() {
    let mut connector = Connector::new();
    let rooms = replacing();
    let mut present = rooms.room("room").watch_present();
    let (_old_socket, old_ws) = connector.open().await;
    let (_new_socket, new_ws) = connector.open().await;
    let old = rooms.join_keyed("room", &old_ws, "ann", "old").unwrap();
    let new = rooms.join_keyed("room", &new_ws, "ann", "new").unwrap();
    assert_eq!(event(&mut present).await, ("joined", old.id().unwrap().get()));
    match within("an event", present.recv()).await {
        Some(RoomEvent::Changed(member)) => {
            assert_eq!((member.id, *member.presence), (new.id().unwrap(), "new"));
            assert_eq!(member.key.as_ref().map(MemberKey::as_str), Some("ann"));
        }
        other => panic!("{other:?}"),
    }
    let new_id = new.id().unwrap().get();
    drop(new);
    assert_eq!(event(&mut present).await, ("left", new_id));
}

#[tokio::test]
async fn a_user_is_reached_on_all_connections_and_once_on_each() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell, ()>::new();
    let mut guests = Vec::new();
    let mut seats = Vec::new();
    for connection in 0..3 {
        let (socket, ws) = connector.open().await;
        for room in 0..=connection {
            seats.push(rooms.join_keyed(format!("{room}"), &ws, 7_u64, ()).unwrap());
        }
        guests.push((socket, ws));
    }
    let (mut stranger, stranger_ws) = connector.open().await;
    let _other = rooms.join_keyed("0", &stranger_ws, 8_u64, ()).unwrap();
    assert_eq!(counts(rooms.send_to_key(7, &Tell::number(1)).unwrap()), (3, 0, 0));
    assert_eq!(counts(rooms.send_to_key(9, &Tell::number(1)).unwrap()), (0, 0, 0));
    // From any room: the first one that it is still in.
    seats.remove(3);
    assert_eq!(counts(rooms.send_to_key(7, &Tell::number(2)).unwrap()), (3, 0, 0));
    rooms.room("0").broadcast(&Tell::number(3)).unwrap();
    for (n, (socket, _)) in guests.iter_mut().enumerate() {
        let expected = if n == 2 { &[1, 2][..] } else { &[1, 2, 3] };
        for number in expected {
            assert_eq!(socket.recv_json::<Seen>().await.n, *number);
        }
    }
    assert_eq!(stranger.recv_json::<Seen>().await.n, 3);

    // The user is logged out everywhere.
    let frame = CloseFrame { code: 3000, reason: "logged out".into() };
    assert!(
        rooms.close_key(7, &CloseFrame { code: 1005, reason: "".into() }).unwrap_err().is_invalid_input()
    );
    assert_eq!(rooms.close_key(7, &frame).unwrap(), 3);
    assert_eq!((rooms.len(), rooms.room("0").len()), (1, 1), "only the stranger is left");
    for (socket, _) in &mut guests {
        assert_eq!(&*socket.expect_close(3000).await.reason, "logged out");
    }
    assert_eq!(rooms.close_key(7, &frame).unwrap(), 0);
    assert_eq!(counts(rooms.send_to_key(7, &Tell::number(4)).unwrap()), (0, 0, 0));
}

/// A member is closed behind the messages sent to it, whoever holds its membership.
#[tokio::test]
async fn a_member_can_be_closed_from_its_room() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    let (mut socket, ws) = connector.open().await;
    let (_keeper_socket, keeper) = connector.open().await;
    let (seat, keeper) = (rooms.join("room", &ws).unwrap(), rooms.join("room", &keeper).unwrap());
    let id = seat.id().unwrap();
    // More than its queue holds.
    for n in 0..3_000 {
        keeper.broadcast(&Tell::number(n)).unwrap();
    }
    let kicked = || CloseFrame { code: 4003, reason: "kicked".into() };
    assert!(keeper.close(id, CloseFrame { code: 1006, reason: "".into() }).unwrap_err().is_invalid_input());
    assert!(keeper.close(id, kicked()).unwrap());
    assert!(!keeper.close(id, kicked()).unwrap(), "it has left");
    assert_eq!(keeper.len(), 1);
    assert_eq!(counts(keeper.broadcast(&Tell::number(3_000)).unwrap()), (1, 0, 0));
    let (numbers, code, reason) = up_to_close(&mut socket).await;
    assert_eq!((numbers, code, &*reason), (Vec::from_iter(0..3_000), 4003, "kicked"));
}

/// A close code that must not be sent is our fault, as when a handler returns it.
#[tokio::test]
async fn a_frame_that_must_not_be_sent_becomes_an_internal_error() {
    let mut connector = Connector::new();
    let wrong = CloseFrame { code: 1006, reason: "".into() };
    let rooms = rooms_with(RoomConfig::default().seats(Seats::Replace(wrong)));
    let (mut old_socket, old_ws) = connector.open().await;
    let (_new_socket, new_ws) = connector.open().await;
    let _old = rooms.join_keyed("room", &old_ws, 1, ()).unwrap();
    let _new = rooms.join_keyed("room", &new_ws, 1, ()).unwrap();
    old_socket.expect_close(1011).await;
}

/// Many connections of one user join at the same time, on several threads: one is left, and none
/// gets the messages of the next.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_join_at_once_one_has_the_seat() {
    let mut connector =
        Connector::with(WebSocketConfig::default().close_timeout(Duration::from_secs(1)), |client| client);
    let rooms = rooms_with(RoomConfig::default().seats(Seats::Replace(taken_over())));
    let mut joins = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (socket, ws) = connector.open().await;
        let rooms = rooms.clone();
        joins.spawn(async move {
            let seat = rooms.join_keyed("room", &ws, "ann", ()).unwrap();
            (seat, socket, ws)
        });
    }
    let guests = joins.join_all().await;
    let open: Vec<_> = guests.iter().filter(|(_, _, ws)| !ws.is_closed()).collect();
    assert_eq!(open.len(), 1);
    assert_eq!(ids(&rooms.room("room").members()), [open[0].0.id().unwrap().get()]);
    assert_eq!(counts(rooms.send_to_key("ann", &Tell::number(1)).unwrap()), (1, 0, 0));
}
