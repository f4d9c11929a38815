//! Proofs as files: every combination once, nobody real in them, and what changed since the last sign-off.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::harness::{CAMPAIGN, Work, assert_private, assert_same_files, files, pages, rows, text};

/// The gallery's page and every text of its PDFs.
struct Gallery {
    html: String,
    printed: String,
    files: BTreeSet<String>,
}

fn gallery(folder: &Path) -> Gallery {
    let found = files(folder);
    let pdfs = found.iter().filter(|(name, _)| name.starts_with("pdf/"));
    let printed = pdfs.flat_map(|(_, pdf)| pages(pdf.clone())).map(|page| text(&page)).collect();
    Gallery {
        html: String::from_utf8(found["index.html"].clone()).unwrap(),
        printed,
        files: found.into_keys().collect(),
    }
}

fn preview(work: &Work, out: &str, more: &[&str]) -> serde_json::Value {
    let arguments = ["preview", CAMPAIGN, "--out", out, "--json"].into_iter().chain(more.iter().copied());
    work.meldpost(arguments).ends(0).json()
}

/// The articles of a page: what stands in their attributes.
fn articles(html: &str) -> Vec<&str> {
    html.split("<article ").skip(1).map(|rest| rest.split('>').next().unwrap()).collect()
}

#[test]
fn every_combination_has_one_proof_and_the_extremes_follow() {
    let work = Work::people(12);
    let said = preview(&work, "out", &[]);
    work.meldpost(["run", CAMPAIGN, "--run", "run"]).ends(0);
    let letters = rows(&work.path("run/outcomes.csv")).iter().filter(|row| row[2] == "letter").count();
    assert_eq!(said["letters"], letters);

    let gallery = gallery(&work.path("out"));
    let articles = articles(&gallery.html);
    let combinations: BTreeSet<String> = articles
        .iter()
        .filter(|article| article.starts_with("id=\"0"))
        .map(|article| {
            article.split("data-variant=").nth(1).unwrap().split(" data-category").next().unwrap().to_owned()
        })
        .collect();
    // Three languages, and the one variant that everybody's name makes.
    assert_eq!(combinations.len(), 3, "{combinations:?}");
    assert_eq!(articles.len(), 3 + 4, "{articles:?}");
    assert_eq!(said["proofs"], 7);
    for article in &articles {
        let id = article.split('"').nth(1).unwrap();
        assert!(gallery.files.contains(&format!("pdf/{id}.pdf")), "{id}");
        assert!(gallery.files.contains(&format!("pages/{id}-1.svg")), "{id}");
        assert!(gallery.html.contains(&format!("src=\"pages&#x2f;{id}-1.svg\"")), "{id}");
    }
    let counted: usize = gallery
        .html
        .split("<span><b>")
        .skip(1)
        .take(3)
        .map(|rest| rest.split('<').next().unwrap().parse::<usize>().unwrap())
        .sum();
    assert_eq!(counted, letters, "the people of all combinations are all people");
    assert_private(&work.path("out"));
}

#[test]
fn what_people_get_who_were_written_to_before_is_shown_where_it_differs() {
    let work = Work::people(12);
    let ids = |out: &str| -> Vec<String> {
        let gallery = gallery(&work.path(out));
        let articles = articles(&gallery.html);
        articles.iter().map(|article| article.split('"').nth(1).expect("an id").to_owned()).collect()
    };
    let ledger = "[ledger]\npath = \"ledger.sqlite\"\n\n[limits]";
    work.replace("campaign.toml", "[limits]", ledger);
    preview(&work, "same", &[]);
    assert!(!ids("same").iter().any(|id| id.starts_with("again")), "nothing differs");
    work.replace(
        "campaign.toml",
        "[[variants]]\nid = \"confirmed\"",
        "[[variants]]\nid = \"possible\"\nwhen = \"written_before\"\n\n[[variants]]\nid = \"confirmed\"",
    );
    let said = preview(&work, "out", &[]);
    let again = ["again-possible-en-standard", "again-possible-nl-en-standard", "again-possible-nl-standard"];
    let mut found: Vec<String> = ids("out").into_iter().filter(|id| id.starts_with("again")).collect();
    found.sort();
    assert_eq!(found, again);
    assert_eq!(said["letters"], 12);
    let html = gallery(&work.path("out")).html;
    let article = articles(&html).into_iter().find(|article| article.contains(again[2])).expect("the proof");
    assert!(
        article.contains("data-variant=\"possible\"") && html.contains("<span>written to before · Dutch"),
        "{article}"
    );
    assert!(work.path("out/pdf").join(format!("{}.pdf", again[2])).exists());
    // Without a memory nobody is ever written to again.
    work.replace("campaign.toml", ledger, "[limits]");
    preview(&work, "none", &[]);
    assert!(!ids("none").iter().any(|id| id.starts_with("again")));
}

#[test]
fn nobody_real_is_shown_unless_asked_for_and_then_it_is_said() {
    let work = Work::people(9);
    preview(&work, "out", &[]);
    let gallery_made_up = gallery(&work.path("out"));
    for real in ["Persoon", "Kerkstraat", "UTRECHT"] {
        assert!(!gallery_made_up.html.contains(real), "{real} is on the page");
        assert!(!gallery_made_up.printed.contains(real), "{real} is printed");
    }
    assert!(gallery_made_up.printed.contains("Voorbeeld"));

    let said = work.meldpost(["preview", CAMPAIGN, "--out", "real", "--real"]).ends(0);
    assert!(said.stdout.contains("REAL PEOPLE"), "{}", said.stdout);
    let gallery_real = gallery(&work.path("real"));
    assert!(gallery_real.html.contains("<strong>Real people.</strong>"));
    for real in ["Persoon", "Kerkstraat", "UTRECHT"] {
        assert!(gallery_real.printed.contains(real), "{real} is not printed");
    }
}

#[test]
fn a_proof_has_the_pages_of_the_sealed_letter() {
    let work = Work::tiny();
    work.run().ends(0);
    preview(&work, "out", &["--real"]);
    let sealed: BTreeSet<String> = super::harness::texts(&work.run_folder()).into_iter().collect();
    let proofs = files(&work.path("out/pdf"));
    assert!(!proofs.is_empty());
    for (name, pdf) in proofs {
        for page in pages(pdf) {
            assert!(sealed.contains(&text(&page)), "{name} has a page that was not sealed");
        }
    }
}

#[test]
fn the_same_campaign_gives_the_same_files_and_other_things_are_left_alone() {
    let work = Work::tiny();
    preview(&work, "one", &["--threads", "1"]);
    preview(&work, "two", &["--threads", "3"]);
    assert_same_files(&work.path("one"), &work.path("two"));
    fs::write(work.path("one/pdf/old.pdf"), "").unwrap();
    preview(&work, "one", &[]);
    assert_same_files(&work.path("one"), &work.path("two"));

    fs::create_dir(work.path("mine")).unwrap();
    fs::write(work.path("mine/thesis.txt"), "years").unwrap();
    work.meldpost(["preview", CAMPAIGN, "--out", "mine"]).ends(73).says(&["holds something that is no proof"]);
    assert_eq!(files(&work.path("mine")).len(), 1);
}

#[test]
fn what_looks_like_markup_in_a_wording_is_text_on_the_page() {
    let work = Work::tiny();
    work.replace("letter-templates/note/nl/10-core.typ.j2", "Op ", "\\<script>alert(1)\\</script> \\<img src=x> Op ");
    preview(&work, "out", &[]);
    let html = gallery(&work.path("out")).html;
    assert_eq!(html.matches("<script").count(), 1, "the page's own script and no other");
    assert!(html.contains("&lt;script&gt;alert(1)&lt;&#x2f;script&gt;"), "the text is there, escaped");
    for picture in files(&work.path("out/pages")).into_values() {
        let picture = String::from_utf8(picture).unwrap();
        assert!(!picture.contains("<script") && !picture.contains("<text") && !picture.contains("<a "));
    }
}

#[test]
fn changes_since_the_last_sign_off_are_marked_in_the_letters_that_say_them() {
    let work = Work::people(6);
    work.meldpost(["approve", CAMPAIGN, "--by", "A. de Wit"]).ends(0);
    preview(&work, "same", &[]);
    let same = gallery(&work.path("same")).html;
    assert!(same.contains("<strong>Signed off</strong>") && !same.contains("data-changed=\"yes\""));

    work.replace("letter-templates/note/nl/10-core.typ.j2", "gestolen", "buitgemaakt");
    preview(&work, "changed", &[]);
    let changed = gallery(&work.path("changed")).html;
    assert!(changed.contains("<strong>Changed</strong> since A. de Wit signed off"));
    assert!(changed.contains("<del>gestolen.</del>") && changed.contains("<ins>buitgemaakt.</ins>"));
    for article in articles(&changed) {
        let dutch = !article.contains("data-language=\"en\"");
        assert_eq!(article.contains("data-changed=\"yes\""), dutch, "{article}");
    }
}

#[test]
fn a_letter_that_would_be_held_says_why_instead_of_showing_pages() {
    let work = Work::people(3);
    work.replace("letter-templates/note/nl/20-data.typ.j2", "#category[", "#text[");
    let said = preview(&work, "out", &[]);
    assert!(said["held"].as_u64() > Some(0) && said["held"].as_u64() < said["proofs"].as_u64(), "{said}");
    let gallery = gallery(&work.path("out"));
    assert!(gallery.html.contains("<strong>This letter would be held.</strong> failed-check"));
    assert!(!gallery.files.contains("pdf/02-confirmed-nl-standard.pdf"));
    assert!(gallery.files.contains("pdf/01-confirmed-en-standard.pdf"));
}

#[test]
fn all_proofs_stand_behind_a_cover_sheet_that_says_where_each_begins() {
    let work = Work::people(6);
    let said = work.meldpost(["proofs", CAMPAIGN, "--out", "proofs.pdf", "--json"]).ends(0).json();
    let found = pages(fs::read(work.path("proofs.pdf")).unwrap());
    let front = usize::try_from(said["front_pages"].as_u64().unwrap()).unwrap();
    let table: String = found[..front].iter().map(text).collect();
    assert!(table.contains("Proofsoftiny") && table.contains("Signature") && table.contains("nobodyyet"), "{table}");
    for row in ["confirmed", "Longestname", "Mostpages"] {
        assert!(table.contains(row), "{row}");
    }
    let letters: Vec<usize> = (front..found.len())
        .filter(|&page| text(&found[page]).contains("1van") || text(&found[page]).contains("1of"))
        .collect();
    assert_eq!(letters.len() as u64, said["proofs"].as_u64().unwrap());
    for page in letters {
        assert!(page.is_multiple_of(2), "a letter begins on a new sheet");
        assert!(table.contains(&(page + 1).to_string()), "page {} is in the table", page + 1);
    }
    let printed: String = found.iter().map(text).collect();
    assert!(!printed.contains("Persoon") && printed.contains("Voorbeeld"));
}
