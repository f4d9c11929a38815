//! The shipped wordings read as plain language, and what does not is shown where it stands.

use std::path::Path;

use meldpost::campaign::settings::Campaign;
use meldpost::campaign::{Environment, load};
use meldpost::wording::lint::{Rule, lint};

pub struct NoVariables;

impl Environment for NoVariables {
    fn variable(&self, _: &str) -> Option<Vec<u8>> {
        None
    }
}

pub fn example(name: &str) -> Campaign {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    load(&folder, &NoVariables).map_err(|problems| format!("{problems}")).unwrap()
}

#[test]
fn the_shipped_wordings_are_plain_language() {
    for name in ["laboratory-breach", "generic-breach"] {
        let found = lint(&example(name));
        assert_eq!(found.warnings, [], "{name}");
        assert_eq!(found.figures.len(), 2);
        for read in found.figures {
            let average_max = if read.language == "nl" { 12.0 } else { 14.0 };
            assert!(read.sentences > 50, "{name}: {read:?}");
            assert!((5.0..=average_max).contains(&read.words_average), "{name}: {read:?}");
            assert!(read.words_max <= 22, "{name}: {read:?}");
            assert!(read.reading_ease >= 60.0, "{name}: {read:?}");
        }
    }
}

#[test]
fn a_warning_names_the_line_that_somebody_wrote() {
    let mut campaign = example("generic-breach");
    let file = "nl/60-measures.typ.j2";
    let text = campaign.template.files[file].clone()
        + "\n{# a comment\nof two lines #}\n{% if format == \"standard\" %}\n== Kop\n\nDe brief wordt door ons, \
           na lang wachten, met {{ facts.police_phone }} naar het CBR gestuurd.\n{% endif %}\n";
    let line = 1 + text[..text.find("De brief wordt").unwrap()].matches('\n').count();
    campaign.template.files.insert(file.to_owned(), text);
    let found: Vec<_> =
        lint(&campaign).warnings.into_iter().map(|found| (found.file, found.line, found.rule)).collect();
    let at = |rule| (file.to_owned(), line, rule);
    assert_eq!(found, [at(Rule::Commas), at(Rule::Abbreviation), at(Rule::Passive)]);
}

#[test]
fn a_limit_that_is_passed_is_told() {
    let mut campaign = example("generic-breach");
    campaign.template.lint.paragraph_lines_max = Some(1);
    let dutch = campaign.template.lint.languages.get_mut(&meldpost::model::language::Language::Nl).unwrap();
    dutch.sentence_words_average = Some(2.0);
    dutch.sentence_words_max = Some(5);
    dutch.reading_ease_min = Some(100.0);
    let found = lint(&campaign).warnings;
    for rule in [Rule::ParagraphLength, Rule::SentenceAverage, Rule::SentenceLength, Rule::ReadingEase] {
        assert!(found.iter().any(|warning| warning.rule == rule), "{rule:?}");
    }
    let average = found.iter().find(|warning| warning.rule == Rule::SentenceAverage).unwrap();
    let limits = campaign.template.files["letter.toml"].lines().nth(average.line - 1).unwrap();
    assert_eq!((average.file.as_str(), limits), ("letter.toml", "[lint.nl]"));
}
