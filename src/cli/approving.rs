//! Sign-offs: given by `meldpost approve`, demanded before anything is planned or printed.
//!
//! Enters: a campaign, its folder, a name. Leaves: one more sign-off; or, where the campaign demands more than there
//! are, a refusal that names each changed file and the change. Invariant: the moment of a sign-off is for people;
//! no letter depends on it.

use std::fmt::Write;
use std::path::Path;

use super::clock;
use super::exit::Exit;
use super::failure::Failure;
use super::output::Output;
use super::planning;
use crate::campaign::settings::Campaign;
use crate::preview::approval::{self, Approval, Approvals, Change, How};
use crate::preview::content::Content;
use crate::render::fonts;
use crate::report::SignOff;

/// Parts, and changes of one part, that a refusal tells one by one.
const TOLD: usize = 6;
/// Characters of a changed line that are told.
const LINE: usize = 160;

/// Signs the campaign's present content off.
pub fn approve(campaign: &Campaign, by: &str) -> Result<Output, Failure> {
    let by = approval::name(by).ok_or_else(|| {
        Failure::with_hint(
            Exit::Usage,
            "--by is no name of a person",
            format!("write the name of who signs off, of at most {} characters", approval::NAME_MAX),
        )
    })?;
    // What does not work cannot have been proofed.
    planning::tried_wording(campaign)?;
    let content = content(campaign);
    let mut approvals = read(&campaign.folder)?;
    let program = planning::program();
    let program = format!("{} {}, typst {}", program.name, program.version, program.typst);
    let at = clock::now();
    let added = approvals.add(&campaign.folder, &content, &by, &at, &program)?;
    let names = approvals.names(&content);
    let required = campaign.approvals_required;
    let mut text = if added {
        format!("{}: signed off by {by}; {} parts", campaign.id, content.parts.len())
    } else {
        format!("{}: {by} has signed this content off already; nothing was changed", campaign.id)
    };
    // Writing to a string does not fail.
    let _ = write!(text, "\n  sign-offs of this content: {}", names.join(", "));
    let missing = (required as usize).saturating_sub(names.len());
    let _ = match (required, missing) {
        (0, _) => write!(text, "\n  the campaign demands none"),
        (_, 0) => write!(text, "\n  the campaign demands {required}: it can be run"),
        _ => write!(text, "\n  the campaign demands {required}: {missing} more, by other people"),
    };
    if added {
        let _ = write!(text, "\nkeep {} and {}/ in version control", approval::FILE, approval::TEXTS);
    }
    let json = serde_json::json!({
        "campaign": campaign.id,
        "by": by,
        "added": added,
        "sha256": crate::preview::content::sha256(&content.hashes()),
        "names": names,
        "required": required,
    });
    Ok(Output { text, json })
}

/// Makes sure that enough people signed off what this campaign prints; the sign-offs stand in `folder`.
pub fn demand(campaign: &Campaign, folder: &Path) -> Result<(), Failure> {
    let required = campaign.approvals_required;
    if required == 0 {
        return Ok(());
    }
    let approvals = read(folder)?;
    let content = content(campaign);
    let names = approvals.names(&content);
    if names.len() >= required as usize {
        return Ok(());
    }
    let count = names.len();
    let signed = if count == 0 { String::new() } else { format!(" ({})", names.join(", ")) };
    let mut message = format!(
        "campaign `{}` demands {required} sign-off{} of what its letters say, and has {count}{signed}",
        campaign.id,
        if required == 1 { "" } else { "s" },
    );
    let hint = "look at the proofs with `meldpost preview CAMPAIGN --out DIR`, then sign off: meldpost approve CAMPAIGN --by NAME";
    // Where somebody signed this content already, others are asked to do the same, and nothing is different for them.
    if let Some(last) = (count == 0).then(|| approvals.last(required).or(approvals.all.last())).flatten() {
        let _ = write!(message, "\nchanged since {} signed off at {}:", last.by, last.at);
        changes(&mut message, &last.changes(folder, &content));
    }
    Err(Failure::with_hint(Exit::Config, message, hint))
}

/// The sign-offs of this content, as a report names them; none where the campaign demands none.
pub fn given(campaign: &Campaign, folder: &Path) -> Result<Vec<SignOff>, Failure> {
    if campaign.approvals_required == 0 {
        return Ok(Vec::new());
    }
    let approvals = read(folder)?;
    let content = content(campaign);
    let names = approvals.names(&content);
    let last = |name: &&str| approvals.all.iter().rfind(|approval| approval.by == *name);
    let sign_off = |approval: &Approval| SignOff { by: approval.by.clone(), at: approval.at.clone() };
    Ok(names.iter().filter_map(last).map(sign_off).collect())
}

/// The sign-offs of a folder.
pub fn read(folder: &Path) -> Result<Approvals, Failure> {
    Approvals::read(folder).map_err(|error| {
        Failure::with_hint(
            Exit::Config,
            error.to_string(),
            "put the file back as it is in version control, or remove it and have the campaign signed off anew",
        )
    })
}

/// What a sign-off of this campaign is about.
pub fn content(campaign: &Campaign) -> Content {
    Content::of(campaign, &fonts::builtin().hashes)
}

fn changes(out: &mut String, changes: &[Change]) {
    for change in changes.iter().take(TOLD) {
        let part = &change.part;
        let _ = match &change.how {
            How::Added => write!(out, "\n  {part}: is new"),
            How::Removed => write!(out, "\n  {part}: is gone"),
            How::Altered => write!(out, "\n  {part}: is another one"),
            How::Lines(lines) => {
                for line in lines.iter().take(TOLD) {
                    let _ = write!(out, "\n  {part}:{}", line.line);
                    let removed = line.removed.iter().map(|text| ('-', text));
                    for (sign, text) in removed.chain(line.added.iter().map(|text| ('+', text))) {
                        let _ = write!(out, "\n    {sign} {}", shortened(text));
                    }
                }
                more(out, "    ", lines.len(), "changes in this file")
            }
        };
    }
    let _ = more(out, "  ", changes.len(), "files");
}

fn more(out: &mut String, indent: &str, count: usize, what: &str) -> std::fmt::Result {
    match count.saturating_sub(TOLD) {
        0 => Ok(()),
        more => write!(out, "\n{indent}and {more} more {what}"),
    }
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(LINE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}
