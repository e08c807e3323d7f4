//! Requests of HTTP/1.1 as text.

/// The example key of RFC 6455, whose answer is known.
pub(crate) const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// A request, line by line.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(super) line: String,
    pub(super) headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// True if the key is sent over HTTP/2 too, which has none.
    pub(super) has_key_over_http2: bool,
}

impl Request {
    /// Returns a plain GET.
    pub(crate) fn get(path: &str) -> Self {
        let headers = vec![("Host".into(), "localhost".into())];
        Self { line: format!("GET {path} HTTP/1.1"), headers, body: Vec::new(), has_key_over_http2: false }
    }

    /// Returns a valid WebSocket handshake.
    pub(crate) fn upgrade(path: &str) -> Self {
        Self::get(path)
            .set("Connection", &["Upgrade"])
            .set("Upgrade", &["websocket"])
            .set("Sec-WebSocket-Version", &["13"])
            .set("Sec-WebSocket-Key", &[KEY])
    }

    /// Adds the key over HTTP/2, as a proxy does that forwards what came over HTTP/1.1.
    pub(crate) fn with_key_over_http2(mut self) -> Self {
        self.has_key_over_http2 = true;
        self
    }

    /// Replaces the request line.
    pub(crate) fn line(mut self, line: &str) -> Self {
        self.line = line.to_owned();
        self
    }

    /// Replaces all lines of a header.
    pub(crate) fn set(mut self, name: &str, values: &[&str]) -> Self {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self.headers.extend(values.iter().map(|value| (name.to_owned(), (*value).to_owned())));
        self
    }

    /// Adds bytes behind the head, without a header for them.
    pub(crate) fn followed_by(mut self, bytes: &[u8]) -> Self {
        self.body.extend_from_slice(bytes);
        self
    }

    /// Adds a body with its length.
    pub(crate) fn body(self, bytes: &[u8]) -> Self {
        let length = bytes.len().to_string();
        self.set("Content-Length", &[&length]).followed_by(bytes)
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut head = format!("{}\r\n", self.line);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += "\r\n";
        [head.as_bytes(), &self.body].concat()
    }
}

/// The head of an answer.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(super) headers: Vec<(String, String)>,
}

impl Head {
    /// Parses the text before the empty line.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let text = std::str::from_utf8(bytes).expect("the head of an answer is ASCII");
        let mut lines = text.split("\r\n");
        let status_line = lines.next().expect("a status line");
        let status = status_line.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1));
        let status = status.and_then(|status| status.parse().ok());
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(':').expect("a header line has a colon");
            (name.to_ascii_lowercase(), value.trim().to_owned())
        });
        Self {
            status: status.unwrap_or_else(|| panic!("no status line of HTTP/1: {status_line:?}")),
            headers: headers.collect(),
        }
    }

    /// Returns the value of a header, named in lower case, that occurs once at most.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let values = self.all(name);
        assert!(values.len() <= 1, "`{name}` stands there twice: {self:?}");
        values.first().copied()
    }

    /// Returns the values of a header, named in lower case, line by line.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(other, _)| other == name).map(|(_, value)| &**value).collect()
    }
}
