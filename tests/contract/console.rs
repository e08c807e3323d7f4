//! The console: its files, and whom they are for.

use std::net::SocketAddr;

use axum::routing;
use ignitia::{console::Console, prelude::*};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{RawSocket, Request, Running};

#[websocket("/plain")]
async fn plain(ws: WebSocketConnection) -> Response {
    drop(ws);
    Response::ok()
}

fn router(configure: impl FnOnce(Console) -> Console) -> Router {
    let router = Router::new().mount(plain);
    let console = configure(Console::new(router.contract()));
    router.console("/console", console)
}

async fn status(server: &Running, path: &str, lines: &[(&str, &str)]) -> u16 {
    let request = lines.iter().fold(Request::get(path), |request, (name, value)| request.set(name, &[value]));
    server.ask(&request).await.0.status
}

#[tokio::test]
async fn the_page_has_its_files_and_a_strict_policy() {
    let server = Running::with_defaults(router(|console| console)).await;
    let request = Request::get("/console/").set("host", &["localhost"]);
    let (head, _) = server.ask(&request).await;
    assert_eq!((head.status, head.get("content-type")), (200, Some("text/html; charset=utf-8")));
    let policy = head.get("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    assert_eq!(head.get("x-content-type-options"), Some("nosniff"));
    let (head, _) = server.ask(&Request::get("/console").set("host", &["localhost"])).await;
    assert_eq!((head.status, head.get("location")), (307, Some("console/")));
    for (file, media_type) in [
        ("console.css", "text/css; charset=utf-8"),
        ("console.js", "text/javascript; charset=utf-8"),
        ("asyncapi.json", "application/json"),
        ("client.ts", "text/plain; charset=utf-8"),
    ] {
        let request = Request::get(&format!("/console/{file}")).set("host", &["127.0.0.1:80"]);
        let (head, _) = server.ask(&request).await;
        assert_eq!((head.status, head.get("content-type")), (200, Some(media_type)), "{file}");
    }
}

#[tokio::test]
async fn it_is_for_this_machine_only() {
    let server = Running::with_defaults(router(|console| console)).await;
    let open = Running::with_defaults(router(|console| console.allow_remote(true))).await;
    for lines in [
        &[("host", "example.org")][..],
        &[("host", "localhost.example.org")],
        &[("host", "localhost"), ("x-forwarded-for", "127.0.0.1")],
        &[("host", "localhost"), ("forwarded", "for=127.0.0.1")],
    ] {
        for path in ["/console", "/console/", "/console/asyncapi.json", "/console/console.js"] {
            assert_eq!(status(&server, path, lines).await, 403, "{path} {lines:?}");
            let expected = if path == "/console" { 307 } else { 200 };
            assert_eq!(status(&open, path, lines).await, expected, "{path} {lines:?}");
        }
    }
}

/// A server that others can reach does not start with it.
#[tokio::test]
async fn a_server_for_others_refuses_it_unless_it_is_told_so() {
    let anywhere: SocketAddr = "0.0.0.0:0".parse().unwrap();
    for nested in [false, true] {
        let console = |allow| {
            let router = router(|console| console.allow_remote(allow));
            if nested { Router::new().nest("/dev", router) } else { router }
        };
        let error = Server::new(console(false), anywhere).bind().await.unwrap_err();
        let path = if nested { "`/dev/console`" } else { "`/console`" };
        assert!(error.is_route() && error.to_string().contains(path), "{error}");
        assert!(error.to_string().contains("Console::allow_remote(true)"), "{error}");
        drop(Server::new(console(true), anywhere).bind().await.unwrap());
        let here: SocketAddr = "127.0.0.1:0".parse().unwrap();
        drop(Server::new(console(false), here).bind().await.unwrap());
    }
}

/// Without an address of the client, nobody knows where a request is from.
#[tokio::test]
async fn an_application_of_axum_that_knows_no_addresses_refuses_it() {
    let app = router(|console| console).into_axum().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move { axum::serve(listener, app).await });
    let mut socket = RawSocket::from(TcpStream::connect(addr).await.unwrap());
    let head = socket.ask(&Request::get("/console/").set("host", &["localhost"])).await;
    assert_eq!(head.status, 403);
    serving.abort();
}

#[tokio::test]
async fn the_way_to_the_page_is_a_path_whatever_its_name() {
    let contract = || Console::new(Router::<()>::new().contract());
    let router = Router::new().console("/a:b", contract()).console("/of/{tenant}", contract());
    let server = Running::with_defaults(router).await;
    let (head, _) = server.ask(&Request::get("/of/acme").set("host", &["localhost"])).await;
    assert_eq!(head.get("location"), Some("acme/"));
    let (head, _) = server.ask(&Request::get("/a:b").set("host", &["localhost"])).await;
    let location = head.get("location").unwrap();
    assert!(location.starts_with(['.', '/']), "`{location}` is a URL of the scheme `a`");
}

/// One mistake is one fault. A page at `/` of a nested router would look for its files elsewhere.
#[test]
fn a_malformed_path_is_named_once() {
    for path in ["console", "", "/", "/{*rest}", "/{open", "/:x"] {
        let console = Console::new(Router::<()>::new().contract());
        let error = Router::<()>::new().console(path, console).into_axum().unwrap_err();
        assert_eq!(error.to_string().matches(&format!("`{path}` is malformed")).count(), 1, "{error}");
        assert_eq!(error.to_string().matches("malformed").count(), 1, "{error}");
    }
}

/// The paths of a console, of a document and of a client are taken. One mistake is one fault.
#[test]
fn a_path_that_is_taken_is_named_once_with_what_took_it() {
    let contract = || Router::<()>::new().contract();
    let console = |router: Router| router.console("/dev", Console::new(contract()));
    let page = |path: &'static str| {
        let get = move |router: Router| router.get(path, async || "a page");
        let route = move |router: Router| router.route(path, routing::get(async || "a page"));
        [Box::new(get) as Box<dyn Fn(Router) -> Router>, Box::new(route)]
    };
    let document = |router: Router| router.serve_asyncapi("/dev", &contract());
    let client = |router: Router| router.serve_javascript("/dev", &contract());
    let text = |path: &str, times: &str| {
        format!("the path `{path}` is registered twice, {times}: give one of the two another path")
    };
    let faults_of = |router: Router| router.into_axum().unwrap_err().to_string();

    for path in ["/dev", "/dev/", "/dev/console.js"] {
        for page in page(path) {
            let expected = text(path, "once by `Router::console`");
            assert_eq!(faults_of(page(console(Router::new()))), expected);
            assert_eq!(faults_of(console(page(Router::new()))), expected);
            assert_eq!(faults_of(console(Router::new()).merge(page(Router::new()))), expected);
        }
    }
    let twice = text("/dev", "both times by `Router::console`");
    assert_eq!(faults_of(console(console(Router::new()))), twice);
    assert_eq!(faults_of(console(Router::new()).merge(console(Router::new()))), twice);
    let both = text("/dev", "once by `Router::console` and once by `Router::serve_asyncapi`");
    assert_eq!(faults_of(document(console(Router::new()))), both);
    for page in page("/dev") {
        let once = text("/dev", "once by `Router::serve_javascript`");
        assert_eq!(faults_of(page(client(Router::new()))), once);
        assert_eq!(faults_of(client(page(Router::new()))), once);
    }
}

/// Other methods are free: a form may be posted to the path of a document.
#[test]
fn a_page_of_the_library_leaves_other_methods_to_the_program() {
    let contract = Router::<()>::new().contract();
    let router = Router::new().serve_asyncapi("/api", &contract).post("/api", async || "posted");
    assert!(router.route("/api", routing::put(async || "put")).into_axum().is_ok());
}
