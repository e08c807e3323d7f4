//! Whether the head of a request is under way on a connection of HTTP/1.1, told from the bytes that came in: hyper says
//! only that it waits for one.

use std::time::Instant;

use memchr::memchr_iter;

/// What came in since the last head, and what is known of it.
///
/// It never decides what a request is: that is hyper's business. Where it cannot tell, as behind a body without a length, it
/// takes what ends with an empty line for a whole request and everything else for the beginning of another one.
#[derive(Debug)]
pub(super) struct Heads {
    /// The last three bytes, the latest one lowest.
    last: u32,
    reading: Reading,
    /// The length of the body of the last request, where it has said so.
    body: Option<u64>,
    is_waiting: bool,
    /// When the head that is under way has begun.
    begun: Option<Instant>,
    /// When bytes went over the connection for the last time while a head was waited for.
    moved: Instant,
}

/// What the bytes that come in belong to.
#[derive(Debug)]
enum Reading {
    /// Empty lines, which may stand before a head and mean nothing (RFC 9112, section 2.2).
    Lead,
    /// The head of a request, from its first byte on.
    Head,
    /// What stands behind the head of a request, as many bytes as this.
    Behind(u64),
    /// Something behind a request that came in together with it.
    Unknown,
}

impl Heads {
    /// The first head is under way from the beginning.
    pub(super) fn new(now: Instant) -> Self {
        Self { last: 0, reading: Reading::Lead, body: None, is_waiting: true, begun: Some(now), moved: now }
    }

    /// hyper waits for a head from now on.
    pub(super) fn wait(&mut self, now: Instant) {
        if self.is_waiting {
            return;
        }
        self.is_waiting = true;
        self.moved = now;
        let has_begun = match (&self.reading, self.body) {
            (Reading::Behind(received), Some(body)) => *received > body,
            _ => !ends_with_an_empty_line(self.last),
        };
        self.begun = has_begun.then_some(now);
        self.reading = if has_begun { Reading::Unknown } else { Reading::Lead };
    }

    /// A request has come, with a body of this length if it has said so.
    pub(super) fn request(&mut self, body: Option<u64>) {
        self.is_waiting = false;
        self.begun = None;
        self.body = body;
        if matches!(self.reading, Reading::Lead | Reading::Head) {
            self.reading = Reading::Unknown;
        }
    }

    /// These bytes have come in.
    pub(super) fn received(&mut self, mut bytes: &[u8], now: impl FnOnce() -> Instant) {
        let now = self.is_waiting.then(now);
        self.moved = now.unwrap_or(self.moved);
        if matches!(self.reading, Reading::Lead) {
            let Some(first) = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n')) else { return };
            bytes = &bytes[first..];
            (self.reading, self.last) = (Reading::Head, 0);
            self.begun = self.begun.or(now);
        }
        match &mut self.reading {
            Reading::Head => {
                if let Some(end) = end_of_head(self.last, bytes) {
                    self.reading = Reading::Behind((bytes.len() - end) as u64);
                }
            }
            Reading::Behind(received) => *received += bytes.len() as u64,
            Reading::Lead | Reading::Unknown => {}
        }
        self.last = shift(self.last, bytes);
    }

    /// Bytes have gone out.
    pub(super) fn sent(&mut self, now: impl FnOnce() -> Instant) {
        if self.is_waiting {
            self.moved = now();
        }
    }

    /// Since when the head is under way; `None` between requests.
    pub(super) fn begun(&self) -> Option<Instant> {
        self.begun
    }

    /// Since when nothing has gone over the connection.
    pub(super) fn moved(&self) -> Instant {
        self.moved
    }
}

/// Behind the first empty line; a line ends with LF, and CR before it is no matter to hyper either.
fn end_of_head(last: u32, bytes: &[u8]) -> Option<usize> {
    memchr_iter(b'\n', bytes)
        .map(|newline| newline + 1)
        .find(|end| ends_with_an_empty_line(shift(last, &bytes[..*end])))
}

fn ends_with_an_empty_line(last: u32) -> bool {
    last & 0xffff == u32::from_be_bytes(*b"\0\0\n\n") || last == u32::from_be_bytes(*b"\0\n\r\n")
}

fn shift(last: u32, bytes: &[u8]) -> u32 {
    let latest = &bytes[bytes.len().saturating_sub(3)..];
    latest.iter().fold(last, |last, byte| (last << 8 | u32::from(*byte)) & 0xff_ffff)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    const POST: &[u8] = b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n";
    const CHUNKED: &[u8] = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";

    /// What is known when these bytes have come in one piece, and the requests in them, with these bodies, were answered.
    fn answered(bytes: &[u8], bodies: &[Option<u64>]) -> Heads {
        let now = Instant::now();
        let mut heads = Heads::new(now);
        heads.received(bytes, || now);
        for body in bodies {
            heads.request(*body);
            heads.wait(now);
        }
        heads
    }

    /// However the bytes were cut: the last piece that belongs to a head is the one with which hyper hands the request on.
    fn is_between_requests(body: Option<u64>, head: &[u8], rest: &[u8]) -> bool {
        let now = Instant::now();
        let mut answers = Vec::new();
        for size in 1..=head.len() + rest.len() {
            let mut heads = Heads::new(now);
            let all = [head, rest].concat();
            let mut come = 0;
            for piece in all.chunks(size) {
                let was_head = come < head.len();
                heads.received(piece, || now);
                come += piece.len();
                if was_head && come >= head.len() {
                    heads.request(body);
                }
            }
            heads.wait(now);
            answers.push(heads.begun().is_none());
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        answers[0]
    }

    #[test]
    fn a_request_and_nothing_else_leaves_no_head_under_way() {
        assert!(is_between_requests(Some(0), GET, b""));
        assert!(is_between_requests(Some(0), b"\r\n\r\nGET / HTTP/1.1\nHost: a\n\n", b""));
        assert!(is_between_requests(Some(4), POST, b"body"));
        assert!(is_between_requests(Some(4), POST, b"\r\n\r\n"));
        assert!(is_between_requests(None, CHUNKED, b"4\r\nbody\r\n0\r\n\r\n"));
    }

    #[test]
    fn the_beginning_of_the_next_one_is_a_head_under_way() {
        assert!(!is_between_requests(Some(0), GET, b"G"));
        assert!(!is_between_requests(Some(0), GET, b"GET / HTTP/1.1\r\nHost: a\r\n"));
        assert!(!is_between_requests(Some(4), POST, b"bodyG"));
        assert!(!is_between_requests(Some(4), POST, b"\r\n\r\nGET"));
        assert!(!is_between_requests(None, CHUNKED, b"4\r\nbody\r\n0\r\n\r\nGET"));
    }

    #[test]
    fn a_head_is_under_way_from_its_first_byte_on() {
        let mut heads = answered(GET, &[Some(0)]);
        let start = heads.moved();
        assert_eq!(heads.begun(), None);
        let [blank, first, second] = [1, 2, 3].map(|seconds| start + Duration::from_secs(seconds));
        heads.received(b"\r\n", || blank);
        assert_eq!((heads.begun(), heads.moved()), (None, blank));
        heads.received(b"\nG", || first);
        heads.received(b"E", || second);
        assert_eq!((heads.begun(), heads.moved()), (Some(first), second));
    }

    #[test]
    fn pipelined_requests_are_idle_when_the_last_one_was_answered() {
        assert_eq!(answered(&GET.repeat(3), &[Some(0); 3]).begun(), None);
        assert!(answered(&[&GET.repeat(3), &b"G"[..]].concat(), &[Some(0); 3]).begun().is_some());
    }

    #[test]
    fn what_is_sent_between_requests_is_movement() {
        let mut heads = answered(GET, &[Some(0)]);
        let later = heads.moved() + Duration::from_secs(1);
        heads.sent(|| later);
        assert_eq!((heads.begun(), heads.moved()), (None, later));
        heads.received(GET, || later);
        heads.request(Some(0));
        heads.sent(|| later + Duration::from_secs(1));
        assert_eq!(heads.moved(), later, "it counts from the next wait");
    }
}
