//! What fits is printed whole and in its size; what does not is held, and nothing is cut.

use meldpost::model::outcome::Held;
use meldpost::render::measure::Measured;

use super::*;

/// A letter whose address lines and salutation are these.
fn addressed(campaign: &Campaign, lines: &[&str], salutation: &str) -> Letter {
    let about = facts(campaign, "confirmed", &[("name", Certainty::Confirmed)]);
    let mut letter = letter(1, "confirmed", LanguageChoice::One(Language::Nl), "standard", about);
    let mut destination = letter.destination.reveal().clone();
    destination.lines = lines.iter().map(|&line| line.to_owned()).collect();
    letter.destination = Private::new(destination);
    let mut person = letter.person.reveal().clone();
    person.salutations = vec![salutation.to_owned()];
    letter.person = Private::new(person);
    letter
}

fn measured(campaign: &Campaign, letter: Letter) -> Measured {
    let press = press(campaign);
    let bodies = Bodies::new(campaign, Wording::new(campaign).unwrap(), &press);
    measure(campaign, &bodies, NonZeroUsize::new(1).unwrap(), vec![letter], false)
        .map_err(|errors| errors[0].to_string())
        .unwrap()
}

/// Why a letter to this address is held.
fn held(campaign: &Campaign, lines: &[&str], salutation: &str) -> Option<(Held, String)> {
    let measured = measured(campaign, addressed(campaign, lines, salutation));
    measured.unprintable.first().map(|unprintable| (unprintable.reason, unprintable.detail.clone()))
}

const PLACE: &str = "1140 NX  NIEUWERDAM";
const DEAR: &str = "Geachte mevrouw De Wit";

#[test]
fn a_line_that_is_too_long_is_broken_once_at_a_space() {
    let campaign = example("generic-breach");
    let street = "Burgemeester van der Verschrikkelijk-Langedijkstraat 103 c";
    let measured = measured(&campaign, addressed(&campaign, &["A. de Wit", street, PLACE], DEAR));
    let lines = &measured.letters[0].printed_lines;
    assert_eq!(lines.len(), 4);
    assert_eq!(format!("{} {}", lines[1], lines[2]), street);
    let (_, _, data) = print(&campaign, vec![addressed(&campaign, &["A. de Wit", street, PLACE], DEAR)]);
    let page = &pages(data)[0];
    for line in lines {
        let run = page.iter().find(|run| run.text == *line).expect("a printed line");
        assert!((run.size_pt - 10.0).abs() < 0.01, "address lines are 10 pt");
        assert!(run.left_mm + run.width_mm <= 24.6 + 95.4 - 15.0, "15 mm of the window stay free on the right");
    }
}

#[test]
fn what_the_window_cannot_hold_is_held_and_never_cut() {
    let campaign = example("generic-breach");
    let word = "Langestraat".repeat(6);
    let twice = ["Straat"; 30].join(" ");
    let does_not_fit = |part: &str| Some((Held::DoesNotFit, part.to_owned()));
    assert_eq!(held(&campaign, &["A. de Wit", "Molenpad 3", PLACE], DEAR), None);
    assert_eq!(held(&campaign, &["A. de Wit", &word, PLACE], DEAR), does_not_fit("address"));
    assert_eq!(held(&campaign, &[&word, "Molenpad 3", PLACE], DEAR), does_not_fit("address"));
    assert_eq!(held(&campaign, &["A. de Wit", &twice, PLACE], DEAR), does_not_fit("address line"));
    assert_eq!(held(&campaign, &["A. de Wit"; 7], DEAR), does_not_fit("address block"));
    assert_eq!(held(&campaign, &["A. de Wit"; 6], DEAR), None);
    let long = format!("Geachte heer {}", word.repeat(3));
    assert_eq!(held(&campaign, &["A. de Wit", "Molenpad 3", PLACE], &long), does_not_fit("salutation"));
}

#[test]
fn a_character_that_no_font_has_holds_the_letter() {
    let campaign = example("generic-breach");
    let missing = |part: &str| Some((Held::GlyphMissing, part.to_owned()));
    assert_eq!(held(&campaign, &["A. de Wit", "漢字 3", PLACE], DEAR), missing("address"));
    assert_eq!(held(&campaign, &["A. de Wit", "Molenpad 3", PLACE], "Geachte mevrouw 漢"), missing("salutation"));
}

#[test]
fn a_letter_of_too_many_pages_is_held() {
    let mut campaign = example("generic-breach");
    assert_eq!(held(&campaign, &["A. de Wit", "Molenpad 3", PLACE], DEAR), None);
    campaign.template.pages_max = 1;
    let told = held(&campaign, &["A. de Wit", "Molenpad 3", PLACE], DEAR);
    assert_eq!(told, Some((Held::TooManyPages, "letter".to_owned())));
}

#[test]
fn nothing_is_smaller_than_ten_points_but_the_return_line() {
    for name in ["laboratory-breach", "generic-breach"] {
        let campaign = example(name);
        let all: Vec<(&str, Certainty)> =
            campaign.template.categories.keys().map(|id| (id.as_str(), Certainty::Confirmed)).collect();
        for (format, least) in [("standard", 10.0), ("large-print", 16.0)] {
            let variant = &campaign.template.variants[0];
            let letters = [LanguageChoice::One(Language::Nl), LanguageChoice::One(Language::En)];
            let letters = letters.into_iter().zip(1..);
            let letters = letters
                .map(|(language, number)| letter(number, variant, language, format, facts(&campaign, variant, &all)));
            let (_, planned, data) = print(&campaign, letters.collect());
            let in_window: BTreeSet<&String> = planned.iter().flat_map(|planned| &planned.printed_lines).collect();
            for run in pages(data).iter().flatten().filter(|run| run.text != campaign.return_line) {
                let least = if in_window.contains(&run.text) { 10.0 } else { least };
                assert!(run.size_pt > least - 0.01, "{} pt: {}", run.size_pt, run.text);
            }
        }
    }
}
