//! Captures of packets, pcap and pcapng: from the file to the bytes of each TCP connection.
//!
//! `packets` reads the file, `segments` what a packet carries, and `reassembly` puts that in order.

mod packets;
mod reassembly;
mod segments;

use crate::UsageError;
use bytes::Bytes;
use conformance::frame_logs::{CapturedConnection, FrameLog, NoFrames, read_capture};
use packets::Packets;
use reassembly::Connections;
use segments::Carried;
use std::collections::BTreeSet;

/// The maximum size in bytes of a capture. All of it is in memory, and what is read of it a few times more.
pub const LONGEST: u64 = 256 << 20;

/// Whether a file with these first bytes is a capture of packets.
pub fn is_capture(first: &[u8]) -> bool {
    packets::magic(first).is_some()
}

/// What a capture tells of its plaintext HTTP/2 connections.
///
/// # Errors
///
/// If none of them has a request that can be read. The message says what to do.
pub fn read(name: &str, file: Bytes) -> Result<FrameLog, UsageError> {
    let unread = |why: String| UsageError(format!("{name} is a capture of packets, but {why}"));
    let Capture { connections, packets, other_links } = connections(file);
    if connections.is_empty() && !other_links.is_empty() {
        let links: Vec<String> = other_links.iter().map(i32::to_string).collect();
        return Err(unread(format!("its link type {} is not read: {LINKS}", links.join(", "))));
    }
    if packets == 0 {
        return Err(unread("no packet in it can be read".into()));
    }
    read_capture(connections).map_err(|why| unread(format!("{why}{}", what_to_do(why, name))))
}

/// A file of packets.
#[derive(Debug)]
pub struct Capture {
    /// The TCP connections, in the order of their first packets.
    pub connections: Vec<CapturedConnection>,
    /// The number of packets.
    pub packets: usize,
    /// The link types of the packets that could not be read for that reason.
    pub other_links: BTreeSet<i32>,
}

/// The TCP connections of a capture. What is behind a fault of the file is not read.
pub fn connections(file: Bytes) -> Capture {
    let mut found = Connections::new(&file);
    let (mut packets, mut count, mut other_links) = (Packets::new(&file), 0, BTreeSet::new());
    for (link, packet) in &mut packets {
        count += 1;
        match segments::carried(link, packet) {
            Carried::Segment(segment) => found.add(&segment),
            Carried::Exported(piece) => found.add_piece(piece),
            Carried::Other => {}
            Carried::UnknownLink => {
                other_links.insert(link.0);
            }
        }
    }
    Capture { connections: found.finish(packets.is_damaged), packets: count, other_links }
}

/// The link types that are read.
const LINKS: &str = "those of Ethernet, Linux (`-i any`), raw IP and the loopback are, and PDUs that Wireshark exported; \
                     `tshark -r FILE -U IP -w OUT.pcapng` writes raw IP";

fn what_to_do(why: NoFrames, name: &str) -> String {
    match why {
        NoFrames::Encrypted => format!(
            ". With the keys that the client writes to the file in its environment variable SSLKEYLOGFILE, `tshark -r \
             {name} -o tls.keylog_file:KEYS -U \"OSI layer 7\" -w plain.pcapng` exports what they protect, and `explain \
             plain.pcapng` reads it. Without keys, the client can log its frames: `RUST_LOG=h2=debug` for the crate h2"
        ),
        NoFrames::OtherProtocol | NoFrames::NoRequest => {
            ". It should hold a connection from its first packet on: start the capture before the client".into()
        }
        NoFrames::Nothing | NoFrames::Http1 => String::new(),
    }
}
