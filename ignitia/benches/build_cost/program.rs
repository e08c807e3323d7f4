//! A generated program.

use std::{fmt::Write, time::Duration};

use super::sources::{EndpointKind, HEAD, TYPED_MESSAGES};

/// Source code of a program, and its costs.
pub(super) struct Program {
    pub(super) name: String,
    pub(super) source: String,
    /// Number of lines after macro expansion.
    pub(super) expanded: usize,
    /// Time of the fastest check.
    pub(super) time: Duration,
}

impl Program {
    pub(super) fn new(name: String, kinds: &[EndpointKind], typed: bool, endpoints: usize) -> Self {
        let messages = if typed {
            TYPED_MESSAGES.to_owned()
        } else {
            TYPED_MESSAGES.replace(", ClientMessage", "").replace(", ServerMessage", "")
        };
        let own_messages = kinds.len() > 1;
        let mut source = HEAD.to_owned();
        // All endpoints share the messages, or each has its own.
        if !own_messages {
            source += &messages;
        }
        for (number, kind) in (0..endpoints).zip(kinds.iter().cycle()) {
            let items = if typed { kind.typed } else { kind.by_hand }.replace('@', &number.to_string());
            let messages = if own_messages && kind.messages { &messages[..] } else { "" };
            write!(source, "\nmod e{number} {{\nuse super::*;\n{messages}{items}}}\n").unwrap();
        }
        source += "\nfn main() {\n    let router = Router::new().state(Db);\n";
        for number in 0..endpoints {
            writeln!(source, "    let router = e{number}::add(router);").unwrap();
        }
        source += "    drop(router);\n}\n";
        Self { name, source, expanded: 0, time: Duration::MAX }
    }
}
