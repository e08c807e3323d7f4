//! Close frame of a connection, by the outcome of its handler.

use std::{
    pin::Pin,
    task::{Context, Poll, Waker},
};

use axum_core::response::Response;
use bytes::Bytes;
use http::{StatusCode, header::CONTENT_TYPE};
use http_body::Body;

use super::running_handler::Ending;
use crate::{
    close::{CloseCode, CloseFrame, CloseKind, truncate_at_char},
    connection::{close_codes::CloseCodes, id::ConnectionId},
    error::Failure,
    panics::catch,
};

/// Returns `true` if this outcome, when it comes before the upgrade, is the HTTP answer instead of
/// a 101.
pub(crate) fn is_refusal(response: &Response) -> bool {
    matches!(response.status().as_u16(), 300..=599)
}

/// Takes out the error that became this response, for the log.
pub(crate) fn take_failure(response: &mut Response) -> Option<Failure> {
    response.extensions_mut().remove()
}

/// Returns the close frame for an ending, and logs what deserves it.
pub(crate) fn close_frame(id: ConnectionId, codes: &CloseCodes, ending: Ending) -> (CloseKind, CloseFrame) {
    // The response's body belongs to the user, too: it is polled and dropped here.
    catch(|| decide(id, codes, ending))
        .unwrap_or_else(|_| decide(id, codes, Ending::Panicked("in the body of the response".to_owned())))
}

fn decide(id: ConnectionId, codes: &CloseCodes, ending: Ending) -> (CloseKind, CloseFrame) {
    let mut response = match ending {
        Ending::Panicked(panic) => {
            tracing::error!(connection = %id, panic, "the WebSocket handler panicked");
            return (CloseKind::Panic, CloseFrame { code: CloseCode::INTERNAL_ERROR, reason: String::new() });
        }
        Ending::Returned(response) => response,
    };
    if let Some(frame) = response.extensions_mut().remove::<CloseFrame>() {
        return (CloseKind::Local, sendable(id, frame));
    }
    let status = response.status();
    if status.is_server_error() {
        let failure = take_failure(&mut response);
        let is_expected = failure.as_ref().is_some_and(|failure| failure.is_expected);
        let error = failure.map(|failure| failure.text).or_else(|| text(&mut response)).unwrap_or_default();
        let status = status.as_u16();
        if is_expected {
            tracing::debug!(connection = %id, status, error, "the WebSocket handler failed");
        } else {
            tracing::error!(connection = %id, status, error, "the WebSocket handler failed");
        }
    }
    let reason =
        if status.is_client_error() { text(&mut response).unwrap_or_default() } else { String::new() };
    (CloseKind::Local, CloseFrame { code: code(codes, status), reason })
}

fn code(codes: &CloseCodes, status: StatusCode) -> u16 {
    match status.as_u16() {
        401 => CloseCode::UNAUTHORIZED,
        403 => CloseCode::FORBIDDEN,
        408 => CloseCode::TIMEOUT,
        413 => CloseCode::TOO_BIG,
        415 => CloseCode::UNSUPPORTED,
        400..=499 => CloseCode::POLICY,
        503 => codes.overloaded,
        500..=599 => CloseCode::INTERNAL_ERROR,
        _ => CloseCode::NORMAL,
    }
}

/// Returns the frame itself, or 1011 if its code must not be sent: then the application has a bug.
pub(crate) fn sendable(id: ConnectionId, frame: CloseFrame) -> CloseFrame {
    if CloseCode::is_sendable(frame.code) {
        return frame;
    }
    let code = frame.code;
    tracing::error!(connection = %id, code, "this close code must not be sent: 1011 is sent instead");
    CloseFrame { code: CloseCode::INTERNAL_ERROR, reason: String::new() }
}

/// Returns the body, if it is plain text and complete, cut to the length of a close reason.
fn text(response: &mut Response) -> Option<String> {
    let content_type = response.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("text/plain") {
        return None;
    }
    let bytes = whole(response)?;
    let text = std::str::from_utf8(&bytes).ok()?;
    Some(truncate_at_char(text, crate::close::MAX_REASON).to_owned())
}

fn whole(response: &mut Response) -> Option<Bytes> {
    let body = response.body_mut();
    let mut cx = Context::from_waker(Waker::noop());
    match Pin::new(&mut *body).poll_frame(&mut cx) {
        Poll::Ready(Some(Ok(frame))) if body.is_end_stream() => frame.into_data().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use axum_core::{body::Body, response::IntoResponse};

    use super::*;
    use crate::error::Error;

    fn ended(outcome: impl IntoResponse) -> (u16, String) {
        let (_, frame) = close_frame(
            ConnectionId::next(),
            &CloseCodes::default(),
            Ending::Returned(outcome.into_response()),
        );
        (frame.code, frame.reason)
    }

    #[test]
    fn the_table_of_statuses() {
        for (status, code) in [
            (101, 1000),
            (200, 1000),
            (204, 1000),
            (302, 1000),
            (400, 1008),
            (401, 3000),
            (403, 3003),
            (404, 1008),
            (408, 3008),
            (413, 1009),
            (415, 1003),
            (422, 1008),
            (429, 1008),
            (500, 1011),
            (501, 1011),
            (503, 1013),
        ] {
            let status = StatusCode::from_u16(status).expect("a status");
            assert_eq!(ended(status), (code, String::new()), "{status}");
        }
    }

    #[test]
    fn only_a_4xx_gives_its_text_away() {
        assert_eq!(ended((StatusCode::FORBIDDEN, "no seat")), (3003, "no seat".into()));
        assert_eq!(ended((StatusCode::INTERNAL_SERVER_ERROR, "password=1")), (1011, String::new()));
        assert_eq!(ended("all done"), (1000, String::new()));
        assert_eq!(ended(Error::full()), (1011, String::new()));
        let json = (StatusCode::BAD_REQUEST, axum::Json("no"));
        assert_eq!(ended(json), (1008, String::new()));
        let long = ended((StatusCode::BAD_REQUEST, "é".repeat(100)));
        assert_eq!(long, (1008, "é".repeat(61)));
        let unknown = Response::builder().status(400).header(CONTENT_TYPE, "text/plain").body(Body::empty());
        assert_eq!(ended(unknown.expect("a response")), (1008, String::new()));
    }

    #[test]
    fn a_frame_is_itself_unless_its_code_must_not_be_sent() {
        assert_eq!(ended(CloseFrame { code: 4000, reason: "x".into() }), (4000, "x".into()));
        assert_eq!(ended(CloseFrame { code: 1006, reason: "x".into() }), (1011, String::new()));
    }
}
