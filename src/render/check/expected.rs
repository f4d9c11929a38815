//! What must stand on a finished letter, page by page.
//!
//! Enters: a letter as planned. Leaves: the texts of the person's own part. Invariant: made from the plan and the
//! template's labels anew; nothing of what laid the covers out is used, so that a fault there cannot excuse itself.

use crate::campaign::settings::Campaign;
use crate::plan::record::PlannedLetter;

/// The person's own texts on each page, blank back aside, in no particular order.
pub fn pages(campaign: &Campaign, planned: &PlannedLetter) -> Vec<Vec<String>> {
    let letter = &planned.letter;
    let person = letter.person.reveal();
    let code = letter.case_code.printed();
    let total = planned.pages.iter().sum::<u32>().to_string();
    let mut pages: Vec<Vec<String>> = Vec::new();
    for (position, language) in letter.languages.languages().iter().enumerate() {
        let label = |name: &str, values: &[(&str, &str)]| {
            let label = campaign.template.labels.get(language).and_then(|labels| labels.get(name));
            filled(label.map_or("", String::as_str), values)
        };
        for page in 0..planned.pages.get(position).copied().unwrap_or_default() {
            let number = (pages.len() + 1).to_string();
            let mut texts = vec![label("page", &[("page", &number), ("pages", &total)]), code.clone()];
            if page == 0 {
                texts.push(code.clone());
                texts.extend(person.salutations.get(position).map(|salutation| format!("{salutation},")));
                if person.named_inside {
                    texts.push(label("concerning", &[("name", &person.name_line)]));
                }
            }
            if pages.is_empty() {
                texts.push(campaign.return_line.clone());
                texts.extend(planned.printed_lines.iter().cloned());
            }
            pages.push(texts);
        }
    }
    pages
}

/// A label with its places, `{name}`, filled.
fn filled(label: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::new();
    let mut rest = label;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else { break };
        text.push_str(before);
        text.push_str(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
        rest = tail;
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn places_are_filled_once_each_whatever_the_values_hold() {
        assert_eq!(filled("Pagina {page} van {pages}", &[("page", "1"), ("pages", "12")]), "Pagina 1 van 12");
        assert_eq!(filled("Over: {name}.", &[("name", "{page}")]), "Over: {page}.");
        assert_eq!(filled("geen", &[]), "geen");
    }
}
