//! Values that try to be markup, code or something else than text.

use super::*;
use crate::harness::{Work, keys, texts};

/// Everything that typst, minijinja or PDF could take for something else than text.
const HOSTILE: &[&str] = &[
    "#panic(\"x\")",
    "*bold* _italic_ $x^2$",
    "{{ 7 * 7 }} {% raw %} {# no #}",
    "= Heading",
    "- item + item / term",
    "<label> @reference",
    "// comment /* and */ this",
    "`raw` ```raw```",
    "back\\slash \\u{41}",
    "\"quotes\" 'single'",
    "https://www.example.org/~a",
    "one -- two --- three ... four",
    "'t Hart & Zn; #{1}",
    "[content] ]] )",
];

fn shown(campaign: &Campaign, letter: Letter) -> String {
    let (marker, _, data) = print(campaign, vec![letter]);
    let (first, count) = place(&marker, 0);
    pages(data)[first..first + count].iter().flatten().map(|run| squeezed(&run.text)).collect()
}

#[test]
fn facts_are_shown_as_they_are() {
    for hostile in HOSTILE {
        let mut campaign = example("generic-breach");
        let system = ["nl", "en"].map(|language| (language.to_owned(), toml::Value::from(*hostile)));
        campaign.facts.insert("system".to_owned(), toml::Value::Table(system.into_iter().collect()));
        let facts = facts(&campaign, "confirmed", &[("name", Certainty::Confirmed)]);
        let text = shown(&campaign, letter(1, "confirmed", LanguageChoice::One(Language::Nl), "standard", facts));
        assert!(text.contains(&squeezed(hostile)), "{hostile} in {text}");
    }
}

#[test]
fn names_and_streets_are_shown_as_they_are() {
    let campaign = example("generic-breach");
    for hostile in HOSTILE {
        let facts = facts(&campaign, "confirmed", &[("name", Certainty::Confirmed)]);
        let mut letter = letter(1, "confirmed", LanguageChoice::One(Language::Nl), "standard", facts);
        let mut person = letter.person.reveal().clone();
        person.salutations = vec![format!("Geachte heer {hostile}")];
        letter.person = Private::new(person);
        let mut destination = letter.destination.reveal().clone();
        destination.lines[1] = (*hostile).to_owned();
        letter.destination = Private::new(destination);
        let text = shown(&campaign, letter);
        assert_eq!(text.matches(&squeezed(hostile)).count(), 2, "{hostile} in {text}");
    }
}

#[test]
fn a_fact_that_turns_text_around_is_refused() {
    for hidden in ["\u{202E}", "\u{200F}", "\u{2066}", "\u{200B}", "\u{7}"] {
        let mut campaign = example("generic-breach");
        campaign.facts.insert("police_phone".to_owned(), format!("0900{hidden} 0000").into());
        let wording = Wording::new(&campaign).unwrap();
        let facts = facts(&campaign, "confirmed", &[("name", Certainty::Confirmed)]);
        let request =
            Request { language: Language::Nl, variant: "confirmed", format: "standard", facts: &facts, person: None };
        let error = wording.render(&request).unwrap_err();
        assert_eq!(error.file, "nl/50-what-you-can-do.typ.j2");
        assert!(error.line.is_some() && error.message.contains("cannot be printed"), "{error}");
    }
}

#[test]
fn a_fact_of_one_very_long_word_is_shown_whole_or_holds_the_letter() {
    let fits = [("Lange".repeat(10), true), ("Lange".repeat(60), true), ("0123456789".repeat(30), false)];
    for (word, fits) in fits {
        let mut campaign = example("generic-breach");
        campaign.sender.insert("website".to_owned(), word.clone().into());
        let facts = facts(&campaign, "confirmed", &[("name", Certainty::Confirmed)]);
        let (marker, _, data) =
            print(&campaign, vec![letter(1, "confirmed", LanguageChoice::One(Language::Nl), "standard", facts)]);
        match &marker.letters[0].result {
            ShardResult::Made { .. } => {
                assert!(fits, "{word}");
                let runs: Vec<Run> = pages(data).into_iter().flatten().collect();
                let text: String = runs.iter().map(|run| squeezed(&run.text)).collect();
                assert!(text.contains(&word), "{text}");
                assert!(runs.iter().all(|run| run.left_mm + run.width_mm < 195.0), "inside the clear zone");
            }
            ShardResult::Held { reason, .. } => assert_eq!((fits, reason.as_str()), (false, "failed-check")),
        }
    }
}

#[test]
fn names_and_streets_of_a_list_are_printed_literally_or_held() {
    let work = Work::tiny();
    let long = "Lange".repeat(20);
    let rows = [
        ("#panic(1) *x*", "{{ 7 * 7 }} $x$", "letter"),
        ("= Kop <a> @b", "// \\ `r` _i_", "letter"),
        ("Wit\u{202E}", "Molenpad", "invalid-value"),
        ("Wit", "Molen\u{2066}pad", "invalid-value"),
        ("Wit", "Molen\u{200B}pad", "invalid-value"),
        (&long, "Molenpad", "does-not-fit"),
        ("Wit", &long, "does-not-fit"),
        ("漢字", "Molenpad", "glyph-missing"),
    ];
    let mut people = "person_key,initials,surname,birth_date,street,house_number,postcode,city,language\n".to_owned();
    let mut exposures = "person_key,category,certainty\n".to_owned();
    for ((surname, street, _), key) in rows.iter().zip(keys()) {
        people.push_str(&format!("{key},A.,{surname},1960-01-31,{street},3,1234 AB,Utrecht,nl\n"));
        exposures.push_str(&format!("{key},name,confirmed\n"));
    }
    work.write("data/people.csv", people);
    work.write("data/exposures.csv", exposures);
    work.run().ends(0);
    let outcomes = crate::harness::rows(&work.run_folder().join("outcomes.csv"));
    let found: Vec<&str> =
        outcomes.iter().map(|row| if row[2] == "letter" { "letter" } else { row[3].as_str() }).collect();
    assert_eq!(found, rows.map(|(.., expected)| expected));
    let said = texts(&work.run_folder()).concat();
    for (surname, street, _) in rows.iter().filter(|(.., expected)| *expected == "letter") {
        for text in [surname, street] {
            let text: String = text.split_whitespace().collect();
            assert!(said.contains(&text), "{text} in {said}");
        }
    }
}
