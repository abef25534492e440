use super::with_repairs;
use crate::{
    http2::{
        Frame, FrameType, View, flags,
        hpack::{self, BlockReader, ByteField},
    },
    script::{Script, Step},
};
use bytes::{Bytes, BytesMut};
use std::cell::OnceCell;

/// The frames that the peer sends, as a repair reads them: each with what came before it.
pub struct Frames<'script> {
    pub(super) steps: &'script [Step],
    data: OnceCell<Vec<Option<usize>>>,
    blocks: OnceCell<Vec<Option<Block>>>,
}

impl<'script> Frames<'script> {
    /// The frames that the steps of this script send.
    pub fn new(script: &'script Script) -> Frames<'script> {
        Frames { steps: script.steps(), data: OnceCell::new(), blocks: OnceCell::new() }
    }

    /// All steps.
    pub fn steps(&self) -> &'script [Step] {
        self.steps
    }

    /// The frame that the step at `index` sends, if it sends one.
    pub fn frame(&self, index: usize) -> Option<&'script Frame> {
        self.steps.get(index)?.frame()
    }

    /// The frame that the step at `index` sends, if it is of this type.
    pub fn frame_of(&self, index: usize, kind: FrameType) -> Option<&'script Frame> {
        self.frame(index).filter(|frame| frame.kind == kind)
    }

    /// The frames before the step at `index`.
    pub fn before(&self, index: usize) -> impl DoubleEndedIterator<Item = &'script Frame> {
        self.steps[..index].iter().filter_map(Step::frame)
    }

    /// For each step, the length of the content that it sends in a DATA frame without END_STREAM, if it sends one.
    pub fn data(&self) -> &[Option<usize>] {
        self.data.get_or_init(|| {
            let length = |frame: &Frame| match frame.view() {
                View::Data(data) if !frame.ends_stream() => Some(data.len()),
                _ => None,
            };
            self.steps.iter().map(|step| step.frame().and_then(length)).collect()
        })
    }

    fn block_from(&self, index: usize) -> Option<&Block> {
        self.blocks.get_or_init(|| blocks(self.steps)).get(index)?.as_ref()
    }

    /// The step at `index` after `change` has edited the fields of its whole block; `None` if `change` returns false. The
    /// fields go into the frame that begins the block, and its continuations are left empty. The block may refer to
    /// earlier ones, and end before its END_HEADERS.
    pub fn with_block_fields(
        &self,
        index: usize,
        change: impl FnOnce(&mut Vec<ByteField>) -> bool,
    ) -> Option<Vec<Step>> {
        let begin = self.block_begin(index)?;
        let mut block = self.block_from(begin)?.clone();
        if !change(&mut block.fields) {
            return None;
        }
        let head = with_fragment(self.frame(begin)?, &block.spelt_out())?;
        let rest = || Some(Frame { payload: Bytes::new(), ..self.frame(index)?.clone() });
        let changed = if index == begin { head } else { rest()? };
        Some(vec![Step::Send(changed)])
    }

    /// The step that begins the field block of the step at `index`.
    pub(super) fn block_begin(&self, index: usize) -> Option<usize> {
        match self.frame(index)?.kind {
            FrameType::CONTINUATION => (0..index)
                .rev()
                .find(|before| self.frame(*before).is_some_and(|frame| frame.kind != FrameType::CONTINUATION)),
            _ => Some(index),
        }
    }

    /// The same with every block spelt out in the frame that begins it, so that none refers to one before it.
    pub fn spelt_out(&self) -> Script {
        let spelt_out = with_repairs(self.steps, |index| self.with_block_fields(index, |_| true));
        spelt_out.unwrap_or_else(|| Script::new(self.steps.to_vec()))
    }
}

/// A field block: its fields, and what is behind them and does not decode, or is too large to be read.
#[derive(Clone, Debug, Default)]
struct Block {
    fields: Vec<ByteField>,
    rest: Vec<u8>,
}

impl Block {
    fn read(mut block: &[u8], reader: &mut BlockReader) -> Block {
        let (mut fields, mut size) = (Vec::new(), 0);
        while let Some(after) = hpack::after_first(block).filter(|_| size <= hpack::MAX_READ) {
            let Ok(field) = reader.read_bytes(&block[..block.len() - after.len()]) else { break };
            // A change of the table's size may stand at the beginning only.
            if field.is_empty() && !fields.is_empty() {
                break;
            }
            size += field.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
            fields.extend(field);
            block = after;
        }
        Block { fields, rest: block.to_vec() }
    }

    fn spelt_out(&self) -> Vec<u8> {
        let fields = self.fields.iter().map(|(name, value)| (&name[..], &value[..]));
        [hpack::encode(fields), self.rest.clone()].concat()
    }
}

/// For every step the block that it begins: a block may refer to those before it, and end where another frame stands in the
/// place of what continues it.
fn blocks(steps: &[Step]) -> Vec<Option<Block>> {
    // What a server takes that says nothing else (RFC 9113 §6.5.2).
    const TABLE: usize = 4_096;
    let mut reader = BlockReader::new(TABLE);
    let mut blocks = vec![None; steps.len()];
    let mut open: Option<(usize, Vec<u8>)> = None;
    for (index, frame) in steps.iter().enumerate().filter_map(|(index, step)| Some((index, step.frame()?))) {
        let (begun, block) = match (frame.view(), open.take()) {
            (View::Headers(fragment) | View::PushPromise { block: fragment, .. }, None) => (index, fragment.to_vec()),
            (View::Continuation(fragment), Some((begun, block))) => (begun, [&block, fragment].concat()),
            (_, Some((begun, block))) => {
                blocks[begun] = Some(Block::read(&block, &mut reader));
                continue;
            }
            (_, None) => continue,
        };
        if frame.has(flags::END_HEADERS) {
            blocks[begun] = Some(Block::read(&block, &mut reader));
        } else {
            open = Some((begun, block));
        }
    }
    if let Some((begun, block)) = open {
        blocks[begun] = Some(Block::read(&block, &mut reader));
    }
    blocks
}

/// The same frame with another fragment, and all that is around it as it was; `None` if it would be longer than a server takes
/// frames.
fn with_fragment(frame: &Frame, fragment: &[u8]) -> Option<Frame> {
    const LONGEST: usize = 16_384;
    let (old, before) = match frame.view() {
        View::Headers(old) if frame.has(flags::PRIORITY) => (old, 5),
        View::Headers(old) => (old, 0),
        View::PushPromise { block, .. } => (block, 4),
        _ => return None,
    };
    let before = before + usize::from(frame.has(flags::PADDED));
    let mut payload = BytesMut::with_capacity(frame.payload.len() + fragment.len());
    payload.extend_from_slice(&frame.payload[..before]);
    payload.extend_from_slice(fragment);
    payload.extend_from_slice(&frame.payload[before + old.len()..]);
    (payload.len() <= LONGEST).then(|| Frame { payload: payload.freeze(), ..frame.clone() })
}
