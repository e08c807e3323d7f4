//! A lifetime of its own in the type of an extractor.

use std::sync::Arc;

use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum Ask {
    Go,
}

struct Guarded;

#[websocket("/guarded", message = Ask)]
impl Guarded {
    async fn accept(allows: State<Arc<dyn for<'a> Fn(&'a str) -> bool + Send + Sync>>) -> Self {
        assert!(allows(""));
        Self
    }

    #[on(Go)]
    async fn go(&mut self) {}
}

fn main() {
    let allows: Arc<dyn Fn(&str) -> bool + Send + Sync> = Arc::new(|_| true);
    assert!(Router::new().state(allows).mount_session::<Guarded>().into_axum().is_ok());
}
