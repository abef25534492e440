//! Small choices that all parts of the grammar make.

use crate::http2::{Frame, StreamId, hpack::Field};
use proptest::{
    prelude::*,
    sample::{Select, select},
};
use std::fmt::Debug;

/// The maximum number of requests that are issued at once.
pub(super) const REQUESTS: usize = 8;

/// One of these values, by weight; it shrinks towards the first. (`prop_oneof!` would build a value tree for every arm,
/// and each script makes these choices many times.)
pub(super) fn weighted<T: Clone + Debug + 'static>(choices: impl IntoIterator<Item = (usize, T)>) -> Select<T> {
    let each: Vec<T> = choices.into_iter().flat_map(|(weight, value)| std::iter::repeat_n(value, weight)).collect();
    select(each)
}

/// The stream of one of the requests that are issued at once, most often of the first.
pub(super) fn a_request_stream() -> impl Strategy<Value = StreamId> {
    let weights = [16, 6, 3, 2, 1, 1, 1, 1];
    let streams = weights.into_iter().enumerate().map(|(request, weight)| (weight, StreamId::of_request(request)));
    weighted(streams)
}

pub(super) fn a_stream() -> impl Strategy<Value = StreamId> {
    (a_request_stream(), weighted([(14, false), (1, true)]), any_stream())
        .prop_map(|(stream, elsewhere, other)| if elsewhere { other } else { stream })
}

pub(super) fn any_stream() -> impl Strategy<Value = StreamId> {
    (weighted([(1, 0), (1, 3), (1, 12), (1, u32::MAX)]), any::<u32>())
        .prop_map(|(limit, number)| StreamId::from_word(number.checked_rem(limit).unwrap_or_default()))
}

pub(super) fn owned(fields: &[(&str, &str)]) -> Vec<Field> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub(super) fn borrowed(fields: &[Field]) -> impl Iterator<Item = (&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}

/// A DATA frame with content of one of these sizes, by weight.
pub(super) fn data(sizes: impl IntoIterator<Item = (usize, usize)>) -> impl Strategy<Value = Frame> {
    let padding = weighted([(7, None), (1, Some(0)), (1, Some(20))]);
    (a_stream(), weighted(sizes), padding, end_stream()).prop_map(|(stream, size, padding, end)| {
        let frame = Frame::data(stream, blank(size));
        ended(if let Some(padding) = padding { frame.padded(padding) } else { frame }, end)
    })
}

/// The place of content, which is filled when the script is complete.
pub(super) fn blank(size: usize) -> Vec<u8> {
    vec![0; size]
}

pub(super) fn end_stream() -> impl Strategy<Value = bool> {
    weighted([(2, false), (1, true)])
}

pub(super) fn ended(frame: Frame, end: bool) -> Frame {
    if end { frame.end_stream() } else { frame }
}
