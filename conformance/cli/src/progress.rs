//! Progress bars, and what Ctrl-C does.

use conformance::run::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

/// Set by Ctrl-C: the run ends with what it has.
static STOPPED: AtomicBool = AtomicBool::new(false);

/// The exit status of a program that Ctrl-C ended.
pub const INTERRUPTED: u8 = 130;

/// The first Ctrl-C ends the command with what it has, the second ends the program.
pub fn stop_on_interrupt() {
    // Without a handler Ctrl-C still ends the program, only without a summary.
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

/// The progress of a run, shown on a terminal only.
pub struct Bar(pub ProgressBar);

impl Bar {
    /// A bar for this number of cases.
    pub fn new(length: u64) -> Bar {
        Bar(bar(length, "{elapsed_precise} {wide_bar} {human_pos} of {human_len} cases, {eta} left"))
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

/// The progress of a sweep, shown on a terminal only. It has no length, because the number of releases is not known yet.
pub fn release_bar() -> ProgressBar {
    let bar = bar(0, "{elapsed_precise} {wide_bar} {pos} of {len} releases, now {msg}");
    bar.enable_steady_tick(Duration::from_secs(1));
    bar
}

fn bar(length: u64, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr()).with_style(style)
}
