//! What is read from logs of frames is what happened.

use conformance::{
    frame_logs::{FrameLog, LogSource, LoggedConnection, Missing, read},
    http2::StreamId,
    rfc9113::{Certainty, Model, Truth},
    scenarios::{self, Scenario},
    script::Script,
    stacks::{Driver, Legacy, Modern, Profile, Stack, panics::record_stack_panics},
};
use std::{
    env,
    io::{self, Write},
    process::Command,
    sync::{Arc, Mutex},
};
use tracing_subscriber::{filter::LevelFilter, fmt, util::SubscriberInitExt};

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no writer panics").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("no writer panics")).into_owned()
    }
}

/// The model of a script on a stack, and the log of h2 as `RUST_LOG=debug` prints it.
fn logged<S: Stack>(driver: &Driver, script: &Script) -> (Model, String) {
    let log = Log::default();
    let (written, max) = (log.clone(), LevelFilter::DEBUG);
    let subscriber = fmt().with_max_level(max).with_ansi(false).with_writer(move || written.clone()).finish();
    let guard = subscriber.set_default();
    let observation = driver.observe::<S>(script, Profile::Defaults);
    drop(guard);
    (Model::of(script, &observation.record), log.text())
}

/// What the log has to tell of a request: whether it may be sent again although it is not idempotent, and whether its
/// response may be complete.
fn told(truth: &Truth) -> (bool, bool) {
    (truth.is_unprocessed(), truth.complete != Certainty::No)
}

/// Where the log of a stack tells something else of a request than the record does; `None` if the log has no request.
fn differences<S: Stack>(driver: &Driver, scenario: &Scenario) -> Option<Vec<String>> {
    let (model, log) = logged::<S>(driver, &scenario.script);
    let FrameLog { connections, .. } = read(&log)?;
    let [LoggedConnection { streams, record, script }] = &connections[..] else { panic!("one connection:\n{log}") };
    let by_log = Model::of(script, record);
    let of_stream = |stream: &StreamId| model.truths.iter().find(|truth| truth.stream == Some(*stream));
    let both =
        streams.iter().zip(&by_log.truths).filter_map(|(stream, found)| Some((stream, of_stream(stream)?, found)));
    let differ = both.filter(|(_, truth, found)| told(truth) != told(found));
    let text = |(stream, truth, found): (&StreamId, &Truth, &Truth)| {
        format!("{} stream {stream}: {:?}, and by the log {:?}\n{log}", S::NAME, told(truth), told(found))
    };
    Some(differ.map(text).collect())
}

/// What makes the response malformed is in its fields, which the log does not have, and the stack takes it for right.
const MALFORMED: &str = "its fields make it malformed";
/// A limit or a choice of the client ends the request, where the record shows that the response was right.
const OF_THE_CLIENT: &str = "the client ends it by a rule of its own";

/// The scenarios of which the log of h2 tells something else than the record, and why.
const UNTOLD: &[(&str, &str)] = &[
    ("a-tunnel-dropped-when-it-is-made", OF_THE_CLIENT),
    ("content-length-list-of-equal-values", OF_THE_CLIENT),
    ("content-length-on-a-head-that-ends-the-stream", MALFORMED),
    ("content-length-twice-with-different-values", MALFORMED),
    ("content-length-without-a-digit", MALFORMED),
    ("field-value-that-starts-with-a-tab", MALFORMED),
    ("flood-of-continuation", OF_THE_CLIENT),
    ("flood-of-empty-data", OF_THE_CLIENT),
    ("goaway-on-a-stream", "h2 0.3 does not log the stream, which makes the frame an error"),
    ("head-that-makes-its-stream-depend-on-itself", OF_THE_CLIENT),
    ("head-with-a-pseudo-header-field-of-requests", MALFORMED),
    ("head-without-status", MALFORMED),
    ("headers-in-a-tunnel", "the log does not have methods, so the tunnel is taken for a response to GET"),
    ("informational-head-in-the-place-of-trailers", MALFORMED),
    ("informational-head-with-end-stream", MALFORMED),
    ("malformed-field-before-a-cut-inside-a-field", MALFORMED),
    ("malformed-head-that-is-not-continued", MALFORMED),
    ("priority-that-depends-on-itself", OF_THE_CLIENT),
    ("reset-and-window-update-after-the-cancel", "no frame shows that its application had cancelled it before"),
    ("settings-initial-window-size-up-and-down", OF_THE_CLIENT),
    ("size-update-behind-a-field-in-the-next-piece", MALFORMED),
    ("trailers-before-the-promised-length", MALFORMED),
];

#[test]
fn the_log_of_a_play_tells_what_the_record_tells() {
    // `tracing` remembers for a whole process who wants an event. So this runs in a process of its own, where no other
    // test plays without a log.
    const ALONE: &str = "CONFORMANCE_TEST_ALONE";
    if env::var_os(ALONE).is_none() {
        let test = "frame_logs::the_log_of_a_play_tells_what_the_record_tells";
        let program = env::current_exe().expect("the test has a program");
        let played = Command::new(program).args(["--exact", test, "--nocapture"]).env(ALONE, "1").output();
        let played = played.expect("the program starts");
        let said = String::from_utf8_lossy(&played.stdout) + String::from_utf8_lossy(&played.stderr);
        assert!(played.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    record_stack_panics();
    let (driver, mut same, mut other) = (Driver::new(), 0, Vec::new());
    for scenario in scenarios::built_in().expect("the suite's own scenarios are valid") {
        let of_stacks = [differences::<Legacy>(&driver, &scenario), differences::<Modern>(&driver, &scenario)];
        let differences: Vec<String> = of_stacks.into_iter().flatten().flatten().collect();
        match (differences.is_empty(), UNTOLD.iter().any(|(name, _)| *name == scenario.name)) {
            (true, false) => same += 1,
            (false, true) => {}
            (true, true) => other.push(format!("{}: the log tells it now", scenario.name)),
            (false, false) => other.push(format!("{}: {}", scenario.name, differences.join("\n"))),
        }
    }
    assert!(other.is_empty(), "{same} are the same, {} are not:\n{}", other.len(), other.join("\n"));
}

/// What became of the requests in this log: their streams, each with whether it was not processed and may be complete.
fn requests(log: &str) -> (LogSource, Vec<(u32, bool, bool)>) {
    let FrameLog { source, connections, .. } = read(log).expect("it has frames");
    let [LoggedConnection { streams, record, script }] = &connections[..] else { panic!("one connection") };
    let truths = Model::of(script, record).truths;
    let told = streams.iter().zip(&truths).map(|(stream, truth)| {
        let (unprocessed, complete) = told(truth);
        (stream.get(), unprocessed, complete)
    });
    (source, told.collect())
}

#[test]
fn the_logs_of_other_programs_are_read_as_they_print_them() {
    let nghttp = requests(include_str!("../logs/nghttp.log"));
    assert_eq!(nghttp, (LogSource::Nghttp, vec![(13, false, true), (15, false, true), (17, true, false)]));
    assert_eq!(requests(include_str!("../logs/curl.log")), (LogSource::Curl, vec![(1, true, false)]));
    let h2 = include_str!("../logs/h2.log");
    let expected = (LogSource::H2, vec![(1, false, true), (3, false, true), (5, true, false)]);
    assert_eq!(requests(h2), expected);
    // The same lines as JSON, as the formatter of `tracing-subscriber` writes them.
    let json = h2.lines().filter_map(|line| {
        let (before, frame) = line.split_once("frame=")?;
        let message = before.trim().rsplit(' ').next()?;
        let line = format!("{{\"level\":\"DEBUG\",\"fields\":{{\"message\":\"{message}\",\"frame\":\"{frame}\"}}}}");
        Some(line + "\n")
    });
    assert_eq!(requests(&json.collect::<String>()), expected);
}

#[test]
fn the_connections_of_a_log_are_told_apart_by_their_streams() {
    let one = include_str!("../logs/h2.log");
    // The second connection begins before the first one is over.
    let (begun, rest) =
        one.split_at(one.find("received frame=GoAway").and_then(|at| one[..at].rfind('\n')).expect("a line"));
    let two = [begun, "\n", one, rest].concat();
    let FrameLog { connections, missing, .. } = read(&two).expect("it has frames");
    assert_eq!(connections.len(), 2);
    assert!(connections.iter().all(|connection| connection.streams.len() == 3));
    assert!(missing.contains(&Missing::Owner), "{missing:?}");
}

#[test]
fn the_log_of_a_server_is_not_taken_for_that_of_a_client() {
    let log = include_str!("../logs/h2.log").replace("Connection{peer=Client}", "Connection{peer=Server}");
    assert_eq!(read(&log), None);
}

/// The log of a client that sends a request, and receives HEADERS with these flags and DATA where there are none.
fn answered(sections: &[Option<&str>]) -> String {
    let sections = sections.iter().map(|flags| match flags {
        Some(flags) => format!("received frame=Headers {{ stream_id: StreamId(1), flags: ({flags}) }}\n"),
        None => "received frame=Data { stream_id: StreamId(1) }\n".into(),
    });
    let begun =
        "received frame=Settings { flags: (0x0) }\nsend frame=Headers { stream_id: StreamId(1), flags: (0x5) }\n";
    let lines = begun.to_owned() + &sections.collect::<String>();
    lines.lines().map(|line| format!("DEBUG {line}\n")).collect()
}

#[test]
fn of_several_heads_the_final_one_is_found() {
    let (head, end) = (Some("0x4: END_HEADERS"), Some("0x5: END_HEADERS | END_STREAM"));
    for (sections, complete, is_unclear) in [
        (&[end][..], true, false),
        (&[head, None], false, false),
        (&[head, head, None], false, false),
        (&[head, head, None, end], true, false),
        (&[head, None, end], true, false),
        (&[head, end], true, true),
        (&[head, head], false, false),
        (&[head, None, head], false, false),
    ] {
        let log = answered(sections);
        assert_eq!(requests(&log).1, [(1, false, complete)], "{log}");
        let missing = read(&log).expect("it has frames").missing;
        assert_eq!(missing.contains(&Missing::Informational), is_unclear, "{log}");
    }
}

#[test]
fn no_log_panics_or_is_read_for_ever() {
    let log = include_str!("../logs/nghttp.log").to_owned() + include_str!("../logs/h2.log");
    for end in (0..log.len()).filter(|end| log.is_char_boundary(*end)) {
        let _ = read(&log[..end]);
    }
    for text in
        ["frame=Data { ", "received frame=Headers { stream_id: StreamId(99999999999) }", "[0] recv X frame <", "FRAME["]
    {
        assert_eq!(read(text), None, "{text}");
    }
    let many = "send frame=Headers { stream_id: StreamId(1), flags: (0x5) }\n".repeat(20_000);
    assert_eq!(read(&many).map(|log| log.connections[0].streams.len()), Some(1));
}

#[test]
fn a_log_says_which_program_wrote_it_and_what_it_does_not_have() {
    let log = "DEBUG received frame=Ping { ack: true, payload: [0, 0, 0, 0, 0, 0, 0, 0] }\n\
               DEBUG received frame=Data { stream_id: StreamId(37), flags: (0x1: END_STREAM) }\n\
               DEBUG send frame=Headers { stream_id: StreamId(41), flags: (0x5: END_HEADERS | END_STREAM) }\n\
               DEBUG received frame=GoAway { error_code: NO_ERROR, last_stream_id: StreamId(39) }";
    let FrameLog { source, connections, missing } = read(log).expect("it has frames");
    assert_eq!((source, connections.len()), (LogSource::H2, 1));
    assert!(missing.contains(&Missing::End) && missing.contains(&Missing::Beginning), "{missing:?}");
    // What belongs to a stream from before the log is left out, and the answer is right.
    assert_eq!(requests(log).1, [(41, true, false)]);
    assert_eq!(read("no frame at all"), None);
    assert_eq!(read(""), None);
}
