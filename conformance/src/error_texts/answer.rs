//! From the chains that print a text to the answer: whether the request was processed, and whether it may be sent again.

use super::read::Said;
use crate::{
    chain::{Chain, Link},
    classifiers::{Advice, Proof, Verdict, decide, deciding_link, proof},
    vocabulary::{Phase, Processed},
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What the text of an error means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The text, from the first to the last part of it that is known.
    pub text: String,
    /// The answers for the chains and phases that print so, the first for a request that waits for its response. There is
    /// more than one only if they differ.
    pub cases: Vec<AnswerCase>,
    /// What the text does not say.
    pub not_said: Vec<NotSaid>,
}

/// The answer for chains of one verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerCase {
    /// How far the request had come.
    pub phases: Vec<Phase>,
    /// The chains that print the text.
    pub chains: Vec<Chain>,
    /// The verdict on them.
    pub verdict: Verdict,
    /// What proves that the request was not processed.
    pub clause: Basis,
    /// Whether a GET may be sent again.
    pub get: SentAgain,
    /// Whether a POST may be sent again.
    pub post: SentAgain,
}

/// Something that decides and that the text does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotSaid {
    /// How far the request had come.
    Phase,
    /// The cause: the text ends before it.
    Cause,
    /// Which frame ended the request, and who sent it.
    Frame,
    /// Whether the error is of hyper, or of another crate with the same words.
    Crate,
    /// Whether h2 passed the I/O error on.
    Transport,
}

/// What the answer to whether the request was processed rests on, each with its clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The request was never written (RFC 9110 §9.2.2).
    NeverSent,
    /// GOAWAY disowned its stream (RFC 9113 §6.8).
    Goaway,
    /// Its stream was refused (RFC 9113 §8.7).
    RefusedStream,
    /// A response had begun (RFC 9113 §8.1).
    Response,
    /// Nothing proves that it was not processed (RFC 9113 §8.7).
    NoProof,
}

/// Whether a request may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SentAgain {
    /// It may.
    Yes,
    /// It may, and should wait.
    Later,
    /// It may, over HTTP/1.1.
    OverHttp1,
    /// It may, and the same would probably happen again.
    InVain,
    /// It may not: the peer may have acted on it.
    No,
}

impl Answer {
    pub(super) fn of(said: Said) -> Answer {
        let mut cases: Vec<AnswerCase> = Vec::new();
        for phase in &said.phases {
            let mut of_phase: Vec<AnswerCase> = Vec::new();
            said.chains.iter().for_each(|chain| AnswerCase::add(&mut of_phase, chain, *phase));
            // With several chains for one phase, the most cautious answer comes first.
            of_phase.sort_by_key(|case| std::cmp::Reverse(case.verdict.processed));
            cases.extend(of_phase);
        }
        let mut merged: Vec<AnswerCase> = Vec::new();
        for case in cases {
            match merged.iter_mut().find(|known| known.is_like(&case)) {
                Some(known) => {
                    known.phases.extend(case.phases);
                    let new: Vec<_> = case.chains.into_iter().filter(|chain| !known.chains.contains(chain)).collect();
                    known.chains.extend(new);
                }
                None => merged.push(case),
            }
        }
        Answer { not_said: not_said(&said), text: said.text, cases: merged }
    }

    /// Whether it is the answer for this chain of a request that ended in this phase.
    pub fn covers(&self, chain: &Chain, phase: Phase) -> bool {
        self.cases.iter().any(|case| case.phases.contains(&phase) && case.chains.contains(chain))
    }

    /// The link that decides, of the first chain.
    pub fn deciding_link(&self) -> Option<&Link> {
        let chain = self.cases.first()?.chains.first()?;
        chain.links.get(deciding_link(chain)?)
    }
}

impl AnswerCase {
    fn add(cases: &mut Vec<AnswerCase>, chain: &Chain, phase: Phase) {
        let verdict = decide(chain, phase);
        let clause = match (proof(chain, phase), verdict.processed) {
            (Some(Proof::NeverSent | Proof::HandedBack), _) => Basis::NeverSent,
            (Some(Proof::GoawayNoError | Proof::GoawayWithError), _) => Basis::Goaway,
            (Some(Proof::RefusedStream), _) => Basis::RefusedStream,
            (None, Processed::Yes) => Basis::Response,
            (None, _) => Basis::NoProof,
        };
        let [get, post] = [true, false].map(|idempotent| SentAgain::by(&verdict, idempotent));
        let case = AnswerCase { phases: vec![phase], chains: vec![chain.clone()], verdict, clause, get, post };
        match cases.iter_mut().find(|known| known.is_like(&case)) {
            Some(known) => known.chains.push(chain.clone()),
            None => cases.push(case),
        }
    }

    fn is_like(&self, other: &AnswerCase) -> bool {
        self.verdict == other.verdict && self.clause == other.clause
    }
}

impl SentAgain {
    /// An idempotent request may always be sent again (RFC 9110 §9.2.2), any other only if it was not processed.
    fn by(verdict: &Verdict, idempotent: bool) -> SentAgain {
        match verdict.advice {
            _ if !idempotent && verdict.processed != Processed::No => SentAgain::No,
            Advice::Retry => SentAgain::Yes,
            Advice::BackOff => SentAgain::Later,
            Advice::UseHttp1 => SentAgain::OverHttp1,
            Advice::GiveUp => SentAgain::InVain,
        }
    }
}

fn not_said(said: &Said) -> Vec<NotSaid> {
    let differ = |of: fn(&Chain) -> bool| said.chains.iter().any(|chain| of(chain) != of(&said.chains[0]));
    let frames = said.chains.iter().any(|chain| chain.h2().is_some_and(|h2| h2.reason.is_some()))
        && said.chains.iter().any(|chain| chain.h2() != said.chains[0].h2());
    let missing = [
        (said.phases.len() > 1, NotSaid::Phase),
        (said.without_cause, NotSaid::Cause),
        (frames, NotSaid::Frame),
        (differ(|chain| chain.hyper().is_some()), NotSaid::Crate),
        (!frames && differ(|chain| chain.h2().is_some()), NotSaid::Transport),
    ];
    missing.into_iter().filter_map(|(is_missing, what)| is_missing.then_some(what)).collect()
}

impl fmt::Display for NotSaid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotSaid::Phase => {
                "how far the request had come: what is printed around it does, such as `error trying to connect`, `error \
                 sending request` or `error reading a body from connection`"
            }
            NotSaid::Cause => {
                "the cause: print the error with all its sources, with `{:?}`, or with `{:#}` of anyhow, and paste that"
            }
            NotSaid::Frame => {
                "which frame ended the request, and who sent it: look for `received frame=GoAway` or `received \
                 frame=Reset` in the log of h2 (`RUST_LOG=h2=debug`), or print the error with `{:?}`"
            }
            NotSaid::Crate => "whether hyper or another crate prints it: print the error with `{:?}`",
            NotSaid::Transport => {
                "whether h2 or hyper passed the I/O error on: the answer is the same, and `{:?}` shows it"
            }
        })
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Basis::NeverSent => "it was never sent, so it was never applied (RFC 9110 §9.2.2)",
            Basis::Goaway => {
                "the peer does not process a stream above the last_stream_id of its GOAWAY (RFC 9113 §6.8)"
            }
            Basis::RefusedStream => "REFUSED_STREAM is sent before any processing (RFC 9113 §8.7)",
            Basis::Response => "its response had begun, so the peer acted on it (RFC 9113 §8.1)",
            Basis::NoProof => "only GOAWAY or REFUSED_STREAM would prove that it was not (RFC 9113 §8.7)",
        })
    }
}

impl fmt::Display for SentAgain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SentAgain::Yes => "may be sent again",
            SentAgain::Later => "may be sent again, later",
            SentAgain::OverHttp1 => "may be sent again, over HTTP/1.1",
            SentAgain::InVain => "may be sent again, but perhaps in vain",
            SentAgain::No => "may not be sent again: the peer may have acted on it",
        })
    }
}
