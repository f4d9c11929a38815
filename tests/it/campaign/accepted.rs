//! What a sound campaign becomes, and the copy of it that a run keeps.

use std::fs;
use std::path::Path;

use meldpost::campaign::settings::{ExposureLayout, RoutingChoice};
use meldpost::campaign::vendor::Encryption;
use meldpost::campaign::{load, load_planned};
use meldpost::model::language::{Language, LanguageChoice};
use meldpost::model::outcome::Held;
use tempfile::TempDir;

use super::{NO_VARIABLES, campaign_with, copy, replace, sound};

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
    assert!(template.files.contains_key("en/subject.typ.j2"));
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
