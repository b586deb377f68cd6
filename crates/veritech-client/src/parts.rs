//! Puts a value together that came in parts.

use sha2::{Digest as _, Sha256};
use veritech_protocol::json;
use veritech_protocol::{Part, RawValue};

/// The deepest nesting of a value.
const MAX_VALUE_DEPTH: usize = 136;

/// The parts of a value, so far.
#[derive(Debug)]
pub(crate) struct Parts {
    text: String,
    count: u32,
    max_bytes: usize,
}

/// Parts that make no value.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PartsError {
    #[error("the value is larger than {limit} bytes, the most that this client puts together")]
    TooLarge { bytes: usize, limit: usize },
    #[error("part {found} of the value came where part {expected} was due")]
    OutOfOrder { expected: u32, found: u32 },
    #[error("part {0} of the value is empty")]
    Empty(u32),
    #[error("the result speaks of {announced} parts, {received} came")]
    Count { announced: u32, received: u32 },
    #[error("the parts are not those that the result's SHA-256 speaks of")]
    Digest,
    #[error("the parts make no JSON text: {0}")]
    NotJson(String),
}

impl Parts {
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self {
            text: String::new(),
            count: 0,
            max_bytes,
        }
    }

    /// Takes the next part.
    pub(crate) fn push(&mut self, part: &Part) -> Result<(), PartsError> {
        if part.index != self.count {
            return Err(PartsError::OutOfOrder {
                expected: self.count,
                found: part.index,
            });
        }
        // Without this, the number of parts would have no bound.
        if part.data.is_empty() {
            return Err(PartsError::Empty(part.index));
        }
        let bytes = self.text.len().saturating_add(part.data.len());
        if bytes > self.max_bytes {
            return Err(PartsError::TooLarge {
                bytes,
                limit: self.max_bytes,
            });
        }
        self.text.push_str(&part.data);
        self.count = self.count.saturating_add(1);
        Ok(())
    }

    /// Returns the value, if it is the one that the result speaks of.
    pub(crate) fn finish(self, parts: u32, sha256: &str) -> Result<Box<RawValue>, PartsError> {
        if self.count != parts {
            return Err(PartsError::Count {
                announced: parts,
                received: self.count,
            });
        }
        if hexadecimal(&Sha256::digest(&self.text)) != sha256 {
            return Err(PartsError::Digest);
        }
        json::bounded(self.text.as_bytes(), self.max_bytes, MAX_VALUE_DEPTH)
            .map_err(|error| PartsError::NotJson(error.to_string()))?;
        RawValue::from_string(self.text).map_err(|error| PartsError::NotJson(error.to_string()))
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of `{"a":1}`.
    const SHA256: &str = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862";

    fn parts(pieces: &[(u32, &str)]) -> Result<Parts, PartsError> {
        let mut parts = Parts::new(10);
        for (index, data) in pieces {
            parts.push(&Part {
                index: *index,
                data: (*data).to_owned(),
            })?;
        }
        Ok(parts)
    }

    #[test]
    fn parts_in_order_make_the_value() {
        let value = parts(&[(0, "{\"a"), (1, "\":1}")])
            .and_then(|parts| parts.finish(2, SHA256))
            .expect("a value");
        assert_eq!(value.get(), "{\"a\":1}");
    }

    #[test]
    fn parts_that_are_missing_exchanged_or_changed_are_noticed() {
        let finish = |pieces: &[(u32, &str)], count| {
            parts(pieces)
                .and_then(|parts| parts.finish(count, SHA256))
                .expect_err("refused")
        };
        assert_eq!(
            finish(&[(1, "{\"a\":1}")], 1),
            PartsError::OutOfOrder {
                expected: 0,
                found: 1
            }
        );
        assert_eq!(
            finish(&[(0, "{\"a\":1}")], 2),
            PartsError::Count {
                announced: 2,
                received: 1
            }
        );
        assert_eq!(finish(&[(0, "{\"a\":2}")], 1), PartsError::Digest);
        assert_eq!(finish(&[(0, "")], 1), PartsError::Empty(0));
    }

    #[test]
    fn a_value_does_not_grow_beyond_its_bound() {
        let error = parts(&[(0, "123456"), (1, "78901")]).expect_err("refused");
        assert_eq!(
            error,
            PartsError::TooLarge {
                bytes: 11,
                limit: 10
            }
        );
    }
}
