//! A wording that names the person: everybody gets their own name, and the operator is told what it costs.

use crate::harness::{CAMPAIGN, RUN, Work, packages, pages, text};

/// People whose letters name them in the text.
fn named(people: u32) -> Work {
    let work = Work::people(people);
    let template = "letter-templates/note";
    work.replace(&format!("{template}/letter.toml"), "pages_max", "uses = [\"person\"]\npages_max");
    for language in ["nl", "en"] {
        let file = format!("{template}/{language}/10-core.typ.j2");
        let wording = std::fs::read_to_string(work.path(CAMPAIGN).join(&file)).expect("a wording");
        work.write(&file, wording + "\n\n*{{ person.name }}* · {{ person.salutation }} · einde.\n");
    }
    work
}

#[test]
fn a_wording_that_names_the_person_names_nobody_else() {
    let people = 9;
    let work = named(people);
    work.run().ends(0);
    let mut seen = 0;
    for (_, entries) in packages(&work.run_folder()) {
        let index = String::from_utf8(entries["index.csv"].clone()).expect("text");
        for row in index.lines().skip(1).map(|row| row.split(',').collect::<Vec<_>>()) {
            let (file, first) = (row[2], row[3].parse::<usize>().expect("a page"));
            let count = row[4].parse::<usize>().expect("pages");
            let pages = pages(entries[file].clone());
            let said: String = pages[first - 1..first - 1 + count].iter().map(text).collect();
            let own: Vec<u32> = (0..people).filter(|number| said.contains(&format!("A.Persoon{number}"))).collect();
            let seed = row[8] == "seed";
            assert_eq!(own.len(), usize::from(!seed), "{own:?} in {said}");
            // Address, and for each language name and salutation in the text and the salutation above it.
            for number in own {
                let languages = row[7].split('+').count();
                assert_eq!(said.matches(&format!("Persoon{number}")).count(), 1 + 3 * languages, "{said}");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, people);
    work.meldpost(["verify", RUN]).ends(0);
}

#[test]
fn check_tells_what_naming_the_person_costs() {
    let work = named(400);
    let checked = work.meldpost(["check", CAMPAIGN]).ends(0);
    let said: String = checked.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("the wording names the person, so 400 letters need 533 texts"), "{said}");
    let checked = work.meldpost(["check", CAMPAIGN, "--json"]).ends(0).json();
    assert_eq!(checked["sharing"], serde_json::json!({"letters": 400, "texts": 533, "texts_without_person": 4}));

    let work = Work::people(400);
    let checked = work.meldpost(["check", CAMPAIGN]).ends(0);
    assert!(checked.stdout.contains("400 letters of 4 distinct texts"), "{}", checked.stdout);
    assert!(!checked.stdout.contains("letters need"), "{}", checked.stdout);
}
