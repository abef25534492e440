//! The task of a program that reads what the stack sends: to say which frames come, or to answer PINGs.

use super::program::Role;

const LISTEN: &str = include_str!("templates/listen.in");

/// How a frame is read whose type shows a fault.
const READS: &str = "        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        let code = |at| Reason::from(u32::from_be_bytes(payload[at..at + 4].try_into().unwrap()));
";

/// What is said of it.
const SAYS: &str = r#"            0x1 => say(format!("the $ROLE sent HEADERS on stream {stream}, first octet {:#04x}", payload[0])),
            0x3 => say(format!("the $ROLE sent RST_STREAM on stream {stream}: {:?}", code(0))),
            0x7 => say(format!("the $ROLE sent GOAWAY: {:?}", code(4))),
"#;

const ANSWERS: &str = "            0x6 if head[4] & 0x1 == 0 && ANSWERS_PINGS.load(Relaxed) => {
                let _ = peer.lock().await.write_all(&frame(0x6, 0x1, 0, &payload)).await;
            }
";

/// What a program listens for.
pub(super) struct Listening {
    pub(super) role: Role,
    /// Whether it says which frames come.
    pub(super) says: bool,
    /// Whether it answers PINGs.
    pub(super) answers_pings: bool,
    /// Whether the peer sends anything.
    pub(super) sends: bool,
}

impl Listening {
    /// The pattern of the peer's end, as it is made.
    pub(super) fn peer(&self) -> &'static str {
        if self.says || self.answers_pings { "peer" } else { self.end() }
    }

    /// The pattern of the end that it writes.
    fn end(&self) -> &'static str {
        if self.sends { "mut peer" } else { "_peer" }
    }

    /// The statements that begin to listen.
    pub(super) fn statements(&self) -> String {
        let (role, end) = (self.role.name(), self.end());
        match (self.says, self.answers_pings) {
            (false, false) => String::new(),
            (true, false) => {
                format!("    let (from_{role}, {end}) = split(peer);\n    spawn(listen(from_{role}));\n")
            }
            (_, true) => format!(
                "    let (from_{role}, peer) = split(peer);\n    \
                 let peer = Arc::new(tokio::sync::Mutex::new(peer));\n    spawn(listen(from_{role}, peer.clone()));\n"
            ),
        }
    }

    /// The task, and what it needs; empty if it listens for nothing.
    pub(super) fn task(&self) -> String {
        let what = match (self.says, self.answers_pings) {
            (false, false) => return String::new(),
            (true, false) => "Says which HEADERS, RST_STREAM and GOAWAY the $ROLE sends.",
            (true, true) => "Says which HEADERS, RST_STREAM and GOAWAY the $ROLE sends, and answers its PINGs.",
            (false, true) => "Answers the PINGs of the $ROLE.",
        };
        let preface = match self.role {
            Role::Client => "    let _ = io.read_exact(&mut [0; 24]).await; // the connection preface\n",
            Role::Server => "",
        };
        let (shared, flag, answers) = match self.answers_pings {
            true => (
                ", peer: Arc<tokio::sync::Mutex<WriteHalf<DuplexStream>>>",
                "\nstatic ANSWERS_PINGS: AtomicBool = AtomicBool::new(false);\n",
                ANSWERS,
            ),
            false => ("", "", ""),
        };
        let (reads, says) = if self.says { (READS, SAYS) } else { ("", "") };
        let values = [
            ("$WHAT", what),
            ("$SHARED", shared),
            ("$PREFACE", preface),
            ("$READS", reads),
            ("$ARMS", &format!("{says}{answers}")),
            ("$ROLE", self.role.name()),
        ];
        let task = values.iter().fold(LISTEN.to_owned(), |text, (place, value)| text.replace(place, value));
        format!("{flag}{task}")
    }
}
