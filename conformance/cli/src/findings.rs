//! The faults worth filing upstream, by project and the worst first: those of both ledgers, and those of the clients.

use conformance::{
    ledger::{self, Divergence, Harm, Right},
    report::{
        SCHEMA, STYLES,
        layout::{LABEL, Text, count, hanging, wrap, written_within},
        locked,
    },
    servers,
    vocabulary::StackName,
};
use conformance_clients::{CLIENT_FINDINGS, ClientFinding};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Write};

/// The findings, by project.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The findings: those of a project stand together, first those of its newest series, then the worst.
    pub findings: Vec<FindingReport>,
}

/// A fault that is worth filing.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingReport {
    /// The crate with the fault.
    pub project: String,
    /// Its name: that of a ledger's entry, as `explain` takes it, or that of a fault of a client.
    pub name: String,
    /// What it does to an application, with the newest series that has it.
    pub harm: Harm,
    /// Whether the newest series of the crate has it.
    pub is_in_newest: bool,
    /// The series of the crate that have it, such as `0.4 and 0.3`.
    pub series: String,
    /// Its effect on an application.
    pub effect: String,
    /// The clause that is broken, quoted.
    pub rfc: String,
    /// The release that introduced the fault, or fixed it in the newer series.
    pub changed: String,
    /// The public issue or change that reports it, if one was found.
    pub reported: Option<String>,
    /// The arguments of the program that show it.
    pub shown_by: String,
    /// What an application can do until it is fixed.
    pub meanwhile: Option<String>,
}

impl Findings {
    /// All of them, or those of one project.
    pub fn new(project: Option<&str>) -> Findings {
        let of_clients = ledger::entries().filter_map(|entry| FindingReport::of(entry, entry.name.into()));
        let of_servers = servers::ledger::LEDGER
            .iter()
            .filter_map(|entry| FindingReport::of(entry, format!("server:{}", entry.name)));
        let mut findings: Vec<_> =
            of_clients.chain(of_servers).chain(CLIENT_FINDINGS.iter().map(|entry| (*entry).into())).collect();
        findings.retain(|finding| project.is_none_or(|project| finding.project == project));
        findings.sort_by(|one, other| {
            let key = |finding: &FindingReport| (!finding.is_in_newest, finding.harm);
            one.project.cmp(&other.project).then_with(|| key(one).cmp(&key(other)))
        });
        Findings { schema: SCHEMA, findings }
    }

    /// The names of the projects with a finding.
    pub fn projects() -> Vec<&'static str> {
        let of_clients = ledger::entries().map(|entry| (entry.project, entry.right()));
        let of_servers = servers::ledger::LEDGER.iter().map(|entry| (entry.project, entry.right()));
        let faults = of_clients.chain(of_servers).filter(|(_, right)| *right != Right::Both);
        let mut names: Vec<_> = faults.map(|(project, _)| project).collect();
        names.extend(CLIENT_FINDINGS.iter().map(|entry| entry.project));
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The findings of each project, those that its newest series has apart from the others.
    fn groups(&self) -> impl Iterator<Item = &[FindingReport]> {
        self.findings.chunk_by(|one, next| (&one.project, one.is_in_newest) == (&next.project, next.is_in_newest))
    }
}

impl FindingReport {
    /// The finding of an entry; `None` if RFC 9113 leaves a choice.
    fn of<Repair>(entry: &Divergence<Repair>, name: String) -> Option<FindingReport> {
        let newest = StackName::ALL.into_iter().rev().find(|stack| entry.harm[*stack].is_some())?;
        let series: Vec<_> = StackName::ALL.into_iter().rev().filter(|stack| entry.harm[*stack].is_some()).collect();
        let series: Vec<_> = series.into_iter().map(|stack| series_of(entry.project, stack)).collect();
        let leave = format!("Use {}: there it is right.", StackName::Modern.crates());
        let leave = (entry.right() == Right::Modern).then_some(leave);
        let meanwhile: Vec<_> = entry.meanwhile.map(str::to_owned).into_iter().chain(leave).collect();
        Some(FindingReport {
            project: entry.project.into(),
            harm: entry.harm[newest]?,
            is_in_newest: newest == StackName::Modern,
            series: series.join(" and "),
            effect: entry.effect.into(),
            rfc: entry.rfc.into(),
            changed: entry.changed.into(),
            reported: entry.reported.map(Into::into),
            shown_by: format!("reproduce {name}"),
            meanwhile: Some(meanwhile.join(" ")).filter(|text| !text.is_empty()),
            name,
        })
    }

    /// Its parts, each with its label.
    fn parts(&self) -> [(&'static str, &str); 5] {
        [
            ("clause", &self.rfc),
            ("changed", &self.changed),
            ("reported", self.reported.as_deref().unwrap_or("nowhere, as far as is known")),
            ("meanwhile", self.meanwhile.as_deref().unwrap_or("nothing is needed, or nothing is known to help")),
            ("shown by", &self.shown_by),
        ]
    }
}

impl From<&ClientFinding> for FindingReport {
    fn from(entry: &ClientFinding) -> FindingReport {
        FindingReport {
            project: entry.project.into(),
            name: entry.name.into(),
            harm: entry.harm,
            is_in_newest: true,
            series: entry.versions.into(),
            effect: entry.effect.into(),
            rfc: entry.rfc.into(),
            changed: entry.changed.into(),
            reported: entry.reported.map(Into::into),
            shown_by: format!("explain {}", entry.scenario),
            meanwhile: Some(entry.meanwhile.into()),
        }
    }
}

/// The series of this crate on a stack: its version up to the part that a compatible release may change.
fn series_of(project: &str, stack: StackName) -> String {
    let mut versions: Vec<semver::Version> = locked()
        .into_iter()
        .filter(|package| package.name == project)
        .filter_map(|package| package.version.parse().ok())
        .collect();
    versions.sort();
    let version = versions.get(stack as usize);
    version.map_or_else(String::new, |version| match version.major {
        0 => format!("0.{}", version.minor),
        major => major.to_string(),
    })
}

/// The heading of a group.
fn title(group: &[FindingReport]) -> String {
    let project = &group[0].project;
    match group[0].is_in_newest {
        true => project.clone(),
        false => format!("{project} {} only", group[0].series),
    }
}

/// The findings as text, styled for a terminal of this width; strip the styles for a file.
pub fn findings_text(findings: &Findings, width: usize) -> String {
    let heading = STYLES.heading;
    written_within(width, |out| {
        for group in findings.groups() {
            hanging(out, &format!("{heading}{}{heading:#}: {}", title(group), counts(group)), "", "  ")?;
            group.iter().try_for_each(|finding| write_finding(finding, out))?;
            writeln!(out)?;
        }
        writeln!(out, "Write its program: conformance reproduce NAME --issue")
    })
}

fn write_finding(finding: &FindingReport, out: &mut Text) -> fmt::Result {
    writeln!(out, "\n  {:LABEL$}{}", finding.harm, finding.name)?;
    let indent = " ".repeat(2 + LABEL);
    hanging(out, &finding.effect, &indent, &indent)?;
    let series = format!("{} {}", finding.project, finding.series);
    for (label, text) in [("in", &*series)].into_iter().chain(finding.parts()) {
        hanging(out, text, &format!("  {label:LABEL$}"), &indent)?;
    }
    Ok(())
}

/// How many findings of each harm there are: `2 × data lost, 1 × hang`.
fn counts(group: &[FindingReport]) -> String {
    let number = |harm| group.iter().filter(|finding| finding.harm == harm).count();
    let counts = Harm::ALL.into_iter().filter(|harm| number(*harm) > 0);
    counts.map(|harm| format!("{} × {harm}", number(harm))).collect::<Vec<_>>().join(", ")
}

/// The findings as the part of the guide page that is made from them.
pub fn findings_page(findings: &Findings) -> String {
    const WIDTH: usize = 118;
    let mut text = String::new();
    for group in findings.groups() {
        let number = count(group.len() as u64, "finding");
        text += &format!("# {}\n\n{number}: {}.\n", title(group), counts(group));
        for finding in group {
            text += &format!("\n## `{}`: {}\n\n", finding.name, finding.harm);
            let item = |text: &str, first: &'static str, rest: &'static str| {
                let options = textwrap::Options::new(WIDTH).initial_indent(first).subsequent_indent(rest);
                wrap(text, options).join("\n") + "\n"
            };
            text += &item(&escaped(&finding.effect), "", "");
            text.push('\n');
            text += &item(&format!("in: {} {}", finding.project, finding.series), "- ", "  ");
            for (label, part) in finding.parts().into_iter().filter(|(label, _)| *label != "shown by") {
                text += &item(&format!("{label}: {}", escaped(part)), "- ", "  ");
            }
        }
        text.push('\n');
    }
    text.trim_end().to_owned() + "\n"
}

/// Text with what Markdown and HTML would read as a mark.
fn escaped(text: &str) -> String {
    text.replace('<', "&lt;").replace('[', "\\[").replace('_', "\\_").replace('*', "\\*")
}
