//! What stands before the connection in a handler's argument list.

use std::any::TypeId;

use axum_core::{
    extract::{FromRequest, FromRequestParts, Request},
    response::{IntoResponse, Response},
};

use super::{
    bare_body::{bare_body, may_read_the_path},
    for_each_arity,
};

/// A router's state of which a tuple of extractors can be had: all from the head of the request, the last one possibly
/// from its body.
///
/// It is a trait of the state, not of the tuple: rustc would list the tuples of every other length otherwise.
pub trait Extracts<Arguments, Via> {
    /// Whether the last one reads the body of the request.
    fn reads_body() -> bool;

    /// The last one's name where it is the body as it came, and none may read the path: on a path with parameters it was taken for
    /// one of them.
    fn bare_body() -> Option<&'static str> {
        None
    }

    /// Runs the extractors from left to right; the first rejection is the answer.
    fn extract(&self, request: Request) -> impl Future<Output = Result<Arguments, Response>> + Send;
}

/// Every argument but the last two: an extractor from the head of the request. One trait for each argument, so that
/// rustc names the one at fault.
#[diagnostic::on_unimplemented(
    message = "argument `{Self}` cannot be extracted from the head of a request on a router with state `{S}`",
    label = "this handler has an argument `{Self}`",
    note = "`State<T>` needs a router with that `T` as state, or with one that gives it (`FromRef`): call `.state(..)` before adding the route",
    note = "a body extractor (`Json<T>`, `String`, ..) goes right before the connection",
    note = "`Path<T>`, `Query<T>` and `Json<T>` need `T: Deserialize`; a type of your own needs `FromRequestParts`",
    note = "an extractor of another crate has to be made for this version of axum, 0.8"
)]
pub trait HeadArgument<S>: FromRequestParts<S> + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<S, T> HeadArgument<S> for T where T: FromRequestParts<S> + Send + 'static {}

/// The argument right before the connection: it may read the body.
#[diagnostic::on_unimplemented(
    message = "argument `{Self}` cannot be extracted from a request on a router with state `{S}`",
    label = "this handler has an argument `{Self}`",
    note = "`State<T>` needs a router with that `T` as state, or with one that gives it (`FromRef`): call `.state(..)` before adding the route",
    note = "`Path<T>`, `Query<T>` and `Json<T>` need `T: Deserialize`; a type of your own needs `FromRequestParts` or `FromRequest`",
    note = "an extractor of another crate has to be made for this version of axum, 0.8"
)]
pub trait LastArgument<S, Via>: FromRequest<S, Via> + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<S, Via, T> LastArgument<S, Via> for T where T: FromRequest<S, Via> + Send + 'static {}

/// A router's state of which a tuple of extractors can be had, all from the head of the request: what a session's
/// `accept` takes.
pub trait ExtractsHead<Arguments> {
    /// Runs the extractors from left to right; the first rejection is the answer.
    fn extract_head(&self, request: Request) -> impl Future<Output = Result<Arguments, Response>> + Send;
}

/// An argument of a session's `accept`.
#[diagnostic::on_unimplemented(
    message = "argument `{Self}` of `accept` cannot be extracted from the head of a request on a router with state `{S}`",
    label = "`accept` has an argument `{Self}`",
    note = "`State<T>` needs a router with that `T` as state, or with one that gives it (`FromRef`): call `.state(..)` before mounting the session",
    note = "a body cannot be extracted here (`Json<T>`, `String`, ..)",
    note = "`Path<T>` and `Query<T>` need `T: Deserialize`; a type of your own needs `FromRequestParts`",
    note = "an extractor of another crate has to be made for this version of axum, 0.8"
)]
pub trait AcceptArgument<S>: FromRequestParts<S> + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<S, T> AcceptArgument<S> for T where T: FromRequestParts<S> + Send + 'static {}

impl<S: Sync> ExtractsHead<()> for S {
    async fn extract_head(&self, _: Request) -> Result<(), Response> {
        Ok(())
    }
}

macro_rules! heads {
    ($($arg:ident)+) => {
        impl<S, $($arg),+> ExtractsHead<($($arg,)+)> for S
        where
            S: Send + Sync,
            $($arg: AcceptArgument<S>,)+
        {
            #[allow(non_snake_case, reason = "the type parameters name the values too")]
            async fn extract_head(&self, request: Request) -> Result<($($arg,)+), Response> {
                let (mut parts, _) = request.into_parts();
                $(
                    let $arg = $arg::from_request_parts(&mut parts, self)
                        .await
                        .map_err(IntoResponse::into_response)?;
                )+
                Ok(($($arg,)+))
            }
        }
    };
}

for_each_arity!(heads);

impl<S: Sync> Extracts<(), ()> for S {
    fn reads_body() -> bool {
        false
    }

    async fn extract(&self, _: Request) -> Result<(), Response> {
        Ok(())
    }
}

macro_rules! extractors {
    (@split [$($head:ident)*] $last:ident) => {
        impl<S, Via, $($head,)* $last> Extracts<($($head,)* $last,), Via> for S
        where
            S: Send + Sync,
            Via: 'static,
            $($head: HeadArgument<S>,)*
            $last: LastArgument<S, Via>,
        {
            fn reads_body() -> bool {
                is_body::<Via>()
            }

            fn bare_body() -> Option<&'static str> {
                let may_read_the_path: &[bool] = &[$(may_read_the_path::<$head>()),*];
                bare_body::<$last>().filter(|_| !may_read_the_path.contains(&true))
            }

            #[allow(non_snake_case, reason = "the type parameters name the values too")]
            #[allow(unused_mut, reason = "one argument alone needs no head")]
            async fn extract(&self, request: Request) -> Result<($($head,)* $last,), Response> {
                let (mut parts, body) = request.into_parts();
                $(
                    let $head = $head::from_request_parts(&mut parts, self)
                        .await
                        .map_err(IntoResponse::into_response)?;
                )*
                let request = Request::from_parts(parts, body);
                let $last = $last::from_request(request, self).await.map_err(IntoResponse::into_response)?;
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
