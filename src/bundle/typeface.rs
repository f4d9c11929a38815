//! The built-in fonts as a PDF stores them.
//!
//! Enters: the glyphs that a file shows. Leaves: one font object a typeface, with the outlines of these glyphs and no
//! others. Invariants: codes in page content are the glyph numbers of the font file; the file's own font program has
//! other numbers, and a table leads from one to the other (`CIDToGIDMap`, ISO 32000-1, 9.7.4.2), so that page content is
//! the same in every file; what a glyph says (`ToUnicode`) depends on the font alone.

use std::collections::HashMap;
use std::io::Write;
use std::ops::RangeInclusive;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Chunk, Filter, Finish, Name, Rect, Ref, Str};
use typst::text::{Font, FontInstance, FontVariant, FontVariations};
use unicode_normalization::UnicodeNormalization;

use crate::render::fonts;

/// Built-in fonts.
const COUNT: usize = 4;
/// Their names in resources.
const NAMES: [&[u8]; COUNT] = [b"F0", b"F1", b"F2", b"F3"];
/// Compressed fonts that are kept for the next file.
const KEPT: usize = 32;
/// How character codes are counted: as they are (ISO 32000-1, 9.7.3).
const IDENTITY: SystemInfo<'static> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// What a font says of its glyphs.
pub struct Typeface {
    index: usize,
    instance: FontInstance,
    /// Text of each glyph, by its number.
    texts: Vec<String>,
    /// Widths in thousandths of the type size, by glyph number.
    widths: Vec<f32>,
}

fn all() -> &'static [Typeface] {
    static ALL: LazyLock<Vec<Typeface>> = LazyLock::new(|| {
        let fonts = &fonts::builtin().fonts;
        assert_eq!(fonts.len(), COUNT, "every built-in font has a name in resources");
        fonts.iter().enumerate().map(|(index, font)| Typeface::new(index, font)).collect()
    });
    &ALL
}

/// The typeface of a built-in font.
pub fn of(font: &FontInstance) -> Option<&'static Typeface> {
    let data = font.font().data().as_slice().as_ptr();
    all().iter().find(|known| std::ptr::eq(known.instance.font().data().as_slice().as_ptr(), data))
}

impl Typeface {
    fn new(index: usize, font: &Font) -> Self {
        let instance =
            font.clone().instantiate(FontVariant::default(), typst::layout::Abs::pt(10.0), &FontVariations::default());
        let face = instance.ttf();
        let count = face.number_of_glyphs();
        let mut firsts: Vec<Option<char>> = vec![None; usize::from(count)];
        for table in face.tables().cmap.iter().flat_map(|cmap| cmap.subtables).filter(|table| table.is_unicode()) {
            table.codepoints(|code| {
                let (Some(character), Some(glyph)) = (char::from_u32(code), table.glyph_index(code)) else { return };
                if let Some(first) = firsts.get_mut(usize::from(glyph.0))
                    && first.is_none_or(|first| character < first)
                {
                    *first = Some(character);
                }
            });
        }
        let texts = firsts
            .into_iter()
            .map(|first| match first {
                // A ligature says its letters.
                Some(ligature @ '\u{FB00}'..='\u{FB06}') => std::iter::once(ligature).nfkc().collect(),
                Some(character) => character.to_string(),
                None => String::new(),
            })
            .collect();
        let widths = (0..count)
            .map(|glyph| {
                #[expect(clippy::cast_possible_truncation, reason = "PDF numbers are single precision")]
                let width = instance.x_advance(glyph).map_or(0.0, |advance| advance.get() * 1000.0) as f32;
                width
            })
            .collect();
        Self { index, instance, texts, widths }
    }

    /// Its name in resources.
    pub fn name(&self) -> &'static [u8] {
        NAMES[self.index]
    }

    /// The width of a glyph in thousandths of the type size.
    pub fn width(&self, glyph: u16) -> f32 {
        self.widths.get(usize::from(glyph)).copied().unwrap_or(0.0)
    }

    /// Whether these glyphs read as this text by the font's own table; white space reads as white space.
    pub fn reads(&self, glyphs: impl Iterator<Item = u16>, text: &str) -> bool {
        let mut rest = text;
        for glyph in glyphs {
            let said = self.texts.get(usize::from(glyph)).map_or("", String::as_str);
            rest = match rest.strip_prefix(said).filter(|_| !said.is_empty()) {
                Some(rest) => rest,
                None if said == " " && rest.starts_with(char::is_whitespace) => rest.trim_start(),
                None if text.is_empty() && matches!(said, "-" | "\u{2010}") => rest,
                None => return false,
            };
        }
        rest.trim_matches(['\u{AD}', '\u{200B}', '\u{2060}']).is_empty()
    }
}

/// Glyphs of the built-in fonts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct GlyphSet([Vec<u64>; COUNT]);

impl GlyphSet {
    /// The glyphs of some characters in a built-in font.
    pub fn of(font: &FontInstance, characters: impl IntoIterator<Item = RangeInclusive<char>>) -> Self {
        let mut set = Self::default();
        if let Some(typeface) = of(font) {
            let glyphs = characters.into_iter().flatten().filter_map(|character| font.ttf().glyph_index(character));
            glyphs.for_each(|glyph| set.add(typeface, glyph.0));
        }
        set
    }

    /// Adds a glyph.
    pub fn add(&mut self, typeface: &Typeface, glyph: u16) {
        let words = &mut self.0[typeface.index];
        let word = usize::from(glyph) / 64;
        if words.len() <= word {
            words.resize(word + 1, 0);
        }
        words[word] |= 1 << (glyph % 64);
    }

    /// Adds all glyphs of another set.
    pub fn add_all(&mut self, other: &Self) {
        for (words, others) in self.0.iter_mut().zip(&other.0) {
            if words.len() < others.len() {
                words.resize(others.len(), 0);
            }
            for (word, other) in words.iter_mut().zip(others) {
                *word |= other;
            }
        }
    }

    /// Indexes of the fonts in use.
    pub fn fonts(&self) -> impl Iterator<Item = usize> {
        (0..COUNT).filter(|&font| self.0[font].iter().any(|&word| word != 0))
    }

    /// The glyphs of one font, in ascending order.
    fn glyphs(&self, font: usize) -> Vec<u16> {
        let words = self.0[font].iter().enumerate();
        let bits = words
            .flat_map(|(word, &bits)| (0..64).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| word * 64 + bit));
        bits.filter_map(|glyph| u16::try_from(glyph).ok()).collect()
    }
}

/// A font cannot be stored.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the font {font} cannot be reduced to the glyphs in use: {what}")]
pub struct TypefaceError {
    /// Its file name.
    font: String,
    /// What is wrong.
    what: String,
}

/// A font with the outlines of some glyphs, compressed.
struct Subset {
    glyphs: Vec<u16>,
    program: Vec<u8>,
    program_length: usize,
    to_glyph: Vec<u8>,
    to_text: Vec<u8>,
    name: String,
}

/// Where a file's fonts are, by their index.
pub type FontPlaces = [Option<Ref>; COUNT];

/// A font's index and the glyphs that a file shows of it.
type SubsetKey = (usize, Vec<u16>);

/// Fonts as they were stored before, because the next file often needs the same.
#[derive(Default)]
pub struct Typefaces {
    kept: Mutex<HashMap<SubsetKey, Arc<Subset>>>,
}

impl Typefaces {
    /// Writes the fonts that have a place, each with these glyphs of it.
    ///
    /// # Errors
    /// A font that cannot be reduced.
    pub fn write(
        &self,
        glyphs: &GlyphSet,
        places: &FontPlaces,
        chunk: &mut Chunk,
        next: &mut Ref,
    ) -> Result<(), TypefaceError> {
        for (font, place) in places.iter().enumerate() {
            if let Some(place) = place {
                write_font(&all()[font], *place, &*self.subset(font, glyphs.glyphs(font))?, chunk, next);
            }
        }
        Ok(())
    }

    fn subset(&self, font: usize, glyphs: Vec<u16>) -> Result<Arc<Subset>, TypefaceError> {
        let key = (font, glyphs);
        if let Some(known) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(known));
        }
        let subset = Arc::new(Subset::new(&all()[font], key.1.clone())?);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(key, Arc::clone(&subset));
        Ok(subset)
    }
}

impl Subset {
    fn new(typeface: &Typeface, glyphs: Vec<u16>) -> Result<Self, TypefaceError> {
        let font = typeface.instance.font();
        let file = fonts::builtin().hashes.get(typeface.index).map_or_else(String::new, |font| font.name.clone());
        let error = |what: String| TypefaceError { font: file.clone(), what };
        let mapper = subsetter::GlyphRemapper::new_from_glyphs_sorted(&glyphs);
        let program =
            subsetter::subset(font.data(), font.index(), &mapper).map_err(|problem| error(format!("{problem:?}")))?;
        let last = glyphs.last().copied().unwrap_or(0);
        let mut to_glyph = vec![0; (usize::from(last) + 1) * 2];
        let mut cmap = UnicodeCmap::new(Name(b"Custom"), IDENTITY);
        for &glyph in &glyphs {
            let place = usize::from(glyph) * 2;
            to_glyph[place..place + 2].copy_from_slice(&mapper.get(glyph).unwrap_or(0).to_be_bytes());
            let text = &typeface.texts[usize::from(glyph)];
            if !text.is_empty() {
                cmap.pair_with_multiple(glyph, text.chars());
            }
        }
        let postscript = font.post_script_name().unwrap_or_else(|| "Font".to_owned());
        Ok(Self {
            name: format!("{}+{postscript}", tag(&glyphs)),
            program_length: program.len(),
            program: compressed(&program).map_err(|problem| error(problem.to_string()))?,
            to_glyph: compressed(&to_glyph).map_err(|problem| error(problem.to_string()))?,
            to_text: compressed(&cmap.finish()).map_err(|problem| error(problem.to_string()))?,
            glyphs,
        })
    }
}

/// Six letters that tell a part of a font from other parts (ISO 32000-1, 9.6.4).
fn tag(glyphs: &[u16]) -> String {
    use sha2::{Digest, Sha256};
    let bytes: Vec<u8> = glyphs.iter().flat_map(|glyph| glyph.to_be_bytes()).collect();
    Sha256::digest(bytes)[..6].iter().map(|byte| char::from(b'A' + byte % 26)).collect()
}

fn write_font(typeface: &Typeface, font: Ref, subset: &Subset, chunk: &mut Chunk, next: &mut Ref) {
    let [descendant, descriptor, program, to_glyph, to_text] = std::array::from_fn(|_| next.bump());
    let name = Name(subset.name.as_bytes());
    let mut type0 = chunk.type0_font(font);
    type0.base_font(name).encoding_predefined(Name(b"Identity-H")).descendant_font(descendant).to_unicode(to_text);
    type0.finish();

    let mut cid = chunk.cid_font(descendant);
    cid.subtype(CidFontType::Type2).base_font(name).system_info(IDENTITY).font_descriptor(descriptor);
    cid.default_width(0.0).cid_to_gid_map_stream(to_glyph);
    let mut widths = cid.widths();
    for run in subset.glyphs.chunk_by(|one, other| one + 1 == *other) {
        widths.consecutive(run[0], run.iter().map(|&glyph| typeface.width(glyph)));
    }
    widths.finish();
    cid.finish();

    let face = typeface.instance.ttf();
    #[expect(clippy::cast_possible_truncation, reason = "PDF numbers are single precision")]
    let units = |value: i16| (f64::from(value) * 1000.0 / typeface.instance.units_per_em()) as f32;
    let bounds = face.global_bounding_box();
    let mut described = chunk.font_descriptor(descriptor);
    described
        .name(name)
        .flags(if face.is_italic() { FontFlags::SYMBOLIC | FontFlags::ITALIC } else { FontFlags::SYMBOLIC })
        .bbox(Rect::new(units(bounds.x_min), units(bounds.y_min), units(bounds.x_max), units(bounds.y_max)))
        .italic_angle(face.italic_angle())
        .ascent(units(face.ascender()))
        .descent(units(face.descender()))
        .cap_height(units(face.capital_height().unwrap_or_else(|| face.ascender())))
        .stem_v(if face.is_bold() { 140.0 } else { 80.0 })
        .font_file2(program);
    described.finish();

    chunk
        .stream(program, &subset.program)
        .filter(Filter::FlateDecode)
        .pair(Name(b"Length1"), i32::try_from(subset.program_length).unwrap_or(i32::MAX));
    chunk.stream(to_glyph, &subset.to_glyph).filter(Filter::FlateDecode);
    chunk.stream(to_text, &subset.to_text).filter(Filter::FlateDecode);
}

/// Writes the fonts of a set into a resource dictionary.
pub fn write_resources(target: &mut pdf_writer::Dict<'_>, glyphs: &GlyphSet, places: &FontPlaces) {
    if glyphs.fonts().next().is_none() {
        return;
    }
    let mut fonts = target.insert(Name(b"Font")).dict();
    for font in glyphs.fonts() {
        if let Some(place) = places[font] {
            fonts.pair(Name(NAMES[font]), place);
        }
    }
}

fn compressed(bytes: &[u8]) -> Result<Vec<u8>, std::io::Error> {
    let mut encoder = ZlibEncoder::new(Vec::with_capacity(bytes.len() / 2), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}
