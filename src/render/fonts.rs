//! The fonts that letters are set in: Noto Sans, built into the program.
//!
//! Enters: nothing. Leaves: typst fonts, their book and their hashes. Invariant: the same fonts on every machine; no
//! system font is ever looked at.

use std::sync::LazyLock;

use typst::foundations::Bytes;
use typst::layout::Abs;
use typst::text::{Font, FontBook, FontInstance, FontVariant, FontVariations};
use typst::utils::LazyHash;

use crate::plan::record::FontHash;
use crate::store;

/// File name and content of each font.
const FILES: [(&str, &[u8]); 4] = [
    ("NotoSans-Regular.ttf", include_bytes!("../../fonts/NotoSans-Regular.ttf")),
    ("NotoSans-Italic.ttf", include_bytes!("../../fonts/NotoSans-Italic.ttf")),
    ("NotoSans-Bold.ttf", include_bytes!("../../fonts/NotoSans-Bold.ttf")),
    ("NotoSans-BoldItalic.ttf", include_bytes!("../../fonts/NotoSans-BoldItalic.ttf")),
];

/// The fonts, in the order of their book.
pub struct Fonts {
    /// Every font.
    pub fonts: Vec<Font>,
    /// What typst needs to choose among them.
    pub book: LazyHash<FontBook>,
    /// Names and hashes, for the plan and the manifest.
    pub hashes: Vec<FontHash>,
}

impl Fonts {
    /// The upright font of regular weight, which addresses and salutations are set in, ready to be measured.
    pub fn regular(&self) -> FontInstance {
        self.fonts[0].clone().instantiate(FontVariant::default(), Abs::pt(10.0), &FontVariations::default())
    }
}

/// The fonts that are built into the program.
pub fn builtin() -> &'static Fonts {
    static FONTS: LazyLock<Fonts> = LazyLock::new(|| {
        let fonts: Vec<Font> = FILES.iter().flat_map(|(_, data)| Font::iter(Bytes::new(*data))).collect();
        assert_eq!(fonts.len(), FILES.len(), "each font file holds one readable font");
        let hashes = FILES
            .iter()
            .map(|(name, data)| FontHash { name: (*name).to_owned(), sha256: store::sha256(data) })
            .collect();
        Fonts { book: LazyHash::new(FontBook::from_fonts(&fonts)), fonts, hashes }
    });
    &FONTS
}
