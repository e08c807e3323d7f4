//! Helpers of the tests: servers, nodes, members, and faults between them.

mod app_name;
mod connection_fault;
mod free_port;
mod http_get;
mod local_node;
#[path = "../../support/log.rs"]
mod log;
mod machines;
mod member;
mod node_process;
mod process_signal;
mod proxy;
mod sentinel;
mod store_options;
mod store_server;
#[path = "../../support/temp_folder.rs"]
mod temp_folder;
mod tls_store;
mod wait;

pub(crate) use self::{
    app_name::app_name,
    connection_fault::ConnectionKind,
    http_get::http_get,
    local_node::LocalNode,
    log::Log,
    machines::Machines,
    member::{Member, Visit},
    node_process::NodeProcess,
    proxy::Proxy,
    sentinel::Sentinel,
    store_options::StoreOptions,
    store_server::StoreServer,
    tls_store::TlsStore,
    wait::{holds_within, until, within},
};
