//! Registration of routes in a [`Router`], and its finish.

use std::panic::{AssertUnwindSafe, catch_unwind};

use axum::routing::{MethodFilter, MethodRouter, on};

use super::{
    add_extensions::AddExtensions,
    endpoint_list::EndpointList,
    page_methods::PageMethods,
    route_conflict::{RouteEntry, RouteKind},
    route_paths::RoutePaths,
    route_set::RouteSet,
    route_table::{RouteCheck, RouteTable},
    router::Router,
    served_router::ServedRouter,
};
use crate::{
    connection::WebSocketConfig,
    error::Result,
    shutdown::Shutdown,
    upgrade::{Route, RouterConfig, Serve, method_filter},
};

impl<S> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Adds a WebSocket endpoint.
    pub(super) fn serve<T>(mut self, path: &str, served: T, config: Option<WebSocketConfig>) -> Self
    where
        T: Serve<S>,
    {
        let faults = config.iter().flat_map(WebSocketConfig::faults);
        self.table.add_faults(faults.map(|fault| format!("the path `{path}`: {fault}")));
        let methods = method_filter::<S, T>();
        let entry =
            RouteEntry { bare_body: T::bare_body(), ..RouteEntry::new(RouteKind::WebSocket(methods)) };
        let check = self.table.add(path, entry);
        let route = on(methods, Route::new(path, served, config)).with_state(self.state.clone());
        self.add_unless_rejected(check, |routes| routes.own.add_websocket(path, methods, route))
    }

    /// Adds to the list of endpoints.
    pub(super) fn listing(mut self, add: impl FnOnce(&mut EndpointList)) -> Self {
        add(&mut self.table.endpoints);
        self
    }

    /// Notes a mistake.
    #[cfg(feature = "console")]
    pub(crate) fn with_fault(mut self, fault: String) -> Self {
        self.table.add_faults([fault]);
        self
    }

    /// Notes that the page at a path is for this machine only.
    #[cfg(feature = "console")]
    pub(crate) fn for_this_machine(mut self, path: &str) -> Self {
        self.table.local_pages.push(path.to_owned());
        self
    }

    /// Adds handlers of ordinary requests; `methods` is `None` if they are unknown.
    pub(super) fn add_pages(
        mut self,
        path: &str,
        methods: Option<MethodFilter>,
        route: MethodRouter<S>,
    ) -> Self {
        let route = route.with_state(self.state.clone());
        let kind = match methods {
            Some(methods) => RouteKind::Pages(PageMethods::of(methods)),
            None => RouteKind::MethodRouter(PageMethods::read(&route)),
        };
        let check = self.table.add(path, RouteEntry::new(kind));
        self.add_unless_rejected(check, |routes| routes.own.add_pages(path, methods, route))
    }

    /// Adds to the routes, unless axum would refuse it.
    pub(super) fn add_unless_rejected(mut self, check: RouteCheck, add: impl FnOnce(&mut RouteSet)) -> Self {
        match check {
            RouteCheck::Accepted => add(&mut self.routes),
            RouteCheck::Rejected => {}
            // The methods of an `axum::Router` cannot be read, and axum panics if a path has one of
            // them twice. So the addition is tried on a clone.
            RouteCheck::Uncertain(table) => {
                let mut tried = self.routes.clone();
                let is_taken = || {
                    add(&mut tried);
                    drop(tried.clone().into_axum());
                };
                match catch_unwind(AssertUnwindSafe(is_taken)) {
                    Ok(()) => self.routes = tried,
                    Err(_) => self.table.add_duplicate(&table),
                }
            }
        }
        self
    }
}

impl<S> Router<S> {
    /// Returns the shutdown that this router was given for its WebSockets.
    pub(crate) fn given_shutdown(&self) -> Option<Shutdown> {
        self.extensions.get().cloned()
    }

    /// Takes the shutdowns that nested and merged routers were given.
    pub(crate) fn nested_shutdowns(&mut self) -> Vec<Shutdown> {
        std::mem::take(&mut self.nested)
    }

    /// Adds an extension of every request.
    pub(crate) fn insert<T>(&mut self, value: T)
    where
        T: Clone + Send + Sync + 'static,
    {
        self.extensions.insert(value);
    }

    pub(super) fn finish(self) -> (axum::Router, RoutePaths, RouteTable) {
        let (routes, table) = self.into_parts();
        let paths = routes.paths();
        let (router, table) = Self::assemble(routes, table);
        (router, paths, table)
    }

    /// Returns the axum router, and beside it what its server has to know.
    ///
    /// # Errors
    ///
    /// As [`into_axum`](Self::into_axum).
    pub(crate) fn into_served(self) -> Result<ServedRouter> {
        let Self { routes, mut extensions, table, .. } = self;
        let upgrade_paths = routes.paths().into_upgrade_paths();
        let config = extensions.remove().map(|RouterConfig(config)| config);
        let (router, mut table) = Self::assemble(routes, table);
        let local_pages = std::mem::take(&mut table.local_pages);
        table.into_result().map(|()| ServedRouter { router, extensions, config, upgrade_paths, local_pages })
    }

    fn assemble(routes: RouteSet, mut table: RouteTable) -> (axum::Router, RouteTable) {
        // Conflicts with routes of an `axum::Router` cannot be known before axum is asked, and axum
        // panics.
        let whole = catch_unwind(AssertUnwindSafe(|| routes.into_axum()));
        let whole = whole.unwrap_or_else(|_| {
            table.add_unknown_conflict();
            axum::Router::new()
        });
        (whole, table)
    }

    pub(super) fn into_parts(self) -> (RouteSet, RouteTable) {
        let Self { routes, extensions, mut table, .. } = self;
        if let Some(RouterConfig(config)) = extensions.get() {
            table.endpoints.set_config(config);
        }
        if extensions.is_empty() {
            (routes, table)
        } else {
            (routes.layer(AddExtensions::new(extensions)), table)
        }
    }

    /// Adopts the shutdowns of a router that becomes part of this one, so that they are drained
    /// with it.
    pub(super) fn adopt_shutdowns(&mut self, router: &mut Router) {
        self.nested.append(&mut router.nested);
        self.nested.extend(router.given_shutdown());
    }
}
