//! Which image a function runs in.

use std::fmt;
use std::str::FromStr;

/// The longest `container_image`, in bytes.
pub const MAX_IMAGE_BYTES: usize = 255;

/// A well-formed `container_image` with its `container_tag`.
///
/// The grammar is that of OCI references
/// (<https://github.com/opencontainers/distribution-spec/blob/main/spec.md>):
/// an optional registry host, path components in lower case, and a tag or a
/// digest `sha256:…`.
///
/// # Examples
///
/// ```
/// use veritech_protocol::ImageReference;
///
/// let image = ImageReference::try_new("builtin/quickjs", "latest")?;
/// assert_eq!(image.to_string(), "builtin/quickjs:latest");
/// assert!(ImageReference::try_new("../etc", "latest").is_err());
/// # Ok::<(), veritech_protocol::InvalidImageReference>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImageReference {
    image: String,
    tag: String,
}

/// A string that names no image.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidImageReference {
    /// `container_image` is not an OCI name.
    #[error(
        "must be an OCI image name such as `builtin/quickjs` or `registry.example.com:5000/team/image`, \
         of at most {MAX_IMAGE_BYTES} bytes"
    )]
    Image,
    /// `container_tag` is neither tag nor digest.
    #[error(
        "must be a tag (1 to 128 of `A-Z`, `a-z`, `0-9`, `_`, `.`, `-`, not starting with `.` or `-`) \
         or a digest `sha256:` with 64 digits in lower-case hexadecimal"
    )]
    Tag,
}

impl InvalidImageReference {
    /// Returns the request's field that is wrong.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Image => "container_image",
            Self::Tag => "container_tag",
        }
    }
}

impl ImageReference {
    /// Checks both parts and joins them.
    ///
    /// # Errors
    ///
    /// Returns which part is not well-formed.
    pub fn try_new(image: &str, tag: &str) -> Result<Self, InvalidImageReference> {
        if !is_image(image) {
            return Err(InvalidImageReference::Image);
        }
        if !is_tag(tag) && !is_digest(tag) {
            return Err(InvalidImageReference::Tag);
        }
        Ok(Self {
            image: image.to_owned(),
            tag: tag.to_owned(),
        })
    }

    /// Returns the name without its tag.
    pub fn image(&self) -> &str {
        &self.image
    }

    /// Returns the tag or digest.
    pub fn tag(&self) -> &str {
        &self.tag
    }
}

impl FromStr for ImageReference {
    type Err = InvalidImageReference;

    /// Splits `NAME`, `NAME:TAG` or `NAME@sha256:…`; the tag is `latest` if there
    /// is none.
    fn from_str(text: &str) -> Result<Self, InvalidImageReference> {
        let (image, tag) = match text.split_once('@') {
            Some((image, digest)) => (image, digest),
            None => match text.rsplit_once(':') {
                // A colon before the last slash belongs to a registry's port.
                Some((image, tag)) if !tag.contains('/') => (image, tag),
                Some(_) | None => (text, "latest"),
            },
        };
        Self::try_new(image, tag)
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = if is_digest(&self.tag) { '@' } else { ':' };
        write!(f, "{}{separator}{}", self.image, self.tag)
    }
}

fn is_image(text: &str) -> bool {
    if text.is_empty() || text.len() > MAX_IMAGE_BYTES {
        return false;
    }
    let mut components = text.split('/');
    let Some(first) = components.next() else {
        return false;
    };
    let mut rest = components.peekable();
    let first_fits = if rest.peek().is_some() {
        is_component(first) || is_host(first)
    } else {
        is_component(first)
    };
    first_fits && rest.all(is_component)
}

/// Alphanumerics joined by single `.`, one or two `_`, or any number of `-`.
fn is_component(text: &str) -> bool {
    let alphanumeric = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    let edges = bytes.first().is_some_and(alphanumeric) && bytes.last().is_some_and(alphanumeric);
    let separators_fit = bytes.split(alphanumeric).all(|run| {
        matches!(run, b"" | b"." | b"_" | b"__") || run.iter().all(|byte| *byte == b'-')
    });
    edges && separators_fit
}

fn is_host(text: &str) -> bool {
    let (name, port) = text.split_once(':').unwrap_or((text, "0"));
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    // A number's own parser takes a sign.
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    name.split('.').all(label) && digits && port.parse::<u16>().is_ok()
}

fn is_tag(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= 128
        && text.bytes().next().is_some_and(word)
        && text
            .bytes()
            .all(|byte| word(byte) || byte == b'.' || byte == b'-')
}

fn is_digest(text: &str) -> bool {
    let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.strip_prefix("sha256:")
        .is_some_and(|digits| digits.len() == 64 && digits.bytes().all(hexadecimal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_registries_paths_and_digests_are_images() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        for (image, tag) in [
            ("node", "24"),
            ("builtin/quickjs", "latest"),
            ("localhost:5000/team/a-b__c.d", "v1.0-rc_2"),
            ("Registry.Example.com/x", digest.as_str()),
        ] {
            ImageReference::try_new(image, tag).expect(image);
        }
    }

    #[test]
    fn names_that_could_be_read_as_something_else_are_refused() {
        for image in [
            "", "/", "a//b", "../b", "-v", "A", "a b", "a:1", "a@b", "a/.b", "a/b-", "a___b",
            "a:+3/b",
        ] {
            assert_eq!(
                ImageReference::try_new(image, "latest"),
                Err(InvalidImageReference::Image),
                "{image:?}"
            );
        }
        for tag in ["", "-v", ".x", "a/b", "a b", "sha256:12", &"x".repeat(129)] {
            assert_eq!(
                ImageReference::try_new("node", tag),
                Err(InvalidImageReference::Tag),
                "{tag:?}"
            );
        }
    }
}
