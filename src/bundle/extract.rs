//! Pages of finished PDFs → one new PDF.
//!
//! Enters: PDFs that [`super::compose`] wrote, and which of their pages are wanted. Leaves: the bytes of a PDF with these
//! pages in this order. Invariants: contents, forms and fonts of a page are the same bytes as before, compression
//! included; what several wanted pages of one PDF share is stored once; of other pages nothing is left.

use hayro_syntax::Pdf;
use pdf_writer::{Finish, Name, Ref};

use super::compose::{ComposeError, Description, Node, PAGES_A_NODE, finish};
use super::copy::Copier;

/// Takes pages, 0-based, out of each PDF in turn.
///
/// # Errors
/// A page that is not there.
pub fn extract(sources: &[(&Pdf, Vec<usize>)], about: &Description<'_>) -> Result<Vec<u8>, ComposeError> {
    let mut next = Ref::new(1);
    let numbers = [next.bump(), next.bump(), next.bump()];
    let mut result = pdf_writer::Pdf::new();
    result.set_version(1, 7);
    let mut nodes: Vec<Node> = Vec::new();
    let mut count = 0;
    for (pdf, wanted) in sources {
        let mut copier = Copier::new(pdf);
        for &index in wanted {
            let page = pdf.pages().get(index).ok_or(ComposeError::NoSuchPage(index))?;
            if count % PAGES_A_NODE == 0 {
                nodes.push((next.bump(), Vec::with_capacity(PAGES_A_NODE)));
            }
            count += 1;
            let number = next.bump();
            let Some((node, kids)) = nodes.last_mut() else { continue };
            kids.push(number);
            let mut target = result.page(number);
            target.parent(*node);
            for (key, value) in page.raw().entries().filter(|(key, _)| !matches!(&**key, b"Type" | b"Parent")) {
                copier.value(target.insert(Name(&key)), &value, &mut next);
            }
            target.finish();
        }
        copier.write_reached(&mut result, &mut next);
    }
    Ok(finish(result, numbers, &nodes, count, about))
}
