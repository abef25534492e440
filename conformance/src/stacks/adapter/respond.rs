use super::{Incoming, http, http::header, read_whole};
use crate::stacks::BoxError;

/// The `date` of every response: a constant, so that the clock does not matter.
const DATE: &str = "Thu, 01 Jan 1970 00:00:00 GMT";

/// The maximum length of the content that a path can ask for.
const MOST_CONTENT: usize = 200_000;

/// A server's response: a summary of the request, so that servers that read it differently answer differently. The path
/// `/bytes/70000` asks for so much content, filled with dots.
pub(in crate::stacks) async fn respond(
    mut request: http::Request<Incoming>,
) -> Result<http::Response<String>, BoxError> {
    let (length, trailers) = read_whole(request.body_mut()).await?;
    let (fields, bytes) = size(request.headers());
    let mut answer = format!("{} {} fields={fields}/{bytes} content={length}", request.method(), request.uri());
    if let Some((fields, bytes)) = trailers {
        answer += &format!(" trailers={fields}/{bytes}");
    }
    let wanted = request.uri().path().strip_prefix("/bytes/").and_then(|size| size.parse().ok()).unwrap_or(0);
    answer += &".".repeat(MOST_CONTENT.min(wanted).saturating_sub(answer.len()));
    Ok(http::Response::builder().header(header::DATE, DATE).body(answer)?)
}

/// The number of field lines, and their size in bytes.
pub(in crate::stacks) fn size(fields: &http::HeaderMap) -> (usize, usize) {
    (fields.len(), fields.iter().map(|(name, value)| name.as_str().len() + value.len()).sum())
}
