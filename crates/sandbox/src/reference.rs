//! What an image is called in a registry, and patterns of such names.

use std::fmt;
use std::str::FromStr;

/// The registry of names that mention none.
const DEFAULT_REGISTRY: &str = "docker.io";

/// Where the default registry keeps images whose name is one word.
const DEFAULT_NAMESPACE: &str = "library";

/// Images that no registry has: an engine brings them along, or the host has them.
const LOCAL: [&str; 2] = ["builtin", "host"];

/// The full name of an image in a registry.
///
/// Names are completed as Docker does: without a registry they are on
/// `docker.io`, and there in `library/` if they are a single word.
///
/// # Examples
///
/// ```
/// use sandbox::RegistryReference;
///
/// let node = RegistryReference::try_new("node", "24")?;
/// assert_eq!(node.to_string(), "docker.io/library/node:24");
/// # Ok::<(), sandbox::InvalidReference>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegistryReference {
    registry: String,
    repository: String,
    tag: String,
}

/// A name that is no image's in a registry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReference {
    /// The name lies where engines keep their own images.
    #[error("`{0}` is not in a registry: `builtin/` and `host/` are the engines' own")]
    Local(String),

    /// A part of the name is empty.
    #[error("`{0}` is not the name of an image")]
    Malformed(String),
}

impl RegistryReference {
    /// Completes a `container_image` and a `container_tag`.
    ///
    /// Their grammar is that of the protocol, and checked where a request or an
    /// option is read.
    ///
    /// # Errors
    ///
    /// Returns an [`InvalidReference`] for `builtin/…`, `host/…`, and for names
    /// with an empty part.
    pub fn try_new(image: &str, tag: &str) -> Result<Self, InvalidReference> {
        if is_local(image) {
            return Err(InvalidReference::Local(image.to_owned()));
        }
        let (registry, repository) = complete(image);
        if tag.is_empty() || registry.is_empty() || repository.split('/').any(str::is_empty) {
            return Err(InvalidReference::Malformed(format!("{image}:{tag}")));
        }
        Ok(Self {
            registry,
            repository,
            tag: tag.to_owned(),
        })
    }

    /// Returns the registry's host, with its port if it has one.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// Returns the name within the registry.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// Returns the tag, or the digest as `sha256:…`.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// Returns the digest, where the image is named by it.
    pub fn digest(&self) -> Option<&str> {
        is_digest(&self.tag).then_some(self.tag.as_str())
    }

    /// Returns the last word of the name, such as `node`.
    pub fn short_name(&self) -> &str {
        self.repository
            .rsplit('/')
            .next()
            .unwrap_or(&self.repository)
    }

    /// Returns whether the registry is on this host (`localhost` or `127.0.0.0/8`),
    /// where HTTP without TLS is spoken.
    pub fn is_loopback(&self) -> bool {
        let host = self
            .registry
            .rsplit_once(':')
            .map_or(self.registry.as_str(), |(host, _)| host);
        host == "localhost"
            || host
                .parse::<std::net::Ipv4Addr>()
                .is_ok_and(|address| address.is_loopback())
    }
}

impl fmt::Display for RegistryReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            registry,
            repository,
            tag,
        } = self;
        let separator = if is_digest(tag) { '@' } else { ':' };
        write!(f, "{registry}/{repository}{separator}{tag}")
    }
}

/// A pattern of image names: `NAME`, `NAME:TAG` or `NAME@sha256:…`, where each
/// `*` stands for any number of characters.
///
/// Without a tag every tag and digest fits. A name is completed as
/// [`RegistryReference`] does, so `node:24` and `docker.io/library/node:24` are
/// the same pattern; one whose first part has a `*` is taken as it is, and `*`
/// alone fits every image.
///
/// # Examples
///
/// ```
/// use sandbox::ImagePattern;
///
/// let team: ImagePattern = "registry.example.com/team/*".parse()?;
/// assert!(team.fits("registry.example.com/team/rules", "v3"));
/// assert!(!team.fits("registry.example.com/teams", "v3"));
/// # Ok::<(), sandbox::InvalidPattern>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImagePattern {
    written: String,
    name: String,
    tag: Option<String>,
}

/// A text that is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no pattern of images: it must be NAME, NAME:TAG or NAME@sha256:DIGEST, with `*` for any characters"
)]
pub struct InvalidPattern(String);

impl ImagePattern {
    /// Returns whether an image is one of those described.
    pub fn fits(&self, image: &str, tag: &str) -> bool {
        let name = if is_local(image) {
            image.to_owned()
        } else {
            let (registry, repository) = complete(image);
            format!("{registry}/{repository}")
        };
        matches(&self.name, &name)
            && self
                .tag
                .as_ref()
                .is_none_or(|pattern| matches(pattern, tag))
    }
}

impl FromStr for ImagePattern {
    type Err = InvalidPattern;

    fn from_str(written: &str) -> Result<Self, InvalidPattern> {
        let invalid = || InvalidPattern(written.to_owned());
        let (name, tag) = match written.split_once('@') {
            Some((name, digest)) if is_digest(digest) => (name, Some(digest)),
            Some(_) => return Err(invalid()),
            None => match written.rsplit_once(':') {
                // A colon before the last slash belongs to a registry's port.
                Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
                Some(_) | None => (written, None),
            },
        };
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"._-*/:@".contains(&byte);
        if tag == Some("")
            || !written.bytes().all(known)
            || name.split('/').any(str::is_empty)
            // Only a registry's port has a colon.
            || name.split('/').skip(1).any(|part| part.contains(':'))
        {
            return Err(invalid());
        }
        let first = name.split('/').next().unwrap_or(name);
        let name = if is_local(name) || first.contains('*') {
            name.to_owned()
        } else {
            let (registry, repository) = complete(name);
            format!("{registry}/{repository}")
        };
        Ok(Self {
            written: written.to_owned(),
            name,
            tag: tag.map(str::to_owned),
        })
    }
}

impl fmt::Display for ImagePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// Returns the registry and the repository that a name stands for.
fn complete(image: &str) -> (String, String) {
    match image.split_once('/') {
        Some((first, rest)) if is_registry(first) => (first.to_owned(), rest.to_owned()),
        Some(_) => (DEFAULT_REGISTRY.to_owned(), image.to_owned()),
        None => (
            DEFAULT_REGISTRY.to_owned(),
            format!("{DEFAULT_NAMESPACE}/{image}"),
        ),
    }
}

/// Whether the first part of a name is a host rather than a word.
fn is_registry(first: &str) -> bool {
    first == "localhost"
        || first.contains(['.', ':'])
        || first.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// Whether an image is an engine's own.
pub fn is_local(image: &str) -> bool {
    image
        .split_once('/')
        .is_some_and(|(first, _)| LOCAL.contains(&first))
}

fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:").is_some_and(|digits| {
        digits.len() == 64
            && digits
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    })
}

/// Whether `pattern` describes the whole of `text`. Takes time in proportion to
/// the product of their lengths at most.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        // The earliest place leaves the most for what follows.
        let Some((_, behind)) = rest.split_once(part) else {
            return false;
        };
        rest = behind;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_completed_as_docker_does() {
        for (image, registry, repository) in [
            ("node", "docker.io", "library/node"),
            ("denoland/deno", "docker.io", "denoland/deno"),
            ("localhost/a", "localhost", "a"),
            ("127.0.0.1:5000/a/b", "127.0.0.1:5000", "a/b"),
            ("ghcr.io/a", "ghcr.io", "a"),
        ] {
            let reference = RegistryReference::try_new(image, "1").expect(image);
            assert_eq!(
                (reference.registry(), reference.repository()),
                (registry, repository)
            );
        }
        assert!(RegistryReference::try_new("builtin/quickjs", "latest").is_err());
    }

    #[test]
    fn only_this_host_is_loopback() {
        for (image, loopback) in [
            ("localhost:5000/a", true),
            ("127.8.0.1:5000/a", true),
            ("localhost.example.com/a", false),
            ("128.0.0.1:5000/a", false),
            ("node", false),
        ] {
            let reference = RegistryReference::try_new(image, "1").expect(image);
            assert_eq!(reference.is_loopback(), loopback, "{image}");
        }
    }

    #[test]
    fn a_pattern_fits_what_it_describes_and_nothing_else() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let pinned = format!("node@{digest}");
        for (pattern, image, tag, fits) in [
            ("*", "node", "24", true),
            ("*", "builtin/quickjs", "latest", true),
            ("node", "node", "24", true),
            ("node", "docker.io/library/node", "24", true),
            ("node", "evil.example.com/library/node", "24", false),
            ("node", "nodes", "24", false),
            ("node:24*", "node", "24.1-slim", true),
            ("node:24", "node", "24.1", false),
            (&pinned, "node", &digest, true),
            (&pinned, "node", "24", false),
            ("builtin/*", "builtin/quickjs", "latest", true),
            ("builtin/*", "x/builtin/quickjs", "latest", false),
            (
                "r.example.com:5000/*/x*y",
                "r.example.com:5000/a/x-y",
                "1",
                true,
            ),
            (
                "r.example.com:5000/*/x*y",
                "r.example.com:5000/a/x-z",
                "1",
                false,
            ),
        ] {
            let parsed: ImagePattern = pattern.parse().expect(pattern);
            assert_eq!(parsed.fits(image, tag), fits, "{pattern} {image}:{tag}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for written in [
            "",
            "a//b",
            "a b",
            "a:",
            "a@b",
            "a@sha256:12",
            "a/b:c/d",
            "/a",
        ] {
            assert!(written.parse::<ImagePattern>().is_err(), "{written:?}");
        }
    }
}
