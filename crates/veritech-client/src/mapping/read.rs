//! JSON text to JSON values, and where there is none that Rust can hold.
//!
//! JSON's grammar allows numbers beyond every double, and halves of surrogate pairs,
//! which no string can hold. A parser stops at the first of them and does not say
//! where it is; here each is found, so that it is reported with all else that does
//! not fit.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::error::{Found, shortened};
use crate::pointer::Pointer;

/// What cannot be read, by its place.
pub(super) type Unreadable = BTreeMap<Pointer, Found>;

/// Returns the value of valid JSON text of bounded depth, with `null` in place of
/// what cannot be read.
pub(super) fn read(base: &Pointer, text: &str) -> (Value, Unreadable) {
    if let Ok(value) = serde_json::from_str(text) {
        return (value, Unreadable::new());
    }
    let mut reader = Reader {
        rest: text,
        unreadable: Unreadable::new(),
    };
    let value = reader.value(base);
    (value, reader.unreadable)
}

/// Reads text of which it is known that it is JSON.
struct Reader<'a> {
    rest: &'a str,
    unreadable: Unreadable,
}

impl<'a> Reader<'a> {
    fn value(&mut self, place: &Pointer) -> Value {
        let (text, found) = match self.next() {
            Some(b'{') => return self.object(place),
            Some(b'[') => return self.array(place),
            Some(b'"') => (self.string(), Found::LoneSurrogate),
            _ => {
                let text = self.word();
                (text, Found::Number(shortened(text)))
            }
        };
        serde_json::from_str(text).unwrap_or_else(|_| {
            self.unreadable.insert(place.clone(), found);
            Value::Null
        })
    }

    fn object(&mut self, place: &Pointer) -> Value {
        let mut members = Map::new();
        self.take(1);
        while self.next() == Some(b'"') {
            let text = self.string();
            match serde_json::from_str::<String>(text) {
                Ok(name) => {
                    let member = self.value(&place.child(&name));
                    members.insert(name, member);
                }
                Err(_) => {
                    // As it is spelled, since it is no text.
                    let member = place.child(text.trim_matches('"'));
                    self.value(&member);
                    self.unreadable.insert(member, Found::LoneSurrogateInName);
                    members.insert(text.trim_matches('"').to_owned(), Value::Null);
                }
            }
        }
        self.take(1);
        Value::Object(members)
    }

    fn array(&mut self, place: &Pointer) -> Value {
        let mut elements = Vec::new();
        self.take(1);
        while self.next().is_some_and(|next| next != b']') {
            elements.push(self.value(&place.element(elements.len())));
        }
        self.take(1);
        Value::Array(elements)
    }

    /// Returns the first byte of what comes next, without spaces and separators.
    fn next(&mut self) -> Option<u8> {
        let separators = [' ', '\t', '\n', '\r', ',', ':'];
        self.rest = self.rest.trim_start_matches(separators);
        self.rest.bytes().next()
    }

    /// Takes a string, with its quotes.
    fn string(&mut self) -> &'a str {
        let mut is_escaped = false;
        let content = self.rest.bytes().skip(1);
        let length = content.take_while(|byte| match byte {
            b'\\' => {
                is_escaped = !is_escaped;
                true
            }
            b'"' if !is_escaped => false,
            _ => {
                is_escaped = false;
                true
            }
        });
        let length = length.count();
        self.take(length.saturating_add(2))
    }

    /// Takes a number or name.
    fn word(&mut self) -> &'a str {
        let ends = |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r');
        let length = self.rest.bytes().take_while(|byte| !ends(byte)).count();
        self.take(length.max(1))
    }

    /// Takes so many bytes, or all if there are not as many.
    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }
}
