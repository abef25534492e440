use super::{INITIAL_WINDOW, MIN_MAX_FRAME_SIZE};
use crate::{http2::SettingId, rfc9113::clauses::Clause};
use std::collections::VecDeque;

/// The settings of the peer that bind the client.
#[derive(Clone, Copy, Debug)]
pub(super) struct PeerSettings {
    pub max_frame_size: u32,
    pub stream_limit: Option<u32>,
    pub initial_window: i64,
    /// The size of the dynamic table.
    pub table: u32,
    /// The smallest size that the same SETTINGS frame gave it.
    pub smallest_table: u32,
}

/// The peer's settings as they change: those in force, and those of each SETTINGS frame that the client has received
/// since and not acknowledged.
#[derive(Debug)]
pub(super) struct ChangingSettings(VecDeque<PeerSettings>);

/// The size of the dynamic table until the peer sets another (§6.5.2).
pub(super) const DEFAULT_TABLE: u32 = 4_096;

impl Default for ChangingSettings {
    fn default() -> ChangingSettings {
        let initial = PeerSettings {
            max_frame_size: MIN_MAX_FRAME_SIZE,
            stream_limit: None,
            initial_window: INITIAL_WINDOW,
            table: DEFAULT_TABLE,
            smallest_table: DEFAULT_TABLE,
        };
        ChangingSettings([initial].into())
    }
}

impl ChangingSettings {
    /// Begins another SETTINGS frame.
    pub(super) fn begin(&mut self) {
        let next = PeerSettings { smallest_table: u32::MAX, ..self.last() };
        self.0.push_back(next);
    }

    /// Takes a setting of the last SETTINGS frame.
    pub(super) fn set(&mut self, id: SettingId, value: u32) {
        let Some(last) = self.0.back_mut() else { return };
        match id {
            SettingId::MAX_FRAME_SIZE => last.max_frame_size = value,
            SettingId::MAX_CONCURRENT_STREAMS => last.stream_limit = Some(value),
            SettingId::INITIAL_WINDOW_SIZE => last.initial_window = i64::from(value),
            SettingId::HEADER_TABLE_SIZE => {
                last.table = value;
                last.smallest_table = last.smallest_table.min(value);
            }
            _ => {}
        }
    }

    /// Puts the next SETTINGS frame in force, and returns the smallest table size in it; `None` if there is none.
    pub(super) fn acknowledge(&mut self) -> Option<u32> {
        if !self.is_owed() {
            return None;
        }
        self.0.pop_front();
        self.0.front().map(|settings| settings.smallest_table)
    }

    /// Whether a SETTINGS frame is not acknowledged.
    pub(super) fn is_owed(&self) -> bool {
        self.0.len() > 1
    }

    /// The settings once all are in force.
    pub(super) fn last(&self) -> PeerSettings {
        self.0[self.0.len() - 1]
    }

    /// How much larger a window may be than all received settings make it: some of them may not be in force yet.
    pub(super) fn window_slack(&self) -> i64 {
        self.largest(|settings| settings.initial_window) - self.last().initial_window
    }

    /// The largest value that may be in force.
    pub(super) fn largest<T: Ord>(&self, value: fn(&PeerSettings) -> T) -> T {
        let last = value(&self.last());
        self.0.iter().map(value).max().unwrap_or(last)
    }
}

/// The clause that makes a value of a setting an error, whoever sends it (§6.5.2).
pub(super) fn invalid_value(id: SettingId, value: u32) -> Option<Clause> {
    match (id, value) {
        (SettingId::ENABLE_PUSH, 2..) => Some(Clause::EnablePushValue),
        (SettingId::INITIAL_WINDOW_SIZE, 0x8000_0000..) => Some(Clause::InitialWindowValue),
        (SettingId::MAX_FRAME_SIZE, ..MIN_MAX_FRAME_SIZE | 0x0100_0000..) => Some(Clause::MaxFrameSizeValue),
        _ => None,
    }
}
