//! The HTML page: it has everything of a run, no text of a script becomes markup, and it loads no other file.

use conformance::{
    oracles::{
        Law,
        clients::{Mistake, MistakeClass, MistakeKind},
    },
    report::{
        Run,
        baseline::{BaselineDiff, ChangedScenario, Moved},
        clients::{ClientReport, ClientScenario},
        divergence_count::ChangedCount,
        shards::Shard,
    },
    run::{self, RunConfig, play_clients},
    scenarios::{self, Scenario},
    stacks::Profile,
};
use conformance_cli::html;
use conformance_clients::CLIENTS;
use std::collections::HashSet;

fn run(scenarios: Vec<Scenario>) -> Run {
    let (corpus, profile) = (Vec::new(), Profile::Equal);
    run::run(&RunConfig { scenarios, corpus, cases: 0, error_chains: 0, seed: 1, profile, shard: Shard::WHOLE }, &())
}

fn built_in() -> Vec<Scenario> {
    scenarios::built_in().expect("they are valid")
}

/// A run of a scenario in which the peer disowns the request, with these keys before its steps.
fn disowned(keys: &str) -> Run {
    run(scenario(keys))
}

fn scenario(keys: &str) -> Vec<Scenario> {
    let goaway = "{ send = \"GOAWAY\", last_stream_id = 0, error_code = \"NO_ERROR\" }, { close = \"eof\" }";
    let steps = format!("steps = [{{ send = \"SETTINGS\" }}, {{ await = \"HEADERS\", stream = 1 }}, {goaway}]\n");
    scenarios::parse("mine", &format!("[[scenario]]\n{keys}\n{steps}")).expect("it is valid")
}

/// The page without its style and script, which come from files of this repository.
fn written(page: &str) -> String {
    let mut rest = page;
    let mut written = String::new();
    while let Some((before, own)) =
        ["<style>", "<script>"].iter().filter_map(|tag| rest.split_once(tag)).min_by_key(|(before, _)| before.len())
    {
        written.push_str(before);
        let ends = [own.find("</style>"), own.find("</script>")];
        rest = &own[ends.into_iter().flatten().min().expect("it ends")..];
    }
    written + rest
}

/// Every value of an attribute, in page order.
fn values<'page>(page: &'page str, attribute: &str) -> Vec<&'page str> {
    let begin = format!(" {attribute}=\"");
    page.split(&begin).skip(1).map(|rest| rest.split('"').next().unwrap_or_default()).collect()
}

/// A tag that has an attribute twice: a browser takes the first, and drops the second.
fn with_an_attribute_twice(page: &str) -> Option<&str> {
    page.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default()).find(|tag| {
        let names = tag.split('"').step_by(2).filter_map(|part| part.strip_suffix('=')?.rsplit(' ').next());
        let mut unique = HashSet::new();
        !names.into_iter().all(|name| unique.insert(name))
    })
}

/// Asserts that fragments are unique, that every link leads to a fragment, and that nothing is loaded.
fn is_sound(page: &str) {
    let written = written(page);
    let ids = values(&written, "id");
    let unique: HashSet<_> = ids.iter().copied().collect();
    assert_eq!(unique.len(), ids.len(), "fragments are unique");
    for link in values(&written, "href") {
        let target = link.strip_prefix('#').unwrap_or_else(|| panic!("{link} leads out of the page"));
        assert!(unique.contains(target), "{link} leads nowhere");
    }
    for attribute in ["aria-labelledby", "for"] {
        for target in values(&written, attribute).iter().flat_map(|value| value.split(' ')) {
            assert!(unique.contains(target), "{attribute}={target} leads nowhere");
        }
    }
    assert_eq!(with_an_attribute_twice(&written), None);
    assert_eq!(values(&written, "src"), Vec::<&str>::new());
    for loads in ["<link", "<img", "<iframe", "<object", "url(", "@import"] {
        assert!(!written.contains(loads) && !page.contains(loads), "{loads} loads something");
    }
    assert!(written.contains("default-src 'none'"), "a policy keeps it from loading anything");
    assert_eq!(written.matches("<h1").count(), 1);
}

#[test]
fn every_scenario_has_a_row_and_is_shown_in_full_and_the_page_stays_small() {
    let scenarios = built_in();
    let mut run = run(built_in());
    run.clients = play_clients(&scenarios, CLIENTS.iter().copied(), &()).expect("the clients can be driven");
    let page = html::page(&run);
    is_sound(&page);
    for scenario in &scenarios {
        let name = &scenario.name;
        assert!(
            page.contains(&format!("<th scope=\"row\"><a href=\"#scenario-{name}\">{name}</a></th>")),
            "{name} has no row"
        );
        assert!(page.contains(&format!(" id=\"scenario-{name}\"")), "{name} is not shown in full");
    }
    for entry in conformance::ledger::entries() {
        assert!(page.contains(&format!(" id=\"ledger-{}\"", entry.name)), "{} is not listed", entry.name);
    }
    assert!(page.contains("<h1>All explained</h1>"));
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
}

#[test]
fn no_text_of_a_scenario_becomes_markup() {
    let hostile = "<script>alert(1)</script>\\\" onclick=\\\"alert(2)' & --> <!-- ]]> \\u0000 \\u202e";
    let mut scenarios = scenario(&format!(
        "about = \"{hostile}\"\nrfc = [\"{hostile}\"]\nseen = [\"{hostile}\"]\n\
         expect = [{{ processed = \"No\", advice = \"Retry\" }}]\nbut = [{{ request = 0, because = \"{hostile}\" }}]"
    ));
    scenarios[0].name = scenarios[0].about.clone();
    let run = run(scenarios);
    let page = html::page(&run);
    is_sound(&page);
    let written = written(&page);
    assert!(!written.contains("<script>alert") && !written.contains("\" onclick=") && !written.contains("<!--"));
    assert!(written.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "the escaped text is missing");
}

#[test]
fn the_wrongs_of_a_client_keep_the_colour_of_their_mark() {
    let mut run = disowned("name = \"right\"");
    let mistake = |of_its_stack| Mistake {
        kind: MistakeKind::RunTwice,
        class: MistakeClass::Fault,
        law: Law::Safety,
        request: Some(0),
        message: "it was sent twice".into(),
        of_its_stack,
    };
    let scenario = ClientScenario {
        name: "right".into(),
        unplayable: 0,
        connections: 1,
        requests: Vec::new(),
        timeline: Vec::new(),
        mistakes: vec![mistake(true), mistake(false)],
        logged: Vec::new(),
    };
    let [name, about, version] = ["client", "a client", "1.0.0"].map(String::from);
    run.clients = vec![ClientReport { name, about, version, retries: false, scenarios: vec![scenario] }];
    let page = html::page(&run);
    is_sound(&page);
    for class in ["wrong os", "wrong ow"] {
        assert!(page.contains(&format!("<td class=\"{class}\"")), "no cell is {class}");
    }
}

#[test]
fn invalid_and_duplicate_names_get_unique_fragments() {
    let named = |theme: &str, name: &str| -> Vec<Scenario> {
        let scenarios = scenarios::parse(theme, "[[scenario]]\nsteps = [{ send = \"SETTINGS\" }]\n");
        scenarios.expect("it is valid").into_iter().map(|scenario| Scenario { name: name.into(), ..scenario }).collect()
    };
    let page =
        html::page(&run(
            [named("a", "one name"), named("b", "one name"), named("c", "one-name"), named("d", "§ ☃")].concat()
        ));
    is_sound(&page);
    for id in ["scenario-one-name", "scenario-one-name-2", "scenario-one-name-3", "scenario----"] {
        assert!(page.contains(&format!("<article class=\"case\" id=\"{id}\"")), "{id} is missing");
    }
}

#[test]
fn unexplained_findings_are_at_the_top_with_their_replay_commands() {
    let run = disowned("name = \"wrong\"\nexpect = [{ processed = \"No\", advice = \"GiveUp\" }]");
    let page = html::page(&run);
    is_sound(&page);
    assert!(page.contains("<h1 class=\"bad\">1 unexplained</h1>"));
    let (wrong, scenarios) = (
        page.find("id=\"wrong\"").expect("the finding is shown"),
        page.find("id=\"scenarios\"").expect("they are there"),
    );
    assert!(wrong < scenarios);
    let told = &page[wrong..scenarios];
    for part in
        [&run.violations[0].known_by.fingerprint, &run.violations[0].smallest.replay, "href=\"#scenario-wrong\""]
    {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    assert_eq!(page.matches("<article").count(), 1, "a scenario is shown once, even if it is a finding");
    assert!(page.contains("<article class=\"case found\""), "and printed");
}

#[test]
fn a_finding_that_is_not_a_scenario_is_shown_in_full_too() {
    let mut of_another = disowned("name = \"wrong\"\nexpect = [{ processed = \"No\", advice = \"GiveUp\" }]");
    let mut run = disowned("name = \"right\"\nexpect = [{ processed = \"No\", advice = \"Retry\" }]");
    run.violations.append(&mut of_another.violations);
    let page = html::page(&run);
    is_sound(&page);
    assert!(page.contains("<article class=\"case found\" id=\"finding-wrong\""));
}

#[test]
fn the_page_says_what_is_new_or_that_nothing_is() {
    let keys = "name = \"right\"\nexpect = [{ processed = \"No\", advice = \"Retry\" }]";
    let mut run = disowned(keys);
    assert!(html::page(&run).contains("Compared with no earlier run."));
    run.baseline = Some(BaselineDiff::default());
    assert!(html::page(&run).contains("Nothing is new since the earlier run."));
    let moved =
        Moved { name: "h2".into(), before: Some("0.4.1".into()), after: Some("0.4.2".into()), unreleased: false };
    let changed = ChangedScenario {
        scenario: "right".into(),
        stack: conformance::vocabulary::StackName::Modern,
        before: vec!["complete in body".into()],
        after: vec!["open in head".into()],
    };
    run.baseline = Some(BaselineDiff {
        moved: vec![moved],
        changed: vec![changed],
        gone: vec!["<gone>".into()],
        explained: vec![ChangedCount {
            name: "missing-status".into(),
            before: (6, 1_000),
            after: (20, 1_000),
            new: vec![7],
            replay: vec!["explain <new>".into()],
        }],
        ..BaselineDiff::default()
    });
    let page = html::page(&run);
    is_sound(&page);
    for part in [
        "h2 0.4.1 → 0.4.2",
        "before: complete in body",
        "now: open in head",
        "&lt;gone&gt;",
        "6 of 1000 generated scripts then, 20 of 1000",
        "explain &lt;new&gt;",
    ] {
        assert!(page.contains(part), "{part} is not shown");
    }
}

#[test]
fn an_empty_run_has_a_page() {
    let page = html::page(&run(Vec::new()));
    is_sound(&page);
    assert!(page.contains("No scenario was played."));
}
