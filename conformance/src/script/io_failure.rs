use serde::{Deserialize, Serialize, Serializer};
use std::{fmt, io::ErrorKind};

/// An I/O error that a transport can fail with.
///
/// `WouldBlock` and `Interrupted` are left out: poll functions must not return the first, nor callers see the second.
///
/// In TOML: its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct IoFailure(ErrorKind);

impl IoFailure {
    /// Every failure. A failure's index in this list is its number in a corpus file, so new ones go to the end.
    pub const ALL: [IoFailure; 20] = [
        IoFailure(ErrorKind::ConnectionReset),
        IoFailure(ErrorKind::BrokenPipe),
        IoFailure(ErrorKind::UnexpectedEof),
        IoFailure(ErrorKind::TimedOut),
        IoFailure(ErrorKind::ConnectionAborted),
        IoFailure(ErrorKind::ConnectionRefused),
        IoFailure(ErrorKind::NotConnected),
        IoFailure(ErrorKind::HostUnreachable),
        IoFailure(ErrorKind::NetworkUnreachable),
        IoFailure(ErrorKind::NetworkDown),
        IoFailure(ErrorKind::AddrInUse),
        IoFailure(ErrorKind::AddrNotAvailable),
        IoFailure(ErrorKind::PermissionDenied),
        IoFailure(ErrorKind::NotFound),
        IoFailure(ErrorKind::InvalidInput),
        IoFailure(ErrorKind::InvalidData),
        IoFailure(ErrorKind::WriteZero),
        IoFailure(ErrorKind::Unsupported),
        IoFailure(ErrorKind::OutOfMemory),
        IoFailure(ErrorKind::Other),
    ];

    /// The other side reset the connection.
    pub const CONNECTION_RESET: IoFailure = IoFailure::ALL[0];
    /// The connection was closed during a write.
    pub const BROKEN_PIPE: IoFailure = IoFailure::ALL[1];

    /// The failure with this number, modulo the length of the list.
    pub fn from_number(number: u8) -> IoFailure {
        IoFailure::ALL[usize::from(number) % IoFailure::ALL.len()]
    }

    /// The failure's index in [`IoFailure::ALL`].
    pub fn number(self) -> u8 {
        IoFailure::ALL.iter().position(|failure| *failure == self).unwrap_or_default() as u8
    }

    /// The failure with this name, as [`ErrorKind`] spells it.
    pub fn from_name(name: &str) -> Option<IoFailure> {
        IoFailure::ALL.into_iter().find(|failure| failure.to_string() == name)
    }

    /// The error kind that the reader or writer sees.
    pub fn kind(self) -> ErrorKind {
        self.0
    }
}

impl fmt::Display for IoFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Serialize for IoFailure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl TryFrom<String> for IoFailure {
    type Error = String;

    fn try_from(name: String) -> Result<IoFailure, String> {
        let names = || IoFailure::ALL.map(|failure| failure.to_string()).join(", ");
        IoFailure::from_name(&name).ok_or_else(|| format!("unknown transport error `{name}`; expected {}", names()))
    }
}
