//! Joining: many rooms, presences, and handles that outlive a room.

use std::sync::Arc;

use axum::extract::FromRef;
use ignitia::{prelude::*, testing::TestClient};

use super::{Connector, Tell, counts, event, mark, up_to_mark};
use crate::support::until;

fn names<P: Send + Sync + 'static>(rooms: &Rooms<Tell, P>) -> Vec<String> {
    let mut names: Vec<String> = rooms.names().iter().map(|name| name.to_string()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_room_exists_while_it_has_members() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    assert!(rooms.is_empty() && rooms.names().is_empty());
    let (_ann, ann) = connector.open().await;
    let (_bob, bob) = connector.open().await;
    let one = rooms.join("one", &ann).unwrap();
    let two = rooms.join("two", &ann).unwrap();
    let also_two = rooms.join(Arc::<str>::from("two"), &bob).unwrap();
    assert_eq!((names(&rooms), rooms.len()), (vec!["one".into(), "two".into()], 2));
    assert_eq!((one.len(), two.len(), also_two.len()), (1, 2, 2));
    assert_eq!(rooms.room("two").len(), 2);
    drop(two);
    assert_eq!((rooms.len(), also_two.len()), (2, 1));
    drop(also_two);
    assert_eq!(names(&rooms), ["one"]);
    drop(one);
    assert!(rooms.is_empty());
    // Neither a handle nor a reservation creates the room.
    let room = rooms.room("one");
    let reserved = rooms.reserve("one");
    assert!(room.is_empty() && room.members().is_empty() && room.position().is_none());
    assert_eq!((reserved.id(), reserved.name(), rooms.len()), (None, "one", 0));
}

#[tokio::test]
async fn one_connection_may_be_in_many_rooms() {
    const ROOMS: usize = 1_000;
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    let (mut socket, ws) = connector.open().await;
    let mut memberships: Vec<_> = (0..ROOMS).map(|n| rooms.join(format!("room {n}"), &ws).unwrap()).collect();
    assert_eq!(rooms.len(), ROOMS);
    // Every other membership ends, some by being dropped.
    for (n, membership) in memberships.iter_mut().enumerate().filter(|(n, _)| n % 2 == 0) {
        if n % 4 == 0 { membership.leave() } else { drop(std::mem::replace(membership, rooms.reserve("no"))) }
    }
    assert_eq!(rooms.len(), ROOMS / 2);
    for n in 0..ROOMS {
        let delivered = rooms.room(format!("room {n}")).broadcast(&Tell::number(n)).unwrap();
        assert_eq!(counts(delivered), (n % 2, 0, 0), "room {n}");
    }
    mark(&ws);
    let seen: Vec<usize> = up_to_mark(&mut socket).await.iter().map(|seen| seen.n).collect();
    assert_eq!(seen, (0..ROOMS).filter(|n| n % 2 == 1).collect::<Vec<_>>());
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
    until("all rooms are gone", || rooms.is_empty()).await;
    assert!(memberships.iter().all(|membership| membership.is_empty()));
}

/// A membership counts by itself: a connection with two of them counts twice in the room.
#[tokio::test]
async fn a_connection_may_join_the_same_room_twice() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    let (mut socket, ws) = connector.open().await;
    let first = rooms.join("room", &ws).unwrap();
    let second = rooms.join("room", &ws).unwrap();
    assert_ne!(first.id(), second.id());
    assert_eq!(counts(first.broadcast_to_others(&Tell::number(1)).unwrap()), (1, 0, 0));
    drop(first);
    assert_eq!(counts(second.broadcast(&Tell::number(2)).unwrap()), (1, 0, 0));
    mark(&ws);
    let seen: Vec<usize> = up_to_mark(&mut socket).await.iter().map(|seen| seen.n).collect();
    assert_eq!(seen, [1, 2]);
}

#[tokio::test]
async fn a_membership_may_be_entered_left_and_entered_again() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    let (mut ann_socket, ann) = connector.open().await;
    let (mut bob_socket, bob) = connector.open().await;
    let mut membership = rooms.reserve("room");
    assert_eq!(membership.id(), None);
    let first = membership.enter(&ann).unwrap();
    assert_eq!(membership.id(), Some(first));
    membership.leave();
    membership.leave();
    assert_eq!((membership.id(), membership.len(), rooms.len()), (None, 0, 0));
    assert_eq!(counts(membership.broadcast(&Tell::number(0)).unwrap()), (0, 0, 0));
    let second = membership.enter(&ann).unwrap();
    assert!(second > first);
    assert_eq!(counts(membership.broadcast(&Tell::number(1)).unwrap()), (1, 0, 0));
    // For another connection: the first one leaves.
    let third = membership.enter(&bob).unwrap();
    assert!(third > second);
    assert_eq!(membership.members()[0].connection, bob.id());
    assert_eq!(counts(membership.broadcast(&Tell::number(2)).unwrap()), (1, 0, 0));
    // For the same connection again.
    membership.enter(&bob).unwrap();
    assert_eq!((membership.len(), rooms.len()), (1, 1));
    assert_eq!(counts(membership.broadcast(&Tell::number(3)).unwrap()), (1, 0, 0));
    for (socket, ws, expected) in [(&mut ann_socket, &ann, vec![1]), (&mut bob_socket, &bob, vec![2, 3])] {
        mark(ws);
        let seen: Vec<usize> = up_to_mark(socket).await.iter().map(|seen| seen.n).collect();
        assert_eq!(seen, expected);
    }
    drop(membership);
    assert!(rooms.is_empty());
}

#[tokio::test]
async fn a_membership_that_cannot_be_entered_has_left_the_other() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    let (_ann, ann) = connector.open().await;
    let (bob_socket, bob) = connector.open().await;
    drop(bob_socket);
    bob.closed().await;
    let mut membership = rooms.join("room", &ann).unwrap();
    assert!(membership.enter(&bob).unwrap_err().is_closed());
    assert_eq!((membership.id(), membership.len(), rooms.len()), (None, 0, 0));
    assert!(rooms.join("room", &bob).unwrap_err().is_closed());
    assert!(rooms.is_empty(), "a failed join leaves no room");
}

#[tokio::test]
async fn members_are_listed_in_the_order_of_joining_with_their_presences() {
    const MEMBERS: usize = 50;
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell, String>::new();
    let mut guests = Vec::new();
    for n in 0..MEMBERS {
        let (socket, ws) = connector.open().await;
        let membership = rooms.join_as("room", &ws, format!("guest {n}")).unwrap();
        guests.push((socket, ws, membership));
    }
    let members = rooms.room("room").members();
    for (member, (n, (_, ws, membership))) in members.iter().zip(guests.iter().enumerate()) {
        assert_eq!(Some(member.id), membership.id());
        assert_eq!((member.connection, &**member.presence), (ws.id(), &*format!("guest {n}")));
    }
    guests[7].2.set_presence("busy".into());
    guests.remove(3);
    let members = guests[0].2.members();
    assert_eq!(members.len(), MEMBERS - 1);
    assert_eq!(*members[6].presence, "busy");
    assert!(members.is_sorted_by_key(|member| member.id));
    // A presence that is set after leaving has no effect.
    guests[0].2.leave();
    guests[0].2.set_presence("gone".into());
    assert!(guests[1].2.members().iter().all(|member| *member.presence != "gone"));
    // Nor has one that is set on a membership whose connection has ended.
    let (socket, ws, lost) = guests.remove(1);
    drop(socket);
    ws.closed().await;
    let room = rooms.room("room");
    until("it has left", || room.len() == MEMBERS - 3).await;
    lost.set_presence("ghost".into());
    assert!(room.members().iter().all(|member| *member.presence != "ghost"));
}

#[derive(Clone)]
struct App {
    chat: Rooms<Tell>,
    named: Rooms<Tell, String>,
}

impl FromRef<App> for Rooms<Tell> {
    fn from_ref(app: &App) -> Self {
        app.chat.clone()
    }
}

impl FromRef<App> for Rooms<Tell, String> {
    fn from_ref(app: &App) -> Self {
        app.named.clone()
    }
}

#[websocket("/join/<room>")]
async fn join(
    room: String,
    chat: Rooms<Tell>,
    named: Rooms<Tell, String>,
    mut ws: WebSocketConnection,
) -> Result<Response> {
    let in_chat = chat.join(room.clone(), &ws)?;
    let _in_named = named.join_as("names", &ws, room)?;
    in_chat.broadcast(&Tell::number(in_chat.len()))?;
    while ws.recv().await.is_some() {}
    Ok(Response::ok())
}

#[tokio::test]
async fn rooms_are_extracted_from_a_bigger_state() {
    let app = App { chat: Rooms::new(), named: Rooms::new() };
    let client = TestClient::new(Router::new().state(app.clone()).mount(join)).unwrap();
    let mut socket = client.connect("/join/red").await;
    assert_eq!(socket.recv_text().await, r#"{"type":"number","from":0,"n":1}"#);
    until("it is in the other room", || app.named.len() == 1).await;
    assert_eq!(*app.named.room("names").members()[0].presence, "red");
    assert_eq!(names(&app.chat), ["red"]);
    assert_eq!(app.chat.room("red").len(), 1);
    drop(socket);
    until("all have left", || app.chat.is_empty() && app.named.is_empty()).await;
}

/// Handles of a room that vanished and was made again are handles of the new one.
#[tokio::test]
async fn a_handle_of_a_vanished_room_is_a_handle_of_its_successor() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    let (old_socket, old) = connector.open().await;
    let old_in = rooms.join("room", &old).unwrap();
    let handle = (*old_in).clone();
    let by_name = rooms.room("room");
    let mut watch = old_in.watch();
    drop(old_socket);
    old.closed().await;
    until("the room is gone", || rooms.is_empty()).await;
    assert_eq!(counts(old_in.broadcast(&Tell::number(0)).unwrap()), (0, 0, 0));
    let (mut socket, new) = connector.open().await;
    let new_in = rooms.join("room", &new).unwrap();
    let new_id = new_in.id().unwrap();
    for (n, room) in [&*old_in, &handle, &by_name, &*new_in].into_iter().enumerate() {
        assert_eq!((room.len(), room.members()[0].id), (1, new_id));
        assert_eq!(counts(room.broadcast(&Tell::number(n)).unwrap()), (1, 0, 0));
        assert_eq!(counts(room.send_to(new_id, &Tell::number(n)).unwrap()), (1, 0, 0));
        assert_eq!(counts(room.broadcast_except(new_id, &Tell::number(n)).unwrap()), (0, 0, 0));
    }
    // The old id is unknown in the new room.
    assert_eq!(counts(old_in.broadcast_to_others(&Tell::number(4)).unwrap()), (1, 0, 0));
    mark(&new);
    let seen: Vec<usize> = up_to_mark(&mut socket).await.iter().map(|seen| seen.n).collect();
    assert_eq!(seen, [0, 0, 1, 1, 2, 2, 3, 3, 4]);
    // Dropping a membership of the old room removes no member of the new one.
    drop((old_in, handle, by_name));
    assert_eq!(new_in.len(), 1);
    assert_eq!(event(&mut watch).await.0, "left");
    assert_eq!(event(&mut watch).await, ("joined", new_id.get()));
}

#[tokio::test]
async fn numbers_of_members_are_unique() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    let (_socket, ws) = connector.open().await;
    let mut last = 0;
    for n in 0..100 {
        let membership = rooms.join(format!("{}", n % 3), &ws).unwrap();
        let id = membership.id().unwrap();
        assert!(id.get() > last);
        assert_eq!(id.to_string(), id.get().to_string());
        last = id.get();
    }
}
