//! What stands in packages and in the books.

use std::cell::{Cell, RefCell};
use std::fs;
use std::process::Command;
use std::sync::{Arc, Weak};

use age::secrecy::ExposeSecret;
use jiff::civil::date;
use meldpost::campaign::vendor::{Encryption, Form};
use meldpost::model::exposure::Facts;
use meldpost::model::outcome::Held;
use meldpost::model::private::Private;
use meldpost::render::marker::{data_path, marker_path};
use meldpost::seal::summary::Summary;
use meldpost::seal::{Keys, SealError, verify_package, verify_run};

use super::run_folder::{CAMPAIGN, Made, PASSWORD, PLAIN, Piece, RunFolder, aes, entries};

fn index_of(run: &RunFolder, package: u32) -> Vec<csv::StringRecord> {
    let zip = fs::read(run.package(package)).expect("a package");
    let (_, index) = entries(&zip).into_iter().find(|(name, _)| name == "index.csv").expect("an index");
    csv::Reader::from_reader(index.as_slice()).records().map(|row| row.expect("a row")).collect()
}

#[test]
fn a_sealed_run_verifies_and_its_books_balance() {
    let run = Made::default().build();
    let sealed = run.seal().expect("sealed");
    let totals = sealed.manifest.totals;
    assert_eq!((totals.rows, totals.letters, totals.packages), (11, 7, 2));
    assert_eq!((totals.pages, totals.sheets), (5 * 2 + 2 * 4 + 2 * 2, 11));
    assert_eq!(sealed.manifest.packages.iter().map(|package| package.seeds).collect::<Vec<_>>(), [1, 1]);
    let verified = run.verify().expect("verified");
    assert_eq!(verified.unopened(), 0);
    assert!(Summary::new(run.path(), &sealed.manifest).to_string().lines().count() < 24);
}

#[test]
fn the_summary_of_many_packages_and_reasons_fits_a_small_terminal() {
    let run = Made::default().build();
    let mut manifest = run.seal().expect("sealed").manifest;
    let package = manifest.packages[0].clone();
    manifest.packages.resize(25, package);
    manifest.totals.packages = 25;
    manifest.outcomes.held = Held::ALL.iter().map(|reason| (reason.as_str().to_owned(), 1_234)).collect();
    let summary = Summary::new(run.path(), &manifest);
    let text = summary.to_string();
    assert!(text.lines().count() < 24, "{text}");
    assert!(text.lines().all(|line| line.starts_with("report") || line.chars().count() <= 80), "{text}");
    assert!(text.contains("… and ") && text.contains("25 packages"), "{text}");
    manifest.packages.truncate(9);
    manifest.outcomes.held.clear();
    assert!(!Summary::new(run.path(), &manifest).to_string().contains("… and "), "few packages are all listed");
}

#[test]
fn sealing_holds_the_letters_of_one_shard_at_a_time() {
    for form in [Form::Stream, Form::Single] {
        let run = Made { form, shards: vec![(1, vec![PLAIN; 3]); 6], ..Made::default() }.build();
        let before = RefCell::new(Vec::new());
        let readings = Cell::new(0);
        let sealed = run.seal_reading(&|_| {}, &|letters| {
            if letters.iter().any(|planned| planned.seed) {
                return; // Every package gets them, so they stay.
            }
            assert!(before.borrow().iter().all(|facts: &Weak<Facts>| facts.upgrade().is_none()), "letters were kept");
            readings.set(readings.get() + 1);
            before.borrow_mut().extend(letters.iter().map(|planned| Arc::downgrade(&planned.letter.facts)));
        });
        assert_eq!(sealed.expect("sealed").manifest.totals.letters, 18);
        assert!(readings.get() >= 6, "each shard is read by itself");
    }
}

#[test]
fn a_package_of_streams_has_its_entries_in_the_agreed_order() {
    let run = Made::default().build();
    run.seal().expect("sealed");
    let names: Vec<String> =
        entries(&fs::read(run.package(1)).expect("a package")).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "index.csv",
            "job.xjdf",
            "streams/breach-p0001-0001.pdf",
            "streams/breach-p0001-0002.pdf",
            "streams/breach-p0001-0003.pdf",
            "SHA256SUMS"
        ]
    );
}

#[test]
fn sha256sum_accepts_the_list_of_hashes() {
    let run = Made::default().build();
    run.seal().expect("sealed");
    let folder = tempfile::tempdir().expect("a folder");
    let zip = fs::File::open(run.package(1)).expect("a package");
    zip::ZipArchive::new(zip).expect("a zip").extract(folder.path()).expect("extracted");
    let check =
        Command::new("sha256sum").args(["--check", "--strict", "SHA256SUMS"]).current_dir(folder.path()).output();
    let check = check.expect("sha256sum");
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
    assert_eq!(String::from_utf8_lossy(&check.stdout).lines().count(), 5);
}

#[test]
fn the_index_lists_pieces_in_order_and_control_letters_last() {
    let run = Made::default().build();
    run.seal().expect("sealed");
    let rows = index_of(&run, 1);
    let column = |position: usize| rows.iter().map(|row| row[position].to_owned()).collect::<Vec<_>>();
    assert_eq!(column(0), ["1", "2", "3", "4", "5", "6"]);
    assert_eq!(column(3), ["1", "3", "5", "1", "3", "1"], "first pages start anew in each file");
    assert_eq!(column(8), ["confirmed", "confirmed", "confirmed", "confirmed", "confirmed", "seed"]);
    assert_eq!(&rows[0].iter().skip(4).take(4).collect::<Vec<_>>(), &["2", "1", "11.0", "nl"]);
}

#[test]
fn protected_and_foreign_addresses_give_neither_postcode_nor_kix() {
    let protected = Piece { protected: true, ..PLAIN };
    let foreign = Piece { country: "BE", ..PLAIN };
    let run = Made { shards: vec![(1, vec![PLAIN, protected, foreign])], seeds: 0, ..Made::default() }.build();
    run.seal().expect("sealed");
    let rows = index_of(&run, 1);
    let shown: Vec<_> = rows.iter().map(|row| [row[9].to_owned(), row[10].to_owned(), row[11].to_owned()]).collect();
    assert_eq!(shown, [["NL", "1234AB", "1234AB1"], ["NL", "", ""], ["BE", "", ""]]);
}

#[test]
fn a_variant_that_a_spreadsheet_would_run_is_made_harmless() {
    let mut run = Made { seeds: 0, ..Made::default() }.build();
    run.planned[0].letter.variant = "=1+1".into();
    run.seal().expect("sealed");
    assert_eq!(&index_of(&run, 1)[0][8], "'=1+1");
}

#[test]
fn letters_that_rendering_held_are_in_no_package_and_held_in_the_outcomes() {
    let held = Piece { held: Some(Held::GlyphMissing), ..PLAIN };
    let run =
        Made { shards: vec![(1, vec![PLAIN, held.clone()]), (2, vec![held]), (3, vec![PLAIN])], ..Made::default() }
            .build();
    let sealed = run.seal().expect("sealed");
    assert_eq!(sealed.manifest.outcomes.held.get("glyph-missing"), Some(&2));
    assert_eq!(sealed.manifest.outcomes.letter, 2);
    let ids: Vec<_> = sealed.manifest.packages.iter().map(|package| package.id.as_str()).collect();
    assert_eq!(ids, ["breach-p0001", "breach-p0002"], "an empty package leaves no gap");
    let outcomes = fs::read_to_string(run.path().join("outcomes.csv")).expect("outcomes");
    assert!(outcomes.contains("screening,2,held,glyph-missing,"), "{outcomes}");
    assert!(outcomes.contains(",ref-2,'=page 1"), "{outcomes}");
    run.verify().expect("verified");
}

#[test]
fn nobody_to_write_to_is_a_sealed_run_without_packages() {
    let run = Made { shards: Vec::new(), ..Made::default() }.build();
    let sealed = run.seal().expect("sealed");
    assert_eq!(sealed.manifest.totals.packages, 0);
    run.verify().expect("verified");
}

#[test]
fn single_pdfs_are_named_by_case_code_and_split_where_a_package_is_full() {
    let shards = vec![(1, vec![PLAIN; 3]), (1, vec![PLAIN; 2])];
    let padded = Made { form: Form::Single, shards, max_package_mib: 2, padding: 600 << 10, ..Made::default() };
    let run = padded.build();
    let sealed = run.seal().expect("sealed");
    let letters: Vec<_> = sealed.manifest.packages.iter().map(|package| package.letters).collect();
    assert_eq!(letters, [2, 2, 1]);
    let rows = index_of(&run, 2);
    assert_eq!(rows[0][2], format!("letters/{}.pdf", &rows[0][1]));
    assert_eq!(&rows[2][8], "seed");
    run.verify().expect("verified");
}

#[test]
fn a_stream_that_no_package_can_hold_is_refused() {
    let run = Made { max_package_mib: 1, padding: 2 << 20, ..Made::default() }.build();
    let error = run.seal().expect_err("too large");
    assert_eq!(error.exit_code(), 78);
    assert!(error.to_string().contains("max_letters_per_file"), "{error}");
}

#[test]
fn packages_of_one_day_have_no_more_letters_than_the_call_centre_can_take() {
    let shards = vec![(1, vec![PLAIN; 3]), (2, vec![PLAIN; 2]), (3, vec![PLAIN; 3])];
    let sealed = Made { shards, per_day: Some(5), ..Made::default() }.build().seal().expect("sealed");
    let dates: Vec<_> = sealed.manifest.packages.iter().map(|package| package.release_date).collect();
    assert_eq!(dates, [date(2025, 9, 12), date(2025, 9, 12), date(2025, 9, 15)]);
}

#[test]
fn the_same_letters_give_the_same_bytes() {
    let seal = || {
        let run = Made::default().build();
        run.seal().expect("sealed");
        run.files()
    };
    assert!(seal() == seal());
}

#[test]
fn the_ticket_names_every_pdf_with_its_pages_and_the_number_of_pieces() {
    let run = Made::default().build();
    run.seal().expect("sealed");
    let entries = entries(&fs::read(run.package(1)).expect("a package"));
    let ticket = String::from_utf8(entries[1].1.clone()).expect("text");
    for part in [
        r#"<XJDF xmlns="http://www.CIP4.org/JDFSchema_2_0" Version="2.1" JobID="breach" JobPartID="breach-p0001" Types="DigitalPrinting Folding Inserting">"#,
        r#"<RunList NPage="6">"#,
        r#"MimeType="application/pdf" URL="streams/breach-p0001-0001.pdf"/>"#,
        r#"<DigitalPrintingParams Sides="TwoSided"/>"#,
        r#"<Media MediaType="Paper" Weight="80" Dimension="595.276 841.890"/>"#,
        r#"<PartAmount Amount="6"/>"#,
    ] {
        assert!(ticket.contains(part), "{part} is not in\n{ticket}");
    }
    let sets: Vec<&str> =
        ticket.split("<ResourceSet Name=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    for set in &sets {
        assert!(ticket.contains(&format!("<{set} ")), "the set {set} holds no such resource");
    }
    assert_eq!(sets, ["RunList", "DigitalPrintingParams", "Media", "Component"]);
}

#[test]
fn the_age_identity_opens_the_package_and_nobody_else_sees_inside() {
    let identity = age::x25519::Identity::generate();
    let encryption = Encryption::Age(vec![identity.to_public().to_string()]);
    let run = Made { encryption, ..Made::default() }.build();
    run.seal().expect("sealed");
    assert_eq!(run.verify().expect("verified").unopened(), 2, "without a key, only the outer hash is compared");

    let keys =
        Keys { age_identities: Some(Private::new(identity.to_string().expose_secret().to_owned())), ..Keys::default() };
    assert_eq!(verify_run(run.path(), &keys).expect("verified").unopened(), 0);
    let package = verify_package(&run.package(1), &keys).expect("verified");
    assert_eq!(package.contents.map(|contents| (contents.letters, contents.seeds)), Some((5, 1)));

    let stranger = age::x25519::Identity::generate().to_string().expose_secret().to_owned();
    let keys = Keys { age_identities: Some(Private::new(stranger)), ..Keys::default() };
    let error = verify_package(&run.package(1), &keys).expect_err("another identity");
    assert!(error.to_string().contains("does not open it"), "{error}");
}

#[test]
fn the_password_opens_aes_entries_and_a_wrong_one_does_not() {
    let run = Made { encryption: aes(), ..Made::default() }.build();
    run.seal().expect("sealed");
    assert_eq!(run.verify().expect("verified").unopened(), 2);
    let keys =
        |password: &str| Keys { zip_password: Some(Private::new(password.as_bytes().to_vec())), ..Keys::default() };
    assert_eq!(verify_run(run.path(), &keys(PASSWORD)).expect("verified").unopened(), 0);
    verify_run(run.path(), &keys("incorrect horse battery staple")).expect_err("a wrong password");
}

#[test]
fn encryption_does_not_change_what_is_encrypted() {
    let identity = age::x25519::Identity::generate();
    let plain = |encryption| {
        let sealed = Made { encryption, ..Made::default() }.build().seal().expect("sealed");
        sealed.manifest.packages.into_iter().map(|package| package.plain_sha256).collect::<Vec<_>>()
    };
    let open = plain(Encryption::None);
    assert_eq!(open, plain(Encryption::Age(vec![identity.to_public().to_string()])));
    assert_eq!(open, plain(aes()));
}

#[test]
fn rendered_pdfs_of_an_encrypted_run_go_and_their_markers_stay() {
    let run = Made { encryption: aes(), ..Made::default() }.build();
    run.seal().expect("sealed");
    for number in 0..=3 {
        assert!(!data_path(run.path(), number).exists(), "shard {number}");
        assert!(marker_path(run.path(), number).exists(), "shard {number}");
    }
    let before = run.files();
    assert!(run.seal().expect("checked").already);
    assert!(run.files() == before);
}

#[test]
fn a_short_password_is_refused() {
    let run = Made { encryption: aes(), ..Made::default() }.build();
    let letters = |_: std::ops::Range<u64>| Ok(Vec::new());
    let password = Private::new(b"short".to_vec());
    let refused = meldpost::seal::seal(&meldpost::seal::SealInput {
        run: run.path(),
        campaign: &run.campaign,
        plan: &run.plan,
        letters: &letters,
        password: Some(&password),
        sign_offs: &[],
        journal: None,
        progress: &|_| {},
    })
    .expect_err("refused");
    assert_eq!(refused.exit_code(), 78);
    assert!(refused.to_string().contains("shorter than 20 characters"), "{refused}");
}

#[test]
fn shards_without_marker_or_with_a_torn_one_are_missing() {
    let run = Made::default().build();
    fs::remove_file(marker_path(run.path(), 1)).expect("removed");
    fs::write(marker_path(run.path(), 3), "{\"number\": 3,").expect("torn");
    let error = run.seal().expect_err("missing");
    assert_eq!(error.exit_code(), 75);
    assert!(error.to_string().starts_with("shards 1, 3 are missing"), "{error}");
}

#[test]
fn a_data_file_that_is_not_what_its_marker_says_is_never_packed() {
    for form in [Form::Stream, Form::Single] {
        let spoils: [fn(&mut Vec<u8>); 3] =
            [|bytes| bytes[40] ^= 1, |bytes| bytes.truncate(100), |bytes| bytes.push(b'\n')];
        for spoil in spoils {
            let run = Made { form, ..Made::default() }.build();
            let path = data_path(run.path(), 2);
            let mut bytes = fs::read(&path).expect("a data file");
            spoil(&mut bytes);
            fs::write(&path, bytes).expect("spoiled");
            let error = run.seal().expect_err("damaged");
            assert!(matches!(error, SealError::ShardDamaged { number: 2, .. }), "{error}");
            assert_eq!(error.exit_code(), 75);
            assert!(!run.path().join("manifest.json").exists());
        }
    }
}

#[test]
fn more_rejected_rows_than_allowed_are_not_sealed() {
    let mut run = Made::default().build();
    run.campaign.max_rejected_percent = 1.0;
    let error = run.seal().expect_err("too many");
    assert_eq!(error.exit_code(), 65);
    assert!(error.to_string().starts_with("1 of 11 participants rows were rejected"), "{error}");
}

#[test]
fn outcomes_that_were_edited_after_planning_are_not_sealed() {
    let run = Made::default().build();
    let path = run.path().join("outcomes.csv");
    let outcomes = fs::read_to_string(&path).expect("outcomes").replace("deceased", "do-not-mail");
    fs::write(&path, outcomes).expect("edited");
    let error = run.seal().expect_err("edited");
    assert!(matches!(error, SealError::PlanChanged { file: "outcomes.csv" }), "{error}");
}

#[test]
fn the_report_holds_no_case_code_and_loads_nothing() {
    let run = Made::default().build();
    run.seal().expect("sealed");
    let code = run.planned[0].letter.case_code.printed();
    for name in ["report.html", "report.json", "manifest.json"] {
        let text = fs::read_to_string(run.path().join(name)).expect("a report");
        assert!(!text.contains(&code) && !text.contains("Jansen") && !text.contains("http"), "{name}");
        assert!(text.contains(CAMPAIGN));
    }
}

#[test]
fn files_of_the_seal_are_the_owners_only() {
    use std::os::unix::fs::PermissionsExt;
    let run = Made::default().build();
    run.seal().expect("sealed");
    for file in ["manifest.json", "report.html", "report.json", "packages/breach-p0001.zip"] {
        let mode = fs::metadata(run.path().join(file)).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}
