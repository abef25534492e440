//! What is wrong with an input, where, and what to do: exit status 2.

use crate::{conformance, file, folder, refused, with_input};
use std::{fs, path::PathBuf, process::Command};

#[test]
fn a_typo_is_answered_with_a_suggestion() {
    refused(&conformance(&["explain", "goaway-bellow-our-stream"]), &["goaway-below-our-stream", "conformance list"]);
    refused(&conformance(&["explian"]), &["explian"]);
    refused(&conformance(&["--case", "5"]), &["--cases"]);
    refused(&conformance(&["--cases", "many"]), &["many"]);
    refused(&conformance(&["explain", "hex:0g"]), &["hexadecimal"]);
    refused(&conformance(&["explain", "chain:arx > hyper:eof"]), &["`arx` is not a layer"]);
    refused(
        &conformance(&["explain", "chain:hyper:eov"]),
        &["`hyper:eov` is not in the error catalogue", "conformance errors"],
    );
    refused(&conformance(&["explain", "plan:hyper:eof"]), &["`plan:hyper:eof` is not a file", "`chain:` takes"]);
    refused(&conformance(&["explain", "sever:dropped-tunel"]), &["Did you mean `server:dropped-tunnel`?"]);
    refused(&conformance(&["explain", "hex:"]), &["nothing follows `hex:`"]);
    refused(&conformance(&["explain", "hex: "]), &["nothing follows `hex:`"]);
    refused(
        &conformance(&["reproduce", "goaway-below-our-stream", "--issue"]),
        &["shows no fault to report", "--issue"],
    );
    refused(&conformance(&["reproduce", "mising-status"]), &["Did you mean `missing-status`?"]);
    refused(&conformance(&["reproduce", "missing-status", "--to", "/dev/null"]), &["/dev/null cannot be written"]);
}

#[test]
fn empty_and_invalid_files_are_refused() {
    let path = |name: &str, content: &[u8]| file(name, content).to_string_lossy().into_owned();
    let broken = path("broken.toml", b"[[scenario]\nname = 1");
    refused(&conformance(&["explain", &broken]), &["broken.toml", "line 1"]);
    let steps = |step: &str| format!("[[scenario]]\nname = \"x\"\nsteps = [\n  {step},\n]\n");
    let cases = [
        ("{ send = \"GOWAY\" }", "unknown frame type `GOWAY`; expected DATA, HEADERS"),
        ("{ send = \"GOAWAY\", last_stream_id = 2147483648, error_code = 0 }", "above 2^31-1"),
        ("{ send = \"GOAWAY\", last_stream_id = 0 }", "needs the key `error_code`"),
        ("{ send = \"PING\", increment = 1 }", "has no key `increment`"),
        ("{ sned = \"PING\" }", "sned"),
        ("{ send = \"PING\", close = \"eof\" }", "both `send` and `close`"),
        ("{ fail_read = \"Interrupted\" }", "unknown transport error `Interrupted`"),
        ("{ send_raw = \"0\" }", "hexadecimal"),
        ("{ send = \"DATA\", stream = 1, data = \"x\", size = 1 }", "a DATA frame cannot have both `data` and `size`"),
        ("{ send = 0x99, data = \"x\", size = 1 }", "both `data` and `size`"),
    ];
    for (number, (step, says)) in cases.into_iter().enumerate() {
        let file = path(&format!("bad-{number}.toml"), steps(step).as_bytes());
        refused(&conformance(&["explain", &file]), &[says, "line"]);
    }
    refused(&conformance(&["explain", &path("empty.toml", b"")]), &["is empty"]);
    refused(&conformance(&["explain", &path("none.toml", b"# nothing\n")]), &["no [[scenario]]"]);
    refused(&with_input(&["explain", "-"], b""), &["is empty"]);
    refused(&conformance(&["explain", env!("CARGO_TARGET_TMPDIR")]), &["cannot be read"]);
    refused(&conformance(&["--corpus", "/no/such/folder", "--cases", "0"]), &["/no/such/folder"]);
}

#[test]
fn files_that_cannot_be_read_or_written_are_refused_before_anything_runs() {
    refused(&conformance(&["--baseline", "nowhere.json"]), &["nowhere.json cannot be read"]);
    let other = file("other.json", b"{\"schema\": 4}");
    refused(
        &conformance(&["--baseline", &other.to_string_lossy()]),
        &["other.json cannot be used: missing field", "--json=FILE"],
    );
    let earlier = file("earlier.json", b"{\"schema\": 2, \"themes\": []}");
    let says = ["it has schema 2, and this program reads schema 4", "`conformance --json=FILE` writes a new one"];
    refused(&conformance(&["--baseline", &earlier.to_string_lossy()]), &says);
    refused(&conformance(&["--junit", "/no/such/folder/run.xml"]), &["cannot be written"]);
}

#[test]
fn a_script_that_is_larger_than_any_frame_is_refused() {
    let corpus = folder("huge-corpus");
    let huge = fs::File::create(corpus.join("huge")).expect("it can be written");
    huge.set_len(50 << 20).expect("it takes no room");
    let path = corpus.to_string_lossy().into_owned();
    refused(&conformance(&["--corpus", &path, "--cases", "0"]), &["huge has more than 16777215 bytes"]);
    refused(&conformance(&["explain", &format!("{path}/huge")]), &["huge has more than 16777215 bytes"]);
    huge.set_len(1 << 30).expect("it takes no room");
    refused(&conformance(&["--corpus", &path, "--cases", "0"]), &["has files of 1073741824 bytes", "in parts"]);
}

#[test]
fn text_is_no_frames_and_the_message_says_what_to_do() {
    let log = b"2026-11-28T20:32:05Z INFO served 7 requests\n";
    let coloured = "\u{1b}[31mERROR\u{1b}[0m the disk is full \u{2026}".as_bytes();
    for (number, text) in [&log[..], coloured].into_iter().enumerate() {
        let path = file(&format!("log-{number}"), text).to_string_lossy().into_owned();
        let says = ["is text, and frames are not", "explain hex:BYTES", "[[scenario]]", "RUST_LOG=h2=debug"];
        refused(&conformance(&["explain", &path]), &says);
        refused(&conformance(&["minimize", &path]), &says);
        refused(&with_input(&["explain", "-"], text), &says);
        assert!(conformance(&["explain", &format!("wire:{path}")]).stderr.is_empty(), "any bytes can be a server's");
    }
}

#[test]
fn a_capture_that_cannot_be_read_says_what_to_do() {
    // A pcap of raw IP without packets, one of another link with a packet, and what gzip wrote.
    let header = |link: u8| [&[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0][..], &[0; 12], &[link, 0, 0, 0]].concat();
    let packet = [&[0; 8][..], &[1, 0, 0, 0, 1, 0, 0, 0, 0]].concat();
    for (bytes, says) in [
        (header(101), "no packet in it can be read"),
        ([header(105), packet.clone()].concat(), "its link type 105 is not read"),
        ([header(101), packet].concat(), "no TCP connection in it carries anything"),
        (vec![0x1f, 0x8b, 8, 0], "`gunzip`"),
        (vec![0xd4, 0xc3, 0xb2, 0xa1], "no packet in it can be read"),
    ] {
        refused(&with_input(&["explain", "-"], &bytes), &[says]);
    }
}

#[test]
fn the_name_of_a_scenario_is_lower_case_words_joined_by_hyphens() {
    let named = |name: &str| format!("[[scenario]]\nname = \"{name}\"\nsteps = [{{ send = \"SETTINGS\" }}]\n");
    for name in ["A B", "a b", "A", "a_b", "a-", "-a", "a--b", ""] {
        let output = with_input(&["explain", "-"], named(name).as_bytes());
        refused(&output, &[&format!("`{name}` is no name"), "lower-case words joined by hyphens", "line 2"]);
    }
    assert_eq!(with_input(&["explain", "-"], named("http-1-1").as_bytes()).status.code(), Some(0));
}

#[test]
fn a_scenario_that_contradicts_itself_is_refused() {
    let steps = "requests = [{ method = \"GET\" }]\nsteps = []";
    for (keys, why) in [
        ("expect = [{ processed = [] }]", "the list is empty"),
        ("expect = [{ processed = \"Perhaps\" }]", "unknown variant `Perhaps`, expected one of"),
        ("expect = [{ processed = \"Yes\", advice = [\"GiveUp\", \"Wait\"] }]", "unknown variant `Wait`"),
        ("but = [{ request = 1, because = \"x\" }]", "`but` names request 1"),
        (
            "expect = [{ processed = \"Yes\", complete = true, advice = \"Retry\" }]",
            "`complete` and `advice` exclude each other",
        ),
    ] {
        let text = format!("[[scenario]]\n{keys}\n{steps}");
        refused(&with_input(&["explain", "-"], text.as_bytes()), &[why]);
    }
}

#[test]
fn a_corpus_without_files_is_refused() {
    let empty = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("empty");
    fs::create_dir_all(&empty).expect("the temporary folder can be written");
    refused(&conformance(&["--corpus", &empty.to_string_lossy()]), &["empty has no files", "corpus/classify"]);
}

#[test]
fn a_sweep_without_cargo_says_that_it_needs_cargo() {
    let sweep = |folder: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
        command.args(["sweep", "h2", "0.4.0", "--folder", folder]).env("CARGO", "/no/such/program");
        command.output().expect("the program starts")
    };
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("swept");
    refused(&sweep(&folder.to_string_lossy()), &["/no/such/program cannot be started", "needs Rust"]);
    let taken = file("taken", b"").to_string_lossy().into_owned();
    refused(&sweep(&taken), &["taken", "cannot be used"]);
}

#[test]
fn a_night_without_its_steps_or_without_the_given_night_before_is_refused() {
    refused(&conformance(&["night", "/no/such/night"]), &["/no/such/night/steps cannot be read"]);
    let night = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("night");
    fs::create_dir_all(night.join("runs")).expect("the temporary folder can be written");
    fs::write(night.join("steps"), "done\tthe suite\nperhaps\tmutants\n").expect("it can be written");
    refused(&conformance(&["night", &night.to_string_lossy()]), &["`perhaps\tmutants` is no step"]);
    let folder = night.to_string_lossy();
    fs::write(night.join("steps"), "done\tthe suite\n").expect("it can be written");
    refused(&conformance(&["night", &folder, "--before", "/no/such/night"]), &["known.json is missing"]);
}

#[test]
fn a_sweep_needs_a_crate_and_releases_that_exist() {
    refused(&conformance(&["sweep"]), &["<CRATE>"]);
    refused(&conformance(&["sweep", "hypr"]), &["'hypr'", "'hyper'", "h2"]);
    refused(&conformance(&["sweep", "h2", "newest"]), &["`newest` is no version", "0.4.5..0.4.9"]);
    refused(&conformance(&["sweep", "h2", "0.4.9..0.4.5"]), &["no version is in this range"]);
    refused(&conformance(&["sweep", "h2", "--path", "/no/such/folder"]), &["/no/such/folder cannot be used"]);
    let other = concat!(env!("CARGO_MANIFEST_DIR"));
    refused(&conformance(&["sweep", "h2", "--path", other]), &["it is not the manifest of h2"]);
    refused(&conformance(&["sweep", "h2", "7.."]), &["no release of h2 is in the range >=7.0.0", ">=0.4.0, <0.5.0"]);
}
