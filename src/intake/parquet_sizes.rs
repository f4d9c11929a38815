//! Whether a Parquet file can be as large as it says.
//!
//! Enters: the bytes of a file, or of one column's pages. Leaves: yes or no. Invariant: no length or count in a footer or
//! a page's head is negative, or larger than what is left to hold it, because the reader sets memory aside by them
//! before it looks further, and a damaged count would end the program. Footer and heads are Thrift structures in compact
//! form (Apache Thrift, "Thrift Compact protocol encoding"; Parquet's `parquet.thrift`); their meaning is left to the
//! reader.

/// Ends a Parquet file, after the footer and its length in four bytes.
const MAGIC: &[u8] = b"PAR1";
/// Structures within structures; a real footer has fewer than ten.
const DEPTH_MAX: u32 = 64;

/// Whether the footer's lengths and counts fit into it.
pub fn footer_fits(file: &[u8]) -> bool {
    let Some(rest) = file.strip_suffix(MAGIC) else { return false };
    let Some((rest, length)) = rest.split_last_chunk::<4>() else { return false };
    let Ok(length) = usize::try_from(u32::from_le_bytes(*length)) else { return false };
    let Some(start) = rest.len().checked_sub(length) else { return false };
    Rest(&rest[start..]).structure(DEPTH_MAX, &mut |_, _| true).is_some()
}

/// Whether the heads of a column's pages are no larger than its bytes and its number of values.
pub fn pages_fit(pages: &[u8], values: u64) -> bool {
    let mut rest = Rest(pages);
    while !rest.0.is_empty() {
        let most = i64::try_from(values).unwrap_or(i64::MAX).max(i64::try_from(pages.len()).unwrap_or(i64::MAX));
        let mut bytes = 0;
        let whole = rest.structure(DEPTH_MAX, &mut |path, number| match path {
            // The size of the page as it stands in the file.
            [3] => usize::try_from(number).is_ok_and(|size| {
                bytes = size;
                true
            }),
            // A checksum may be any number, and the unpacked size has 31 bits.
            [4] => true,
            [_] => number >= 0,
            _ => (0..=most).contains(&number),
        });
        if whole.and_then(|()| rest.skip(bytes)).is_none() {
            return false;
        }
    }
    true
}

/// What is left to be read. Each step is nothing where the bytes end too early, the structures go too deep, or a number
/// is refused.
struct Rest<'a>(&'a [u8]);

/// Judges a number of 16 or 32 bits by the fields that lead to it.
type Judge<'j> = &'j mut dyn FnMut(&[i64], i64) -> bool;

impl Rest<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn skip(&mut self, bytes: usize) -> Option<()> {
        self.0 = self.0.get(bytes..)?;
        Some(())
    }

    /// A number in groups of seven bits, low ones first.
    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// A count of things that take at least one byte each.
    fn count(&mut self) -> Option<usize> {
        let count = usize::try_from(self.number()?).ok()?;
        (count <= self.0.len()).then_some(count)
    }

    fn structure(&mut self, depth: u32, judge: Judge<'_>) -> Option<()> {
        self.fields(depth, &mut Vec::new(), judge)
    }

    fn fields(&mut self, depth: u32, path: &mut Vec<i64>, judge: Judge<'_>) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        let mut field = 0_i64;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            field = if head >> 4 == 0 { signed(self.number()?) } else { field.checked_add(i64::from(head >> 4))? };
            // Truth values stand in the head.
            if !matches!(head & 0x0F, 1 | 2) {
                path.push(field);
                self.value(head & 0x0F, depth, path, judge)?;
                path.pop();
            }
        }
    }

    fn value(&mut self, kind: u8, depth: u32, path: &mut Vec<i64>, judge: Judge<'_>) -> Option<()> {
        match kind {
            1..=3 => self.skip(1),
            4 | 5 => {
                let number = signed(self.number()?);
                judge(path, number).then_some(())
            }
            6 => self.number().map(|_| ()),
            7 => self.skip(8),
            8 => {
                let bytes = self.count()?;
                self.skip(bytes)
            }
            9 | 10 => {
                let head = self.byte()?;
                let count = if head >> 4 == 15 { self.count()? } else { usize::from(head >> 4) };
                (0..count).try_for_each(|_| self.value(head & 0x0F, depth.checked_sub(1)?, path, judge))
            }
            11 => {
                let count = self.count()?;
                let kinds = if count > 0 { self.byte()? } else { 0 };
                (0..count).try_for_each(|_| {
                    self.value(kinds >> 4, depth.checked_sub(1)?, path, judge)?;
                    self.value(kinds & 0x0F, depth.checked_sub(1)?, path, judge)
                })
            }
            12 => self.fields(depth, path, judge),
            _ => None,
        }
    }
}

/// A number whose sign stands in its lowest bit.
fn signed(number: u64) -> i64 {
    let half = i64::try_from(number >> 1).unwrap_or(i64::MAX);
    if number & 1 == 0 { half } else { -1 - half }
}

#[cfg(test)]
mod tests {
    use super::{footer_fits, pages_fit};

    fn file(footer: &[u8]) -> Vec<u8> {
        let length = u32::try_from(footer.len()).expect("a short footer");
        [b"PAR1", footer, &length.to_le_bytes(), b"PAR1"].concat()
    }

    #[test]
    fn a_count_beyond_the_footer_is_not_plausible() {
        // Field 2: a list of structures, empty ones.
        assert!(footer_fits(&file(&[0x29, 0x2C, 0x00, 0x00, 0x00])));
        // The same list, announced as 2^56 structures long.
        let huge = [0x29, 0xFC, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0x00, 0x00];
        assert!(!footer_fits(&file(&huge)));
        // A text of 2^35 bytes.
        assert!(!footer_fits(&file(&[0x18, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0x00])));
        // Structures without end.
        assert!(!footer_fits(&file(&[0x1C; 200])));
        assert!(!footer_fits(b"PAR1"));
        assert!(!footer_fits(b"PAR1\xFF\xFF\xFF\xFFPAR1"));
    }
    #[test]
    fn a_page_with_a_negative_or_too_large_number_does_not_fit() {
        // Kind 0, two bytes unpacked, two bytes packed, data page with one value; then the two bytes.
        let page = |values: u8| [0x15, 0x00, 0x15, 0x04, 0x15, 0x04, 0x2C, 0x15, values, 0x00, 0x00, 0xAA, 0xBB];
        assert!(pages_fit(&page(2), 1));
        assert!(pages_fit(&[page(2), page(2)].concat(), 2));
        assert!(!pages_fit(&page(1), 1), "minus one");
        assert!(!pages_fit(&page(2)[..12], 1), "a byte is missing");
        let many = [0x15, 0x00, 0x15, 0x04, 0x15, 0x04, 0x2C, 0x15, 0xFE, 0xFF, 0x7F, 0x00, 0x00, 0xAA, 0xBB];
        assert!(!pages_fit(&many, 1), "a million values");
    }
}
