//! Requests and responses of the crate `http`, as whole clients take and give them.

use super::{AnyBody, head_and_body, http, next_part, with_content};
use crate::stacks::{BoxError, Content, Head, HttpRequest, HttpResponse, IssuedRequest, Part, Parts};
use futures_util::stream;

impl HttpRequest for http::Request<Content> {
    fn new(origin: &str, request: &IssuedRequest) -> Result<Self, BoxError> {
        with_content(http::Request::builder().uri(request.uri(origin)), request)
    }
}

impl<B> HttpResponse for http::Response<B>
where
    B: AnyBody<Error: Into<BoxError>, Data: Send> + Send + 'static,
{
    fn into_head_and_parts(self) -> (Head, Parts) {
        let (head, body) = head_and_body(self);
        let parts = stream::unfold(Some(Box::pin(body)), |body| async {
            let mut body = body?;
            let part = next_part(&mut body).await?;
            // Trailers end a body, and nothing follows an error.
            let rest = Some(body).filter(|_| matches!(part, Ok(Part::Data(_))));
            Some((part, rest))
        });
        (head, Box::pin(parts))
    }
}
