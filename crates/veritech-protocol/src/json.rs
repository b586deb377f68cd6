//! Bounds on JSON text, checked before anything parses it; and what is to be an
//! object.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// JSON text that is not even looked at further.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutOfBounds {
    /// The text is too long.
    #[error("is {bytes} bytes long, the limit is {limit}")]
    TooLarge {
        /// Its length in bytes.
        bytes: usize,
        /// The most that is allowed.
        limit: usize,
    },

    /// Arrays and objects lie too deep inside each other.
    #[error("is nested more than {limit} levels deep")]
    TooDeep {
        /// The most levels that are allowed.
        limit: usize,
    },

    /// The text is not UTF-8.
    #[error("is not UTF-8 after byte {valid_up_to}")]
    NotUtf8 {
        /// How many bytes are.
        valid_up_to: usize,
    },
}

/// Returns `bytes` as text if it is UTF-8 of at most `max_bytes` with at most
/// `max_depth` levels of nesting.
///
/// The text need not be valid JSON; if it is, no parser will recurse deeper.
///
/// # Errors
///
/// Returns which bound was exceeded.
pub fn bounded(bytes: &[u8], max_bytes: usize, max_depth: usize) -> Result<&str, OutOfBounds> {
    if bytes.len() > max_bytes {
        return Err(OutOfBounds::TooLarge {
            bytes: bytes.len(),
            limit: max_bytes,
        });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| OutOfBounds::NotUtf8 {
        valid_up_to: error.valid_up_to(),
    })?;
    if deeper_than(text, max_depth) {
        return Err(OutOfBounds::TooDeep { limit: max_depth });
    }
    Ok(text)
}

/// Whether arrays and objects in `text` lie more than `max_depth` levels deep.
pub fn deeper_than(text: &str, max_depth: usize) -> bool {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for byte in text.bytes() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => {
                depth = depth.saturating_add(1);
                if depth > max_depth {
                    return true;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// Whether a string in `text` has an escaped half of a surrogate pair without the
/// other, which JSON's grammar allows and no Unicode text can hold (RFC 8259,
/// section 8.2).
pub fn has_lone_surrogate(text: &str) -> bool {
    let mut rest = text;
    let mut is_lead = false;
    while let Some(at) = rest.find('\\') {
        let escape = rest.get(at.saturating_add(1)..).unwrap_or_default();
        let unit = escape
            .strip_prefix('u')
            .and_then(|hexadecimal| u16::from_str_radix(hexadecimal.get(..4)?, 16).ok());
        let is_trail = matches!(unit, Some(0xDC00..=0xDFFF));
        // A pair has nothing in between.
        if is_lead != (is_trail && at == 0) || (is_trail && !is_lead) {
            return true;
        }
        is_lead = matches!(unit, Some(0xD800..=0xDBFF));
        let length = if unit.is_some() { 5 } else { 1 };
        rest = escape.get(length..).unwrap_or_default();
    }
    is_lead
}

/// Reads a struct from an object only. By itself it is also read from an array of
/// its fields' values, in the order in which they happen to be declared.
pub(crate) fn object<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Object<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(members))
        }
    }

    deserializer.deserialize_map(Object(PhantomData))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn brackets_in_strings_do_not_count() {
        assert!(!deeper_than(r#"["[[[[\"[[[["]"#, 1));
        assert!(deeper_than(r#"["[[[[\\",[]]"#, 1));
    }

    #[test]
    fn half_a_surrogate_pair_is_found_wherever_it_is() {
        for lone in [
            r#""\ud800""#,
            r#""\uDC00""#,
            r#""\ud83d x\ude00""#,
            r#""\ud83d\n\ude00""#,
            r#""\ude00\ud83d""#,
            r#""\ud83d\ud83d\ude00""#,
            r#"{"\ud800":1}"#,
        ] {
            assert!(has_lone_surrogate(lone), "{lone}");
        }
        for whole in [
            r#""\ud83d\ude00""#,
            r#""\ud83d\ude00\ud83d\ude00""#,
            r#""\\ud800""#,
            r#""\u00e4 \"ud800\"""#,
            "[1,\"😀\"]",
        ] {
            assert!(!has_lone_surrogate(whole), "{whole}");
        }
    }

    #[test]
    fn each_bound_is_named_with_its_figures() {
        assert_eq!(
            bounded(b"123456", 5, 9),
            Err(OutOfBounds::TooLarge { bytes: 6, limit: 5 })
        );
        assert_eq!(
            bounded(b"[[1]]", 9, 1),
            Err(OutOfBounds::TooDeep { limit: 1 })
        );
        assert_eq!(
            bounded(b"a\xff", 9, 1),
            Err(OutOfBounds::NotUtf8 { valid_up_to: 1 })
        );
    }

    proptest! {
        #[test]
        fn strings_of_unicode_have_no_lone_surrogate(
            units in proptest::collection::vec(any::<u16>(), 0..12),
        ) {
            let escaped: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let escaped = format!("\"{escaped}\"");
            let lone = String::from_utf16(&units).is_err();
            prop_assert_eq!(has_lone_surrogate(&escaped), lone, "{}", escaped);
        }

        #[test]
        fn text_within_bounds_never_reaches_the_parsers_recursion_limit(
            bytes in proptest::collection::vec(
                prop_oneof![Just(b'['), Just(b']'), Just(b'{'), Just(b'"'), Just(b'\\'), any::<u8>()],
                0..600,
            ),
        ) {
            if let Ok(text) = bounded(&bytes, 600, 100) {
                let parsed = serde_json::from_str::<serde_json::Value>(text);
                if let Err(error) = parsed {
                    prop_assert!(!error.to_string().contains("recursion"), "{error}");
                }
            }
        }
    }
}
