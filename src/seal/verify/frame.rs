//! Whether an archive's frame is the one that packages are written with, to the last byte.
//!
//! Enters: the archive's bytes, and what its directory says of each entry. Leaves: nothing, or what is wrong. Invariant:
//! entries' contents are held by hashes; all that lies between them (headers, descriptors, directory; APPNOTE.TXT 4.3)
//! follows from names, sizes and checksums alone, because times, modes and versions are fixed. So a byte that was changed
//! shows even where no reader would mind it; only the bits that deflate pads with are left to the manifest's hash. Absent
//! on purpose: archives beyond the limits of plain zip (4 GiB, 65,535 entries), whose longer frame is left to it too.

use std::io::{Read, Seek, SeekFrom};

/// What the directory says of an entry.
pub(super) struct Framed {
    pub(super) name: String,
    pub(super) crc32: u32,
    pub(super) packed_bytes: u64,
    pub(super) bytes: u64,
    /// Whether it is encrypted with WinZip's AES-256.
    pub(super) aes: bool,
}

/// Entries that plain zip can count, less one: the highest number means that there are more.
const ENTRIES_MAX: usize = 0xFFFE;
/// Sizes and places that plain zip can tell, less one.
const BYTES_MAX: u64 = 0xFFFF_FFFE;
/// From this size on an entry is announced as one that plain zip may not hold, whatever becomes of it.
const ENTRY_BYTES_MAX: u64 = 0xF000_0000 - 1;
/// The mode of a file that is its owner's, in Unix's place.
const MODE: u32 = 0o100_600 << 16;
/// The file system that the mode is of.
const UNIX: u8 = 3;
/// 1 January 1980, midnight.
const TIME_AND_DATE: [u8; 4] = [0, 0, 33, 0];
/// Vendor version 2 (AE-2), AES-256, deflated inside.
const AES_EXTRA: [u8; 11] = [0x01, 0x99, 7, 0, 2, 0, b'A', b'E', 3, 8, 0];

/// Compares everything but the entries' contents with what belongs there.
pub(super) fn check(archive: &mut (impl Read + Seek), entries: &[Framed]) -> Result<(), String> {
    let unreadable = |error: std::io::Error| format!("cannot be read: {error}");
    let length = archive.seek(SeekFrom::End(0)).map_err(unreadable)?;
    let long = entries.iter().any(|entry| entry.bytes > ENTRY_BYTES_MAX);
    if long || entries.len() > ENTRIES_MAX || length > BYTES_MAX {
        return Ok(());
    }
    let narrow = |bytes: u64| u32::try_from(bytes).map_err(|_| "its entries are longer than it is".to_owned());
    let mut place = 0_u64;
    let mut directory = Vec::new();
    for entry in entries {
        let (packed, bytes) = (narrow(entry.packed_bytes)?, narrow(entry.bytes)?);
        let kind = kind(entry.aes);
        let sizes = [entry.crc32, packed, bytes].map(u32::to_le_bytes).concat();
        let extra: &[u8] = if entry.aes { &AES_EXTRA } else { &[] };
        let lengths = [entry.name.len(), extra.len()].map(|length| length.to_le_bytes()[..2].to_vec()).concat();

        directory.extend([b"PK\x01\x02", &[kind[0], UNIX][..], &kind, &TIME_AND_DATE, &sizes, &lengths].concat());
        // No comment, the first disk, no internal attributes.
        directory.extend([&[0; 6][..], &MODE.to_le_bytes(), &narrow(place)?.to_le_bytes()].concat());
        directory.extend([entry.name.as_bytes(), extra].concat());

        // Sizes are not known yet where a streamed entry begins.
        let header =
            [b"PK\x03\x04", &kind[..], &TIME_AND_DATE, &[0; 12], &lengths, entry.name.as_bytes(), extra].concat();
        expect(archive, place, &header, &entry.name)?;
        place += header.len() as u64 + entry.packed_bytes;
        let descriptor = [b"PK\x07\x08", &sizes[..]].concat();
        expect(archive, place, &descriptor, &entry.name)?;
        place += descriptor.len() as u64;
    }
    let count = entries.len().to_le_bytes();
    let end = [
        b"PK\x05\x06\0\0\0\0",
        &[&count[..2], &count[..2]].concat()[..],
        &narrow(directory.len() as u64)?.to_le_bytes(),
        &narrow(place)?.to_le_bytes(),
        &[0, 0],
    ];
    directory.extend(end.concat());
    expect(archive, place, &directory, "its directory")?;
    if place + directory.len() as u64 == length { Ok(()) } else { Err("it goes on behind its end".to_owned()) }
}

/// Version needed, flags and method: deflated and streamed, encrypted or not.
const fn kind(aes: bool) -> [u8; 6] {
    if aes { [51, 0, 0x09, 0, 99, 0] } else { [20, 0, 0x08, 0, 8, 0] }
}

fn expect(archive: &mut (impl Read + Seek), place: u64, wanted: &[u8], whose: &str) -> Result<(), String> {
    let mut found = vec![0; wanted.len()];
    let read = archive.seek(SeekFrom::Start(place)).and_then(|_| archive.read_exact(&mut found));
    if read.is_ok() && found == wanted {
        Ok(())
    } else {
        Err(format!("the frame around {whose} is not the one that was written"))
    }
}
