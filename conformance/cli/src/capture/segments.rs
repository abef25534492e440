//! What a packet carries: a segment of TCP, or a piece of a connection that Wireshark exported.

use etherparse::{EtherType, LaxNetSlice, LaxSlicedPacket, TransportSlice};
use pcap_parser::Linktype;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// What a packet carries.
pub(super) enum Carried<'f> {
    Segment(Segment<'f>),
    Exported(Piece<'f>),
    /// Something else than TCP.
    Other,
    /// Its link type is not read.
    UnknownLink,
}

/// A segment of TCP.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'f> {
    pub from: SocketAddr,
    pub to: SocketAddr,
    pub sequence: u32,
    /// The number of the next byte that its sender waits for.
    pub acknowledged: Option<u32>,
    pub syn: bool,
    pub fin: bool,
    pub rst: bool,
    pub payload: &'f [u8],
    /// How many more bytes it had than were captured.
    pub lacks: usize,
}

/// A piece of what one end of a connection sent to the other, in its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'f> {
    pub from: SocketAddr,
    pub to: SocketAddr,
    pub bytes: &'f [u8],
}

/// What a packet on this link carries.
pub(super) fn carried(link: Linktype, packet: &[u8]) -> Carried<'_> {
    let sliced = match link {
        Linktype::WIRESHARK_UPPER_PDU => return exported(packet).map_or(Carried::Other, Carried::Exported),
        Linktype::ETHERNET => LaxSlicedPacket::from_ethernet(packet).ok(),
        // The EtherType is at the end of the header of one, and at the beginning of that of the other.
        Linktype::LINUX_SLL => of_ether_type(packet, 14, 16),
        Linktype::LINUX_SLL2 => of_ether_type(packet, 0, 20),
        Linktype::NULL | Linktype::LOOP => packet.get(4..).and_then(|ip| LaxSlicedPacket::from_ip(ip).ok()),
        // 12 and 14 stand for raw IP on some systems.
        Linktype::RAW | Linktype::IPV4 | Linktype::IPV6 | Linktype(12 | 14) => LaxSlicedPacket::from_ip(packet).ok(),
        _ => return Carried::UnknownLink,
    };
    sliced.and_then(|sliced| segment(&sliced)).map_or(Carried::Other, Carried::Segment)
}

/// The packet behind a header of this length, which has the EtherType of the packet at this place.
fn of_ether_type(packet: &[u8], place: usize, length: usize) -> Option<LaxSlicedPacket<'_>> {
    let ether_type = EtherType(u16::from_be_bytes(*packet.get(place..)?.first_chunk()?));
    Some(LaxSlicedPacket::from_ether_type(ether_type, packet.get(length..)?))
}

fn segment<'f>(sliced: &LaxSlicedPacket<'f>) -> Option<Segment<'f>> {
    let Some(TransportSlice::Tcp(tcp)) = &sliced.transport else { return None };
    // The length that the packet had.
    let (from, to, length): (IpAddr, IpAddr, usize) = match sliced.net.as_ref()? {
        LaxNetSlice::Ipv4(ip) => {
            let header = ip.header();
            let length = usize::from(header.total_len()).saturating_sub(header.slice().len());
            (header.source_addr().into(), header.destination_addr().into(), length)
        }
        LaxNetSlice::Ipv6(ip) => {
            let header = ip.header();
            let length = usize::from(header.payload_length()).saturating_sub(ip.extensions().slice().len());
            (header.source_addr().into(), header.destination_addr().into(), length)
        }
        LaxNetSlice::Arp(_) => return None,
    };
    let is_incomplete = sliced.ip_payload().is_some_and(|payload| payload.incomplete);
    Some(Segment {
        from: SocketAddr::new(from, tcp.source_port()),
        to: SocketAddr::new(to, tcp.destination_port()),
        sequence: tcp.sequence_number(),
        acknowledged: tcp.ack().then(|| tcp.acknowledgment_number()),
        syn: tcp.syn(),
        fin: tcp.fin(),
        rst: tcp.rst(),
        payload: tcp.payload(),
        lacks: if is_incomplete { length.saturating_sub(tcp.slice().len()) } else { 0 },
    })
}

/// What Wireshark exported: options, each a number, a length and a value, and then the bytes.
fn exported(mut packet: &[u8]) -> Option<Piece<'_>> {
    let (mut from, mut to) = ([None, None], [None, None]);
    let mut ports = [None, None];
    loop {
        let ([high, low, length @ ..], rest) = packet.split_first_chunk::<4>()?;
        let (value, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        packet = rest;
        match u16::from_be_bytes([*high, *low]) {
            0 => break,
            20 => from[0] = value.first_chunk().map(|octets: &[u8; 4]| Ipv4Addr::from(*octets).into()),
            21 => to[0] = value.first_chunk().map(|octets: &[u8; 4]| Ipv4Addr::from(*octets).into()),
            22 => from[1] = value.first_chunk().map(|octets: &[u8; 16]| Ipv6Addr::from(*octets).into()),
            23 => to[1] = value.first_chunk().map(|octets: &[u8; 16]| Ipv6Addr::from(*octets).into()),
            25 => ports[0] = value.first_chunk().map(|port| u32::from_be_bytes(*port) as u16),
            26 => ports[1] = value.first_chunk().map(|port| u32::from_be_bytes(*port) as u16),
            _ => {}
        }
    }
    let address = |[v4, v6]: [Option<IpAddr>; 2], port: Option<u16>| Some(SocketAddr::new(v4.or(v6)?, port?));
    Some(Piece { from: address(from, ports[0])?, to: address(to, ports[1])?, bytes: packet })
}
