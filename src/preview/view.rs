//! What a page of proofs shows, as plain values for its template.
//!
//! Enters: samples, proofs, sign-offs. Leaves: values that are text or numbers. Invariant: nothing here is markup; the
//! template escapes all of it. Absent on purpose: any value of a person; what is printed is in the pictures and in the
//! lines of a page, and those are made up unless real people were asked for.

use std::collections::BTreeMap;

use serde::Serialize;

use super::changes::{self, Kind as PieceKind, Piece};
use super::choose::{Kind, Sample};
use super::proof::Proof;
use crate::campaign::settings::Campaign;
use crate::campaign::vendor::Plex;
use crate::model::language::{Language, LanguageChoice};
use crate::plan::record::PlannedLetter;
use crate::render::geometry::Geometry;

/// Modules of a DataMatrix at each side.
const DATAMATRIX_MODULES: f64 = 18.0;

/// Everything about the campaign that the page says.
#[derive(Serialize)]
pub struct Page {
    /// The campaign's id.
    pub campaign: String,
    /// The letter template.
    pub letter: String,
    /// The vendor profile.
    pub vendor: String,
    /// ISO 8601.
    pub date: String,
    /// Letters in all.
    pub people: u64,
    /// Whether real names and addresses are shown.
    pub real: bool,
    /// Whether the page follows the files.
    pub live: bool,
    /// Sign-offs.
    pub sign_off: SignOff,
    /// What could be plainer.
    pub lint: Vec<LintView>,
    /// Values of the filters.
    pub filters: Filters,
    /// Groups of combinations, then of extremes.
    pub sections: Vec<Section>,
    /// The form for a made-up person, on a live page.
    pub form: Option<Form>,
}

/// Who signed what, and what changed.
#[derive(Serialize, Default)]
pub struct SignOff {
    /// Sign-offs that the campaign demands.
    pub required: u32,
    /// Who signed the present content.
    pub names: Vec<String>,
    /// Who signed last, and when.
    pub last: Option<(String, String)>,
    /// What changed since.
    pub changes: Vec<ChangeView>,
}

/// A part that changed.
#[derive(Serialize)]
pub struct ChangeView {
    /// The part's name.
    pub part: String,
    /// How, in words, where there are no pieces.
    pub note: &'static str,
    /// The text with its changes; runs of what stayed are cut short.
    pub pieces: Vec<Piece>,
}

/// A spot that could be plainer.
#[derive(Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct LintView {
    pub file: String,
    pub line: usize,
    pub message: String,
}

/// Values of the filters.
#[derive(Serialize, Default)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Filters {
    pub variants: Vec<String>,
    pub languages: Vec<Choice>,
    pub categories: Vec<Choice>,
    pub formats: Vec<String>,
    pub populations: Vec<String>,
}

/// A value with its name for people.
#[derive(Serialize, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Choice {
    pub value: String,
    pub name: String,
}

/// Proofs below one heading.
#[derive(Serialize)]
pub struct Section {
    /// The heading.
    pub title: String,
    /// What stands below it.
    pub about: String,
    /// Groups of proofs that differ in their language only.
    pub groups: Vec<Vec<ProofView>>,
}

/// One proof.
#[derive(Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct ProofView {
    pub id: String,
    pub title: String,
    pub subtitle: String,
    pub variant: String,
    /// `nl`, `en` or `nl+en`.
    pub language: String,
    pub language_name: &'static str,
    pub format: String,
    pub populations: Vec<String>,
    pub people: u64,
    pub addressees: Vec<(String, u64)>,
    pub categories: Vec<CategoryView>,
    pub warnings: Vec<String>,
    pub held: Option<String>,
    pub pdf: Option<String>,
    pub pages: Vec<PageView>,
    pub changed: Option<Vec<Piece>>,
    /// Whether the pages are still to be fetched.
    pub deferred: bool,
}

/// A category among the people of a proof.
#[derive(Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct CategoryView {
    pub id: String,
    pub label: String,
    pub confirmed: u64,
    pub possible: u64,
    pub ruled_out: u64,
}

/// One page.
#[derive(Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct PageView {
    pub number: usize,
    pub of: usize,
    pub src: String,
    pub lines: Vec<String>,
    pub overlay: Overlay,
}

/// Zones and marks of a page, in mm.
#[derive(Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Overlay {
    pub window: Option<Zone>,
    pub folds: Vec<f64>,
    pub clear: Vec<Zone>,
    pub marks: Vec<(String, Zone)>,
}

/// A rectangle in mm from the page's top left.
#[derive(Serialize, Clone, Copy)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Zone {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

/// The form for a made-up person.
#[derive(Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Form {
    pub lists: Vec<Choice>,
    pub languages: Vec<Choice>,
    pub formats: Vec<String>,
    pub institutions: Vec<Choice>,
    pub earlier: Vec<Choice>,
    pub categories: Vec<Choice>,
}

/// A language choice for people.
pub const fn language_name(choice: LanguageChoice) -> &'static str {
    match choice {
        LanguageChoice::One(Language::Nl) => "Dutch",
        LanguageChoice::One(Language::En) => "English",
        LanguageChoice::Both => "Dutch and English",
    }
}

/// A sample and, where it was made, its proof; `base` stands before the names of its files.
pub fn proof(
    campaign: &Campaign,
    sample: &Sample,
    made: Option<&Proof>,
    approved: Option<&str>,
    src: &dyn Fn(&str) -> String,
) -> ProofView {
    let letter = &sample.planned.letter;
    let populations: Vec<String> = letter.facts.populations.iter().cloned().collect();
    let language_name = language_name(letter.languages);
    let what = format!("{language_name} · {} · {}", letter.format, populations.join(" + "));
    let (title, subtitle) = match sample.kind {
        Kind::Combination => (letter.variant.to_string(), what),
        Kind::Extreme(extreme) => (extreme.title().to_owned(), format!("{} · {what}", letter.variant)),
        Kind::WrittenBefore => {
            let wave = letter.facts.wave.as_ref().map_or(String::new(), |wave| format!(" · wave {wave}"));
            (letter.variant.to_string(), format!("written to before{wave} · {what}"))
        }
        Kind::MadeUp => ("A made-up person".to_owned(), format!("{} · {what}", letter.variant)),
    };
    let labels = campaign.template.category_texts.get(&letter.languages.languages()[0]);
    let label = |id: &str| labels.and_then(|labels| labels.get(id)).map_or(id, |text| text.label.as_str()).to_owned();
    ProofView {
        id: sample.id.clone(),
        title,
        subtitle,
        variant: letter.variant.to_string(),
        language: letter.languages.as_str().to_owned(),
        language_name,
        format: letter.format.to_string(),
        populations,
        people: sample.people,
        addressees: sample.addressees.iter().map(|(&addressee, &count)| (addressee.to_owned(), count)).collect(),
        categories: sample
            .categories
            .iter()
            .map(|(id, &[confirmed, possible, ruled_out])| CategoryView {
                label: label(id),
                id: id.clone(),
                confirmed,
                possible,
                ruled_out,
            })
            .collect(),
        warnings: made.map(|proof| proof.warnings.clone()).unwrap_or_default(),
        held: made.and_then(|proof| proof.held.clone()),
        pdf: made.filter(|proof| !proof.pdf.is_empty()).map(|_| src(&format!("pdf/{}.pdf", sample.id))),
        pages: made.map(|proof| pages(campaign, sample, proof, src)).unwrap_or_default(),
        changed: approved
            .zip(made)
            .filter(|(approved, made)| *approved != made.text)
            .map(|(approved, made)| context(changes::words(approved, &made.text))),
        deferred: made.is_none(),
    }
}

fn pages(campaign: &Campaign, sample: &Sample, proof: &Proof, src: &dyn Fn(&str) -> String) -> Vec<PageView> {
    let Some(planned) = &proof.planned else { return Vec::new() };
    proof
        .pages
        .iter()
        .enumerate()
        .map(|(index, page)| PageView {
            number: index + 1,
            of: proof.pages.len(),
            src: src(&format!("pages/{}-{}.svg", sample.id, index + 1)),
            lines: page.lines.clone(),
            overlay: overlay(campaign, planned, index),
        })
        .collect()
}

fn overlay(campaign: &Campaign, planned: &PlannedLetter, index: usize) -> Overlay {
    let vendor = &campaign.vendor;
    let geometry = Geometry::new(vendor, &planned.letter.format);
    let (width, height, clear) = (geometry.page_width, geometry.page_height, geometry.clear);
    let zone = |left, top, width, height| Zone { left, top, width, height };
    let mut marks = Vec::new();
    let front = vendor.plex == Plex::Simplex || index.is_multiple_of(2);
    if let (Some(mark), true) = (vendor.datamatrix, front) {
        let size = DATAMATRIX_MODULES * mark.module_mm;
        marks.push(("DataMatrix".to_owned(), zone(mark.left_mm, mark.top_mm, size, size)));
    }
    if let (0, Some(bars)) = (index, crate::marks::kix::bars(&planned.printed_kix).filter(|bars| !bars.is_empty())) {
        let top = geometry.address_bottom(planned.printed_lines.len()) + crate::marks::kix::QUIET_ZONE_MM;
        let width = crate::marks::kix::width_mm(bars.len());
        marks.push(("KIX".to_owned(), zone(geometry.window_text_left(), top, width, crate::marks::kix::HEIGHT_MM)));
    }
    let window = geometry.window;
    Overlay {
        window: (index == 0).then(|| zone(window.left, window.top, window.width, window.height)),
        folds: if index == 0 { geometry.folds } else { Vec::new() },
        clear: vec![
            zone(0.0, 0.0, width, clear.top),
            zone(0.0, height - clear.bottom, width, clear.bottom),
            zone(0.0, clear.top, clear.left, height - clear.top - clear.bottom),
            zone(width - clear.right, clear.top, clear.right, height - clear.top - clear.bottom),
        ],
        marks,
    }
}

/// The pieces, with long runs of what stayed cut to what stands around a change.
pub fn context(pieces: Vec<Piece>) -> Vec<Piece> {
    const AROUND: usize = 120;
    let last = pieces.len().saturating_sub(1);
    pieces
        .into_iter()
        .enumerate()
        .map(|(index, mut piece)| {
            let characters: Vec<char> = piece.text.chars().collect();
            let (before, behind) = (if index == 0 { 0 } else { AROUND }, if index == last { 0 } else { AROUND });
            if piece.kind == PieceKind::Kept && characters.len() > before + behind + AROUND {
                let begin: String = characters[..before].iter().collect();
                let end: String = characters[characters.len() - behind..].iter().collect();
                piece.text = format!("{begin} […] {end}");
            }
            piece
        })
        .collect()
}

/// Combinations by variant, format and population, their languages together; then what people get who were written to
/// before, and the extremes.
pub fn sections(views: Vec<(Kind, ProofView)>) -> Vec<Section> {
    type Groups = BTreeMap<(String, String, Vec<String>), Vec<ProofView>>;
    let (mut combinations, mut again) = (Groups::new(), Groups::new());
    let mut extremes = Vec::new();
    for (kind, view) in views {
        let key = || (view.variant.clone(), view.format.clone(), view.populations.clone());
        match kind {
            Kind::Combination => combinations.entry(key()).or_default().push(view),
            Kind::WrittenBefore => again.entry(key()).or_default().push(view),
            Kind::Extreme(_) | Kind::MadeUp => extremes.push(vec![view]),
        }
    }
    let side_by_side = |groups: Groups| -> Vec<Vec<ProofView>> {
        let mut groups: Vec<Vec<ProofView>> = groups.into_values().collect();
        for group in &mut groups {
            // Dutch, English, both.
            group.sort_by_key(|view| (view.language.contains('+'), view.language != "nl"));
        }
        groups
    };
    let about = |text: &str| text.to_owned();
    let mut sections = vec![Section {
        title: "Combinations in use".to_owned(),
        about: about(
            "One letter for each combination of variant, language, format and population that people will get.",
        ),
        groups: side_by_side(combinations),
    }];
    if !again.is_empty() {
        sections.push(Section {
            title: "Written to before".to_owned(),
            about: about(
                "What the rules and the wording give to people whom the campaign wrote to before. Nobody in the lists gets these today.",
            ),
            groups: side_by_side(again),
        });
    }
    if !extremes.is_empty() {
        sections.push(Section {
            title: "Extremes in the data".to_owned(),
            about: about("The letters that are most likely to look wrong: the longest, the fullest, the unusual."),
            groups: extremes,
        });
    }
    sections
}

/// The values that the proofs can be filtered by.
pub fn filters(sections: &[Section]) -> Filters {
    let mut filters = Filters::default();
    for view in sections.iter().flat_map(|section| section.groups.iter().flatten()) {
        filters.variants.push(view.variant.clone());
        filters.languages.push(Choice { value: view.language.clone(), name: view.language_name.to_owned() });
        filters.categories.extend(
            view.categories
                .iter()
                .filter(|category| category.confirmed + category.possible > 0)
                .map(|category| Choice { value: category.id.clone(), name: category.id.replace('_', " ") }),
        );
        filters.formats.push(view.format.clone());
        filters.populations.extend(view.populations.iter().cloned());
    }
    for names in [&mut filters.variants, &mut filters.formats, &mut filters.populations] {
        names.sort();
        names.dedup();
    }
    for choices in [&mut filters.languages, &mut filters.categories] {
        choices.sort();
        choices.dedup();
    }
    filters
}
