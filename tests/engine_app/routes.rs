//! Routes of a node.

use std::sync::Arc;

use ignitia::{engine::RedisEngine, prelude::*, rooms::Member, websocket::WebSocketConfig};

use super::{
    guest::Guest,
    messages::{Presence, Tell},
};

/// Application of a node.
#[derive(Clone, Debug)]
pub struct NodeApp {
    /// The engine.
    pub engine: RedisEngine,
    /// The rooms on it.
    pub rooms: Rooms<Tell, Presence>,
}

/// Returns the routes of a node: its members, and what is known of a room.
pub fn node_router(app: &NodeApp) -> Router<Rooms<Tell, Presence>> {
    let app = Arc::new(app.clone());
    let (local, stored, up) = (app.clone(), app.clone(), app.clone());
    Router::new()
        .state(app.rooms.clone())
        // A slow machine is no reason to lose a member.
        .websocket_config(WebSocketConfig::default().keepalive_interval(None).outbox_bytes(64 << 20))
        .mount_session::<Guest>()
        .get("/members/{room}", move |Path(room): Path<String>| async move {
            Json(names(local.rooms.room(room).members()))
        })
        .get("/stored-members/{room}", move |Path(room): Path<String>| async move {
            match stored.rooms.room(room).fetch_members().await {
                Ok(members) => Ok(Json(names(members))),
                Err(error) => Err((StatusCode::SERVICE_UNAVAILABLE, error.to_string())),
            }
        })
        .get("/status", move || async move { format!("{:?}", up.engine.status()) })
}

/// Returns the names of members, in alphabetical order.
fn names(members: Vec<Member<Presence>>) -> Vec<String> {
    let mut names: Vec<String> = members.iter().map(|member| member.presence.name.clone()).collect();
    names.sort();
    names
}
