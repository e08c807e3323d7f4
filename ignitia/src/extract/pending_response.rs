use axum_core::{extract::Request, response::Response};

use super::response_headers::ResponseHeaders;

/// Response under way. Extractors and the handler may set its headers until it is sent, or until it
/// is dropped because the client has left.
#[derive(Debug)]
pub(crate) struct PendingResponse(ResponseHeaders);

impl PendingResponse {
    /// Returns the response to this request, and puts its headers into the request's extensions,
    /// for [`ResponseHeaders`] to be extracted.
    pub(crate) fn to(request: &mut Request) -> Self {
        let headers = ResponseHeaders::open();
        request.extensions_mut().insert(headers.clone());
        Self(headers)
    }

    /// Puts the headers into a response that opens a WebSocket. No header can be set afterwards.
    pub(crate) fn complete(self, response: &mut Response) {
        if let Some(headers) = self.0.close() {
            response.headers_mut().extend(headers);
        }
    }
}

impl Drop for PendingResponse {
    fn drop(&mut self) {
        self.0.close();
    }
}

#[cfg(test)]
mod tests {
    use cookie::Cookie;
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::*;
    use crate::error::Result;

    fn open() -> (PendingResponse, ResponseHeaders) {
        let mut request = Request::default();
        let pending = PendingResponse::to(&mut request);
        let headers = request.extensions().get::<ResponseHeaders>().expect("headers to extract").clone();
        (pending, headers)
    }

    fn complete(pending: PendingResponse) -> HeaderMap {
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
        let all: Vec<_> = complete(pending).into_iter().map(|(_, value)| value).collect();
        assert_eq!(all, ["2", "3", "4", "a=1; Path=/", "b=2; HttpOnly"]);
        Ok(())
    }

    #[test]
    fn nothing_is_set_once_the_response_is_sent() {
        let ((response, accepted), (refusal, refused)) = (open(), open());
        complete(response);
        drop(refusal);
        for headers in [accepted, refused] {
            for late in [headers.insert("x-a", "1"), headers.append("x-a", "1"), headers.set_cookie("a=1")] {
                assert!(late.expect_err("the response is sent").is_answered());
            }
        }
    }
}
