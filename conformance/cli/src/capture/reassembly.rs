//! From segments of TCP to the bytes of both sides of each connection, in the order of the capture.

use super::segments::{Piece, Segment};
use bytes::Bytes;
use conformance::frame_logs::{CapturedConnection, Sent, Side};
use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
};

/// The connections of a capture.
pub(super) struct Connections<'f> {
    file: &'f Bytes,
    all: Vec<Connection<'f>>,
    /// The newest connection between two ends, the lesser first.
    newest: HashMap<[SocketAddr; 2], usize>,
}

/// A connection.
struct Connection<'f> {
    client: SocketAddr,
    /// Whether its client is known: the capture has its SYN.
    is_opened: bool,
    sent: Vec<(Side, Sent)>,
    directions: [Direction<'f>; 2],
}

/// What one side sends.
#[derive(Default)]
struct Direction<'f> {
    /// The sequence number of the first byte; none before the first segment.
    first: Option<u32>,
    /// The number of bytes that are there without a gap.
    there: i64,
    /// What is behind the first gap, by its place.
    behind: BTreeMap<i64, Behind<'f>>,
    /// How much both sides had sent when the gap appeared.
    gap: Option<usize>,
    has_ended: bool,
}

/// Something that is sent behind a gap.
#[derive(Clone, Copy, Default)]
struct Behind<'f> {
    bytes: &'f [u8],
    is_end: bool,
}

impl<'f> Connections<'f> {
    pub(super) fn new(file: &'f Bytes) -> Connections<'f> {
        Connections { file, all: Vec::new(), newest: HashMap::new() }
    }

    pub(super) fn add(&mut self, segment: &Segment<'f>) {
        let file = self.file;
        let opens = segment.syn && segment.acknowledged.is_none();
        let again = |connection: &Connection| {
            let direction = &connection.directions[Side::Client as usize];
            connection.is_opened && direction.first == Some(segment.sequence.wrapping_add(1))
        };
        let connection = self.between(segment.from, segment.to, |connection| opens && !again(connection));
        if opens {
            (connection.client, connection.is_opened) = (segment.from, true);
        }
        connection.add(segment, file);
    }

    /// Adds a piece of a connection that is in its place already.
    pub(super) fn add_piece(&mut self, piece: Piece<'f>) {
        let file = self.file;
        let connection = self.between(piece.from, piece.to, |_| false);
        let side = connection.side(piece.from);
        connection.sent.push((side, Sent::Bytes(file.slice_ref(piece.bytes))));
    }

    /// The newest connection between two ends, or a new one if there is none or it is over.
    fn between(
        &mut self,
        from: SocketAddr,
        to: SocketAddr,
        is_over: impl FnOnce(&Connection) -> bool,
    ) -> &mut Connection<'f> {
        let key = if from < to { [from, to] } else { [to, from] };
        let newest = self.newest.get(&key).copied();
        let index = newest.filter(|index| !is_over(&self.all[*index])).unwrap_or(self.all.len());
        if index == self.all.len() {
            // Servers have the lower ports.
            let client = if from.port() > to.port() { from } else { to };
            self.all.push(Connection { client, is_opened: false, sent: Vec::new(), directions: Default::default() });
            self.newest.insert(key, index);
        }
        &mut self.all[index]
    }

    /// The connections. Behind a fault of the file, packets of all that have not ended are missing.
    pub(super) fn finish(self, is_damaged: bool) -> Vec<CapturedConnection> {
        self.all.into_iter().map(|connection| connection.finish(is_damaged)).collect()
    }
}

impl<'f> Connection<'f> {
    fn side(&self, of: SocketAddr) -> Side {
        if of == self.client { Side::Client } else { Side::Server }
    }

    fn add(&mut self, segment: &Segment<'f>, file: &Bytes) {
        let side = self.side(segment.from);
        // The client's first acknowledgement says where the server begins, even if its first packet is missing.
        let of_server = &mut self.directions[Side::Server as usize];
        if side == Side::Client && self.is_opened && of_server.first.is_none() {
            of_server.first = segment.acknowledged;
        }
        let direction = &mut self.directions[side as usize];
        let sequence = segment.sequence.wrapping_add(u32::from(segment.syn));
        let first = *direction.first.get_or_insert(sequence);
        // The difference to what is expected next has a sign: numbers begin again behind the greatest.
        let expected = first.wrapping_add(direction.there as u32);
        let place = direction.there + i64::from(sequence.wrapping_sub(expected) as i32);
        if !segment.rst {
            // Also a segment without bytes shows that all before it have been sent.
            direction.put(place, Behind { bytes: segment.payload, is_end: false });
            let end = place + segment.payload.len() as i64 + segment.lacks as i64;
            if segment.lacks > 0 || segment.fin {
                direction.put(end, Behind { bytes: &[], is_end: segment.fin });
            }
            direction.hand_over(side, &mut self.sent, file);
        } else if !direction.has_ended && direction.gap.is_none() {
            direction.has_ended = true;
            self.sent.push((side, Sent::Reset));
        }
    }

    fn finish(mut self, is_damaged: bool) -> CapturedConnection {
        let gap = self.directions.iter().filter_map(|direction| direction.gap).min();
        self.sent.truncate(gap.unwrap_or(self.sent.len()));
        let has_ended = self.directions.iter().any(|direction| direction.has_ended);
        CapturedConnection {
            sent: self.sent,
            is_opened: self.is_opened,
            is_cut: gap.is_some() || (is_damaged && !has_ended),
        }
    }
}

impl<'f> Direction<'f> {
    /// Keeps what is sent at a place. Of two segments there, the longer has the bytes of the other.
    fn put(&mut self, place: i64, sent: Behind<'f>) {
        if self.has_ended {
            return;
        }
        let kept = self.behind.entry(place).or_default();
        kept.is_end |= sent.is_end;
        if sent.bytes.len() > kept.bytes.len() {
            kept.bytes = sent.bytes;
        }
    }

    /// Hands over everything up to the first gap.
    fn hand_over(&mut self, side: Side, sent: &mut Vec<(Side, Sent)>, file: &Bytes) {
        while let Some(next) = self.behind.first_entry().filter(|next| *next.key() <= self.there) {
            let (place, Behind { bytes, is_end }) = next.remove_entry();
            // The beginning may be a repetition.
            let known = (self.there - place) as usize;
            if let Some(new) = bytes.get(known..).filter(|new| !new.is_empty()) {
                self.there += new.len() as i64;
                sent.push((side, Sent::Bytes(file.slice_ref(new))));
            }
            if is_end {
                self.has_ended = true;
                sent.push((side, Sent::End));
                // Nothing follows.
                self.behind.clear();
            }
        }
        self.gap = if self.behind.is_empty() { None } else { self.gap.or(Some(sent.len())) };
    }
}
