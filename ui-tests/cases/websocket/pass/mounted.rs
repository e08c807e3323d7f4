//! Endpoints in our router and in axum's, with limits of their own, and from functions that make routers.

#![deny(warnings)]

use ignitia::{
    bounds::{Annotated, Endpoint},
    prelude::*,
    websocket::WebSocketConfig,
};

#[derive(Clone)]
struct App;

#[websocket("/stateless/<room>")]
async fn stateless(room: String, _: WebSocketConnection) -> String {
    room
}

#[websocket("/stateful/<room>")]
async fn stateful(room: String, _: State<App>, _: WebSocketConnection) -> String {
    room
}

fn routes<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    router.mount(stateless)
}

fn register<F, Args, Via>(router: Router, function: F) -> Router
where
    F: Annotated<Args>,
    F::Endpoint: Endpoint<(), Via>,
    Via: 'static,
{
    router.mount(function)
}

fn main() {
    let ours = Router::new().state(App).mount(stateful).mount_with(stateless, WebSocketConfig::default());
    assert!(ours.into_axum().is_ok());
    let _: axum::Router =
        axum::Router::new().mount(stateful).mount_with(stateless, WebSocketConfig::default()).with_state(App);
    assert!(register(Router::new(), stateless).into_axum().is_ok());
    assert!(routes(Router::new().state(App)).into_axum().is_ok());
    assert!(Router::new().mount(stateless).mount(stateless).into_axum().is_err());
}
