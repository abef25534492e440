use super::Body;
use bytes::Bytes;
use std::sync::LazyLock;

/// The length after which the bytes repeat.
const PERIOD: usize = Body::MAX_SIZE as usize;
/// How far the content of one origin is from that of the next.
const STRIDE: usize = 4 * 4_099;

/// Counts in steps of four characters, so that any seven bytes occur once.
static PATTERN: LazyLock<Bytes> = LazyLock::new(|| {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let digits = |number: usize| [1, 36, 1_296, 46_656].map(|place| DIGITS[number / place % 36]);
    let once: Vec<u8> = (0..PERIOD / 4).flat_map(digits).collect();
    [&once[..], &once[..]].concat().into()
});

/// Content that tells where it belongs: `size` bytes, at most [`Body::MAX_SIZE`], from `start` on, of the content that
/// belongs to the request or the stream with the number `origin`.
pub fn content(origin: u32, start: usize, size: usize) -> Bytes {
    let begin = (origin as usize).wrapping_mul(STRIDE).wrapping_add(start) % PERIOD;
    PATTERN.slice(begin..begin + size.min(PERIOD))
}
