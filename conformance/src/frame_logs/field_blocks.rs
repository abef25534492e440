//! The field blocks of a captured connection. Each is written anew so that it needs no other: a script leaves out blocks,
//! and the client that played it may have had a larger table than those that play it now.

use super::Line;
use crate::{
    http2::{
        Frame, FrameType, SettingId, StreamId, View, flags,
        hpack::{self, BlockReader, ByteField},
    },
    peer::Crossed,
};

/// Reads the field blocks of both sides, in the order in which they cross.
pub(super) struct FieldBlocks {
    /// Whether no earlier block is missing.
    is_whole: bool,
    of_client: BlockReader,
    /// None until the server sends a block: until then, the client may change the limit of its table.
    of_server: Option<BlockReader>,
    /// The largest table that the client has allowed the server.
    table_size: usize,
    /// The client's head that is not complete: its stream, END_STREAM or nothing, and its block so far.
    head: Option<(StreamId, u8, Vec<u8>)>,
    /// The server's block that is not complete, with the lines that it is in.
    block: (Vec<usize>, Vec<u8>),
}

impl FieldBlocks {
    pub(super) fn new(is_whole: bool) -> FieldBlocks {
        FieldBlocks {
            is_whole,
            of_client: BlockReader::default(),
            of_server: None,
            table_size: DEFAULT_TABLE_SIZE,
            head: None,
            block: Default::default(),
        }
    }

    /// Adds a frame of the client. A head is added where it is complete, as one frame.
    pub(super) fn written(&mut self, frame: Frame, lines: &mut Vec<Line>) {
        match frame.view() {
            View::Headers(block) => {
                self.head = Some((frame.stream, frame.flags & flags::END_STREAM, block.to_vec()));
            }
            View::Continuation(fragment) => {
                self.head.iter_mut().for_each(|(.., block)| block.extend_from_slice(fragment));
            }
            view => {
                if let View::Settings(settings) = view {
                    let sizes = settings.iter().filter(|(id, _)| *id == SettingId::HEADER_TABLE_SIZE);
                    self.table_size = sizes.map(|(_, size)| *size as usize).fold(self.table_size, usize::max);
                }
                lines.push(Line { crossed: Crossed::Written(frame), has_fields: true });
                return;
            }
        }
        if let Some((stream, end, block)) = self.head.take_if(|_| frame.has(flags::END_HEADERS)) {
            let fields = read(self.is_whole.then_some(&mut self.of_client), &block);
            let (has_fields, block) = (fields.is_some(), fields.map(|fields| spelt_out(&fields)).unwrap_or_default());
            let head = Frame::headers_block(stream, block).with_flags(flags::END_HEADERS | end);
            lines.push(Line { crossed: Crossed::Written(head), has_fields });
        }
    }

    /// Adds a frame of the server.
    pub(super) fn received(&mut self, frame: Frame, lines: &mut Vec<Line>) {
        if matches!(frame.kind, FrameType::HEADERS | FrameType::PUSH_PROMISE) {
            self.block = Default::default();
        }
        let mut is_complete = false;
        if let View::Headers(block) | View::PushPromise { block, .. } | View::Continuation(block) = frame.view() {
            self.block.0.push(lines.len());
            self.block.1.extend_from_slice(block);
            is_complete = frame.has(flags::END_HEADERS);
        }
        lines.push(Line { crossed: Crossed::Received(frame), has_fields: true });
        if is_complete {
            self.complete(lines);
        }
    }

    /// Writes the server's block anew, unless it needs no other already.
    fn complete(&mut self, lines: &mut [Line]) {
        let (places, block) = std::mem::take(&mut self.block);
        let reader = self.of_server.get_or_insert_with(|| BlockReader::new(self.table_size));
        let fields = read(self.is_whole.then_some(reader), &block);
        let stands_alone = hpack::leaves_table(&block) && hpack::decode(&block).is_some();
        match fields {
            Some(_) if stands_alone || hpack::has_late_size_update(&block) => {}
            Some(fields) => write_anew(lines, &places, &spelt_out(&fields)),
            // The block itself is at fault.
            None if self.is_whole => {}
            None => {
                write_anew(lines, &places, &[]);
                lines[places[0]].has_fields = false;
            }
        }
    }
}

/// The maximum size of a dynamic table unless its reader announces another (RFC 9113 §4.3.1).
const DEFAULT_TABLE_SIZE: usize = 4_096;

/// The fields of a block; without a reader, only if it needs no other block.
fn read(reader: Option<&mut BlockReader>, block: &[u8]) -> Option<Vec<ByteField>> {
    reader.unwrap_or(&mut BlockReader::default()).read_bytes(block).ok()
}

fn spelt_out(fields: &[ByteField]) -> Vec<u8> {
    hpack::encode(fields.iter().map(|(name, value)| (&name[..], &value[..])))
}

/// Puts a block into the frames of another, unless these would become longer than any client allows.
fn write_anew(lines: &mut [Line], places: &[usize], block: &[u8]) {
    const LONGEST: usize = 16_000;
    let size = block.len().div_ceil(places.len());
    if size > LONGEST {
        return;
    }
    let mut pieces = block.chunks(size.max(1));
    for place in places {
        let Crossed::Received(frame) = &mut lines[*place].crossed else { continue };
        let piece = pieces.next().unwrap_or_default();
        let payload = match frame.view() {
            View::PushPromise { promised, .. } => [&promised.get().to_be_bytes()[..], piece].concat(),
            _ => piece.to_vec(),
        };
        frame.payload = payload.into();
        frame.flags &= !(flags::PADDED | flags::PRIORITY);
    }
}
