//! Pages of every kind of origin, and configuration that could never match one.

use ignitia::{
    RouterExt,
    limits::{ProxyHeader, TrustedProxies},
    prelude::*,
    websocket::{Origin, WebSocketConfig},
};

use crate::support::{Log, Request, Transport, echo, everywhere, loopback};

fn config(origin: Origin) -> WebSocketConfig {
    WebSocketConfig::default().origin(origin)
}

fn from(origin: &str, host: &str) -> Request {
    Request::upgrade("/ws").set("Host", &[host]).set("Origin", &[origin])
}

#[tokio::test]
async fn every_origin_of_apps_and_browsers_can_be_listed() {
    let listed = [
        "https://app.example.com",
        "https://*.preview.example.com",
        "http://localhost:5173",
        "capacitor://localhost",
        "tauri://localhost",
        "chrome-extension://aapbdbdomjkkjkaonfhkkikfgjllcleb",
        "moz-extension://0a1b2c3d-0000-4000-8000-000000000000",
        "file://",
        "null",
        "https://xn--bcher-kva.example",
    ];
    let policy = Origin::allow(listed).or(Origin::when(|origin| origin.starts_with("game://")));
    let router = || Router::new().websocket_with("/ws", echo, config(policy.clone()));
    everywhere(router, async |server| {
        for origin in listed.into_iter().filter(|origin| origin.is_ascii() && !origin.contains('*')).chain([
            "https://app.example.com:443",
            "https://pr-7.preview.example.com",
            "game://level/1",
        ]) {
            assert_eq!(server.ask(&from(origin, "api.example.com")).await.0.status, 101, "{origin}");
        }
        for origin in [
            "http://app.example.com",
            "https://app.example.com/",
            "https://app.example.com/x",
            "https://preview.example.com",
            "https://a.b.preview.example.com",
            "capacitor://localhost:1",
            "https://api.example.com",
            "",
        ] {
            assert_eq!(server.ask(&from(origin, "api.example.com")).await.0.status, 403, "{origin}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_origin_that_can_never_match_is_an_error_at_the_start() {
    let wrong = || config(Origin::allow(["https://app.example.com", "https://app.example.com/chat"]));
    let nameless = WebSocketConfig::default().subprotocols(["chat v1"]);
    for (router, words) in [
        (Router::new().websocket("/ws", echo).websocket_config(wrong()), "https://app.example.com/chat"),
        (Router::new().websocket_with("/ws", echo, wrong()), "the path `/ws`: the origin"),
        (Router::new().nest("/api", Router::new().websocket_with("/ws", echo, wrong())), "the path `/ws`"),
        (
            Router::new().websocket_with("/ws", echo, config(Origin::SameHost.or(Origin::allow(["x"])))),
            "`https://x`",
        ),
        (Router::new().websocket_with("/ws", echo, nameless), "the subprotocol `chat v1`"),
    ] {
        let error = Server::new(router, loopback()).bind().await.map(drop).unwrap_err();
        assert!(error.is_route() && error.to_string().contains(words), "{error}");
    }
    let error = Router::new().websocket_with("/ws", echo, wrong()).into_axum().unwrap_err();
    assert!(error.to_string().contains("write `https://app.example.com`"), "{error}");
}

#[test]
#[should_panic(expected = "the path `/ws`: the origin `app.example.com` can never match")]
fn axums_router_panics_for_an_origin_that_can_never_match() {
    let _: axum::Router =
        axum::Router::new().websocket_with("/ws", echo, config(Origin::allow(["app.example.com"])));
}

/// A proxy that terminates TLS reports the scheme of the page.
#[tokio::test]
async fn headers_of_a_trusted_proxy_give_the_scheme_and_the_host() {
    let loopback = || TrustedProxies::networks(["127.0.0.0/8".parse().unwrap()]);
    let elsewhere = TrustedProxies::networks(["10.0.0.0/8".parse().unwrap()]);
    let forwarded = || loopback().header(ProxyHeader::Forwarded).host(true);
    let (https, http) = (("X-Forwarded-Proto", "https"), ("X-Forwarded-Proto", "http"));
    let host = ("X-Forwarded-Host", "app.example.com");
    let rfc = ("Forwarded", "for=192.0.2.1;proto=https;host=app.example.com");
    let page = "https://app.example.com";
    let same_origin = || Origin::SameOrigin;
    for (name, proxies, policy, host_line, lines, origin, status) in [
        ("https, as is said", loopback(), same_origin(), "app.example.com", &[https][..], page, 101),
        ("nothing is said", loopback(), same_origin(), "app.example.com", &[], page, 101),
        ("http, as is said", loopback(), same_origin(), "app.example.com", &[http], page, 403),
        ("a stranger says so", elsewhere.clone(), same_origin(), "app.example.com", &[https], page, 403),
        (
            "no proxy is trusted",
            TrustedProxies::hops(0),
            same_origin(),
            "app.example.com",
            &[https],
            page,
            403,
        ),
        ("by number", TrustedProxies::hops(1), same_origin(), "app.example.com", &[https], page, 101),
        ("RFC 7239", forwarded(), same_origin(), "upstream:3000", &[rfc], page, 101),
        ("RFC 7239, and the other header", forwarded(), same_origin(), "upstream", &[https, host], page, 403),
        (
            "a downgrade",
            loopback(),
            Origin::SameHost,
            "app.example.com",
            &[https],
            "http://app.example.com",
            403,
        ),
        (
            "no downgrade",
            loopback(),
            Origin::SameHost,
            "app.example.com",
            &[http],
            "http://app.example.com",
            101,
        ),
        ("a host replaced", loopback(), Origin::SameHost, "upstream", &[https, host], page, 403),
        (
            "a host replaced, and told",
            loopback().host(true),
            Origin::SameHost,
            "upstream",
            &[https, host],
            page,
            101,
        ),
        (
            "not the upstream's",
            loopback().host(true),
            Origin::SameHost,
            "upstream",
            &[https, host],
            "https://upstream",
            403,
        ),
        ("told by a stranger", elsewhere.host(true), Origin::SameHost, "upstream", &[https, host], page, 403),
    ] {
        let router = Router::new().websocket_with("/ws", echo, config(policy)).trusted_proxies(proxies);
        let server = Transport::Plain.serve(router).await;
        let request =
            lines.iter().fold(from(origin, host_line), |request, (name, value)| request.set(name, &[value]));
        assert_eq!(server.ask(&request).await.0.status, status, "{name}");
    }
}

#[tokio::test]
async fn the_log_says_that_a_proxy_may_have_replaced_the_host() {
    let (log, _guard) = Log::begin();
    let server = Transport::Plain.serve(Router::new().websocket("/ws", echo)).await;
    let request = from("https://app.example.com", "upstream:3000");
    server.ask(&request.clone().set("X-Forwarded-Host", &["app.example.com"])).await;
    let line = log.line("TrustedProxies::host").await;
    assert!(line.contains("app.example.com") && line.contains("upstream:3000"), "{line}");
    server.ask(&request.clone().set("X-Forwarded-Host", &["other.example.com"])).await;
    log.line("WebSocketConfig::origin says which are allowed").await;
    server.ask(&from(&format!("https://{}.example", "a".repeat(5_000)), "localhost")).await;
    assert!(log.text().lines().all(|line| line.len() < 1_000), "an origin fills no log");
}
