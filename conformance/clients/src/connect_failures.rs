//! What goes wrong before there is a connection, for which no script is needed.

use crate::loopback;
use conformance::{
    client_driver::{Client, ClientDriver, ClientDriverError, ClientRequestOutcome, Reach},
    script::{Request, Script, Step},
};

/// What goes wrong before there is a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectFailure {
    /// The address of the request is a relative one.
    RelativeUri,
    /// There is no address for the name.
    NameNotFound,
    /// Nobody listens at the address.
    ConnectionRefused,
    /// The peer shows a certificate that the client does not trust.
    UntrustedCertificate,
}

impl ConnectFailure {
    /// Every trouble.
    pub const ALL: [ConnectFailure; 4] = [
        ConnectFailure::RelativeUri,
        ConnectFailure::NameNotFound,
        ConnectFailure::ConnectionRefused,
        ConnectFailure::UntrustedCertificate,
    ];

    /// What it is, in a few words.
    pub fn about(self) -> &'static str {
        match self {
            ConnectFailure::RelativeUri => "a relative URI",
            ConnectFailure::NameNotFound => "a name without an address",
            ConnectFailure::ConnectionRefused => "connection refused",
            ConnectFailure::UntrustedCertificate => "an untrusted certificate",
        }
    }

    /// Whether a client can come into it: the orchestrator makes every URI absolute, and who speaks no TLS is shown no
    /// certificate.
    pub fn is_possible(self, client: &dyn Client) -> bool {
        match self {
            ConnectFailure::RelativeUri => !client.retries(),
            ConnectFailure::UntrustedCertificate => matches!(client.reach(), Reach::Loopback(_)),
            ConnectFailure::NameNotFound | ConnectFailure::ConnectionRefused => true,
        }
    }

    /// Lets a client send one GET in this trouble, over sockets; `None` if it cannot come into it.
    ///
    /// # Errors
    ///
    /// If there is no runtime or no socket to be had, or the client cannot be made.
    pub fn meet(self, client: &dyn Client) -> Result<Option<ClientRequestOutcome>, ClientDriverError> {
        if !self.is_possible(client) {
            return Ok(None);
        }
        let script = Script::new(vec![Step::Request(Request::get())]);
        let played = ClientDriver.play_at(client, &script, async |connections| {
            let mut endpoint = loopback::listen(connections).await?;
            if matches!(client.reach(), Reach::Memory) {
                endpoint.origin = endpoint.origin.replace("https:", "http:");
            }
            match self {
                ConnectFailure::RelativeUri => endpoint.origin.clear(),
                ConnectFailure::NameNotFound => endpoint.origin = endpoint.origin.replace("127.0.0.1", "peer.test"),
                ConnectFailure::ConnectionRefused => {
                    let (scheme, _) = endpoint.origin.split_once("//").unwrap_or_default();
                    endpoint.origin = format!("{scheme}//{}", loopback::nobody().await?);
                }
                ConnectFailure::UntrustedCertificate => endpoint.certificate = loopback::other_certificate()?,
            }
            Ok(endpoint)
        })?;
        Ok(played.requests.into_iter().next())
    }
}
