use std::net::Ipv6Addr;

use super::page_origin::{PageOrigin, default_port, is_host, is_scheme, parse_port, split};

/// Origin of [`Origin::allow`](super::Origin::allow), parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum OriginPattern {
    /// `null`: pages without an origin of their own, such as files and sandboxed frames.
    Null,
    Page {
        scheme: String,
        /// In lower case and ASCII; after a wildcard, with its dot.
        host: String,
        port: Option<u16>,
        /// True if exactly one label precedes the host.
        has_wildcard: bool,
    },
}

impl OriginPattern {
    pub(super) fn matches(&self, page: &PageOrigin<'_>) -> bool {
        let Self::Page { scheme, host, port, has_wildcard } = self else { return false };
        let host_matches = if *has_wildcard {
            let label = page.host.len().checked_sub(host.len()).filter(|label| *label > 0);
            label
                .and_then(|label| page.host.split_at_checked(label))
                .is_some_and(|(label, rest)| !label.contains('.') && rest.eq_ignore_ascii_case(host))
        } else {
            page.host.eq_ignore_ascii_case(host)
        };
        host_matches && page.scheme.eq_ignore_ascii_case(scheme) && page.port == *port
    }

    /// Parses an origin. The error says what is wrong with it and what to write.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "null" => return Ok(Self::Null),
            "*" => return Err("to allow every origin, use `Origin::any()`".into()),
            _ if text.chars().any(|c| c.is_whitespace() || c.is_control()) => {
                return Err("it contains white space".into());
            }
            _ => {}
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(format!("it has no scheme: write `https://{text}`"));
        };
        if !is_scheme(scheme) {
            return Err(format!("`{scheme}` is not a valid scheme: write `https`"));
        }
        if let Some(http) = [("ws", "http"), ("wss", "https")]
            .iter()
            .find_map(|(ws, http)| scheme.eq_ignore_ascii_case(ws).then_some(http))
        {
            return Err(format!("the scheme is that of the page: write `{http}://{rest}`"));
        }
        if let Some(end) = rest.find(['/', '?', '#']) {
            return Err(format!("an origin ends after its host: write `{scheme}://{}`", &rest[..end]));
        }
        if rest.contains('@') {
            return Err("an origin has no user".into());
        }
        let (host, port) = split(rest).ok_or("its host cannot be read")?;
        let port = match port.map(|port| parse_port(port).ok_or(port)) {
            None => default_port(scheme),
            Some(Ok(port)) => Some(port),
            Some(Err(port)) => return Err(format!("`{port}` is not a valid port")),
        };
        let (host, has_wildcard) = match host.strip_prefix("*.") {
            Some(parent) => (parent, true),
            None => (host, false),
        };
        if host.contains('*') || has_wildcard && !is_name(host) {
            return Err(format!(
                "a wildcard stands for the whole first label of a name: `{scheme}://*.example.com`"
            ));
        }
        let host = if default_port(scheme).is_some() { web_host(host)? } else { own_host(host)? };
        let host = if has_wildcard { format!(".{host}") } else { host };
        Ok(Self::Page { scheme: scheme.to_ascii_lowercase(), host, port, has_wildcard })
    }
}

/// Returns true if a wildcard may precede this: a name, not an address.
fn is_name(host: &str) -> bool {
    let mut labels = host.split('.');
    let is_number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    labels.clone().all(|label| !label.is_empty() && !label.starts_with('['))
        && labels.next_back().is_some_and(|last| !is_number(last))
}

/// Returns a host as browsers write it in an origin of `http` or `https`:
/// <https://url.spec.whatwg.org/#host-parsing>.
fn web_host(host: &str) -> Result<String, String> {
    if host.is_empty() {
        return Err("it has no host".into());
    }
    if let Some(addr) = host.strip_prefix('[') {
        let addr = addr.strip_suffix(']').and_then(|addr| addr.parse::<Ipv6Addr>().ok());
        return addr
            .map(|addr| format!("[{addr}]"))
            .ok_or_else(|| format!("`{host}` is not a valid address"));
    }
    if !host.is_ascii() {
        return Err(format!("browsers send `{host}` in ASCII: write its punycode form (`xn--..`)"));
    }
    own_host(host)
}

/// Returns the host of an application's own scheme, which may be any text of a host, or empty.
fn own_host(host: &str) -> Result<String, String> {
    if is_host(host) { Ok(host.to_ascii_lowercase()) } else { Err(format!("`{host}` is not a valid host")) }
}
