//! The secret that a dispatcher shows to a cyclone which others could reach as well.

use std::fmt;
use std::hint::black_box;
use std::io::{self, Read};

/// The longest token, in bytes.
pub const MAX_TOKEN_BYTES: usize = 256;

/// A per-sandbox secret, the first line of cyclone's standard input.
///
/// It is never an argument or a variable: what runs in the sandbox could read both.
pub struct Token(Box<[u8]>);

/// A token that could not be read.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Standard input failed.
    #[error("failed to read the token from standard input")]
    Read(#[source] io::Error),

    /// The first line is empty.
    #[error("standard input began with no token")]
    Missing,

    /// The first line is too long.
    #[error("the token is longer than {MAX_TOKEN_BYTES} bytes")]
    TooLong,
}

impl Token {
    /// Reads the first line of `input`, and nothing behind it.
    ///
    /// # Errors
    ///
    /// Returns a [`TokenError`] if there is no such line within [`MAX_TOKEN_BYTES`].
    pub fn read_line(mut input: impl Read) -> Result<Self, TokenError> {
        let mut line = Vec::with_capacity(MAX_TOKEN_BYTES);
        let mut byte = [0];
        while input.read(&mut byte).map_err(TokenError::Read)? == 1 && byte != *b"\n" {
            if line.len() == MAX_TOKEN_BYTES {
                return Err(TokenError::TooLong);
            }
            line.extend_from_slice(&byte);
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        if line.is_empty() {
            return Err(TokenError::Missing);
        }
        Ok(Self(line.into()))
    }

    /// Returns whether an `Authorization` header carries this token.
    ///
    /// How long that takes depends on the lengths alone, not on where the two differ.
    pub(crate) fn authorises(&self, header: &[u8]) -> bool {
        let Some(shown) = header.strip_prefix(b"Bearer ") else {
            return false;
        };
        let differences = self
            .0
            .iter()
            .zip(shown)
            .fold(0_u8, |differences, (own, other)| {
                black_box(differences | (own ^ other))
            });
        shown.len() == self.0.len() && differences == 0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_authorises() {
        let token = Token::read_line(&b"s3cret\nrest"[..]).expect("a token");

        assert!(token.authorises(b"Bearer s3cret"));
        for wrong in [
            "s3cret",
            "Bearer s3cre",
            "Bearer s3crets",
            "Bearer S3cret",
            "Bearer ",
            "",
        ] {
            assert!(!token.authorises(wrong.as_bytes()), "accepted `{wrong}`");
        }
    }

    #[test]
    fn what_follows_the_first_line_is_left_unread() {
        let mut input = &b"s3cret\r\nrest"[..];
        let token = Token::read_line(&mut input).expect("a token");

        assert!(token.authorises(b"Bearer s3cret"));
        assert_eq!(input, b"rest");
    }

    #[test]
    fn no_token_and_an_endless_one_are_refused() {
        assert!(matches!(
            Token::read_line(&b""[..]),
            Err(TokenError::Missing)
        ));
        assert!(matches!(
            Token::read_line(&b"\n"[..]),
            Err(TokenError::Missing)
        ));
        assert!(matches!(
            Token::read_line(io::repeat(b'x')),
            Err(TokenError::TooLong)
        ));
    }

    #[test]
    fn a_token_is_not_shown() {
        let token = Token::read_line(&b"s3cret\n"[..]).expect("a token");
        assert_eq!(format!("{token:?}"), "[redacted]");
    }
}
