use std::{collections::BTreeMap, sync::OnceLock};

use http::Uri;
use serde_json::json;

use super::{
    asyncapi,
    interface::{Info, Interface},
    mounted_endpoint::MountedEndpoint,
    reserved_names::is_member,
    resolve::resolve,
    typescript,
};
use crate::error::{Error, Result};

/// Description of a router's endpoints for other programs: see
/// [`Router::contract`](crate::Router::contract).
#[derive(Debug, Clone)]
pub struct Contract {
    mounted: Vec<MountedEndpoint>,
    /// Names of endpoints that were given, by path.
    names: BTreeMap<String, String>,
    info: Info,
    /// All of it, as soon as it is asked for.
    interface: OnceLock<Interface>,
}

impl Contract {
    pub(crate) fn new(mounted: &[MountedEndpoint]) -> Self {
        let (names, info, interface) = Default::default();
        Self { mounted: mounted.to_vec(), names, info, interface }
    }

    fn interface(&self) -> &Interface {
        self.interface.get_or_init(|| {
            let is_free = |name: &str| typescript::is_free(name) && !is_member(name);
            Interface { info: self.info.clone(), ..resolve(&self.mounted, &self.names, is_free) }
        })
    }

    /// Sets data that the endpoints do not have.
    fn with_info(mut self, set: impl FnOnce(&mut Info)) -> Self {
        set(&mut self.info);
        self.interface.take();
        self
    }

    /// Sets the name of the endpoint at a path, in place of that of its function or session. It is
    /// the argument of the TypeScript client's `connect`, and the name of the channel in AsyncAPI.
    ///
    /// The path is written as in [`problems`](Self::problems): `/v2/rooms/{room}`. A path without
    /// an endpoint is a problem, as is a name that is not of letters, digits and `_` only, or that
    /// another endpoint has.
    ///
    /// ```
    /// # use ignitia::prelude::*;
    /// # #[derive(serde::Deserialize, schemars::JsonSchema, ClientMessage)]
    /// # #[serde(tag = "type")]
    /// # enum Ask { Sum { of: Vec<i32> } }
    /// # #[websocket("/sums", on_message)]
    /// # async fn sums(_: Ask) {}
    /// let version = || Router::new().mount(sums);
    /// let router = Router::new().nest("/v1", version()).nest("/v2", version());
    /// let contract = router.contract().name("/v2/sums", "newSums");
    /// assert!(contract.problems().is_empty(), "{:#?}", contract.problems());
    /// assert!(contract.typescript().contains("newSums: { path: \"/v2/sums\""));
    /// ```
    #[must_use]
    pub fn name(mut self, path: &str, name: impl Into<String>) -> Self {
        self.names.insert(path.to_owned(), name.into());
        self.interface.take();
        self
    }

    /// Sets the title and the version of the interface. Default: `WebSocket API`, `0.0.0`.
    #[must_use]
    pub fn title(self, title: impl Into<String>, version: impl Into<String>) -> Self {
        self.with_info(|info| (info.title, info.version) = (title.into(), version.into()))
    }

    /// Sets the description of the interface, in Markdown. Default: none.
    #[must_use]
    pub fn description(self, description: impl Into<String>) -> Self {
        self.with_info(|info| info.description = description.into())
    }

    /// Sets the address of the server, as in `wss://chat.example.org`, for the AsyncAPI document.
    /// Default: none.
    ///
    /// # Errors
    ///
    /// [`Error::is_route`](crate::Error::is_route) unless it is an absolute `ws:` or `wss:` URL.
    pub fn server(self, url: &str) -> Result<Self> {
        let parsed = url.parse::<Uri>().ok().map(Uri::into_parts);
        let parts = parsed.and_then(|parts| Some((parts.scheme?, parts.authority?, parts.path_and_query)));
        let (scheme, host, path) = parts
            .filter(|(scheme, ..)| ["ws", "wss"].contains(&scheme.as_str()))
            .ok_or_else(|| Error::route(format!("`{url}` is no address of a server: write `wss://host`")))?;
        let mut server = json!({ "host": host.as_str(), "protocol": scheme.as_str() });
        if let Some(path) = path.filter(|path| path.path() != "/") {
            server["pathname"] = json!(path.path());
        }
        Ok(self.with_info(|info| info.server = Some(server)))
    }

    /// Returns what is wrong with the contract, one text for each, and what to write about it:
    ///
    /// - types without a schema, and those whose values no URL can carry;
    /// - messages and queries that a schema allows and serde refuses, as far as samples show it:
    ///   see [where serde and its schema differ](super#where-serde-and-its-schema-differ);
    /// - pages of a room's past whose messages have no type: see
    ///   [`Remembered`](crate::rooms::Remembered);
    /// - endpoints of one name, and names that no program can read.
    ///
    /// Endpoints that were registered by hand ([`Router::websocket`](crate::Router::websocket)) are
    /// neither in the contract nor here: annotate their functions to have them in it.
    ///
    /// ```
    /// # use ignitia::prelude::*;
    /// # let router = Router::new();
    /// let contract = router.contract();
    /// assert!(contract.problems().is_empty(), "{:#?}", contract.problems());
    /// ```
    pub fn problems(&self) -> &[String] {
        &self.interface().problems
    }

    /// Returns the [AsyncAPI 3.0](https://www.asyncapi.com/docs/reference/specification/v3.0.0)
    /// document, as JSON.
    pub fn asyncapi(&self) -> String {
        format!("{:#}\n", asyncapi::document(self.interface()))
    }

    /// Returns a TypeScript module of the messages' types and a client, without dependencies. See
    /// [`contract`](super) for what it does.
    pub fn typescript(&self) -> String {
        typescript::module(self.interface())
    }

    /// Returns the same module as JavaScript, without the types: for pages without a build. See
    /// [`Router::serve_javascript`](crate::Router::serve_javascript).
    pub fn javascript(&self) -> String {
        typescript::javascript(self.interface())
    }
}
