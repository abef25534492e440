//! Field blocks (RFC 7541): a writer without state, and a reader that keeps its decoder.
//!
//! The writer uses only the static table and literals without indexing. Dropping a block therefore never changes the
//! meaning of a later one, and scripts stay valid while they shrink.

use loona_hpack::{Decoder, encoder::encode_integer_into};
use octets::Octets;
use std::{borrow::Cow, iter::successors, ops::Range, sync::LazyLock};

/// The largest field section that a reader returns, in bytes of names and values. A block of a few kilobytes can decode
/// to gigabytes.
pub const MAX_READ: usize = 64 << 10;

/// One field line of a header or trailer section.
pub type Field = (String, String);

/// One field line as raw bytes.
pub type ByteField = (Vec<u8>, Vec<u8>);

/// Reads the blocks of one direction of one connection, in order. The dynamic table carries over from block to block.
#[derive(Default)]
pub struct BlockReader {
    decoder: Option<Decoder<'static>>,
    /// The largest dynamic table that the reader allows, in bytes; `None` for any.
    limit: Option<usize>,
}

/// Why a block cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unread {
    /// It does not decode, or it makes the dynamic table larger than the reader allows.
    Invalid,
    /// It decodes to more than [`MAX_READ`] bytes.
    TooLarge,
}

impl BlockReader {
    /// A reader that limits the dynamic table to `limit` bytes. The default reader accepts every size, because the
    /// limit is agreed in SETTINGS frames, which a block reader does not see.
    pub fn new(limit: usize) -> BlockReader {
        BlockReader { decoder: None, limit: Some(limit) }
    }

    /// The fields of the next block. Bytes that are not UTF-8 are replaced.
    ///
    /// # Errors
    ///
    /// If the block does not decode, or decodes to more than [`MAX_READ`] bytes.
    pub fn read(&mut self, block: &[u8]) -> Result<Vec<Field>, Unread> {
        self.read_as(block, lossy)
    }

    /// The fields of the next block as raw bytes.
    ///
    /// # Errors
    ///
    /// As for [`BlockReader::read`].
    pub fn read_bytes(&mut self, block: &[u8]) -> Result<Vec<ByteField>, Unread> {
        self.read_as(block, <[u8]>::to_vec)
    }

    fn read_as<T>(&mut self, mut block: &[u8], text: fn(&[u8]) -> T) -> Result<Vec<(T, T)>, Unread> {
        let decoder = self.decoder.get_or_insert_with(Decoder::new);
        while let Some((Instruction::SizeUpdate(size), rest)) = instruction(block) {
            if self.limit.is_some_and(|limit| size > limit) {
                return Err(Unread::Invalid);
            }
            decoder.set_max_table_size(size);
            block = rest;
        }
        let block = spelt_out(block).ok_or(Unread::Invalid)?;
        let mut fields = Vec::new();
        let mut size = 0;
        let read = decoder.decode_with_cb(&block, |name, value| {
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

fn lossy(bytes: &[u8]) -> String {
    // Nearly all fields are ASCII, for which this is the faster way.
    str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes).into_owned(), str::to_owned)
}

/// The fields of a block that needs no earlier block, or `None` if it does not decode or is larger than [`MAX_READ`].
pub fn decode(block: &[u8]) -> Option<Vec<Field>> {
    BlockReader::default().read(block).ok()
}

/// One instruction of a field block, undecoded (RFC 7541 §6).
enum Instruction<'b> {
    /// A whole field from the static or dynamic table.
    Indexed,
    /// A field with a literal value: the index of its name (0 for a literal name), its encoded strings with their lengths
    /// (a literal name, and the value), and whether it is added to the dynamic table.
    Literal { name: usize, strings: &'b [u8], is_added: bool },
    /// A dynamic table size update. The decoder accepts only sizes up to 2^28, but a client may use any size that its
    /// peer allows.
    SizeUpdate(usize),
}

/// The first instruction of a block and the rest of the block, or `None` if the instruction is cut short.
fn instruction(block: &[u8]) -> Option<(Instruction<'_>, &[u8])> {
    let (bits, is_added) = match block.first()? {
        0x80.. => return integer(block, 7).map(|(_, rest)| (Instruction::Indexed, rest)),
        0x40..0x80 => (6, true),
        0x20..0x40 => return integer(block, 5).map(|(size, rest)| (Instruction::SizeUpdate(size), rest)),
        0..0x20 => (4, false),
    };
    let (name, rest) = integer(block, bits)?;
    let after = skip_string(if name == 0 { skip_string(rest)? } else { rest })?;
    Some((Instruction::Literal { name, strings: &rest[..rest.len() - after.len()], is_added }, after))
}

/// The block with its Huffman-coded strings spelt out, or `None` if one does not decode. The decoder would build its
/// Huffman table anew for every string, which costs more than the exchange that the block is in.
fn spelt_out(mut block: &[u8]) -> Option<Vec<u8>> {
    let mut spelt = Vec::with_capacity(2 * block.len());
    while let Some((instruction, rest)) = instruction(block) {
        let mut strings = if let Instruction::Literal { strings, .. } = instruction { strings } else { &[] };
        spelt.extend_from_slice(&block[..block.len() - rest.len() - strings.len()]);
        while !strings.is_empty() {
            let (text, after) = string(strings)?;
            match text {
                Cow::Borrowed(_) => spelt.extend_from_slice(&strings[..strings.len() - after.len()]),
                Cow::Owned(text) => encode_string(&text, &mut spelt),
            }
            strings = after;
        }
        block = rest;
    }
    spelt.extend_from_slice(block);
    Some(spelt)
}

/// The rest of a block after its first field or table size update, or `None` if that is cut short.
pub fn after_first(block: &[u8]) -> Option<&[u8]> {
    instruction(block).map(|(_, rest)| rest)
}

/// Whether a dynamic table size update follows a field.
pub fn has_late_size_update(mut block: &[u8]) -> bool {
    let mut after_field = false;
    while let Some((instruction, rest)) = instruction(block) {
        match instruction {
            Instruction::SizeUpdate(_) if after_field => return true,
            Instruction::SizeUpdate(_) => {}
            Instruction::Indexed | Instruction::Literal { .. } => after_field = true,
        }
        block = rest;
    }
    false
}

/// The places of the dynamic table size updates that follow a field, which RFC 7541 §4.2 forbids, and that start a
/// piece for a reader that reads the block in pieces. `pieces` holds the offsets at which the pieces end; the rest of
/// the block is the last one. Such a reader begins each piece with the instruction in which the previous piece ended.
pub fn late_size_updates(block: &[u8], pieces: &[usize]) -> Vec<Range<usize>> {
    let (mut found, mut rest) = (Vec::new(), block);
    let (mut after_field, mut is_first) = (false, true);
    while let Some((instruction, after)) = instruction(rest) {
        let place = block.len() - rest.len()..block.len() - after.len();
        is_first |= pieces.iter().any(|piece| place.contains(piece));
        match instruction {
            Instruction::SizeUpdate(_) if after_field && is_first => found.push(place),
            Instruction::SizeUpdate(_) => {}
            Instruction::Indexed | Instruction::Literal { .. } => (after_field, is_first) = (true, false),
        }
        rest = after;
    }
    found
}

/// The places of the fields and table size updates of a block, up to the first that is cut short.
pub fn places(block: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let rests = successors(Some(block), |rest| after_first(rest));
    let ends: Vec<usize> = rests.map(|rest| block.len() - rest.len()).collect();
    (1..ends.len()).map(move |index| ends[index - 1]..ends[index])
}

/// The dynamic table size updates at the start of a block (RFC 7541 §4.2).
pub fn size_updates(mut block: &[u8]) -> Vec<usize> {
    let mut sizes = Vec::new();
    while let Some((Instruction::SizeUpdate(size), rest)) = instruction(block) {
        sizes.push(size);
        block = rest;
    }
    sizes
}

/// Whether the block is certain to leave the dynamic table unchanged.
pub fn leaves_table(mut block: &[u8]) -> bool {
    while let Some((instruction, rest)) = instruction(block) {
        if matches!(instruction, Instruction::Literal { is_added: true, .. } | Instruction::SizeUpdate(_)) {
            return false;
        }
        block = rest;
    }
    block.is_empty()
}

/// The first `:path` with a literal value in a block. The result does not depend on earlier blocks.
pub fn literal_path(mut block: &[u8]) -> Option<String> {
    while let Some((instruction, rest)) = instruction(block) {
        if let Instruction::Literal { name: 4..=5, strings, .. } = instruction {
            return string(strings).map(|(path, _)| lossy(&path));
        }
        block = rest;
    }
    None
}

/// A string, decoded, and the rest of the block (RFC 7541 §5.2); `None` if it is cut short, does not decode, or its
/// length takes more octets than the decoder reads.
fn string(block: &[u8]) -> Option<(Cow<'_, [u8]>, &[u8])> {
    const LONGEST_INTEGER: usize = 5;
    let (length, rest) = integer(block, 7).filter(|(_, rest)| block.len() - rest.len() <= LONGEST_INTEGER)?;
    let (text, rest) = rest.split_at_checked(length)?;
    let is_huffman = block[0] & 0x80 != 0;
    let text = if is_huffman { Octets::with_slice(text).get_huffman_decoded().ok()?.into() } else { text.into() };
    Some((text, rest))
}

/// The rest of a block after a string (RFC 7541 §5.2).
fn skip_string(block: &[u8]) -> Option<&[u8]> {
    let (length, rest) = integer(block, 7)?;
    rest.get(length..)
}

/// An integer with a prefix of `bits` bits, and the rest of the block (RFC 7541 §5.1).
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

/// The size of the field section of a block that needs no earlier block (RFC 9113 §6.5.2: every field counts 32 bytes
/// more than its name and value), or `None` if the block does not decode. The section is not kept: it may be gigabytes.
pub fn section_size(block: &[u8]) -> Option<usize> {
    let mut size = 0;
    let decoded =
        Decoder::new().decode_with_cb(&spelt_out(block)?, |name, value| size += name.len() + value.len() + 32);
    decoded.ok().map(|()| size)
}

/// Writes a field block that does not use or change the dynamic table.
pub fn encode<'a, T: AsRef<[u8]> + ?Sized + 'a>(fields: impl IntoIterator<Item = (&'a T, &'a T)>) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        encode_field(name.as_ref(), value.as_ref(), &mut block);
    }
    block
}

fn encode_field(name: &[u8], value: &[u8], block: &mut Vec<u8>) {
    let named = |entry: &Field| entry.0.as_bytes() == name;
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

/// A representation of fields (RFC 7541 §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Literal name and value, not added to the dynamic table.
    SpeltOut,
    /// Literal name and value, never to be indexed, not even by an intermediary.
    NeverIndexed,
    /// Literal name and value, added to the dynamic table.
    Added,
    /// As [`encode`] writes them, after table size updates to 0 and back.
    Resized,
}

impl Form {
    /// Every form.
    pub const ALL: [Form; 4] = [Form::SpeltOut, Form::NeverIndexed, Form::Added, Form::Resized];
}

/// Writes a field block in the given form.
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

/// Writes an integer with a prefix of `bits` bits (RFC 7541 §5.1). The bits above the prefix come from `pattern`.
fn encode_integer(value: usize, bits: u8, pattern: u8, block: &mut Vec<u8>) {
    // Writing to a vector does not fail.
    let _ = encode_integer_into(value, bits, pattern, block);
}

/// The static table of RFC 7541, appendix A, as the decoder has it.
static STATIC_TABLE: LazyLock<Vec<Field>> = LazyLock::new(|| {
    let indices: Vec<u8> = (1..=61).map(|index| 0x80 | index).collect();
    BlockReader::default().read(&indices).expect("the static table has 61 entries")
});
