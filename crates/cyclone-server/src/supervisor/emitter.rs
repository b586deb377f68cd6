//! Passes frames on, and output only as far as it may go.

use tokio::sync::mpsc;
use veritech_protocol::{Frame, Output};

use crate::text::pieces;
use crate::timestamp;

/// The most bytes of a message that one frame carries; a longer message becomes several.
const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// Where frames go.
pub(super) struct Emitter {
    frames: mpsc::Sender<Frame>,
    limit: u64,
    spent: u64,
}

impl Emitter {
    /// Starts with no room for output.
    pub(super) fn new(frames: mpsc::Sender<Frame>) -> Self {
        Self {
            frames,
            limit: 0,
            spent: 0,
        }
    }

    /// Makes room for output of `limit` bytes.
    pub(super) fn set_budget(&mut self, limit: u64) {
        self.limit = limit;
    }

    /// Returns whether all output from here on is discarded.
    pub(super) fn is_exhausted(&self) -> bool {
        self.spent > self.limit
    }

    /// Waits until the frame has been taken.
    pub(super) async fn send(&mut self, frame: Frame) {
        // Nobody takes frames any more only when this whole process is about to end.
        self.frames.send(frame).await.ok();
    }

    /// Stamps the output and passes it on, or discards it once more than the limit has gone.
    ///
    /// The message that exceeds the limit still goes, so that the dispatcher knows of the rest.
    pub(super) async fn emit(&mut self, output: Output) {
        for piece in pieces(&output.message, MAX_MESSAGE_BYTES) {
            if self.is_exhausted() {
                return;
            }
            // As the dispatcher counts: a message is a line, so that an empty one costs something too.
            let bytes = u64::try_from(piece.len())
                .unwrap_or(u64::MAX)
                .saturating_add(1);
            self.spent = self.spent.saturating_add(bytes);
            self.send(Frame::Output(Output {
                message: piece.to_owned(),
                timestamp: Some(timestamp::now()),
                ..output
            }))
            .await;
        }
    }
}

#[cfg(test)]
mod tests {
    use veritech_protocol::Stream;

    use super::*;

    async fn emitted(limit: u64, messages: &[&str]) -> Vec<String> {
        let (frames, mut taken) = mpsc::channel(64);
        let mut emitter = Emitter::new(frames);
        emitter.set_budget(limit);
        for message in messages {
            let message = (*message).to_owned();
            let output = Output {
                stream: Stream::Stdout,
                level: None,
                message,
                timestamp: None,
            };
            emitter.emit(output).await;
        }
        drop(emitter);
        let mut messages = Vec::new();
        while let Some(frame) = taken.recv().await {
            match frame {
                Frame::Output(output) => {
                    assert!(output.timestamp.is_some(), "not stamped: {output:?}");
                    messages.push(output.message);
                }
                other => panic!("not output: {other:?}"),
            }
        }
        messages
    }

    #[tokio::test]
    async fn the_message_that_exceeds_the_limit_is_the_last() {
        assert_eq!(
            emitted(6, &["ab", "cd", "ef", "gh"]).await,
            ["ab", "cd", "ef"]
        );
    }

    #[tokio::test]
    async fn empty_messages_are_bounded_too() {
        assert_eq!(emitted(2, &[""; 9]).await, ["", "", ""]);
    }

    #[tokio::test]
    async fn a_long_message_goes_in_pieces() {
        let long = "€".repeat(MAX_MESSAGE_BYTES);
        let messages = emitted(u64::MAX, &[&long]).await;

        assert!(
            messages
                .iter()
                .all(|message| message.len() <= MAX_MESSAGE_BYTES)
        );
        assert_eq!(messages.concat(), long);
    }
}
