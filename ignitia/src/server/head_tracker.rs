//! Detection of a request head under way on an HTTP/1.1 connection, from the received bytes: hyper
//! tells only that it waits for one.

use memchr::memchr_iter;

use crate::time::Instant;

/// Tracker of the head of the next request.
///
/// It never decides on the bounds of a request: that is up to hyper. If it cannot know them, as
/// behind a body without a length, it takes bytes that end with an empty line for a whole request,
/// and all others for the beginning of another one.
#[derive(Debug)]
pub(super) struct HeadTracker {
    /// The last three bytes, the latest one lowest.
    last: u32,
    input: Input,
    /// Length of the body of the last request, if it declared one.
    body: Option<u64>,
    /// True while hyper waits for a head.
    is_waiting: bool,
    /// Start of the head under way.
    started: Option<Instant>,
    /// Time of the last bytes, in either direction, while hyper waited for a head.
    last_bytes: Instant,
}

/// Part of a request to which the received bytes belong.
#[derive(Debug)]
enum Input {
    /// Empty lines, which may precede a head and mean nothing (RFC 9112, section 2.2).
    EmptyLines,
    /// Head of a request, from its first byte on.
    Head,
    /// This number of bytes behind the head of a request.
    BehindHead(u64),
    /// Bytes behind a request, received together with it.
    Unknown,
}

impl HeadTracker {
    /// Returns a tracker for a new connection: the first head is under way from the beginning.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            last: 0,
            input: Input::EmptyLines,
            body: None,
            is_waiting: true,
            started: Some(now),
            last_bytes: now,
        }
    }

    /// Notes that hyper waits for a head from now on.
    pub(super) fn wait(&mut self, now: impl FnOnce() -> Instant) {
        if self.is_waiting {
            return;
        }
        let now = now();
        self.is_waiting = true;
        self.last_bytes = now;
        let has_started = match (&self.input, self.body) {
            (Input::BehindHead(received), Some(body)) => *received > body,
            _ => !ends_with_an_empty_line(self.last),
        };
        self.started = has_started.then_some(now);
        self.input = if has_started { Input::Unknown } else { Input::EmptyLines };
    }

    /// Notes a request, and the length of its body if it declares one.
    pub(super) fn request_received(&mut self, body: Option<u64>) {
        self.is_waiting = false;
        self.started = None;
        self.body = body;
        if matches!(self.input, Input::EmptyLines | Input::Head) {
            self.input = Input::Unknown;
        }
    }

    /// Notes that these bytes were received.
    pub(super) fn received(&mut self, mut bytes: &[u8], now: impl FnOnce() -> Instant) {
        let now = self.is_waiting.then(now);
        self.last_bytes = now.unwrap_or(self.last_bytes);
        if matches!(self.input, Input::EmptyLines) {
            let Some(first) = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n')) else { return };
            bytes = &bytes[first..];
            (self.input, self.last) = (Input::Head, 0);
            self.started = self.started.or(now);
        }
        match &mut self.input {
            Input::Head => {
                if let Some(end) = end_of_head(self.last, bytes) {
                    self.input = Input::BehindHead((bytes.len() - end) as u64);
                }
            }
            Input::BehindHead(received) => *received += bytes.len() as u64,
            Input::EmptyLines | Input::Unknown => {}
        }
        self.last = shift(self.last, bytes);
    }

    /// Notes that bytes were sent.
    pub(super) fn sent(&mut self, now: impl FnOnce() -> Instant) {
        if self.is_waiting {
            self.last_bytes = now();
        }
    }

    /// Returns the start of the head under way; `None` between requests.
    pub(super) fn started(&self) -> Option<Instant> {
        self.started
    }

    /// Returns the time of the last bytes.
    pub(super) fn last_bytes(&self) -> Instant {
        self.last_bytes
    }
}

/// Returns the position behind the first empty line. A line ends with LF; hyper ignores a CR before
/// it, too.
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
    use crate::time::now;

    const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    const POST: &[u8] = b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n";
    const CHUNKED: &[u8] = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";

    /// Returns a tracker that has received these bytes in one piece, after the requests in them,
    /// with these bodies, were answered.
    fn answered(bytes: &[u8], bodies: &[Option<u64>]) -> HeadTracker {
        let now = now();
        let mut head = HeadTracker::new(now);
        head.received(bytes, || now);
        for body in bodies {
            head.request_received(*body);
            head.wait(|| now);
        }
        head
    }

    /// Returns true if the connection is between requests after these bytes, in pieces of any size.
    /// hyper hands the request on after the last piece that belongs to its head.
    fn is_between_requests(body: Option<u64>, head: &[u8], rest: &[u8]) -> bool {
        let now = now();
        let mut answers = Vec::new();
        for size in 1..=head.len() + rest.len() {
            let mut tracker = HeadTracker::new(now);
            let all = [head, rest].concat();
            let mut received = 0;
            for piece in all.chunks(size) {
                let was_head = received < head.len();
                tracker.received(piece, || now);
                received += piece.len();
                if was_head && received >= head.len() {
                    tracker.request_received(body);
                }
            }
            tracker.wait(|| now);
            answers.push(tracker.started().is_none());
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
        let mut head = answered(GET, &[Some(0)]);
        let start = head.last_bytes();
        assert_eq!(head.started(), None);
        let [blank, first, second] = [1, 2, 3].map(|seconds| start + Duration::from_secs(seconds));
        head.received(b"\r\n", || blank);
        assert_eq!((head.started(), head.last_bytes()), (None, blank));
        head.received(b"\nG", || first);
        head.received(b"E", || second);
        assert_eq!((head.started(), head.last_bytes()), (Some(first), second));
    }

    #[test]
    fn pipelined_requests_are_idle_when_the_last_one_was_answered() {
        assert_eq!(answered(&GET.repeat(3), &[Some(0); 3]).started(), None);
        assert!(answered(&[&GET.repeat(3), &b"G"[..]].concat(), &[Some(0); 3]).started().is_some());
    }

    #[test]
    fn what_is_sent_between_requests_is_movement() {
        let mut head = answered(GET, &[Some(0)]);
        let later = head.last_bytes() + Duration::from_secs(1);
        head.sent(|| later);
        assert_eq!((head.started(), head.last_bytes()), (None, later));
        head.received(GET, || later);
        head.request_received(Some(0));
        head.sent(|| later + Duration::from_secs(1));
        assert_eq!(head.last_bytes(), later, "it counts from the next wait");
    }
}
