//! The DataMatrix on a sheet's front, by which an inserter sees that a piece is complete.
//!
//! Enters: a case code and a sheet's place in its piece. Leaves: 24 characters, and the 18 × 18 modules that carry them.
//! Invariant: the symbol is ECC 200, square, 18 × 18, and C40 from end to end. Absent on purpose: everything about the
//! person but the case code; the drawing.

use datamatrix::data::EncodationType;
use datamatrix::{DataMatrixBuilder, SymbolSize};

use crate::model::case_code::CaseCode;

/// Modules along a side of the symbol, the finder pattern included.
pub const SIZE: usize = 18;

/// Clear modules on all four sides.
pub const QUIET_ZONE_MODULES: usize = 1;

/// What cannot be marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MarkError {
    /// The mark counts sheets in two digits.
    #[error("sheet {sheet} of {sheets} cannot be marked\nhint: a piece has 1 to 99 sheets")]
    Sheets {
        /// The sheet, from 1.
        sheet: u32,
        /// The sheets of the piece.
        sheets: u32,
    },
    /// The text does not fit in 18 × 18 modules.
    #[error("{length} characters do not fit in a mark\nhint: 24 digits and capitals do")]
    Content {
        /// Bytes of the text.
        length: usize,
    },
}

/// The content for one sheet: `M1`, the case code without hyphens, sheet and sheets in two digits each, `E` on the last
/// sheet or `C` before it, and a CRC of all that in four hexadecimal digits.
///
/// # Errors
/// [`MarkError::Sheets`] unless 1 ≤ `sheet` ≤ `sheets` ≤ 99.
pub fn content(code: CaseCode, sheet: u32, sheets: u32) -> Result<String, MarkError> {
    if !(1..=sheets).contains(&sheet) || sheets > 99 {
        return Err(MarkError::Sheets { sheet, sheets });
    }
    let end = if sheet == sheets { 'E' } else { 'C' };
    let text = format!("M1{}{sheet:02}{sheets:02}{end}", code.compact());
    Ok(format!("{text}{:04X}", checksum(text.as_bytes())))
}

/// A symbol's modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modules {
    dark: Vec<bool>,
}

impl Modules {
    /// Whether the module in this column and row, counted from the top left, is dark. Outside the symbol none is.
    pub fn is_dark(&self, column: usize, row: usize) -> bool {
        column < SIZE && self.dark.get(row * SIZE + column).copied().unwrap_or(false)
    }

    /// The dark modules' columns and rows, row by row.
    pub fn dark(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.dark.iter().enumerate().filter(|&(_, &dark)| dark).map(|(index, _)| (index % SIZE, index / SIZE))
    }
}

/// The symbol of a content.
///
/// # Errors
/// [`MarkError::Content`] where the text needs another size.
pub fn modules(content: &str) -> Result<Modules, MarkError> {
    let error = MarkError::Content { length: content.len() };
    let symbol = DataMatrixBuilder::new()
        .with_encodation_types(EncodationType::C40)
        .with_symbol_list(SymbolSize::Square18)
        .encode(content.as_bytes())
        .map_err(|_| error)?;
    let bitmap = symbol.bitmap();
    if bitmap.width() == SIZE && bitmap.height() == SIZE {
        Ok(Modules { dark: bitmap.bits().to_vec() })
    } else {
        Err(error)
    }
}

/// CRC-16/CCITT-FALSE: polynomial 1021, start FFFF, no reflection, no final inversion.
pub fn checksum(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, &byte| {
        (0..8).fold(crc ^ u16::from(byte) << 8, |crc, _| if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 })
    })
}

#[cfg(test)]
mod tests {
    use datamatrix::DataMatrix;
    use datamatrix::placement::MatrixMap;
    use proptest::prelude::*;

    use super::*;

    /// The codeword that starts C40.
    const LATCH_C40: u8 = 230;

    /// The modules as a reader takes them in, row by row.
    fn pixels(modules: &Modules) -> Vec<bool> {
        (0..SIZE * SIZE).map(|index| modules.is_dark(index % SIZE, index / SIZE)).collect()
    }

    #[test]
    fn the_checksum_is_the_published_one() {
        assert_eq!(checksum(b"123456789"), 0x29B1);
        assert_eq!(checksum(b""), 0xFFFF);
    }

    #[test]
    fn the_last_sheet_says_so() {
        let code = CaseCode::from_bits(1);
        assert_eq!(content(code, 1, 2).unwrap()[..20], *"M1000000000001Y0102C");
        assert_eq!(content(code, 2, 2).unwrap()[..20], *"M1000000000001Y0202E");
        assert_eq!(content(code, 99, 99).unwrap().len(), 24);
    }

    #[test]
    fn sheets_that_two_digits_cannot_count_are_refused() {
        for (sheet, sheets) in [(0, 1), (2, 1), (1, 0), (1, 100)] {
            assert_eq!(content(CaseCode::from_bits(1), sheet, sheets), Err(MarkError::Sheets { sheet, sheets }));
        }
    }

    #[test]
    fn a_text_of_another_size_is_refused() {
        for text in ["A".repeat(200), "a".repeat(24)] {
            assert_eq!(modules(&text), Err(MarkError::Content { length: text.len() }));
        }
    }

    #[test]
    fn the_finder_pattern_is_solid_left_and_below() {
        let modules = modules(&content(CaseCode::from_bits(7), 1, 1).unwrap()).unwrap();
        for at in 0..SIZE {
            assert!(modules.is_dark(0, at) && modules.is_dark(at, SIZE - 1));
            assert_eq!(modules.is_dark(at, 0), at % 2 == 0);
            assert_eq!(modules.is_dark(SIZE - 1, at), at % 2 == 1);
        }
        assert!(!modules.is_dark(SIZE, 0) && !modules.is_dark(0, SIZE));
        assert_eq!(modules.dark().count(), (0..SIZE * SIZE).filter(|at| modules.is_dark(at % SIZE, at / SIZE)).count());
    }

    proptest! {
        #[test]
        fn a_reader_sees_what_was_written(bits in 0_u64..1 << 60, sheet in 1_u32..100, more in 0_u32..100) {
            let text = content(CaseCode::from_bits(bits), sheet, (sheet + more).min(99)).unwrap();
            let pixels = pixels(&modules(&text).unwrap());
            prop_assert_eq!(DataMatrix::decode(&pixels, SIZE).unwrap(), text.as_bytes());
            let (map, size) = MatrixMap::try_from_bits(&pixels, SIZE).unwrap();
            prop_assert_eq!((map.codewords()[0], size), (LATCH_C40, SymbolSize::Square18));
        }

        #[test]
        fn any_text_is_marked_or_refused(text in ".{0,40}") {
            let _ = modules(&text);
        }
    }
}
