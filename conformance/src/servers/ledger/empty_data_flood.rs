//! Many DATA frames without content.

use super::ServerDivergence;
use crate::ledger::{
    empty_data_flood::{self, BORNE},
    ignored,
};

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    effect: "A client that flushes empty frames makes every request on its connection to a modern server fail.",
    scenario: "flood-of-empty-data-from-a-client",
    ..empty_data_flood::ENTRY.on_servers(|frames, index| {
        let data = frames.data();
        let frame = frames.frame(index).filter(|_| data[index] == Some(0))?;
        let before = data[..index].iter().filter(|data| **data == Some(0)).count();
        (before >= BORNE).then(|| ignored(frame))
    })
};
