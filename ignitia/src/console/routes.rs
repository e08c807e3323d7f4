//! Routes of a console.

use std::{convert::Infallible, future::ready};

use axum::routing::{MethodRouter, get};
use axum_core::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{
    HeaderValue, StatusCode, Uri,
    header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY,
        X_CONTENT_TYPE_OPTIONS,
    },
    request::Parts,
};

use super::{
    Console,
    guard::is_local,
    page::{FILES, File, INDEX},
};
use crate::router::{OwnPage, Router};

/// Permissions of the page: to load its own files, and to connect to its own server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";
const PLAIN: &str = "text/plain; charset=utf-8";

impl<S> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Adds a page below this path on which developers try the endpoints of a contract. It is for
    /// this machine only, unless [`Console::allow_remote`] says otherwise. It takes GET on this
    /// path and on those of its files below. Another page on one of them is a mistake, which
    /// [`into_axum`](Self::into_axum) reports.
    ///
    /// ```
    /// use ignitia::{console::Console, prelude::*};
    ///
    /// # #[derive(serde::Deserialize, ClientMessage)]
    /// # #[serde(tag = "type")]
    /// # enum Ask { Sum { of: Vec<i32> } }
    /// # #[websocket("/sums", on_message)]
    /// # async fn sums(_: Ask) {}
    /// let router = Router::new().mount(sums);
    /// let contract = router.contract().title("Sums", "1.0.0");
    /// // http://127.0.0.1:3000/console/
    /// let router = router.console("/console", Console::new(contract));
    /// # assert!(router.into_axum().is_ok());
    /// ```
    pub fn console(self, path: &str, console: Console) -> Self {
        let Console { contract, allows_remote } = console;
        let base = path.trim_end_matches('/');
        if !base.starts_with('/') || base.contains("{*") {
            let wanted = "the console needs one of its own, such as `/console`";
            return self.with_fault(format!("the path `{path}` is malformed: {wanted}"));
        }
        let documents =
            [("asyncapi.json", JSON, contract.asyncapi()), ("client.ts", PLAIN, contract.typescript())];
        let own = |is_file| OwnPage { added_by: "console", is_file };
        let redirect = page(allows_remote, redirect_to_folder);
        // A path with a fault is one fault, not one for each file.
        let (router, is_added) = self.add_own_page(base, own(false), redirect);
        if !is_added {
            return router;
        }
        let router = if allows_remote { router } else { router.for_this_machine(base) };
        let add_file = |router: Self, name: &str, route| {
            // Files are found beside the page only below its folder.
            router.add_own_page(&format!("{base}/{name}"), own(true), route).0
        };
        let router = add_file(router, "", page(allows_remote, |_| file(HTML, INDEX)));
        let router = FILES.iter().fold(router, |router, File { name, media_type, content }| {
            add_file(router, name, page(allows_remote, |_| file(media_type, *content)))
        });
        documents.into_iter().fold(router, |router, (name, media_type, text)| {
            add_file(router, name, page(allows_remote, move |_| file(media_type, text.clone())))
        })
    }
}

/// Returns a handler that answers with a response, or with 403 to requests of other machines.
fn page<S>(
    allows_remote: bool,
    respond: impl Fn(&Uri) -> Response + Clone + Send + Sync + 'static,
) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    get(move |Locality(is_local): Locality, uri: Uri| {
        ready(if is_local || allows_remote { respond(&uri) } else { forbidden() })
    })
}

/// Extractor that tells if a request comes from this machine.
struct Locality(bool);

impl<S: Sync> FromRequestParts<S> for Locality {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(is_local(parts)))
    }
}

fn file(media_type: &'static str, content: impl Into<axum_core::body::Body>) -> Response {
    let mut response = Response::new(content.into());
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE, media_type),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        // It changes with the program.
        (CACHE_CONTROL, "no-cache"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Redirects from a path to the folder of the same name.
fn redirect_to_folder(uri: &Uri) -> Response {
    let last = uri.path().rsplit('/').next().unwrap_or_default();
    // A colon in the first segment would end the scheme of a URL (RFC 3986, section 4.2).
    let here = if last.contains(':') { "./" } else { "" };
    (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, format!("{here}{last}/"))]).into_response()
}

fn forbidden() -> Response {
    let text = "This console is for the machine that it runs on: open it as http://localhost, without a proxy. \
        `Console::allow_remote` opens it to others.";
    (StatusCode::FORBIDDEN, text).into_response()
}
