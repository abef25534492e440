//! A build that has no clients to play to: nothing is told of any.

use crate::report::{Case, Run};
use maud::{Markup, html};
use std::marker::PhantomData;

/// None.
pub(super) struct Clients<'run>(PhantomData<&'run Run>);

impl<'run> Clients<'run> {
    pub(super) fn of(_: &'run Run) -> Clients<'run> {
        Clients(PhantomData)
    }

    pub(super) fn any(&self) -> bool {
        false
    }

    pub(super) fn number(&self) -> usize {
        0
    }

    pub(super) fn is_wrong_itself(&self, _: &str) -> bool {
        false
    }

    pub(super) fn version(&self) -> Markup {
        html! {}
    }

    pub(super) fn summary(&self) -> Markup {
        html! {}
    }

    pub(super) fn heads(&self) -> Markup {
        html! {}
    }

    pub(super) fn cells(&self, _: &str, _: &str) -> Markup {
        html! {}
    }

    pub(super) fn told(&self, _: &str, _: &str, _: &Case) -> Markup {
        html! {}
    }
}
