//! Contracts of a router's endpoints.

use std::future::ready;

use axum::routing::{MethodFilter, MethodRouter, get};
use http::header::CONTENT_TYPE;

use super::{
    page_methods::PageMethods,
    route_conflict::{OwnPage, RouteEntry, RouteKind},
    route_table::RouteCheck,
    router::Router,
};
use crate::{contract::Contract, upgrade::RouterConfig};

impl<S> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Returns the description of the endpoints that were mounted, nested or merged so far. It is
    /// the source of an AsyncAPI document and of a TypeScript client: see
    /// [`contract`](crate::contract).
    ///
    /// Paths are those below this router: nest a router first, and ask the outer one. Endpoints
    /// that were registered by hand ([`websocket`](Self::websocket)) are left out, because their
    /// messages are not known.
    pub fn contract(&self) -> Contract {
        let mut endpoints = self.table.endpoints.clone();
        if let Some(RouterConfig(config)) = self.extensions.get() {
            endpoints.set_config(config);
        }
        Contract::new(endpoints.endpoints())
    }

    /// Serves the AsyncAPI document of a contract at this path, as `application/json`. Whoever can
    /// reach the server can read it.
    ///
    /// ```
    /// # use ignitia::prelude::*;
    /// # #[derive(serde::Deserialize, ClientMessage)]
    /// # #[serde(tag = "type")]
    /// # enum Ask { Sum { of: Vec<i32> } }
    /// # #[websocket("/sums", on_message)]
    /// # async fn sums(_: Ask) {}
    /// let router = Router::new().mount(sums);
    /// let contract = router.contract().title("Sums", env!("CARGO_PKG_VERSION"));
    /// let router = router.serve_asyncapi("/asyncapi.json", &contract);
    /// # assert!(router.into_axum().is_ok());
    /// ```
    pub fn serve_asyncapi(self, path: &str, contract: &Contract) -> Self {
        self.serve_text("serve_asyncapi", path, "application/json", contract.asyncapi())
    }

    /// Serves the client of a contract at this path, as a JavaScript module without types, for
    /// pages without a build. Whoever can reach the server can read it.
    ///
    /// ```
    /// # use ignitia::prelude::*;
    /// # #[derive(serde::Deserialize, ClientMessage)]
    /// # #[serde(tag = "type")]
    /// # enum Ask { Sum { of: Vec<i32> } }
    /// # #[websocket("/sums", on_message)]
    /// # async fn sums(_: Ask) {}
    /// const PAGE: &str = r#"<script type="module">
    ///     import { connect } from "/client";
    ///     connect("sums").send.Sum({ of: [1, 2, 3] });
    /// </script>"#;
    ///
    /// let router = Router::new().mount(sums).get("/", || async { Response::html(PAGE) });
    /// let contract = router.contract();
    /// let router = router.serve_javascript("/client", &contract);
    /// # assert!(router.into_axum().is_ok());
    /// ```
    pub fn serve_javascript(self, path: &str, contract: &Contract) -> Self {
        self.serve_text("serve_javascript", path, "text/javascript; charset=utf-8", contract.javascript())
    }

    fn serve_text(self, added_by: &'static str, path: &str, media_type: &'static str, text: String) -> Self {
        let respond = move || ready(([(CONTENT_TYPE, media_type)], text.clone()));
        self.add_own_page(path, OwnPage { added_by, is_file: false }, get(respond)).0
    }

    /// Adds a page of the library itself. The flag is false if its path has a fault.
    pub(crate) fn add_own_page(mut self, path: &str, page: OwnPage, route: MethodRouter<S>) -> (Self, bool) {
        let kind = RouteKind::Pages(PageMethods::of(MethodFilter::GET));
        let check = self.table.add(path, RouteEntry { own: Some(page), ..RouteEntry::new(kind) });
        let is_accepted = check != RouteCheck::Rejected;
        let route = route.with_state(self.state.clone());
        let router = self
            .add_unless_rejected(check, |routes| routes.own.add_pages(path, Some(MethodFilter::GET), route));
        (router, is_accepted)
    }
}
