//! Campaigns, vendor profiles and letter templates: what is accepted, and how faults are told.
//!
//! A fault's folder in `tests/fixtures` holds only what differs from `campaign-sound`.

use std::fs;
use std::path::Path;

use meldpost::campaign::settings::{Campaign, ExposureLayout, RoutingChoice};
use meldpost::campaign::vendor::{Encryption, PasswordSource};
use meldpost::campaign::{Environment, Exit, Problems, builtin, builtin_names, load, load_planned};
use meldpost::model::language::{Language, LanguageChoice};
use meldpost::model::outcome::Held;
use tempfile::TempDir;

/// The environment of a test.
struct Variables(&'static [(&'static str, &'static str)]);

impl Environment for Variables {
    fn variable(&self, name: &str) -> Option<Vec<u8>> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_bytes().to_vec())
    }
}

const NO_VARIABLES: Variables = Variables(&[]);

/// A folder with the sound campaign and, over it, what the fault's folder holds.
fn campaign_with(fault: &str) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    copy(&fixtures.join("campaign-sound"), folder.path());
    copy(&fixtures.join(fault), folder.path());
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a fixture").map(|entry| entry.expect("an entry").path()) {
        let copy_to = to.join(entry.file_name().expect("a name"));
        if entry.is_dir() {
            copy(&entry, &copy_to);
        } else {
            fs::copy(&entry, copy_to).expect("a copy");
        }
    }
}

/// Replaces a text in a file of the campaign.
fn replace(folder: &TempDir, file: &str, old: &str, new: &str) {
    let path = folder.path().join(file);
    let text = fs::read_to_string(&path).expect("a file");
    assert!(text.contains(old), "{file} holds {old}");
    fs::write(path, text.replacen(old, new, 1)).expect("a file");
}

fn sound() -> Campaign {
    load(campaign_with("campaign-sound").path(), &NO_VARIABLES).expect("a sound campaign")
}

fn problems_of(fault: &str) -> Problems {
    problems_in(&campaign_with(fault), &NO_VARIABLES)
}

fn problems_in(folder: &TempDir, environment: &dyn Environment) -> Problems {
    let problems = load(folder.path(), environment).expect_err("a campaign with faults");
    assert_eq!(problems.exit(), Exit::Config);
    problems
}

/// Asserts that these and no others are told: file, line (0 where there is no place), message, and how the hint begins
/// or what it says.
fn assert_told(problems: &Problems, expected: &[(&str, usize, &str, &str)]) {
    let told: Vec<_> = problems.iter().map(|problem| (problem.line().unwrap_or(0), problem.message())).collect();
    let wanted: Vec<_> = expected.iter().map(|&(_, line, message, _)| (line, message)).collect();
    assert_eq!(told, wanted, "{problems}");
    for (problem, (file, _, message, hint)) in problems.iter().zip(expected) {
        assert!(problem.file().ends_with(file), "{message}: {} is {file}", problem.file());
        assert!(problem.hint().contains(hint), "{message}: `{}` says `{hint}`", problem.hint());
    }
}

#[test]
fn a_sound_campaign_becomes_settings() {
    let campaign = sound();
    assert_eq!(campaign.id, "short-2025");
    assert_eq!(campaign.date, jiff::civil::date(2025, 9, 12));
    assert_eq!(campaign.default_language, LanguageChoice::One(Language::Nl));
    assert_eq!(campaign.case_code_key.reveal(), b"for the tests only, never a real one");
    assert_eq!(campaign.return_line, "Retour: Postbus 1, 1000 AA Amsterdam");
    assert_eq!(campaign.sender["name"].as_str(), Some("Stichting Voorbeeld"));
    assert_eq!(campaign.facts["attack_from"].to_string(), "2025-07-03");
    assert_eq!(campaign.participants[0].source.columns["surname"], "Achternaam");
    assert_eq!(campaign.participants[0].source.file, campaign.folder.join("data/people.csv"));
    assert!(matches!(&campaign.exposures[0].layout, ExposureLayout::Wide(columns) if columns["bsn"] == "BSN gelekt"));
    assert_eq!(campaign.institutions["pi-x"].postcode, "1234 AB");
    assert_eq!(
        campaign.variants.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>(),
        ["confirmed", "possible", "possible"]
    );
    assert_eq!(campaign.routing[&Held::ProtectedAddress], RoutingChoice::Suppress);
    assert_eq!(campaign.routing[&Held::MinorTwelveToFifteen], RoutingChoice::Send);
    assert_eq!((campaign.max_rejected_percent, campaign.max_unusable_exposures_percent), (3.0, 1.0));
    assert_eq!(campaign.release_per_day, Some(100));
    assert_eq!(campaign.seeds[0].language, Language::En);
}

#[test]
fn a_sound_letter_template_is_complete_in_each_language() {
    let template = sound().template;
    assert_eq!(template.formats, ["standard", "large-print"]);
    assert_eq!(template.wording[&Language::Nl], ["nl/10-core.typ.j2", "nl/90-last.typ.j2"]);
    assert_eq!(template.subject[&Language::En], "en/subject.typ.j2");
    assert_eq!(template.labels[&Language::En]["page"], "page (en)");
    assert_eq!(template.category_texts[&Language::En]["bsn"].steps, ["first", "second"]);
    assert_eq!(template.files["nl/_period.typ.j2"], "period (nl)\n");
    assert!(!template.uses_person);
}

#[test]
fn the_campaign_file_and_its_folder_name_the_same_campaign() {
    let folder = campaign_with("campaign-sound");
    let by_file = load(&folder.path().join("campaign.toml"), &NO_VARIABLES).expect("a sound campaign");
    assert_eq!(by_file.folder, folder.path());
    assert_eq!(by_file.template.sha256, sound().template.sha256);
}

#[test]
fn line_ends_and_byte_order_marks_of_other_systems_are_read() {
    let folder = campaign_with("campaign-sound");
    let path = folder.path().join("campaign.toml");
    let text = fs::read_to_string(&path).expect("a file");
    let block = "when = \"\"\"\n'patients' in populations\nor age is none\n\"\"\"";
    let text =
        text.replace("when = \"'patients' in populations\"", block).replace("facts]", "facts]\ncolour = \"red\"");
    fs::write(path, format!("\u{feff}{}", text.replace('\n', "\r\n"))).expect("a file");
    let campaign = load(folder.path(), &NO_VARIABLES).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(campaign.facts["colour"].as_str(), Some("red"));
}

#[test]
fn the_hash_of_a_template_changes_with_each_file_and_each_name() {
    let before = sound().template.sha256;
    let folder = campaign_with("campaign-sound");
    replace(&folder, "letter-templates/short/nl/_period.typ.j2", "period", "perioD");
    assert_ne!(load(folder.path(), &NO_VARIABLES).expect("a sound campaign").template.sha256, before);

    let folder = campaign_with("campaign-sound");
    for language in ["nl", "en"] {
        let at = folder.path().join("letter-templates/short").join(language);
        fs::rename(at.join("90-last.typ.j2"), at.join("91-last.typ.j2")).expect("a new name");
    }
    assert_ne!(load(folder.path(), &NO_VARIABLES).expect("a sound campaign").template.sha256, before);

    let with_file = |name: &str, text: &str| {
        let folder = campaign_with("campaign-sound");
        fs::write(folder.path().join("letter-templates/short").join(name), text).expect("a file");
        load(folder.path(), &NO_VARIABLES).expect("a sound campaign").template.sha256
    };
    assert_ne!(with_file("cover.typ", "s.typ"), with_file("cover.typs", ".typ"));

    let folder = campaign_with("campaign-sound");
    fs::write(folder.path().join("letter-templates/short/nl/.10-core.typ.j2.swp"), [0xff]).expect("a file");
    assert_eq!(load(folder.path(), &NO_VARIABLES).expect("hidden files are none").template.sha256, before);
}

#[test]
fn a_runs_copy_needs_neither_key_nor_lists_nor_the_folder_it_came_from() {
    let folder = campaign_with("campaign-sound");
    let campaign = load(folder.path(), &NO_VARIABLES).expect("a sound campaign");
    let run = TempDir::new().expect("a folder");
    for (path, bytes) in campaign.files_for_run() {
        let path = run.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }
    drop(folder);

    let planned = load_planned(run.path()).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(planned.template.sha256, campaign.template.sha256);
    assert_eq!(planned.vendor.source, campaign.vendor.source);
    assert_eq!(planned.source, campaign.source);
    assert_eq!(planned.files_for_run(), campaign.files_for_run());
    assert!(planned.case_code_key.reveal().is_empty());
    let key = b"for the tests only";
    let holds_key = |bytes: &[u8]| bytes.windows(key.len()).any(|window| window == key);
    assert!(!campaign.files_for_run().iter().any(|(_, bytes)| holds_key(bytes)));
}

#[test]
fn a_runs_copy_finds_the_password_file_beside_the_campaign() {
    let folder = campaign_with("campaign-sound");
    replace(&folder, "vendors/press.toml", "\"none\"", "\"zip-aes256\"\npassword = { file = \"zip.key\" }");
    fs::write(folder.path().join("zip.key"), "a long random password 4711\n").expect("a file");
    let campaign = load(folder.path(), &NO_VARIABLES).unwrap_or_else(|problems| panic!("{problems}"));
    let run = TempDir::new().expect("a folder");
    for (path, bytes) in campaign.files_for_run() {
        assert!(!String::from_utf8_lossy(&bytes).contains("4711"), "{path} holds the password");
        let path = run.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }
    let planned = load_planned(run.path()).unwrap_or_else(|problems| panic!("{problems}"));
    let Encryption::ZipAes256(source) = planned.vendor.encryption else { panic!("another encryption") };
    assert_eq!(source.password(&NO_VARIABLES).expect("a password").reveal(), b"a long random password 4711");
}

#[test]
fn the_program_brings_the_letter_of_the_laboratory_and_a_campaigns_own_comes_first() {
    let folder = campaign_with("campaign-sound");
    replace(&folder, "campaign.toml", "letter = \"short\"", "letter = \"laboratory-breach\"");
    replace(&folder, "campaign.toml", "id = \"confirmed\"", "id = \"patient\"");
    replace(&folder, "campaign.toml", "id = \"possible\"", "id = \"institution\"");
    replace(&folder, "campaign.toml", "id = \"possible\"", "id = \"institution\"");
    let built_in = load(folder.path(), &NO_VARIABLES).unwrap_or_else(|problems| panic!("{problems}")).template;

    let own = folder.path().join("letter-templates/laboratory-breach");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("letter-templates/laboratory-breach"), &own);
    let copied = load(folder.path(), &NO_VARIABLES).unwrap_or_else(|problems| panic!("{problems}")).template;
    assert_eq!(copied.sha256, built_in.sha256, "the same files have the same hash wherever they are");

    fs::write(own.join("nl/subject.typ.j2"), "another subject").expect("a file");
    let changed = load(folder.path(), &NO_VARIABLES).unwrap_or_else(|problems| panic!("{problems}")).template;
    assert_ne!(changed.sha256, built_in.sha256);
}

#[test]
fn unknown_keys_are_told_at_every_level_with_the_nearest_known_one() {
    assert_told(
        &problems_of("campaign-unknown-keys"),
        &[
            ("campaign.toml", 4, "unknown key `vendors`", "did you mean `vendor`?"),
            ("campaign.toml", 7, "unknown key `case_code_key.fiel`", "did you mean `file`?"),
            ("campaign.toml", 19, "unknown key `participants.colour`", "known here: `population`, `id`, `path`"),
            ("campaign.toml", 53, "unknown key `variants.comment`", "known here: `id`, `when`"),
            ("campaign.toml", 65, "unknown key `limits.max_reject_percent`", "did you mean `max_rejected_percent`?"),
            ("campaign.toml", 69, "unknown key `release.per_week`", "known here: `per_day`"),
        ],
    );
}

#[test]
fn several_faults_of_one_file_are_all_told() {
    let problems = problems_of("campaign-several-faults");
    assert_told(
        &problems,
        &[
            ("campaign.toml", 1, "`id` is no campaign id", "1 to 40 of a-z, 0-9 and `-`"),
            ("campaign.toml", 2, "`letter` does not know `shrot`", "did you mean `short`?"),
            ("campaign.toml", 3, "`date` must be a date without quotes, but is a text", "write `date = 2025-09-12`"),
            ("campaign.toml", 4, "`vendor` does not know `pres`", "did you mean `press`? put it in vendors/pres.toml"),
            ("campaign.toml", 5, "`default_language` does not know `fr`", "one of: `nl`, `en`, `both`"),
            ("campaign.toml", 11, "`sender.return_line` is missing", "add `return_line = "),
            ("campaign.toml", 62, "`limits.max_rejected_percent` is out of bounds", "from 0 to 100"),
            ("campaign.toml", 65, "`release.per_day` is out of bounds", "from 1 to"),
        ],
    );
    let vendor = problems.iter().find(|problem| problem.line() == Some(4)).expect("the vendor's");
    assert_eq!(vendor.column(), Some(10));
}

#[test]
fn faults_of_all_three_files_are_told_together() {
    let folder = campaign_with("template-faults");
    replace(&folder, "vendors/press.toml", "paper_gsm = 80", "paper_gsm = 8");
    replace(&folder, "campaign.toml", "when = \"'patients' in populations\"", "");
    replace(&folder, "campaign.toml", "{ bsn = \"BSN gelekt\" }", "{ iban = \"IBAN\" }");
    let problems = problems_in(&folder, &NO_VARIABLES);
    let mut files: Vec<&str> = problems.iter().map(|problem| problem.file().rsplit('/').next().unwrap_or("")).collect();
    files.dedup();
    assert_eq!(files, ["press.toml", "letter.toml", "en", "campaign.toml"], "{problems}");
}

#[test]
fn text_that_is_no_toml_is_told_without_the_secret_beside_it() {
    let problems = problems_of("campaign-no-toml");
    assert_told(
        &problems,
        &[
            ("campaign.toml", 2, "missing opening quote, expected `\"`", "this is not TOML"),
            ("campaign.toml", 65, "string values must be quoted, expected literal string", "this is not TOML"),
        ],
    );
    assert_hidden(&problems, "hunter2");
}

#[test]
fn a_key_or_password_that_is_written_out_is_refused_and_never_shown() {
    let problems = problems_of("campaign-literal-key");
    assert_told(&problems, &[("campaign.toml", 6, "`case_code_key` is written out", "{ env = \"VARIABLE\" }")]);
    assert_hidden(&problems, "hunter2");

    let problems = problems_of("vendor-encryption");
    assert_told(
        &problems,
        &[
            ("press.toml", 1, "the profile calls itself `nl-stream`", "write `name = \"press\"`"),
            ("press.toml", 31, "`encryption.recipients` has no use with this method", "remove it"),
            ("press.toml", 32, "`encryption.password` is written out", "{ file = \"name\" }"),
        ],
    );
    assert_hidden(&problems, "battery");
}

/// Asserts that a text is in nothing that a problem shows.
fn assert_hidden(problems: &Problems, secret: &str) {
    assert!(!format!("{problems} {problems:?}").contains(secret));
    for problem in problems {
        assert!(!problem.source_text().contains(secret));
        assert!(!format!("{:?}", miette::Report::new(problem.clone())).contains(secret));
    }
}

#[test]
fn a_diagnostic_shows_the_file_the_line_the_spot_and_the_hint() {
    let problems = problems_of("campaign-literal-key");
    let problem = problems.iter().next().expect("a problem").clone();
    let report = format!("{:?}", miette::Report::new(problem));
    for part in ["campaign.toml:6:17", "case_code_key = ****", "───", "help: take the secret out"] {
        assert!(report.contains(part), "{report}");
    }
}

#[test]
fn a_case_code_key_must_be_there_and_long_enough() {
    let folder = campaign_with("campaign-no-key");
    let not_set = "the environment variable `MELDPOST_CASE_KEY` is not set";
    assert_told(&problems_in(&folder, &NO_VARIABLES), &[("campaign.toml", 6, not_set, "openssl rand -hex 32")]);

    let short = Variables(&[("MELDPOST_CASE_KEY", "fifteen bytes..\n")]);
    let too_short = "the case code key has fewer than 16 bytes";
    assert_told(&problems_in(&folder, &short), &[("campaign.toml", 6, too_short, "make a key once")]);

    let long_enough = Variables(&[("MELDPOST_CASE_KEY", "sixteen bytes...\n\n")]);
    let campaign = load(folder.path(), &long_enough).expect("a sound campaign");
    assert_eq!(campaign.case_code_key.reveal(), b"sixteen bytes...\n", "one line feed is removed");
    assert!(!format!("{campaign:?}").contains("sixteen"));
}

#[test]
fn what_belongs_to_later_commands_is_refused_rather_than_ignored() {
    assert_told(
        &problems_of("campaign-later-tables"),
        &[
            ("campaign.toml", 75, "`[approval]` is not in this version of meldpost", "remove the table"),
            ("campaign.toml", 78, "`[ledger]` is not in this version of meldpost", "remove the table"),
        ],
    );
}

#[test]
fn lists_name_only_fields_categories_and_options_that_exist() {
    assert_told(
        &problems_of("campaign-faulty-lists"),
        &[
            ("campaign.toml", 18, "`participants.path` names no kind of file that can be read", ".parquet and .xlsx"),
            ("campaign.toml", 20, "unknown key `participants.columns.sirname`", "did you mean `surname`?"),
            ("campaign.toml", 23, "two lists are called `people`", "an id of its own"),
            ("campaign.toml", 27, "`exposures.encoding` is for .csv lists only", "remove it"),
            ("campaign.toml", 28, "unknown key `exposures.categories.bns`", "did you mean `bsn`?"),
            ("campaign.toml", 29, "`exposures.confirm` does not know `birthdate`", "did you mean `birth_date`?"),
            ("campaign.toml", 33, "`registers.kind` does not know `dead`", "`do_not_mail`"),
            ("campaign.toml", 35, "`registers.key` does not know `name`", "`bsn`, `opaque`"),
        ],
    );
}

#[test]
fn a_long_list_has_no_columns_of_categories_but_may_say_so() {
    let folder = campaign_with("campaign-sound");
    replace(&folder, "campaign.toml", "layout = \"wide\"", "layout = \"long\"");
    let message = "`exposures.categories` is for wide lists";
    assert_told(&problems_in(&folder, &NO_VARIABLES), &[("campaign.toml", 27, message, "its column `category`")]);

    replace(&folder, "campaign.toml", "{ bsn = \"BSN gelekt\" }", "{}");
    let campaign = load(folder.path(), &NO_VARIABLES).expect("a sound campaign");
    assert!(matches!(campaign.exposures[0].layout, ExposureLayout::Long));
}

#[test]
fn rules_read_only_what_is_known_of_a_person_and_lead_to_variants_of_the_letter() {
    let problems = problems_of("campaign-faulty-rules");
    assert_told(
        &problems,
        &[
            ("campaign.toml", 46, "`variants.id` does not know `confirm`", "did you mean `confirmed`?"),
            ("campaign.toml", 47, "`variants.when` reads `ages`, which nobody has", "did you mean `age`?"),
            ("campaign.toml", 51, "`variants.when` reads the unknown category `bns`", "did you mean `bsn`?"),
            (
                "campaign.toml",
                55,
                "`variants.when` is no expression: unexpected end of input, expected expression",
                "'confirmed' in certainties",
            ),
            ("campaign.toml", 58, "`routing.no_exposure` cannot be sent", "\"hold\" or \"suppress\""),
            ("campaign.toml", 59, "unknown key `routing.failed_check`", "reasons are `invalid_value`"),
            ("campaign.toml", 60, "unknown key `routing.minors_12_15`", "did you mean `minor_12_15`?"),
        ],
    );
    assert_eq!(problems.iter().nth(1).and_then(|problem| problem.column()), Some(56), "the name itself is shown");
}

#[test]
fn addresses_are_complete_and_control_letters_name_nobody_in_messages() {
    let problems = problems_of("campaign-faulty-addresses");
    assert_told(
        &problems,
        &[
            ("campaign.toml", 37, "`institutions.city` is missing", "add `city = "),
            ("campaign.toml", 41, "`institutions.house_number` is no house number", "\"12a\""),
            ("campaign.toml", 42, "`institutions.postcode` is no postcode", "four digits and two letters"),
            ("campaign.toml", 46, "two institutions have this id", "an id of its own"),
            ("campaign.toml", 78, "`seeds.house_number` is no house number", "\"12a\""),
            ("campaign.toml", 81, "`seeds.language` does not know `de`", "`nl`, `en`"),
            ("campaign.toml", 92, "two control letters have the same name", "change one name"),
        ],
    );
    assert_hidden(&problems, "Controle");
    assert_hidden(&problems, "Stationsplein");
}

#[test]
fn a_campaign_that_could_send_no_letter_is_refused() {
    let folder = campaign_with("campaign-sound");
    let path = folder.path().join("campaign.toml");
    let text = fs::read_to_string(&path).expect("a file");
    let end = text.find("[[participants]]").expect("a list");
    fs::write(&path, &text[..end]).expect("a file");
    assert_told(
        &problems_in(&folder, &NO_VARIABLES),
        &[
            ("campaign.toml", 1, "`participants` is missing", "add `[[participants]]`"),
            ("campaign.toml", 1, "`exposures` is missing", "add `[[exposures]]`"),
            ("campaign.toml", 1, "no variant is named, so nobody could get a letter", "add `[[variants]]`"),
        ],
    );
}

#[test]
fn a_path_that_leads_to_no_campaign_is_told_with_the_path() {
    let folder = TempDir::new().expect("a folder");
    let problems = problems_in(&folder, &NO_VARIABLES);
    assert!(problems.to_string().contains("campaign.toml: cannot be read"), "{problems}");
}

#[test]
fn window_marks_and_limits_of_a_profile_must_fit_together() {
    assert_told(
        &problems_of("vendor-geometry"),
        &[
            ("press.toml", 4, "the window ends at 220.0 × 90.0 mm, off the page", "210 × 297 mm"),
            ("press.toml", 5, "`envelope.grams` is out of bounds", "from 0.1 to 500"),
            ("press.toml", 12, "the DataMatrix does not stand inside the left clear zone of 15 mm", "12.0 mm wide"),
            ("press.toml", 21, "a package would hold too many files", "at most 9999 files"),
        ],
    );
}

#[test]
fn a_window_in_a_clear_zone_and_a_window_too_small_are_told() {
    let folder = campaign_with("campaign-sound");
    replace(
        &folder,
        "vendors/press.toml",
        "left = 24.6, top = 50.0, width = 95.4",
        "left = 14.6, top = 50.0, width = 60.0",
    );
    assert_told(
        &problems_in(&folder, &NO_VARIABLES),
        &[
            ("press.toml", 4, "the window reaches into a clear zone", "move the window"),
            ("press.toml", 4, "a window of 60.0 × 40.0 mm is too small", "68.1 × 30.0 mm"),
        ],
    );
}

#[test]
fn window_and_mark_keep_to_each_side_of_their_place() {
    let window = "left = 24.6, top = 50.0, width = 95.4, height = 40.0";
    let mark = "left = 5.0, top = 120.0, module = 0.5";
    let (in_clear, off_zone, off_page) = (
        "the window reaches into a clear zone",
        "the DataMatrix does not stand inside the left clear zone of 15 mm",
        "the DataMatrix does not stand on the page",
    );
    let cases = [
        (window, "left = 14.9, top = 50.0, width = 95.4, height = 40.0", in_clear),
        (window, "left = 24.6, top = 4.9, width = 95.4, height = 40.0", in_clear),
        (window, "left = 99.7, top = 50.0, width = 95.4, height = 40.0", in_clear),
        (window, "left = 24.6, top = 252.1, width = 95.4, height = 40.0", in_clear),
        (mark, "left = 0.4, top = 120.0, module = 0.5", off_zone),
        (mark, "left = 5.6, top = 120.0, module = 0.5", off_zone),
        (mark, "left = 5.0, top = 0.4, module = 0.5", off_page),
        (mark, "left = 5.0, top = 287.6, module = 0.5", off_page),
        (mark, "left = 5.0, top = 120.0, module = 0.2", "modules of 0.2 mm cannot be read or placed"),
    ];
    for (old, new, message) in cases {
        let folder = campaign_with("campaign-sound");
        replace(&folder, "vendors/press.toml", old, new);
        let problems = problems_in(&folder, &NO_VARIABLES);
        let told: Vec<&str> = problems.iter().map(|problem| problem.message()).collect();
        assert_eq!(told, [message], "{new}");
    }
    for (old, new) in [
        (window, "left = 99.6, top = 5.0, width = 95.4, height = 40.0"),
        (window, "left = 15.0, top = 252.0, width = 95.4, height = 40.0"),
        (mark, "left = 5.5, top = 0.5, module = 0.5"),
        (mark, "left = 0.5, top = 287.5, module = 0.5"),
    ] {
        let folder = campaign_with("campaign-sound");
        replace(&folder, "vendors/press.toml", old, new);
        load(folder.path(), &NO_VARIABLES).unwrap_or_else(|problems| panic!("{new}: {problems}"));
    }
}

#[test]
fn built_in_profiles_are_sound_but_for_what_only_the_print_house_knows() {
    let password = Variables(&[("MELDPOST_ZIP_PASSWORD", "a long random password 4711")]);
    assert_eq!(builtin_names().collect::<Vec<_>>(), ["nl-stream", "nl-single", "nl-right-window", "simplex"]);
    for name in builtin_names() {
        assert!(builtin(name).is_some());
        let folder = campaign_with("campaign-sound");
        replace(&folder, "campaign.toml", "\"press\"", &format!("\"{name}\""));
        match load(folder.path(), &password) {
            Ok(campaign) => {
                assert!(matches!(campaign.vendor.encryption, Encryption::ZipAes256(PasswordSource::Env(_))), "{name}");
            }
            Err(problems) => {
                let empty = "`encryption.recipients` is empty: nobody could open the packages";
                let (file, copy) =
                    (format!("{name}.toml (built in)"), format!("copy the profile to vendors/{name}.toml"));
                assert_told(&problems, &[(&file, 33, empty, &copy)]);
            }
        }
    }
}

#[test]
fn a_profile_with_the_print_houses_recipients_takes_the_place_of_the_built_in_one() {
    let folder = campaign_with("campaign-sound");
    let recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    let text = builtin("nl-stream").expect("a profile").replace("[]", &format!("[\"{recipient}\"]"));
    fs::write(folder.path().join("vendors/nl-stream.toml"), text).expect("a file");
    replace(&folder, "campaign.toml", "\"press\"", "\"nl-stream\"");
    let campaign = load(folder.path(), &NO_VARIABLES).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(matches!(&campaign.vendor.encryption, Encryption::Age(recipients) if *recipients == [recipient]));

    replace(&folder, "vendors/nl-stream.toml", "cac8p", "cac8q");
    let problems = problems_in(&folder, &NO_VARIABLES);
    assert!(problems.to_string().contains("this is no age recipient"), "{problems}");
}

#[test]
fn a_password_is_looked_at_before_anything_is_rendered() {
    let folder = campaign_with("campaign-sound");
    replace(&folder, "campaign.toml", "\"press\"", "\"simplex\"");
    let not_set = "the environment variable `MELDPOST_ZIP_PASSWORD` is not set";
    let file = "simplex.toml (built in)";
    assert_told(&problems_in(&folder, &NO_VARIABLES), &[(file, 32, not_set, "set the variable")]);
    let short = Variables(&[("MELDPOST_ZIP_PASSWORD", "nineteen characters\n")]);
    let message = "the password has fewer than 20 characters";
    assert_told(&problems_in(&folder, &short), &[(file, 32, message, "long random")]);
}

#[test]
fn faults_of_a_letter_file_are_all_told() {
    let problems = problems_of("template-faults");
    assert_told(
        &problems,
        &[
            ("letter.toml", 2, "the variant `seed` is taken", "choose another name"),
            ("letter.toml", 3, "the format `standard` is missing", "add it"),
            ("letter.toml", 4, "`pages_max` is out of bounds", "from 1 to 49"),
            ("letter.toml", 5, "unknown key `use`", "did you mean `uses`?"),
            ("letter.toml", 8, "`categories.bsn` does not know `identitty`", "did you mean `identity`?"),
            ("short/en", 0, "is no language of this letter", "add \"en\" to `languages`"),
            ("campaign.toml", 73, "the letter is not written in this language", "letter.toml"),
        ],
    );
}

#[test]
fn a_language_that_lacks_what_another_has_is_told_for_each_thing() {
    assert_told(
        &problems_of("template-parity"),
        &[
            ("en/categories.toml", 1, "`bsn.steps` is missing", "add `steps = "),
            ("en/categories.toml", 5, "unknown key `test_results`", "did you mean `test_result`?"),
            ("en/categories.toml", 8, "the category `test_result` is missing in language en", "add [test_result]"),
            ("en/labels.toml", 1, "the label `page` is missing in language en", "another language has it"),
            ("en/notes.md", 0, "is no file of a language", "take this file out"),
            ("nl/20-more.typ.j2", 0, "is missing", "another language has this part"),
        ],
    );
}

#[test]
fn a_letter_without_layout_or_subject_is_told() {
    let folder = campaign_with("campaign-sound");
    let template = folder.path().join("letter-templates/short");
    fs::remove_file(template.join("layout.typ")).expect("a file");
    fs::remove_file(template.join("nl/subject.typ.j2")).expect("a file");
    fs::remove_file(template.join("en/subject.typ.j2")).expect("a file");
    assert_told(
        &problems_in(&folder, &NO_VARIABLES),
        &[
            ("short/layout.typ", 0, "is missing", "add the layout"),
            ("nl/subject.typ.j2", 0, "is missing", "the subject line"),
            ("en/subject.typ.j2", 0, "is missing", "the subject line"),
        ],
    );
}
