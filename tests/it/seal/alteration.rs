//! Whatever is altered after sealing is found, and said.

use std::fs;
use std::path::Path;

use age::secrecy::ExposeSecret;
use meldpost::campaign::vendor::{Encryption, Form};
use meldpost::model::case_code::CaseCode;
use meldpost::model::private::Private;
use meldpost::seal::{Finding, Keys, verify_package};

use super::run_folder::{
    Hashes, Made, PASSWORD, PLAIN, Page, Piece, RunFolder, aes, entries, entries_with, is_packed, pages_of, pdf, zip_of,
};

fn sealed() -> RunFolder {
    let run = Made::default().build();
    run.seal().expect("sealed");
    run.verify().expect("as sealed");
    run
}

fn findings(run: &RunFolder) -> Vec<Finding> {
    run.verify().expect_err("the alteration is found").findings
}

fn edit(path: &Path, alter: impl FnOnce(String) -> String) {
    let text = fs::read_to_string(path).expect("text");
    let altered = alter(text.clone());
    assert_ne!(text, altered, "the test alters nothing");
    fs::write(path, altered).expect("written");
}

fn assert_found(findings: &[Finding], file: &str, what: &str) {
    let found = findings.iter().any(|finding| finding.file == file && finding.what.contains(what));
    assert!(found, "no finding about {file} says `{what}`: {findings:#?}");
}

#[test]
fn a_changed_byte_of_a_package_is_found_wherever_it_stands() {
    let run = sealed();
    let path = run.package(1);
    let bytes = fs::read(&path).expect("a package");
    for position in (0..bytes.len()).step_by(97) {
        let mut altered = bytes.clone();
        altered[position] ^= 0x20;
        fs::write(&path, altered).expect("written");
        assert_found(&findings(&run), "breach-p0001.zip", "its sha256: found");
    }
}

#[test]
fn two_packages_in_each_others_place_are_found() {
    let run = sealed();
    let (first, second) = (run.package(1), run.package(2));
    let (a, b) = (fs::read(&first).expect("one"), fs::read(&second).expect("two"));
    fs::write(first, b).expect("swapped");
    fs::write(second, a).expect("swapped");
    let findings = findings(&run);
    assert_found(&findings, "breach-p0001.zip", "its sha256: found");
    assert_found(&findings, "breach-p0002.zip", "its sha256: found");
}

#[test]
fn a_package_that_is_missing_and_one_too_many_are_found() {
    let run = sealed();
    fs::rename(run.package(2), run.path().join("packages/breach-p0003.zip")).expect("renamed");
    let findings = findings(&run);
    assert_found(&findings, "breach-p0002.zip", "cannot be read");
    assert_found(&findings, "packages/", "breach-p0003.zip does not belong");
}

#[test]
fn one_changed_row_of_the_outcomes_is_found() {
    let run = sealed();
    edit(&run.path().join("outcomes.csv"), |text| text.replace("suppressed,deceased", "suppressed,do-not-mail"));
    let findings = findings(&run);
    assert_found(&findings, "outcomes.csv", "was changed");
    assert_found(&findings, "outcomes.csv", "its rows by outcome and reason");
}

#[test]
fn a_dropped_row_of_the_outcomes_is_named() {
    let run = sealed();
    edit(&run.path().join("outcomes.csv"), |text| {
        text.split_inclusive('\n').filter(|line| !line.starts_with("screening,3,")).collect()
    });
    let findings = findings(&run);
    assert_found(&findings, "outcomes.csv", "screening row 3 is missing");
    let code = run.planned[2].letter.case_code;
    assert_found(&findings, "outcomes.csv", &format!("{code} stands in a package but gets no letter"));
}

#[test]
fn a_row_of_the_exposure_outcomes_that_is_gone_is_named() {
    let run = sealed();
    edit(&run.path().join("exposure_outcomes.csv"), |text| text.replace("lab,3,orphan,nobody\n", ""));
    assert_found(&findings(&run), "exposure_outcomes.csv", "lab row 3 is missing");
}

#[test]
fn plan_and_reports_are_held_by_the_manifest() {
    for name in ["plan.json", "plan.parquet", "report.json", "report.html"] {
        let run = sealed();
        edit(&run.path().join(name), |text| format!("{text} "));
        assert_found(&findings(&run), name, "was changed");
    }
}

#[test]
fn an_edited_manifest_is_found_even_where_its_meaning_is_the_same() {
    let run = sealed();
    edit(&run.path().join("manifest.json"), |text| text.replace("  ", "   "));
    assert_found(&findings(&run), "manifest.json", "was edited");
}

#[test]
fn a_release_date_that_was_moved_in_the_manifest_is_found() {
    let run = sealed();
    edit(&run.path().join("manifest.json"), |text| {
        text.replacen("\"release_date\": \"2025-09-12\"", "\"release_date\": \"2025-09-11\"", 1)
    });
    assert_found(&findings(&run), "report.json", "not those of the manifest");
}

#[test]
fn inputs_and_totals_of_the_manifest_are_checked() {
    let run = sealed();
    edit(&run.path().join("manifest.json"), |text| {
        text.replace("\"rows\": 11", "\"rows\": 12").replace("\"pages\": 12", "\"pages\": 13")
    });
    let findings = findings(&run);
    assert_found(&findings, "manifest.json", "its rows: found 12, expected 11");
    assert_found(&findings, "manifest.json", "its inputs are not those of plan.json");
    assert_found(&findings, "breach-p0001.zip", "its pages");
}

#[test]
fn a_run_without_manifest_is_not_sealed_yet() {
    let run = sealed();
    fs::remove_file(run.path().join("manifest.json")).expect("removed");
    let error = run.verify().expect_err("no manifest");
    assert_eq!(error.exit_code(), 75);
}

/// Alters a package as somebody would who lists its hashes anew, and verifies it alone, far from its run.
fn verify_altered(form: Form, alter: impl FnOnce(&mut Vec<(String, Vec<u8>)>)) -> Vec<Finding> {
    let run = Made { form, ..Made::default() }.build();
    run.seal().expect("sealed");
    let mut package = entries(&fs::read(run.package(1)).expect("a package"));
    alter(&mut package);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("breach-p0001.zip");
    fs::write(&path, zip_of(&package, Hashes::ListedAnew)).expect("written");
    match verify_package(&path, &Keys::default()) {
        Ok(_) => Vec::new(),
        Err(error) => error.findings,
    }
}

fn text_of(entries: &mut [(String, Vec<u8>)], name: &str, alter: impl FnOnce(String) -> String) {
    let (_, bytes) = entries.iter_mut().find(|(entry, _)| entry == name).expect("the entry");
    let text = String::from_utf8(bytes.clone()).expect("text");
    let altered = alter(text.clone());
    assert_ne!(text, altered, "the test alters nothing");
    *bytes = altered.into_bytes();
}

#[test]
fn a_package_that_was_packed_anew_without_change_is_accepted() {
    for form in [Form::Stream, Form::Single] {
        assert_eq!(verify_altered(form, |_| {}), []);
    }
}

#[test]
fn a_row_that_was_dropped_from_the_index_is_found() {
    let dropped = |text: String| text.split_inclusive('\n').filter(|line| !line.starts_with("2,")).collect();
    for form in [Form::Stream, Form::Single] {
        let found = verify_altered(form, |entries| text_of(entries, "index.csv", dropped));
        assert_found(&found, "breach-p0001: index.csv", "a row before it is missing");
        assert_found(&found, "breach-p0001: job.xjdf", "its amount: found 6, expected 5");
    }
}

#[test]
fn a_page_that_was_removed_from_a_stream_is_found() {
    let found = verify_altered(Form::Stream, |entries| {
        entries[2].1 = pdf(&vec![Page::default(); 5], 0);
    });
    assert_found(&found, "breach-p0001: streams/breach-p0001-0001.pdf", "its pages: found 5, expected 6");
}

#[test]
fn two_pdfs_in_each_others_place_are_found() {
    let found = verify_altered(Form::Stream, |entries| {
        let first = entries[2].1.clone();
        entries[2].1 = std::mem::replace(&mut entries[3].1, first);
    });
    assert_found(&found, "breach-p0001: streams/breach-p0001-0001.pdf", "its pages: found 4, expected 6");
}

/// The pages of the first stream, as the index says.
fn first_stream(entries: &[(String, Vec<u8>)]) -> Vec<Page> {
    let rows = csv::Reader::from_reader(&*entries[0].1).into_records().map(|row| row.expect("a row"));
    let first = rows.filter(|row| row[2].ends_with("-0001.pdf"));
    first.flat_map(|row| pages_of(CaseCode::parse(&row[1]).expect("a code"), row[4].parse().expect("pages"))).collect()
}

fn verify_stream(alter: impl FnOnce(&mut Vec<Page>)) -> Vec<Finding> {
    verify_altered(Form::Stream, |entries| {
        let mut pages = first_stream(entries);
        alter(&mut pages);
        entries[2].1 = pdf(&pages, 0);
    })
}

#[test]
fn a_stream_that_was_written_anew_with_the_same_pages_is_accepted() {
    assert_eq!(verify_stream(|_| {}), []);
}

#[test]
fn two_pieces_in_each_others_place_are_found_though_every_hash_and_count_is_right() {
    let found = verify_stream(|pages| pages.rotate_left(2));
    assert_found(&found, "breach-p0001: streams/breach-p0001-0001.pdf", "page 1 does not name");
    assert_found(&found, "breach-p0001: streams/breach-p0001-0001.pdf", "page 1 has not the mark of its sheet");
}

#[test]
fn a_back_of_another_letter_is_found() {
    let found = verify_stream(|pages| pages.swap(1, 3));
    assert_found(&found, "breach-p0001: streams/breach-p0001-0001.pdf", "page 2 does not name");
    assert_found(&found, "breach-p0001: streams/breach-p0001-0001.pdf", "page 4 does not name");
    assert_eq!(found.len(), 2, "{found:#?}");
}

#[test]
fn a_page_that_is_there_twice_instead_of_another_is_found() {
    let found = verify_stream(|pages| pages[2] = pages[0].clone());
    assert_found(&found, "breach-p0001: streams/breach-p0001-0001.pdf", "page 3 does not name");
}

#[test]
fn a_mark_that_is_gone_or_on_a_back_is_found() {
    let found = verify_stream(|pages| pages[1].mark = pages[0].mark.take());
    assert_found(&found, "breach-p0001: streams/breach-p0001-0001.pdf", "page 1 has not the mark of its sheet");
    assert_found(&found, "breach-p0001: streams/breach-p0001-0001.pdf", "page 2 has not the mark of its sheet");
}

#[test]
fn sheets_of_a_piece_in_another_order_are_found() {
    let run = Made { shards: vec![(1, vec![Piece { pages: 4, ..PLAIN }])], seeds: 0, ..Made::default() }.build();
    run.seal().expect("sealed");
    let mut package = entries(&fs::read(run.package(1)).expect("a package"));
    let mut pages = first_stream(&package);
    pages.rotate_left(2);
    package[2].1 = pdf(&pages, 0);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("breach-p0001.zip");
    fs::write(&path, zip_of(&package, Hashes::ListedAnew)).expect("written");
    let found = verify_package(&path, &Keys::default()).expect_err("found").findings;
    assert_found(&found, "breach-p0001: streams/breach-p0001-0001.pdf", "page 1 has not the mark of its sheet");
}

#[test]
fn a_front_that_was_blanked_is_found_and_a_blank_last_back_is_none() {
    assert_eq!(verify_stream(|pages| pages[1] = Page::default()), []);
    let found = verify_stream(|pages| pages[2] = Page::default());
    assert_found(&found, "breach-p0001: streams/breach-p0001-0001.pdf", "page 3 is blank");
}

#[test]
fn an_entry_that_does_not_belong_in_the_package_is_found() {
    let found = verify_altered(Form::Stream, |entries| entries.push(("notes.txt".to_owned(), b"hello".to_vec())));
    assert_found(&found, "breach-p0001.zip", "notes.txt does not belong");
}

#[test]
fn a_pdf_that_is_gone_is_found() {
    let found = verify_altered(Form::Single, |entries| {
        entries.remove(3);
    });
    assert!(
        found.iter().any(|finding| finding.file.contains("letters/") && finding.what == "is missing"),
        "{found:#?}"
    );
}

#[test]
fn a_mark_that_belongs_to_another_letter_is_found() {
    let found = verify_altered(Form::Stream, |entries| {
        text_of(entries, "index.csv", |text| {
            let mark =
                |row: usize| text.lines().nth(row).and_then(|line| line.rsplit(',').next()).expect("a mark").to_owned();
            text.replace(&mark(1), &mark(2))
        });
    });
    assert_found(&found, "breach-p0001: index.csv", "row 1: its mark");
}

#[test]
fn page_ranges_with_a_gap_are_found() {
    let found = verify_altered(Form::Stream, |entries| {
        text_of(entries, "index.csv", |text| text.replacen("0001.pdf,3,2,1", "0001.pdf,4,2,1", 1));
    });
    assert_found(&found, "breach-p0001: index.csv", "row 2: its first page is 4");
}

#[test]
fn a_changed_byte_is_found_by_the_packages_own_hashes() {
    let run = sealed();
    let mut package = entries(&fs::read(run.package(1)).expect("a package"));
    package[2].1[12] ^= 1;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("breach-p0001.zip");
    fs::write(&path, zip_of(&package, Hashes::Kept)).expect("written");
    let found = verify_package(&path, &Keys::default()).expect_err("found").findings;
    assert_found(&found, "breach-p0001: SHA256SUMS", "streams/breach-p0001-0001.pdf has another hash");
}

#[test]
fn a_package_in_its_run_is_compared_with_the_manifest() {
    let run = sealed();
    let path = run.package(1);
    assert!(verify_package(&path, &Keys::default()).expect("verified").recorded);
    let package = entries(&fs::read(&path).expect("a package"));
    fs::write(&path, zip_of(&package, Hashes::ListedAnew)).expect("packed anew");
    let found = verify_package(&path, &Keys::default()).expect_err("found").findings;
    assert_found(&found, "breach-p0001.zip", "its sha256 in the record of its run");
}

/// Keys that open the packages of all tests here.
fn keys(identity: &age::x25519::Identity) -> Keys {
    Keys {
        age_identities: Some(Private::new(identity.to_string().expose_secret().to_owned())),
        zip_password: Some(Private::new(PASSWORD.as_bytes().to_vec())),
    }
}

#[test]
fn a_changed_byte_of_a_package_far_from_its_run_is_found_wherever_it_stands() {
    let identity = age::x25519::Identity::generate();
    let age = Encryption::Age(vec![identity.to_public().to_string()]);
    for (encryption, step) in [(Encryption::None, 5), (aes(), 41), (age, 41)] {
        let shards = vec![(1, vec![PLAIN])];
        let run = Made { encryption, shards, seeds: 0, ..Made::default() }.build();
        run.seal().expect("sealed");
        let sealed = run.package(1);
        let bytes = fs::read(&sealed).expect("a package");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(sealed.file_name().expect("a name"));
        fs::write(&path, &bytes).expect("written");
        verify_package(&path, &keys(&identity)).expect("as sealed");
        let whole = entries_with(&bytes, PASSWORD);
        for position in (0..bytes.len()).step_by(step) {
            let mut altered = bytes.clone();
            altered[position] ^= 0x20;
            fs::write(&path, &altered).expect("written");
            if verify_package(&path, &keys(&identity)).is_ok() {
                // Deflate fills up to whole bytes with bits that nobody reads: what is packed is the same.
                assert!(is_packed(&bytes, position), "byte {position} of {}", path.display());
                assert!(entries_with(&altered, PASSWORD) == whole, "byte {position} of {}", path.display());
            }
        }
    }
}

#[test]
fn a_changed_byte_of_an_encrypted_package_is_found_in_its_run_without_any_key() {
    let identity = age::x25519::Identity::generate();
    for encryption in [aes(), Encryption::Age(vec![identity.to_public().to_string()])] {
        let run = Made { encryption, ..Made::default() }.build();
        run.seal().expect("sealed");
        run.verify().expect("as sealed");
        let path = run.package(2);
        let mut bytes = fs::read(&path).expect("a package");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).expect("written");
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        assert_found(&findings(&run), &name, "its sha256: found");
    }
}

#[test]
fn names_that_were_swapped_around_encrypted_contents_are_found_with_the_password() {
    let run = Made { encryption: aes(), form: Form::Single, ..Made::default() }.build();
    run.seal().expect("sealed");
    let sealed = run.package(1);
    let bytes = fs::read(&sealed).expect("a package");
    let [one, other] = [0, 1].map(|letter: usize| format!("letters/{}.pdf", run.planned[letter].letter.case_code));
    let mut swapped = bytes.clone();
    for position in 0..bytes.len() - one.len() {
        for (name, instead) in [(&one, &other), (&other, &one)] {
            if bytes[position..].starts_with(name.as_bytes()) {
                swapped[position..position + name.len()].copy_from_slice(instead.as_bytes());
            }
        }
    }
    assert_ne!(bytes, swapped);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("breach-p0001.zip");
    fs::write(&path, &swapped).expect("written");
    let found = verify_package(&path, &keys(&age::x25519::Identity::generate())).expect_err("found").findings;
    assert_found(&found, "breach-p0001: SHA256SUMS", &format!("{one} has another hash"));
    assert_found(&found, &format!("breach-p0001: {one}"), "page 1 does not name");
}

#[test]
fn an_encrypted_package_under_the_name_of_another_is_found_with_the_key() {
    let identity = age::x25519::Identity::generate();
    for encryption in [aes(), Encryption::Age(vec![identity.to_public().to_string()])] {
        let run = Made { encryption, ..Made::default() }.build();
        run.seal().expect("sealed");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(run.package(1).file_name().expect("a name"));
        fs::copy(run.package(2), &path).expect("copied");
        let found = verify_package(&path, &keys(&identity)).expect_err("found").findings;
        assert_found(&found, "breach-p0001: job.xjdf", "its JobPartID: found breach-p0002");
        assert_found(&found, "breach-p0001: index.csv", "its file is not named after the package");
    }
}
