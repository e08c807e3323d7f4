//! Arbitrary routers.

use arbitrary::{Arbitrary, Result, Unstructured};
use ignitia::{Response, ResponseExt, Router, WebSocketConnection};

/// Steps that build a router, in order.
#[derive(Debug, Arbitrary)]
pub struct RouterInput(Vec<RouterStep>);

#[derive(Debug, Arbitrary)]
enum RouterStep {
    WebSocket(RoutePath),
    Get(RoutePath),
    Post(RoutePath),
    Nest(RoutePath, RouterInput),
    Merge(RouterInput),
    State,
    Fallback,
}

#[derive(Debug)]
struct RoutePath(String);

/// Parts of path segments.
const PARTS: [&str; 24] = [
    "a", "b", "{x}", "{y}", "{*z}", "{*x}", "{", "}", "{{", "}}", "{}", "{*}", "*", ":x", "<x>", "<z..>",
    "%2F", "ü", "?", "#", ".", "..", "{x", "{x}}",
];

impl<'a> Arbitrary<'a> for RoutePath {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut path = String::new();
        // At its end the input is zeros for ever.
        while !u.is_empty() {
            match u.arbitrary::<u8>()? {
                byte @ 0..=95 => path.push_str(PARTS[usize::from(byte) % PARTS.len()]),
                96..=175 => path.push('/'),
                176..=191 => path.push_str(u.arbitrary()?),
                // Nearly all paths begin with a slash.
                192..=247 => return Ok(Self(format!("/{path}"))),
                _ => return Ok(Self(path)),
            }
        }
        Ok(Self(path))
    }
}

impl RouterInput {
    /// Builds the router. An invalid step is an error of the router, never a panic.
    pub fn router(&self) -> Router {
        let mut router = Router::new();
        for step in &self.0 {
            router = match step {
                RouterStep::WebSocket(path) => router.websocket(&path.0, refuse),
                RouterStep::Get(path) => router.get(&path.0, async || "a page"),
                RouterStep::Post(path) => router.post(&path.0, async || "posted"),
                RouterStep::Nest(path, routes) => router.nest(&path.0, routes.router()),
                RouterStep::Merge(routes) => router.merge(routes.router()),
                RouterStep::State => router.state(()),
                RouterStep::Fallback => router.fallback(async || "nothing"),
            };
        }
        router
    }
}

async fn refuse(_: WebSocketConnection) -> Response {
    Response::forbidden("no")
}
