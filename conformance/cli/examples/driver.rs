//! A driver for hyper-util's client, as `conformance serve --driver` starts it: requests come in and what becomes of them
//! goes out, one JSON object on a line.
//!
//! `driver grpc` drives gRPC as far as calls with one message need it. `driver [MISTAKE NUMBER]` makes a mistake with the
//! request of this number: `abort`, `exit`, write `garbage`, write a `long` line, or fall `silent`.

use http_1::{Method, Request};
use hyper_1::body::{Body, Incoming};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    env,
    error::Error,
    future::poll_fn,
    io::{self, Write, stdin, stdout},
    pin::Pin,
    process, thread,
};
use tokio::{
    sync::mpsc::unbounded_channel,
    task::{AbortHandle, LocalSet},
};

type Pool = Client<HttpConnector, String>;

fn main() -> Result<(), Box<dyn Error>> {
    let (sender, mut lines) = unbounded_channel();
    thread::spawn(move || stdin().lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let requests = LocalSet::new();
    requests.block_on(&runtime, async {
        let mut client = pool();
        let mut number = 0;
        let mut running = HashMap::new();
        while let Some(line) = lines.recv().await {
            let message: Value = serde_json::from_str(&line)?;
            if message.get("hello").is_some() {
                say(&json!({ "transport": ["h2c"], "client": "hyper-util", "cancels": true, "grpc": is_grpc() }))?;
            } else if message.get("reset").is_some() {
                (client, running) = (pool(), HashMap::new());
            } else if let Some(id) = message.get("cancel") {
                running.remove(&id.to_string()).iter().for_each(AbortHandle::abort);
                say(&json!({ "id": id, "end": "error", "error": "cancelled" }))?;
            } else {
                number += 1;
                if env::args().nth(2).is_some_and(|wanted| wanted == number.to_string()) {
                    make_mistake(&env::args().nth(1).unwrap_or_default())?;
                }
                let id = message["id"].to_string();
                running.insert(id, tokio::task::spawn_local(play(client.clone(), message)).abort_handle());
            }
        }
        Ok(())
    })
}

/// The length of what precedes a message of gRPC: whether it is compressed, and its length.
const PREFIX: usize = 5;

fn is_grpc() -> bool {
    env::args().nth(1).is_some_and(|what| what == "grpc")
}

fn pool() -> Pool {
    Client::builder(TokioExecutor::new()).http2_only(true).build_http()
}

async fn play(client: Pool, message: Value) {
    let (mut body, id) = (Vec::new(), message["id"].clone());
    let fetched = fetch(&client, &message, &mut body).await;
    if is_grpc() {
        body.drain(..body.len().min(PREFIX));
    }
    let mut end = match fetched {
        Ok(Some(status)) => json!({ "end": "complete", "status": status }),
        Ok(None) => json!({ "unplayable": "this driver has only whole content" }),
        Err(error) => json!({ "end": "error", "error": error.to_string() }),
    };
    end["id"] = id;
    end["body_size"] = body.len().into();
    end["body_digest"] = Sha256::digest(&body).iter().map(|byte| format!("{byte:02x}")).collect::<String>().into();
    let _ = say(&end);
}

/// The status, after the whole content; `None` if it cannot be sent.
async fn fetch(client: &Pool, message: &Value, content: &mut Vec<u8>) -> Result<Option<u16>, Box<dyn Error>> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if message["body"]["then"] != "complete" || message["headers"] != json!([]) {
        return Ok(None);
    }
    let method = Method::from_bytes(text(&message["method"]).as_bytes())?;
    let (mut request, mut body) =
        (Request::builder().method(method).uri(text(&message["url"])), text(&message["body"]["text"]));
    if is_grpc() {
        request = request.header("content-type", "application/grpc").header("te", "trailers");
        body.insert_str(0, &String::from_utf8([&[0], &u32::try_from(body.len())?.to_be_bytes()[..]].concat())?);
    }
    let response = client.request(request.body(body)?).await?;
    let status = response.status().as_u16();
    say(&json!({ "id": message["id"], "event": "head", "status": status }))?;
    let mut call = response.headers().get("grpc-status").cloned();
    let mut body: Incoming = response.into_body();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let frame = frame?;
        content.extend_from_slice(frame.data_ref().map(|data| &data[..]).unwrap_or_default());
        call = frame.trailers_ref().and_then(|trailers| trailers.get("grpc-status")).cloned().or(call);
    }
    if is_grpc() {
        call.filter(|call| call == "0").ok_or("the call does not end well")?;
    }
    Ok(Some(status))
}

fn say(message: &Value) -> io::Result<()> {
    writeln!(stdout(), "{message}")
}

fn make_mistake(which: &str) -> io::Result<()> {
    match which {
        "abort" => process::abort(),
        "exit" => {
            eprintln!("something is wrong");
            process::exit(1)
        }
        "garbage" => writeln!(stdout(), "this is no JSON"),
        "long" => writeln!(stdout(), "{}", "x".repeat(100 << 20)),
        "silent" => loop {
            thread::park();
        },
        _ => Ok(()),
    }
}
