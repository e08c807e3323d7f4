//! What stands before the connection in a handler's argument list.

use std::any::TypeId;

use axum_core::{
    extract::{FromRequest, FromRequestParts, Request},
    response::{IntoResponse, Response},
};

use super::for_each_arity;

/// A tuple of extractors: all from the head of the request, the last one possibly from its body.
#[diagnostic::on_unimplemented(
    message = "the arguments `{Self}` of this handler cannot be extracted on a router with state `{S}`",
    note = "every argument before the connection must be an extractor; `State<T>` needs `.state(..)` before the route, with that `T` or with a state that gives it (`FromRef`)"
)]
pub trait Extractors<S, Via>: Sized + Send + 'static {
    /// Whether the last one reads the body of the request.
    fn reads_body() -> bool;

    /// Runs the extractors from left to right; the first rejection is the answer.
    fn extract(request: Request, state: &S) -> impl Future<Output = Result<Self, Response>> + Send;
}

/// Every argument but the last two: an extractor from the head of the request. One trait for each argument, so that
/// rustc names the one at fault.
#[diagnostic::on_unimplemented(
    message = "argument `{Self}` cannot be extracted from the head of a request on a router with state `{S}`",
    label = "this handler has an argument `{Self}`",
    note = "a body extractor (`Json<T>`, ..) goes right before the connection; `State<T>` needs `.state(..)` before the route, with that `T` or with a state that gives it (`FromRef`)"
)]
pub trait HeadArgument<S>: FromRequestParts<S> + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<S, T> HeadArgument<S> for T where T: FromRequestParts<S> + Send + 'static {}

/// The argument right before the connection: it may read the body.
#[diagnostic::on_unimplemented(
    message = "argument `{Self}` cannot be extracted from a request on a router with state `{S}`",
    label = "this handler has an argument `{Self}`",
    note = "`State<T>` needs `.state(..)` before the route, with that `T` or with a state that gives it (`FromRef`); other types need `FromRequestParts` or `FromRequest`"
)]
pub trait LastArgument<S, Via>: FromRequest<S, Via> + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<S, Via, T> LastArgument<S, Via> for T where T: FromRequest<S, Via> + Send + 'static {}

impl<S: Sync> Extractors<S, ()> for () {
    fn reads_body() -> bool {
        false
    }

    async fn extract(_: Request, _: &S) -> Result<Self, Response> {
        Ok(())
    }
}

macro_rules! extractors {
    (@split [$($head:ident)*] $last:ident) => {
        impl<S, Via, $($head,)* $last> Extractors<S, Via> for ($($head,)* $last,)
        where
            S: Send + Sync,
            Via: 'static,
            $($head: HeadArgument<S>,)*
            $last: LastArgument<S, Via>,
        {
            fn reads_body() -> bool {
                is_body::<Via>()
            }

            #[allow(non_snake_case, reason = "the type parameters name the values too")]
            #[allow(unused_mut, reason = "one argument alone needs no head")]
            async fn extract(request: Request, state: &S) -> Result<Self, Response> {
                let (mut parts, body) = request.into_parts();
                $(
                    let $head = $head::from_request_parts(&mut parts, state)
                        .await
                        .map_err(IntoResponse::into_response)?;
                )*
                let request = Request::from_parts(parts, body);
                let $last = $last::from_request(request, state).await.map_err(IntoResponse::into_response)?;
                Ok(($($head,)* $last,))
            }
        }
    };
    (@split [$($head:ident)*] $next:ident $($rest:ident)+) => {
        extractors!(@split [$($head)* $next] $($rest)+);
    };
    ($($arg:ident)+) => {
        extractors!(@split [] $($arg)+);
    };
}

for_each_arity!(extractors);

/// Whether `Via` is axum-core's marker for extraction from a whole request. The marker cannot be named; a probe that
/// is known to be extracted that way shows it.
fn is_body<Via: 'static>() -> bool {
    TypeId::of::<Via>() == marker(&Probe)
}

fn marker<T, Via>(_: &T) -> TypeId
where
    T: FromRequest<(), Via>,
    Via: 'static,
{
    TypeId::of::<Via>()
}

struct Probe;

impl<S: Sync> FromRequest<S> for Probe {
    type Rejection = Response;

    async fn from_request(_: Request, _: &S) -> Result<Self, Response> {
        Ok(Self)
    }
}

#[cfg(test)]
mod tests {
    use axum::{Json, extract::Path};

    use super::*;
    use crate::{connection::WebSocketConnection, extract::Headers, handler::WebSocketHandler};

    fn reads_body<S, H, Args, Via>(_: H) -> bool
    where
        H: WebSocketHandler<Args>,
        H::Extract: Extractors<S, Via>,
    {
        H::Extract::reads_body()
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
