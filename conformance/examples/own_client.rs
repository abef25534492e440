//! Checks a client of your own: hyper-util's client, with a retry policy on top. Then the same with a mistake: it sends
//! every request again that fails.
//!
//! `cargo run -p conformance --example own_client`

use conformance::{
    check::{ClientFailed, ClientResult},
    client,
    client_driver::Retries,
    stacks::{BoxError, Content},
    vocabulary::StackName,
};
use http_1::{Request, Response};
use hyper_1::body::Incoming;
use hyper_util::{
    client::legacy::{Client, Error},
    rt::{TokioExecutor, TokioTimer},
};
use std::error::Error as _;

fn main() {
    println!("{}\n", check("careful", was_not_processed).expect("it keeps the laws"));
    println!("{}", check("careless", |_| true).expect_err("it sends again what may have been processed"));
}

fn check(name: &str, may_retry: fn(&Error) -> bool) -> Result<ClientResult, ClientFailed> {
    client(name).on(StackName::Modern).retries(Retries::UpTo(ATTEMPTS)).check(move |endpoint| {
        let mut builder = Client::builder(TokioExecutor::new());
        let client = builder.http2_only(true).timer(TokioTimer::new()).build(endpoint.connector());
        move |request: Request<Content>| fetch(client.clone(), request, may_retry)
    })
}

/// The maximum number of attempts.
const ATTEMPTS: usize = 3;

/// Sends a request, and sends it again if its content is known and the policy says so.
async fn fetch<C>(
    client: Client<C, Content>,
    request: Request<Content>,
    may_retry: fn(&Error) -> bool,
) -> Result<Response<Incoming>, BoxError>
where
    C: hyper_util::client::legacy::connect::Connect + Clone + Send + Sync + 'static,
{
    let (head, content) = request.into_parts();
    let again = content.whole().map(|_| content.again());
    let mut content = Some(content);
    for attempt in 1.. {
        let content = content.take().or_else(|| again.as_ref().map(Content::again));
        let Some(content) = content else { break };
        match client.request(Request::from_parts(head.clone(), content)).await {
            Err(error) if attempt < ATTEMPTS && again.is_some() && may_retry(&error) => {}
            result => return Ok(result?),
        }
    }
    Err("the content cannot be sent again".into())
}

/// Whether the peer says that it did not process the request (RFC 9113 §8.7).
fn was_not_processed(error: &Error) -> bool {
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(h2) = error.downcast_ref::<h2_04::Error>() {
            let refused = h2.is_reset() && h2.reason() == Some(h2_04::Reason::REFUSED_STREAM);
            return h2.is_remote() && (h2.is_go_away() || refused);
        }
        if let Some(hyper) = error.downcast_ref::<hyper_1::Error>()
            && (hyper.is_canceled() || hyper.is_closed())
        {
            return true;
        }
        source = error.source();
    }
    false
}
