//! How much is mapped at most.

use serde_json::Value;
use veritech_protocol::json;

use super::error::{Expected, Found, MappingError, MappingErrors};
use crate::pointer::Pointer;

/// How much is mapped at most.
///
/// # Examples
///
/// ```
/// use serde_json::json;
/// use veritech_client::{Mapping, MappingLimits, Pointer, Prop};
///
/// let limits = MappingLimits { depth: 2, ..MappingLimits::default() };
/// let deep = json!([[[]]]);
/// let refused = Mapping { limits }.map_value(&Prop::json(), &Pointer::root(), Some(&deep));
/// assert_eq!(
///     refused.expect_err("three levels").to_string(),
///     "expected JSON nested at most 2 levels deep, found more",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingLimits {
    /// How long JSON text may be, in bytes.
    pub bytes: usize,
    /// How many levels deep arrays and objects may lie inside each other; more than
    /// [`MAX_DEPTH`](Self::MAX_DEPTH) is as much as that.
    pub depth: usize,
    /// How many values there may be, arrays and objects included.
    pub nodes: usize,
    /// How many errors are listed, at least one; the others are counted.
    pub errors: usize,
}

impl MappingLimits {
    /// The most levels that can be allowed.
    pub const MAX_DEPTH: usize = 120;

    /// Checks text before it is parsed.
    pub(super) fn check_text(&self, base: &Pointer, text: &str) -> Result<(), MappingErrors> {
        let excess = if text.len() > self.bytes {
            (Expected::Bytes(self.bytes), Found::Bytes(text.len()))
        } else if json::deeper_than(text, self.depth()) {
            (Expected::Depth(self.depth()), Found::More)
        } else if values_in(text) > self.nodes {
            (Expected::Nodes(self.nodes), Found::More)
        } else {
            return Ok(());
        };
        Err(refuse(base, excess))
    }

    /// Checks a value that is already parsed.
    pub(super) fn check_value(&self, base: &Pointer, value: &Value) -> Result<(), MappingErrors> {
        // A list and not the stack, since a value that was made in code may be of any
        // depth. With each value, how many levels deep it lies.
        let mut pending = vec![(value, 0_usize)];
        let mut counted = 0_usize;
        while let Some((value, above)) = pending.pop() {
            counted = counted.saturating_add(1);
            let depth = above.saturating_add(1);
            match value {
                Value::Array(elements) => {
                    pending.extend(elements.iter().map(|element| (element, depth)));
                }
                Value::Object(members) => {
                    pending.extend(members.values().map(|member| (member, depth)));
                }
                _ => continue,
            }
            if depth > self.depth() {
                return Err(refuse(base, (Expected::Depth(self.depth()), Found::More)));
            }
            if counted.saturating_add(pending.len()) > self.nodes {
                return Err(refuse(base, (Expected::Nodes(self.nodes), Found::More)));
            }
        }
        Ok(())
    }

    fn depth(&self) -> usize {
        self.depth.min(Self::MAX_DEPTH)
    }
}

impl Default for MappingLimits {
    /// 16 MiB of text, 100 levels, 200,000 values, 100 errors.
    fn default() -> Self {
        Self {
            bytes: 16 << 20,
            depth: 100,
            nodes: 200_000,
            errors: 100,
        }
    }
}

fn refuse(base: &Pointer, (expected, found): (Expected, Found)) -> MappingErrors {
    MappingErrors {
        errors: vec![MappingError {
            pointer: base.clone(),
            expected,
            found,
        }],
        left_out: 0,
    }
}

/// Returns how many values there are in JSON text.
fn values_in(text: &str) -> usize {
    let mut values = 1_usize;
    let mut in_string = false;
    let mut is_escaped = false;
    // Whether the last token opened an array or object, which may be empty.
    let mut has_opened = false;
    for byte in text.bytes() {
        if in_string {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        let is_value = match byte {
            b' ' | b'\t' | b'\n' | b'\r' => continue,
            b']' | b'}' => false,
            b',' => true,
            _ => has_opened,
        };
        values = values.saturating_add(usize::from(is_value));
        has_opened = matches!(byte, b'[' | b'{');
        in_string = byte == b'"';
    }
    values
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_in_text_are_counted_without_parsing_it() {
        for (text, values) in [
            ("1", 1),
            (" [ ] ", 1),
            ("{}", 1),
            ("[[],{}, [1 , \"a,[\\\"{\" ] ]", 6),
            (r#"{"a,b": {"c": [null]}, "d": ""}"#, 5),
        ] {
            assert_eq!(values_in(text), values, "{text}");
        }
    }

    #[test]
    fn a_value_of_any_depth_is_refused_without_recursion() {
        let limits = MappingLimits::default();
        let deep = |depth: usize| (0..depth).fold(json!(1), |value, _| json!([value]));
        assert_eq!(limits.check_value(&Pointer::root(), &deep(100)), Ok(()));
        let errors = limits.check_value(&Pointer::root(), &deep(101));
        let errors = errors.expect_err("one level too many");
        assert_eq!(
            errors.to_string(),
            "expected JSON nested at most 100 levels deep, found more"
        );
    }
}
