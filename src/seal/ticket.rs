//! `job.xjdf`: the job ticket of a package, XJDF 2.1.
//!
//! Enters: the package's PDFs and the vendor's paper. Leaves: one XML document. Invariant: every PDF of the package is
//! one `RunList` resource, in the order of the index; the output's amount is the number of pieces. The document holds
//! nothing of any person but what file names say.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, Event};

use crate::campaign::vendor::{Plex, Vendor};

/// The name of the ticket inside a package.
pub(super) const TICKET: &str = "job.xjdf";

/// The namespace of XJDF 2.
const NAMESPACE: &str = "http://www.CIP4.org/JDFSchema_2_0";

/// A4 in points, width then height.
const A4_POINTS: &str = "595.276 841.890";

/// One PDF of the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PackedFile {
    pub(super) name: String,
    pub(super) pages: u64,
    pub(super) bytes: u64,
}

/// Writes the ticket of one package.
pub(super) fn write(
    out: &mut impl Write,
    job: &str,
    package: &str,
    vendor: &Vendor,
    files: &[PackedFile],
    pieces: u64,
) -> io::Result<()> {
    let mut xml = Writer::new_with_indent(out, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let root = BytesStart::new("XJDF").with_attributes([
        ("xmlns", NAMESPACE),
        ("Version", "2.1"),
        ("JobID", job),
        ("JobPartID", package),
        ("Types", "DigitalPrinting Folding Inserting"),
    ]);
    xml.write_event(Event::Start(root))?;

    start(&mut xml, "ResourceSet", &[("Name", "RunList"), ("Usage", "Input")])?;
    for (number, file) in (1_u64..).zip(files) {
        start(&mut xml, "Resource", &[])?;
        empty(&mut xml, "Part", &[("Run", &format!("R{number:05}"))])?;
        start(&mut xml, "RunList", &[("NPage", &file.pages.to_string())])?;
        let size = file.bytes.to_string();
        empty(&mut xml, "FileSpec", &[("FileSize", &size), ("MimeType", "application/pdf"), ("URL", &file.name)])?;
        end(&mut xml, "RunList")?;
        end(&mut xml, "Resource")?;
    }
    end(&mut xml, "ResourceSet")?;

    let sides = match vendor.plex {
        Plex::Duplex => "TwoSided",
        Plex::Simplex => "OneSidedFront",
    };
    start(&mut xml, "ResourceSet", &[("Name", "DigitalPrintingParams"), ("Usage", "Input")])?;
    start(&mut xml, "Resource", &[])?;
    empty(&mut xml, "DigitalPrintingParams", &[("Sides", sides)])?;
    end(&mut xml, "Resource")?;
    end(&mut xml, "ResourceSet")?;

    start(&mut xml, "ResourceSet", &[("Name", "Media"), ("Usage", "Input")])?;
    start(&mut xml, "Resource", &[("ID", "Paper")])?;
    let weight = vendor.paper_gsm.to_string();
    empty(&mut xml, "Media", &[("MediaType", "Paper"), ("Weight", &weight), ("Dimension", A4_POINTS)])?;
    end(&mut xml, "Resource")?;
    end(&mut xml, "ResourceSet")?;

    start(&mut xml, "ResourceSet", &[("Name", "Component"), ("Usage", "Output")])?;
    start(&mut xml, "Resource", &[])?;
    start(&mut xml, "AmountPool", &[])?;
    empty(&mut xml, "PartAmount", &[("Amount", &pieces.to_string())])?;
    end(&mut xml, "AmountPool")?;
    empty(&mut xml, "Component", &[("MediaRef", "Paper")])?;
    end(&mut xml, "Resource")?;
    end(&mut xml, "ResourceSet")?;

    end(&mut xml, "XJDF")?;
    xml.get_mut().write_all(b"\n")
}

type Attributes<'a> = [(&'a str, &'a str)];

fn start(xml: &mut Writer<impl Write>, name: &str, attributes: &Attributes<'_>) -> io::Result<()> {
    xml.write_event(Event::Start(BytesStart::new(name).with_attributes(attributes.iter().copied())))
}

fn empty(xml: &mut Writer<impl Write>, name: &str, attributes: &Attributes<'_>) -> io::Result<()> {
    xml.write_event(Event::Empty(BytesStart::new(name).with_attributes(attributes.iter().copied())))
}

fn end(xml: &mut Writer<impl Write>, name: &str) -> io::Result<()> {
    xml.write_event(Event::End(BytesEnd::new(name)))
}
