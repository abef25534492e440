use anstyle::{AnsiColor, Style};

/// The styles of text for a terminal.
pub struct Styles {
    /// Headings.
    pub heading: Style,
    /// What holds.
    pub good: Style,
    /// What is wrong and not explained.
    pub bad: Style,
    /// What is wrong and explained.
    pub known: Style,
}

/// The styles in use. Colour is never the only sign: the styled words say the same.
pub const STYLES: Styles = Styles {
    heading: Style::new().bold(),
    good: AnsiColor::Green.on_default(),
    bad: AnsiColor::Red.on_default().bold(),
    known: AnsiColor::Yellow.on_default(),
};

/// A text in a style.
pub fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}
