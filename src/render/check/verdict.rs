//! Whether a finished letter says what it should, where it should, and nothing else.
//!
//! Enters: a letter as planned, and its pages as read back from the finished file. Leaves: nothing, or why the letter
//! must not leave. Invariants checked: the person's own texts are exactly these and no others; the window holds the
//! addressee, the return line and the KIX only; the bodies name exactly this person's categories; no case code but this
//! one; every page is there, blank backs are blank, marks stand on fronts only; the letter keeps out of the clear zones.

use std::collections::{BTreeMap, BTreeSet};

use super::content::{Area, Content, FoundPage, Run};
use super::expected;
use crate::campaign::settings::Campaign;
use crate::campaign::vendor::{Plex, Vendor};
use crate::marks::{datamatrix, kix};
use crate::model::case_code::CaseCode;
use crate::model::language::Language;
use crate::model::outcome::Held;
use crate::plan::record::PlannedLetter;
use crate::render::geometry::{ADDRESS_PT, Geometry, MM_PER_PT, RETURN_LINE_PT, Rect};

/// Rounding of coordinates in a PDF, and then some.
const TOLERANCE_MM: f64 = 0.3;
/// How far letters rise above the baseline, as a share of the size.
const ASCENT_EM: f64 = 0.8;
/// How far letters reach below the baseline, as a share of the size.
const DESCENT_EM: f64 = 0.25;
/// Fold marks are short strokes at the paper's edge.
const FOLD_MARK_MM: f64 = 10.0;

/// Why a finished letter must not leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// `failed-check` or `glyph-missing`.
    pub reason: Held,
    /// What was found; no personal data.
    pub detail: String,
}

impl Fault {
    fn new(detail: impl Into<String>) -> Self {
        Self { reason: Held::FailedCheck, detail: detail.into() }
    }
}

/// Checks finished letters of one file.
pub struct Inspector<'c> {
    campaign: &'c Campaign,
    geometries: BTreeMap<String, Geometry>,
    /// Labels of all categories, by language.
    labels: BTreeMap<Language, BTreeSet<&'c str>>,
}

/// What a body page shows that matters.
pub struct BodyFindings {
    /// Bold segments of its text, in order.
    bold: Vec<String>,
    names_a_case: bool,
    glyph_missing: bool,
    extent: Option<Area>,
    /// The formats whose window it reaches into.
    in_windows: Vec<String>,
}

impl<'c> Inspector<'c> {
    /// Checks letters of this campaign.
    pub fn new(campaign: &'c Campaign) -> Self {
        let template = &campaign.template;
        Self {
            campaign,
            geometries: template
                .formats
                .iter()
                .map(|format| (format.clone(), Geometry::new(&campaign.vendor, format)))
                .collect(),
            labels: template
                .category_texts
                .iter()
                .map(|(language, texts)| (*language, texts.values().map(|text| text.label.as_str()).collect()))
                .collect(),
        }
    }

    /// What matters of a body page; made once for all letters of a file that share it.
    pub fn body(&self, content: &Content) -> BodyFindings {
        BodyFindings::new(content, &self.geometries)
    }

    /// Checks one letter; `pages` are all its pages in the file, the blank back included.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self, planned: &PlannedLetter, pages: &[FoundPage<BodyFindings>]) -> Result<(), Fault> {
        let vendor = &self.campaign.vendor;
        let count = planned.page_count();
        if pages.len() != vendor.plex.pages_in_file(count) as usize {
            return Err(Fault::new(format!("{} pages were found where {count} were planned", pages.len())));
        }
        let mut expected = expected::pages(self.campaign, planned);
        let geometry = self
            .geometries
            .get(&*planned.letter.format)
            .cloned()
            .ok_or_else(|| Fault::new("the letter has a format that the template lacks"))?;
        for (index, page) in pages.iter().enumerate() {
            let place = PagePlace { vendor, geometry: &geometry, index };
            match expected.get_mut(index) {
                None => blank(page, place)?,
                Some(texts) => {
                    let body = shared(page, place)?;
                    own_content(planned, std::mem::take(texts), page, body, place, self.campaign)?;
                }
            }
        }
        let bodies: Vec<&BodyFindings> =
            pages.iter().filter_map(|page| page.forms.first()).map(|(_, body)| &**body).collect();
        self.all_categories(planned, &bodies)
    }

    /// Checks a letter's digital copy, in which cover and body are one; `pages` are all its pages.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check_copy(&self, planned: &PlannedLetter, pages: &[FoundPage]) -> Result<(), Fault> {
        let expected = expected::pages(self.campaign, planned);
        if pages.len() != expected.len() || pages.iter().any(|page| !page.forms.is_empty()) {
            return Err(Fault::new("the copy has other pages than the letter"));
        }
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        let mut findings = Vec::new();
        for (page, texts) in pages.iter().zip(&expected) {
            let shown: String = page.own.runs.iter().map(|run| squeezed(&run.text)).collect();
            if texts.iter().any(|text| !shown.contains(&squeezed(text))) {
                return Err(Fault::new("a text of this person is missing from the copy"));
            }
            if page.own.runs.iter().any(|run| case_codes(&run.text).any(|code| code != planned.letter.case_code)) {
                return Err(Fault::new("another case code stands on the copy"));
            }
            let found = self.body(&page.own);
            if found.glyph_missing {
                return Err(Fault {
                    reason: Held::GlyphMissing,
                    detail: "the copy has a character that no font has".into(),
                });
            }
            findings.push(found);
        }
        self.all_categories(planned, &findings.iter().collect::<Vec<_>>())
    }

    /// The categories of each language; one finding a page, blank backs aside.
    fn all_categories(&self, planned: &PlannedLetter, pages: &[&BodyFindings]) -> Result<(), Fault> {
        let mut start = 0;
        for (&language, &count) in planned.letter.languages.languages().iter().zip(&planned.pages) {
            let end = start + count as usize;
            self.categories(planned, language, pages.get(start..end).unwrap_or_default())?;
            start = end;
        }
        Ok(())
    }

    /// The bodies of one language name exactly this person's categories.
    fn categories(&self, planned: &PlannedLetter, language: Language, pages: &[&BodyFindings]) -> Result<(), Fault> {
        let template = &self.campaign.template;
        let texts = template.category_texts.get(&language);
        let wanted: BTreeSet<&str> = planned
            .letter
            .facts
            .categories
            .keys()
            .filter_map(|category| texts.and_then(|texts| texts.get(category)))
            .map(|text| text.label.as_str())
            .collect();
        let known = self.labels.get(&language);
        let mut found: Vec<&str> = pages
            .iter()
            .flat_map(|findings| &findings.bold)
            .map(String::as_str)
            .filter(|segment| known.is_some_and(|known| known.contains(segment)))
            .collect();
        found.sort_unstable();
        if found.iter().copied().eq(wanted.iter().copied()) {
            Ok(())
        } else {
            Err(Fault::new(format!(
                "the {} text names {} categories of data, and not exactly the {} of this person",
                language.code(),
                found.len(),
                wanted.len()
            )))
        }
    }
}

/// The one body below a page, if nothing is wrong with it.
fn shared<'p>(page: &'p FoundPage<BodyFindings>, place: PagePlace<'_>) -> Result<&'p BodyFindings, Fault> {
    let [(_, findings)] = &page.forms[..] else {
        return Err(place.fault(format!("{} bodies lie below the page instead of one", page.forms.len())));
    };
    if findings.glyph_missing {
        return Err(Fault {
            reason: Held::GlyphMissing,
            detail: place.said("the wording has a character that no font has"),
        });
    }
    if findings.names_a_case {
        return Err(place.fault("the shared text holds a case code"));
    }
    if let Some(extent) = findings.extent
        && !place.within_clear(&extent)
    {
        return Err(place.fault("the shared text reaches into the clear zone"));
    }
    Ok(findings)
}

/// Where a page stands, for rules and messages.
#[derive(Clone, Copy)]
struct PagePlace<'a> {
    vendor: &'a Vendor,
    geometry: &'a Geometry,
    /// 0-based within the letter.
    index: usize,
}

impl PagePlace<'_> {
    fn said(self, what: &str) -> String {
        format!("page {}: {what}", self.index + 1)
    }

    fn fault(self, what: impl AsRef<str>) -> Fault {
        Fault::new(self.said(what.as_ref()))
    }

    /// Whether the page is the front of a sheet.
    const fn is_front(self) -> bool {
        matches!(self.vendor.plex, Plex::Simplex) || self.index.is_multiple_of(2)
    }

    fn within_clear(self, area: &Area) -> bool {
        let (clear, page) = (self.geometry.clear, self.geometry);
        area.left_mm >= clear.left - TOLERANCE_MM
            && area.right_mm <= page.page_width - clear.right + TOLERANCE_MM
            && area.top_mm >= clear.top - TOLERANCE_MM
            && area.bottom_mm <= page.page_height - clear.bottom + TOLERANCE_MM
    }
}

impl BodyFindings {
    fn new(content: &Content, geometries: &BTreeMap<String, Geometry>) -> Self {
        // A label is set in one piece on one line, so a segment ends where the line or the weight does.
        let mut bold: Vec<String> = Vec::new();
        let mut open_at = None;
        for run in &content.runs {
            if run.bold {
                match bold.last_mut() {
                    Some(segment) if open_at == Some(run.baseline_mm) => segment.push_str(&run.text),
                    _ => bold.push(run.text.clone()),
                }
                open_at = Some(run.baseline_mm);
            } else if !run.text.trim().is_empty() {
                open_at = None;
            }
        }
        let bold = bold.into_iter().map(|segment| segment.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        let extent = content
            .runs
            .iter()
            .filter(|run| !run.text.trim().is_empty())
            .map(text_area)
            .chain(content.areas.iter().copied().filter(|area| !is_fold_mark(area)))
            .reduce(union);
        let reaches = |zone: &Area| {
            content.runs.iter().map(text_area).chain(content.areas.iter().copied()).any(|area| overlap(&area, zone))
        };
        let in_windows = geometries
            .iter()
            .filter(|(_, geometry)| reaches(&zone(geometry.window)))
            .map(|(format, _)| format.clone())
            .collect();
        Self {
            bold,
            names_a_case: content.runs.iter().any(|run| case_codes(&run.text).next().is_some()),
            glyph_missing: content.glyph_missing,
            extent,
            in_windows,
        }
    }
}

fn blank(page: &FoundPage<BodyFindings>, place: PagePlace<'_>) -> Result<(), Fault> {
    if page.own.runs.is_empty() && page.own.areas.is_empty() && page.forms.is_empty() {
        Ok(())
    } else {
        Err(place.fault("the back of the last sheet is not blank"))
    }
}

/// The person's own part of a page: texts, window, marks.
fn own_content(
    planned: &PlannedLetter,
    expected: Vec<String>,
    page: &FoundPage<BodyFindings>,
    body: &BodyFindings,
    place: PagePlace<'_>,
    campaign: &Campaign,
) -> Result<(), Fault> {
    if page.own.glyph_missing {
        return Err(Fault {
            reason: Held::GlyphMissing,
            detail: place.said("the person's own part has a character that no font has"),
        });
    }
    exactly(&page.own.runs, expected).map_err(|what| place.fault(what))?;
    if page.own.runs.iter().any(|run| case_codes(&run.text).any(|code| code != planned.letter.case_code)) {
        return Err(place.fault("another case code stands on it"));
    }
    if let Some(extent) = page.own.runs.iter().map(text_area).reduce(union)
        && !place.within_clear(&extent)
    {
        return Err(place.fault("the person's own part reaches into the clear zone"));
    }
    let mut marks = Vec::new();
    if place.index == 0 {
        window(planned, page, body, place, campaign)?;
        if !planned.printed_kix.is_empty() {
            marks.push(kix_area(planned, place.geometry).ok_or_else(|| place.fault("the KIX cannot be drawn"))?);
        }
    }
    if let (Some(matrix), true) = (place.vendor.datamatrix, place.is_front()) {
        #[expect(clippy::cast_precision_loss, reason = "18 modules")]
        let side = datamatrix::SIZE as f64 * matrix.module_mm;
        marks.push(Area {
            left_mm: matrix.left_mm,
            top_mm: matrix.top_mm,
            right_mm: matrix.left_mm + side,
            bottom_mm: matrix.top_mm + side,
        });
    }
    same_areas(&page.own.areas, &marks).map_err(|what| place.fault(what))
}

/// The runs are exactly the expected texts, in any order; a text may be broken into several runs.
fn exactly(runs: &[Run], mut expected: Vec<String>) -> Result<(), &'static str> {
    let squeezed = |text: &str| text.chars().filter(|character| !character.is_whitespace()).collect::<String>();
    for text in &mut expected {
        *text = squeezed(text);
    }
    expected.retain(|text| !text.is_empty());
    let mut collected = String::new();
    for run in runs {
        collected.push_str(&squeezed(&run.text));
        if let Some(found) = expected.iter().position(|text| *text == collected) {
            expected.swap_remove(found);
            collected.clear();
        } else if !expected.iter().any(|text| text.starts_with(&collected)) {
            return Err("a text stands on it that is not this person's");
        }
    }
    if collected.is_empty() && expected.is_empty() { Ok(()) } else { Err("a text of this person is missing from it") }
}

/// In the window stand the return line and the address, at their places, and nothing else.
fn window(
    planned: &PlannedLetter,
    page: &FoundPage<BodyFindings>,
    body: &BodyFindings,
    place: PagePlace<'_>,
    campaign: &Campaign,
) -> Result<(), Fault> {
    let geometry = place.geometry;
    let zone = zone(geometry.window);
    if body.in_windows.iter().any(|format| **format == *planned.letter.format) {
        return Err(place.fault("the shared text reaches into the window"));
    }
    let mut lines = vec![(campaign.return_line.as_str(), geometry.return_baseline(), RETURN_LINE_PT)];
    for (index, line) in planned.printed_lines.iter().enumerate() {
        lines.push((line, geometry.address_baseline(index), ADDRESS_PT));
    }
    let limit = geometry.window_text_left() + geometry.window_text_width() + TOLERANCE_MM;
    let inside: Vec<&Run> = page.own.runs.iter().filter(|run| overlap(&text_area(run), &zone)).collect();
    for run in &inside {
        let at_its_place = lines.iter().any(|(text, baseline, size)| {
            text.contains(run.text.trim())
                && (run.baseline_mm - baseline).abs() < TOLERANCE_MM
                && (run.size_pt - size).abs() < 0.1
        });
        if !at_its_place {
            return Err(place.fault("a text stands in the window that is not the address, or not at its place"));
        }
        if run.left_mm < geometry.window_text_left() - TOLERANCE_MM || run.left_mm + run.width_mm > limit {
            return Err(place.fault("the address leaves the window's safe area"));
        }
    }
    let found = |baseline: f64| inside.iter().any(|run| (run.baseline_mm - baseline).abs() < TOLERANCE_MM);
    if lines.iter().all(|(_, baseline, _)| found(*baseline)) {
        Ok(())
    } else {
        Err(place.fault("a line of the address does not stand in the window"))
    }
}

/// Where the KIX must stand.
fn kix_area(planned: &PlannedLetter, geometry: &Geometry) -> Option<Area> {
    let bars = kix::bars(&planned.printed_kix)?;
    let left = geometry.window_text_left();
    let top = geometry.address_bottom(planned.printed_lines.len()) + kix::QUIET_ZONE_MM;
    Some(Area {
        left_mm: left,
        top_mm: top,
        right_mm: left + kix::width_mm(bars.len()),
        bottom_mm: top + kix::HEIGHT_MM,
    })
}

/// The drawn areas are the marks and nothing else.
fn same_areas(found: &[Area], marks: &[Area]) -> Result<(), &'static str> {
    let near = |one: &Area, other: &Area| {
        (one.left_mm - other.left_mm).abs() < TOLERANCE_MM
            && (one.right_mm - other.right_mm).abs() < TOLERANCE_MM
            && one.top_mm > other.top_mm - TOLERANCE_MM
            && one.bottom_mm < other.bottom_mm + TOLERANCE_MM
    };
    if found.len() == marks.len() && marks.iter().all(|mark| found.iter().any(|area| near(area, mark))) {
        Ok(())
    } else {
        Err("the marks are not exactly those that belong on it")
    }
}

fn zone(rect: Rect) -> Area {
    Area { left_mm: rect.left, top_mm: rect.top, right_mm: rect.left + rect.width, bottom_mm: rect.top + rect.height }
}

fn text_area(run: &Run) -> Area {
    let size = run.size_pt * MM_PER_PT;
    Area {
        left_mm: run.left_mm,
        top_mm: size.mul_add(-ASCENT_EM, run.baseline_mm),
        right_mm: run.left_mm + run.width_mm,
        bottom_mm: size.mul_add(DESCENT_EM, run.baseline_mm),
    }
}

fn is_fold_mark(area: &Area) -> bool {
    area.right_mm <= FOLD_MARK_MM && area.bottom_mm - area.top_mm < 1.0
}

fn overlap(one: &Area, other: &Area) -> bool {
    one.left_mm < other.right_mm
        && one.right_mm > other.left_mm
        && one.top_mm < other.bottom_mm
        && one.bottom_mm > other.top_mm
}

fn union(one: Area, other: Area) -> Area {
    Area {
        left_mm: one.left_mm.min(other.left_mm),
        top_mm: one.top_mm.min(other.top_mm),
        right_mm: one.right_mm.max(other.right_mm),
        bottom_mm: one.bottom_mm.max(other.bottom_mm),
    }
}

/// Every case code in a text.
fn case_codes(text: &str) -> impl Iterator<Item = CaseCode> {
    text.split(|character: char| !(character.is_ascii_alphanumeric() || character == '-'))
        .filter(|word| word.len() == 15)
        .filter_map(CaseCode::parse)
}
