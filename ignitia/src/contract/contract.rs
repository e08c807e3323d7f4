use http::Uri;
use serde_json::json;

use super::{
    asyncapi, interface::Interface, mounted_endpoint::MountedEndpoint, resolve::resolve, typescript,
};
use crate::error::{Error, Result};

/// Description of a router's endpoints for other programs: see
/// [`Router::contract`](crate::Router::contract).
#[derive(Debug, Clone)]
pub struct Contract(Interface);

impl Contract {
    pub(crate) fn new(mounted: &[MountedEndpoint]) -> Self {
        Self(resolve(mounted, typescript::is_free))
    }

    /// Sets the title and the version of the interface. Default: `WebSocket API`, `0.0.0`.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>, version: impl Into<String>) -> Self {
        (self.0.info.title, self.0.info.version) = (title.into(), version.into());
        self
    }

    /// Sets the description of the interface, in Markdown. Default: none.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.info.description = description.into();
        self
    }

    /// Sets the address of the server, as in `wss://chat.example.org`, for the AsyncAPI document.
    /// Default: none.
    ///
    /// # Errors
    ///
    /// [`Error::is_route`](crate::Error::is_route) unless it is an absolute `ws:` or `wss:` URL.
    pub fn server(mut self, url: &str) -> Result<Self> {
        let parsed = url.parse::<Uri>().ok().map(Uri::into_parts);
        let parts = parsed.and_then(|parts| Some((parts.scheme?, parts.authority?, parts.path_and_query)));
        let (scheme, host, path) = parts
            .filter(|(scheme, ..)| ["ws", "wss"].contains(&scheme.as_str()))
            .ok_or_else(|| Error::route(format!("`{url}` is no address of a server: write `wss://host`")))?;
        let mut server = json!({ "host": host.as_str(), "protocol": scheme.as_str() });
        if let Some(path) = path.filter(|path| path.path() != "/") {
            server["pathname"] = json!(path.path());
        }
        self.0.info.server = Some(server);
        Ok(self)
    }

    /// Returns what the contract cannot say, one text for each: the types without a schema, those
    /// whose values no URL can carry, and what to write about them.
    ///
    /// ```
    /// # use ignitia::prelude::*;
    /// # let router = Router::new();
    /// let contract = router.contract();
    /// assert!(contract.problems().is_empty(), "{:#?}", contract.problems());
    /// ```
    pub fn problems(&self) -> &[String] {
        &self.0.problems
    }

    /// Returns the [AsyncAPI 3.0](https://www.asyncapi.com/docs/reference/specification/v3.0.0)
    /// document, as JSON.
    pub fn asyncapi(&self) -> String {
        format!("{:#}\n", asyncapi::document(&self.0))
    }

    /// Returns a TypeScript module of the messages' types and a client, without dependencies. See
    /// [`contract`](super) for what it does.
    pub fn typescript(&self) -> String {
        typescript::module(&self.0)
    }

    /// Returns the same module as JavaScript, without the types: for pages without a build. See
    /// [`Router::serve_javascript`](crate::Router::serve_javascript).
    pub fn javascript(&self) -> String {
        typescript::javascript(&self.0)
    }
}
