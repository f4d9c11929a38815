//! Whether what is printed of a person fits and can be printed at all.
//!
//! Enters: address lines, salutations and a KIX as decided. Leaves: the lines as they will be printed, or why they
//! cannot be. Invariant: nothing is cut and nothing is shrunk; a line is broken once, at a space, or the letter is held.

use typst::text::FontInstance;

use super::fonts;
use super::geometry::{ADDRESS_LINES_MAX, ADDRESS_PT, Geometry, MM_PER_PT, RETURN_LINE_PT, WINDOW_KEEP_MM};
use crate::marks::kix;
use crate::model::outcome::Held;

/// Lines that the salutation may take, with the line that names the person where there is one.
const LINES_ABOVE_BODY_MAX: usize = 3;

/// End of the Unicode blocks whose widths are looked up once: Basic Latin to Latin Extended-B.
const LATIN: usize = 0x250;

/// A letter that cannot be printed as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// `glyph-missing` or `does-not-fit`.
    pub reason: Held,
    /// Which part of the letter; no personal data.
    pub part: &'static str,
}

/// The address block as it will be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct FittedAddress {
    /// At most six lines, each of which fits.
    pub lines: Vec<String>,
    /// Whether the KIX stands below the last line.
    pub kix_fits: bool,
}

/// Measures texts with the real widths of the letter's font.
pub struct Fit<'a> {
    geometry: &'a Geometry,
    font: FontInstance,
    /// Widths of the letters that nearly every name is made of.
    latin: Vec<Option<u16>>,
}

impl<'a> Fit<'a> {
    /// Measures for one geometry.
    pub fn new(geometry: &'a Geometry) -> Self {
        let font = fonts::builtin().regular();
        let latin = (0..LATIN)
            .map(|code| u32::try_from(code).ok().and_then(char::from_u32).and_then(|letter| advance_in(&font, letter)))
            .collect();
        Self { geometry, font, latin }
    }

    /// Breaks the address lines so that they stand in the window.
    ///
    /// # Errors
    /// `glyph-missing` where the font lacks a character, `does-not-fit` where a line or the block is too large.
    pub fn address(&self, lines: &[String], kix_content: &str) -> Result<FittedAddress, Unfit> {
        let mut fitted = Vec::with_capacity(lines.len());
        for line in lines {
            let first_break = self.first_line(line, ADDRESS_PT, "address")?;
            match first_break {
                None => fitted.push(line.clone()),
                Some((first, rest)) if self.first_line(rest, ADDRESS_PT, "address")?.is_none() => {
                    fitted.extend([first.to_owned(), rest.to_owned()]);
                }
                Some(_) => return Err(Unfit { reason: Held::DoesNotFit, part: "address line" }),
            }
        }
        if fitted.is_empty() || fitted.len() > ADDRESS_LINES_MAX {
            return Err(Unfit { reason: Held::DoesNotFit, part: "address block" });
        }
        let kix_fits = !kix_content.is_empty() && self.kix_fits(fitted.len(), kix_content);
        Ok(FittedAddress { lines: fitted, kix_fits })
    }

    /// Checks that the salutation, and the line that names the person where there is one, fit above the body.
    ///
    /// # Errors
    /// `glyph-missing` where the font lacks a character, `does-not-fit` where they are too long.
    pub fn above_body(&self, texts: &[String], size_pt: f64) -> Result<(), Unfit> {
        let part = "salutation";
        let mut lines = 0;
        for text in texts {
            self.glyphs(text, part)?;
            lines += self.lines(text, size_pt).ok_or(Unfit { reason: Held::DoesNotFit, part })?;
        }
        if lines > LINES_ABOVE_BODY_MAX { Err(Unfit { reason: Held::DoesNotFit, part }) } else { Ok(()) }
    }

    /// Lines that a text takes over the width of the letter; `None` where a word is wider.
    fn lines(&self, text: &str, size_pt: f64) -> Option<usize> {
        let limit = self.geometry.content_width();
        let space = self.width(" ", size_pt);
        let (mut lines, mut width) = (1, 0.0);
        for word in text.split(' ') {
            let word = self.width(word, size_pt);
            if word > limit {
                return None;
            }
            if width > 0.0 && width + space + word > limit {
                lines += 1;
                width = word;
            } else {
                width += if width > 0.0 { space + word } else { word };
            }
        }
        Some(lines)
    }

    /// Whether the sender's return line fits into the window.
    pub fn return_line(&self, text: &str) -> bool {
        self.glyphs(text, "return line").is_ok()
            && self.width(text, RETURN_LINE_PT) <= self.geometry.window_text_width()
    }

    /// Top left of the KIX's tracker row start, in mm: its left edge and the top of its highest bar.
    pub fn kix_place(&self, lines: usize) -> (f64, f64) {
        (self.geometry.window_text_left(), self.geometry.address_bottom(lines) + kix::QUIET_ZONE_MM)
    }

    /// A line that fits whole is `None`; else its longest beginning that fits and the rest, broken at a space.
    fn first_line<'t>(
        &self,
        line: &'t str,
        size_pt: f64,
        part: &'static str,
    ) -> Result<Option<(&'t str, &'t str)>, Unfit> {
        self.glyphs(line, part)?;
        let limit = self.geometry.window_text_width();
        if self.width(line, size_pt) <= limit {
            return Ok(None);
        }
        let at = line
            .match_indices(' ')
            .map(|(at, _)| at)
            .take_while(|&at| self.width(line[..at].trim_end(), size_pt) <= limit)
            .last()
            .ok_or(Unfit { reason: Held::DoesNotFit, part })?;
        Ok(Some((line[..at].trim_end(), line[at..].trim_start())))
    }

    fn kix_fits(&self, lines: usize, content: &str) -> bool {
        let (left, top) = self.kix_place(lines);
        let window = self.geometry.window;
        let right =
            left + kix::bars(content).map_or(f64::INFINITY, |bars| kix::width_mm(bars.len())) + kix::QUIET_ZONE_MM;
        let bottom = top + kix::HEIGHT_MM + kix::QUIET_ZONE_MM;
        left - kix::QUIET_ZONE_MM >= window.left + WINDOW_KEEP_MM - kix::QUIET_ZONE_MM
            && right <= window.left + window.width
            && bottom <= window.top + window.height
    }

    fn glyphs(&self, text: &str, part: &'static str) -> Result<(), Unfit> {
        if text.chars().all(|character| self.advance(character).is_some()) {
            Ok(())
        } else {
            Err(Unfit { reason: Held::GlyphMissing, part })
        }
    }

    /// Width of a character's glyph in font units; `None` where the font has none.
    fn advance(&self, character: char) -> Option<u16> {
        let code = character as usize;
        if code < LATIN { self.latin[code] } else { advance_in(&self.font, character) }
    }

    /// Width of a text in mm, from the advances of its characters' glyphs.
    fn width(&self, text: &str, size_pt: f64) -> f64 {
        let units: u32 = text.chars().filter_map(|character| self.advance(character)).map(u32::from).sum();
        f64::from(units) / self.font.units_per_em() * size_pt * MM_PER_PT
    }
}

fn advance_in(font: &FontInstance, character: char) -> Option<u16> {
    let face = font.ttf();
    face.glyph_index(character).and_then(|glyph| face.glyph_hor_advance(glyph))
}
