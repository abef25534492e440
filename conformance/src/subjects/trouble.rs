//! What goes wrong before there is a connection, for which no script is needed.

use super::{PlayedRequest, Reach, Stage, StageError, Subject, loopback};
use crate::script::{Request, Script, Step};

/// What goes wrong before there is a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The address of the request is a relative one.
    RelativeUri,
    /// There is no address for the name.
    NameNotFound,
    /// Nobody listens at the address.
    ConnectionRefused,
    /// The peer shows a certificate that the client does not trust.
    UntrustedCertificate,
}

impl Trouble {
    /// Every trouble.
    pub const ALL: [Trouble; 4] =
        [Trouble::RelativeUri, Trouble::NameNotFound, Trouble::ConnectionRefused, Trouble::UntrustedCertificate];

    /// What it is, in a few words.
    pub fn about(self) -> &'static str {
        match self {
            Trouble::RelativeUri => "a relative URI",
            Trouble::NameNotFound => "a name without an address",
            Trouble::ConnectionRefused => "connection refused",
            Trouble::UntrustedCertificate => "an untrusted certificate",
        }
    }

    /// Whether a subject can come into it: the orchestrator makes every URI absolute, and who speaks no TLS is shown no
    /// certificate.
    pub fn is_possible(self, subject: &dyn Subject) -> bool {
        match self {
            Trouble::RelativeUri => !subject.retries(),
            Trouble::UntrustedCertificate => subject.reach() == Reach::Loopback,
            Trouble::NameNotFound | Trouble::ConnectionRefused => true,
        }
    }
}

impl Stage {
    /// Lets a subject send one GET in this trouble, over sockets; `None` if it cannot come into it.
    ///
    /// # Errors
    ///
    /// If there is no runtime or no socket to be had, or the client cannot be made.
    pub fn meet(self, subject: &dyn Subject, trouble: Trouble) -> Result<Option<PlayedRequest>, StageError> {
        if !trouble.is_possible(subject) {
            return Ok(None);
        }
        let script = Script::new(vec![Step::Request(Request::get())]);
        let played = self.play_at(subject, &script, async |connections| {
            let mut place = loopback::listen(connections).await?;
            if subject.reach() == Reach::Memory {
                place.origin = place.origin.replace("https:", "http:");
            }
            match trouble {
                Trouble::RelativeUri => place.origin.clear(),
                Trouble::NameNotFound => place.origin = place.origin.replace("127.0.0.1", "peer.test"),
                Trouble::ConnectionRefused => {
                    let (scheme, _) = place.origin.split_once("//").unwrap_or_default();
                    place.origin = format!("{scheme}//{}", loopback::nobody().await?);
                }
                Trouble::UntrustedCertificate => place.certificate = loopback::other_certificate()?,
            }
            Ok(place)
        })?;
        Ok(played.requests.into_iter().next())
    }
}
