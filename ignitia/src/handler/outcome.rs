//! The rule that a handler must say how the session ended.

use axum_core::response::{IntoResponse, Response};

/// Every outcome but `()` and `Result<(), E>`.
///
/// axum-core lets `()` be a response, and an end that says nothing is a decision forgotten. So this trait holds twice
/// for exactly those two types, and rustc cannot choose: its message names the marker type below.
#[diagnostic::on_unimplemented(
    message = "a handler cannot return `{Self}`",
    label = "this handler returns `{Self}`, which is no response",
    note = "return what says how the session ended: `Response::ok()`, a status, a text, a `CloseFrame`, or a `Result` of these",
    note = "the error of a `Result` must be a response too: `ignitia::Error` is one, of your own types those with `IntoResponse`"
)]
pub trait SaysHowTheSessionEnded<Marker>: IntoResponse {}

#[derive(Debug)]
#[allow(missing_docs, unreachable_pub, reason = "a marker that nobody names")]
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
impl<T: Responds<By>, By> SaysHowTheSessionEnded<Said<By>> for T {}

/// Every response. `By` is not known where the error of a `Result` is not: see [`NoError`].
pub trait Responds<By>: IntoResponse {}

#[diagnostic::do_not_recommend]
impl<T: IntoResponse> Responds<()> for T {}

#[diagnostic::do_not_recommend]
impl SaysHowTheSessionEnded<Unit_says_nothing__return_Response_ok_or_a_CloseFrame> for () {}
#[diagnostic::do_not_recommend]
impl<E> SaysHowTheSessionEnded<Unit_says_nothing__return_Response_ok_or_a_CloseFrame> for Result<(), E> where
    Self: IntoResponse
{
}

/// An error that no handler has.
///
/// A closure may end with an `Ok(..)` whose error is not known. rustc says so at the `Ok`. It would say it once more where the handler
/// is taken, with the implementations that might be meant; but not if they are ten.
#[derive(Debug)]
#[allow(missing_docs, unreachable_pub, reason = "a type that nobody names")]
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
