//! JSON Pointers (RFC 6901): the names of places in a JSON document.
//!
//! A pointer shares its beginning with the pointers it was made from. All
//! pointers into one document together are therefore no larger than its keys,
//! however long a key is and however many children lie below it.

use std::cmp::Ordering;
use std::fmt::{self, Write as _};
use std::hash::{Hash, Hasher};
use std::ptr;
use std::str::FromStr;
use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How many characters of one token an abbreviated pointer shows.
const ABBREVIATED_TOKEN: usize = 48;

/// How many tokens it shows at each end.
const ABBREVIATED_END: usize = 6;

/// A JSON Pointer: the way from a document's root to a place in it.
///
/// Pointers are ordered as their places are in a document: a place comes before
/// what lies in it, and array indexes count by their number. Cloning is cheap.
///
/// # Examples
///
/// ```
/// use veritech_client::Pointer;
///
/// let ports: Pointer = "/network/ports".parse()?;
/// let first = ports.child("0");
/// assert_eq!(first.to_string(), "/network/ports/0");
/// assert_eq!(first.tokens(), ["network", "ports", "0"]);
/// assert!(ports.is_prefix_of(&first));
/// assert_eq!(Pointer::root().child("a/b").to_string(), "/a~1b");
/// # Ok::<(), veritech_client::InvalidPointer>(())
/// ```
#[derive(Clone, Default)]
pub struct Pointer(Option<Arc<Segment>>);

/// The last token of a pointer, and what comes before it.
struct Segment {
    parent: Pointer,
    token: Box<str>,
}

/// A text that is no JSON Pointer.
///
/// # Examples
///
/// ```
/// use veritech_client::{InvalidPointer, Pointer};
///
/// assert_eq!("network".parse::<Pointer>(), Err(InvalidPointer::NoSlash));
/// assert_eq!("/a~b".parse::<Pointer>(), Err(InvalidPointer::LoneTilde));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPointer {
    /// It is neither empty nor starts with a slash.
    #[error("a JSON Pointer is empty or starts with `/`")]
    NoSlash,
    /// A tilde stands for nothing.
    #[error("in a JSON Pointer, `~` is followed by `0` (for `~`) or `1` (for `/`)")]
    LoneTilde,
}

impl Pointer {
    /// Returns the pointer to the whole document.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::Pointer;
    ///
    /// assert_eq!(Pointer::root().to_string(), "");
    /// ```
    pub fn root() -> Self {
        Self(None)
    }

    /// Returns the pointer to a member or element of this place, by its key as
    /// it is, unescaped, or its index in decimal.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::Pointer;
    ///
    /// assert_eq!(Pointer::root().child("a/b").child("~").to_string(), "/a~1b/~0");
    /// ```
    #[must_use]
    pub fn child(&self, token: &str) -> Self {
        Self(Some(Arc::new(Segment {
            parent: self.clone(),
            token: token.into(),
        })))
    }

    /// Returns the pointer to an element of this place.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::Pointer;
    ///
    /// let ports: Pointer = "/ports".parse()?;
    /// assert_eq!(ports.element(2).to_string(), "/ports/2");
    /// # Ok::<(), veritech_client::InvalidPointer>(())
    /// ```
    #[must_use]
    pub fn element(&self, index: usize) -> Self {
        self.child(&index.to_string())
    }

    /// Returns the pointer to a place by the way there from this one.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::Pointer;
    ///
    /// let network: Pointer = "/network".parse()?;
    /// let port = network.join(&"/ports/0".parse()?);
    /// assert_eq!(port.to_string(), "/network/ports/0");
    /// # Ok::<(), veritech_client::InvalidPointer>(())
    /// ```
    #[must_use]
    pub fn join(&self, relative: &Self) -> Self {
        let tokens = relative.tokens();
        tokens
            .into_iter()
            .fold(self.clone(), |place, token| place.child(token))
    }

    /// Returns the pointer to the place this one lies in, and its name there;
    /// nothing for the root.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::Pointer;
    ///
    /// let port: Pointer = "/ports/0".parse()?;
    /// let (ports, index) = port.split_last().expect("it is not the root");
    /// assert_eq!((ports.to_string().as_str(), index), ("/ports", "0"));
    /// assert_eq!(Pointer::root().split_last(), None);
    /// # Ok::<(), veritech_client::InvalidPointer>(())
    /// ```
    pub fn split_last(&self) -> Option<(&Self, &str)> {
        let segment = self.0.as_deref()?;
        Some((&segment.parent, &segment.token))
    }

    /// Returns whether this is the pointer to the whole document.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::Pointer;
    ///
    /// assert!(Pointer::root().is_root());
    /// // The member whose key is empty.
    /// assert!(!"/".parse::<Pointer>()?.is_root());
    /// # Ok::<(), veritech_client::InvalidPointer>(())
    /// ```
    pub fn is_root(&self) -> bool {
        self.0.is_none()
    }

    /// Returns the keys and indexes on the way, unescaped.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::Pointer;
    ///
    /// let member: Pointer = "/routes/~1health".parse()?;
    /// assert_eq!(member.tokens(), ["routes", "/health"]);
    /// # Ok::<(), veritech_client::InvalidPointer>(())
    /// ```
    pub fn tokens(&self) -> Vec<&str> {
        let segments = self.segments();
        segments.iter().map(|segment| &*segment.token).collect()
    }

    /// Returns whether `other` is this place or lies in it.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::Pointer;
    ///
    /// let ports: Pointer = "/ports".parse()?;
    /// assert!(ports.is_prefix_of(&"/ports/0".parse()?));
    /// assert!(ports.is_prefix_of(&ports));
    /// assert!(!ports.is_prefix_of(&"/ports-open".parse()?));
    /// # Ok::<(), veritech_client::InvalidPointer>(())
    /// ```
    pub fn is_prefix_of(&self, other: &Self) -> bool {
        other.segments().starts_with(&self.segments())
    }

    fn segments(&self) -> Vec<&Segment> {
        let mut segments = Vec::new();
        let mut place = self;
        while let Some(segment) = place.0.as_deref() {
            segments.push(segment);
            place = &segment.parent;
        }
        segments.reverse();
        segments
    }

    /// Returns the pointer for a message: of a long token the beginning, of many
    /// tokens the first and the last, and no control characters.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::Pointer;
    ///
    /// let key = "k".repeat(1_000_000);
    /// let message = Pointer::root().child(&key).abbreviated().to_string();
    /// assert!(message.starts_with("/kkk") && message.ends_with('…'));
    /// assert!(message.len() < 100);
    /// ```
    pub fn abbreviated(&self) -> impl fmt::Display + '_ {
        Abbreviated(self)
    }

    /// Returns how a message about this place starts: not at all for the root.
    pub(crate) fn label(&self) -> impl fmt::Display + '_ {
        Label(self)
    }
}

/// Writes a token as a pointer has it.
fn escape(f: &mut fmt::Formatter<'_>, characters: impl Iterator<Item = char>) -> fmt::Result {
    for character in characters {
        match character {
            '~' => f.write_str("~0")?,
            '/' => f.write_str("~1")?,
            other => f.write_char(other)?,
        }
    }
    Ok(())
}

/// Reads a token as a pointer has it.
pub(crate) fn unescape(token: &str) -> Result<String, InvalidPointer> {
    let mut unescaped = String::with_capacity(token.len());
    let mut characters = token.chars();
    while let Some(character) = characters.next() {
        unescaped.push(match character {
            '~' => match characters.next() {
                Some('0') => '~',
                Some('1') => '/',
                _ => return Err(InvalidPointer::LoneTilde),
            },
            other => other,
        });
    }
    Ok(unescaped)
}

/// Returns whether a token can name an element of an array (RFC 6901, section 4).
pub(crate) fn is_index(token: &str) -> bool {
    token == "0"
        || (token.starts_with(|digit: char| digit.is_ascii_digit() && digit != '0')
            && token.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns the index that a token is, unless no array is that long.
pub(crate) fn index(token: &str) -> Option<usize> {
    is_index(token).then(|| token.parse().ok()).flatten()
}

/// Returns the pointer to where a value could not be read.
pub(crate) fn of_path(path: &serde_path_to_error::Path) -> Pointer {
    let mut place = Pointer::root();
    for segment in path {
        place = match segment {
            serde_path_to_error::Segment::Seq { index } => place.element(*index),
            serde_path_to_error::Segment::Map { key } => place.child(key),
            serde_path_to_error::Segment::Enum { .. } | serde_path_to_error::Segment::Unknown => {
                break;
            }
        };
    }
    place
}

impl FromStr for Pointer {
    type Err = InvalidPointer;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Ok(Self::root());
        }
        let tokens = text.strip_prefix('/').ok_or(InvalidPointer::NoSlash)?;
        tokens.split('/').try_fold(Self::root(), |place, token| {
            Ok(place.child(&unescape(token)?))
        })
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tokens().into_iter().try_for_each(|token| {
            f.write_char('/')?;
            escape(f, token.chars())
        })
    }
}

impl fmt::Debug for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pointer({})", self.abbreviated())
    }
}

struct Abbreviated<'a>(&'a Pointer);

impl fmt::Display for Abbreviated<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tokens = self.0.tokens();
        let tail = tokens.len().saturating_sub(ABBREVIATED_END);
        for (index, token) in tokens.iter().enumerate() {
            if (ABBREVIATED_END..tail).contains(&index) {
                if index == ABBREVIATED_END {
                    f.write_str("/…")?;
                }
                continue;
            }
            f.write_char('/')?;
            let readable = |character: char| match character {
                control if control.is_control() => char::REPLACEMENT_CHARACTER,
                other => other,
            };
            escape(f, token.chars().take(ABBREVIATED_TOKEN).map(readable))?;
            if token.chars().nth(ABBREVIATED_TOKEN).is_some() {
                f.write_char('…')?;
            }
        }
        Ok(())
    }
}

struct Label<'a>(&'a Pointer);

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_root() {
            return Ok(());
        }
        write!(f, "`{}`: ", self.0.abbreviated())
    }
}

impl PartialEq for Pointer {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Pointer {}

impl PartialOrd for Pointer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Pointer {
    fn cmp(&self, other: &Self) -> Ordering {
        self.segments().cmp(&other.segments())
    }
}

/// Segments are compared by their tokens alone, as pointers are from their beginning.
impl Ord for Segment {
    fn cmp(&self, other: &Self) -> Ordering {
        // What two pointers share need not be looked at, however long it is.
        if ptr::eq(self, other) {
            return Ordering::Equal;
        }
        // Indexes come before names.
        match (index(&self.token), index(&other.token)) {
            (Some(index), Some(other)) => index.cmp(&other),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => self.token.cmp(&other.token),
        }
    }
}

impl PartialOrd for Segment {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Segment {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Segment {}

impl Hash for Pointer {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.tokens().hash(state);
    }
}

impl Serialize for Pointer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Pointer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// Dropped one after the other: a pointer may have any number of tokens, and the
/// stack has an end.
impl Drop for Segment {
    fn drop(&mut self) {
        let mut next = self.parent.0.take();
        while let Some(mut segment) = next.take().and_then(Arc::into_inner) {
            next = segment.parent.0.take();
        }
    }
}

#[cfg(test)]
mod tests;
