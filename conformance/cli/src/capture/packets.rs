//! The packets of a file in the formats pcap and pcapng.

use pcap_parser::{
    Block, LegacyPcapBlock, Linktype, PcapError, PcapHeader, nom, parse_block_be, parse_block_le, parse_pcap_frame,
    parse_pcap_frame_be, parse_pcap_frame_modified, parse_pcap_header, traits::PcapNGPacketBlock,
};

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Pcap,
    PcapNg,
}

/// The format of a file with these first bytes.
pub(super) fn magic(first: &[u8]) -> Option<Format> {
    match u32::from_le_bytes(*first.first_chunk()?) {
        0xa1b2_c3d4 | 0xd4c3_b2a1 | 0xa1b2_3c4d | 0x4d3c_b2a1 | 0xa1b2_cd34 => Some(Format::Pcap),
        0x0a0d_0d0a => Some(Format::PcapNg),
        _ => None,
    }
}

/// The packets of a file, each with the type of its link.
pub(super) struct Packets<'f> {
    file: &'f [u8],
    kind: Kind<'f>,
    /// Whether something in the file could not be read: the packets behind it are lost.
    pub is_damaged: bool,
}

enum Kind<'f> {
    Pcap { link: Linktype, frame: ParseFrame<'f> },
    PcapNg { is_big_endian: bool, links: Vec<Linktype> },
}

type Parsed<'f, T> = nom::IResult<&'f [u8], T, PcapError<&'f [u8]>>;
type ParseFrame<'f> = fn(&'f [u8]) -> Parsed<'f, LegacyPcapBlock<'f>>;

impl<'f> Packets<'f> {
    pub(super) fn new(file: &'f [u8]) -> Packets<'f> {
        if magic(file) == Some(Format::PcapNg) {
            // The first block says which it is: the number of a section header reads alike in both orders.
            return Packets { file, kind: Kind::PcapNg { is_big_endian: false, links: Vec::new() }, is_damaged: false };
        }
        match parse_pcap_header(file) {
            Ok((rest, header)) => {
                let kind = Kind::Pcap { link: header.network, frame: parse_frame(&header) };
                Packets { file: rest, kind, is_damaged: false }
            }
            Err(_) => {
                let kind = Kind::Pcap { link: Linktype::ETHERNET, frame: parse_pcap_frame };
                Packets { file: &[], kind, is_damaged: true }
            }
        }
    }

    /// The next packet; the inner `None` for a block that has none.
    fn step(&mut self) -> Option<Option<(Linktype, &'f [u8])>> {
        let (rest, packet) = match &mut self.kind {
            Kind::Pcap { link, frame } => {
                let (rest, block) = frame(self.file).ok()?;
                (rest, Some((*link, block.data)))
            }
            Kind::PcapNg { is_big_endian, links } => {
                let parse = if *is_big_endian { parse_block_be } else { parse_block_le };
                let (rest, block) = parse(self.file).ok()?;
                (rest, packet_of(block, is_big_endian, links))
            }
        };
        // Every block takes some bytes, so the end comes.
        self.file = rest;
        Some(packet)
    }
}

fn parse_frame<'f>(header: &PcapHeader) -> ParseFrame<'f> {
    if header.is_bigendian() {
        parse_pcap_frame_be
    } else if header.is_modified_format() {
        parse_pcap_frame_modified
    } else {
        parse_pcap_frame
    }
}

/// The packet of a block, if it has one, with the link type of its interface.
fn packet_of<'f>(
    block: Block<'f>,
    is_big_endian: &mut bool,
    links: &mut Vec<Linktype>,
) -> Option<(Linktype, &'f [u8])> {
    let (interface, data, length) = match block {
        Block::SectionHeader(section) => {
            *is_big_endian = section.big_endian();
            links.clear();
            return None;
        }
        Block::InterfaceDescription(interface) => {
            links.push(interface.linktype);
            return None;
        }
        Block::EnhancedPacket(packet) => (packet.if_id as usize, packet.data, packet.packet_data().len()),
        Block::SimplePacket(packet) => (0, packet.data, packet.packet_data().len()),
        _ => return None,
    };
    Some((*links.get(interface)?, &data[..length]))
}

impl<'f> Iterator for Packets<'f> {
    type Item = (Linktype, &'f [u8]);

    fn next(&mut self) -> Option<(Linktype, &'f [u8])> {
        while !self.file.is_empty() {
            match self.step() {
                Some(Some(packet)) => return Some(packet),
                Some(None) => {}
                None => {
                    self.is_damaged = true;
                    return None;
                }
            }
        }
        None
    }
}
