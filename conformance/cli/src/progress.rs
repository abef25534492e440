//! Progress bars for a terminal, and how Ctrl-C ends a command.

use crate::sweep::Watch;
use conformance::run::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

/// Set by Ctrl-C: the run ends early, and reports what it has.
static STOPPED: AtomicBool = AtomicBool::new(false);

/// The exit status after Ctrl-C.
pub const INTERRUPTED: u8 = 130;

/// Makes the first Ctrl-C end the command early with the results it has, and the second end the program.
pub fn stop_on_interrupt() {
    // If no handler can be set, Ctrl-C ends the program without a summary.
    let _ = ctrlc::set_handler(|| {
        if STOPPED.swap(true, Ordering::Relaxed) {
            std::process::exit(INTERRUPTED.into());
        }
    });
}

/// Whether Ctrl-C was pressed.
pub fn is_stopped() -> bool {
    STOPPED.load(Ordering::Relaxed)
}

/// The progress bar of a run, shown only on a terminal.
pub struct Bar(pub ProgressBar);

impl Bar {
    /// A bar for this number of cases.
    pub fn new(length: u64) -> Bar {
        let template = "{elapsed_precise} {wide_bar} {human_pos} of {human_len} cases, {eta} left";
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
        Bar(bar.with_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())))
    }
}

impl Progress for Bar {
    fn advance(&self, cases: u64) {
        self.0.inc(cases);
    }

    fn is_stopped(&self) -> bool {
        is_stopped()
    }
}

/// The progress bar of a sweep, shown only on a terminal.
pub struct ReleaseBar(pub ProgressBar);

impl ReleaseBar {
    /// A bar without a length: the number of releases is not known yet.
    pub fn start() -> ReleaseBar {
        let template = "{elapsed_precise} {wide_bar} {pos} of {len} releases, now {msg}";
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.enable_steady_tick(Duration::from_secs(1));
        ReleaseBar(bar.with_style(style))
    }
}

impl Watch for ReleaseBar {
    fn begin(&self, releases: usize) {
        self.0.set_length(releases as u64);
    }

    fn doing(&self, what: &str) {
        self.0.set_message(what.to_owned());
    }

    fn advance(&self) {
        self.0.inc(1);
    }

    fn is_stopped(&self) -> bool {
        is_stopped()
    }
}
