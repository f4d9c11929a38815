//! What a drawn page says to software that reads aloud: elements, in the order in which they are read.
//!
//! Enters: the tags that typst leaves in its frames, and which text is drawn between them. Leaves: a tree of elements
//! whose leaves are pieces of drawn text, numbered page by page. Invariants: every text has one place in the tree or is
//! an artifact; text outside of any paragraph is a paragraph of its own; the tree depends on the frames alone, so that
//! what many letters share is read once. Deliberately absent: bold and italic, which say nothing here, and links, which
//! paper does not have.

use std::collections::HashMap;

use typst::foundations::{Content, Smart, StyleChain};
use typst::introspection::{Location, Tag};
use typst::layout::{GridCell, HideElem, PlaceElem, RepeatElem};
use typst::model::{
    EnumElem, FigureCaption, FootnoteElem, FootnoteEntry, HeadingElem, ListElem, Outlinable, ParElem, QuoteElem,
    TableCell, TableElem, TitleElem,
};
use typst::pdf::{ArtifactElem, ArtifactKind, PdfMarkerTag, PdfMarkerTagKind, TableCellKind};
use typst::text::Locale;

/// The root of every tree.
pub(super) const ROOT: usize = 0;
/// Headings have six levels (ISO 32000-1, table 335).
const HEADINGS: usize = 6;

/// What an element is (ISO 32000-1, 14.8.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// No element of its own: what is in it belongs to the element around it.
    None,
    Paragraph,
    /// 1 to 6.
    Heading(usize),
    List,
    Item,
    Label,
    ItemBody,
    Table,
    Row,
    /// A cell that names its column.
    Header,
    Cell,
    Quotation,
}

impl Role {
    /// The standard structure type.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "NonStruct",
            Self::Paragraph => "P",
            Self::Heading(level) => ["H1", "H2", "H3", "H4", "H5", "H6"][level - 1],
            Self::List => "L",
            Self::Item => "LI",
            Self::Label => "Lbl",
            Self::ItemBody => "LBody",
            Self::Table => "Table",
            Self::Row => "TR",
            Self::Header => "TH",
            Self::Cell => "TD",
            Self::Quotation => "BlockQuote",
        }
    }

    /// Whether text may stand in it directly.
    const fn holds_text(self) -> bool {
        matches!(self, Self::Paragraph | Self::Heading(_) | Self::Label | Self::ItemBody | Self::Header | Self::Cell)
    }
}

/// A point of a page, in points from its top left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    pub x: f64,
    pub y: f64,
}

/// One piece of drawn text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    /// Page of the drawing it is on, from 0.
    pub page: usize,
    /// Its number there.
    pub number: i32,
    /// What it is written in.
    pub language: Locale,
}

/// What is in an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kid {
    Element(usize),
    Text(Text),
}

/// One element.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Element {
    pub role: Role,
    /// Columns and rows that a cell spans.
    pub spans: (usize, usize),
    /// Where its first text stands: page and point.
    pub start: Option<(usize, Place)>,
    pub kids: Vec<Kid>,
    around: usize,
    /// Row in the table, or column in the row.
    order: usize,
}

/// The elements of a body, or of one cover page.
#[derive(Debug, Clone, PartialEq)]
pub struct Structure {
    pub(super) elements: Vec<Element>,
    /// Whether the drawing is a form, whose pieces are found in that form, or the page's own content.
    pub(super) in_form: bool,
}

impl Structure {
    /// The structure of pages whose inside is not known: each is one paragraph, in the order in which it is drawn.
    pub(super) fn of_opaque(pages: usize, number: i32, language: Locale) -> Self {
        let mut elements = vec![Element::new(Role::None, ROOT)];
        for page in 0..pages {
            let own = Kid::Element(elements.len());
            elements[ROOT].kids.push(own);
            let mut paragraph = Element::new(Role::Paragraph, ROOT);
            paragraph.start = Some((page, Place { x: 0.0, y: 0.0 }));
            paragraph.kids.push(Kid::Text(Text { page, number, language }));
            elements.push(paragraph);
        }
        Self { elements, in_form: false }
    }

    /// Bytes that it takes in memory, about.
    pub fn weight(&self) -> usize {
        let kids: usize = self.elements.iter().map(|element| element.kids.capacity()).sum();
        self.elements.capacity() * size_of::<Element>() + kids * size_of::<Kid>()
    }

    /// The elements below one, those of groups without an element of their own included.
    pub(super) fn kids(&self, element: usize) -> Vec<&Kid> {
        let mut kids = Vec::with_capacity(self.elements[element].kids.len());
        self.collect(element, &mut kids);
        kids
    }

    fn collect<'s>(&'s self, element: usize, kids: &mut Vec<&'s Kid>) {
        for kid in &self.elements[element].kids {
            match kid {
                Kid::Element(inner) if self.elements[*inner].role == Role::None => self.collect(*inner, kids),
                _ => kids.push(kid),
            }
        }
    }

    /// Whether anything is read in it.
    pub(super) fn says_something(&self, element: usize) -> bool {
        self.elements[element].kids.iter().any(|kid| match kid {
            Kid::Element(inner) => self.says_something(*inner),
            Kid::Text(_) => true,
        })
    }
}

impl Element {
    const fn new(role: Role, around: usize) -> Self {
        Self { role, spans: (1, 1), start: None, kids: Vec::new(), around, order: 0 }
    }
}

/// Where drawn text belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Belongs {
    /// To this element.
    To(usize),
    /// To no element: it is not read.
    Artifact(ArtifactKind),
}

/// Reads the tags of pages, in order.
pub struct Outline {
    elements: Vec<Element>,
    open: Vec<Open>,
    located: HashMap<Location, usize>,
    /// Rows by their table and number.
    rows: HashMap<(usize, usize), usize>,
    /// The numbers of each table's head rows.
    headers: HashMap<usize, Vec<usize>>,
    /// What was open where a part of an element ended that goes on elsewhere.
    interrupted: HashMap<Location, Vec<Open>>,
    page: usize,
    first: i32,
    next: i32,
    in_form: bool,
}

#[derive(Clone)]
struct Open {
    location: Option<Location>,
    element: usize,
    /// The paragraph of text that stands outside of any.
    loose: Option<usize>,
    artifact: Option<ArtifactKind>,
}

impl Outline {
    /// Reads pages whose pieces of text are numbered from here; they are drawn into forms or onto the pages.
    pub fn new(first: i32, in_form: bool) -> Self {
        let root = Open { location: None, element: ROOT, loose: None, artifact: None };
        Self {
            elements: vec![Element::new(Role::None, ROOT)],
            open: vec![root],
            located: HashMap::new(),
            rows: HashMap::new(),
            headers: HashMap::new(),
            interrupted: HashMap::new(),
            page: 0,
            first,
            next: first,
            in_form,
        }
    }

    /// Goes on with the next page.
    pub fn turn(&mut self) {
        self.page += 1;
        self.next = self.first;
    }

    /// What was read.
    pub fn finish(mut self) -> Structure {
        // Cells that span rows are drawn after others of their row.
        for table in 0..self.elements.len() {
            if matches!(self.elements[table].role, Role::Table | Role::Row) {
                let mut kids = std::mem::take(&mut self.elements[table].kids);
                kids.sort_by_key(|kid| match kid {
                    Kid::Element(kid) => self.elements[*kid].order,
                    Kid::Text(_) => 0,
                });
                self.elements[table].kids = kids;
            }
        }
        Structure { elements: self.elements, in_form: self.in_form }
    }

    pub(super) fn tag(&mut self, tag: &Tag) {
        match tag {
            Tag::Start(content, flags) if flags.tagged => self.start(content),
            Tag::End(location, _, flags) if flags.tagged => {
                // One that is closed out of turn leaves what is open in it where it is.
                if let Some(at) = self.open.iter().rposition(|open| open.location == Some(*location)) {
                    self.open.remove(at);
                }
            }
            _ => {}
        }
    }

    /// Enters a part of the page that belongs to an element elsewhere; returns what [`Self::leave`] needs.
    pub(super) fn enter(&mut self, parent: Location) -> usize {
        let depth = self.open.len();
        if let Some(&element) = self.located.get(&parent) {
            let artifact = self.artifact();
            self.open.push(Open { location: None, element, loose: None, artifact });
            self.open.extend(self.interrupted.remove(&parent).unwrap_or_default());
        }
        depth
    }

    pub(super) fn leave(&mut self, parent: Location, depth: usize) {
        if self.open.len() > depth {
            let interrupted = self.open.split_off(depth + 1);
            self.open.truncate(depth);
            if !interrupted.is_empty() {
                self.interrupted.insert(parent, interrupted);
            }
        }
    }

    /// Where text that is drawn now belongs.
    pub(super) fn belongs(&mut self) -> Belongs {
        if let Some(kind) = self.artifact() {
            return Belongs::Artifact(kind);
        }
        let Some(last) = self.open.last() else { return Belongs::To(ROOT) };
        let (element, loose) = (last.element, last.loose);
        if self.elements[self.around(element)].role.holds_text() {
            return Belongs::To(element);
        }
        let paragraph = loose.unwrap_or_else(|| self.add(Role::Paragraph, element));
        if let Some(last) = self.open.last_mut() {
            last.loose = Some(paragraph);
        }
        Belongs::To(paragraph)
    }

    /// Adds a piece of text to an element and returns its number on the page.
    pub(super) fn text(&mut self, element: usize, language: Locale, place: Place) -> i32 {
        let number = self.next;
        self.next += 1;
        self.elements[element].kids.push(Kid::Text(Text { page: self.page, number, language }));
        let mut above = element;
        while above != ROOT {
            self.elements[above].start.get_or_insert((self.page, place));
            above = self.elements[above].around;
        }
        number
    }

    pub(super) fn role(&self, element: usize) -> Role {
        self.elements[self.around(element)].role
    }

    fn artifact(&self) -> Option<ArtifactKind> {
        self.open.last().and_then(|open| open.artifact)
    }

    fn add(&mut self, role: Role, around: usize) -> usize {
        let number = self.elements.len();
        self.elements.push(Element::new(role, around));
        self.elements[around].kids.push(Kid::Element(number));
        number
    }

    /// The element itself, or the one that a group without an element of its own is in.
    fn around(&self, mut element: usize) -> usize {
        while element != ROOT && self.elements[element].role == Role::None {
            element = self.elements[element].around;
        }
        element
    }

    fn push(&mut self, content: &Content, element: usize, artifact: Option<ArtifactKind>) {
        if let Some(last) = self.open.last_mut() {
            last.loose = None;
        }
        let artifact = self.artifact().or(artifact);
        self.open.push(Open { location: content.location(), element, loose: None, artifact });
    }

    fn start(&mut self, content: &Content) {
        let here = self.open.last().map_or(ROOT, |open| open.element);
        if let Some(kind) = artifact(content) {
            self.push(content, here, Some(kind));
            return;
        }
        let around = self.around(here);
        let element = if let Some(marker) = content.to_packed::<PdfMarkerTag>() {
            match marker.kind {
                PdfMarkerTagKind::ListItemLabel if self.elements[around].role == Role::List => {
                    let item = self.add(Role::Item, around);
                    self.add(Role::Label, item)
                }
                PdfMarkerTagKind::ListItemBody if self.elements[around].role == Role::List => {
                    let item = self.item(around);
                    self.add(Role::ItemBody, item)
                }
                PdfMarkerTagKind::TermsItemBody => self.add(Role::Paragraph, here),
                _ => return,
            }
        } else if let Some(cell) = content.to_packed::<TableCell>()
            && self.elements[around].role == Role::Table
        {
            self.cell(around, cell)
        } else {
            let Some(role) = role(content) else { return };
            // A paragraph in a paragraph, such as a box with text of its own, is a part of it.
            let inside = matches!(self.elements[around].role, Role::Paragraph | Role::Heading(_) | Role::Label);
            self.add(if inside && role == Role::Paragraph { Role::None } else { role }, here)
        };
        if let Some(table) = content.to_packed::<TableElem>() {
            self.headers.insert(element, head_rows(table));
        }
        if let Some(location) = content.location() {
            self.located.entry(location).or_insert(element);
        }
        self.push(content, element, None);
    }

    /// The item of a list that has no body yet.
    fn item(&mut self, list: usize) -> usize {
        if let Some(&Kid::Element(last)) = self.elements[list].kids.last()
            && let [Kid::Element(only)] = self.elements[last].kids[..]
            && self.elements[only].role == Role::Label
        {
            return last;
        }
        self.add(Role::Item, list)
    }

    fn cell(&mut self, table: usize, cell: &TableCell) -> usize {
        let styles = StyleChain::default();
        let (x, y) = (cell.x.get(styles).unwrap_or_default(), cell.y.get(styles).unwrap_or_default());
        let known = self.rows.get(&(table, y)).copied();
        let row = known.unwrap_or_else(|| self.add(Role::Row, table));
        self.elements[row].order = y;
        self.rows.insert((table, y), row);
        let header = match cell.kind.get(styles) {
            Smart::Custom(kind) => matches!(kind, TableCellKind::Header(..)),
            Smart::Auto => self.headers.get(&table).is_some_and(|headers| headers.contains(&y)),
        };
        let element = self.add(if header { Role::Header } else { Role::Cell }, row);
        self.elements[element].order = x;
        self.elements[element].spans = (cell.colspan.get(styles).get(), cell.rowspan.get(styles).get());
        element
    }
}

fn head_rows(table: &TableElem) -> Vec<usize> {
    let Some(grid) = &table.grid else { return Vec::new() };
    let track = if grid.has_gutter { 2 } else { 1 };
    grid.headers
        .iter()
        .flat_map(|header| header.range.clone())
        .filter(|row| row % track == 0)
        .map(|row| row / track)
        .collect()
}

/// What is drawn and not read.
fn artifact(content: &Content) -> Option<ArtifactKind> {
    if let Some(artifact) = content.to_packed::<ArtifactElem>() {
        return Some(artifact.kind.get(StyleChain::default()));
    }
    let repeated = content.to_packed::<TableCell>().is_some_and(|cell| cell.is_repeated.get(StyleChain::default()))
        || content.to_packed::<GridCell>().is_some_and(|cell| cell.is_repeated.get(StyleChain::default()));
    (repeated || content.is::<HideElem>() || content.is::<RepeatElem>()).then_some(ArtifactKind::Other)
}

/// What an element of typst is; nothing, where its content reads as if it were not there.
fn role(content: &Content) -> Option<Role> {
    if let Some(heading) = content.to_packed::<HeadingElem>() {
        return Some(Role::Heading(heading.level().get().min(HEADINGS)));
    }
    if let Some(quote) = content.to_packed::<QuoteElem>() {
        return quote.block.get(StyleChain::default()).then_some(Role::Quotation);
    }
    if content.is::<ListElem>() || content.is::<EnumElem>() {
        Some(Role::List)
    } else if content.is::<ParElem>()
        || content.is::<TitleElem>()
        || content.is::<FigureCaption>()
        || content.is::<FootnoteEntry>()
    {
        Some(Role::Paragraph)
    } else if content.is::<TableElem>() {
        Some(Role::Table)
    } else if content.is::<PlaceElem>() || content.is::<GridCell>() || content.is::<FootnoteElem>() {
        Some(Role::None)
    } else {
        None
    }
}
