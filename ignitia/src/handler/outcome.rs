//! Outcomes of handlers: every handler must return the reason for which the session ends.

use axum_core::response::{IntoResponse, Response};

/// An outcome of a handler: any response except `()` and `Result<(), E>`.
///
/// For axum-core `()` is a response, but a handler that returns it has forgotten to decide. So
/// those two types implement this trait twice, and rustc cannot choose: its error names the marker
/// type below.
#[diagnostic::on_unimplemented(
    message = "a handler cannot return `{Self}`",
    label = "this handler returns `{Self}`, which is not a response",
    note = "return the outcome of the session: `Response::ok()`, a status, a text, a `CloseFrame`, or a `Result` of these",
    note = "the error of a `Result` must be a response too: `ignitia::Error` is one; implement `IntoResponse` for a type of your own"
)]
pub trait Outcome<Marker>: IntoResponse {}

#[derive(Debug)]
#[allow(missing_docs, unreachable_pub, reason = "a marker that no code names")]
pub struct Said<By>(std::marker::PhantomData<By>);

#[derive(Debug)]
#[allow(
    non_camel_case_types,
    missing_docs,
    unreachable_pub,
    reason = "its name is the advice in rustc's message"
)]
pub struct Unit_says_nothing__return_Response_ok_or_a_CloseFrame;

#[diagnostic::do_not_recommend]
impl<T: Responds<By>, By> Outcome<Said<By>> for T {}

/// Any response. `By` is unknown where the error of a `Result` is: see [`NoError`].
pub trait Responds<By>: IntoResponse {}

#[diagnostic::do_not_recommend]
impl<T: IntoResponse> Responds<()> for T {}

#[diagnostic::do_not_recommend]
impl Outcome<Unit_says_nothing__return_Response_ok_or_a_CloseFrame> for () {}
#[diagnostic::do_not_recommend]
impl<E> Outcome<Unit_says_nothing__return_Response_ok_or_a_CloseFrame> for Result<(), E> where
    Self: IntoResponse
{
}

/// An error that no handler returns.
///
/// A closure may end with an `Ok(..)` whose error type is unknown. rustc reports that at the `Ok`.
/// With fewer than ten implementations to choose from, it would report it once more, with all of
/// them, where the handler is registered.
#[derive(Debug)]
#[allow(missing_docs, unreachable_pub, reason = "a type that no code names")]
pub enum NoError<const N: usize> {}

impl<const N: usize> IntoResponse for NoError<N> {
    fn into_response(self) -> Response {
        match self {}
    }
}

macro_rules! ten {
    ($($number:literal)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: IntoResponse> Responds<NoError<$number>> for Result<T, NoError<$number>> {}
    )*};
}

ten!(1 2 3 4 5 6 7 8 9 10);
