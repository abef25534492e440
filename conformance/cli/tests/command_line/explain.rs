//! The commands `explain` and `minimize`.

use crate::{conformance, file, folder, part, refused, text, with_input};
use conformance::{report::Case, scenarios};
use std::{fs, process::Command};

#[test]
fn minimize_never_prints_more_than_it_was_given() {
    let given = "[[scenario]]\nname = \"padding\"\nrequests = [{ method = \"GET\" }]\nsteps = [\n  { send = \"SETTINGS\" },\n  \
        { await = \"HEADERS\", stream = 1 },\n  { pass_ms = 0 },\n  { fail_write = \"BrokenPipe\" },\n  \
        { send = \"HEADERS\", stream = 1, status = 200 },\n  \
        { send = \"DATA\", stream = 1, data = \"x\", padding = 255, times = 128 },\n]\n";
    let output = with_input(&["minimize", "-"], given.as_bytes());
    let printed = text(&output.stdout);
    assert!(printed.len() < given.len() && printed.contains("padding = 255, times = "), "{printed}");
    assert!(text(&output.stderr).contains("ran out of effort"), "{}", text(&output.stderr));
}

#[test]
fn explain_shows_the_original_bug() {
    let output = conformance(&["explain", "goaway-below-our-stream"]);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    for part in
        ["GOAWAY last_stream_id=0 NO_ERROR", "h2(remote GOAWAY NO_ERROR)", "processed No, Retry", "RFC 9113 §6.8"]
    {
        assert!(shown.contains(part), "{part:?} is not in {shown}");
    }
}

/// A scenario of a GET, with these keys and with these steps once it is written.
fn scenario(keys: &str, steps: &str) -> String {
    format!(
        "[[scenario]]\nname = \"mine\"\n{keys}\nsteps = [{{ send = \"SETTINGS\" }}, {{ await = \"HEADERS\", stream = 1 }}, \
         {steps}]\n"
    )
}

/// A response that is cut by RST_STREAM(NO_ERROR), which both stacks hand over as complete.
const CUT: &str = "{ send = \"HEADERS\", stream = 1, status = 200 }, { send = \"DATA\", stream = 1, data = \"half\" }, \
                   { send = \"RST_STREAM\", stream = 1, error_code = \"NO_ERROR\" }";

#[test]
fn an_expectation_that_meets_the_ledger_is_explained_by_it_with_the_but_to_add() {
    let text_of =
        |but: &str| scenario(&format!("expect = [{{ processed = \"Yes\", advice = \"Retry\" }}]\n{but}"), CUT);
    let output = with_input(&["explain", "-"], text_of("").as_bytes());
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(shown.contains("known: no-error-ends-the-body") && !shown.contains("Nothing explains"), "{shown}");
    let but = shown.lines().find(|line| line.starts_with("but = ")).expect("it is shown");
    assert_eq!(but, "but = [{ request = 0, because = \"The ledger has it as no-error-ends-the-body.\" }]");
    let output = with_input(&["explain", "-"], text_of(but).as_bytes());
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(shown.contains("Known, and stated in the scenario: request 0: The ledger has it"), "{shown}");
}

#[test]
fn the_ledger_excuses_no_expectation_of_another_request() {
    let two = "requests = [{ method = \"GET\" }, { method = \"GET\" }]\n";
    let expect =
        "expect = [{ processed = \"Yes\", advice = \"Retry\" }, { processed = \"Maybe\", advice = \"UseHttp1\" }]";
    let steps = format!("{{ await = \"HEADERS\", stream = 3 }}, {CUT}, {{ pass_ms = 0 }}, {{ close = \"eof\" }}");
    let output = with_input(&["explain", "-"], scenario(&format!("{two}{expect}"), &steps).as_bytes());
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{shown}");
    assert!(shown.contains("but = [{ request = 0,") && shown.contains("\n  Nothing explains this.\n"), "{shown}");
}

#[test]
fn an_expectation_is_its_authors_claim_and_what_the_model_disagrees_with_is_said_first() {
    let goaway = "{ send = \"GOAWAY\", last_stream_id = 0, error_code = \"NO_ERROR\" }, { close = \"eof\" }";
    for (steps, wrong, is) in [
        (goaway, "{ processed = \"Yes\", advice = \"Retry\" }", "processed No, ended without a whole response"),
        (CUT, "{ processed = \"Yes\", complete = true }", "processed Yes, ended without a whole response"),
        (CUT, "{ processed = \"Yes\" }", "processed Yes, ended without a whole response"),
        ("{ pass_ms = 0 }", "{ processed = \"Maybe\", advice = \"Retry\" }", "processed Maybe, open"),
    ] {
        let output = with_input(&["explain", "-"], scenario(&format!("expect = [{wrong}]"), steps).as_bytes());
        let shown = text(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{shown}");
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let (first, rest) = shown.split_once("\nThe exchange\n").expect("it is shown");
        let first = words(first);
        assert!(first.contains("mine Request 0: the model disagrees with this expectation: expected is "), "{shown}");
        assert!(first.contains(&format!("by the frames it is {is}.")), "{shown}");
        assert!(first.contains("Correct the expectation, or report a fault of the model."), "{shown}");
        assert!(rest.contains("\n  author says processed ") && !rest.contains("by the RFC"), "{shown}");
        assert!(!rest.contains("Nothing explains") && !rest.contains("expectation: request 0: legacy"), "{shown}");
    }
    let own = text(&conformance(&["explain", "goaway-below-our-stream"]).stdout);
    assert!(own.contains("\n  by the RFC  processed No, Retry") && !own.contains("author says"), "{own}");
}

#[test]
fn what_is_printed_to_play_a_case_again_keeps_what_it_expects() {
    let goaway = "{ send = \"GOAWAY\", last_stream_id = 0, error_code = \"NO_ERROR\" }, { close = \"eof\" }";
    let failing = scenario("expect = [{ processed = \"No\", advice = \"GiveUp\" }]", goaway);
    let stale = scenario(
        "expect = [{ processed = \"No\", advice = \"Retry\" }]\nsettings = \"equal\"\nbut = [{ request = 0, because = \"it's \\\"so\\\"\" }]",
        goaway,
    );
    for (name, scenario) in [("failing.toml", &failing), ("it's stale.toml", &stale)] {
        let path = file(name, scenario.as_bytes());
        let output = conformance(&["explain", &path.to_string_lossy()]);
        let shown = text(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{shown}");
        let replay =
            shown.lines().find_map(|line| line.trim().strip_prefix("cargo run --release -- ")).expect("it is there");
        let command = format!("'{}' {replay}", env!("CARGO_BIN_EXE_conformance"));
        let again = Command::new("sh").args(["-c", &command]).output().expect("there is a shell");
        assert_eq!((again.status.code(), text(&again.stdout)), (Some(1), shown.clone()), "{command}");
        let copied = with_input(&["explain", "-"], part(&shown, "The script").as_bytes());
        assert_eq!(copied.status.code(), Some(1), "{}", text(&copied.stdout));
        assert!(text(&copied.stdout).contains("explain FILE, with the script as a [[scenario]] in FILE"));
    }
}

#[test]
fn a_long_script_of_a_file_is_played_again_from_that_file() {
    let path = file("long.toml", scenario("", "{ send = \"DATA\", stream = 1, size = 2000 }").as_bytes());
    let path = path.to_string_lossy();
    let shown = text(&conformance(&["explain", &path]).stdout);
    assert!(shown.ends_with(&format!("  cargo run --release -- explain {path}\n")), "{shown}");
    // A name like an option gets a folder.
    let long = scenario("", "{ send = \"DATA\", stream = 1, size = 2000 }");
    fs::write(folder("option").join("-y.toml"), long).expect("it can be written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
    command.args(["explain", "--", "-y.toml"]).current_dir(concat!(env!("CARGO_TARGET_TMPDIR"), "/option"));
    let shown = text(&command.output().expect("the program starts").stdout);
    assert!(shown.ends_with("  cargo run --release -- explain ./-y.toml\n"), "{shown}");
}

#[test]
fn lines_with_other_field_values_are_not_alike() {
    let head = |number: usize| {
        format!("{{ send = \"HEADERS\", stream = 1, status = 103, headers = [[\"x\", \"stream={number}\"]] }}")
    };
    let heads = |number: fn(usize) -> usize| (0..12).map(|at| head(number(at))).collect::<Vec<_>>().join(", ");
    for (steps, is_alike) in [(heads(|at| at), false), (heads(|at| at / 12), true)] {
        let shown = text(&with_input(&["explain", "-"], scenario("", &steps).as_bytes()).stdout);
        let exchange = part(&shown, "The exchange");
        assert_eq!(exchange.matches("x=stream=").count() == 12, !is_alike, "{shown}");
    }
}

#[test]
fn the_output_of_explain_fits_its_columns() {
    for name in ["goaway-on-a-stream", "headers-on-an-idle-stream", "rst-stream-cancel"] {
        let shown = text(&conformance(&["explain", name]).stdout);
        // The script and the replay command are not wrapped, because they are there to be copied.
        let shown = shown.replace(part(&shown, "The script"), "");
        let mut lines = shown.lines().filter(|line| !line.contains("explain hex:"));
        assert_eq!(lines.find(|line| line.chars().count() > 100), None);
    }
}

#[test]
fn no_line_of_explain_overflows_a_narrow_terminal_but_those_to_be_copied() {
    for what in [
        "goaway-below-our-stream",
        "oversized-header-list",
        "server:dropped-tunnel",
        "chain:arc > hyper:goaway(NO_ERROR)",
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
        let output = command.args(["explain", what]).env("COLUMNS", "60").output().expect("the program starts");
        let shown = text(&output.stdout);
        let script = if shown.contains("\nThe script\n") { part(&shown, "The script") } else { "" };
        let mut lines = shown.lines().filter(|line| !line.contains("cargo run") && !script.contains(line));
        assert_eq!(lines.find(|line| line.chars().count() > 60), None, "{shown}");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
    command.args(["explain", "--help"]).env("COLUMNS", "60");
    let shown = text(&command.output().expect("the program starts").stdout);
    assert_eq!(shown.lines().find(|line| line.chars().count() > 60), None, "{shown}");
}

#[test]
fn what_is_alike_in_a_script_with_a_thousand_requests_is_shown_once() {
    let goaway = "{ send = \"GOAWAY\", last_stream_id = 0, error_code = \"NO_ERROR\" }, { close = \"eof\" }";
    let steps = "{ request = { method = \"GET\" }, times = 998 }, { request = { method = \"POST\" } }, { pass_ms = 0 }";
    let requests = "requests = [{ method = \"GET\" }]";
    let output = with_input(&["explain", "-"], scenario(requests, &format!("{steps}, {goaway}")).as_bytes());
    let shown = text(&output.stdout);
    assert!(shown.lines().count() < 200, "{} lines: {shown}", shown.lines().count());
    assert!(shown.contains("\nWhat the application saw of requests "), "{shown}");
    assert!(shown.contains(" more lines like these, up to:\n"), "{shown}");
    let again = with_input(&["explain", "-"], part(&shown, "The script").as_bytes());
    assert_eq!((again.status.code(), text(&again.stdout)), (output.status.code(), shown));
}

#[test]
fn a_long_value_is_shortened_in_the_middle_and_whole_in_json() {
    let value = "v".repeat(10_000);
    let head = format!(
        "{{ send = \"HEADERS\", stream = 1, status = 200, headers = [[\"long\", \"{value}\"]], end_stream = true }}"
    );
    let debug = format!("{{ send = \"GOAWAY\", last_stream_id = 0, error_code = \"NO_ERROR\", debug = \"{value}\" }}");
    for steps in [head, debug] {
        let scenario = scenario("", &steps);
        let shown = text(&with_input(&["explain", "-"], scenario.as_bytes()).stdout);
        let (shown, script) = shown.split_once("\nThe script\n").expect("it is shown");
        assert!(shown.lines().count() < 100 && shown.contains(" characters)…vvv"), "{shown}");
        assert!(script.contains(&value));
        let json = text(&with_input(&["explain", "-", "--json"], scenario.as_bytes()).stdout);
        let [case] = &serde_json::from_str::<Vec<Case>>(&json).expect("it is a case")[..] else { panic!("{json}") };
        assert!(case.sides.each().iter().all(|side| side.timeline.iter().any(|line| line.contains(&value))), "{json}");
    }
}

#[test]
fn explain_reads_its_own_replay_command() {
    let goaway = "hex:0000080700000000010000000000000000";
    let shown = text(&conformance(&["explain", goaway]).stdout);
    let replay = shown.lines().find_map(|line| line.trim().strip_prefix("cargo run --release -- ")).expect("a command");
    let again = text(&conformance(&replay.split(' ').collect::<Vec<_>>()).stdout);
    assert!(again.contains("GOAWAY stream=1") && again.contains("goaway-on-a-stream"), "{again}");
}

#[test]
fn explain_takes_toml_and_bytes_from_standard_input() {
    let toml =
        b"[[scenario]]\nname = \"mine\"\nsteps = [{ send = \"RST_STREAM\", stream = 1, error_code = \"CANCEL\" }]\n";
    assert!(text(&with_input(&["explain", "-"], toml).stdout).contains("RST_STREAM stream=1 CANCEL"));
    let goaway = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    assert!(text(&with_input(&["explain", "-"], &goaway).stdout).contains("GOAWAY last_stream_id=0 NO_ERROR"));
}

#[test]
fn a_scenario_names_the_settings_that_its_expectation_depends_on() {
    let silence = |settings: &str| {
        let steps = "{ await = \"HEADERS\", stream = 1 }, { pass_ms = 30100 }, { await = \"PING\" }";
        let expect = "expect = [{ processed = \"Maybe\" }]";
        format!(
            "[[scenario]]\nname = \"silence\"\n{settings}\n{expect}\nsteps = [{{ send = \"SETTINGS\" }}, {steps}]\n"
        )
    };
    let played = |settings: &str, arguments: &[&str]| {
        let output = with_input(&[&["explain", "-"], arguments].concat(), silence(settings).as_bytes());
        (output.status.code(), text(&output.stdout))
    };
    let (status, shown) = played("", &["--profile", "defaults"]);
    assert!(status == Some(1) && shown.contains("awaits a frame that never comes"), "{shown}");
    let (status, shown) = played("settings = \"equal\"", &["--profile", "defaults"]);
    assert!(status == Some(0) && shown.contains("Held to the laws only"), "{shown}");
    assert!(!shown.contains("author says") && shown.contains(" --profile defaults"), "{shown}");
    let (status, shown) = played("settings = \"equal\"", &["--profile", "equal"]);
    assert!(status == Some(0) && !shown.contains("Held to the laws only"), "{shown}");
    assert!(shown.contains("author says") && !shown.contains("--profile"), "{shown}");
    let other = silence("settings = \"mine\"");
    refused(&with_input(&["explain", "-"], other.as_bytes()), &["line 3", "mine", "equal"]);
}

#[test]
fn explain_plays_with_either_profile_of_settings() {
    let window = |profile: &str| {
        let shown = text(&conformance(&["explain", "goaway-below-our-stream", "--profile", profile]).stdout);
        (shown.contains("INITIAL_WINDOW_SIZE=65535"), shown)
    };
    assert!(window("equal").0, "{}", window("equal").1);
    let (equal, shown) = window("defaults");
    assert!(!equal && shown.contains("the settings that each stack comes with"), "{shown}");
    assert!(shown.contains("explain goaway-below-our-stream --profile defaults"), "{shown}");
    refused(&conformance(&["explain", "x", "--profile", "mine"]), &["mine", "equal, defaults"]);
    refused(&conformance(&["explain", "chain:hyper:eof in head", "--profile", "equal"]), &["no `--profile`"]);
}

#[test]
fn explain_reads_the_script_that_it_prints() {
    let odd = "[[scenario]]\nsteps = [{ send = \"SETTINGS\", times = 2 }, { send = \"GOAWAY\", last_stream_id = 0, \
               error_code = 0, debug = \"one\\n  two \\\"\" }, { send_raw = \"00\" }]\n";
    let odd = file("odd.toml", odd.as_bytes()).to_string_lossy().into_owned();
    for what in ["goaway-below-our-stream", "flood-of-small-data", "hex:000008070000000000000000000000000b", &odd] {
        let shown = text(&conformance(&["explain", what]).stdout);
        let script = part(&shown, "The script");
        assert!(script.starts_with("[[scenario]]\nname = "), "{shown}");
        let copy = file("copy.toml", script.as_bytes()).to_string_lossy().into_owned();
        let again = conformance(&["explain", &copy]);
        assert_eq!(again.status.code(), Some(0), "{}", text(&again.stderr));
        let again = text(&again.stdout);
        assert_eq!(part(&again, "The exchange"), part(&shown, "The exchange"));
        assert_eq!(part(&again, "The script"), script);
    }
}

#[test]
fn a_step_that_repeats_more_often_than_a_file_allows_is_split() {
    let zeros = file("many", &vec![0; 9 * 250_000]).to_string_lossy().into_owned();
    let shown = text(&conformance(&["explain", &zeros]).stdout);
    let script = part(&shown, "The script");
    assert_eq!(script.matches("times = 100000").count(), 2, "{script}");
    assert_eq!(with_input(&["explain", "-"], script.as_bytes()).status.code(), Some(0));
}

#[test]
fn explain_takes_the_name_of_a_known_divergence() {
    let output = conformance(&["explain", "oversized-header-list"]);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(shown.starts_with("head-larger-than-the-client-takes\n"), "{shown}");
    assert!(shown.contains("known: oversized-header-list"), "{shown}");
    refused(&conformance(&["explain", "oversized-header-lists"]), &["Did you mean `oversized-header-list`?"]);
}

#[test]
fn the_fields_of_a_ledger_entry_are_labelled() {
    let shown = text(&conformance(&["explain", "goaway-on-a-stream"]).stdout);
    let (_, entry) = shown.split_once("known: goaway-on-a-stream\n").expect("the ledger explains it");
    let labels = entry.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.get(4..16));
    let labels: Vec<_> = labels.map(str::trim).filter(|label| !label.is_empty()).collect();
    assert_eq!(labels, ["differs", "RFC 9113", "right", "cause", "changed", "reported", "effect"], "{shown}");
}

#[test]
fn a_scenario_without_a_name_is_called_by_its_file_and_number() {
    let two = file("nameless.toml", b"[[scenario]]\nsteps = []\n[[scenario]]\nsteps = [{ close = \"eof\" }]\n");
    let shown = text(&conformance(&["explain", &two.to_string_lossy()]).stdout);
    for heading in ["nameless.toml, scenario 1", "nameless.toml, scenario 2"] {
        assert!(shown.lines().any(|line| line == heading), "{heading} is not in {shown}");
    }
}

#[test]
fn an_error_chain_is_explained_on_both_stacks() {
    let output = conformance(&["explain", "chain:arc > io(TimedOut) > hyper:goaway(NO_ERROR) in head"]);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    for part in
        ["On the legacy stack", "On the modern stack", "h2(remote GOAWAY NO_ERROR)", "<- decides", "processed No"]
    {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    let endless = text(&conformance(&["explain", "chain:endless"]).stdout);
    assert!(endless.contains("without an end") && endless.contains("processed Maybe"), "{endless}");
}

#[test]
fn the_table_of_errors_says_which_stack_lacks_an_error_and_why() {
    let shown = text(&conformance(&["errors"]).stdout);
    for part in ["http1:incomplete-message", "pool:connect", "none: hyper 1 has no body with a public sender"] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    assert_eq!(shown.lines().find(|line| line.chars().count() > 100), None);
}

#[test]
fn any_bytes_are_a_normal_run() {
    let zeros = file("zeros", &vec![0; 10 << 20]).to_string_lossy().into_owned();
    let output = conformance(&["explain", &zeros]);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", text(&output.stderr));
    let noise: Vec<u8> = (0..5_000u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let noise = file("noise", &noise).to_string_lossy().into_owned();
    let output = conformance(&["explain", &noise]);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", text(&output.stderr));
}

#[test]
fn every_corpus_file_can_be_explained() {
    for file in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../corpus/classify")).expect("it is there") {
        let path = file.expect("it can be listed").path();
        // What a server says over HTTP/1.1 is text, which is refused as frames.
        let is_text = path.file_name().is_some_and(|name| name == "http-1.1-bad-request");
        let what = format!("{}{}", if is_text { "wire:" } else { "" }, path.display());
        let output = conformance(&["explain", &what]);
        assert_eq!(output.status.code(), Some(0), "{}: {}", path.display(), text(&output.stderr));
    }
}

#[test]
fn explain_and_minimize_accept_the_bytes_of_a_client_of_both_servers() {
    let output = conformance(&["explain", "server:goaway-on-a-stream"]);
    let shown = text(&output.stdout);
    for part in [
        "-> GOAWAY stream=1 last_stream_id=0 INTERNAL_ERROR",
        "legacy <- GOAWAY last_stream_id=0 NO_ERROR",
        "modern <- GOAWAY last_stream_id=0 PROTOCOL_ERROR",
        "read as     hyper > h2(remote GOAWAY",
        "the GOAWAY frames differ",
        "known: goaway-on-a-stream",
        "cargo run --release -- explain server:hex:",
    ] {
        assert!(shown.contains(part), "{part:?} is not in {shown}");
    }
    assert_eq!(output.status.code(), Some(0));
    let replay = shown.lines().find_map(|line| line.trim().strip_prefix("cargo run --release -- ")).expect("a command");
    let again = text(&conformance(&replay.split(' ').collect::<Vec<_>>()).stdout);
    assert!(again.contains("known: goaway-on-a-stream"), "{again}");

    let small = text(&conformance(&["minimize", &replay.replace("explain ", "")]).stdout);
    let small = small.trim();
    assert!(small.starts_with("server:hex:505249"), "{small}");
    assert_eq!(text(&conformance(&["minimize", small]).stdout).trim(), small);

    let agreed = "server:hex:505249202a20485454502f322e300d0a0d0a534d0d0a0d0a";
    assert!(text(&conformance(&["explain", agreed]).stdout).contains("All hold."));
    refused(&conformance(&["minimize", agreed]), &["breaks no law"]);
    refused(
        &conformance(&["explain", "server:nothing-of-the-kind"]),
        &["neither a known divergence of the servers nor a file", "list"],
    );
    refused(&conformance(&["explain", "server:hex:0"]), &["pairs of hexadecimal digits"]);
    refused(&conformance(&["explain", "server:"]), &["nothing follows `server:`"]);
    refused(&conformance(&["explain", "droped-tunel"]), &["Did you mean `server:dropped-tunnel`?"]);
    assert!(text(&conformance(&["list"]).stdout).contains("server:goaway-ends-own-requests"));
}

#[test]
fn the_name_of_a_theme_lists_its_scenarios() {
    for name in ["goaway", "rst_stream", "rst-stream"] {
        let theme = name.replace('-', "_");
        let all = scenarios::built_in().expect("they are valid");
        let of_it: Vec<_> =
            all.iter().filter(|scenario| scenario.theme == theme).map(|one| format!("\n  {}\n", one.name)).collect();
        assert!(of_it.len() > 10);
        let of_it: Vec<&str> = of_it.iter().map(String::as_str).collect();
        refused(&conformance(&["explain", name]), &[&[&*format!("`{name}` is a theme")], &of_it[..]].concat());
    }
}

#[test]
fn the_bytes_of_a_server_are_played_unchanged() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../corpus/wire/goaway-on-a-stream");
    let shown = text(&conformance(&["explain", &format!("wire:{file}")]).stdout);
    assert_eq!(shown.lines().filter(|line| line.contains("<- SETTINGS")).count(), 1, "{shown}");
    // In the bytes of a script this frame type is a directive, which is never sent.
    let shown = text(&conformance(&["explain", "wire:hex:000000f00000000001"]).stdout);
    assert!(shown.contains("<- 0xf0 stream=1"), "{shown}");
    refused(&conformance(&["explain", "wire:"]), &["nothing follows `wire:`"]);
    refused(&conformance(&["explain", "wire:nowhere"]), &["`nowhere` is not a file"]);
    refused(&conformance(&["explain", "wire:hex:"]), &["is empty"]);
}

#[test]
fn a_count_of_one_is_singular() {
    let toml = b"[[scenario]]\nname = \"one\"\nsteps = [{ send = \"SETTINGS\" }, { await = \"HEADERS\", stream = 1 }, \
                 { send = \"HEADERS\", stream = 1, status = 200 }, { send = \"DATA\", stream = 1, data = \"x\" }, \
                 { send = \"HEADERS\", stream = 1, headers = [[\"a\", \"b\"]], end_stream = true }, { send_raw = \"00\" }]\n";
    let shown = text(&with_input(&["explain", "-"], toml).stdout);
    for part in ["DATA stream=1 1 byte\n", "200, 1 byte, 1 trailer field ", "1 byte that is no whole frame"] {
        assert!(shown.contains(part), "{part:?} is not in {shown}");
    }
}
