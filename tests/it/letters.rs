//! Finished letters: they say exactly what concerns their reader, on paper and as a digital copy.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use hayro_syntax::Pdf;
use meldpost::campaign::settings::Campaign;
use meldpost::model::case_code::CaseCode;
use meldpost::model::exposure::{Certainty, Exposed, Facts};
use meldpost::model::language::{Language, LanguageChoice};
use meldpost::model::letter::{Destination, Letter, PersonOnPaper};
use meldpost::model::outcome::Addressee;
use meldpost::model::private::Private;
use meldpost::plan::record::PlannedLetter;
use meldpost::render::bodies::{Bodies, BodyError};
use meldpost::render::check::content::{Reader, Run};
use meldpost::render::covers::CoverPress;
use meldpost::render::marker::{ShardMarker, ShardResult, data_path};
use meldpost::render::measure::measure;
use meldpost::render::shard::ShardPress;
use meldpost::render::world::Press;
use meldpost::render::{copy, fonts};
use meldpost::wording::context::Request;
use meldpost::wording::engine::Wording;

use super::lint::{NoVariables, example};

mod command;
mod fit;
mod injection;
mod person;
mod reading;
mod structure;
mod trial;

/// The press of a campaign's own layout.
fn press(campaign: &Campaign) -> Press {
    let files = campaign.template.files.iter().filter(|(path, _)| {
        std::path::Path::new(path.as_str()).extension().is_some_and(|extension| extension == "typ")
    });
    Press::new(files.map(|(path, text)| (path.as_str(), text.as_str())))
}

fn facts(campaign: &Campaign, variant: &str, categories: &[(&str, Certainty)]) -> Facts {
    let population = match (&*campaign.template.name, variant) {
        ("generic-breach", _) => "residents",
        (_, "patient") => "gp-patients",
        (_, "institution") => "detention",
        _ => "cervical-screening",
    };
    Facts {
        categories: categories
            .iter()
            .map(|&(id, certainty)| (id.to_owned(), Exposed { certainty, period_from: None, period_to: None }))
            .collect(),
        populations: BTreeSet::from([population.to_owned()]),
        lists: BTreeSet::new(),
        addressee: Addressee::Oneself,
        age: Some(44),
        country: "NL".to_owned(),
        written_before: false,
        wave: None,
    }
}

/// A letter to somebody invented; `number` makes its case code.
fn letter(number: u64, variant: &str, languages: LanguageChoice, format: &str, facts: Facts) -> Letter {
    let salutations = languages.languages().iter().map(|language| match language {
        Language::Nl => "Geachte mevrouw De Wit".to_owned(),
        Language::En => "Dear Ms De Wit".to_owned(),
    });
    Letter {
        case_code: CaseCode::from_bits(number),
        list: 0,
        row: u32::try_from(number).unwrap(),
        addressee: facts.addressee,
        variant: variant.into(),
        languages,
        format: format.into(),
        facts: Arc::new(facts),
        person: Private::new(PersonOnPaper {
            name_line: "A. de Wit".to_owned(),
            salutations: salutations.collect(),
            named_inside: false,
        }),
        destination: Private::new(Destination {
            lines: vec!["A. de Wit".to_owned(), "Molenpad 3".to_owned(), "1140 NX  NIEUWERDAM".to_owned()],
            country: "NL".to_owned(),
            postcode: "1140NX".to_owned(),
            house_number: "3".to_owned(),
            house_suffix: String::new(),
            kix: "1140NX3".to_owned(),
            protected: false,
        }),
    }
}

/// The letters as one shard: its marker, its letters and its bytes.
fn print(campaign: &Campaign, letters: Vec<Letter>) -> (ShardMarker, Vec<PlannedLetter>, Vec<u8>) {
    let press = press(campaign);
    let bodies = Bodies::new(campaign, Wording::new(campaign).unwrap(), &press);
    let threads = NonZeroUsize::new(2).unwrap();
    let measured = measure(campaign, &bodies, threads, letters, false).map_err(|errors| errors[0].to_string()).unwrap();
    assert_eq!(measured.unprintable, []);
    let run = tempfile::tempdir().unwrap();
    std::fs::create_dir(run.path().join("shards")).unwrap();
    let shards = ShardPress::new(campaign, &bodies, CoverPress::new(&press, campaign));
    let marker = shards.render(run.path(), 1, &measured.letters).unwrap();
    let data = std::fs::read(data_path(run.path(), 1)).unwrap();
    (marker, measured.letters, data)
}

/// First page, 0-based, and pages of a letter.
fn place(marker: &ShardMarker, index: usize) -> (usize, usize) {
    match &marker.letters[index].result {
        ShardResult::Made { first_page, pages, .. } => (*first_page as usize - 1, *pages as usize),
        ShardResult::Held { detail, .. } => panic!("held: {detail}"),
    }
}

/// All runs of each page of a file.
fn pages(data: Vec<u8>) -> Vec<Vec<Run>> {
    let pdf = Pdf::new(Arc::new(data)).map_err(|_| "not a PDF").unwrap();
    let mut reader = Reader::new(&pdf);
    (0..reader.page_count())
        .map(|page| {
            let page = reader.page(page).unwrap();
            let below = page.forms.iter().flat_map(|(_, form)| form.runs.clone());
            page.own.runs.clone().into_iter().chain(below).collect()
        })
        .collect()
}

/// Text without spaces and hyphens: hyphenation and line ends are no part of what is said.
fn squeezed(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace() && !matches!(character, '-' | '\u{AD}')).collect()
}

/// One letter for each variant, language and single category.
fn single_categories(campaign: &Campaign) -> Vec<(Language, String, Letter)> {
    let template = &campaign.template;
    let mut letters = Vec::new();
    for variant in &template.variants {
        let certainty = match variant.as_str() {
            "cannot-be-ruled-out" | "possible" => Certainty::Possible,
            _ => Certainty::Confirmed,
        };
        for (language, choice) in
            [(Language::Nl, LanguageChoice::One(Language::Nl)), (Language::En, LanguageChoice::One(Language::En))]
        {
            for category in template.categories.keys() {
                let facts = facts(campaign, variant, &[(category, certainty)]);
                let number = letters.len() as u64 + 1;
                letters.push((language, category.clone(), letter(number, variant, choice, "standard", facts)));
            }
        }
    }
    letters
}

/// Holds consequences and steps against a squeezed text: exactly this category's are in it.
fn says_exactly(campaign: &Campaign, language: Language, category: &str, text: &str) {
    let texts = &campaign.template.category_texts[&language];
    let own = &texts[category];
    for (other, said) in texts {
        let consequence = text.contains(&squeezed(&said.consequence));
        assert_eq!(consequence, said.consequence == own.consequence, "{category}: consequence of {other}");
        for step in &said.steps {
            assert_eq!(text.contains(&squeezed(step)), own.steps.contains(step), "{category}: step of {other}: {step}");
        }
    }
}

#[test]
fn a_letter_names_exactly_the_data_it_is_about() {
    for name in ["laboratory-breach", "generic-breach"] {
        let campaign = example(name);
        let wanted = single_categories(&campaign);
        let (marker, _, data) = print(&campaign, wanted.iter().map(|(.., letter)| letter.clone()).collect());
        let pages = pages(data);
        for (index, (language, category, _)) in wanted.iter().enumerate() {
            let (first, count) = place(&marker, index);
            let runs: Vec<&Run> = pages[first..first + count].iter().flatten().collect();
            let bold: BTreeSet<String> = runs.iter().filter(|run| run.bold).map(|run| squeezed(&run.text)).collect();
            let texts = &campaign.template.category_texts[language];
            let labels: Vec<&str> = texts
                .values()
                .map(|text| text.label.as_str())
                .filter(|label| bold.contains(&squeezed(label)))
                .collect();
            assert_eq!(labels, [texts[category].label.as_str()], "{name} {category}");
            let foot: Vec<String> = runs.iter().map(|run| run.text.clone()).collect();
            let text = squeezed(&foot.concat());
            says_exactly(&campaign, *language, category, &text);
        }
    }
}

#[test]
fn an_independent_reader_finds_exactly_the_same() {
    if Command::new("pdftotext").arg("-v").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "install poppler-utils");
        return;
    }
    for name in ["laboratory-breach", "generic-breach"] {
        let campaign = example(name);
        let wanted = single_categories(&campaign);
        let (marker, _, data) = print(&campaign, wanted.iter().map(|(.., letter)| letter.clone()).collect());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("letters.pdf");
        std::fs::write(&file, data).unwrap();
        let read = Command::new("pdftotext").arg("-layout").arg(&file).arg("-").output().unwrap();
        let text = String::from_utf8(read.stdout).unwrap();
        let pages: Vec<&str> = text.split('\u{c}').collect();
        for (index, (language, category, letter)) in wanted.iter().enumerate() {
            let (first, count) = place(&marker, index);
            let code = letter.case_code.printed();
            // A page's foot may stand between two lines of one sentence.
            let lines: Vec<&str> = pages[first..first + count]
                .iter()
                .flat_map(|page| page.lines())
                .filter(|line| !(line.contains(&code) && line.trim_start().starts_with("Pag")))
                .collect();
            let texts = &campaign.template.category_texts[language];
            let items: BTreeSet<&str> = lines.iter().filter_map(|line| line.trim().strip_prefix("• ")).collect();
            let labels: Vec<&str> =
                texts.values().map(|text| text.label.as_str()).filter(|label| items.contains(label)).collect();
            assert_eq!(labels, [texts[category].label.as_str()], "{name} {category}");
            says_exactly(&campaign, *language, category, &squeezed(&lines.concat()));
        }
    }
}

/// Each line of a page by its height, without spaces.
fn lines(runs: &[Run]) -> BTreeMap<i64, String> {
    let mut lines: BTreeMap<i64, Vec<&Run>> = BTreeMap::new();
    for run in runs.iter().filter(|run| !run.text.trim().is_empty()) {
        #[expect(clippy::cast_possible_truncation, reason = "a page is 297 mm high")]
        lines.entry((run.baseline_mm * 5.0 + 0.2).round() as i64).or_default().push(run);
    }
    let joined = |mut runs: Vec<&Run>| {
        runs.sort_by(|one, other| one.left_mm.total_cmp(&other.left_mm));
        squeezed(&runs.iter().map(|run| run.text.as_str()).collect::<String>())
    };
    lines.into_iter().map(|(height, runs)| (height, joined(runs))).collect()
}

#[test]
fn the_digital_copy_has_the_printed_letters_text_line_by_line() {
    for name in ["laboratory-breach", "generic-breach"] {
        let campaign = example(name);
        let mut letters = Vec::new();
        for variant in &campaign.template.variants {
            let both = [("name", Certainty::Confirmed), ("bsn", Certainty::Possible), ("email", Certainty::RuledOut)];
            for choice in [LanguageChoice::One(Language::Nl), LanguageChoice::One(Language::En), LanguageChoice::Both] {
                for format in &campaign.template.formats {
                    let number = letters.len() as u64 + 1;
                    letters.push(letter(number, variant, choice, format, facts(&campaign, variant, &both)));
                }
            }
        }
        let (marker, planned, data) = print(&campaign, letters);
        let printed = pages(data);
        let (press, wording) = (press(&campaign), Wording::new(&campaign).unwrap());
        for (index, planned) in planned.iter().enumerate() {
            let made = copy::make(&campaign, &press, &wording, planned).map_err(|error| error.to_string()).unwrap();
            assert!(index > 0 || made == copy::make(&campaign, &press, &wording, planned).unwrap(), "same bytes");
            let metadata = String::from_utf8_lossy(&made).into_owned();
            for claim in ["<pdfaid:part>2<", "<pdfaid:conformance>A<", "<pdfuaid:part>1<"] {
                assert!(metadata.contains(claim), "{claim}");
            }
            let copied = pages(made);
            let (first, _) = place(&marker, index);
            assert_eq!(copied.len(), planned.page_count() as usize);
            for (page, copied) in copied.iter().enumerate() {
                assert_eq!(lines(copied), lines(&printed[first + page]), "{name} {index} page {page}");
            }
        }
    }
}

#[test]
fn what_typst_refuses_is_shown_where_it_was_written() {
    let mut campaign = example("generic-breach");
    let file = "nl/50-what-you-can-do.typ.j2";
    let text = campaign.template.files[file].replace("Bent u opgelicht?", "Bent u #nonsense() opgelicht?");
    let line = 1 + text[..text.find("#nonsense").unwrap()].matches('\n').count();
    campaign.template.files.insert(file.to_owned(), text);
    let error = body(&campaign, "confirmed").err().unwrap();
    let BodyError::Wording(error) = error else { panic!("{error}") };
    assert_eq!((error.file.as_str(), error.line), (file, Some(line)));
    assert!(campaign.template.files[file][error.range.unwrap()].contains("#nonsense()"));
    assert!(error.message.contains("nonsense"), "{}", error.message);

    let mut campaign = example("generic-breach");
    campaign.template.files.insert("nl/subject.typ.j2".to_owned(), "\n\n*Belangrijk bericht\n".to_owned());
    let BodyError::Wording(error) = body(&campaign, "confirmed").err().unwrap() else { panic!("not the wording") };
    assert_eq!((error.file.as_str(), error.line), ("nl/subject.typ.j2", Some(3)));

    let mut campaign = example("generic-breach");
    let layout = campaign.template.files["layout.typ"]
        .replace("set document(title: data.title)", "set document(title: data.titel)");
    campaign.template.files.insert("layout.typ".to_owned(), layout);
    let BodyError::Wording(error) = body(&campaign, "confirmed").err().unwrap() else { panic!("not the layout") };
    assert_eq!(error.file, "layout.typ");
    assert!(error.line.is_some());
}

/// Lays out one Dutch body.
fn body(campaign: &Campaign, variant: &str) -> Result<Vec<u8>, BodyError> {
    let press = press(campaign);
    let bodies = Bodies::new(campaign, Wording::new(campaign).unwrap(), &press);
    let facts = facts(campaign, variant, &[("name", Certainty::Confirmed)]);
    let request = Request { language: Language::Nl, variant, format: "standard", facts: &facts, person: None };
    bodies.get(&bodies.signature(&request), &request).map(|_| Vec::new())
}

#[test]
fn the_fonts_have_every_glyph_that_names_and_addresses_need() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/vectors/glyphs.txt");
    let characters: Vec<char> = std::fs::read_to_string(vectors)
        .unwrap()
        .lines()
        .filter_map(|line| line.strip_prefix("U+")?.split('\t').next())
        .map(|number| char::from_u32(u32::from_str_radix(number, 16).unwrap()).unwrap())
        .collect();
    assert!(characters.len() >= 300, "{} characters", characters.len());
    for font in &fonts::builtin().fonts {
        let missing: Vec<&char> =
            characters.iter().filter(|&&one| !font.info().coverage.contains(one.into())).collect();
        assert!(missing.is_empty(), "{:?} lacks {missing:?}", font.info().family);
    }
}
