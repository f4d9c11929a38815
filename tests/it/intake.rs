//! Lists as they come: formats, faults, keys, and the join of exposures with people.
//!
//! Fixtures are named by their fault. Workbooks and Parquet files are made here, so that what is wrong with one is in
//! sight.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use meldpost::campaign::settings::{Campaign, RegisterKind};
use meldpost::campaign::{Environment, load};
use meldpost::exposure::{self, Exposures};
use meldpost::intake::report::{ListReport, Rule};
use meldpost::intake::{self, Field, Intake, IntakeProblem, ProblemClass};
use meldpost::model::case_code::{CaseCode, CaseCoder};
use meldpost::model::exposure::Certainty;
use meldpost::model::outcome::ExposureOutcome::{self, *};
use meldpost::model::outcome::{ExposureRejected, Rejected};
use polars::prelude::{DataFrame, IntoColumn, NamedFrom, ParquetWriter, Series};
use proptest::prelude::Strategy;
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

mod properties;

const KEY: &[u8] = b"a key for tests only";

/// The environment of the test campaigns.
struct TestKey;

impl Environment for TestKey {
    fn variable(&self, name: &str) -> Option<Vec<u8>> {
        (name == "TEST_KEY").then(|| KEY.to_vec())
    }
}

/// A folder with lists of its own.
struct Lists {
    folder: TempDir,
    toml: String,
}

impl Lists {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), toml: String::new() }
    }

    /// Adds a list of this kind (`participants`, `exposures`, `registers`) with these settings and this file.
    fn with(mut self, kind: &str, settings: &str, file: &str, content: impl AsRef<[u8]>) -> Self {
        fs::write(self.folder.path().join(file), content).expect("a file");
        self.push(kind, settings, Path::new(file));
        self
    }

    /// Adds a list whose file lies among the fixtures.
    fn with_fixture(mut self, kind: &str, settings: &str, fixture: &str) -> Self {
        self.push(kind, settings, &fixture_path(fixture));
        self
    }

    fn push(&mut self, kind: &str, settings: &str, path: &Path) {
        let id = format!("list-{}", self.toml.matches("[[").count());
        let path = path.display();
        self.toml.push_str(&format!("[[{kind}]]\nid = \"{id}\"\npath = \"{path}\"\n{settings}\n"));
    }

    fn campaign(&self) -> Campaign {
        // A campaign has an exposure list; one of nobody where a test needs none.
        let nobody = if self.toml.contains("[[exposures]]") { "" } else { NOBODY };
        let folder = self.folder.path();
        fs::write(folder.join("nobody.csv"), "person_key,category\n").expect("a file");
        fs::create_dir_all(folder.join("vendors")).expect("a folder");
        fs::copy(fixture_path("vendors/plain.toml"), folder.join("vendors/plain.toml")).expect("a file");
        let campaign = format!(
            "id = \"test\"\nletter = \"laboratory-breach\"\ndate = 2025-09-12\nvendor = \"plain\"\n\
             default_language = \"nl\"\ncase_code_key = {{ env = \"TEST_KEY\" }}\n[sender]\nname = \"X\"\n\
             return_line = \"Postbus 1, 1234 AB Plaats\"\n[[variants]]\nid = \"patient\"\nwhen = \"true\"\n{}{nobody}",
            self.toml
        );
        fs::write(folder.join("campaign.toml"), campaign).expect("a file");
        load(folder, &TestKey).expect("a sound campaign")
    }

    fn read(&self) -> Result<Intake, Vec<IntakeProblem>> {
        intake::read(&self.campaign())
    }

    /// Reads lists that have no problem, and joins them.
    fn join(&self) -> (Intake, Exposures) {
        let campaign = self.campaign();
        let intake = intake::read(&campaign).expect("readable lists");
        let exposures = exposure::join(&intake, &campaign);
        assert_eq!(exposures.outcomes.len(), intake.exposures.rows.len());
        (intake, exposures)
    }
}

const NOBODY: &str = "[[exposures]]\nid = \"nobody\"\npath = \"nobody.csv\"\nlayout = \"long\"\nkey = \"opaque\"\n";
const PEOPLE: &str = "population = \"p\"\nkey = \"opaque\"";
const BSN_PEOPLE: &str = "population = \"p\"\nkey = \"bsn\"";
const LONG: &str = "layout = \"long\"\nkey = \"opaque\"";
const WIDE: &str = "layout = \"wide\"\nkey = \"opaque\"";

fn fixture_path(fixture: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(fixture)
}

fn code(key: &str) -> CaseCode {
    CaseCoder::new(KEY).code("opaque", key)
}

/// The surnames of readable rows, nothing for rejected ones.
fn surnames(intake: &Intake) -> Vec<Option<String>> {
    let surname = |row: &intake::ParticipantRow| row.read.as_ref().ok().map(|read| read.get(Field::Surname).to_owned());
    intake.participants.iter().map(surname).collect()
}

fn occurrences(report: &ListReport, field: &str, rule: Rule) -> Vec<u32> {
    report.outside.get(&(field.to_owned(), rule)).map(|found| found.first_rows.clone()).unwrap_or_default()
}

/// The only problem of a participants list among the fixtures.
fn problem(fixture: &str) -> IntakeProblem {
    let problems = Lists::new().with_fixture("participants", PEOPLE, fixture).read().expect_err("a problem");
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems.into_iter().next().expect("one problem")
}

/// A workbook with one sheet; cells are XML of a row's content.
fn workbook(rows: &[&str]) -> Vec<u8> {
    let rows: String =
        rows.iter().enumerate().map(|(index, cells)| format!("<row r=\"{}\">{cells}</row>", index + 1)).collect();
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let files = [
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{office}/officeDocument\" \
                 Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"People\" sheetId=\"1\" \
                 r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{office}/worksheet\" \
                 Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"{office}/styles\" \
                 Target=\"styles.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/styles.xml",
            format!(
                "<styleSheet xmlns=\"{main}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/>\
                 </cellXfs></styleSheet>"
            ),
        ),
        ("xl/worksheets/sheet1.xml", format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>")),
    ];
    let mut archive = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, content) in files {
        archive.start_file(path, SimpleFileOptions::default()).expect("an entry");
        archive.write_all(content.as_bytes()).expect("an entry");
    }
    archive.finish().expect("an archive").into_inner()
}

/// A cell with text.
fn text(text: &str) -> String {
    format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

/// A Parquet file with these columns.
fn parquet(columns: Vec<Series>) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("made.parquet");
    let columns = columns.into_iter().map(IntoColumn::into_column).collect();
    let mut frame = DataFrame::new_infer_height(columns).expect("columns of one length");
    ParquetWriter::new(File::create(&path).expect("a file")).finish(&mut frame).expect("a Parquet file");
    fs::read(path).expect("a file")
}

#[test]
fn a_file_that_is_missing_empty_a_folder_or_of_another_format_is_refused_with_a_hint() {
    let faults = [
        ("does-not-exist.csv", "does not exist"),
        ("empty-file/people.csv", "empty"),
        ("no-header/people.csv", "no header"),
        ("another-format/people.csv", "no CSV"),
        ("another-format/people.parquet", "Parquet"),
        ("another-format/people.xlsx", "no XLSX"),
        ("undecodable-bytes/people.csv", "line 3"),
        ("open-quote/people.csv", "line 3"),
        ("swallowing-quote/people.csv", "line 3"),
        ("duplicate-columns/people.csv", "columns 2, 3"),
        ("header-only/people.csv", "no participants list has a row"),
    ];
    for (fixture, expected) in faults {
        let found = problem(fixture);
        assert!(found.message.contains(expected), "{fixture}: {}", found.message);
        assert!(!found.hint.is_empty());
        assert_eq!(found.class, ProblemClass::Data);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("people.csv");
    fs::create_dir(&path).expect("a folder");
    let mut lists = Lists::new();
    lists.push("participants", PEOPLE, &path);
    assert!(lists.read().expect_err("a problem")[0].message.contains("no file"));
}

#[test]
fn problems_of_all_lists_come_at_once() {
    let problems = Lists::new()
        .with_fixture("participants", PEOPLE, "empty-file/people.csv")
        .with("participants", &format!("{PEOPLE}\ncolumns = {{ city = \"Plaats\" }}"), "people.csv", "a,b\n1,2\n")
        .with("exposures", LONG, "exposures.csv", "person_key\nA1\n")
        .with_fixture("registers", "kind = \"deceased\"\nkey = \"bsn\"", "unreadable-register/deaths.csv")
        .read()
        .expect_err("problems");
    let messages: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(messages.len(), 8, "{messages:#?}");
    assert!(messages[4].contains("`category`"), "{messages:#?}");
}

#[test]
fn a_row_of_a_register_that_cannot_be_read_stops_the_plan_and_shows_no_key() {
    let problems = Lists::new()
        .with("participants", BSN_PEOPLE, "people.csv", "person_key,surname\n111222333,Jansen\n")
        .with_fixture("registers", "kind = \"deceased\"\nkey = \"bsn\"", "unreadable-register/deaths.csv")
        .read()
        .expect_err("problems");
    let messages: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(messages.len(), 3);
    for (message, row) in messages.iter().zip(["row 4", "row 2", "row 3"]) {
        assert!(message.contains(row) && !message.contains("1112223"), "{message}");
    }
}

#[test]
fn people_in_a_register_are_known_by_its_kind() {
    let intake = Lists::new()
        .with("participants", PEOPLE, "people.csv", "person_key,surname\nA1,Jansen\n")
        .with(
            "registers",
            "kind = \"returned\"\nkey = \"opaque\"",
            "back.csv",
            "person_key;date;note\nA1;;x\nA2;2025-01-00;\n",
        )
        .read()
        .expect("readable lists");
    assert!(intake.registers.contains(RegisterKind::Returned, code("A1")));
    assert!(!intake.registers.contains(RegisterKind::Deceased, code("A1")));
}

#[test]
fn rows_with_too_few_or_too_many_fields_are_rejected_and_cost_no_other_row() {
    let intake =
        Lists::new().with_fixture("participants", PEOPLE, "wrong-number-of-fields/people.csv").read().expect("rows");
    assert_eq!(surnames(&intake), [Some("Jansen".to_owned()), None, None, Some("Bakker".to_owned())]);
    assert_eq!(intake.participants[2].read.as_ref().err(), Some(&Rejected::UnreadableRow));
    assert_eq!(intake.participants.iter().map(|row| row.row).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(occurrences(&intake.lists[0], "row", Rule::Fields), [2, 3]);
}

#[test]
fn participants_are_rejected_for_the_first_reason_in_the_contracts_order() {
    let intake =
        Lists::new().with_fixture("participants", BSN_PEOPLE, "rejected-rows/people.csv").read().expect("rows");
    let reasons: Vec<Option<Rejected>> =
        intake.participants.iter().map(|row| row.read.as_ref().err().copied()).collect();
    let expected = [
        Some(Rejected::InvalidKey),
        Some(Rejected::MissingName),
        None,
        Some(Rejected::MissingName),
        Some(Rejected::InvalidDate),
        Some(Rejected::InvalidDate),
        None,
        None,
    ];
    assert_eq!(reasons, expected);
    for row in &intake.participants {
        assert_eq!(row.case_code.is_some(), row.read.is_ok());
    }
    let references: Vec<&str> = intake.participants.iter().map(|row| &**row.source_ref.reveal()).collect();
    assert_eq!(references, ["R1", "R2", "R3", "R4", "R5", "R6", "R7", ""]);
}

#[test]
fn every_format_gives_the_same_rows() {
    let csv = "\u{feff}person_key;surname;birth_date;house_number\r\n00123;Renée;1950-05-31;12\r\nx;\"a;b\";;7\r\n";
    let sheet = workbook(&[
        &["person_key", "surname", "birth_date", "house_number"].map(text).concat(),
        &format!("{}{}<c s=\"1\"><v>18414</v></c><c><v>12</v></c>", text("00123"), text("Rene\u{301}e")),
        "",
        &format!("{}{}<c/><c><f>3+4</f><v>7.0</v></c>", text("x"), text("a;b")),
    ]);
    let columns = parquet(vec![
        Series::new("person_key".into(), ["00123", "x"]),
        Series::new("surname".into(), ["Renée", "a;b"]),
        Series::new("birth_date".into(), [Some("1950-05-31"), None]),
        Series::new("house_number".into(), [12_i64, 7]),
    ]);
    let latin: Vec<u8> = csv.trim_start_matches('\u{feff}').chars().map(|character| character as u8).collect();
    let windows = format!("{PEOPLE}\nencoding = \"windows-1252\"");
    for (settings, file, content) in [
        (PEOPLE, "people.csv", csv.as_bytes().to_vec()),
        (PEOPLE, "people.xlsx", sheet),
        (PEOPLE, "people.parquet", columns),
        (windows.as_str(), "people.csv", latin),
    ] {
        let intake = Lists::new().with("participants", settings, file, content).read().expect("rows");
        assert_eq!(surnames(&intake), [Some("Renée".to_owned()), Some("a;b".to_owned())], "{file}");
        assert_eq!(intake.participants[0].case_code, Some(code("00123")), "{file}");
        let first = intake.participants[0].read.as_ref().expect("a row");
        assert_eq!(first.birth_date.expect("a date").iso(), "1950-05-31", "{file}");
        assert_eq!(first.get(Field::HouseNumber), "12", "{file}");
        assert_eq!(intake.participants[1].read.as_ref().expect("a row").get(Field::HouseNumber), "7", "{file}");
    }
}

#[test]
fn a_cell_with_an_error_or_beside_the_header_makes_the_row_unreadable() {
    let sheet = workbook(&[
        &["person_key", "surname"].map(text).concat(),
        &format!("{}<c t=\"e\"><v>#N/A</v></c>", text("A1")),
        &["A2", "Smit", "x"].map(text).concat(),
        &["A3", "Bakker"].map(text).concat(),
    ]);
    let intake = Lists::new().with("participants", PEOPLE, "people.xlsx", sheet).read().expect("rows");
    assert_eq!(surnames(&intake), [None, None, Some("Bakker".to_owned())]);
}

#[test]
fn a_sheet_is_chosen_by_name_and_must_exist() {
    let sheet = workbook(&[&["person_key", "surname"].map(text).concat(), &["A1", "Smit"].map(text).concat()]);
    let named = |name: &str| {
        let settings = format!("{PEOPLE}\nsheet = \"{name}\"");
        Lists::new().with("participants", &settings, "people.xlsx", &sheet).read()
    };
    assert_eq!(surnames(&named("People").expect("rows")), [Some("Smit".to_owned())]);
    assert!(named("Persons").expect_err("a problem")[0].message.contains("`Persons`"));
}

#[test]
fn files_that_were_cut_off_are_refused_or_read_but_never_crash() {
    let sheet = workbook(&[&["person_key", "surname"].map(text).concat(), &["A1", "Smit"].map(text).concat()]);
    let names: Vec<String> = (0..500).map(|number| format!("name {number}")).collect();
    let columns = parquet(vec![Series::new("person_key".into(), &names), Series::new("surname".into(), &names)]);
    for (file, whole) in [("people.xlsx", sheet), ("people.parquet", columns)] {
        for length in (1..whole.len()).step_by(whole.len() / 40) {
            let cut = &whole[..length];
            let problems = Lists::new().with("participants", PEOPLE, file, cut).read().expect_err("a problem");
            assert_eq!(problems[0].class, ProblemClass::Data);
        }
    }
}

#[test]
fn hostile_text_is_text() {
    let intake = Lists::new().with_fixture("participants", PEOPLE, "hostile-text/people.csv").read().expect("rows");
    let first = intake.participants[0].read.as_ref().expect("a row");
    assert_eq!(first.get(Field::Surname), "=cmd()");
    assert_eq!(first.get(Field::Initials), "#panic()");
    assert_eq!(first.get(Field::Street), "{{7*7}}");
    assert_eq!(intake.participants[1].read.as_ref().expect("a row").get(Field::Street), "a\0b");
    assert_eq!(occurrences(&intake.lists[0], "street", Rule::Unprintable), [2]);
}

#[test]
fn a_field_of_ten_megabytes_is_text() {
    let long = "x".repeat(10 << 20);
    let list = format!("person_key,surname\nA1,{long}\nA2,Smit\n");
    let intake = Lists::new().with("participants", PEOPLE, "people.csv", list).read().expect("rows");
    assert_eq!(surnames(&intake)[0].as_ref().map(String::len), Some(10 << 20));
}

#[test]
fn the_report_says_what_is_mapped_filled_and_left_over() {
    let settings = format!("{PEOPLE}\ncolumns = {{ person_key = \"Nummer\", surname = \"Achternaam\" }}");
    let list = "Nummer;Achternaam;city;toevoeging;postcode\nA1;Jansen;;II;1234AB\nA2;Smit;Delft;;1234\n";
    let intake = Lists::new().with("participants", &settings, "people.csv", list).read().expect("rows");
    let report = &intake.lists[0];
    assert_eq!((report.rows, report.sha256.len()), (2, 64));
    assert_eq!(report.unmapped, ["toevoeging"]);
    assert!(report.missing.contains(&"house_number".to_owned()));
    let filled: Vec<_> = report.columns.iter().map(|column| (column.column.as_str(), column.filled)).collect();
    assert_eq!(filled, [("Nummer", 2), ("Achternaam", 2), ("postcode", 2), ("city", 1)]);
    assert_eq!(occurrences(report, "postcode", Rule::Postcode), [2]);
}

#[test]
fn every_field_that_a_campaign_may_map_is_read() {
    let fields = meldpost::campaign::lists::PARTICIPANT_FIELDS;
    let columns: Vec<String> = fields.iter().map(|field| format!("{field} = \"x {field}\"")).collect();
    let header: Vec<String> = fields.iter().map(|field| format!("x {field}")).collect();
    let settings = format!("{PEOPLE}\ncolumns = {{ {} }}", columns.join(", "));
    let problems = Lists::new().with("participants", &settings, "people.csv", header.join(",")).read();
    assert_eq!(problems.expect_err("nobody").len(), 1);
}

const TWO: &str = "person_key,surname,birth_date,postcode,prefix\nA1,Jansen,1950-05-31,1234 AB,\nA2,Berg,1960-01-01,,van den\n,X,,,\nA3,.,,,\n";

#[test]
fn the_strongest_certainty_decides_and_every_row_has_one_outcome() {
    let (_, exposures) = Lists::new()
        .with("participants", PEOPLE, "people.csv", TWO)
        .with(
            "exposures",
            LONG,
            "one.csv",
            "person_key,category,certainty,period_from,period_to\n\
             A1,bsn,possible,2019-01-01,2020-00-00\n\
             A1,bsn,CONFIRMED,2021-01-01,2021-02-01\n\
             A1,bsn,,,\n\
             A1,bsn,ruled_out,1999-01-01,2030-01-01\n\
             A1,name,ruled_out,,\n\
             A9,bsn,,,\n\
             A3,bsn,,,\n\
             ,bsn,,,\n\
             A2,bsn,perhaps,,\n\
             A2,bsn,,yesterday,\n\
             A2,shoe_size,,,\n\
             A2,bsn\n",
        )
        .join();
    let expected = [
        DuplicateWeaker,
        Used,
        DuplicateSame,
        DuplicateWeaker,
        Used,
        OrphanNobody,
        OrphanPersonRejected,
        Rejected(ExposureRejected::InvalidKey),
        Rejected(ExposureRejected::InvalidCertainty),
        Rejected(ExposureRejected::InvalidDate),
        Rejected(ExposureRejected::UnknownCategory),
        Rejected(ExposureRejected::UnreadableRow),
    ];
    assert_eq!(exposures.outcomes, expected);
    assert_eq!(exposures.overruled, 2);
    let first = exposures.of(code("A1"));
    let categories = first.categories();
    assert_eq!(categories["name"].certainty, Certainty::RuledOut);
    let bsn = &categories["bsn"];
    assert_eq!(bsn.certainty, Certainty::Confirmed);
    let period = (bsn.period_from.map(|date| date.iso()), bsn.period_to.map(|date| date.iso()));
    assert_eq!(period, (Some("2019-01-01".to_owned()), Some("2021-02-01".to_owned())));
    let second = exposures.of(code("A2"));
    assert!(second.is_empty() && second.unknown_category() && second.unreadable());
    assert!(!first.unknown_category() && !first.unreadable() && !first.identity_mismatch());
}

#[test]
fn an_unknown_category_that_is_ruled_out_holds_nobody() {
    let (_, exposures) = Lists::new()
        .with("participants", PEOPLE, "people.csv", TWO)
        .with("exposures", LONG, "one.csv", "person_key,category,certainty\nA1,shoe_size,ruled_out\n")
        .join();
    assert_eq!(exposures.outcomes, [Rejected(ExposureRejected::UnknownCategory)]);
    assert!(!exposures.of(code("A1")).unknown_category());
}

#[test]
fn a_wide_row_has_one_outcome_for_all_its_marks() {
    let (intake, exposures) = Lists::new()
        .with("participants", PEOPLE, "people.csv", TWO)
        .with(
            "exposures",
            WIDE,
            "one.csv",
            "person_key,bsn,name,birth_date,other\n\
             A1,confirmed,possible,,x\n\
             A1,possible,Possible,,x\n\
             A1,confirmed,possible,,x\n\
             A1,possible,,confirmed,x\n\
             A1,,,,x\n\
             A2,maybe,confirmed,,x\n\
             A9,,,,x\n",
        )
        .join();
    let rejected = Rejected(ExposureRejected::InvalidCertainty);
    assert_eq!(exposures.outcomes, [Used, DuplicateWeaker, DuplicateSame, Used, UsedEmpty, rejected, OrphanNobody]);
    assert!(exposures.of(code("A2")).is_empty(), "no mark of a rejected row counts");
    assert!(exposures.of(code("A2")).unreadable());
    assert!(exposures.of(code("A1")).categories().contains_key("birth_date"), "a category unless it confirms");
    assert_eq!(intake.lists[1].unmapped, ["other"]);
}

#[test]
fn wide_categories_are_found_by_mapping_and_a_confirm_column_or_key_is_never_one() {
    let settings = format!(
        "{WIDE}\nconfirm = [\"birth_date\"]\ncolumns = {{ person_key = \"bsn\" }}\ncategories = {{ gp = \"huisarts\" }}"
    );
    let (_, exposures) = Lists::new()
        .with("participants", PEOPLE, "people.csv", TWO)
        .with("exposures", &settings, "one.csv", "bsn,birth_date,huisarts\nA1,31-05-1950,possible\n")
        .join();
    let person = exposures.of(code("A1"));
    assert_eq!(person.categories().keys().collect::<Vec<_>>(), ["gp"]);
    assert!(!person.identity_mismatch());
    let without = Lists::new().with("participants", PEOPLE, "people.csv", TWO).with(
        "exposures",
        WIDE,
        "one.csv",
        "person_key,x\nA1,possible\n",
    );
    assert!(without.read().expect_err("a problem")[0].message.contains("category"));
}

#[test]
fn a_confirm_field_that_is_blank_or_differs_holds_the_person() {
    let mismatch = |confirm: &str, header: &str, row: &str| {
        let settings = format!("{LONG}\nconfirm = [\"{confirm}\"]");
        let (_, exposures) = Lists::new()
            .with("participants", PEOPLE, "people.csv", TWO)
            .with("exposures", &settings, "one.csv", format!("person_key,category,{header}\n{row}\n"))
            .join();
        exposures.of(code(&row[..2])).identity_mismatch()
    };
    assert!(!mismatch("birth_date", "birth_date", "A1,bsn,1950-00-00"));
    assert!(mismatch("birth_date", "birth_date", "A1,bsn,1950-06-00"));
    assert!(mismatch("birth_date", "birth_date", "A1,bsn,"));
    assert!(!mismatch("postcode", "postcode", "A1,bsn,1234ab"));
    assert!(mismatch("postcode", "postcode", "A2,bsn,1234ab"));
    assert!(!mismatch("surname", "surname", "A1,bsn,JÁNSEN"));
    assert!(!mismatch("surname", "surname", "A2,bsn,Van den Berg"));
    assert!(!mismatch("surname", "surname", "A2,bsn,berg"));
    assert!(mismatch("surname", "surname", "A2,bsn,Jansen"));
    assert!(mismatch("surname", "surname", "A2,bsn,"));
}

#[test]
fn identity_comes_from_the_first_usable_row_in_the_lists_order() {
    let settings = format!("{LONG}\nconfirm = [\"surname\"]");
    let (_, exposures) = Lists::new()
        .with("participants", PEOPLE, "one.csv", "person_key,surname\nA1,.\n")
        .with("participants", PEOPLE, "two.csv", "person_key,surname\nA1,Smit\nA1,Bakker\n")
        .with("exposures", &settings, "x.csv", "person_key,category,surname\nA1,bsn,Smit\n")
        .join();
    assert_eq!(exposures.outcomes, [Used]);
    assert!(!exposures.of(code("A1")).identity_mismatch());
}

/// Rows of a long list about few people and categories, so that they meet often.
fn long_rows() -> impl Strategy<Value = Vec<String>> {
    let row = ("(A1|A2|A3|A9|)", "(bsn|name|gp|x|)", "(confirmed|possible|ruled_out|perhaps|)", "(|,more)");
    proptest::collection::vec(
        row.prop_map(|(key, category, certainty, more)| format!("{key},{category},{certainty}{more}")),
        0..25,
    )
}

fn joined(rows: &[String]) -> Exposures {
    let list = format!("person_key,category,certainty\n{}\n", rows.join("\n"));
    Lists::new().with("participants", PEOPLE, "people.csv", TWO).with("exposures", LONG, "one.csv", list).join().1
}
