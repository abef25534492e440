//! Field blocks as a client reads them (§4.3, §8.2, §8.3): decompressed in order, then checked as part of a response.

use super::clauses::{Clause, Clauses};
use crate::http2::hpack::{BlockReader, Field, Unread};
use std::sync::Arc;

/// What the model needs of a field section, that of a response or that of its trailers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Section {
    /// The field lines in order, without the pseudo-header fields.
    pub fields: Arc<[Field]>,
    /// The pseudo-header fields in order.
    pub pseudo: Arc<[Field]>,
    /// `:status`, if there is one: three digits (RFC 9110 §15), or something else.
    pub status: Option<Status>,
    /// Whether there are pseudo-header fields, of any kind.
    pub has_pseudo: bool,
    /// The distinct values of the content-length fields; `None` for a value that is not a number.
    pub content_length: Vec<Option<u64>>,
    /// The size, as SETTINGS_MAX_HEADER_LIST_SIZE counts it (§6.5.2).
    pub size: usize,
    /// The clause that makes it malformed (§8.1.1), if any.
    pub malformed: Option<Clause>,
    /// The clause by which a client may, but need not, treat it as malformed, if any.
    pub doubtful: Option<Clause>,
    /// The clauses that were met.
    pub met: Clauses,
}

/// A status code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// 100 to 199: an interim response.
    Interim(u16),
    /// 200 to 999: a final response. The number tells which of them have no content.
    Final(u16),
    /// Not three digits, or below 100.
    Invalid,
}

/// The field blocks of one direction of a connection, read in order.
pub(super) struct FieldBlocks {
    of: Message,
    reader: BlockReader,
}

/// What the field sections of a direction belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// Responses.
    Response,
    /// Requests.
    Request,
    /// Requests, and extended CONNECT requests among them (RFC 8441).
    ExtendedRequest,
}

impl Default for FieldBlocks {
    fn default() -> FieldBlocks {
        FieldBlocks::read_by_judged(Message::Response)
    }
}

impl FieldBlocks {
    /// The blocks that the end which is judged reads.
    pub(super) fn read_by_judged(of: Message) -> FieldBlocks {
        FieldBlocks { of, reader: BlockReader::new(DEFAULT_TABLE_SIZE) }
    }

    /// The blocks that it writes. The peer's SETTINGS limit their table; `conduct` holds the writer to them.
    pub(super) fn written_by_judged(of: Message) -> FieldBlocks {
        FieldBlocks { of, reader: BlockReader::default() }
    }

    /// Decompresses the next block.
    pub(super) fn read(&mut self, block: &[u8]) -> Result<Section, Unread> {
        self.reader.read(block).map(|fields| Section::of(self.of, fields))
    }
}

/// The maximum size of the dynamic table unless the decompressor announces another (§4.3.1).
const DEFAULT_TABLE_SIZE: usize = 4_096;

impl Section {
    pub(super) fn of(message: Message, fields: Vec<Field>) -> Section {
        let mut section = Section::default();
        let mut regular = false;
        for (index, (name, value)) in fields.iter().enumerate() {
            section.size += name.len() + value.len() + 32;
            if name.starts_with(':') {
                let is_repeated = fields[..index].iter().any(|(before, _)| before == name);
                section.pseudo(message, name, value, regular, is_repeated);
            } else {
                regular = true;
                section.regular(name, value);
            }
            section.value(value);
        }
        let (pseudo, fields): (Vec<_>, Vec<_>) = fields.into_iter().partition(|(name, _)| name.starts_with(':'));
        section.fields = fields.into();
        section.pseudo = pseudo.into();
        section
    }

    /// §8.3: a pseudo-header field of a response is `:status`, once, before all others.
    fn pseudo(&mut self, message: Message, name: &str, value: &str, after_regular: bool, repeated: bool) {
        self.has_pseudo = true;
        if after_regular {
            self.is_malformed(Clause::LatePseudo);
        }
        if repeated {
            self.is_malformed(Clause::RepeatedPseudo);
        }
        if message != Message::Response {
            let is_extended = name == ":protocol" && message == Message::ExtendedRequest;
            if !is_extended && ![":method", ":scheme", ":authority", ":path"].contains(&name) {
                self.is_malformed(Clause::UndefinedPseudo);
            }
            // RFC 9110 §9.1: a method is a token.
            if name == ":method" && (value.is_empty() || !value.bytes().all(is_token)) {
                self.is_malformed(Clause::RequestPseudo);
            }
            // RFC 3986 §2: a URI has no other characters than graphic ones of ASCII.
            if name != ":method" && !value.bytes().all(|byte| byte.is_ascii_graphic()) {
                self.is_doubtful(Clause::RequestPseudo);
            }
            return;
        }
        if name != ":status" {
            return self.is_malformed(Clause::UndefinedPseudo);
        }
        let status = Status::of(value);
        match status {
            Status::Invalid => self.is_malformed(Clause::UndefinedPseudo),
            // 101 is not supported.
            Status::Interim(101) => self.is_doubtful(Clause::SwitchingProtocols),
            Status::Interim(_) | Status::Final(_) => {}
        }
        self.status.get_or_insert(status);
    }

    /// §8.2.1 and §8.2.2: field names, and fields that are specific to HTTP/1.1.
    fn regular(&mut self, name: &str, value: &str) {
        const OF_A_CONNECTION: [&str; 5] =
            ["connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade"];
        let prohibited = |byte: u8| byte <= 0x20 || byte.is_ascii_uppercase() || byte >= 0x7f;
        if name.is_empty() || name.bytes().any(prohibited) {
            self.is_malformed(Clause::FieldNames);
        } else if name.contains(':') {
            self.is_malformed(Clause::FieldNameColon);
        } else if !name.bytes().all(is_token) {
            self.is_doubtful(Clause::FieldSyntax);
        }
        match name {
            _ if OF_A_CONNECTION.contains(&name) => self.is_malformed(Clause::ConnectionFields),
            // The exception for TE applies to requests only.
            "te" if value != "trailers" => self.is_malformed(Clause::TeField),
            "te" => self.is_doubtful(Clause::TeField),
            "content-length" => value.split(',').for_each(|member| self.length(member.trim_matches([' ', '\t']))),
            _ => {}
        }
    }

    /// RFC 9110 §8.6: the same length may be repeated.
    fn length(&mut self, member: &str) {
        let length = member.parse().ok().filter(|_| member.bytes().all(|byte| byte.is_ascii_digit()));
        if self.content_length.contains(&length) {
            self.is_doubtful(Clause::RepeatedLength);
        } else {
            self.content_length.push(length);
        }
    }

    /// §8.2.1: field values.
    fn value(&mut self, value: &str) {
        let has_control = value.bytes().any(|byte| byte.is_ascii_control());
        if has_control && value.bytes().any(|byte| matches!(byte, 0 | b'\n' | b'\r')) {
            self.is_malformed(Clause::FieldValues);
        } else if value.starts_with([' ', '\t']) || value.ends_with([' ', '\t']) {
            self.is_malformed(Clause::FieldValueSpace);
        } else if has_control && value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
            self.is_doubtful(Clause::FieldSyntax);
        }
    }

    fn is_malformed(&mut self, clause: Clause) {
        self.met.insert(clause);
        self.malformed.get_or_insert(clause);
    }

    fn is_doubtful(&mut self, clause: Clause) {
        self.met.insert(clause);
        self.doubtful.get_or_insert(clause);
    }
}

impl Status {
    fn of(value: &str) -> Status {
        match value.parse() {
            Ok(number @ 100..=199) if value.len() == 3 => Status::Interim(number),
            Ok(number @ 200..=999) if value.len() == 3 => Status::Final(number),
            _ => Status::Invalid,
        }
    }
}

/// RFC 9110 §5.6.2.
fn is_token(byte: u8) -> bool {
    matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
        || byte.is_ascii_alphanumeric()
}
