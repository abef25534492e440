//! `serve --listen`: each scenario on a port of its own, for a client that somebody else starts. What its application gets
//! is not known, so it is judged by what crosses the wire.

use super::{
    pages,
    ports::{Port, Verdict},
};
use crate::{UsageError, output::to_json, progress::is_stopped};
use conformance::{
    oracles::clients::Mistake,
    report::{
        SCHEMA,
        layout::{hanging, written_within},
    },
    scenarios::{self, Scenario},
};
use http_body_util::Full;
use hyper_1::{
    Request, Response, body::Bytes, body::Incoming, header::CONTENT_TYPE, server::conn::http1, service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::{Deserialize, Serialize};
use std::{convert::Infallible, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Builder,
    time::sleep,
};

/// How long accepting pauses after an error, such as too many open files.
const BREATH: Duration = Duration::from_millis(50);

/// What is done with a connection.
type Work<T> = fn(Arc<T>, TcpStream) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// The verdicts on all scenarios.
#[derive(Debug, Serialize, Deserialize)]
pub struct Verdicts {
    schema: u32,
    /// Each scenario.
    pub scenarios: Vec<Verdict>,
}

impl Verdicts {
    /// Whether no client has made a mistake, more than a choice.
    pub fn passes(&self) -> bool {
        let mut judged = self.scenarios.iter().filter_map(|verdict| verdict.judged.as_ref());
        judged.all(|judged| !judged.mistakes.iter().any(Mistake::counts))
    }

    /// The verdicts on what was played, in words, at most this wide.
    pub fn text(&self, width: usize) -> String {
        written_within(width, |out| {
            let judged = self.scenarios.iter().filter_map(|verdict| Some((verdict, verdict.judged.as_ref()?)));
            for (verdict, judged) in judged {
                let lines = judged.mistakes.iter().map(|mistake| format!("{}: {mistake}", mistake.class));
                let lines: Vec<String> = lines.collect();
                let said = if lines.is_empty() { "no mistake on the wire".into() } else { lines.join("; ") };
                hanging(out, &said, &format!("{}: ", verdict.scenario), "  ")?;
            }
            Ok(())
        })
    }
}

/// Every scenario, and the pages about them.
pub struct Listening {
    /// The scenarios, each on its port.
    ports: Vec<Arc<Port>>,
    pages: String,
}

impl Listening {
    /// Listens at this address with the pages, and at the next ports with the scenarios, until Ctrl-C. With port 0 the
    /// system chooses every port. Calls `ready` with the address of the pages.
    ///
    /// # Errors
    ///
    /// If a port is taken.
    pub fn until_stopped(
        address: SocketAddr,
        only: Option<&str>,
        patience: Duration,
        ready: impl FnOnce(&str),
    ) -> Result<Listening, UsageError> {
        let mut scenarios: Vec<Scenario> = scenarios::built_in()?.to_vec();
        scenarios.retain(|scenario| only.is_none_or(|only| scenario.name == only));
        if scenarios.is_empty() {
            return Err(UsageError(format!(
                "there is no scenario {:?}: `list` has their names",
                only.unwrap_or_default()
            )));
        }
        let runtime = Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let pages = bind(address).await?;
            let mut ports = Vec::new();
            for (index, scenario) in scenarios.into_iter().enumerate() {
                let port = if address.port() == 0 { 0 } else { address.port().saturating_add(index as u16 + 1) };
                let listener = bind(SocketAddr::new(address.ip(), port)).await?;
                let port = Arc::new(Port::new(scenario, listener.local_addr()?, patience));
                tokio::spawn(accept(listener, port.clone(), |port, stream| Box::pin(port.admit(stream))));
                ports.push(port);
            }
            let listening = Arc::new(Listening { ports, pages: format!("http://{}", pages.local_addr()?) });
            tokio::spawn(accept(pages, listening.clone(), |listening, stream| Box::pin(listening.answer(stream))));
            ready(&listening.pages);
            while !is_stopped() {
                sleep(BREATH).await;
            }
            Ok::<_, UsageError>(Listening { ports: listening.ports.clone(), pages: listening.pages.clone() })
        })
    }

    /// The verdicts on all scenarios.
    pub fn verdicts(&self) -> Verdicts {
        Verdicts { schema: SCHEMA, scenarios: self.ports.iter().map(|port| port.verdict()).collect() }
    }

    /// Answers the requests for pages on a connection.
    async fn answer(self: Arc<Self>, stream: TcpStream) {
        let listening = self;
        let service = service_fn(move |request: Request<Incoming>| {
            let response = listening.page(request.uri().path());
            async move { Ok::<_, Infallible>(response) }
        });
        let served =
            http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
        // The other side may have closed.
        let _ = served;
    }

    fn page(&self, path: &str) -> Response<Full<Bytes>> {
        let (path, html, json) = (path.trim_matches('/'), "text/html; charset=utf-8", "application/json");
        let find = |name: &str| self.ports.iter().find(|port| port.scenario.name == name);
        let (kind, content) = match path.split_once('/') {
            None if path.is_empty() => (html, Some(pages::index(&self.ports))),
            None if path == "verdict" => (json, Some(to_json(&self.verdicts()))),
            None if path == "ca.pem" => ("application/x-pem-file", certificate()),
            None => (html, find(path).map(|port| pages::of_port(port))),
            Some(("verdict", name)) => (json, find(name).map(|port| to_json(&port.verdict()))),
            Some(_) => (html, None),
        };
        let status = if content.is_some() { 200 } else { 404 };
        let kind = if content.is_some() { kind } else { "text/plain" };
        let content = content.unwrap_or_else(|| "There is no such page: / lists the scenarios.\n".into());
        let response =
            Response::builder().status(status).header(CONTENT_TYPE, kind).header("cache-control", "no-store");
        response.body(Full::new(content.into())).unwrap_or_default()
    }
}

#[cfg(feature = "tls")]
fn certificate() -> Option<String> {
    conformance::client_driver::loopback::own_certificate().ok()
}

#[cfg(not(feature = "tls"))]
fn certificate() -> Option<String> {
    None
}

async fn bind(address: SocketAddr) -> Result<TcpListener, UsageError> {
    let taken = |error| UsageError(format!("{address} cannot be listened to: {error}"));
    TcpListener::bind(address).await.map_err(taken)
}

/// Accepts connections for ever, and does this with each.
async fn accept<T>(listener: TcpListener, owner: Arc<T>, work: Work<T>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(work(owner.clone(), stream))),
            Err(_) => sleep(BREATH).await,
        }
    }
}
