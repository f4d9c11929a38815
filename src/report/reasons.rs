//! What each reason means, for readers who do not know the program.
//!
//! Enters: a reason as outcome files spell it. Leaves: a short sentence. Invariant: every reason has one.

/// What a reason means.
pub fn meaning(reason: &str) -> &'static str {
    match reason {
        "unreadable-row" => "The row has another number of fields than its list.",
        "invalid-key" => "The row has no number that can be a person's.",
        "missing-name" => "The row has no surname.",
        "invalid-date" => "A date in the row is none, or a birth date lies in the future.",
        "same-person" => "Another row of the same person carries the outcome.",
        "deceased" => "The person has died.",
        "do-not-mail" => "The person asked for no mail.",
        "already-informed" => "The person was told exactly this before.",
        "not-affected" => "Every category of the person's data is ruled out.",
        "invalid-value" => "A field has a value that cannot be printed or understood.",
        "no-exposure" => "No list says which data of the person leaked.",
        "unknown-category" => "A list names a kind of data that the letter does not know.",
        "unreadable-exposure" => "A row about the person's data cannot be read.",
        "identity-mismatch" => "Two lists disagree about who the person is.",
        "conflicting-records" => "The person's own records contradict each other.",
        "minor-12-15" => "Aged 12 to 15, and health data leaked: somebody decides whom to write to.",
        "representative-unknown" => "The representative's name or role is missing.",
        "unknown-institution" => "The institution is not among those of the campaign.",
        "not-at-address" => "The person is known not to live at the address.",
        "address-under-investigation" => "The municipality is looking into the address.",
        "protected-address" => "The address is protected.",
        "incomplete-address" => "The address lacks what the post needs.",
        "invalid-postcode" => "The postcode is none.",
        "unknown-country" => "The country is none that is known.",
        "language-unavailable" => "The letter does not exist in the person's language.",
        "no-variant" => "No variant of the letter fits the person.",
        "glyph-missing" => "The name or address has a character that cannot be printed.",
        "does-not-fit" => "The address does not fit into the window.",
        "too-many-pages" => "The letter would have too many pages.",
        "failed-check" => "The finished page was found wrong and was not packed.",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::meaning;
    use crate::model::outcome::{Held, Rejected, Suppressed};

    #[test]
    fn every_reason_has_a_meaning() {
        let held = Held::ALL.iter().map(|reason| reason.as_str());
        let suppressed = Suppressed::ALL.iter().map(|reason| reason.as_str());
        let rejected = Rejected::ALL.iter().map(|reason| reason.as_str());
        let mut silent = held.chain(suppressed).chain(rejected).filter(|reason| meaning(reason).is_empty());
        assert_eq!(silent.next(), None);
    }
}
