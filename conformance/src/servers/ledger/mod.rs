//! The servers' ledger: every known divergence between them, one per file, with its cause and its repair.
//!
//! As in the [clients' ledger](crate::ledger), *explained means repaired*: an entry names its trigger in the client's
//! frames, and the smallest edit that removes it. A difference is excused only if the servers agree on everything after
//! the repairs.
//!
//! To add a divergence: a file with an entry, its line in [`LEDGER`], and a file in `corpus/server` that reproduces it.

use super::{ClientBytes, ServerResult, ServerSide};
use crate::{
    comparison::Comparison,
    ledger::{Divergence, Frames, Judged, ServerRepair, with_repairs},
    oracles::{Law, Violation},
    script::Script,
    vocabulary::PerStack,
};

mod conflicting_content_length;
mod connect_with_content_length;
mod content_length_without_content;
mod dropped_tunnel;
mod empty_data_flood;
mod goaway_ends_own_requests;
mod goaway_on_a_stream;
mod header_list_way_too_large;
mod initial_window_size_up_and_down;
mod method_characters;
mod missing_client_preface;
mod oversized_header_list;
mod padding_in_flow_control;
mod path_beyond_ascii;
mod path_without_slash;
mod priority_resets_an_idle_stream;
mod push_promise_from_a_client;
mod refused_streams_are_counted;
mod setting_twice_in_a_frame;
mod small_data_flood;
mod stream_error_for_a_connection_error;
mod window_before_acknowledgement;

/// Every entry, in the order in which repairs are tried.
pub const LEDGER: &[&ServerDivergence] = &[
    &goaway_on_a_stream::ENTRY,
    &goaway_ends_own_requests::ENTRY,
    &path_without_slash::ENTRY,
    &conflicting_content_length::ENTRY,
    &content_length_without_content::ENTRY,
    &method_characters::ENTRY,
    &path_beyond_ascii::ENTRY,
    &connect_with_content_length::ENTRY,
    &dropped_tunnel::ENTRY,
    &empty_data_flood::ENTRY,
    &small_data_flood::ENTRY,
    &refused_streams_are_counted::ENTRY,
    &header_list_way_too_large::ENTRY,
    &oversized_header_list::ENTRY,
    &window_before_acknowledgement::ENTRY,
    &padding_in_flow_control::ENTRY,
    &initial_window_size_up_and_down::ENTRY,
    &missing_client_preface::ENTRY,
    &priority_resets_an_idle_stream::ENTRY,
    &push_promise_from_a_client::ENTRY,
    &stream_error_for_a_connection_error::ENTRY,
    &setting_twice_in_a_frame::ENTRY,
];

/// One known divergence of the servers.
pub type ServerDivergence = Divergence<ServerRepair>;

impl Judged for ServerSide {
    type Repair = ServerRepair;
    type Result = ServerResult;

    const LEDGER: &'static [&'static ServerDivergence] = LEDGER;

    const UNCONDITIONAL: Law = Law::Liveness;

    fn violations(comparison: &Comparison<ServerSide>) -> Vec<Violation> {
        let faults = comparison.sides.each().into_iter().filter_map(ServerSide::fault);
        let difference = |message| Violation::new(Law::Equivalence, None, None, message);
        let misconduct = comparison.sides.each().into_iter().flat_map(ServerSide::misconduct);
        faults.chain(comparison.differences().into_iter().map(difference)).chain(misconduct).collect()
    }

    fn results(comparison: &Comparison<ServerSide>, _: &Violation) -> PerStack<ServerResult> {
        let (_, parted) = comparison.parting();
        PerStack::of(|stack| ServerResult::new(parted[stack as usize], &comparison.sides[stack].end))
    }

    /// How many of the compared frames are equal before the servers part.
    fn fault(comparison: &Comparison<ServerSide>) -> Option<usize> {
        (!ServerSide::violations(comparison).is_empty()).then(|| comparison.parting().0)
    }

    type Reading<'r> = Frames<'r>;

    fn reading<'r>(script: &'r Script, _: &'r Comparison<ServerSide>) -> Frames<'r> {
        Frames::new(script)
    }

    fn repaired(entry: &ServerDivergence, frames: &Frames<'_>, _: usize) -> Option<Script> {
        with_repairs(frames.steps(), |index| (entry.repair)(frames, index))
    }

    /// A repair edits one field block, but a block may refer to earlier ones: all fields are spelt out.
    fn readable(script: &Script) -> Script {
        Frames::new(&ServerSide::whole(script)).spelt_out()
    }

    /// The client sends what is left, and closes.
    fn whole(part: &Script) -> Script {
        ClientBytes::of(part).frames()
    }
}
