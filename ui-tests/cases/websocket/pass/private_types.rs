//! A public function with arguments of private types.

#![deny(warnings)]

pub mod rooms {
    use std::{convert::Infallible, str::FromStr};

    use axum::extract::FromRequestParts;
    use ignitia::prelude::*;

    pub(crate) struct RoomId(String);

    impl FromStr for RoomId {
        type Err = Infallible;

        fn from_str(text: &str) -> Result<Self, Infallible> {
            Ok(Self(text.to_owned()))
        }
    }

    struct User;

    impl<S: Sync> FromRequestParts<S> for User {
        type Rejection = Infallible;

        async fn from_request_parts(_: &mut axum::http::request::Parts, _: &S) -> Result<Self, Infallible> {
            Ok(Self)
        }
    }

    #[allow(private_interfaces)]
    #[websocket("/rooms/<room>")]
    pub async fn room(room: RoomId, _: User, _: WebSocketConnection) -> String {
        room.0
    }

    pub fn routes() -> Router {
        Router::new().mount(room)
    }
}

fn main() {
    assert!(rooms::routes().into_axum().is_ok());
}
