//! A program that sends one request with hyper-util's client, as `conformance serve --client` runs it: its standard
//! output is the body, and it fails if the request does.
//!
//! `one_request URL [METHOD [FILE WITH THE CONTENT]]`

use http_1::Request;
use hyper_1::body::{Body, Incoming};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use std::{
    env,
    error::Error,
    fs,
    future::poll_fn,
    io::{Write, stdout},
    pin::Pin,
};

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut arguments = env::args().skip(1);
        let url = arguments.next().ok_or("no URL")?;
        let method = arguments.next().unwrap_or_else(|| "GET".into());
        let content = arguments.next().map(fs::read_to_string).transpose()?.unwrap_or_default();
        let client = Client::builder(TokioExecutor::new()).http2_only(true).build_http();
        let response = client.request(Request::builder().method(&*method).uri(url).body(content)?).await?;
        let mut body: Incoming = response.into_body();
        while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            if let Some(data) = frame?.data_ref() {
                stdout().write_all(data)?;
            }
        }
        Ok(())
    })
}
