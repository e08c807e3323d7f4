//! Endpoints that another macro writes.

#![deny(warnings)]

use ignitia::prelude::*;

macro_rules! endpoints {
    ($($visibility:vis $name:ident($($argument:ident: $ty:ty),*) at $path:literal says $text:expr;)*) => {
        $(
            #[websocket($path)]
            $visibility async fn $name($($argument: $ty,)* ws: WebSocketConnection) -> Result<Response> {
                $(ws.send_text($argument.to_string()).await?;)*
                ws.send_text($text).await?;
                Ok(Response::ok())
            }
        )*
    };
}

endpoints! {
    hello() at "/hello" says "hello";
    pub(crate) room(room: String) at "/rooms/<room>" says "welcome";
    seat(room: String, seat: u8) at "/rooms/<room>/<seat>" says format!("{} of {}", 1, 2);
}

macro_rules! fixed {
    () => {
        #[websocket("/fixed/<id>")]
        async fn fixed(id: u64, Headers(headers): Headers, mut ws: WebSocketConnection) -> String {
            while ws.recv().await.is_some() {}
            format!("{id} {}", headers.len())
        }
    };
}

fixed!();

macro_rules! whole {
    ($item:item) => {
        #[websocket("/whole")]
        $item
    };
}

whole! {
    async fn whole(_: WebSocketConnection) -> Response {
        Response::ok()
    }
}

fn main() {
    let router = Router::new().mount(hello).mount(room).mount(seat).mount(fixed).mount(whole);
    assert!(router.into_axum().is_ok());
    assert_eq!(seat::uri("a", 1), "/rooms/a/1");
}
