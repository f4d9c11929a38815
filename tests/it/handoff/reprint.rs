//! Spoiled pieces, ordered again: the same pages, a package of their own, one more attempt.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use hayro_syntax::Pdf;
use hayro_syntax::object::Object;

use super::drawn::drawn;
use super::packages::{Letters, PASSWORD_VARIABLE, Package, Row};
use crate::harness::{CAMPAIGN, RUN, Ran, json};

/// Asks for a package of these pieces.
fn reprint(letters: &Letters, codes: &[&str]) -> Ran {
    letters.work.write("spoiled.txt", codes.join("\n"));
    let list = format!("{CAMPAIGN}/spoiled.txt");
    letters.meldpost(["reprint", "--run", RUN, "--codes", &list])
}

/// The package of spoiled pieces of this number, verified as the print house would.
fn reprinted(letters: &Letters, number: u32) -> Package {
    let file = letters.work.run_folder().join(format!("packages/tiny-r{number:04}.zip"));
    let package = Package::open(&file, &letters.work.path("opened"));
    let verify = ["verify".as_ref(), file.as_os_str(), "--password-env".as_ref(), PASSWORD_VARIABLE.as_ref()];
    assert!(letters.meldpost(verify).ends(0).stdout.contains("verified: "));
    package
}

/// The hash of everything that each of a piece's pages draws.
fn pages(pdf: &Path, row: &Row) -> Vec<String> {
    let pdf = Pdf::new(fs::read(pdf).unwrap()).unwrap();
    let first = usize::try_from(row.first_page).unwrap() - 1;
    let pages = &pdf.pages()[first..first + usize::try_from(row.pages).unwrap()];
    pages.iter().map(|page| drawn(&Object::Dict(page.raw().clone()))).collect()
}

/// Ten pieces of all packages, as they were sealed.
fn spoiled(packages: &[Package]) -> BTreeMap<String, (PathBuf, Row)> {
    let all = packages.iter().flat_map(|package| package.rows.iter().map(move |row| (package, row)));
    let letters = all.filter(|(_, row)| row.variant != "seed").step_by(2).take(10);
    letters.map(|(package, row)| (row.case_code.clone(), (package.pdf(row), row.clone()))).collect()
}

/// Seals, orders ten pieces again, and compares.
fn ten_pieces_again(letters: &Letters) {
    letters.seal();
    let spoiled = spoiled(&letters.packages());
    assert_eq!(spoiled.len(), 10);
    let thicknesses: BTreeSet<u64> = spoiled.values().map(|(_, row)| row.sheets).collect();
    assert_eq!(thicknesses, BTreeSet::from([1, 2, 3]));
    let codes: Vec<&str> = spoiled.keys().map(String::as_str).collect();
    let printed = reprint(letters, &codes).ends(0).stdout;
    assert!(printed.contains("10 letters, 0 control letters"), "{printed}");
    let package = reprinted(letters, 1);
    assert_eq!(package.rows.len(), 10);
    for row in &package.rows {
        let (pdf, before) = &spoiled[&row.case_code];
        assert_eq!(pages(&package.pdf(row), row), pages(pdf, before), "{}", row.case_code);
        let place = |row: &Row| Row { sequence: 0, file: String::new(), first_page: 0, ..row.clone() };
        assert_eq!(place(row), place(before));
    }
}

/// How often each piece was made, as the run folder records it.
fn attempts(letters: &Letters) -> BTreeMap<String, u64> {
    let json = json(&letters.work.run_folder().join("reprints.json"));
    let reprints = json["reprints"].as_array().unwrap();
    let attempts = reprints.iter().flat_map(|reprint| reprint["attempts"].as_object().unwrap());
    attempts.map(|(code, count)| (code.clone(), count.as_u64().unwrap())).collect()
}

/// The rendered PDFs that lie in the run folder.
fn rendered(letters: &Letters) -> Vec<PathBuf> {
    let files = fs::read_dir(letters.work.run_folder().join("shards")).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "pdf")).collect()
}

#[test]
fn spoiled_pieces_of_streams_are_the_same_pages_again_even_when_the_rendered_pdfs_are_gone() {
    let letters = Letters::new();
    ten_pieces_again(&letters);
    let once = reprinted(&letters, 1);
    let pages_of = |package: &Package| -> BTreeMap<String, Vec<String>> {
        package.rows.iter().map(|row| (row.case_code.clone(), pages(&package.pdf(row), row))).collect()
    };
    for path in rendered(&letters) {
        fs::remove_file(path).unwrap();
    }
    let codes: Vec<&str> = once.rows.iter().map(|row| row.case_code.as_str()).collect();
    reprint(&letters, &codes).ends(0);
    assert_eq!(pages_of(&reprinted(&letters, 2)), pages_of(&once));
    assert_eq!(attempts(&letters).into_values().collect::<BTreeSet<_>>(), BTreeSet::from([3]));
    letters.meldpost(["verify", RUN]).ends(0);
}

#[test]
fn spoiled_single_pdfs_are_the_same_files_again_though_only_ciphertext_was_kept() {
    let letters = Letters::of("nl-single", None);
    ten_pieces_again(&letters);
    let sealed: BTreeMap<String, Vec<u8>> = letters
        .packages()
        .iter()
        .filter(|package| package.id.contains("-p"))
        .flat_map(|package| package.rows.iter().map(|row| (row.case_code.clone(), fs::read(package.pdf(row)).unwrap())))
        .collect();
    let package = reprinted(&letters, 1);
    for row in &package.rows {
        assert!(fs::read(package.pdf(row)).unwrap() == sealed[&row.case_code], "{}", row.case_code);
    }
    assert_eq!(attempts(&letters).into_values().collect::<BTreeSet<_>>(), BTreeSet::from([2]));
    assert_eq!(rendered(&letters), Vec::<PathBuf>::new());
    letters.meldpost(["verify", RUN, "--password-env", PASSWORD_VARIABLE]).ends(0);
}

#[test]
fn a_list_with_a_code_that_was_not_printed_makes_nothing() {
    let letters = Letters::new();
    letters.seal();
    let packages = letters.packages();
    let known = packages[0].rows[0].case_code.as_str();
    let seed = packages[0].rows.last().unwrap().case_code.as_str();
    let stranger = meldpost::model::case_code::CaseCode::from_bits(7).printed();
    for (codes, named) in [
        (vec![known, &stranger], stranger.as_str()),
        (vec![known, "0000-0000-00001"], "line 2"),
        (vec![""], "names no case code"),
    ] {
        reprint(&letters, &codes).ends(65).says(&[named]);
        assert!(!letters.work.run_folder().join("reprints.json").exists());
        assert_eq!(letters.packages().len(), packages.len());
    }
    // A control letter can be spoiled too; a code that stands twice in the list is one piece.
    let printed = reprint(&letters, &[known, seed, known, &known.to_lowercase().replace('-', "")]).ends(0).stdout;
    assert!(printed.contains("1 letters, 1 control letters") && printed.contains("2 lines name a piece"), "{printed}");
    assert_eq!(reprinted(&letters, 1).rows.len(), 2);
}

#[test]
fn what_a_killed_reprint_left_is_made_anew() {
    let letters = Letters::new();
    letters.seal();
    let code = letters.packages()[0].rows[0].case_code.clone();
    let packages = letters.work.run_folder().join("packages");
    for name in [".tiny-r0001.zip.draft", "tiny-r0001.zip"] {
        fs::write(packages.join(name), "half").unwrap();
    }
    letters.meldpost(["verify", RUN]).ends(65).says(&["does not belong"]);
    reprint(&letters, &[&code]).ends(0);
    letters.meldpost(["verify", RUN]).ends(0);
}

#[test]
fn nothing_is_reprinted_before_the_run_is_sealed() {
    let letters = Letters::new();
    letters.meldpost(["plan", CAMPAIGN, "--run", RUN]).ends(0);
    reprint(&letters, &["0000-0000-00000"]).ends(75).says(&["not sealed"]);
}

#[test]
fn what_was_changed_since_the_sealing_is_not_reprinted_from() {
    let letters = Letters::new();
    letters.seal();
    let packages = letters.packages();
    let code = packages[0].rows[0].case_code.as_str();
    for name in ["plan.parquet", "shards/00001.json"] {
        let path = letters.work.run_folder().join(name);
        let sound = fs::read(&path).unwrap();
        let mut altered = sound.clone();
        let middle = altered.len() / 2;
        altered[middle] ^= 1;
        fs::write(&path, altered).unwrap();
        reprint(&letters, &[code]).ends(65).says(&[name]);
        fs::write(&path, sound).unwrap();
    }
    reprint(&letters, &[code]).ends(0);
}

#[test]
fn verify_looks_at_packages_of_spoiled_pieces_and_at_their_record() {
    let letters = Letters::new();
    letters.seal();
    let codes: Vec<String> = letters.packages()[0].rows.iter().map(|row| row.case_code.clone()).collect();
    reprint(&letters, &[&codes[0]]).ends(0);
    reprint(&letters, &[&codes[1]]).ends(0);
    let run = letters.work.run_folder();
    let verified = letters.meldpost(["verify", RUN]).ends(0).stdout;
    assert!(verified.contains("2 packages of spoiled pieces too"), "{verified}");
    let status = letters.meldpost(["status", "--run", RUN]).ends(0).stdout;
    assert!(status.contains("printed again: tiny-r0002, 1 letters"), "{status}");

    let package = run.join("packages/tiny-r0001.zip");
    let alone = letters.meldpost(["verify".as_ref(), package.as_os_str()]).ends(0).stdout;
    assert!(!alone.contains("not compared"), "{alone}");
    let sound = fs::read(&package).unwrap();
    fs::copy(run.join("packages/tiny-r0002.zip"), &package).unwrap();
    letters.meldpost(["verify", RUN]).ends(65).says(&["tiny-r0001.zip", "its sha256"]);
    letters.meldpost(["verify".as_ref(), package.as_os_str()]).ends(65).says(&["its sha256 in the record of its run"]);
    fs::write(&package, sound).unwrap();

    // A package that the record does not name does not belong there.
    fs::remove_file(run.join("reprints.json")).unwrap();
    letters.meldpost(["verify", RUN]).ends(65).says(&["tiny-r0001.zip does not belong"]);
}
