//! A run folder as planning and rendering leave it, with tiny PDFs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Cursor, Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::{Date, date};
use meldpost::campaign::letter_template::LetterTemplate;
use meldpost::campaign::settings::Campaign;
use meldpost::campaign::vendor::{
    Clear, DataMatrixPlace, Encryption, Form, Output, PasswordSource, Plex, Vendor, Zone,
};
use meldpost::marks::datamatrix;
use meldpost::model::case_code::{CaseCode, CaseCoder};
use meldpost::model::exposure::{Certainty, Exposed, Facts};
use meldpost::model::language::{Language, LanguageChoice};
use meldpost::model::letter::{Destination, Letter, PersonOnPaper};
use meldpost::model::outcome::{Addressee, Held};
use meldpost::model::private::Private;
use meldpost::plan::record::{FontHash, InputFile, Plan, PlannedLetter, Program, ShardPlan, TemplateHash};
use meldpost::render::marker::{ShardLetter, ShardMarker, ShardResult, data_path, marker_path};
use meldpost::seal::{Keys, Progress, SealError, SealInput, Sealed, Verified, VerifyError, seal, verify_run};
use meldpost::store;
use pdf_writer::types::{CidFontType, SystemInfo, UnicodeCmap};
use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str};
use tempfile::TempDir;

pub const CAMPAIGN: &str = "breach";
pub const PASSWORD: &str = "correct horse battery staple";

/// One letter of a made-up run.
#[derive(Clone)]
pub struct Piece {
    pub pages: u32,
    pub country: &'static str,
    pub protected: bool,
    pub held: Option<Held>,
}

/// A domestic letter of two pages that was made.
pub const PLAIN: Piece = Piece { pages: 2, country: "NL", protected: false, held: None };

/// What is made up; shards are (planned package, letters).
pub struct Made {
    pub form: Form,
    pub encryption: Encryption,
    pub shards: Vec<(u32, Vec<Piece>)>,
    pub seeds: u32,
    pub per_day: Option<u32>,
    pub max_package_mib: u32,
    /// Bytes that every PDF is padded with.
    pub padding: usize,
}

impl Default for Made {
    fn default() -> Self {
        Self {
            form: Form::Stream,
            encryption: Encryption::None,
            shards: vec![(1, vec![PLAIN; 3]), (1, vec![PLAIN; 2]), (2, vec![Piece { pages: 4, ..PLAIN }; 2])],
            seeds: 1,
            per_day: None,
            max_package_mib: 10,
            padding: 0,
        }
    }
}

pub struct RunFolder {
    folder: TempDir,
    pub campaign: Campaign,
    pub plan: Plan,
    pub planned: Vec<PlannedLetter>,
}

impl Made {
    pub fn build(self) -> RunFolder {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let run = folder.path();
        fs::create_dir(run.join("shards")).expect("shards");
        let mut planned = Vec::new();
        let mut shards = Vec::new();
        let mut outcomes = String::from("list,row,outcome,reason,case_code,source_ref,detail\n");
        let mut row = 0;
        for (number, (package, pieces)) in (1_u32..).zip(&self.shards) {
            let first = planned.len() as u64;
            let letters: Vec<PlannedLetter> =
                pieces.iter().zip(first..).map(|(piece, at)| planned_letter("opaque", at, piece, false)).collect();
            for letter in &letters {
                row += 1;
                outcomes += &format!("screening,{row},letter,self,{},ref-{row},\n", letter.letter.case_code);
            }
            self.render(run, number, pieces, &letters);
            shards.push(ShardPlan { number, first, letters: pieces.len() as u64, package: *package });
            planned.extend(letters);
        }
        for tail in
            ["merged,same-person,{},,", "suppressed,deceased,{},,", "held,no-exposure,{},,", "rejected,invalid-key,,,"]
        {
            row += 1;
            let code = coder().code("opaque", &format!("other {row}"));
            outcomes += &format!("screening,{row},{}\n", tail.replace("{}", &code.printed()));
        }
        let letters = planned.len() as u64;
        let pieces = vec![PLAIN; self.seeds as usize];
        let seeds: Vec<_> = pieces.iter().zip(0..).map(|(piece, at)| planned_letter("seed", at, piece, true)).collect();
        if self.seeds > 0 {
            self.render(run, 0, &pieces, &seeds);
        }
        planned.extend(seeds);

        let exposures = "list,row,outcome,reason\nlab,1,used,\nlab,2,duplicate,same\nlab,3,orphan,nobody\n";
        for (name, text) in
            [("outcomes.csv", outcomes.as_str()), ("exposure_outcomes.csv", exposures), ("plan.parquet", "letters")]
        {
            fs::write(run.join(name), text).expect("a file of the plan");
        }
        let plan = plan(shards, row, letters, self.seeds, &outcomes, exposures);
        fs::write(run.join("plan.json"), serde_json::to_vec(&plan).expect("a plan")).expect("plan.json");
        let campaign = campaign(self.form, self.encryption, self.per_day, self.max_package_mib);
        RunFolder { folder, campaign, plan, planned }
    }

    /// What rendering writes for one shard.
    fn render(&self, run: &Path, number: u32, pieces: &[Piece], planned: &[PlannedLetter]) {
        let mut data = Vec::new();
        let mut letters = Vec::new();
        let mut next_page = 1;
        let mut texts = Vec::new();
        for (piece, planned) in pieces.iter().zip(planned) {
            let case_code = planned.letter.case_code.printed();
            let result = if let Some(reason) = piece.held {
                ShardResult::Held { reason, detail: "=page 1".to_owned() }
            } else {
                let pages = pages_of(planned.letter.case_code, piece.pages);
                let single = pdf(&pages, self.padding);
                let (first_page, offset, bytes) = match self.form {
                    Form::Stream => (next_page, 0, 0),
                    Form::Single => (1, data.len() as u64, single.len() as u64),
                };
                if self.form == Form::Single {
                    data.extend(single);
                }
                next_page += piece.pages;
                texts.extend(pages);
                let mark = mark(planned.letter.case_code, 1, piece.pages / 2);
                ShardResult::Made { first_page, pages: piece.pages, offset, bytes, mark }
            };
            letters.push(ShardLetter { case_code, result });
        }
        if self.form == Form::Stream && !texts.is_empty() {
            data = pdf(&texts, self.padding);
        }
        let marker = ShardMarker {
            number,
            sha256: store::sha256(&data),
            bytes: data.len() as u64,
            pages: u64::from(next_page - 1),
            letters,
        };
        fs::write(data_path(run, number), data).expect("a data file");
        fs::write(marker_path(run, number), serde_json::to_vec(&marker).expect("a marker")).expect("a marker file");
    }
}

impl RunFolder {
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn seal(&self) -> Result<Sealed, SealError> {
        self.seal_telling(&|_| {})
    }

    pub fn seal_telling(&self, progress: &dyn Fn(Progress)) -> Result<Sealed, SealError> {
        self.seal_reading(progress, &|_| {})
    }

    /// Seals; tells which letters it is about to hand out. Each reading makes the letters' facts anew, as one of a file does.
    pub fn seal_reading(
        &self,
        progress: &dyn Fn(Progress),
        handed_out: &dyn Fn(&[PlannedLetter]),
    ) -> Result<Sealed, SealError> {
        let letters = |range: Range<u64>| {
            let range = usize::try_from(range.start)?..usize::try_from(range.end)?;
            let mut letters = self.planned[range].to_vec();
            for planned in &mut letters {
                planned.letter.facts = Arc::new((*planned.letter.facts).clone());
            }
            handed_out(&letters);
            Ok(letters)
        };
        let password = Private::new(PASSWORD.as_bytes().to_vec());
        seal(&SealInput {
            run: self.path(),
            campaign: &self.campaign,
            plan: &self.plan,
            letters: &letters,
            password: matches!(self.campaign.vendor.encryption, Encryption::ZipAes256(_)).then_some(&password),
            sign_offs: &[],
            journal: None,
            progress,
        })
    }

    pub fn verify(&self) -> Result<Verified, VerifyError> {
        verify_run(self.path(), &Keys::default())
    }

    pub fn package(&self, number: u32) -> PathBuf {
        let found = fs::read_dir(self.path().join("packages")).expect("packages").flatten().map(|entry| entry.path());
        let start = format!("{CAMPAIGN}-p{number:04}.");
        found
            .into_iter()
            .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&start)))
            .expect("the package")
    }

    /// Every file of the run, by name.
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        for folder in ["", "shards", "packages"] {
            for entry in fs::read_dir(self.path().join(folder)).expect("a folder").flatten() {
                if entry.path().is_file() {
                    let name = entry.path().strip_prefix(self.path()).expect("below the run").to_owned();
                    files.insert(name, fs::read(entry.path()).expect("a file"));
                }
            }
        }
        files
    }
}

/// The entries of a zip, in order.
pub fn entries(zip: &[u8]) -> Vec<(String, Vec<u8>)> {
    entries_with(zip, "")
}

/// The entries of a zip, opened with this password where they are encrypted; none of an encrypted file.
pub fn entries_with(zip: &[u8], password: &str) -> Vec<(String, Vec<u8>)> {
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(zip)) else { return Vec::new() };
    (0..archive.len())
        .map(|position| {
            let locked = archive.by_index_raw(position).expect("an entry").encrypted();
            let entry = if locked {
                archive.by_index_decrypt(position, password.as_bytes())
            } else {
                archive.by_index(position)
            };
            let mut entry = entry.expect("an entry");
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).expect("its bytes");
            (entry.name().expect("its name").into_owned(), bytes)
        })
        .collect()
}

/// Whether a byte of a zip is content of an entry.
pub fn is_packed(zip: &[u8], position: usize) -> bool {
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).expect("a zip");
    (0..archive.len()).any(|entry| {
        let entry = archive.by_index_raw(entry).expect("an entry");
        let start = entry.data_start().expect("its place");
        (start..start + entry.compressed_size()).contains(&(position as u64))
    })
}

/// What a zip that is packed anew says of its entries.
#[derive(Clone, Copy, PartialEq)]
pub enum Hashes {
    Kept,
    /// What somebody would do who covers the traces.
    ListedAnew,
}

/// A zip of these entries.
pub fn zip_of(entries: &[(String, Vec<u8>)], hashes: Hashes) -> Vec<u8> {
    let mut sums = String::new();
    for (name, bytes) in entries.iter().filter(|(name, _)| name != "SHA256SUMS") {
        sums += &format!("{}  {name}\n", store::sha256(bytes));
    }
    let mut zip = zip::ZipWriter::new_stream(Vec::new());
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::DEFAULT)
        .system(zip::System::Unix)
        .unix_permissions(0o600);
    for (name, bytes) in entries {
        let is_anew = name == "SHA256SUMS" && hashes == Hashes::ListedAnew;
        zip.start_file(name, options).expect("an entry");
        zip.write_all(if is_anew { sums.as_bytes() } else { bytes }).expect("its bytes");
    }
    zip.finish().expect("a zip").into_inner()
}

/// A page of a made-up PDF.
#[derive(Clone, Default)]
pub struct Page {
    pub text: String,
    pub mark: Option<String>,
}

/// The pages of a made-up letter, a mark on each front.
pub fn pages_of(code: CaseCode, pages: u32) -> Vec<Page> {
    let page = |number: u32| Page {
        text: format!("{code} page {number}"),
        mark: (number % 2 == 1).then(|| mark(code, number.div_ceil(2), pages / 2)),
    };
    (1..=pages).map(page).collect()
}

/// A PDF of these pages; its font says which character is which, as typst's do.
pub fn pdf(pages: &[Page], padding: usize) -> Vec<u8> {
    let mut pdf = Pdf::new();
    let at = |page: usize, part: i32| Ref::new(7 + 2 * i32::try_from(page).expect("few pages") + part);
    pdf.catalog(Ref::new(1)).pages(Ref::new(2));
    pdf.pages(Ref::new(2))
        .kids((0..pages.len()).map(|page| at(page, 0)))
        .count(i32::try_from(pages.len()).expect("few"));
    font(&mut pdf, [Ref::new(3), Ref::new(4), Ref::new(5)]);
    for (number, made) in pages.iter().enumerate() {
        let mut page = pdf.page(at(number, 0));
        page.parent(Ref::new(2)).media_box(Rect::new(0.0, 0.0, 595.0, 842.0)).contents(at(number, 1));
        page.resources().fonts().pair(Name(b"F"), Ref::new(3));
        page.finish();
        let mut content = Content::new();
        let text: Vec<u8> = made.text.bytes().flat_map(|byte| [0, byte]).collect();
        if !text.is_empty() {
            content.begin_text().set_font(Name(b"F"), 12.0).show(Str(&text)).end_text();
        }
        let mut content = content.finish().to_vec();
        if let Some(mark) = &made.mark {
            let modules = datamatrix::modules(mark).expect("a mark");
            let place = DataMatrixPlace { left_mm: 5.0, top_mm: 120.0, module_mm: 0.5 };
            content.push(b'\n');
            content.extend(meldpost::bundle::marks::datamatrix(&modules, place));
        }
        pdf.stream(at(number, 1), &content);
    }
    if padding > 0 {
        pdf.stream(at(pages.len(), 0), &vec![b' '; padding]);
    }
    pdf.finish()
}

/// A font whose glyphs are numbered as ASCII is.
fn font(pdf: &mut Pdf, [font, descendant, table]: [Ref; 3]) {
    pdf.type0_font(font)
        .base_font(Name(b"Helvetica"))
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(descendant)
        .to_unicode(table);
    let system = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
    pdf.cid_font(descendant).subtype(CidFontType::Type2).base_font(Name(b"Helvetica")).system_info(system);
    let mut map = UnicodeCmap::new(Name(b"Custom"), system);
    (b' '..=b'~').for_each(|byte| map.pair(u16::from(byte), char::from(byte)));
    pdf.cmap(table, &map.finish());
}

fn coder() -> CaseCoder {
    CaseCoder::new(b"a key for tests only")
}

fn mark(code: CaseCode, sheet: u32, sheets: u32) -> String {
    datamatrix::content(code, sheet, sheets).expect("a mark")
}

fn planned_letter(kind: &str, at: u64, piece: &Piece, seed: bool) -> PlannedLetter {
    let domestic = piece.country == "NL";
    let exposed = Exposed { certainty: Certainty::Confirmed, period_from: None, period_to: None };
    let facts = Facts {
        categories: BTreeMap::from([("name".to_owned(), exposed)]),
        populations: BTreeSet::new(),
        lists: BTreeSet::new(),
        addressee: Addressee::Oneself,
        age: None,
        country: piece.country.to_owned(),
        written_before: false,
        wave: None,
    };
    let destination = Destination {
        lines: vec!["J. Jansen".to_owned(), "straat 1".to_owned(), "1234 AB  PLAATS".to_owned()],
        country: piece.country.to_owned(),
        postcode: if domestic { "1234AB".to_owned() } else { String::new() },
        house_number: "1".to_owned(),
        house_suffix: String::new(),
        kix: if domestic { "1234AB1".to_owned() } else { String::new() },
        protected: piece.protected,
    };
    let letter = Letter {
        case_code: coder().code(kind, &at.to_string()),
        list: 0,
        row: u32::try_from(at).expect("few letters") + 1,
        addressee: Addressee::Oneself,
        variant: Arc::from("confirmed"),
        languages: LanguageChoice::One(Language::Nl),
        format: Arc::from("standard"),
        facts: Arc::new(facts),
        person: Private::new(PersonOnPaper {
            name_line: "J. Jansen".to_owned(),
            salutations: Vec::new(),
            named_inside: false,
        }),
        destination: Private::new(destination.clone()),
    };
    PlannedLetter {
        letter,
        printed_lines: destination.lines,
        printed_kix: destination.kix,
        pages: vec![piece.pages],
        seed,
    }
}

fn plan(shards: Vec<ShardPlan>, rows: u64, letters: u64, seeds: u32, outcomes: &str, exposures: &str) -> Plan {
    let input = |id: &str, kind: &str, rows| InputFile {
        id: id.to_owned(),
        kind: kind.to_owned(),
        path: format!("data/{id}.csv"),
        sha256: store::sha256(id.as_bytes()),
        rows,
    };
    Plan {
        campaign: CAMPAIGN.to_owned(),
        date: campaign_date(),
        program: Program { name: "meldpost".to_owned(), version: "0.1.0".to_owned(), typst: "0.15.1".to_owned() },
        inputs: vec![
            input("screening", "participants", rows),
            input("lab", "exposures", 3),
            input("deaths", "register", 1),
        ],
        template: TemplateHash { letter: "laboratory-breach".to_owned(), sha256: store::sha256(b"template") },
        fonts: vec![FontHash { name: "NotoSans-Regular.ttf".to_owned(), sha256: store::sha256(b"font") }],
        campaign_sha256: store::sha256(b"campaign"),
        vendor_sha256: store::sha256(b"vendor"),
        key_check: store::sha256(b"key"),
        rows,
        rejected_rows: 1,
        exposure_rows: 3,
        rejected_exposure_rows: 0,
        letters,
        letters_sha256: store::sha256(b"letters"),
        outcomes_sha256: store::sha256(outcomes.as_bytes()),
        exposure_outcomes_sha256: store::sha256(exposures.as_bytes()),
        shards,
        seeds,
        ledger: None,
    }
}

fn campaign_date() -> Date {
    date(2025, 9, 12)
}

fn campaign(form: Form, encryption: Encryption, per_day: Option<u32>, max_package_mib: u32) -> Campaign {
    let vendor = Vendor {
        name: "test".to_owned(),
        source: String::new(),
        window: Zone { left_mm: 24.6, top_mm: 50.0, width_mm: 95.4, height_mm: 40.0 },
        envelope_grams: 6.0,
        clear: Clear { left_mm: 15.0, right_mm: 15.0, top_mm: 5.0, bottom_mm: 5.0 },
        kix: true,
        datamatrix: None,
        plex: Plex::Duplex,
        paper_gsm: 80.0,
        output: Output {
            form,
            max_letters_per_file: 5000,
            max_letters_per_package: 50_000,
            max_package_mib,
            split_by: Vec::new(),
            order_by: Vec::new(),
        },
        xjdf: true,
        encryption,
    };
    let template = LetterTemplate {
        name: "laboratory-breach".to_owned(),
        files: BTreeMap::new(),
        sha256: String::new(),
        languages: vec![Language::Nl],
        variants: vec!["confirmed".to_owned()],
        formats: vec!["standard".to_owned()],
        pages_max: 4,
        categories: BTreeMap::new(),
        category_order: Vec::new(),
        uses_person: false,
        category_texts: BTreeMap::new(),
        labels: BTreeMap::new(),
        wording: BTreeMap::new(),
        lint: meldpost::campaign::letter_template::LintLimits::default(),
    };
    Campaign {
        folder: PathBuf::new(),
        source: String::new(),
        id: CAMPAIGN.to_owned(),
        template,
        date: campaign_date(),
        vendor,
        default_language: LanguageChoice::One(Language::Nl),
        case_code_key: Private::new(b"a key for tests only".to_vec()),
        facts: toml::Table::new(),
        sender: toml::Table::new(),
        return_line: String::new(),
        participants: Vec::new(),
        exposures: Vec::new(),
        registers: Vec::new(),
        institutions: BTreeMap::new(),
        variants: Vec::new(),
        routing: BTreeMap::new(),
        max_rejected_percent: 50.0,
        max_unusable_exposures_percent: 1.0,
        release_per_day: per_day,
        approvals_required: 0,
        seeds: Vec::new(),
        ledger: None,
        waves: Vec::new(),
    }
}

/// Encryption with zip's AES; the password is [`PASSWORD`].
pub fn aes() -> Encryption {
    Encryption::ZipAes256(PasswordSource::Env("UNUSED".to_owned()))
}
