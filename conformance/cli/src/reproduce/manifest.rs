//! The manifest of a project.

use super::program::Role;
use conformance::{
    report::{Version, locked},
    vocabulary::StackName,
};

/// The end of the first line of every manifest. A folder with such a manifest can be written again.
pub(super) const MARK: &str = "The command that wrote it may replace it.";

/// The locked version of a crate that begins like this.
fn locked_version(name: &str, begins: &str) -> String {
    let of = |version: &Version| version.name == name && version.version.starts_with(begins);
    let found = locked().into_iter().find(of).map(|version| version.version).unwrap_or_default();
    // What is not of a registry says where it is from after its number.
    found.split(' ').next().unwrap_or_default().to_owned()
}

/// hyper, h2 and http of a stack, with their locked versions.
pub(super) fn versions(stack: StackName) -> [(&'static str, String); 3] {
    let lines = match stack {
        StackName::Legacy => [("hyper", "0.14."), ("h2", "0.3."), ("http", "0.2.")],
        StackName::Modern => [("hyper", "1."), ("h2", "0.4."), ("http", "1.")],
    };
    lines.map(|(name, begins)| (name, locked_version(name, begins)))
}

/// The text of `Cargo.toml`: what the program uses, and the crates that can make the fault, at exact versions.
pub(super) fn manifest(name: &str, stack: StackName, role: Role, program: &str) -> String {
    let [hyper, h2, http] = versions(stack).map(|(_, version)| version);
    let role = role.name();
    let uses = |root: &str| program.contains(&format!("use {root}::"));
    let exactly =
        |name: &str| (uses(&name.replace('-', "_"))).then(|| format!("{name} = \"={}\"", locked_version(name, "")));
    let features = |name: &str, version: &str, features: &str| {
        format!("{name} = {{ version = \"={version}\", features = [{features}] }}")
    };
    let feature = |used: &str, name: &str| if program.contains(used) { format!(", \"{name}\"") } else { String::new() };
    let hyper_features = match stack {
        StackName::Legacy => {
            format!("\"backports\", \"{role}\", \"http2\", \"runtime\"{}", feature("HttpConnector", "tcp"))
        }
        StackName::Modern => format!("\"{role}\", \"http2\""),
    };
    let pool = if program.contains("HttpConnector") { "\"client-legacy\", \"http2\", " } else { "" };
    let of_util = || features("hyper-util", &locked_version("hyper-util", ""), &format!("{pool}\"tokio\""));
    let util = uses("hyper_util").then(of_util);
    let net = feature("TcpListener", "net");
    let has_channels = ["unbounded_channel", "watch::", "tokio::sync"].iter().any(|used| program.contains(used));
    let sync = if has_channels { ", \"sync\"" } else { "" };
    let tokio = format!("\"io-util\", \"macros\"{net}, \"rt\"{sync}, \"test-util\", \"time\"");
    let dependencies = [
        exactly("bytes"),
        Some(format!("h2 = \"={h2}\"")),
        Some(format!("http = \"={http}\"")),
        exactly("http-body-util"),
        Some(features("hyper", &hyper, &hyper_features)),
        util,
        Some(features("tokio", &locked_version("tokio", ""), &tokio)),
    ];
    let dependencies: Vec<String> = dependencies.into_iter().flatten().collect();
    format!(
        "# This program shows one case. {MARK}\n[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\n\n\
         [dependencies]\n{}\n\n[workspace]\n",
        dependencies.join("\n")
    )
}
