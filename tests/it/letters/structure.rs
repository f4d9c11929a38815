//! How single PDFs are read aloud: in order, in elements, and nothing else than what stands on the page.

use std::collections::HashMap;

use hayro_syntax::content::UntypedIter;
use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Number, ObjRef, Object, ObjectIdentifier, Stream};
use meldpost::campaign::vendor::Form;

use super::*;

const TEMPLATES: [&str; 2] = ["laboratory-breach", "generic-breach"];
const CHOICES: [LanguageChoice; 3] =
    [LanguageChoice::One(Language::Nl), LanguageChoice::One(Language::En), LanguageChoice::Both];

/// Letters of this template as they are handed out: one for each choice of languages, in both formats.
fn letters(name: &str, form: Form) -> (Campaign, ShardMarker, Vec<PlannedLetter>, Vec<u8>) {
    let mut campaign = example(name);
    campaign.vendor.output.form = form;
    let some = [("name", Certainty::Confirmed), ("bsn", Certainty::Possible), ("email", Certainty::RuledOut)];
    let variant = campaign.template.variants[0].clone();
    let mut wanted = Vec::new();
    for choice in CHOICES {
        for format in &campaign.template.formats {
            let number = wanted.len() as u64 + 1;
            let mut letter = letter(number, &variant, choice, format, facts(&campaign, &variant, &some));
            if number == 2 {
                let mut person = letter.person.reveal().clone();
                person.named_inside = true;
                letter.person = Private::new(person);
            }
            wanted.push(letter);
        }
    }
    let (marker, planned, data) = print(&campaign, wanted);
    (campaign, marker, planned, data)
}

/// The single PDFs of a data file.
fn singles(marker: &ShardMarker, data: &[u8]) -> Vec<Vec<u8>> {
    let place = |result: &ShardResult| match result {
        ShardResult::Made { offset, bytes, .. } => {
            let start = usize::try_from(*offset).unwrap();
            start..start + usize::try_from(*bytes).unwrap()
        }
        ShardResult::Held { detail, .. } => panic!("held: {detail}"),
    };
    marker.letters.iter().map(|letter| data[place(&letter.result)].to_vec()).collect()
}

fn open(data: &[u8]) -> Pdf {
    Pdf::new(Arc::new(data.to_vec())).map_err(|_| "not a PDF").unwrap()
}

/// What poppler reads aloud: each text with the elements around it, `Document/H1`.
fn read_aloud(pdf: &[u8]) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("letter.pdf");
    std::fs::write(&file, pdf).unwrap();
    let read = Command::new("pdfinfo").arg("-struct-text").arg(&file).output().unwrap();
    let mut around: Vec<String> = Vec::new();
    let mut said = Vec::new();
    for line in String::from_utf8(read.stdout).unwrap().lines() {
        let depth = line.bytes().take_while(|&byte| byte == b' ').count() / 2;
        around.truncate(depth);
        match line.trim_start().strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
            Some(text) => said.push((around.join("/"), text.to_owned())),
            None => around.push(line.split_whitespace().next().unwrap_or_default().to_owned()),
        }
    }
    said
}

/// The lines of pages from the top down, without the foot.
fn printed(pdf: &[u8]) -> String {
    let pages = pages(pdf.to_vec());
    pages
        .iter()
        .filter(|page| !page.is_empty())
        .map(|page| {
            let mut lines: Vec<String> = lines(page).into_values().collect();
            assert!(lines.pop().unwrap().starts_with("Pag"), "the foot comes last");
            lines.concat()
        })
        .collect()
}

#[test]
fn a_single_pdf_is_read_as_its_page_is_from_the_sender_to_the_signature() {
    if Command::new("pdfinfo").arg("-v").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "install poppler-utils");
        return;
    }
    for name in TEMPLATES {
        let (campaign, marker, planned, data) = letters(name, Form::Single);
        for (pdf, planned) in singles(&marker, &data).iter().zip(&planned) {
            let said = read_aloud(pdf);
            let text: String = said.iter().map(|(_, text)| squeezed(text)).collect();
            assert_eq!(text, printed(pdf), "{name}: what is said is what is printed, in its order");

            let languages = planned.letter.languages.languages();
            let document = if languages.len() == 1 { "Document" } else { "Document/Part" };
            let elements = |role: &str| -> Vec<&str> {
                let role = format!("{document}/{role}");
                said.iter().filter(|(around, _)| *around == role).map(|(_, text)| text.as_str()).collect()
            };
            // Whole paragraphs, in the order in which people read them.
            let person = planned.letter.person.reveal();
            let mut expected = vec![campaign.sender["name"].as_str().unwrap(), &*campaign.return_line];
            expected.extend(planned.printed_lines.iter().map(String::as_str));
            let code = planned.letter.case_code.printed();
            expected.push(&code);
            let paragraphs = elements("P");
            let mut rest = paragraphs.iter();
            for text in expected {
                let same = |said: &&&str| squeezed(said) == squeezed(text);
                assert!(rest.any(|said| same(&said)), "{name}: {text} in {paragraphs:?}");
            }
            assert_eq!(person.named_inside, planned.letter.case_code == CaseCode::from_bits(2));
            let salutations = person.salutations.iter().map(|salutation| format!("{salutation},"));
            assert!(salutations.clone().all(|salutation| paragraphs.contains(&&*salutation)), "{paragraphs:?}");

            assert_eq!(elements("H1").len(), languages.len(), "{name}");
            let sections = elements("H2");
            assert!(sections.len() >= 5 * languages.len(), "{sections:?}");
            assert!(sections.iter().all(|section| section.ends_with('?')), "{sections:?}");
            let bullets = elements("L/LI/Lbl");
            assert!(bullets.len() > 5 && bullets.iter().all(|bullet| *bullet == "•"), "{bullets:?}");
            let bodies = said.iter().filter(|(around, _)| around.starts_with(&format!("{document}/L/LI/LBody")));
            assert_eq!(bodies.count(), bullets.len(), "{name}: each item has one text");
            assert!(
                !said.iter().any(|(_, text)| text.starts_with("Pag") && text.contains(" 1 ")),
                "the foot is not said"
            );
        }
    }
}

/// Where a piece of content is: on the page or in its form, by the number of the object, and its own number there.
type Piece = (ObjectIdentifier, i32);

/// The pieces of an operator stream. Everything that draws is in one, or is an artifact.
fn pieces(owner: ObjectIdentifier, content: &[u8], artifacts: &mut Vec<String>) -> Vec<Piece> {
    let mut found = Vec::new();
    // For each open part: whether what is drawn in it is accounted for.
    let mut open: Vec<bool> = Vec::new();
    let mut operations = UntypedIter::new(content);
    while let Some(instruction) = operations.next() {
        let operands: Vec<Object<'_>> = instruction.operands().cloned().collect();
        let operator = String::from_utf8_lossy(instruction.operator).into_owned();
        match &*operator {
            "BMC" | "BDC" => {
                let Some(Object::Name(tag)) = operands.first() else { panic!("a part without a name") };
                let number = match operands.get(1) {
                    Some(Object::Dict(properties)) => properties.get::<i32>(b"MCID".as_slice()),
                    _ => None,
                };
                let artifact = **tag == *b"Artifact";
                assert!(!(artifact || number.is_some()) || !open.contains(&true), "no piece is in another");
                found.extend(number.map(|number| (owner, number)));
                open.push(artifact || number.is_some() || open.contains(&true));
                if artifact {
                    artifacts.push(String::new());
                }
            }
            "EMC" => assert!(open.pop().is_some()),
            "Tj" | "TJ" => assert!(open.contains(&true), "text that is in no piece"),
            "f" | "S" | "B" | "f*" | "B*" => {
                assert!(open.contains(&true), "a shape that is no artifact");
                artifacts.last_mut().unwrap().push_str(&operator);
            }
            _ => {}
        }
    }
    assert!(open.is_empty());
    found
}

/// A structure tree, walked from its root.
#[derive(Default)]
struct Tree {
    /// Each piece's element.
    of: HashMap<Piece, ObjRef>,
    /// The roles and languages of all elements, in order.
    elements: Vec<(String, Option<String>)>,
}

impl Tree {
    fn walk(&mut self, pdf: &Pdf, element: ObjRef, around: ObjRef, page: Option<ObjRef>) {
        let dict: Dict<'_> = pdf.xref().get(element.into()).unwrap();
        assert_eq!(dict.get_ref(b"P".as_slice()), Some(around), "an element knows what is around it");
        let role: Name<'_> = dict.get(b"S".as_slice()).unwrap();
        let language = dict.get::<hayro_syntax::object::String<'_>>(b"Lang".as_slice());
        let language = language.map(|language| String::from_utf8_lossy(language.as_ref()).into_owned());
        self.elements.push((String::from_utf8_lossy(&role).into_owned(), language));
        let page = dict.get_ref(b"Pg".as_slice()).or(page);
        let kids: Array<'_> = dict.get(b"K".as_slice()).unwrap();
        for kid in kids.raw_iter() {
            let piece = match kid {
                MaybeRef::Ref(kid) => {
                    self.walk(pdf, kid, element, page);
                    continue;
                }
                MaybeRef::NotRef(Object::Number(number)) => (page.unwrap(), integer(&number)),
                MaybeRef::NotRef(Object::Dict(piece)) => {
                    let form = piece.get_ref(b"Stm".as_slice());
                    let page = piece.get_ref(b"Pg".as_slice());
                    (form.or(page).unwrap(), piece.get(b"MCID".as_slice()).unwrap())
                }
                MaybeRef::NotRef(_) => panic!("a kid that is neither element nor piece"),
            };
            assert_eq!(self.of.insert((piece.0.into(), piece.1), element), None, "a piece is read once");
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "numbers of pieces and keys are whole and small")]
fn integer(number: &Number) -> i32 {
    number.as_i64() as i32
}

fn catalog(pdf: &Pdf) -> Dict<'_> {
    pdf.xref().get(pdf.xref().root_id()).unwrap()
}

/// The way back: the element of a piece by the key of what it is drawn in.
fn parent(parents: &Array<'_>, holder: &Dict<'_>, number: i32) -> Option<ObjRef> {
    let key: i32 = holder.get(b"StructParents".as_slice())?;
    let entries: Vec<Object<'_>> = parents.iter::<Object<'_>>().collect();
    let pairs = entries.chunks_exact(2);
    let elements = pairs.into_iter().find_map(|pair| match pair {
        [Object::Number(found), Object::Array(elements)] if integer(found) == key => Some(elements),
        _ => None,
    })?;
    match elements.raw_iter().nth(usize::try_from(number).ok()?)? {
        MaybeRef::Ref(element) => Some(element),
        MaybeRef::NotRef(_) => None,
    }
}

#[test]
fn whatever_a_single_pdf_draws_has_one_element_or_is_an_artifact() {
    for name in TEMPLATES {
        let (_, marker, planned, data) = letters(name, Form::Single);
        for (data, planned) in singles(&marker, &data).iter().zip(&planned) {
            let pdf = open(data);
            let catalog = catalog(&pdf);
            let marked: Dict<'_> = catalog.get(b"MarkInfo".as_slice()).unwrap();
            assert_eq!(marked.get(b"Marked".as_slice()), Some(true));
            let root = catalog.get_ref(b"StructTreeRoot".as_slice()).unwrap();
            let tree_root: Dict<'_> = catalog.get(b"StructTreeRoot".as_slice()).unwrap();
            let mut tree = Tree::default();
            tree.walk(&pdf, tree_root.get_ref(b"K".as_slice()).unwrap(), root, None);
            let nums: Dict<'_> = tree_root.get(b"ParentTree".as_slice()).unwrap();
            let parents: Array<'_> = nums.get(b"Nums".as_slice()).unwrap();

            let mut drawn = 0;
            for (index, page) in pdf.pages().iter().enumerate() {
                let own = page.page_stream().unwrap_or_default();
                if own.is_empty() {
                    assert!(!page.raw().contains_key(b"StructParents"), "a blank back says nothing");
                    continue;
                }
                let resources: Dict<'_> = page.raw().get(b"Resources".as_slice()).unwrap();
                let forms: Dict<'_> = resources.get(b"XObject".as_slice()).unwrap();
                let form: Stream<'_> = forms.get(b"B".as_slice()).unwrap();
                let mut marks = Vec::new();
                let on_page = pieces(page.raw().obj_id().unwrap(), own, &mut marks);
                let in_form = pieces(form.obj_id(), &form.decoded().unwrap(), &mut Vec::new());
                // The foot's two texts; KIX and sheet mark, which are filled at once.
                let fills: Vec<&str> = marks.iter().map(String::as_str).filter(|drawn| !drawn.is_empty()).collect();
                let front = index % 2 == 0;
                assert_eq!(
                    fills,
                    match (index, front) {
                        (0, _) => vec!["ff"],
                        (_, true) => vec!["f"],
                        _ => vec![],
                    }
                );
                assert_eq!(page.raw().contains_key(b"StructParents".as_slice()), !on_page.is_empty());
                for (pieces, holder) in [(on_page, page.raw()), (in_form, form.dict())] {
                    for piece in pieces {
                        let element = tree.of.remove(&piece).expect("a piece has an element");
                        assert_eq!(parent(&parents, holder, piece.1), Some(element), "the way back is the same");
                        drawn += 1;
                    }
                }
            }
            assert!(drawn > 30, "{drawn}");
            assert!(tree.of.is_empty(), "nothing is read that is not drawn");

            let languages: Vec<&(String, Option<String>)> =
                tree.elements.iter().filter(|(_, language)| language.is_some()).collect();
            if planned.letter.languages == LanguageChoice::Both {
                assert_eq!(languages, [&("Part".to_owned(), Some("en".to_owned()))]);
            } else {
                assert!(languages.is_empty(), "{languages:?}");
            }
            let first: hayro_syntax::object::String<'_> = catalog.get(b"Lang".as_slice()).unwrap();
            assert_eq!(first.as_ref(), planned.letter.languages.languages()[0].code().as_bytes());
        }
    }
}

#[test]
fn a_stream_for_the_press_has_no_structure() {
    let (_, _, _, data) = letters("laboratory-breach", Form::Stream);
    let pdf = open(&data);
    let catalog = catalog(&pdf);
    for key in ["MarkInfo", "StructTreeRoot", "Metadata"] {
        assert!(!catalog.contains_key(key), "{key}");
    }
    let mut looked_at = 0;
    for object in pdf.objects() {
        if let Object::Stream(stream) = object {
            assert!(!stream.dict().contains_key("StructParents"));
            let content = stream.decoded().unwrap();
            assert!(!content.windows(5).any(|word| word == b"/MCID" || word == b"/Arti"));
            looked_at += 1;
        }
    }
    assert!(looked_at > 20);
}
