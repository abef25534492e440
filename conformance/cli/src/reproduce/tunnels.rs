//! How a program reads from a tunnel and writes into it (RFC 9113 §8.5).

use conformance::{
    http2::{View, hpack},
    script::{Request, Script, Step},
    vocabulary::StackName,
};

/// Whether the requests of a script make tunnels.
pub(super) fn has(script: &Script) -> bool {
    script.requests().any(Request::is_connect)
}

/// Why no program is written for the tunnels of a script; `None` if one is.
pub(super) fn refusal(script: &Script) -> Option<&'static str> {
    if !has(script) {
        return None;
    }
    let goes_on = |step: &Step| matches!(step, Step::Feed { .. } | Step::Read { .. });
    let refuses = |view: View<'_>| match view {
        View::Headers(block) => {
            let fields = hpack::decode(block).unwrap_or_default();
            fields.iter().any(|(name, value)| name == ":status" && !value.starts_with('2'))
        }
        _ => false,
    };
    let found = [
        (!script.requests().all(Request::is_connect), "it has tunnels and other requests"),
        (script.steps().iter().any(goes_on), "its application goes on with a tunnel in steps"),
        (script.frames().any(|(_, frame)| refuses(frame.view())), "its peer refuses a tunnel"),
    ];
    found.into_iter().find_map(|(is_so, why)| is_so.then_some(why))
}

/// The statements with which the application uses the tunnel of a response.
pub(super) fn used(stack: StackName) -> &'static str {
    match stack {
        StackName::Legacy => concat!(
            "        let (mut reader, mut writer) = split(hyper::upgrade::on(response).await?);\n",
            include_str!("templates/tunnel.in")
        ),
        StackName::Modern => concat!(
            "        let (mut reader, mut writer) = split(TokioIo::new(hyper::upgrade::on(response).await?));\n",
            include_str!("templates/tunnel.in")
        ),
    }
}
