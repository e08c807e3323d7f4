//! The order of the modules, from the bottom up, and the modules that do no I/O.

use super::sources::folder_of;

/// Order of a crate. Modules of one line may not use each other.
///
/// An entry names a module by its path below the root's folder, with all that stands below it; the
/// longest entry that fits a file counts. A root is named by its file, and so is a module without
/// its children: `messages/mod`. The entry `*` fits all other files.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) root: &'static str,
    pub(super) layers: &'static [&'static [&'static str]],
}

/// The entry of a file, and its level.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Layer {
    pub(super) level: usize,
    pub(super) entry: &'static str,
}

pub(super) const ORDERS: &[Order] = &[
    Order {
        root: "ignitia/src/lib.rs",
        layers: &[
            &["field_order", "guide", "panics", "sealed", "setters", "sync", "time"],
            &["close", "compression", "error", "forwarded", "json", "path", "response", "stream"],
            &["handshake", "limits", "message", "try_send_error", "metrics", "shutdown"],
            &["extract", "health", "protocol"],
            &["engine"],
            &["connection"],
            &["dispatch", "upgrade"],
            &["rooms"],
            &["handler"],
            &["contract"],
            &["endpoint"],
            &["router"],
            &["console", "server"],
            &["testing"],
            &["bounds", "prelude", "websocket", "__private"],
            &["auto_traits", "lib"],
        ],
    },
    // The stages of a macro hand each other the model; only the two `mod.rs` know all of them.
    Order {
        root: "ignitia-macros/src/lib.rs",
        layers: &[
            &["*"],
            &["messages/parse", "websocket/parse"],
            &["messages/crate_option", "messages/tagging", "messages/wire_names"],
            &["messages/model", "messages/serde_rejection", "websocket/model"],
            &[
                "messages/emit",
                "messages/lower",
                "messages/validate",
                "websocket/emit",
                "websocket/lower",
                "websocket/validate",
            ],
            &["messages/mod", "websocket/mod"],
            &["lib"],
        ],
    },
];

/// Modules that decide and do nothing: no runtime, no HTTP library, no I/O, no clock.
pub(super) const PURE: &[&str] =
    &["ignitia/src/compression/", "ignitia/src/handshake/", "ignitia/src/protocol/"];

/// Paths that a pure module does not name.
pub(super) const IMPURE: &[&str] = &[
    "axum",
    "hyper",
    "hyper_util",
    "std::env",
    "std::fs",
    "std::net::TcpListener",
    "std::net::TcpStream",
    "std::net::ToSocketAddrs",
    "std::net::UdpSocket",
    "std::os",
    "std::process",
    "std::thread",
    "std::time::SystemTime",
    "tokio",
    "tokio_util",
];

impl Order {
    /// Returns true for files below the root's folder.
    pub(super) fn contains(&self, file: &str) -> bool {
        file.starts_with(&format!("{}/", folder_of(self.root)))
    }

    /// Returns the layer of a file.
    pub(super) fn layer(&self, file: &str) -> Option<Layer> {
        let path = file.strip_prefix(folder_of(self.root))?.strip_prefix('/')?.strip_suffix(".rs")?;
        let is_within = |rest: &str| rest.is_empty() || rest.starts_with('/');
        let fits = |entry: &str| entry == "*" || path.strip_prefix(entry).is_some_and(is_within);
        let levels = self.layers.iter().enumerate();
        let entries =
            levels.flat_map(|(level, entries)| entries.iter().map(move |entry| Layer { level, entry }));
        entries.filter(|layer| fits(layer.entry)).max_by_key(|layer| layer.entry.len())
    }
}
