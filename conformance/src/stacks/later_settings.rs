use std::time::Duration;

/// Stubs for settings that legacy's client cannot set, or that later releases added. A builder's own method takes
/// precedence over a trait's: a release that has the setting sets it, and any other keeps its default.
#[allow(dead_code, reason = "the newest releases have nearly all of them")]
pub(super) trait LaterSettings {
    fn max_header_list_size(&mut self, _: u32) -> &mut Self {
        self
    }

    fn reset_stream_duration(&mut self, _: Duration) -> &mut Self {
        self
    }

    fn initial_max_send_streams(&mut self, _: usize) -> &mut Self {
        self
    }

    fn max_pending_accept_reset_streams(&mut self, _: usize) -> &mut Self {
        self
    }

    fn max_local_error_reset_streams(&mut self, _: usize) -> &mut Self {
        self
    }

    fn http2_max_pending_accept_reset_streams(&mut self, _: usize) -> &mut Self {
        self
    }

    fn http2_max_local_error_reset_streams(&mut self, _: usize) -> &mut Self {
        self
    }
}
