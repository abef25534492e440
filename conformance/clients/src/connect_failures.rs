//! Failures before there is a connection, for which no script is needed.

use conformance::{
    client_driver::{Client, ClientDriver, ClientDriverError, ClientRequestOutcome, Reach, loopback},
    script::{Request, Script, Step},
};
use std::net::Ipv4Addr;
use tokio::net::TcpListener;

/// A failure before there is a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectFailure {
    /// The request has a relative URI.
    RelativeUri,
    /// The name has no address.
    NameNotFound,
    /// Nothing listens at the address.
    ConnectionRefused,
    /// The client does not trust the peer's certificate.
    UntrustedCertificate,
}

impl ConnectFailure {
    /// Every failure.
    pub const ALL: [ConnectFailure; 4] = [
        ConnectFailure::RelativeUri,
        ConnectFailure::NameNotFound,
        ConnectFailure::ConnectionRefused,
        ConnectFailure::UntrustedCertificate,
    ];

    /// A description of a few words.
    pub fn about(self) -> &'static str {
        match self {
            ConnectFailure::RelativeUri => "a relative URI",
            ConnectFailure::NameNotFound => "a name without an address",
            ConnectFailure::ConnectionRefused => "connection refused",
            ConnectFailure::UntrustedCertificate => "an untrusted certificate",
        }
    }

    /// Whether the client can fail like this: the orchestrator makes every URI absolute, and a client without TLS sees
    /// no certificate.
    pub fn is_possible(self, client: &dyn Client) -> bool {
        match self {
            ConnectFailure::RelativeUri => !client.promise().is_promised(),
            ConnectFailure::UntrustedCertificate => client.reach() == Reach::Tls,
            ConnectFailure::NameNotFound | ConnectFailure::ConnectionRefused => true,
        }
    }

    /// Lets a client send one GET that fails like this, over sockets; `None` if it cannot.
    ///
    /// # Errors
    ///
    /// If no runtime or no socket is available, or the client cannot be made.
    pub fn meet(self, client: &dyn Client) -> Result<Option<ClientRequestOutcome>, ClientDriverError> {
        if !self.is_possible(client) {
            return Ok(None);
        }
        let script = Script::new(vec![Step::Request(Request::get())]);
        let outcome = ClientDriver::HEALTHY.play_at(client, &script, async |connections| {
            let mut endpoint = loopback::listen_with_tls(connections).await?;
            if client.reach() == Reach::Memory {
                endpoint.origin = endpoint.origin.replace("https:", "http:");
            }
            match self {
                ConnectFailure::RelativeUri => endpoint.origin.clear(),
                ConnectFailure::NameNotFound => endpoint.origin = endpoint.origin.replace("127.0.0.1", "peer.test"),
                ConnectFailure::ConnectionRefused => {
                    let (scheme, _) = endpoint.origin.split_once("//").unwrap_or_default();
                    endpoint.origin =
                        format!("{scheme}//{}", TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?.local_addr()?);
                }
                ConnectFailure::UntrustedCertificate => endpoint.certificate = loopback::other_certificate()?,
            }
            Ok(endpoint)
        })?;
        Ok(outcome.requests.into_iter().next())
    }
}
