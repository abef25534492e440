//! A content-length with more digits than h2 reads.

use super::{Divergence, Harm};

/// The most digits that both h2 read.
const DIGITS: usize = 19;

pub(super) const ENTRY: Divergence = Divergence {
    name: "many-digits-in-content-length",
    about: "A content-length with more than 19 digits, zeros at its beginning among them, is right if its value is; both \
            reset the stream with PROTOCOL_ERROR.",
    rfc: "RFC 9110 §8.6: \"a recipient MUST anticipate potentially large decimal numerals and prevent parsing errors due \
          to integer conversion overflows or precision loss due to integer conversion\".",
    project: "h2",
    harm: Harm::Failure.on_both(),
    cause: "parse_u64 (frame/headers.rs) of both h2 refuses more than 19 digits before it looks at them.",
    changed: "Every release of both.",
    reported: None,
    effect: "A response whose length is written with leading zeros fails.",
    meanwhile: Some("Have the server write the length without leading zeros."),
    scenario: "content-length-of-20-digits",
    repair: |exchange, index| {
        exchange.with_fields(index, |_, _, fields| {
            for (_, length) in fields.iter_mut().filter(|(name, _)| name == "content-length") {
                let value = length.trim_start_matches('0');
                if length.len() > DIGITS && value.len() <= DIGITS {
                    *length = value.to_owned();
                }
            }
        })
    },
};
