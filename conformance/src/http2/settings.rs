use std::fmt;

/// The identifier of one setting in a SETTINGS frame (RFC 9113 §6.5.2). Unknown identifiers are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SettingId(pub u16);

impl SettingId {
    /// The size of the dynamic table for decoding field blocks, in bytes.
    pub const HEADER_TABLE_SIZE: SettingId = SettingId(1);
    /// Whether the server may push.
    pub const ENABLE_PUSH: SettingId = SettingId(2);
    /// The number of streams that the receiver may have open at once.
    pub const MAX_CONCURRENT_STREAMS: SettingId = SettingId(3);
    /// The flow-control window of a new stream, in bytes.
    pub const INITIAL_WINDOW_SIZE: SettingId = SettingId(4);
    /// The largest frame payload that the sender accepts, in bytes.
    pub const MAX_FRAME_SIZE: SettingId = SettingId(5);
    /// The largest field section that the sender accepts, in bytes.
    pub const MAX_HEADER_LIST_SIZE: SettingId = SettingId(6);
    /// Whether the server supports extended CONNECT (RFC 8441).
    pub const ENABLE_CONNECT_PROTOCOL: SettingId = SettingId(8);

    const NAMES: [(SettingId, &'static str); 7] = [
        (SettingId::HEADER_TABLE_SIZE, "HEADER_TABLE_SIZE"),
        (SettingId::ENABLE_PUSH, "ENABLE_PUSH"),
        (SettingId::MAX_CONCURRENT_STREAMS, "MAX_CONCURRENT_STREAMS"),
        (SettingId::INITIAL_WINDOW_SIZE, "INITIAL_WINDOW_SIZE"),
        (SettingId::MAX_FRAME_SIZE, "MAX_FRAME_SIZE"),
        (SettingId::MAX_HEADER_LIST_SIZE, "MAX_HEADER_LIST_SIZE"),
        (SettingId::ENABLE_CONNECT_PROTOCOL, "ENABLE_CONNECT_PROTOCOL"),
    ];

    /// The registered name without its `SETTINGS_` prefix.
    pub fn name(self) -> Option<&'static str> {
        SettingId::NAMES.iter().find(|(id, _)| *id == self).map(|(_, name)| *name)
    }

    /// The setting with this name.
    pub fn from_name(name: &str) -> Option<SettingId> {
        SettingId::NAMES.iter().find(|(_, known)| *known == name).map(|(id, _)| *id)
    }
}

impl fmt::Display for SettingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{:#x}", self.0),
        }
    }
}
