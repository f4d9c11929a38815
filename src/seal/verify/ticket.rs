//! Reads `job.xjdf` back and compares it with the index.
//!
//! Enters: the ticket's bytes. Leaves: findings. Invariant: the ticket names this package, every PDF with its pages in the
//! index's order, the sides that are printed, and the number of pieces.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::finding::Findings;
use super::index::Index;

#[derive(Default)]
struct Ticket {
    part: String,
    files: Vec<(String, String)>,
    sides: String,
    amount: String,
}

/// Compares the ticket with the index.
pub(super) fn check(bytes: &[u8], package: &str, index: &Index, findings: &mut Findings) {
    let ticket = match parse(bytes) {
        Ok(ticket) => ticket,
        Err(error) => return findings.add(format!("is no XML: {error}")),
    };
    findings.equal("its JobPartID", ticket.part.as_str(), package);
    findings.equal("its amount", ticket.amount.as_str(), index.pieces().to_string().as_str());
    findings.equal("its sides", ticket.sides.as_str(), if index.duplex { "TwoSided" } else { "OneSidedFront" });
    let listed = index.files.iter().map(|file| (file.name.clone(), file.pages.to_string()));
    if !ticket.files.iter().cloned().eq(listed) {
        findings.add("it lists other files or pages than index.csv");
    }
}

fn parse(bytes: &[u8]) -> Result<Ticket, quick_xml::Error> {
    let mut reader = Reader::from_reader(bytes);
    let mut ticket = Ticket::default();
    let mut pages = String::new();
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer)? {
            Event::Eof => return Ok(ticket),
            Event::Start(element) | Event::Empty(element) => match element.name().as_ref() {
                "XJDF" => ticket.part = attribute(&element, "JobPartID")?,
                "RunList" => pages = attribute(&element, "NPage")?,
                "FileSpec" => ticket.files.push((attribute(&element, "URL")?, std::mem::take(&mut pages))),
                "DigitalPrintingParams" => ticket.sides = attribute(&element, "Sides")?,
                "PartAmount" => ticket.amount = attribute(&element, "Amount")?,
                _ => {}
            },
            _ => {}
        }
        buffer.clear();
    }
}

/// The attribute's text; blank where there is none.
fn attribute(element: &BytesStart<'_>, name: &str) -> Result<String, quick_xml::Error> {
    let found = element.try_get_attribute(name)?;
    Ok(found.map(|attribute| attribute.value.into_owned()).unwrap_or_default())
}
