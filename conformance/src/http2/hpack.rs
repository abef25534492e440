//! Field blocks (RFC 7541), written without state and read with a kept decoder.
//!
//! Blocks are written from the static table and as literals without indexing only, so that leaving out one block never
//! changes what a later one means: scripts stay meaningful while they shrink.

use loona_hpack::Decoder;
use std::{cell::RefCell, collections::HashMap, iter::successors, ops::Range};

/// The largest field section that is read, in bytes of its names and values. A block of a few kilobytes can stand for
/// gigabytes; nobody reads those.
pub const MAX_READ: usize = 64 << 10;

/// One field line of a header or trailer section.
pub type Field = (String, String);

/// One field line as it is, whatever its bytes.
pub type ByteField = (Vec<u8>, Vec<u8>);

/// Reads the blocks of one direction of one connection, in order: the dynamic table is carried from block to block.
#[derive(Default)]
pub struct BlockReader {
    decoder: Option<Decoder<'static>>,
    /// The largest dynamic table that the reader allows, in bytes; `None` for any.
    limit: Option<usize>,
}

/// Why a block is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unread {
    /// It does not decode.
    Invalid,
    /// It decodes to more than [`MAX_READ`] bytes.
    TooLarge,
}

impl BlockReader {
    /// A reader that lets the dynamic table become so large, in bytes. The default one takes every size: what is allowed
    /// is agreed in SETTINGS frames, which a reader of blocks does not see.
    pub fn new(limit: usize) -> BlockReader {
        BlockReader { decoder: None, limit: Some(limit) }
    }

    /// The fields of the next block. Bytes outside UTF-8 are replaced.
    ///
    /// # Errors
    ///
    /// If it does not decode, or to more than [`MAX_READ`] bytes.
    pub fn read(&mut self, block: &[u8]) -> Result<Vec<Field>, Unread> {
        self.read_as(block, lossy)
    }

    /// The same, byte for byte.
    ///
    /// # Errors
    ///
    /// As [`BlockReader::read`].
    pub fn read_bytes(&mut self, block: &[u8]) -> Result<Vec<ByteField>, Unread> {
        self.read_as(block, <[u8]>::to_vec)
    }

    fn read_as<T>(&mut self, mut block: &[u8], text: fn(&[u8]) -> T) -> Result<Vec<(T, T)>, Unread> {
        let decoder = self.decoder.get_or_insert_with(Decoder::new);
        while let Some((size, rest)) = size_update(block) {
            if self.limit.is_some_and(|limit| size > limit) {
                return Err(Unread::Invalid);
            }
            decoder.set_max_table_size(size);
            block = rest;
        }
        let mut fields = Vec::new();
        let mut size = 0;
        let read = decoder.decode_with_cb(block, |name, value| {
            size += name.len() + value.len();
            if size <= MAX_READ {
                fields.push((text(&name), text(&value)));
            }
        });
        match read {
            Err(_) => Err(Unread::Invalid),
            Ok(()) if size > MAX_READ => Err(Unread::TooLarge),
            Ok(()) => Ok(fields),
        }
    }
}

/// A dynamic table size update (RFC 7541 §6.3) at the start of a block, and what follows it. The decoder takes sizes up to
/// 2^28 only, while a client may use any size that its peer allows.
fn size_update(block: &[u8]) -> Option<(usize, &[u8])> {
    block.first().filter(|first| **first & 0xe0 == 0x20)?;
    integer(block, 5)
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// How many answers of [`decode`] each thread keeps.
const DECODED_KEPT: usize = 4096;

thread_local! {
    /// Answers of [`decode`]: the decoder makes its Huffman table anew for every string, and blocks come again and again.
    static DECODED: RefCell<HashMap<Vec<u8>, Option<Vec<Field>>>> = RefCell::default();
}

/// The fields of a block that stands alone, or `None` if it does not decode.
pub fn decode(block: &[u8]) -> Option<Vec<Field>> {
    DECODED.with_borrow_mut(|decoded| {
        if let Some(fields) = decoded.get(block) {
            return fields.clone();
        }
        if decoded.len() >= DECODED_KEPT {
            decoded.clear();
        }
        let fields = BlockReader::default().read(block).ok();
        decoded.insert(block.to_vec(), fields.clone());
        fields
    })
}

/// One instruction of a field block, undecoded (RFC 7541 §6).
enum Instruction<'b> {
    /// A whole field of one of the tables.
    Indexed,
    /// A field whose value is spelt out, with the index of its name (0 for one that is spelt out too), the value as it
    /// stands there, its length included, and whether the field goes into the dynamic table.
    Literal { name: usize, value: &'b [u8], is_added: bool },
    /// Another size for the dynamic table.
    SizeUpdate,
}

/// The first instruction of a block, and what follows it; `None` if it is cut short.
fn instruction(block: &[u8]) -> Option<(Instruction<'_>, &[u8])> {
    let (bits, is_added) = match block.first()? {
        0x80.. => return integer(block, 7).map(|(_, rest)| (Instruction::Indexed, rest)),
        0x40..0x80 => (6, true),
        0x20..0x40 => return integer(block, 5).map(|(_, rest)| (Instruction::SizeUpdate, rest)),
        0..0x20 => (4, false),
    };
    let (name, rest) = integer(block, bits)?;
    let rest = if name == 0 { skip_string(rest)? } else { rest };
    let after = skip_string(rest)?;
    Some((Instruction::Literal { name, value: &rest[..rest.len() - after.len()], is_added }, after))
}

/// What follows the first field, or change of size, of a block; `None` if that is cut short.
pub fn after_first(block: &[u8]) -> Option<&[u8]> {
    instruction(block).map(|(_, rest)| rest)
}

/// The changes of size of the dynamic table that stand in a block behind a field, where none may stand (RFC 7541 §4.2), and
/// are the first that a reader meets who reads the block in pieces: those that end after so many bytes, and the rest. Such a
/// reader begins each piece with the instruction in which the piece before it ended.
pub fn late_size_updates(block: &[u8], pieces: &[usize]) -> Vec<Range<usize>> {
    let (mut found, mut rest) = (Vec::new(), block);
    let (mut after_field, mut is_first) = (false, true);
    while let Some((instruction, after)) = instruction(rest) {
        let place = block.len() - rest.len()..block.len() - after.len();
        is_first |= pieces.iter().any(|piece| place.contains(piece));
        match instruction {
            Instruction::SizeUpdate if after_field && is_first => found.push(place),
            Instruction::SizeUpdate => {}
            Instruction::Indexed | Instruction::Literal { .. } => (after_field, is_first) = (true, false),
        }
        rest = after;
    }
    found
}

/// The places of the fields and changes of size of a block, as far as it is whole.
pub fn places(block: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let rests = successors(Some(block), |rest| after_first(rest));
    let ends: Vec<usize> = rests.map(|rest| block.len() - rest.len()).collect();
    (1..ends.len()).map(move |index| ends[index - 1]..ends[index])
}

/// Whether the block is sure to leave the dynamic table as it is.
pub fn leaves_table(mut block: &[u8]) -> bool {
    while !block.is_empty() {
        match instruction(block) {
            Some((Instruction::Indexed | Instruction::Literal { is_added: false, .. }, rest)) => block = rest,
            _ => return false,
        }
    }
    true
}

/// The value of the first `:path` that is spelt out in a block, whatever was in the blocks before it.
pub fn literal_path(mut block: &[u8]) -> Option<String> {
    const PATH: std::ops::RangeInclusive<usize> = 4..=5;
    while let Some((instruction, rest)) = instruction(block) {
        if let Instruction::Literal { name, value, .. } = instruction
            && PATH.contains(&name)
        {
            let alone = [&[*PATH.start() as u8], value].concat();
            return decode(&alone)?.pop().map(|(_, path)| path);
        }
        block = rest;
    }
    None
}

/// What follows a string (RFC 7541 §5.2).
fn skip_string(block: &[u8]) -> Option<&[u8]> {
    let (length, rest) = integer(block, 7)?;
    rest.get(length..)
}

/// An integer with a prefix of `bits` bits, and what follows it (RFC 7541 §5.1).
fn integer(block: &[u8], bits: u32) -> Option<(usize, &[u8])> {
    let limit = (1 << bits) - 1;
    let (first, mut rest) = block.split_first()?;
    let mut value = usize::from(*first) & limit;
    if value < limit {
        return Some((value, rest));
    }
    for shift in (0..=28).step_by(7) {
        let (next, left) = rest.split_first()?;
        value += usize::from(next & 0x7f) << shift;
        rest = left;
        if next & 0x80 == 0 {
            return Some((value, rest));
        }
    }
    None
}

/// How large the field section of a block that stands alone is (RFC 9113 §6.5.2: 32 for every field beside its name and
/// value), or `None` if the block does not decode. The section itself is not kept: it may be gigabytes.
pub fn section_size(block: &[u8]) -> Option<usize> {
    let mut size = 0;
    let decoded = Decoder::new().decode_with_cb(block, |name, value| size += name.len() + value.len() + 32);
    decoded.ok().map(|()| size)
}

/// Writes a field block without touching the dynamic table.
pub fn encode<'a, T: AsRef<[u8]> + ?Sized + 'a>(fields: impl IntoIterator<Item = (&'a T, &'a T)>) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        encode_field(name.as_ref(), value.as_ref(), &mut block);
    }
    block
}

fn encode_field(name: &[u8], value: &[u8], block: &mut Vec<u8>) {
    let named = |entry: &(&str, &str)| entry.0.as_bytes() == name;
    if let Some(index) = STATIC_TABLE.iter().position(|entry| named(entry) && entry.1.as_bytes() == value) {
        return encode_integer(index + 1, 7, 0x80, block);
    }
    match STATIC_TABLE.iter().position(named) {
        Some(index) => encode_integer(index + 1, 4, 0, block),
        None => {
            block.push(0);
            encode_string(name, block);
        }
    }
    encode_string(value, block);
}

/// A form in which fields can be written (RFC 7541 §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Name and value spelt out, and not put into the dynamic table.
    SpeltOut,
    /// The same, and never to be indexed by anybody.
    NeverIndexed,
    /// Spelt out, and put into the dynamic table.
    Added,
    /// As [`encode`] writes them, after a change of the table's size to nothing and back.
    Resized,
}

impl Form {
    /// Every form.
    pub const ALL: [Form; 4] = [Form::SpeltOut, Form::NeverIndexed, Form::Added, Form::Resized];
}

/// Writes a field block in another form.
pub fn encode_as<'a>(form: Form, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<u8> {
    let pattern = match form {
        Form::SpeltOut => 0,
        Form::NeverIndexed => 0x10,
        Form::Added => 0x40,
        Form::Resized => {
            // Table size updates to 0 and to 4,096.
            return [vec![0x20, 0x3f, 0xe1, 0x1f], encode(fields)].concat();
        }
    };
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(pattern);
        encode_string(name.as_bytes(), &mut block);
        encode_string(value.as_bytes(), &mut block);
    }
    block
}

fn encode_string(bytes: &[u8], block: &mut Vec<u8>) {
    encode_integer(bytes.len(), 7, 0, block);
    block.extend_from_slice(bytes);
}

/// RFC 7541 §5.1: an integer with a prefix of `bits` bits, the bits above it taken from `pattern`.
fn encode_integer(mut value: usize, bits: u32, pattern: u8, block: &mut Vec<u8>) {
    let limit = (1 << bits) - 1;
    if value < limit {
        return block.push(pattern | value as u8);
    }
    block.push(pattern | limit as u8);
    value -= limit;
    while value >= 0x80 {
        block.push(value as u8 | 0x80);
        value >>= 7;
    }
    block.push(value as u8);
}

/// RFC 7541, appendix A.
const STATIC_TABLE: [(&str, &str); 61] = [
    (":authority", ""),
    (":method", "GET"),
    (":method", "POST"),
    (":path", "/"),
    (":path", "/index.html"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "200"),
    (":status", "204"),
    (":status", "206"),
    (":status", "304"),
    (":status", "400"),
    (":status", "404"),
    (":status", "500"),
    ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"),
    ("accept-language", ""),
    ("accept-ranges", ""),
    ("accept", ""),
    ("access-control-allow-origin", ""),
    ("age", ""),
    ("allow", ""),
    ("authorization", ""),
    ("cache-control", ""),
    ("content-disposition", ""),
    ("content-encoding", ""),
    ("content-language", ""),
    ("content-length", ""),
    ("content-location", ""),
    ("content-range", ""),
    ("content-type", ""),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("expect", ""),
    ("expires", ""),
    ("from", ""),
    ("host", ""),
    ("if-match", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("if-range", ""),
    ("if-unmodified-since", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("max-forwards", ""),
    ("proxy-authenticate", ""),
    ("proxy-authorization", ""),
    ("range", ""),
    ("referer", ""),
    ("refresh", ""),
    ("retry-after", ""),
    ("server", ""),
    ("set-cookie", ""),
    ("strict-transport-security", ""),
    ("transfer-encoding", ""),
    ("user-agent", ""),
    ("vary", ""),
    ("via", ""),
    ("www-authenticate", ""),
];
