//! Console: a page on which developers read what the endpoints are, and try them, with the feature
//! `console`.
//!
//! It lists the endpoints and messages of a [`Contract`] with their documentation, connects, has a
//! form for each message, and shows the conversation. It needs no network beyond its own server.
//! Browsers decide what its connections send in `Cookie` and `Origin`: those of the page.

mod guard;
mod page;
mod routes;

use crate::contract::Contract;

/// Configuration of a console: see [`Router::console`](crate::Router::console).
#[derive(Debug, Clone)]
#[must_use]
pub struct Console {
    pub(self) contract: Contract,
    pub(self) allows_remote: bool,
}

impl Console {
    /// Creates a console for these endpoints, for this machine only.
    pub fn new(contract: Contract) -> Self {
        Self { contract, allows_remote: false }
    }

    /// Serves it to other machines, too. Whoever can reach the server can read then what its
    /// endpoints accept, and try them from its own origin. Default `false`: a server whose address
    /// is not a loopback one does not start, and requests are answered with 403 that come from
    /// another machine, with a proxy's header, for another name than `localhost`, or from an
    /// unknown address.
    ///
    /// This does not keep a reverse proxy out that asks for `localhost` and adds no header about
    /// its client, as nginx does by default: whoever reaches such a proxy is on this machine, as
    /// the server sees it. Do not mount the console in a program that is deployed behind one.
    pub fn allow_remote(mut self, allow: bool) -> Self {
        self.allows_remote = allow;
        self
    }
}
