//! What a page or a form draws, as one hash.
//!
//! Enters: an object of a PDF. Leaves: the SHA-256 of everything that can be reached from it and is drawn: contents, forms,
//! fonts, each as the bytes in the file. Where it stands in the file, and in which part of a document, does not count.

use std::collections::BTreeMap;

use hayro_syntax::object::{Array, Dict, Object, Stream};

/// The hash of what this object draws.
pub fn drawn(object: &Object<'_>) -> String {
    let mut bytes = Vec::new();
    add(object, &mut bytes);
    meldpost::store::sha256(&bytes)
}

fn add(object: &Object<'_>, bytes: &mut Vec<u8>) {
    match object {
        Object::Stream(stream) => {
            add_dict(stream.dict(), bytes);
            bytes.extend_from_slice(&Stream::raw_data(stream));
        }
        Object::Dict(values) => add_dict(values, bytes),
        Object::Array(values) => add_array(values, bytes),
        Object::Name(name) => bytes.extend_from_slice(name),
        Object::String(text) => bytes.extend_from_slice(text.as_ref()),
        Object::Number(number) => bytes.extend(number.as_f64().to_string().bytes()),
        Object::Boolean(value) => bytes.push(u8::from(*value)),
        Object::Null(_) => bytes.push(0),
    }
    bytes.push(b'\n');
}

fn add_array(values: &Array<'_>, bytes: &mut Vec<u8>) {
    values.iter::<Object<'_>>().for_each(|value| add(&value, bytes));
}

fn add_dict(values: &Dict<'_>, bytes: &mut Vec<u8>) {
    let entries: BTreeMap<Vec<u8>, Object<'_>> =
        values.keys().filter_map(|key| Some((key.to_vec(), values.get(&*key)?))).collect();
    for (key, value) in entries.into_iter().filter(|(key, _)| key != b"Parent" && key != b"DPart") {
        bytes.extend(key);
        add(&value, bytes);
    }
}
