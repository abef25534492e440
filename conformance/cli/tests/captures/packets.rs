//! A writer of captures: from a record to packets, and from packets to a file.

use conformance::{
    http2::wire::PREFACE,
    peer::{Event, Record},
};
use etherparse::{PacketBuilder, PacketBuilderStep, TcpHeader};

/// A segment of TCP.
#[derive(Clone, Debug, Default)]
pub(super) struct Segment {
    pub(super) of_client: bool,
    pub(super) sequence: u32,
    pub(super) syn: bool,
    pub(super) fin: bool,
    pub(super) rst: bool,
    pub(super) acknowledged: Option<u32>,
    pub(super) payload: Vec<u8>,
}

/// What precedes the segments of a packet.
#[derive(Clone, Copy, Debug)]
pub(super) enum Link {
    Ethernet,
    Vlan,
    Cooked,
    Cooked2,
    Raw,
    RawIpv6,
    Loopback,
    OpenBsdLoopback,
}

pub(super) const LINKS: [Link; 8] = [
    Link::Ethernet,
    Link::Vlan,
    Link::Cooked,
    Link::Cooked2,
    Link::Raw,
    Link::RawIpv6,
    Link::Loopback,
    Link::OpenBsdLoopback,
];

/// The format of a file.
#[derive(Clone, Copy, Debug)]
pub(super) enum Format {
    Pcap,
    PcapBigEndian,
    PcapNanoseconds,
    PcapNg,
    PcapNgBigEndian,
}

pub(super) const FORMATS: [Format; 5] =
    [Format::Pcap, Format::PcapBigEndian, Format::PcapNanoseconds, Format::PcapNg, Format::PcapNgBigEndian];

impl Link {
    fn number(self) -> u32 {
        match self {
            Link::Ethernet | Link::Vlan => 1,
            Link::Cooked => 113,
            Link::Cooked2 => 276,
            Link::Raw | Link::RawIpv6 => 101,
            Link::Loopback => 0,
            Link::OpenBsdLoopback => 108,
        }
    }

    /// The packet with a segment.
    pub(super) fn packet(self, segment: &Segment) -> Vec<u8> {
        const MAC: [u8; 6] = [2, 0, 0, 0, 0, 1];
        let (from, to) = if segment.of_client { (1, 2) } else { (2, 1) };
        let (ip, of) = ([10, 0, 0, from], [10, 0, 0, to]);
        let ethernet = PacketBuilder::ethernet2(MAC, MAC);
        match self {
            Link::Ethernet => segment.write(Vec::new(), ethernet.ipv4(ip, of, 64)),
            Link::Vlan => {
                let vlan = etherparse::VlanId::try_new(7).expect("it is small");
                segment.write(Vec::new(), ethernet.single_vlan(vlan).ipv4(ip, of, 64))
            }
            Link::RawIpv6 => {
                let address = |last| [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
                segment.write(Vec::new(), PacketBuilder::ipv6(address(from), address(to), 64))
            }
            Link::Raw => segment.write(Vec::new(), PacketBuilder::ipv4(ip, of, 64)),
            Link::Cooked => {
                let header = [0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0];
                segment.write(header.to_vec(), PacketBuilder::ipv4(ip, of, 64))
            }
            Link::Cooked2 => {
                let header = [8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0];
                segment.write(header.to_vec(), PacketBuilder::ipv4(ip, of, 64))
            }
            Link::Loopback => segment.write(vec![2, 0, 0, 0], PacketBuilder::ipv4(ip, of, 64)),
            Link::OpenBsdLoopback => segment.write(vec![0, 0, 0, 2], PacketBuilder::ipv4(ip, of, 64)),
        }
    }
}

impl Segment {
    fn write(&self, mut packet: Vec<u8>, ip: PacketBuilderStep<etherparse::IpHeaders>) -> Vec<u8> {
        const CLIENT: u16 = 50_000;
        const SERVER: u16 = 80;
        let (from, to) = if self.of_client { (CLIENT, SERVER) } else { (SERVER, CLIENT) };
        let mut header = TcpHeader::new(from, to, self.sequence, 65_535);
        (header.syn, header.fin, header.rst) = (self.syn, self.fin, self.rst);
        header.ack = self.acknowledged.is_some();
        header.acknowledgment_number = self.acknowledged.unwrap_or_default();
        ip.tcp_header(header).write(&mut packet, &self.payload).expect("a vector can be written");
        packet
    }
}

/// The file with these packets, of which at most the first so many bytes are captured.
pub(super) fn file(format: Format, link: Link, packets: &[Vec<u8>], snap: usize) -> Vec<u8> {
    let is_big = matches!(format, Format::PcapBigEndian | Format::PcapNgBigEndian);
    let four = |number: u32| if is_big { number.to_be_bytes() } else { number.to_le_bytes() };
    let two = |number: u16| if is_big { number.to_be_bytes() } else { number.to_le_bytes() };
    let block = |kind: u32, content: Vec<u8>| {
        let length = four(content.len() as u32 + 12);
        [&four(kind)[..], &length, &content, &length].concat()
    };
    let captured = |packet: &[u8]| packet[..packet.len().min(snap)].to_vec();
    let mut file = match format {
        Format::PcapNg | Format::PcapNgBigEndian => {
            let section = [&four(0x1a2b_3c4d)[..], &two(1), &two(0), &[0xff; 8]].concat();
            let interface = [&two(link.number() as u16)[..], &two(0), &four(0)].concat();
            [block(0x0a0d_0d0a, section), block(1, interface)].concat()
        }
        _ => {
            let magic = if matches!(format, Format::PcapNanoseconds) { 0xa1b2_3c4d } else { 0xa1b2_c3d4 };
            [&four(magic)[..], &two(2), &two(4), &four(0), &four(0), &four(snap as u32), &four(link.number())].concat()
        }
    };
    for packet in packets {
        let bytes = captured(packet);
        let lengths = [four(bytes.len() as u32), four(packet.len() as u32)].concat();
        match format {
            Format::PcapNg | Format::PcapNgBigEndian => {
                let padding = vec![0; bytes.len().next_multiple_of(4) - bytes.len()];
                let content = [&four(0)[..], &four(0), &four(0), &lengths, &bytes, &padding].concat();
                file.extend(block(6, content));
            }
            _ => file.extend([&four(0)[..], &four(0), &lengths, &bytes].concat()),
        }
    }
    file
}

/// The segments of a connection, as its client's machine sees them.
pub(super) struct Segments {
    pub(super) all: Vec<Segment>,
    /// The next sequence numbers of the client and the server.
    next: [u32; 2],
}

impl Segments {
    /// A connection whose numbers begin with these.
    pub(super) fn open(next: [u32; 2]) -> Segments {
        let mut segments = Segments { all: Vec::new(), next };
        segments.add(true, |segment| (segment.syn, segment.acknowledged) = (true, None));
        segments.add(false, |segment| segment.syn = true);
        segments.add(true, |_| {});
        segments
    }

    pub(super) fn add(&mut self, of_client: bool, change: impl FnOnce(&mut Segment)) {
        let [sequence, acknowledged] = if of_client { self.next } else { [self.next[1], self.next[0]] };
        let acknowledged = Some(acknowledged);
        let mut segment = Segment { of_client, sequence, acknowledged, ..Segment::default() };
        change(&mut segment);
        let length = segment.payload.len() as u32 + u32::from(segment.syn) + u32::from(segment.fin);
        let next = &mut self.next[usize::from(!of_client)];
        *next = next.wrapping_add(length);
        self.all.push(segment);
    }

    /// Adds bytes, in segments as long as the network carries.
    pub(super) fn add_bytes(&mut self, of_client: bool, bytes: &[u8]) {
        const LONGEST: usize = 1_448;
        for part in bytes.chunks(LONGEST) {
            self.add(of_client, |segment| segment.payload = part.to_vec());
        }
    }

    /// The connection of a record.
    pub(super) fn of(record: &Record, next: [u32; 2]) -> Segments {
        let mut segments = Segments::open(next);
        segments.add_bytes(true, &record.written[..record.written.len().min(PREFACE.len())]);
        let mut received = 0;
        for event in &record.events {
            match event {
                Event::Written(place) => segments.add_bytes(true, &record.written[place.clone()]),
                Event::Received(end) => {
                    segments.add_bytes(false, &record.sent[received..*end]);
                    received = *end;
                }
                Event::ReadEnd => segments.add(false, |segment| segment.fin = true),
                Event::ReadFailed(_) => segments.add(false, |segment| segment.rst = true),
                Event::ClientClosed => segments.add(true, |segment| segment.fin = true),
                _ => {}
            }
        }
        segments
    }

    pub(super) fn file(&self, format: Format, link: Link) -> Vec<u8> {
        file(format, link, &self.packets(link), usize::MAX)
    }

    pub(super) fn packets(&self, link: Link) -> Vec<Vec<u8>> {
        self.all.iter().map(|segment| link.packet(segment)).collect()
    }
}
