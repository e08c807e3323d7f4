//! RFC 6455, section 4.2.1, and RFC 8441, section 5, in the plainest words: what may be refused, and with which status.

use http::{HeaderMap, Method, Uri, Version};

/// A route, as far as handshakes are concerned.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    pub path: &'static str,
    pub reads_body: bool,
    /// In the server's order.
    pub subprotocols: &'static [&'static str],
    /// The only origin there may be; otherwise any of the same host.
    pub origin: Option<&'static str>,
}

/// A request as HTTP has understood it.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: Method,
    pub uri: Uri,
    pub version: Version,
    pub headers: HeaderMap,
    /// The `:protocol` of HTTP/2.
    pub protocol: Option<String>,
}

#[derive(Debug, Default)]
pub struct Verdict {
    /// Everything that is wrong, as the status that says so.
    pub faults: Vec<u16>,
    /// What may be found to be wrong: it depends on rules that are not said once more here.
    pub doubts: Vec<u16>,
    pub subprotocol: Option<String>,
}

pub fn judge(seen: &Seen, route: &Route) -> Verdict {
    let mut verdict = Verdict::default();
    if seen.version == Version::HTTP_2 {
        http2(seen, &mut verdict);
    } else {
        http1(seen, route, &mut verdict);
    }
    let host = host(seen, &mut verdict);
    origin(seen, route, host, &mut verdict);
    subprotocol(seen, route, &mut verdict);
    // Their grammar is not said once more here.
    if seen.headers.get_all("sec-websocket-extensions").iter().any(|line| !line.is_empty()) {
        verdict.doubts.push(400);
    }
    verdict
}

fn http1(seen: &Seen, route: &Route, verdict: &mut Verdict) {
    let mut require = |holds: bool, status| verdict.faults.extend((!holds).then_some(status));
    require(seen.method == Method::GET || seen.method == Method::POST && route.reads_body, 405);
    require(seen.version == Version::HTTP_11, 426);
    require(tokens(&seen.headers, "upgrade").any(|token| token == "websocket"), 426);
    require(tokens(&seen.headers, "connection").any(|token| token == "upgrade"), 426);
    require(only(&seen.headers, "sec-websocket-version") == Some("13"), 426);
    require(only(&seen.headers, "sec-websocket-key").is_some_and(is_key), 400);
    let length = only(&seen.headers, "content-length").unwrap_or("0");
    let has_body = length.bytes().any(|digit| digit != b'0');
    require(!has_body || route.reads_body, 400);
    if seen.headers.contains_key("transfer-encoding") {
        verdict.doubts.push(400);
    }
    if route.reads_body {
        verdict.doubts.extend([400, 413]);
    }
}

fn http2(seen: &Seen, verdict: &mut Verdict) {
    let mut require = |holds: bool, status| verdict.faults.extend((!holds).then_some(status));
    require(seen.method == Method::CONNECT, if seen.method == Method::PUT { 405 } else { 400 });
    match &seen.protocol {
        Some(protocol) => require(protocol.eq_ignore_ascii_case("websocket"), 501),
        None => require(false, 400),
    }
    require(only(&seen.headers, "sec-websocket-version") == Some("13"), 400);
    let has_key = seen.headers.contains_key("sec-websocket-key");
    require(!has_key || only(&seen.headers, "sec-websocket-key").is_some_and(is_key), 400);
    // axum's: what is neither GET, HEAD nor CONNECT.
    let is_routed = [Method::GET, Method::HEAD, Method::CONNECT].contains(&seen.method);
    if !is_routed {
        verdict.doubts.push(405);
    }
}

/// Sixteen bytes in base64: 22 characters, of which the last holds two bits; the other four may be anything.
fn is_key(key: &str) -> bool {
    let Some(digits) = key.strip_suffix("==") else { return false };
    digits.len() == 22
        && digits.bytes().all(|digit| digit.is_ascii_alphanumeric() || digit == b'+' || digit == b'/')
}

/// The host that the request is for, if it is sure to be one.
fn host<'a>(seen: &'a Seen, verdict: &mut Verdict) -> Option<&'a str> {
    let target = seen.uri.authority().map(|authority| authority.as_str());
    let is_http2 = seen.version == Version::HTTP_2;
    let line = only(&seen.headers, "host");
    let hosts = match (target, line) {
        (target, None) if !is_http2 || seen.headers.contains_key("host") || target.is_none() => {
            verdict.faults.push(400);
            return None;
        }
        (target, line) => [target, line],
    };
    for host in hosts.into_iter().flatten() {
        match is_host(host) {
            Some(true) => {}
            Some(false) => verdict.faults.push(400),
            None => verdict.doubts.push(400),
        }
    }
    let name = |host: &'a str| host.rsplit_once(':').map_or(host, |(name, _)| name);
    if let ([Some(target), Some(line)], true) = (hosts, is_http2)
        && !name(target).eq_ignore_ascii_case(name(line))
    {
        verdict.faults.push(400);
    }
    hosts.into_iter().flatten().next().map(name)
}

/// Whether this is a name and at most a port; unless it takes more to know.
fn is_host(host: &str) -> Option<bool> {
    if host.is_empty() || host.contains(['@', '/', '?', '#', ' ', '\t', '\\', '"', '<', '>']) {
        return Some(false);
    }
    let (name, port) = host.split_once(':').unwrap_or((host, ""));
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-');
    if !is_name {
        return None;
    }
    let is_port =
        port.is_empty() || port.bytes().all(|digit| digit.is_ascii_digit()) && port.parse::<u16>().is_ok();
    Some(!name.is_empty() && is_port)
}

fn origin(seen: &Seen, route: &Route, host: Option<&str>, verdict: &mut Verdict) {
    if !seen.headers.contains_key("origin") {
        return;
    }
    let Some(origin) = only(&seen.headers, "origin") else { return verdict.faults.push(403) };
    let origin = origin.to_ascii_lowercase();
    let is_page = origin.starts_with("http://") || origin.starts_with("https://");
    let place = origin.split_once("://").map_or("", |(_, place)| place);
    let names_host = |host: &str| {
        let rest = place.strip_prefix(&host.to_ascii_lowercase());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    };
    let (is_foreign, is_own) = match (route.origin, host) {
        (Some(allowed), _) => {
            let (_, host) = allowed.split_once("://").unwrap_or_default();
            (!names_host(host), origin == allowed)
        }
        (None, None) => (false, false),
        (None, Some(host)) => (!names_host(host), place == host.to_ascii_lowercase()),
    };
    if !is_page || is_foreign {
        verdict.faults.push(403);
    } else if !is_own {
        verdict.doubts.push(403);
    }
}

fn subprotocol(seen: &Seen, route: &Route, verdict: &mut Verdict) {
    let lines = seen.headers.get_all("sec-websocket-protocol");
    let mut offered = Vec::new();
    for line in lines {
        let Ok(line) = line.to_str() else { return verdict.faults.push(400) };
        offered.extend(
            line.split(',').map(|name| name.trim_matches([' ', '\t'])).filter(|name| !name.is_empty()),
        );
    }
    let is_token = |name: &&str| {
        let is_separator = |c: char| c <= ' ' || c >= '\u{7f}' || "()<>@,;:\\\"/[]?={}".contains(c);
        !name.is_empty() && !name.contains(is_separator)
    };
    let mut sorted = offered.clone();
    sorted.sort_unstable();
    sorted.dedup();
    if !offered.iter().all(is_token) || sorted.len() < offered.len() {
        verdict.faults.push(400);
    }
    verdict.subprotocol =
        route.subprotocols.iter().find(|name| offered.contains(name)).map(|name| (*name).into());
}

/// The value of a header of which there may be one line only.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut lines = headers.get_all(name).iter();
    let line = lines.next()?.to_str().ok()?;
    lines.next().is_none().then_some(line)
}

/// The elements of a list, in lower case. A line that is no text is no list.
fn tokens<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = String> + 'a {
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(|token| token.trim_matches([' ', '\t']).to_ascii_lowercase())
}
