use super::{Repaired, with_repairs};
use crate::{
    http2::{
        Frame, FrameType, SettingId, View, flags,
        hpack::{self, BlockReader, ByteField},
    },
    script::{Script, Step},
};
use bytes::Bytes;
use std::{cell::OnceCell, collections::BTreeMap};

/// A DATA frame with at least this much content is not small.
const SMALL: usize = 256;

/// The charge for a DATA frame with this much content. One without content is charged otherwise.
fn charge(data: &Option<usize>) -> usize {
    data.filter(|data| *data > 0).map_or(0, |data| SMALL.saturating_sub(data))
}

/// The frames that the peer sends, as a repair reads them: each with what came before it.
pub struct Frames<'script> {
    pub(super) steps: &'script [Step],
    data: OnceCell<Vec<Option<usize>>>,
    charges: OnceCell<Vec<usize>>,
    blocks: OnceCell<BTreeMap<usize, Block>>,
}

impl<'script> Frames<'script> {
    /// The frames that the steps of this script send.
    pub fn new(script: &'script Script) -> Frames<'script> {
        Frames { steps: script.steps(), data: OnceCell::new(), charges: OnceCell::new(), blocks: OnceCell::new() }
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

    /// The frames from the step at `index` on, each with its step.
    pub fn frames_from(&self, index: usize) -> impl Iterator<Item = (usize, &'script Frame)> {
        let steps = self.steps.iter().enumerate().skip(index);
        steps.filter_map(|(at, step)| Some((at, step.frame()?)))
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

    /// For each step, what modern charges for the small DATA frames without END_STREAM up to it: what their content falls
    /// short of 256 bytes, in sum.
    pub fn charges(&self) -> &[usize] {
        self.charges.get_or_init(|| {
            let mut sum = 0;
            let sums = self.data().iter().map(|data| {
                sum += charge(data);
                sum
            });
            sums.collect()
        })
    }

    /// Whether modern charges for the step at `index`.
    pub fn is_charged(&self, index: usize) -> bool {
        charge(&self.data()[index]) > 0
    }

    /// The step at `index` after `change` has edited the fields of its whole block; `None` if `change` returns false. The
    /// fields go into the frame that begins the block, and its continuations are left empty. The block may refer to
    /// earlier ones, and end before its END_HEADERS.
    pub fn with_block_fields(&self, index: usize, change: impl FnOnce(&mut Vec<ByteField>) -> bool) -> Repaired {
        let begin = self.block_begin(index)?;
        let mut block = self.blocks.get_or_init(|| self.blocks()).get(&begin)?.clone();
        if !change(&mut block.fields) {
            return None;
        }
        let head = with_fragment(self.frame(begin)?, &block.spelt_out())?;
        let rest = Frame { payload: Bytes::new(), ..self.frame(index)?.clone() };
        Some(send(if index == begin { head } else { rest }))
    }

    /// The step that begins the field block of the step at `index`.
    pub(super) fn block_begin(&self, index: usize) -> Option<usize> {
        self.frame(index)?;
        (0..=index).rev().find(|at| self.frame(*at).is_some_and(|frame| frame.kind != FrameType::CONTINUATION))
    }

    /// The field blocks by the step that each begins with: a block may refer to those before it, and end where another
    /// frame stands in the place of what continues it.
    fn blocks(&self) -> BTreeMap<usize, Block> {
        // What a server takes that says nothing else (RFC 9113 §6.5.2).
        const TABLE: usize = 4_096;
        let mut blocks: Vec<(usize, Vec<u8>)> = Vec::new();
        let mut is_open = false;
        for (index, frame) in self.frames_from(0) {
            is_open = match (frame.view(), blocks.last_mut().filter(|_| is_open)) {
                (View::Headers(fragment) | View::PushPromise { block: fragment, .. }, None) => {
                    blocks.push((index, fragment.to_vec()));
                    !frame.has(flags::END_HEADERS)
                }
                (View::Continuation(fragment), Some((_, block))) => {
                    block.extend_from_slice(fragment);
                    !frame.has(flags::END_HEADERS)
                }
                _ => false,
            };
        }
        let mut reader = BlockReader::new(TABLE);
        blocks.into_iter().map(|(begin, block)| (begin, Block::read(&block, &mut reader))).collect()
    }

    /// The SETTINGS frame at `index` with the value `by` for every setting that `fits`; `None` if there is none.
    pub(super) fn with_settings(&self, index: usize, fits: impl Fn(SettingId, u32) -> bool, by: u32) -> Repaired {
        let frame = self.frame(index)?;
        let View::Settings(settings) = frame.view() else { return None };
        settings.iter().any(|(id, value)| fits(*id, *value)).then(|| {
            let settings = settings.into_iter().map(|(id, value)| (id, if fits(id, value) { by } else { value }));
            with_payload_of(frame, Frame::settings(settings))
        })
    }

    /// The SETTINGS frame at `index` with stream slots for all requests; `None` if it does not limit them.
    pub(super) fn with_enough_slots(&self, index: usize) -> Repaired {
        // More than any script has requests.
        const ENOUGH: u32 = 1 << 20;
        self.with_settings(index, |id, value| id == SettingId::MAX_CONCURRENT_STREAMS && value < ENOUGH, ENOUGH)
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
    let payload = [&frame.payload[..before], fragment, &frame.payload[before + old.len()..]].concat();
    (payload.len() <= LONGEST).then(|| Frame { payload: payload.into(), ..frame.clone() })
}

/// The values that a SETTINGS frame gives this setting, in order; none for other frames.
pub(super) fn values(frame: &Frame, id: SettingId) -> impl Iterator<Item = u32> {
    let settings = if let View::Settings(settings) = frame.view() { settings } else { Vec::new() };
    settings.into_iter().filter(move |(setting, _)| *setting == id).map(|(_, value)| value)
}

/// This frame in place of another.
pub(super) fn send(frame: Frame) -> Vec<Step> {
    vec![Step::Send(frame)]
}

/// The same frame with the payload of `other`.
pub(super) fn with_payload_of(frame: &Frame, other: Frame) -> Vec<Step> {
    send(Frame { payload: other.payload, ..frame.clone() })
}

/// The same frame with a type that RFC 9113 does not define, which a receiver ignores (§5.5).
pub(crate) fn ignored(frame: &Frame) -> Vec<Step> {
    send(Frame { kind: FrameType(0xef), ..frame.clone() })
}
