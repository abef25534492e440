//! How a program makes the content of its requests.

use super::{sent::digits, tunnels};
use conformance::{
    script::{Body, BodyEnd, Request, Script},
    vocabulary::StackName,
};

/// The largest content that a client gives its stack in one piece.
const PIECE: u32 = 32 << 10;

/// How a program makes the content of requests.
pub(super) struct Contents {
    /// The name of the type.
    pub(super) name: &'static str,
    /// A value of the stack's own type without content, and the function that makes one from a text.
    usual: [&'static str; 2],
    /// The ways in which content of the program's own type ends; empty if it has no such type, because the content of all
    /// requests ends, and is one piece.
    ends: Vec<BodyEnd>,
    /// Whether it goes into tunnels: it is a text then, and whether that ends.
    is_of_tunnels: bool,
}

impl Contents {
    /// The content of the requests of a script.
    pub(super) fn of(script: &Script, stack: StackName) -> Contents {
        let (name, usual) = match stack {
            StackName::Legacy => ("Body", ["Body::empty()", "Body::from"]),
            StackName::Modern => ("Full<Bytes>", ["Full::default()", "Full::from"]),
        };
        let is_of_tunnels = tunnels::has(script);
        let bodies = || script.requests().map(Request::body);
        if is_of_tunnels || bodies().all(|body| body.end() == BodyEnd::Complete && body.size() <= PIECE) {
            return Contents { name, usual, ends: Vec::new(), is_of_tunnels };
        }
        let has = |end: &BodyEnd| bodies().any(|body| body.end() == *end);
        Contents { name: "Content", usual, ends: BodyEnd::ALL.into_iter().filter(has).collect(), is_of_tunnels }
    }

    /// The expression of a request's content.
    pub(super) fn value(&self, body: Body) -> String {
        let text = format!("\".\".repeat({})", digits(body.size()));
        if self.is_of_tunnels {
            return format!("{text}, {}", body.end() == BodyEnd::Complete);
        }
        let bytes = if body.size() == 0 { "Bytes::new()".to_owned() } else { format!("{text}.into()") };
        match (&self.ends[..], body.size()) {
            ([], 0) => self.usual[0].to_owned(),
            ([], _) => format!("{}({text})", self.usual[1]),
            ([_], _) => format!("Content({bytes})"),
            _ => format!("Content({bytes}, {})", self.end(body.end())),
        }
    }

    /// The value that says how content ends, if it ends in several ways: of two, the first is `true`.
    fn end(&self, end: BodyEnd) -> &'static str {
        match (&self.ends[..], end) {
            ([first, _], end) => {
                if end == *first {
                    "true"
                } else {
                    "false"
                }
            }
            (_, BodyEnd::Complete) => "End::Complete",
            (_, BodyEnd::Never) => "End::Never",
            (_, BodyEnd::Fails) => "End::Fails",
        }
    }

    /// The program's own type; empty if it has none.
    pub(super) fn own(&self, stack: StackName) -> String {
        let arm = |end: BodyEnd| match end {
            BodyEnd::Complete => "Poll::Ready(None)",
            BodyEnd::Never => "Poll::Pending",
            BodyEnd::Fails => "Poll::Ready(Some(Err(io::Error::other(\"the content fails\"))))",
        };
        let piece = "self.0.split_to(size.min(32 << 10))";
        let (types, subject, arms) = match &self.ends[..] {
            [] => return String::new(),
            [end] => ("struct Content(Bytes);\n".to_owned(), "self.0.len()", vec![format!("0 => {}", arm(*end))]),
            ends => {
                let types = match ends {
                    [_, _] => "struct Content(Bytes, bool);\n".to_owned(),
                    _ => "struct Content(Bytes, End);\n\nenum End {\n    Complete,\n    Never,\n    Fails,\n}\n"
                        .to_owned(),
                };
                let arms = ends.iter().map(|end| format!("(0, {}) => {}", self.end(*end), arm(*end)));
                (
                    types,
                    if ends.len() == 2 { "(self.0.len(), self.1)" } else { "(self.0.len(), &self.1)" },
                    arms.collect(),
                )
            }
        };
        let (pattern, and_complete) = match &self.ends[..] {
            [_] => ("size", ""),
            [_, _] => ("(size, _)", " && self.1"),
            _ => ("(size, _)", " && matches!(self.1, End::Complete)"),
        };
        let (name, method, item, made) = match stack {
            StackName::Legacy => ("HttpBody", "poll_data", "Bytes", piece.to_owned()),
            StackName::Modern => ("Body", "poll_frame", "Frame<Bytes>", format!("Frame::data({piece})")),
        };
        let arms: String = arms.iter().map(|arm| format!("            {arm},\n")).collect();
        let mut text = format!(
            "\n/// A request's content, in pieces.\n{types}\nimpl {name} for Content {{\n    type Data = Bytes;\n    \
             type Error = io::Error;\n    \
             fn {method}(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<{item}>>> {{\n        \
             match {subject} {{\n{arms}            {pattern} => Poll::Ready(Some(Ok({made}))),\n        }}\n    }}\n"
        );
        if stack == StackName::Legacy {
            text += "\n    fn poll_trailers(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<Option<HeaderMap>>> {\n        \
                     Poll::Ready(Ok(None))\n    }\n";
        }
        // The last piece must end the stream, and so must a head without content.
        if self.ends.contains(&BodyEnd::Complete) {
            text +=
                &format!("\n    fn is_end_stream(&self) -> bool {{\n        self.0.is_empty(){and_complete}\n    }}\n");
        }
        text + "}\n"
    }
}
