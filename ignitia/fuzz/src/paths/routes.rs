//! Routers of all shapes.

use arbitrary::{Arbitrary, Result, Unstructured};
use ignitia::{Response, ResponseExt, Router, WebSocketConnection};

/// What a router is made of, in order.
#[derive(Debug, Arbitrary)]
pub struct Routes(Vec<Step>);

#[derive(Debug, Arbitrary)]
enum Step {
    WebSocket(Path),
    Get(Path),
    Post(Path),
    Nest(Path, Routes),
    Merge(Routes),
    State,
    Fallback,
}

#[derive(Debug)]
struct Path(String);

/// What segments are made of.
const PARTS: [&str; 24] = [
    "a", "b", "{x}", "{y}", "{*z}", "{*x}", "{", "}", "{{", "}}", "{}", "{*}", "*", ":x", "<x>", "<z..>",
    "%2F", "ü", "?", "#", ".", "..", "{x", "{x}}",
];

impl<'a> Arbitrary<'a> for Path {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut path = String::new();
        // Where the input is at its end, it is nothing but zeros.
        while !u.is_empty() {
            match u.arbitrary::<u8>()? {
                byte @ 0..=95 => path.push_str(PARTS[usize::from(byte) % PARTS.len()]),
                96..=175 => path.push('/'),
                176..=191 => path.push_str(u.arbitrary()?),
                // Nearly all begin as they should.
                192..=247 => return Ok(Self(format!("/{path}"))),
                _ => return Ok(Self(path)),
            }
        }
        Ok(Self(path))
    }
}

impl Routes {
    /// The router; what is wrong with it is an error, never a panic.
    pub fn router(&self) -> Router {
        let mut router = Router::new();
        for step in &self.0 {
            router = match step {
                Step::WebSocket(path) => router.websocket(&path.0, refuse),
                Step::Get(path) => router.get(&path.0, async || "a page"),
                Step::Post(path) => router.post(&path.0, async || "posted"),
                Step::Nest(path, routes) => router.nest(&path.0, routes.router()),
                Step::Merge(routes) => router.merge(routes.router()),
                Step::State => router.state(()),
                Step::Fallback => router.fallback(async || "nothing"),
            };
        }
        router
    }
}

async fn refuse(_: WebSocketConnection) -> Response {
    Response::forbidden("no")
}
