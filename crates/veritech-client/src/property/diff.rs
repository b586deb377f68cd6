//! What differs between two values of one property.

use std::collections::{BTreeMap, BTreeSet};

use super::{Content, PropertyValue};
use crate::pointer::Pointer;

/// A place where two values differ.
///
/// # Examples
///
/// ```
/// use serde_json::json;
/// use veritech_client::{Mapping, Pointer, Prop};
///
/// let prop = Prop::map(Prop::integer());
/// let map = |json| Mapping::default().map_value(&prop, &Pointer::root(), Some(&json));
/// let (old, new) = (map(json!({ "a": 1, "b": 2 }))?, map(json!({ "b": 3 }))?);
///
/// let places: Vec<_> = old.diff(&new).into_iter().map(|change| change.pointer.to_string()).collect();
/// assert_eq!(places, ["/a", "/b"]);
/// # Ok::<(), veritech_client::MappingErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Change<'a> {
    /// Where it is.
    pub pointer: Pointer,
    /// What is different.
    pub how: How<'a>,
}

/// How a property changed.
///
/// # Examples
///
/// ```
/// use serde_json::json;
/// use veritech_client::{How, Mapping, Pointer, Prop};
///
/// let prop = Prop::map(Prop::integer());
/// let map = |json| Mapping::default().map_value(&prop, &Pointer::root(), Some(&json));
/// let (old, new) = (map(json!({ "a": 1, "b": 2 }))?, map(json!({ "b": 3 }))?);
///
/// for change in old.diff(&new) {
///     match change.how {
///         How::Set { new } => println!("+ {}: {}", change.pointer, new.to_json()),
///         How::Unset { old } => println!("- {}: {}", change.pointer, old.to_json()),
///         How::Changed { new, .. } => println!("~ {}: {}", change.pointer, new.to_json()),
///     }
/// }
/// # Ok::<(), veritech_client::MappingErrors>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum How<'a> {
    /// It was unset, or not there.
    Set {
        /// What it is now.
        new: &'a PropertyValue,
    },
    /// It is unset now, or not there any more.
    Unset {
        /// What it was.
        old: &'a PropertyValue,
    },
    /// It was and is set, to different values.
    Changed {
        /// What it was.
        old: &'a PropertyValue,
        /// What it is now.
        new: &'a PropertyValue,
    },
}

/// Adds to `changes` what differs between two values of one property.
pub(super) fn diff<'a>(
    old: &'a PropertyValue,
    new: &'a PropertyValue,
    changes: &mut Vec<Change<'a>>,
) {
    match (&old.content, &new.content) {
        (Some(Content::Object(before)), Some(Content::Object(after)))
        | (Some(Content::Map(before)), Some(Content::Map(after))) => {
            members(before, after, changes);
        }
        (Some(Content::Array(before)), Some(Content::Array(after)))
            if is_told_by_elements(before, after) =>
        {
            elements(before, after, changes);
        }
        (before, after) if before != after => changes.push(between(old, new)),
        _ => {}
    }
}

/// Returns how one property changed, taken as a whole.
fn between<'a>(old: &'a PropertyValue, new: &'a PropertyValue) -> Change<'a> {
    match (old.is_set(), new.is_set()) {
        (false, _) => set(new),
        (true, false) => unset(old),
        (true, true) => Change {
            pointer: new.pointer.clone(),
            how: How::Changed { old, new },
        },
    }
}

fn set(new: &PropertyValue) -> Change<'_> {
    Change {
        pointer: new.pointer.clone(),
        how: How::Set { new },
    }
}

fn unset(old: &PropertyValue) -> Change<'_> {
    Change {
        pointer: old.pointer.clone(),
        how: How::Unset { old },
    }
}

fn members<'a>(
    before: &'a BTreeMap<String, PropertyValue>,
    after: &'a BTreeMap<String, PropertyValue>,
    changes: &mut Vec<Change<'a>>,
) {
    let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    for name in names {
        match (before.get(name), after.get(name)) {
            (Some(old), Some(new)) => diff(old, new, changes),
            (Some(old), None) => changes.push(unset(old)),
            (None, Some(new)) => changes.push(set(new)),
            (None, None) => {}
        }
    }
}

/// Whether two arrays' difference is that of their elements: an unset one that only
/// one of them has is neither set nor unset in the other.
fn is_told_by_elements(before: &[PropertyValue], after: &[PropertyValue]) -> bool {
    let common = before.len().min(after.len());
    let mut rest = before.iter().skip(common).chain(after.iter().skip(common));
    rest.all(PropertyValue::is_set)
}

fn elements<'a>(
    before: &'a [PropertyValue],
    after: &'a [PropertyValue],
    changes: &mut Vec<Change<'a>>,
) {
    for (old, new) in before.iter().zip(after) {
        diff(old, new, changes);
    }
    changes.extend(before.iter().skip(after.len()).map(unset));
    changes.extend(after.iter().skip(before.len()).map(set));
}
