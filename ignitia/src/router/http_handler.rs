use axum::handler::Handler;

/// Handler of ordinary requests: axum's [`Handler`].
#[diagnostic::on_unimplemented(
    message = "this is not a handler of requests on a router with state `{S}`",
    label = "not an async fn or closure of at most 16 extractors that returns a response",
    note = "`State<T>` needs a router whose state is `T` or contains it (`FromRef`): call `.state(..)` before adding the route",
    note = "only the last argument may read the body (`Json<T>`, ..)"
)]
pub trait HttpHandler<T, S>: Handler<T, S> {}

#[diagnostic::do_not_recommend]
impl<H, T, S> HttpHandler<T, S> for H where H: Handler<T, S> {}
