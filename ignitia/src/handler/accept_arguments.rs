//! Arguments of a session's `accept`.

use axum_core::{
    extract::{FromRequestParts, Request},
    response::{IntoResponse, Response},
};

use super::arity::for_each_arity;
use crate::rooms::{reads_positions, set_positions_aside};

/// State of a router with which a tuple of extractors can be extracted, all from the head of the
/// request: the arguments of a session's `accept`.
pub trait ExtractsHead<Arguments> {
    /// Runs the extractors from left to right; the first rejection is the answer.
    fn extract_head(&self, request: Request) -> impl Future<Output = Result<Arguments, Response>> + Send;
}

/// An argument of a session's `accept`.
#[diagnostic::on_unimplemented(
    message = "argument `{Self}` of `accept` cannot be extracted from the head of a request on a router with state `{S}`",
    label = "`accept` has an argument `{Self}`",
    note = "`State<T>` needs a router whose state is `T` or contains it (`FromRef`): call `.state(..)` before mounting the session",
    note = "a body cannot be extracted here (`Json<T>`, `String`, ..)",
    note = "`Path<T>` and `Query<T>` need `T: Deserialize`; a type of your own needs `FromRequestParts`",
    note = "an extractor of another crate must be built for this version of axum, 0.8"
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
                if [$(reads_positions::<$arg>()),+].contains(&true) {
                    set_positions_aside(&mut parts);
                }
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
