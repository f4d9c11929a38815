//! Objects of a finished PDF, carried over into a new one.
//!
//! Enters: a PDF that typst wrote. Leaves: the same objects under new numbers in a [`Chunk`]. Invariants: an object is
//! copied once; streams keep their compressed bytes; what a page does not reach is left behind; grey is the device's own,
//! because a profiled grey becomes four inks on a colour press, and black text would then be billed and smeared as colour.

use std::collections::HashMap;

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, MaybeRef, Object, ObjectIdentifier};
use pdf_writer::{Chunk, Name, Null, Obj, Ref, Str};

/// Copies objects out of one PDF.
pub struct Copier<'a> {
    pdf: &'a Pdf,
    copied: HashMap<ObjectIdentifier, Ref>,
    waiting: Vec<(ObjectIdentifier, Ref)>,
}

impl<'a> Copier<'a> {
    /// Copies out of this PDF.
    pub fn new(pdf: &'a Pdf) -> Self {
        Self { pdf, copied: HashMap::new(), waiting: Vec::new() }
    }

    /// Writes a value in place; what it refers to is copied by [`Self::write_reached`].
    pub fn value(&mut self, target: Obj<'_>, value: &MaybeRef<Object<'_>>, next: &mut Ref) {
        match value {
            MaybeRef::Ref(reference) => {
                let id = ObjectIdentifier::from(*reference);
                let number = *self.copied.entry(id).or_insert_with(|| {
                    let number = next.bump();
                    self.waiting.push((id, number));
                    number
                });
                target.primitive(number);
            }
            MaybeRef::NotRef(object) => self.direct(target, object, next),
        }
    }

    /// Writes a dictionary's entries into another one.
    pub fn entries(&mut self, target: &mut pdf_writer::Dict<'_>, source: &Dict<'_>, next: &mut Ref) {
        for (key, value) in source.entries() {
            self.value(target.insert(Name(&key)), &value, next);
        }
    }

    /// Copies everything that was referred to so far.
    pub fn write_reached(&mut self, chunk: &mut Chunk, next: &mut Ref) {
        while let Some((id, number)) = self.waiting.pop() {
            match self.pdf.xref().get::<Object<'_>>(id) {
                Some(Object::Stream(stream)) => {
                    let data = stream.raw_data();
                    let mut target = chunk.stream(number, &data);
                    for (key, value) in stream.dict().entries() {
                        if &*key != b"Length" {
                            self.value(target.insert(Name(&key)), &value, next);
                        }
                    }
                }
                Some(object) => self.direct(chunk.indirect(number), &object, next),
                None => chunk.indirect(number).primitive(Null),
            }
        }
    }

    fn direct(&mut self, target: Obj<'_>, object: &Object<'_>, next: &mut Ref) {
        match object {
            Object::Boolean(value) => target.primitive(*value),
            Object::Number(value) => {
                let value = value.as_f64();
                if value.fract() == 0.0 && value.abs() < f64::from(i32::MAX) {
                    #[expect(clippy::cast_possible_truncation, reason = "whole and in range")]
                    target.primitive(value as i32);
                } else {
                    #[expect(clippy::cast_possible_truncation, reason = "PDF numbers are single precision")]
                    target.primitive(value as f32);
                }
            }
            Object::String(value) => target.primitive(Str(value.as_ref())),
            Object::Name(value) => target.primitive(Name(value)),
            Object::Dict(value) => self.entries(&mut target.dict(), value, next),
            Object::Array(value) => self.array(target, value, next),
            // A stream is never a direct object (ISO 32000-1, 7.3.8).
            Object::Null(_) | Object::Stream(_) => target.primitive(Null),
        }
    }

    fn array(&mut self, target: Obj<'_>, source: &Array<'_>, next: &mut Ref) {
        if is_profiled_grey(source) {
            target.primitive(Name(b"DeviceGray"));
            return;
        }
        let mut array = target.array();
        for item in source.raw_iter() {
            self.value(array.push(), &item, next);
        }
    }
}

/// Whether this is a colour space with an ICC profile of one component (ISO 32000-1, 8.6.5.5).
fn is_profiled_grey(source: &Array<'_>) -> bool {
    let mut items = source.iter::<Object<'_>>();
    let (Some(Object::Name(family)), Some(Object::Stream(profile))) = (items.next(), items.next()) else {
        return false;
    };
    &*family == b"ICCBased" && profile.dict().get::<i32>(b"N") == Some(1)
}
