//! What typst refuses, shown where somebody wrote it.
//!
//! Enters: a rendered wording and typst's complaint about it. Leaves: the same complaint at a line of a wording file, or
//! of the layout. Invariant: a line is named only if it is known; else the line of the rendered text is, and said to be.

use super::world::{CompileError, CompileProblem};
use crate::campaign::settings::Campaign;
use crate::wording::context::Request;
use crate::wording::engine::{Rendered, WordingError, subject_file};
use crate::wording::trace::Marked;

/// Finds the file and line that typst's first complaint is about.
pub fn locate(campaign: &Campaign, request: &Request<'_>, rendered: &Rendered, error: &CompileError) -> WordingError {
    match error.problems.first() {
        Some(problem) => locate_problem(campaign, request, rendered, problem),
        None => WordingError {
            file: "layout.typ".to_owned(),
            line: None,
            range: None,
            message: error.to_string(),
            hint: None,
        },
    }
}

/// Finds the file and line that one complaint is about.
pub fn locate_problem(
    campaign: &Campaign,
    request: &Request<'_>,
    rendered: &Rendered,
    problem: &CompileProblem,
) -> WordingError {
    let start = problem.range.as_ref().map(|range| range.start);
    let (file, offset, text) = match problem.file.as_str() {
        "subject.typ" => (subject_file(request.language), start, rendered.subject.as_str()),
        "wording.typ" => {
            let part = start.and_then(|start| rendered.part_at(start));
            let (file, offset) = part.map_or((problem.file.as_str(), None), |(file, offset)| (file, Some(offset)));
            let begin = start.zip(offset).map_or(0, |(start, offset)| start - offset);
            (file.to_owned(), offset, rendered.body.get(begin..).unwrap_or_default())
        }
        _ => return in_layout(campaign, problem),
    };
    let marked = Marked::new(campaign);
    let traced = marked.tracer().trace(&file, request);
    let place = traced.zip(offset).and_then(|(traced, offset)| {
        // The subject is printed without the space around it.
        let lead = if text.starts_with(&traced.text) { 0 } else { traced.text.len() - traced.text.trim_start().len() };
        let same = text.starts_with(traced.text[lead..].trim_end());
        if same { traced.place(offset + lead).cloned() } else { None }
    });
    let said = |file: String, line: Option<usize>, message: String| WordingError {
        range: line.and_then(|line| line_range(campaign.template.files.get(&file)?, line)),
        file,
        line,
        message,
        hint: hint(problem),
    };
    if let Some(place) = place {
        return said(place.file, Some(place.line), problem.message.clone());
    }
    let line = offset.and_then(|offset| text.get(..offset)).map(|before| before.matches('\n').count() + 1);
    let place = line.map_or_else(String::new, |line| format!(" (line {line} of the rendered text)"));
    said(file, None, format!("{}{place}", problem.message))
}

fn in_layout(campaign: &Campaign, problem: &CompileProblem) -> WordingError {
    let text = campaign.template.files.get(&problem.file);
    let range = problem.range.clone().filter(|range| text.is_some_and(|text| text.get(range.clone()).is_some()));
    WordingError {
        // The main file is the program's own: it fails where the layout lacks what it imports.
        file: if text.is_some() { problem.file.clone() } else { "layout.typ".to_owned() },
        line: range.as_ref().zip(text).map(|(range, text)| text[..range.start].matches('\n').count() + 1),
        range,
        message: problem.message.clone(),
        hint: hint(problem),
    }
}

fn hint(problem: &CompileProblem) -> Option<String> {
    (!problem.hints.is_empty()).then(|| problem.hints.join("; "))
}

/// The bytes of a 1-based line, without the space around it.
fn line_range(text: &str, line: usize) -> Option<std::ops::Range<usize>> {
    let start = if line == 1 { 0 } else { text.match_indices('\n').nth(line - 2)?.0 + 1 };
    let content = text[start..].lines().next().unwrap_or_default();
    let lead = content.len() - content.trim_start().len();
    Some(start + lead..start + lead + content.trim().len())
}
