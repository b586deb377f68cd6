//! Reading text of which a parser cannot make a value.

use proptest::prelude::*;
use serde_json::Value;

use super::{Reader, Unreadable, read};
use crate::mapping::error::Found;
use crate::pointer::Pointer;

/// JSON text, and where it holds what cannot be read.
#[derive(Clone, Debug)]
enum Text {
    Readable(String),
    Unreadable(&'static str),
    Array(Vec<Self>),
    Object(Vec<Self>),
}

impl Text {
    /// Writes the text, with spaces where there may be some, and notes the places.
    fn write(&self, place: &Pointer, text: &mut String, unreadable: &mut Vec<Pointer>) {
        match self {
            Self::Readable(readable) => text.push_str(readable),
            Self::Unreadable(token) => {
                text.push_str(token);
                unreadable.push(place.clone());
            }
            Self::Array(elements) => {
                text.push_str("[ ");
                for (index, element) in elements.iter().enumerate() {
                    text.push_str(if index == 0 { "" } else { " ,\n" });
                    element.write(&place.element(index), text, unreadable);
                }
                text.push_str("\t]");
            }
            Self::Object(members) => {
                text.push_str("{\r");
                for (index, member) in members.iter().enumerate() {
                    let name = format!("{{\"{index}\\");
                    text.push_str(if index == 0 { "" } else { ", " });
                    text.push_str(&Value::from(name.as_str()).to_string());
                    text.push_str(" :");
                    member.write(&place.child(&name), text, unreadable);
                }
                text.push_str(" }");
            }
        }
    }
}

fn text() -> impl Strategy<Value = Text> {
    let readable = prop_oneof![
        any::<f64>().prop_map(|number| Value::from(number).to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        r#"[ab,:\]\[{}"\\é]{0,6}"#.prop_map(|text| Value::from(text).to_string()),
        r#""(\\\\|\\"|\\ud83d\\ude00|a|\]){0,4}""#,
        "true|false|null|-0|0\\.1e-400",
    ];
    let unreadable = prop_oneof![
        Just("1e400"),
        Just("-99E+999"),
        Just(r#""\ud800""#),
        Just(r#""\\\"\udc00,]""#),
        Just(r#""\ud800\u0041""#),
    ];
    let leaf = prop_oneof![
        3 => readable.prop_map(Text::Readable),
        1 => unreadable.prop_map(Text::Unreadable),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        let children = prop::collection::vec(inner, 0..5);
        prop_oneof![
            children.clone().prop_map(Text::Array),
            children.prop_map(Text::Object),
        ]
    })
}

proptest! {
    #[test]
    fn all_that_cannot_be_read_is_found_where_it_is(text in text()) {
        let (mut written, mut expected) = (String::new(), Vec::new());
        text.write(&Pointer::root(), &mut written, &mut expected);
        let (value, unreadable) = read(&written);
        let mut found = Vec::new();
        if let Some(unreadable) = unreadable {
            unreadable.for_each(&Pointer::root(), &mut |place, _| found.push(place.clone()));
        }
        found.sort();
        expected.sort();
        prop_assert_eq!(found, expected, "{}", written);

        // What can be read is as it is without the rest.
        let readable = ["1e400", "-99E+999", r#""\ud800""#, r#""\\\"\udc00,]""#, r#""\ud800\u0041""#]
            .iter()
            .fold(written, |text, token| text.replace(token, "null"));
        prop_assert_eq!(value, serde_json::from_str::<Value>(&readable).expect("readable"));
    }

    #[test]
    fn text_that_a_parser_reads_is_read_in_the_same_way(text in text()) {
        let mut written = String::new();
        text.write(&Pointer::root(), &mut written, &mut Vec::new());
        if let Ok(value) = serde_json::from_str::<Value>(&written) {
            prop_assert_eq!(Reader { rest: &written }.value(), (value, None));
        }
    }

    #[test]
    fn no_text_makes_reading_fail_or_last(text in r#"[\[\]{}",:\\u\-0-9e é]{0,64}"#) {
        read(&text);
    }
}

#[test]
fn of_two_members_of_one_name_the_last_counts() {
    let (value, unreadable) = read(r#"{"a": 1e400, "a": 2, "b": 3, "b": "\ud800"}"#);
    assert_eq!(value, serde_json::json!({ "a": 2, "b": null }));
    let unreadable = unreadable.expect("one cannot be read");
    assert_eq!(unreadable.child("a"), None);
    assert_eq!(
        unreadable.child("b"),
        Some(&Unreadable::only(Found::LoneSurrogate))
    );
}
