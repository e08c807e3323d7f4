//! Application of the nodes in the tests of the engine: rooms, and an endpoint for their members.

mod guest;
mod messages;
mod node_settings;
mod room_config;
mod routes;

pub use self::{
    messages::{Ask, Presence, Tell},
    node_settings::{NODE_SETTINGS, NodeSettings},
    room_config::room_config,
    routes::{NodeApp, node_router},
};
