//! Nodes of the application.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicUsize, Ordering},
};

use ignitia::{
    engine::{EngineConfig, RedisEngine},
    prelude::*,
    rooms::{History, Overflow, RoomConfig},
};
use tokio::net::TcpListener;

/// Node with a server for the members of its rooms.
pub(super) struct Node {
    pub(super) engine: RedisEngine,
    pub(super) rooms: Rooms<Message>,
    pub(super) address: SocketAddr,
}

/// Returns the configuration of the rooms.
pub(super) fn room_config() -> RoomConfig<Message> {
    // A busy machine must not close slow members.
    RoomConfig::default().overflow(Overflow::DropNewest).history(History::default())
}

/// Returns a name of an application that no other comparison has.
pub(super) fn app() -> String {
    static LAST: AtomicUsize = AtomicUsize::new(0);
    format!("bench-{}", LAST.fetch_add(1, Ordering::Relaxed))
}

impl Node {
    pub(super) async fn start(url: &str, app: &str) -> Self {
        let config = EngineConfig::new(app).queue_messages(20_000);
        let engine = RedisEngine::connect(url, config).await.unwrap();
        let rooms = Rooms::<Message>::with_config(room_config()).on(&engine, "bench").unwrap();
        let address = serve(rooms.clone()).await;
        Self { engine, rooms, address }
    }
}

/// Serves members of the room `all`. Returns the address.
pub(super) async fn serve(rooms: Rooms<Message>) -> SocketAddr {
    let member = |State(rooms): State<Rooms<Message>>, mut ws: WebSocketConnection| async move {
        let mut membership = rooms.reserve("all");
        membership.resume(&ws, (), None).await?;
        while ws.recv().await.is_some() {}
        Ok::<_, Error>(Response::ok())
    };
    let router = Router::new().state(rooms).websocket("/ws", member).into_axum().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let listener = axum::serve::ListenerExt::tap_io(listener, |stream| stream.set_nodelay(true).unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}
