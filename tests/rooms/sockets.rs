//! Rooms over real sockets: peers over every transport in one room, and the ways in which they
//! leave.

use ignitia::{Room, prelude::*, websocket::WebSocketConfig};

use super::{Seen, Tell};
use crate::support::{CLOSE, DEADLINE, End, Frame, RawSocket, Running, TEXT, Transport, close, until};

/// Size to which a message is padded.
const SIZE: usize = 64 << 10;

/// Number of peers of each kind over each transport.
const STAY: usize = 3;

pub(super) async fn stay(rooms: Rooms<Tell>, mut ws: WebSocketConnection) -> Result<Response> {
    let _seat = rooms.join("room", &ws)?;
    while ws.recv().await.is_some() {}
    Ok(Response::ok())
}

/// Returns the number of the message in a frame, and `None` for a close frame with this code.
pub(super) fn number(frame: Frame, code: u16) -> Option<usize> {
    if frame.opcode == CLOSE {
        assert_eq!(frame.close_code().0, code);
        return None;
    }
    assert_eq!(frame.opcode, TEXT);
    Some(serde_json::from_slice::<Seen>(&frame.payload).unwrap().n)
}

/// Sends a message, and waits until each of these peers has received it; returns the number of
/// members closed for it.
async fn say(room: &Room<Tell>, n: usize, peers: &mut [RawSocket]) -> usize {
    let delivered = room.broadcast(&Tell::padded(n, SIZE)).unwrap();
    assert!(delivered.queued >= peers.len(), "{delivered:?} for {} peers that read", peers.len());
    for peer in peers {
        assert_eq!(number(peer.frame().await, 0), Some(n));
    }
    delivered.closed
}

async fn open(servers: &[Running], count: usize) -> Vec<RawSocket> {
    let mut sockets = Vec::new();
    for server in servers {
        for _ in 0..count {
            sockets.push(server.open("/").await);
        }
    }
    sockets
}

#[tokio::test]
async fn peers_of_one_room_over_every_transport_do_not_harm_each_other() {
    // On a slow machine the test takes long: only lagging may end a connection. These peers answer
    // no pings, and read their close frame late.
    let config = WebSocketConfig::default()
        .keepalive_interval(None)
        .write_stall(10 * DEADLINE)
        .close_timeout(10 * DEADLINE);
    let rooms = Rooms::<Tell>::new();
    let mut servers = Vec::new();
    for transport in Transport::ALL {
        let router = Router::new().state(rooms.clone()).websocket("/", stay).websocket_config(config.clone());
        servers.push(transport.serve(router).await);
    }
    let room = rooms.room("room");
    let mut peers = open(&servers, STAY).await;
    let mut leaving = open(&servers, 1).await;
    let cut = open(&servers, 1).await;
    let mut stalled = Vec::new();
    for server in &servers {
        let mut socket = server.connect_narrow().await;
        socket.upgrade("/").await;
        stalled.push(socket);
    }
    let (stay, stall) = (peers.len(), stalled.len());
    until("all are in", || room.len() == stay + stall + leaving.len() + cut.len()).await;

    // Some peers reset their connection with unread bytes; some close in order, and get the
    // messages sent before.
    let mut sent = 0;
    for _ in 0..5 {
        sent += 1;
        say(&room, sent, &mut peers).await;
    }
    cut.into_iter().for_each(RawSocket::reset);
    for socket in &mut leaving {
        socket.send(&close(1000, "bye")).await;
    }
    sent += 1;
    say(&room, sent, &mut peers).await;
    for mut socket in leaving {
        let mut last = 0;
        while let Some(n) = number(socket.frame().await, 1000) {
            assert_eq!(n, last + 1);
            last = n;
        }
        assert!(last >= 5, "{last} messages before the close frame");
        assert_eq!(socket.end().await, End::Eof);
    }
    until("those who went have left", || room.len() == stay + stall).await;

    // Some never read, until the kernel and the queues are full.
    while room.len() > stay {
        sent += 1;
        say(&room, sent, &mut peers).await;
        let left = room.len() - stay;
        assert!(sent < (256 << 20) / SIZE, "{left} of {stall} are still in, and none of them reads");
    }
    assert_eq!((room.len(), room.members().len()), (stay, stay), "who is closed for being slow has left");
    sent += 1;
    assert_eq!(say(&room, sent, &mut peers).await, 0);
    for mut socket in stalled {
        let mut last = 0;
        let reason = loop {
            let frame = socket.frame().await;
            if frame.opcode == CLOSE {
                let (code, reason) = frame.close_code();
                assert_eq!(code, 1013);
                break reason;
            }
            assert_eq!(number(frame, 0), Some(last + 1), "a hole or a double");
            last += 1;
        };
        assert_eq!(reason, "lagged");
        assert!(last > 5 && last < sent, "{last} of {sent} messages");
        socket.send(&close(1013, "")).await;
        assert_eq!(socket.end().await, End::Eof);
    }

    for socket in &mut peers {
        socket.send(&close(1000, "")).await;
        socket.expect_close(1000).await;
    }
    until("all have left", || room.is_empty() && rooms.is_empty()).await;
    assert_eq!(room.broadcast(&Tell::number(0)).unwrap().queued, 0);
}
