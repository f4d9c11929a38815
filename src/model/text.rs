//! Text that is printed, and text that is compared.
//!
//! Enters: a field of a list. Leaves: the field as it may be printed, or the form in which two spellings of a name are
//! the same. Invariant: cleaned text is NFC, has single spaces, and holds nothing that a reader cannot see. Absent on
//! purpose: escaping for Typst, which is the wording's, and what fonts can draw, which is the renderer's.

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The text holds a control, direction-changing or zero-width character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a character that cannot be printed: U+{:04X}\nhint: remove it in the list; it is a control, direction or zero-width character", u32::from(*character))]
pub struct Unprintable {
    /// The first such character.
    pub character: char,
}

/// The text as it may be printed: NFC, nothing around it, every run of spaces as one space.
///
/// # Errors
/// [`Unprintable`] for control characters (tabs and line ends inside the text included), characters that change the
/// direction of text, and characters that cannot be seen.
pub fn clean(text: &str) -> Result<String, Unprintable> {
    let text = text.trim();
    let mut cleaned = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unprintable(character) {
            return Err(Unprintable { character });
        }
        if !character.is_whitespace() {
            cleaned.push(character);
        } else if !cleaned.ends_with(' ') {
            cleaned.push(' ');
        }
    }
    Ok(if is_nfc(&cleaned) { cleaned } else { cleaned.nfc().collect() })
}

/// The text for comparing: without case, accents, spaces and hyphens.
pub fn folded(text: &str) -> String {
    text.nfd()
        .filter(|&character| !is_combining_mark(character) && !character.is_whitespace() && !is_hyphen(character))
        .flat_map(char::to_lowercase)
        .map(without_stroke)
        .collect()
}

/// Letters whose accent is a stroke or a missing dot, which Unicode does not decompose.
const fn without_stroke(character: char) -> char {
    match character {
        'đ' => 'd',
        'ħ' => 'h',
        'ı' => 'i',
        'ł' => 'l',
        'ø' => 'o',
        'ŧ' => 't',
        other => other,
    }
}

/// Hyphens and dashes that take a hyphen's place.
const fn is_hyphen(character: char) -> bool {
    matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// Characters that break lines, change the direction of text or cannot be seen.
fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{00AD}'
                | '\u{034F}'
                | '\u{061C}'
                | '\u{115F}'..='\u{1160}'
                | '\u{17B4}'..='\u{17B5}'
                | '\u{180B}'..='\u{180F}'
                | '\u{200B}'..='\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{3164}'
                | '\u{FE00}'..='\u{FE0F}'
                | '\u{FEFF}'
                | '\u{FFA0}'
                | '\u{FFF0}'..='\u{FFFB}'
                | '\u{1BCA0}'..='\u{1BCA3}'
                | '\u{1D173}'..='\u{1D17A}'
                | '\u{E0000}'..='\u{E0FFF}'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spaces_are_folded_and_letters_composed() {
        assert_eq!(clean("  van \u{a0} der  Meer\n").as_deref(), Ok("van der Meer"));
        assert_eq!(clean("Zoe\u{308}").as_deref(), Ok("Zoë"));
        assert_eq!(clean("").as_deref(), Ok(""));
    }

    #[test]
    fn what_a_reader_cannot_see_is_refused() {
        for character in [
            '\t', '\n', '\u{0}', '\u{85}', '\u{200B}', '\u{200D}', '\u{202E}', '\u{2066}', '\u{2028}', '\u{FEFF}',
            '\u{AD}',
        ] {
            assert_eq!(clean(&format!("a{character}b")), Err(Unprintable { character }), "{character:?}");
        }
    }

    #[test]
    fn spellings_of_one_name_compare_equal() {
        assert_eq!(folded("Müller-de  Groot"), folded("MULLER DE GROOT"));
        assert_eq!(folded("Łukasz Sørensen"), folded("lukasz sorensen"));
        assert_eq!(folded("İnci"), folded("inci"));
        assert_ne!(folded("Bakker"), folded("Backer"));
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(text in "\\PC{0,20}") {
            if let Ok(once) = clean(&text) {
                prop_assert_eq!(clean(&once), Ok(once.clone()));
            }
        }

        #[test]
        fn any_text_is_cleaned_or_refused(text in any::<String>()) {
            let _ = clean(&text);
            let once = folded(&text);
            prop_assert_eq!(folded(&once), once.clone());
        }
    }
}
