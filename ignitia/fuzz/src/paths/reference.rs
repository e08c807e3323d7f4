//! A reference implementation of the extractors.

use http::Uri;

/// Values in a target like `/p/<room>/<number>/<rest..>?<query>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathValues {
    pub room: String,
    pub number: u32,
    pub rest: String,
    pub query: Vec<(String, String)>,
}

/// Returns the values, or the statuses with which the server may refuse the target.
pub fn values(target: &[u8]) -> Result<PathValues, &'static [u16]> {
    let uri: Uri = str::from_utf8(target).ok().and_then(|target| target.parse().ok()).ok_or(&[400][..])?;
    let segments: Vec<&str> = uri.path().strip_prefix("/p/").unwrap_or_default().splitn(3, '/').collect();
    // axum matches an empty segment, but not an empty tail.
    let [room, number, rest] = segments[..] else { return Err(&[404]) };
    if rest.is_empty() {
        return Err(&[404]);
    }
    let decoded = [room, number, rest].map(|segment| String::from_utf8(decode(segment.as_bytes(), b' ')));
    let [Ok(room), Ok(number), Ok(rest)] = decoded else { return Err(&[400]) };
    let number = number.parse().map_err(|_| &[404][..])?;
    Ok(PathValues { room, number, rest, query: query(uri.query().unwrap_or_default()) })
}

/// Parses a form: <https://url.spec.whatwg.org/#urlencoded-parsing>.
fn query(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    let text = |text: &str| String::from_utf8_lossy(&decode(text.as_bytes(), b'+')).into_owned();
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (text(key), text(value)))
        .collect()
}

/// Decodes percent-encoding. The byte `space` stands for a space.
fn decode(mut text: &[u8], space: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    while let [first, rest @ ..] = text {
        text = rest;
        bytes.push(match (first, rest) {
            (b'%', [high, low, after @ ..]) => match digit(high).zip(digit(low)) {
                Some((high, low)) => {
                    text = after;
                    (high * 16 + low) as u8
                }
                None => b'%',
            },
            (byte, _) if *byte == space => b' ',
            (byte, _) => *byte,
        });
    }
    bytes
}

/// Returns the cookies of these lines (RFC 6265, section 4.2.1), without malformed ones.
pub fn cookies(lines: &[&[u8]]) -> Vec<(String, String)> {
    let mut cookies = Vec::new();
    for line in lines {
        for pair in line.split(|byte| *byte == b';') {
            let Ok(pair) = str::from_utf8(pair) else { continue };
            let Some((name, value)) = pair.split_once('=') else { continue };
            let (name, value) = (name.trim(), value.trim());
            let unquoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
            if !name.is_empty() {
                cookies.push((name.to_owned(), unquoted.unwrap_or(value).to_owned()));
            }
        }
    }
    cookies
}
