//! Many short texts in one allocation: how rows stay small when there are a million of them.
//!
//! Enters: a fixed number of texts. Leaves: the same texts by their index. Invariant: the head holds one length a text
//! in base 64 digits below 0x80, so that head and texts together are valid UTF-8 and need no offsets beside them; any
//! length fits. Absent on purpose: changing a text.

/// Bit that says that another digit of the same length follows.
const MORE: u8 = 0x40;

/// Texts in one allocation, by index.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Packed(Box<str>);

impl Packed {
    /// Packs the texts in their order.
    pub fn new<'a>(texts: impl Iterator<Item = &'a str> + Clone) -> Self {
        let mut packed = String::with_capacity(texts.clone().map(|text| text.len() + 1).sum());
        for text in texts.clone() {
            push_length(&mut packed, text.len());
        }
        texts.for_each(|text| packed.push_str(text));
        Self(packed.into_boxed_str())
    }

    /// The text with this index among `count` packed ones.
    ///
    /// # Panics
    /// When fewer than `count` texts were packed, or `index` is not below `count`.
    pub fn get(&self, index: usize, count: usize) -> &str {
        assert!(index < count, "only {count} texts are packed");
        let bytes = self.0.as_bytes();
        if let Some(lengths) = bytes.get(..count)
            && lengths.iter().fold(0, |bits, digit| bits | digit) & MORE == 0
        {
            // Lengths of one digit each, as almost always.
            let start = count + lengths[..index].iter().map(|&length| usize::from(length)).sum::<usize>();
            return &self.0[start..start + usize::from(lengths[index])];
        }
        let (mut head, mut before, mut wanted) = (0, 0, 0);
        for position in 0..count {
            let (length, next) = read_length(bytes, head);
            head = next;
            if position < index {
                before += length;
            } else if position == index {
                wanted = length;
            }
        }
        &self.0[head + before..head + before + wanted]
    }
}

/// Writes a length, low digits first.
fn push_length(packed: &mut String, mut length: usize) {
    while length >= usize::from(MORE) {
        packed.push(char::from(MORE | low_digit(length)));
        length /= usize::from(MORE);
    }
    packed.push(char::from(low_digit(length)));
}

/// The lowest base 64 digit.
fn low_digit(length: usize) -> u8 {
    u8::try_from(length % usize::from(MORE)).unwrap_or(0)
}

/// The length whose digits start at `at`, and where the next one starts.
fn read_length(bytes: &[u8], mut at: usize) -> (usize, usize) {
    let (mut length, mut unit) = (0, 1);
    loop {
        let digit = bytes[at];
        length += usize::from(digit & !MORE) * unit;
        unit *= usize::from(MORE);
        at += 1;
        if digit & MORE == 0 {
            return (length, at);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Packed;

    #[test]
    fn texts_of_any_length_come_back_as_they_were() {
        let texts = ["", "Ż", &"x".repeat(63), &"y".repeat(64), &"é".repeat(70_000), "\u{0}", ""];
        let packed = Packed::new(texts.iter().copied());
        for (index, text) in texts.iter().enumerate() {
            assert_eq!(packed.get(index, texts.len()), *text);
        }
    }

    proptest! {
        #[test]
        fn arbitrary_texts_come_back_as_they_were(texts in proptest::collection::vec(any::<String>(), 1..30)) {
            let packed = Packed::new(texts.iter().map(String::as_str));
            for (index, text) in texts.iter().enumerate() {
                prop_assert_eq!(packed.get(index, texts.len()), text.as_str());
            }
        }
    }
}
