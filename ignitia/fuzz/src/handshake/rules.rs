//! A reference implementation of RFC 6455, section 4.2.1, and RFC 8441, section 5: the statuses
//! with which a request must or may be refused.

use http::{HeaderMap, Method, Uri, Version};

/// Rules of a route for handshakes.
#[derive(Debug, Clone, Copy)]
pub struct RouteRules {
    pub path: &'static str,
    pub reads_body: bool,
    /// Subprotocols in the server's order of preference.
    pub subprotocols: &'static [&'static str],
    /// The only allowed origin. Without one, any origin of the same host is.
    pub origin: Option<&'static str>,
}

/// A request as HTTP has parsed it.
#[derive(Debug, Clone)]
pub struct ObservedRequest {
    pub method: Method,
    pub uri: Uri,
    pub version: Version,
    pub headers: HeaderMap,
    /// Pseudo-header `:protocol` of HTTP/2.
    pub protocol: Option<String>,
}

/// Statuses with which a request may be refused.
#[derive(Debug, Default)]
pub struct AllowedStatuses {
    /// Statuses of all violated rules. If there is any, the request must be refused.
    pub violated: Vec<u16>,
    /// Statuses of rules that this reference does not implement.
    pub possible: Vec<u16>,
    /// Subprotocol that the server must select.
    pub subprotocol: Option<String>,
}

/// Applies all rules to a request.
pub fn allowed_statuses(seen: &ObservedRequest, route: &RouteRules) -> AllowedStatuses {
    let mut allowed = AllowedStatuses::default();
    if seen.version == Version::HTTP_2 {
        http2(seen, &mut allowed);
    } else {
        http1(seen, route, &mut allowed);
    }
    let host = host(seen, &mut allowed);
    origin(seen, route, host, &mut allowed);
    subprotocol(seen, route, &mut allowed);
    // This reference does not implement the grammar of extensions.
    if seen.headers.get_all("sec-websocket-extensions").iter().any(|line| !line.is_empty()) {
        allowed.possible.push(400);
    }
    allowed
}

fn http1(seen: &ObservedRequest, route: &RouteRules, allowed: &mut AllowedStatuses) {
    let mut require = |holds: bool, status| allowed.violated.extend((!holds).then_some(status));
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
        allowed.possible.push(400);
    }
    if route.reads_body {
        allowed.possible.extend([400, 413]);
    }
}

fn http2(seen: &ObservedRequest, allowed: &mut AllowedStatuses) {
    let mut require = |holds: bool, status| allowed.violated.extend((!holds).then_some(status));
    require(seen.method == Method::CONNECT, if seen.method == Method::PUT { 405 } else { 400 });
    match &seen.protocol {
        Some(protocol) => require(protocol.eq_ignore_ascii_case("websocket"), 501),
        None => require(false, 400),
    }
    require(only(&seen.headers, "sec-websocket-version") == Some("13"), 400);
    let has_key = seen.headers.contains_key("sec-websocket-key");
    require(!has_key || only(&seen.headers, "sec-websocket-key").is_some_and(is_key), 400);
    // axum refuses all methods but GET, HEAD and CONNECT.
    let is_routed = [Method::GET, Method::HEAD, Method::CONNECT].contains(&seen.method);
    if !is_routed {
        allowed.possible.push(405);
    }
}

/// Checks for sixteen bytes in base64: 22 characters, the last of which holds two bits. Its other
/// four bits may have any value.
fn is_key(key: &str) -> bool {
    let Some(digits) = key.strip_suffix("==") else { return false };
    digits.len() == 22
        && digits.bytes().all(|digit| digit.is_ascii_alphanumeric() || digit == b'+' || digit == b'/')
}

/// Returns the host of the request if it is certainly valid.
fn host<'a>(seen: &'a ObservedRequest, allowed: &mut AllowedStatuses) -> Option<&'a str> {
    let target = seen.uri.authority().map(|authority| authority.as_str());
    let is_http2 = seen.version == Version::HTTP_2;
    let line = only(&seen.headers, "host");
    let hosts = match (target, line) {
        (target, None) if !is_http2 || seen.headers.contains_key("host") || target.is_none() => {
            allowed.violated.push(400);
            return None;
        }
        (target, line) => [target, line],
    };
    for host in hosts.into_iter().flatten() {
        match is_host(host) {
            Some(true) => {}
            Some(false) => allowed.violated.push(400),
            None => allowed.possible.push(400),
        }
    }
    let name = |host: &'a str| host.rsplit_once(':').map_or(host, |(name, _)| name);
    if let ([Some(target), Some(line)], true) = (hosts, is_http2)
        && !name(target).eq_ignore_ascii_case(name(line))
    {
        allowed.violated.push(400);
    }
    hosts.into_iter().flatten().next().map(name)
}

/// Returns true if this is a name with at most a port, and `None` if this reference cannot decide.
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

fn origin(seen: &ObservedRequest, route: &RouteRules, host: Option<&str>, allowed: &mut AllowedStatuses) {
    if !seen.headers.contains_key("origin") {
        return;
    }
    let Some(origin) = only(&seen.headers, "origin") else { return allowed.violated.push(403) };
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
        allowed.violated.push(403);
    } else if !is_own {
        allowed.possible.push(403);
    }
}

fn subprotocol(seen: &ObservedRequest, route: &RouteRules, allowed: &mut AllowedStatuses) {
    let lines = seen.headers.get_all("sec-websocket-protocol");
    let mut offered = Vec::new();
    for line in lines {
        let Ok(line) = line.to_str() else { return allowed.violated.push(400) };
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
        allowed.violated.push(400);
    }
    allowed.subprotocol =
        route.subprotocols.iter().find(|name| offered.contains(name)).map(|name| (*name).into());
}

/// Returns the value of a header that may have one line only.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut lines = headers.get_all(name).iter();
    let line = lines.next()?.to_str().ok()?;
    lines.next().is_none().then_some(line)
}

/// Returns the elements of a list in lower case. Lines that are not text are ignored.
fn tokens<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = String> + 'a {
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(|token| token.trim_matches([' ', '\t']).to_ascii_lowercase())
}
