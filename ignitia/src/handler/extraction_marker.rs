//! axum-core's marker type for extraction from a whole request.

use std::any::TypeId;

use axum_core::{
    extract::{FromRequest, Request},
    response::Response,
};

/// Returns true if `Via` is axum-core's marker for extraction from a whole request, with its body.
/// The marker cannot be named, so it is taken from an extractor that has it.
pub(super) fn is_whole_request<Via: 'static>() -> bool {
    TypeId::of::<Via>() == marker(&WholeRequest)
}

fn marker<T, Via>(_: &T) -> TypeId
where
    T: FromRequest<(), Via>,
    Via: 'static,
{
    TypeId::of::<Via>()
}

/// An extractor from a whole request.
struct WholeRequest;

impl<S: Sync> FromRequest<S> for WholeRequest {
    type Rejection = Response;

    async fn from_request(_: Request, _: &S) -> Result<Self, Response> {
        Ok(Self)
    }
}

#[cfg(test)]
mod tests {
    use axum::{Json, extract::Path};

    use axum_core::extract::Request;

    use crate::{
        connection::WebSocketConnection,
        extract::Headers,
        handler::{Extracts, WebSocketHandler},
    };

    fn reads_body<S, H, Args, Via>(_: H) -> bool
    where
        H: WebSocketHandler<Args>,
        S: Extracts<H::Extract, Via>,
    {
        S::reads_body()
    }

    #[test]
    fn a_body_extractor_is_recognised() {
        type Ws = WebSocketConnection;
        assert!(!reads_body::<(), _, _, _>(|_: Ws| async {}));
        assert!(!reads_body::<(), _, _, _>(|_: Headers, _: Ws| async {}));
        assert!(!reads_body::<(), _, _, _>(|_: Option<Path<u8>>, _: Ws| async {}));
        assert!(reads_body::<(), _, _, _>(|_: Json<u8>, _: Ws| async {}));
        assert!(reads_body::<(), _, _, _>(|_: Headers, _: Request, _: Ws| async {}));
        assert!(reads_body::<(), _, _, _>(|_: Option<Json<u8>>, _: Ws| async {}));
    }
}
