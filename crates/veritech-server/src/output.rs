//! How much of its output a function gets through.

use std::time::SystemTime;

use veritech_protocol::{Level, Output, Stream};

/// The longest timestamp that can be one, in bytes.
const MAX_TIMESTAMP_BYTES: usize = 35;

/// The bytes of output that an execution may still send. Each message counts as
/// a line, so that empty ones are not free.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OutputBudget {
    limit: u64,
    written: u64,
    truncated: bool,
}

impl OutputBudget {
    /// Allows `limit` bytes of messages.
    pub(crate) fn new(limit: u64) -> Self {
        Self {
            limit,
            written: 0,
            truncated: false,
        }
    }

    /// Returns what of `output` is to be sent: all of it, or the part that still
    /// fits and a notice, or nothing more.
    pub(crate) fn admit(&mut self, mut output: Output) -> Vec<Output> {
        output.timestamp = Some(timestamp(output.timestamp.take()));
        let left = self.limit.saturating_sub(self.written);
        let bytes = u64::try_from(output.message.len())
            .unwrap_or(u64::MAX)
            .saturating_add(1);
        self.written = self.written.saturating_add(bytes);
        if self.truncated {
            return Vec::new();
        }
        if bytes <= left {
            return vec![output];
        }
        self.truncated = true;
        let notice = Output {
            stream: Stream::Stderr,
            level: Some(Level::Warn),
            message: format!("output truncated at {} bytes", self.limit),
            timestamp: output.timestamp.clone(),
        };
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        output
            .message
            .truncate(output.message.floor_char_boundary(left));
        if output.message.is_empty() {
            return vec![notice];
        }
        vec![output, notice]
    }

    /// Notes that admitted output was not delivered.
    pub(crate) fn lose(&mut self) {
        self.truncated = true;
    }

    /// Returns the bytes that were written, as far as they were seen.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    /// Returns whether some were cut.
    pub(crate) fn truncated(&self) -> bool {
        self.truncated
    }
}

/// What the sandbox says about the time if that is a time, otherwise the time.
fn timestamp(claimed: Option<String>) -> String {
    claimed
        .filter(|text| text.len() <= MAX_TIMESTAMP_BYTES && humantime::parse_rfc3339(text).is_ok())
        .unwrap_or_else(|| humantime::format_rfc3339_millis(SystemTime::now()).to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn output(message: &str) -> Output {
        Output {
            stream: Stream::Stdout,
            level: None,
            message: message.to_owned(),
            timestamp: Some("2026-01-01T00:00:00.000Z".to_owned()),
        }
    }

    #[test]
    fn a_timestamp_that_is_none_is_replaced() {
        let mut forged = output("a");
        forged.timestamp = Some("x".repeat(1 << 20));
        let admitted = OutputBudget::new(10).admit(forged);
        let timestamp = admitted[0].timestamp.as_deref().expect("there is one");
        assert!(humantime::parse_rfc3339(timestamp).is_ok(), "{timestamp}");
    }

    #[test]
    fn output_beyond_the_limit_is_cut_once_and_marked() {
        let mut budget = OutputBudget::new(6);
        assert_eq!(budget.admit(output("abc")), [output("abc")]);
        let cut = budget.admit(output("def"));
        assert_eq!(cut.first(), Some(&output("de")));
        assert_eq!(cut.len(), 2);
        assert_eq!(budget.admit(output("ghi")), []);
        assert!(budget.truncated());
        assert_eq!(budget.written(), 12);
    }

    proptest! {
        #[test]
        fn never_more_than_the_limit_gets_through(
            limit in 0_u64..64,
            messages in proptest::collection::vec(".{0,20}", 0..20),
        ) {
            let mut budget = OutputBudget::new(limit);
            let mut sent = 0;
            for message in &messages {
                for admitted in budget.admit(output(message)) {
                    if admitted.level.is_none() {
                        sent += admitted.message.len() as u64;
                    }
                }
            }
            prop_assert!(sent <= limit, "{} of {}", sent, limit);
        }
    }
}
