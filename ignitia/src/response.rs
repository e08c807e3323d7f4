//! Constructors of common responses.

use axum_core::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE};

use crate::sealed::Sealed;

impl Sealed for Response {}

macro_rules! with_text {
    ($($(#[$doc:meta])* $name:ident $status:ident;)*) => {
        /// Constructors for axum-core's [`Response`], part of the prelude.
        ///
        /// Texts are sent as `text/plain; charset=utf-8`. If a WebSocket handler returns one after
        /// the upgrade, the text of a 4xx is the close reason; that of a 5xx only goes to the log.
        ///
        /// ```
        /// use ignitia::prelude::*;
        ///
        /// let refused = Response::unauthorized("Invalid token");
        /// assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
        /// ```
        pub trait ResponseExt: Sealed + Sized {
            /// Returns a 200 with an empty body.
            fn ok() -> Self;
            /// Returns a 500 with an empty body.
            fn internal_error() -> Self;
            /// Returns a 200 with a text.
            fn text(text: impl Into<Body>) -> Self;
            /// Returns a 200 with an HTML page.
            fn html(page: impl Into<Body>) -> Self;
            $($(#[$doc])* fn $name(text: impl Into<Body>) -> Self;)*
        }

        impl ResponseExt for Response {
            fn ok() -> Self {
                StatusCode::OK.into_response()
            }

            fn internal_error() -> Self {
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }

            fn text(text: impl Into<Body>) -> Self {
                with_body(StatusCode::OK, PLAIN, text.into())
            }

            fn html(page: impl Into<Body>) -> Self {
                with_body(StatusCode::OK, HTML, page.into())
            }

            $(fn $name(text: impl Into<Body>) -> Self {
                with_body(StatusCode::$status, PLAIN, text.into())
            })*
        }
    };
}

with_text! {
    /// Returns a 400 with a text.
    bad_request BAD_REQUEST;
    /// Returns a 401 with a text.
    unauthorized UNAUTHORIZED;
    /// Returns a 403 with a text.
    forbidden FORBIDDEN;
    /// Returns a 404 with a text.
    not_found NOT_FOUND;
    /// Returns a 409 with a text.
    conflict CONFLICT;
    /// Returns a 429 with a text.
    too_many_requests TOO_MANY_REQUESTS;
    /// Returns a 503 with a text.
    service_unavailable SERVICE_UNAVAILABLE;
}

const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

fn with_body(status: StatusCode, content_type: HeaderValue, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}
