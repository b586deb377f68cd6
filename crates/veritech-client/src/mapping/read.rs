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

/// What cannot be read in a place, and in the places inside it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Unreadable {
    pub(super) here: Option<Found>,
    pub(super) inside: BTreeMap<String, Self>,
}

impl Unreadable {
    /// Returns what cannot be read in a member or element of the place.
    pub(super) fn child(&self, token: &str) -> Option<&Self> {
        self.inside.get(token)
    }

    fn only(found: Found) -> Self {
        Self {
            here: Some(found),
            inside: BTreeMap::new(),
        }
    }

    fn with(inside: BTreeMap<String, Self>) -> Option<Self> {
        (!inside.is_empty()).then_some(Self { here: None, inside })
    }

    /// Calls `each` with all that cannot be read here and inside.
    pub(super) fn for_each(&self, place: &Pointer, each: &mut impl FnMut(&Pointer, &Found)) {
        if let Some(found) = &self.here {
            each(place, found);
        }
        for (token, inside) in &self.inside {
            inside.for_each(&place.child(token), each);
        }
    }
}

/// Returns the value of valid JSON text of bounded depth, and what of it cannot be
/// read, in place of which there is `null`.
pub(super) fn read(text: &str) -> (Value, Option<Unreadable>) {
    match serde_json::from_str(text) {
        Ok(value) => (value, None),
        Err(_) => Reader { rest: text }.value(),
    }
}

/// Reads text of which it is known that it is JSON.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn value(&mut self) -> (Value, Option<Unreadable>) {
        let (text, found) = match self.next() {
            Some(b'{') => return self.object(),
            Some(b'[') => return self.array(),
            Some(b'"') => (self.string(), Found::LoneSurrogate),
            _ => {
                let text = self.word();
                (text, Found::Number(shortened(text)))
            }
        };
        match serde_json::from_str(text) {
            Ok(value) => (value, None),
            Err(_) => (Value::Null, Some(Unreadable::only(found))),
        }
    }

    fn object(&mut self) -> (Value, Option<Unreadable>) {
        let mut members = Map::new();
        let mut inside = BTreeMap::new();
        self.take(1);
        while self.next() == Some(b'"') {
            let text = self.string();
            let (mut member, mut unreadable) = (Value::Null, None);
            let name = serde_json::from_str(text).unwrap_or_else(|_| {
                unreadable = Some(Unreadable::only(Found::LoneSurrogateInName));
                // As it is spelled, since it is no text.
                text.trim_matches('"').to_owned()
            });
            let value = self.value();
            if unreadable.is_none() {
                (member, unreadable) = value;
            }
            // Of two members of one name, the last counts.
            match unreadable {
                Some(unreadable) => drop(inside.insert(name.clone(), unreadable)),
                None => drop(inside.remove(&name)),
            }
            members.insert(name, member);
        }
        self.take(1);
        (Value::Object(members), Unreadable::with(inside))
    }

    fn array(&mut self) -> (Value, Option<Unreadable>) {
        let mut elements = Vec::new();
        let mut inside = BTreeMap::new();
        self.take(1);
        while self.next().is_some_and(|next| next != b']') {
            let (element, unreadable) = self.value();
            if let Some(unreadable) = unreadable {
                inside.insert(elements.len().to_string(), unreadable);
            }
            elements.push(element);
        }
        self.take(1);
        (Value::Array(elements), Unreadable::with(inside))
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

#[cfg(test)]
mod tests;
