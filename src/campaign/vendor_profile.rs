//! A vendor profile's text → [`Vendor`].
//!
//! Enters: the TOML of a profile. Leaves: the checked profile, or a problem for each value that cannot be. Invariant: no
//! setting is accepted that would do nothing. Absent on purpose: choosing among profiles (see [`super::load`]) and
//! whether the pieces fit on the page (see [`super::vendor_geometry`]).

use std::ops::Range;
use std::path::Path;

use toml::de::DeTable;

use super::problem::Report;
use super::secret::{Environment, literals, source};
use super::toml_reader::{Field, Place, Section, parse};
use super::vendor::{
    Clear, DataMatrixPlace, Encryption, Form, OrderBy, Output, PasswordSource, Plex, SplitBy, Vendor, Zone,
};
use super::vendor_geometry::{self, PAGE_HEIGHT_MM, Placed};

/// The profiles that the program brings: name and text.
const BUILT_IN: &[(&str, &str)] = &[
    ("nl-stream", include_str!("vendors/nl-stream.toml")),
    ("nl-single", include_str!("vendors/nl-single.toml")),
    ("nl-right-window", include_str!("vendors/nl-right-window.toml")),
    ("simplex", include_str!("vendors/simplex.toml")),
];

/// Files of a package are numbered with four digits.
const FILES_MAX: u32 = 9999;

/// The text of the profile of this name that the program brings.
pub fn builtin(name: &str) -> Option<&'static str> {
    BUILT_IN.iter().find(|(known, _)| *known == name).map(|&(_, text)| text)
}

/// The names of the profiles that the program brings.
pub fn builtin_names() -> impl Iterator<Item = &'static str> + Clone {
    BUILT_IN.iter().map(|&(name, _)| name)
}

/// A profile to be read.
pub(super) struct Profile<'a> {
    /// The name that the campaign asks for.
    pub(super) name: &'a str,
    /// The name that messages give the file.
    pub(super) file: &'a str,
    /// The file's text.
    pub(super) text: &'a str,
    /// Where a password file's path starts.
    pub(super) folder: &'a Path,
    /// Where the password is looked up; nothing where it is not needed yet.
    pub(super) environment: Option<&'a dyn Environment>,
}

/// The checked profile; where there is none, the report says why.
pub(super) fn read(profile: &Profile<'_>, report: &Report) -> Option<Vendor> {
    let (shown, root) = parse(profile.file, profile.text, report, password_literals);
    let root = root?;
    let mut section = Section::root(Place { source: &shown, report }, root.get_ref());
    let named = section.required("name", "name = \"nl-stream\"").and_then(|field| name(&field, profile.name));
    let envelope = section.required("envelope", "[envelope]").and_then(|field| envelope(&field));
    let clear = section.required("page", "[page]").and_then(|field| page(&field));
    let marks = section.required("marks", "[marks]").and_then(|field| marks(&field));
    let print = section.required("print", "[print]").and_then(|field| print(&field));
    let output = section.required("output", "[output]").and_then(|field| output(&field));
    let xjdf = match section.optional("ticket", "[ticket]") {
        Some(field) => ticket(&field),
        None => Some(false),
    };
    let encryption = section.required("encryption", "[encryption]").and_then(|field| encryption(&field, profile));
    section.finish();

    let (window, envelope_grams) = envelope.unwrap_or_default();
    let marks = marks.unwrap_or_default();
    // Pieces are held against each other only where the clear zones can be on a page at all.
    if let Some(clear) = clear.as_ref().filter(|clear| vendor_geometry::check_clear(clear)) {
        if let Some(window) = &window {
            vendor_geometry::check_window(window, clear.value);
        }
        if let Some(mark) = &marks.datamatrix {
            vendor_geometry::check_datamatrix(mark, clear.value);
        }
    }
    named?;
    if marks.misplaced {
        return None;
    }
    let (plex, paper_gsm) = print?;
    Some(Vendor {
        name: profile.name.to_owned(),
        source: profile.text.to_owned(),
        window: window?.value,
        envelope_grams: envelope_grams?,
        clear: clear?.value,
        kix: marks.kix?,
        datamatrix: marks.datamatrix.map(|mark| mark.value),
        plex,
        paper_gsm,
        output: output?,
        xjdf: xjdf?,
        encryption: encryption?,
    })
}

fn password_literals(root: &DeTable<'_>) -> Vec<Range<usize>> {
    let encryption = root.get("encryption").and_then(|value| value.get_ref().as_table());
    encryption.and_then(|table| table.get("password")).map(literals).unwrap_or_default()
}

/// A campaign that asks for one profile and gets another by a mistaken copy would print in the wrong window.
fn name(field: &Field<'_>, wanted: &str) -> Option<()> {
    let name = field.text()?;
    if name != wanted {
        field.problem(
            format!("the profile calls itself `{name}`"),
            format!("write `name = \"{wanted}\"`, as the file is called"),
        );
        return None;
    }
    Some(())
}

/// The window and the envelope's weight in grams, each where it is right.
fn envelope<'a>(field: &Field<'a>) -> Option<(Option<Placed<'a, Zone>>, Option<f64>)> {
    let mut section = field.section()?;
    let example = "window = { left = 24.6, top = 50.0, width = 95.4, height = 40.0 }";
    let window = section.required("window", example).and_then(|field| {
        let [left_mm, top_mm, width_mm, height_mm] = lengths(&field, ["left", "top", "width", "height"])?;
        Some(Placed { value: Zone { left_mm, top_mm, width_mm, height_mm }, field })
    });
    let grams = section.required("grams", "grams = 6.0").and_then(|field| field.number(0.1..=500.0));
    section.finish();
    Some((window, grams))
}

fn page<'a>(field: &Field<'a>) -> Option<Placed<'a, Clear>> {
    let mut section = field.section()?;
    let example = "clear = { left = 15.0, right = 15.0, top = 5.0, bottom = 5.0 }";
    let clear = section.required("clear", example).and_then(|field| {
        let [left_mm, right_mm, top_mm, bottom_mm] = lengths(&field, ["left", "right", "top", "bottom"])?;
        Some(Placed { value: Clear { left_mm, right_mm, top_mm, bottom_mm }, field })
    });
    section.finish();
    clear
}

/// `[marks]`, each where it is right.
#[derive(Default)]
struct Marks<'a> {
    kix: Option<bool>,
    datamatrix: Option<Placed<'a, DataMatrixPlace>>,
    /// Whether a DataMatrix is asked for at a place that is none.
    misplaced: bool,
}

fn marks<'a>(field: &Field<'a>) -> Option<Marks<'a>> {
    let mut section = field.section()?;
    let kix = section.required("kix", "kix = true").and_then(|field| field.boolean());
    let datamatrix = section.optional("datamatrix", "datamatrix = { left = 5.0, top = 120.0, module = 0.5 }");
    section.finish();
    let Some(field) = datamatrix else { return Some(Marks { kix, ..Marks::default() }) };
    let datamatrix = lengths(&field, ["left", "top", "module"])
        .map(|[left_mm, top_mm, module_mm]| Placed { value: DataMatrixPlace { left_mm, top_mm, module_mm }, field });
    Some(Marks { kix, misplaced: datamatrix.is_none(), datamatrix })
}

/// Lengths in mm, each from 0 to the long side of the page.
fn lengths<const N: usize>(field: &Field<'_>, keys: [&'static str; N]) -> Option<[f64; N]> {
    let mut section = field.section()?;
    let example = field.example();
    let lengths = keys.map(|key| section.required(key, example).and_then(|field| field.number(0.0..=PAGE_HEIGHT_MM)));
    section.finish();
    lengths.iter().all(Option::is_some).then(|| lengths.map(Option::unwrap_or_default))
}

fn print(field: &Field<'_>) -> Option<(Plex, f64)> {
    let mut section = field.section()?;
    let plexes = [("duplex", Plex::Duplex), ("simplex", Plex::Simplex)];
    let plex = section.required("plex", "plex = \"duplex\"").and_then(|field| field.choice(&plexes));
    let gsm = section.required("paper_gsm", "paper_gsm = 80").and_then(|field| field.number(40.0..=400.0));
    section.finish();
    Some((plex?, gsm?))
}

fn output(field: &Field<'_>) -> Option<Output> {
    let mut section = field.section()?;
    let forms = [("stream", Form::Stream), ("single", Form::Single)];
    let form = section.required("form", "form = \"stream\"").and_then(|field| field.choice(&forms));
    let per_file = per_file(&mut section, form);
    let per_package = section.required("max_letters_per_package", "max_letters_per_package = 50000");
    let packed = per_package.clone().and_then(|field| field.integer(1..=10_000_000));
    let mib =
        section.required("max_package_mib", "max_package_mib = 2000").and_then(|field| field.integer(1..=1_000_000));
    let splits = [
        ("country_class", SplitBy::CountryClass),
        ("sheets", SplitBy::Sheets),
        ("language", SplitBy::Language),
        ("variant", SplitBy::Variant),
    ];
    let split_by = match section.optional("split_by", "split_by = [\"country_class\", \"sheets\"]") {
        Some(field) => field.choices(&splits),
        None => Some(Vec::new()),
    };
    let orders =
        [("postcode", OrderBy::Postcode), ("house_number", OrderBy::HouseNumber), ("case_code", OrderBy::CaseCode)];
    let order_by = match section.optional("order_by", "order_by = [\"postcode\", \"house_number\"]") {
        Some(field) => field.choices(&orders),
        None => Some(Vec::new()),
    };
    section.finish();
    if let (Some(field), Some(packed), Some(Form::Stream), Some(per_file)) = (per_package, packed, form, per_file)
        && packed.div_ceil(per_file) > FILES_MAX
    {
        let hint =
            format!("raise `max_letters_per_file` or lower this, so that a package has at most {FILES_MAX} files");
        field.problem("a package would hold too many files", hint);
        return None;
    }
    Some(Output {
        form: form?,
        max_letters_per_file: per_file?,
        max_letters_per_package: packed?,
        max_package_mib: mib?,
        split_by: split_by?,
        order_by: order_by?,
    })
}

/// Only a stream has more than one letter in a file.
fn per_file(section: &mut Section<'_>, form: Option<Form>) -> Option<u32> {
    let (key, example) = ("max_letters_per_file", "max_letters_per_file = 5000");
    match form {
        Some(Form::Stream) => section.required(key, example).and_then(|field| field.integer(1..=1_000_000)),
        Some(Form::Single) => {
            let field = section.optional(key, example);
            if let Some(field) = &field {
                field.problem_at_key(
                    format!("`{}` is for streams", field.name()),
                    "remove it: a single PDF holds one letter",
                );
            }
            field.is_none().then_some(1)
        }
        None => {
            section.optional(key, example);
            None
        }
    }
}

fn ticket(field: &Field<'_>) -> Option<bool> {
    let mut section = field.section()?;
    let xjdf = section.required("xjdf", "xjdf = true").and_then(|field| field.boolean());
    section.finish();
    xjdf
}

/// How a profile says that packages are encrypted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    None,
    Age,
    ZipAes256,
}

fn encryption(field: &Field<'_>, profile: &Profile<'_>) -> Option<Encryption> {
    let mut section = field.section()?;
    let methods = [("none", Method::None), ("age", Method::Age), ("zip-aes256", Method::ZipAes256)];
    let method = section.required("method", "method = \"age\"").and_then(|field| field.choice(&methods));
    let recipients = section.optional("recipients", "recipients = [\"age1…\"]");
    let password = section.optional("password", "password = { env = \"MELDPOST_ZIP_PASSWORD\" }");
    let unused = [(Method::Age, &recipients), (Method::ZipAes256, &password)]
        .into_iter()
        .filter_map(|(of, field)| field.as_ref().filter(|_| method.is_some_and(|method| method != of)));
    let mut sound = true;
    for field in unused {
        field.problem_at_key(
            format!("`{}` has no use with this method", field.name()),
            "remove it, or choose its method",
        );
        sound = false;
    }
    let encryption = match method? {
        Method::None => Some(Encryption::None),
        Method::Age => match recipients {
            Some(field) => age_recipients(&field, profile).map(Encryption::Age),
            None => missing(&section, "recipients", "recipients = [\"age1…\"]"),
        },
        Method::ZipAes256 => match password {
            Some(field) => zip_password(&field, profile).map(Encryption::ZipAes256),
            None => missing(&section, "password", "password = { env = \"MELDPOST_ZIP_PASSWORD\" }"),
        },
    };
    section.finish();
    encryption.filter(|_| sound)
}

fn missing<T>(section: &Section<'_>, key: &str, example: &str) -> Option<T> {
    section.problem(format!("`encryption.{key}` is missing"), format!("add `{example}`"));
    None
}

fn age_recipients(field: &Field<'_>, profile: &Profile<'_>) -> Option<Vec<String>> {
    let elements = field.elements()?;
    // Whoever only looks at a profile needs no recipient yet.
    if elements.is_empty() && profile.environment.is_some() {
        let hint = format!(
            "copy the profile to vendors/{}.toml in the campaign's folder and put the print house's public keys (age1…) there",
            profile.name
        );
        field.problem(format!("`{}` is empty: nobody could open the packages", field.name()), hint);
        return None;
    }
    let mut recipients: Vec<String> = Vec::new();
    let mut sound = true;
    for element in elements {
        let Some(text) = element.text() else {
            sound = false;
            continue;
        };
        if let Err(reason) = text.parse::<age::x25519::Recipient>() {
            let hint = "ask the print house for the line that `age-keygen -y` prints, which begins with age1";
            element.problem(format!("this is no age recipient: {reason}"), hint);
            sound = false;
        } else if recipients.iter().any(|known| known == text) {
            element.problem(format!("`{}` names this twice", field.name()), "remove one of them");
            sound = false;
        } else {
            recipients.push(text.to_owned());
        }
    }
    sound.then_some(recipients)
}

/// The password's place; where an environment is given the password is looked at now, so that nothing is rendered in vain.
fn zip_password(field: &Field<'_>, profile: &Profile<'_>) -> Option<PasswordSource> {
    let source = source(field, profile.folder)?;
    let Some(environment) = profile.environment else { return Some(source) };
    match source.password(environment) {
        Ok(_) => Some(source),
        Err(reason) => {
            field.problem(reason.to_string(), reason.hint());
            None
        }
    }
}
