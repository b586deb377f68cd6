//! What comes out of a container by its attach stream.

use sandbox_docker::fuzzing::{Sent, attached};
use tokio::runtime::Builder;

use crate::choice;

/// How much of the complaints is kept.
const COMPLAINT_BYTES: usize = 4096;

/// What was said on standard output comes, in order, up to what belongs to no
/// stream; complaints are apart from it and bounded.
pub(crate) fn attach_stream(bytes: &[u8]) {
    let mut rest = bytes;
    let at_once = choice(&mut rest);
    let mut sent = Vec::new();
    let mut said = Vec::new();
    let mut complained = Vec::new();
    let mut in_order = true;
    while !rest.is_empty() {
        let stream = choice(&mut rest) % 8;
        let length = (choice(&mut rest) * 16).min(rest.len());
        let (message, after) = rest.split_at(length);
        rest = after;
        match stream {
            0 => {
                in_order = false;
                sent.push(Sent::Unframed(message.to_vec()));
            }
            1 | 2 => {
                if in_order {
                    complained.extend_from_slice(message);
                }
                sent.push(Sent::Error(message.to_vec()));
            }
            _ => {
                said.extend_from_slice(message);
                sent.push(Sent::Output(message.to_vec()));
            }
        }
    }
    let runtime = Builder::new_current_thread()
        .build()
        .expect("a runtime can be built");
    let (read, complaints) = runtime.block_on(attached(sent, at_once));
    match read {
        Ok(read) => assert!(in_order && read == said, "what was said is not what came"),
        Err(error) => assert!(!in_order, "{error}"),
    }
    complained.truncate(COMPLAINT_BYTES);
    let kept = (!complained.is_empty()).then(|| String::from_utf8_lossy(&complained).into_owned());
    assert_eq!(complaints, kept);
}
