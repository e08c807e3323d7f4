//! Members with a key.

use ignitia_modelled::{
    CloseFrame, Message, Shutdown, harness,
    rooms::{RoomConfig, RoomEvent, Rooms, Seats},
    websocket::WebSocketConfig,
};
use shuttle::{future, thread};

use super::text;
use crate::{explore, listen};

/// Two members join with a key whose member leaves meanwhile. One remains, the others are closed.
#[test]
fn of_all_members_with_one_key_one_remains() {
    explore(|| {
        let frame = CloseFrame { code: 4001, reason: "".into() };
        let config = RoomConfig::default().seats(Seats::Replace(frame));
        let rooms = Rooms::<Message>::with_config(config);
        let connection = || harness::connect(WebSocketConfig::default(), &Shutdown::new(), listen);
        let (first_peer, first_ws, first_task) = connection();
        let first = rooms.join_keyed("r", &first_ws, "ann", ()).unwrap();
        let mut watch = rooms.room("r").watch_present();
        let leaver = thread::spawn(move || drop(first));
        let newcomers = [(); 2].map(|()| {
            let (rooms, connection) = (rooms.clone(), connection());
            thread::spawn(move || {
                let seat = rooms.join_keyed("r", &connection.1, "ann", ()).unwrap();
                rooms.send_to_key("ann", &text("x")).unwrap();
                (seat, connection)
            })
        });
        let newcomers = newcomers.map(|newcomer| newcomer.join().unwrap());
        leaver.join().unwrap();
        let members = rooms.room("r").members();
        assert_eq!(members.len(), 1, "{members:?}");
        for (seat, (_, ws, _)) in &newcomers {
            assert_eq!(seat.id() == Some(members[0].id), !ws.is_closed());
        }
        assert_eq!(rooms.send_to_key("ann", &text("x")).unwrap().queued, 1);
        drop((newcomers, first_peer, first_ws, first_task));
        assert_eq!((rooms.len(), rooms.send_to_key("ann", &text("x")).unwrap().queued), (0, 0));
        // The key was present, perhaps with a gap while no member had it.
        drop(rooms);
        let mut is_present = true;
        while let Some(event) = future::block_on(watch.recv()) {
            match event {
                RoomEvent::Joined(_) => {
                    assert!(!std::mem::replace(&mut is_present, true), "the key was present")
                }
                RoomEvent::Left(_) => {
                    assert!(std::mem::replace(&mut is_present, false), "the key was absent")
                }
                _ => assert!(is_present, "the key was absent"),
            }
        }
        assert!(!is_present);
    });
}

/// Three members join with one key. A member is refused unless the one before has left: there are
/// never two at once.
#[test]
fn a_key_is_never_taken_twice_if_others_are_refused() {
    explore(|| {
        let config = RoomConfig::default().seats(Seats::Refuse);
        let rooms = Rooms::<Message>::with_config(config);
        let newcomers = [(); 3].map(|()| {
            let rooms = rooms.clone();
            let connection = harness::connect(WebSocketConfig::default(), &Shutdown::new(), listen);
            thread::spawn(move || {
                let (_peer, ws, _task) = connection;
                let seat = rooms.join_keyed("r", &ws, "ann", ());
                if let Ok(seat) = &seat {
                    assert_eq!(seat.broadcast(&text("x")).unwrap().queued, 1, "another member has the key");
                }
                seat.is_ok()
            })
        });
        let seated = newcomers.map(|newcomer| newcomer.join().unwrap());
        assert!(seated.contains(&true));
        assert_eq!(rooms.len(), 0);
    });
}
