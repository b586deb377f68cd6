//! Names of images as people write them, and what no name may have in it.

use sandbox::RegistryReference;

use crate::digest::Digest;

/// The longest registry, repository or tag.
const MAX_NAME_BYTES: usize = 255;

/// A text that is no name of an image.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the name of an image: it must be NAME, NAME:TAG or NAME@sha256:DIGEST")]
pub struct InvalidName(String);

/// Reads a name with an optional tag or digest, as people write it.
///
/// # Errors
///
/// Returns an [`InvalidName`] if it is none, or names an image of an engine's own.
///
/// # Examples
///
/// ```
/// let reference = image_store::parse_name("node:24")?;
/// assert_eq!(reference.to_string(), "docker.io/library/node:24");
/// # Ok::<(), image_store::InvalidName>(())
/// ```
pub fn parse_name(text: &str) -> Result<RegistryReference, InvalidName> {
    let invalid = || InvalidName(text.to_owned());
    let (image, tag) = match text.split_once('@') {
        Some((image, digest)) => {
            Digest::try_from(digest).map_err(|_| invalid())?;
            // A tag beside a digest says nothing more.
            (without_tag(image).0, digest)
        }
        None => {
            let (image, tag) = without_tag(text);
            (image, tag.unwrap_or("latest"))
        }
    };
    let reference = RegistryReference::try_new(image, tag).map_err(|_| invalid())?;
    if is_plain(&reference) {
        Ok(reference)
    } else {
        Err(invalid())
    }
}

/// Splits off a tag. A colon before the last slash belongs to a registry's port.
fn without_tag(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((image, tag)) if !tag.contains('/') => (image, Some(tag)),
        Some(_) | None => (text, None),
    }
}

/// Returns whether a name has nothing in it that means something else in a URL.
pub(crate) fn is_plain(reference: &RegistryReference) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:/".contains(&byte);
    [
        reference.registry(),
        reference.repository(),
        reference.tag(),
    ]
    .iter()
    .all(|part| {
        part.len() <= MAX_NAME_BYTES
            && part.bytes().all(known)
            && part.split('/').all(|part| !matches!(part, "" | "." | ".."))
    }) && !reference.registry().contains('/')
        // Only a registry's port and a digest have a colon.
        && !reference.repository().contains(':')
        && !reference.tag().contains('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_with_tag_digest_or_neither() {
        let digest = Digest::of(b"");
        let pinned = format!("a.example:5000/b/c:1@{digest}");
        for (text, name) in [
            ("node", "docker.io/library/node:latest"),
            ("node:24", "docker.io/library/node:24"),
            ("127.0.0.1:5000/a/b", "127.0.0.1:5000/a/b:latest"),
            (&pinned, &format!("a.example:5000/b/c@{digest}")),
        ] {
            let read = parse_name(text).expect(text);
            assert_eq!(read.to_string(), name);
        }
    }

    #[test]
    fn a_name_cannot_mean_something_else_in_a_url() {
        for text in [
            "",
            "a:",
            "a b",
            "a/../b",
            "a/./b",
            "a?b",
            "a#b",
            "a%2e",
            "user@a.example/b",
            "a@sha256:12",
            "builtin/quickjs",
            "a:b:c",
            "a.example/b:c:d",
            "a.example:5000/b:c:d",
        ] {
            assert!(parse_name(text).is_err(), "{text}");
        }
    }
}
