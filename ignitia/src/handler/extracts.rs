//! Arguments of a handler before the connection.

use axum_core::{
    extract::{FromRequest, FromRequestParts, Request},
    response::{IntoResponse, Response},
};

use super::{
    arity::for_each_arity,
    body_as_parameter::{may_read_the_path, raw_body_name},
    extraction_marker::is_whole_request,
};
use crate::rooms::{reads_positions, set_positions_aside};

/// State of a router with which a tuple of extractors can be extracted: all from the head of the
/// request, the last one possibly from its body.
///
/// It is a trait of the state, not of the tuple: otherwise rustc would list the tuples of every
/// other length in its errors.
pub trait Extracts<Arguments, Via> {
    /// Returns true if the last one reads the body of the request.
    fn reads_body() -> bool;

    /// Returns the name of the last one if it takes the body as it is and none may read the path.
    /// On a path with parameters, such a handler mistakes the body for one of them.
    fn bare_body() -> Option<&'static str> {
        None
    }

    /// Runs the extractors from left to right; the first rejection is the answer.
    fn extract(&self, request: Request) -> impl Future<Output = Result<Arguments, Response>> + Send;
}

/// An argument before the last extractor, from the head of the request. Each argument has a bound
/// of its own, so that rustc names the wrong one.
#[diagnostic::on_unimplemented(
    message = "argument `{Self}` cannot be extracted from the head of a request on a router with state `{S}`",
    label = "this handler has an argument `{Self}`",
    note = "`State<T>` needs a router whose state is `T` or contains it (`FromRef`): call `.state(..)` before adding the route",
    note = "a body extractor (`Json<T>`, `String`, ..) goes right before the connection",
    note = "`Path<T>`, `Query<T>` and `Json<T>` need `T: Deserialize`; a type of your own needs `FromRequestParts`",
    note = "an extractor of another crate must be built for this version of axum, 0.8"
)]
pub trait HeadArgument<S>: FromRequestParts<S> + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<S, T> HeadArgument<S> for T where T: FromRequestParts<S> + Send + 'static {}

/// The argument right before the connection: it may read the body.
#[diagnostic::on_unimplemented(
    message = "argument `{Self}` cannot be extracted from a request on a router with state `{S}`",
    label = "this handler has an argument `{Self}`",
    note = "`State<T>` needs a router whose state is `T` or contains it (`FromRef`): call `.state(..)` before adding the route",
    note = "`Path<T>`, `Query<T>` and `Json<T>` need `T: Deserialize`; a type of your own needs `FromRequestParts` or `FromRequest`",
    note = "an extractor of another crate must be built for this version of axum, 0.8"
)]
pub trait LastArgument<S, Via>: FromRequest<S, Via> + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<S, Via, T> LastArgument<S, Via> for T where T: FromRequest<S, Via> + Send + 'static {}

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
                is_whole_request::<Via>()
            }

            fn bare_body() -> Option<&'static str> {
                let may_read_the_path: &[bool] = &[$(may_read_the_path::<$head>()),*];
                raw_body_name::<$last>().filter(|_| !may_read_the_path.contains(&true))
            }

            #[allow(non_snake_case, reason = "the type parameters name the values too")]
            async fn extract(&self, request: Request) -> Result<($($head,)* $last,), Response> {
                let (mut parts, body) = request.into_parts();
                if [$(reads_positions::<$head>(),)* reads_positions::<$last>()].contains(&true) {
                    set_positions_aside(&mut parts);
                }
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
