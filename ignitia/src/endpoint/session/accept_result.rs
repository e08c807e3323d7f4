//! Return values of a session's `accept`.

use axum_core::response::{IntoResponse, Response};
use http::StatusCode;

use crate::connection::is_refusal;

/// Return value of a session's `accept`: `Self`, or a `Result` whose error is the answer to the
/// request.
#[diagnostic::on_unimplemented(
    message = "`accept` cannot return `{Self}`",
    label = "expected `Self`, or `Result<Self, R>` where `R` is a response",
    note = "`Err(StatusCode::FORBIDDEN)` refuses the handshake, as every error with `IntoResponse` does"
)]
pub trait Accepts<T> {
    /// Returns the session, or the response that refuses the handshake.
    #[doc(hidden)]
    #[allow(clippy::result_large_err, reason = "it is sent at once")]
    fn accepted(self) -> Result<T, Response>;
}

impl<T> Accepts<T> for T {
    fn accepted(self) -> Result<T, Response> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T, R: IntoResponse> Accepts<T> for Result<T, R> {
    fn accepted(self) -> Result<T, Response> {
        self.map_err(|refusal| {
            let mut response = refusal.into_response();
            // A text or a close frame has no status of its own, and a success would refuse nothing.
            if !is_refusal(&response) {
                *response.status_mut() = StatusCode::FORBIDDEN;
            }
            response
        })
    }
}
