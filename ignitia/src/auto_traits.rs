//! Auto traits that the public types promise: programs keep them in tasks and in shared state.

use crate::{
    BoundServer, CookieMap, Cookies, DrainConfig, DrainReport, Error, Events, Headers, Malformed, Membership,
    Message, Peer, ReplyTo, RequestId, ResponseHeaders, Room, Rooms, Router, Server, ServerConfig, Shutdown,
    TlsConfig, TypedConnection, WebSocketConnection,
    limits::{Limits, LimitsLayer, Rate, TrustedProxies},
    rooms::{
        Delivered, History, Member, MemberKey, Overflow, Position, Remembered, Resume, RoomConfig,
        RoomMessage,
    },
    websocket::{
        AllowedOrigins, CloseCause, CloseCodes, CloseFrame, ConnectionClosed, ConnectionId, Expiry,
        HandshakeFailed, Origin, Replying, Sending, TrySendError, Undecoded, WebSocketConfig,
    },
};

const fn assert_send<T: Send>() {}
const fn assert_send_sync<T: Send + Sync>() {}

/// A presence or a message of the application.
type Value = String;

const _: () = {
    assert_send_sync::<WebSocketConnection>();
    assert_send_sync::<TypedConnection<Value, Value>>();
    assert_send_sync::<Message>();
    assert_send_sync::<Malformed>();
    assert_send_sync::<Undecoded>();
    assert_send_sync::<ReplyTo>();
    assert_send_sync::<Error>();
    assert_send_sync::<TrySendError<Message>>();
    assert_send_sync::<WebSocketConfig>();
    assert_send_sync::<CloseCodes>();
    assert_send_sync::<CloseFrame>();
    assert_send_sync::<CloseCause>();
    assert_send_sync::<ConnectionClosed<'_>>();
    assert_send_sync::<ConnectionId>();
    assert_send_sync::<HandshakeFailed<'_>>();
    assert_send_sync::<Expiry>();
    assert_send_sync::<Origin>();
    assert_send_sync::<AllowedOrigins>();
    // Futures of sends go to other tasks with the payload.
    assert_send::<Sending<'_>>();
    assert_send::<Replying<'_>>();
};

const _: () = {
    assert_send_sync::<Rooms<Value, Value>>();
    assert_send_sync::<Room<Value, Value>>();
    assert_send_sync::<Membership<Value, Value>>();
    assert_send_sync::<Member<Value>>();
    assert_send_sync::<MemberKey>();
    assert_send_sync::<Delivered>();
    assert_send_sync::<History>();
    assert_send_sync::<Overflow<Value>>();
    assert_send_sync::<Position>();
    assert_send_sync::<Remembered>();
    assert_send_sync::<RoomConfig<Value>>();
    assert_send_sync::<Events<Value>>();
};

const _: () = {
    assert_send_sync::<Router<Value>>();
    assert_send::<Server>();
    assert_send_sync::<ServerConfig>();
    assert_send_sync::<TlsConfig>();
    assert_send::<BoundServer>();
    assert_send_sync::<Shutdown>();
    assert_send_sync::<DrainConfig>();
    assert_send_sync::<DrainReport>();
    assert_send_sync::<Limits>();
    assert_send_sync::<LimitsLayer>();
    assert_send_sync::<Rate>();
    assert_send_sync::<TrustedProxies>();
    assert_send_sync::<Cookies>();
    assert_send_sync::<CookieMap>();
    assert_send_sync::<Headers>();
    assert_send_sync::<Peer>();
    assert_send_sync::<RequestId>();
    assert_send_sync::<ResponseHeaders>();
};

/// Futures of rooms go to other tasks, whatever their messages are.
fn _futures_of_rooms<T: RoomMessage, P: Send + Sync + 'static>(
    ws: &WebSocketConnection,
    membership: &mut Membership<T, P>,
    message: &T,
    [first, second]: [P; 2],
) {
    const fn assert_future<F: Send>(_: &F) {}
    assert_future(&membership.resume(ws, first, None::<Position>));
    assert_future(&membership.resume_keyed(ws, "key", second, Resume::default()));
    assert_future(&membership.publish(message));
    assert_future(&membership.fetch_members());
    assert_future(&membership.fetch_history(None, 1));
}
