use axum_core::response::Response;
use http::request::Parts;

use super::{
    request_id::{RequestIdCell, echo, note_client_id},
    response_headers::ResponseHeaders,
};

/// Response under way. Extractors and the handler may set its headers until it is sent, or until it
/// is dropped because the client has left.
#[derive(Debug)]
pub(crate) struct PendingResponse {
    headers: ResponseHeaders,
    /// Id of the request, if it was extracted before.
    request_id: Option<RequestIdCell>,
}

impl PendingResponse {
    /// Returns the response to this request, and puts its headers into the request's extensions,
    /// for [`ResponseHeaders`] and [`RequestId`](super::RequestId) to be extracted.
    pub(crate) fn to(request: &mut Parts) -> Self {
        let headers = ResponseHeaders::open();
        let request_id = note_client_id(request, &headers);
        request.extensions.insert(headers.clone());
        Self { headers, request_id }
    }

    /// Puts the headers into a response that opens a WebSocket. No header can be set afterwards.
    pub(crate) fn complete(&self, response: &mut Response) {
        if let Some(headers) = self.headers.close().filter(|headers| !headers.is_empty()) {
            response.headers_mut().extend(headers);
        }
    }

    /// Puts the id of the request into a response, if the client has sent one, or it was extracted.
    pub(crate) fn echo_request_id(&self, response: &mut Response) {
        echo(self.request_id.as_ref(), &self.headers, response);
    }
}

impl Drop for PendingResponse {
    fn drop(&mut self) {
        self.headers.close();
    }
}

#[cfg(test)]
mod tests {
    use cookie::Cookie;
    use http::{HeaderMap, HeaderName, HeaderValue, Request};

    use super::*;
    use crate::error::Result;

    fn open() -> (PendingResponse, ResponseHeaders) {
        let (mut request, ()) = Request::new(()).into_parts();
        let pending = PendingResponse::to(&mut request);
        let headers = request.extensions.get::<ResponseHeaders>().expect("headers to extract").clone();
        (pending, headers)
    }

    fn complete(pending: &PendingResponse) -> HeaderMap {
        let mut response = Response::default();
        pending.complete(&mut response);
        std::mem::take(response.headers_mut())
    }

    #[test]
    fn set_replaced_and_added() -> Result<()> {
        let (pending, headers) = open();
        headers.insert("x-a", "1")?;
        headers.clone().insert("X-A", "2".to_owned())?;
        headers.append("x-b", 3_u16)?;
        headers.append(HeaderName::from_static("x-b"), HeaderValue::from_static("4"))?;
        headers.set_cookie("a=1; Path=/")?;
        headers.set_cookie(Cookie::build(("b", "2")).http_only(true).build())?;
        let all: Vec<_> = complete(&pending).into_iter().map(|(_, value)| value).collect();
        assert_eq!(all, ["2", "3", "4", "a=1; Path=/", "b=2; HttpOnly"]);
        Ok(())
    }

    #[test]
    fn nothing_is_set_once_the_response_is_sent() {
        let ((response, accepted), (refusal, refused)) = (open(), open());
        complete(&response);
        drop(refusal);
        for headers in [accepted, refused] {
            for late in [headers.insert("x-a", "1"), headers.append("x-a", "1"), headers.set_cookie("a=1")] {
                assert!(late.expect_err("the response is sent").is_answered());
            }
        }
    }
}
