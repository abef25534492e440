/// The identifier of one setting in a SETTINGS frame (RFC 9113 §6.5.2). Unknown identifiers are kept. A name has no
/// `SETTINGS_` prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SettingId(pub u16);

super::named::named_numbers! {
    SettingId(u16) "setting" "{:#x}";
    1 HEADER_TABLE_SIZE "The size of the dynamic table for decoding field blocks, in bytes."
    2 ENABLE_PUSH "Whether the server may push."
    3 MAX_CONCURRENT_STREAMS "The number of streams that the receiver may have open at once."
    4 INITIAL_WINDOW_SIZE "The flow-control window of a new stream, in bytes."
    5 MAX_FRAME_SIZE "The largest frame payload that the sender accepts, in bytes."
    6 MAX_HEADER_LIST_SIZE "The largest field section that the sender accepts, in bytes."
    8 ENABLE_CONNECT_PROTOCOL "Whether the server supports extended CONNECT (RFC 8441)."
}
