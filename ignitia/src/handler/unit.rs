//! The rule that a handler must say how the session ended.

/// Every outcome but `()` and `Result<(), E>`.
///
/// axum-core lets `()` be a response, and an end that says nothing is a decision forgotten. So this trait holds twice
/// for exactly those two types, and rustc cannot choose: its message names the marker type below.
#[diagnostic::on_unimplemented(message = "`{Self}` does not say how the session ended")]
pub trait SaysHowTheSessionEnded<Marker> {}

#[derive(Debug)]
#[allow(missing_docs, unreachable_pub, reason = "a marker that nobody names")]
pub struct Said;

#[derive(Debug)]
#[allow(
    non_camel_case_types,
    missing_docs,
    unreachable_pub,
    reason = "its name is the advice in rustc's message"
)]
pub struct Unit_says_nothing__return_Response_ok_or_a_CloseFrame;

impl<T> SaysHowTheSessionEnded<Said> for T {}
impl SaysHowTheSessionEnded<Unit_says_nothing__return_Response_ok_or_a_CloseFrame> for () {}
impl<E> SaysHowTheSessionEnded<Unit_says_nothing__return_Response_ok_or_a_CloseFrame> for Result<(), E> {}
