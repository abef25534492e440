//! The ledger: every known divergence between the stacks, one per file, with its cause and its repair.
//!
//! *Explained means repaired.* An entry is not a pattern over outcomes, which would hide new bugs. It names its trigger
//! in the script, and the smallest edit that removes the trigger. A violation is excused only if the law holds once the
//! triggers before the point of divergence are repaired; anything still wrong then has another cause.
//!
//! To add a divergence: a file with a [`Divergence`], its line in [`LEDGER`] or [`LOST`], and a scenario that reproduces it.

pub mod assertions;
mod exchange;
mod frames;
mod harm;
mod search;

pub use exchange::Exchange;
pub use frames::Frames;
pub(crate) use frames::ignored;
pub use harm::{Harm, LEFT_OPEN};
pub(crate) use search::with_repairs;
pub use search::{ATTEMPTS, Explanation, Judged, applicable, explain};

use crate::{
    comparison::Comparison,
    oracles::{LAWS, Law, Violation},
    outcome::{Side, SideResult},
    script::{Script, Step},
    vocabulary::PerStack,
};

mod cancel_ends_the_body;
mod cancelled_upload_goes_on;
pub(crate) mod conflicting_content_length;
mod connection_window_shared_differently;
pub(crate) mod content_length_without_content;
mod culprit_is_not_named;
mod dropped_tunnel_is_ended;
mod dropped_tunnel_panics;
mod empty_content_length;
mod empty_data_ends_a_tunnel;
pub(crate) mod empty_data_flood;
mod empty_data_is_no_sign_of_life;
mod enable_push_from_a_server;
mod end_of_stream_before_an_error;
mod frame_on_an_idle_stream;
mod goaway_code_is_lost;
mod goaway_drops_a_reset;
pub(crate) mod goaway_on_a_stream;
mod goaway_while_a_request_waits;
mod headers_in_a_tunnel;
mod illegal_promise_after_a_reset;
mod informational_head_is_hidden;
mod informational_head_with_end_stream;
pub(crate) mod initial_window_size_up_and_down;
mod keep_alive_while_idle;
mod keep_alive_without_a_client;
mod late_size_update;
mod malformed_field_is_forgotten;
mod malformed_fragment_ends_its_block;
mod malformed_promise_ends_its_request;
mod many_digits_in_content_length;
pub(crate) mod method_characters;
mod missing_server_preface;
mod missing_status;
mod never_written_is_lost;
mod no_error_ends_the_body;
pub(crate) mod oversized_header_list;
pub(crate) mod padding_in_flow_control;
mod pseudo_header_fields_in_trailers;
mod push_promise_after_reset;
mod request_body_fails;
mod request_pseudo_header_in_a_response;
mod reset_before_headers;
mod reset_ends_a_tunnel;
mod reset_tunnel_is_held;
pub(crate) mod setting_twice_in_a_frame;
mod size_hint_without_content;
mod slot_before_its_reset;
pub(crate) mod small_data_flood;
pub(crate) mod stream_error_for_a_connection_error;
mod tunnel_with_a_content_length;
mod tunnel_without_status_200;
mod upload_is_not_told_of_a_reset;
mod upload_waits_for_room;
mod waiting_request_is_blamed;
mod whitespace_at_the_ends_of_a_value;
mod whole_response_discarded;

/// Every entry, in the order in which repairs are tried.
pub const LEDGER: &[&Divergence] = &[
    &end_of_stream_before_an_error::ENTRY,
    &request_body_fails::ENTRY,
    &goaway_on_a_stream::ENTRY,
    &missing_status::ENTRY,
    &informational_head_with_end_stream::ENTRY,
    &content_length_without_content::ENTRY,
    &cancel_ends_the_body::ENTRY,
    &whole_response_discarded::ENTRY,
    &empty_data_flood::ENTRY,
    &small_data_flood::ENTRY,
    &padding_in_flow_control::ENTRY,
    &oversized_header_list::ENTRY,
    &initial_window_size_up_and_down::ENTRY,
    &reset_before_headers::ENTRY,
    &frame_on_an_idle_stream::ENTRY,
    &push_promise_after_reset::ENTRY,
    &goaway_drops_a_reset::ENTRY,
    &cancelled_upload_goes_on::ENTRY,
    &dropped_tunnel_panics::ENTRY,
    &dropped_tunnel_is_ended::ENTRY,
    &slot_before_its_reset::ENTRY,
    &goaway_while_a_request_waits::ENTRY,
    &waiting_request_is_blamed::ENTRY,
    &upload_waits_for_room::ENTRY,
    &upload_is_not_told_of_a_reset::ENTRY,
    &connection_window_shared_differently::ENTRY,
    &conflicting_content_length::ENTRY,
    &keep_alive_while_idle::ENTRY,
    &keep_alive_without_a_client::ENTRY,
    &empty_data_is_no_sign_of_life::ENTRY,
    &no_error_ends_the_body::ENTRY,
    &never_written_is_lost::ENTRY,
    &missing_server_preface::ENTRY,
    &enable_push_from_a_server::ENTRY,
    &pseudo_header_fields_in_trailers::ENTRY,
    &request_pseudo_header_in_a_response::ENTRY,
    &malformed_fragment_ends_its_block::ENTRY,
    &malformed_field_is_forgotten::ENTRY,
    &late_size_update::ENTRY,
    &setting_twice_in_a_frame::ENTRY,
    &illegal_promise_after_a_reset::ENTRY,
    &stream_error_for_a_connection_error::ENTRY,
    &informational_head_is_hidden::ENTRY,
    &empty_content_length::ENTRY,
    &many_digits_in_content_length::ENTRY,
    &method_characters::ENTRY,
    &whitespace_at_the_ends_of_a_value::ENTRY,
    &size_hint_without_content::ENTRY,
    &malformed_promise_ends_its_request::ENTRY,
    &tunnel_without_status_200::ENTRY,
    &tunnel_with_a_content_length::ENTRY,
    &empty_data_ends_a_tunnel::ENTRY,
    &reset_ends_a_tunnel::ENTRY,
    &headers_in_a_tunnel::ENTRY,
    &reset_tunnel_is_held::ENTRY,
];

/// What both stacks lose: no law is broken, but no reader can give the verdict that a scenario rightly expects. These
/// entries explain only an expectation that is not met.
pub const LOST: &[&Divergence] = &[&goaway_code_is_lost::ENTRY, &culprit_is_not_named::ENTRY];

/// The entries of [`LEDGER`] and [`LOST`].
pub fn entries() -> impl Iterator<Item = &'static Divergence> {
    LEDGER.iter().chain(LOST).copied()
}

/// The steps that replace a step and remove the trigger; `None` if the step is no trigger.
pub type Repaired = Option<Vec<Step>>;

/// Takes away the trigger of a divergence between clients.
pub type ClientRepair = fn(&Exchange<'_>, usize) -> Repaired;

/// Takes away the trigger of a divergence between servers.
pub type ServerRepair = fn(&Frames<'_>, usize) -> Repaired;

/// One known divergence: of the clients, or of the servers with another type of `Repair`.
pub struct Divergence<Repair = ClientRepair> {
    /// Its name, written like a scenario's.
    pub name: &'static str,
    /// What differs, in one sentence.
    pub about: &'static str,
    /// The clause of RFC 9113 that decides, quoted.
    pub rfc: &'static str,
    /// The crate with the fault.
    pub project: &'static str,
    /// What the fault does to an application, on each stack that has it; [`LEFT_OPEN`] if RFC 9113 leaves a choice.
    pub harm: PerStack<Option<Harm>>,
    /// The place in the upstream sources that makes the difference.
    pub cause: &'static str,
    /// The release that introduced the difference, with its change or issue if there is one.
    pub changed: &'static str,
    /// The public issue or change that reports it; `None` if none was found.
    pub reported: Option<&'static str>,
    /// Its effect on an application, in one sentence.
    pub effect: &'static str,
    /// What an application can do until the fault is fixed; `None` if there is no need or no way. Modern is a way out of
    /// what only legacy gets wrong.
    pub meanwhile: Option<&'static str>,
    /// The scenario that reproduces it; for servers, the file in `corpus/server`.
    pub scenario: &'static str,
    /// Repairs the step at this index. It edits only the fields that make the trigger.
    pub repair: Repair,
}

/// The side of a divergence that follows RFC 9113.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Right {
    /// Only hyper 0.14 on h2 0.3.
    Legacy,
    /// Only hyper 1 on h2 0.4.
    Modern,
    /// Both: the RFC leaves a choice.
    Both,
    /// Neither side.
    Neither,
}

/// The laws besides equivalence whose violations an entry can explain. Law 1 has no exceptions.
const EXPLAINED: [Law; 5] = [Law::Safety, Law::Completeness, Law::Integrity, Law::Liveness, Law::Conduct];

impl Judged for Side {
    type Repair = ClientRepair;
    type Result = SideResult;

    const LEDGER: &'static [&'static Divergence] = LEDGER;

    const UNCONDITIONAL: Law = Law::Agreement;

    fn violations(comparison: &Comparison) -> Vec<Violation> {
        LAWS.iter().flat_map(|law| law.judge(comparison)).collect()
    }

    fn results(comparison: &Comparison, violation: &Violation) -> PerStack<SideResult> {
        comparison.sides.map(|side| SideResult::new(side, violation.request))
    }

    /// The last step that had begun when equivalence or another explainable law was first broken; `None` if all hold, or
    /// if a known assertion failed.
    fn fault(comparison: &Comparison) -> Option<usize> {
        if assertions::are_known(comparison.sides.each().into_iter().flat_map(|side| &side.observation.panics)) {
            return None;
        }
        // The sides diverge in one place, however many differences follow.
        let difference = Law::Equivalence.judge(comparison).into_iter().next();
        let violations = difference.into_iter().chain(EXPLAINED.iter().flat_map(|law| law.judge(comparison)));
        violations.map(|violation: Violation| violation.step(comparison).unwrap_or_default()).min()
    }

    type Reading<'r> = Exchange<'r>;

    fn reading<'r>(script: &'r Script, comparison: &'r Comparison) -> Exchange<'r> {
        Exchange::new(script, comparison)
    }

    fn repaired(entry: &Divergence, exchange: &Exchange<'_>, fault: usize) -> Option<Script> {
        with_repairs(exchange.steps(), |index| (index <= fault).then(|| (entry.repair)(exchange, index)).flatten())
    }

    /// Triggers are frames: what is sent as raw bytes is sent as frames.
    fn readable(script: &Script) -> Script {
        script.reframed()
    }

    fn whole(part: &Script) -> Script {
        part.clone()
    }
}

impl<Repair> Divergence<Repair> {
    /// The side that follows RFC 9113.
    pub fn right(&self) -> Right {
        match self.harm.each() {
            [None, None] => Right::Both,
            [Some(_), None] => Right::Modern,
            [None, Some(_)] => Right::Legacy,
            [Some(_), Some(_)] => Right::Neither,
        }
    }
}

impl Divergence {
    /// The same fault seen from a server.
    pub(crate) const fn on_servers(&self, repair: ServerRepair) -> Divergence<ServerRepair> {
        Divergence {
            name: self.name,
            about: self.about,
            rfc: self.rfc,
            project: self.project,
            harm: self.harm,
            cause: self.cause,
            changed: self.changed,
            reported: self.reported,
            effect: self.effect,
            meanwhile: self.meanwhile,
            scenario: self.scenario,
            repair,
        }
    }
}
